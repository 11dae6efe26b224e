"""`make bench`: measures everything, prints it as one table, and says which requirement holds.

Exit code 1 where one doesn't. The figures are this machine's: read the ratios.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn
from rich.table import Table

from benchmarks import slack, sweeps
from benchmarks.disk import fsync
from benchmarks.load import Measured
from benchmarks.slack import SlackFigures
from benchmarks.sweeps import DUE, FEW, MANY, OPEN, EmptySweeps, RealSweep

VAR = Path("var")
"""On the disk where the databases are."""
MOST_RATIO, MOST_MEGABYTES = 1.5, 160
NAMES = {
    "escalate": "Escalate, a note and all that follows from it",
    "four commits": "Bolt, answered after four raw commits",
    "before": "Bolt, answered after the listener",
    "default": "Bolt, as it comes",
}


@dataclass(frozen=True)
class Requirement:
    """What must hold, as a sentence with its figures."""

    sentence: str
    met: bool


async def measured(folder: Path, console: Console) -> tuple[float, SlackFigures, EmptySweeps, RealSweep]:
    disk = fsync(folder)
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as progress:
        notes = await slack.measure(folder, progress)
        empty = await sweeps.empty(folder, progress)
        real = await sweeps.real(folder, progress)
    return disk, notes, empty, real


def table(disk: float, notes: SlackFigures) -> Table:
    drawn = Table(title="A slash command, from being sent to being answered")
    for heading in ("", "clients", "p50 ms", "p99 ms", "a second", "p50 in fsyncs"):
        drawn.add_column(heading, justify="right" if heading else "left")
    for clients, figures in ((1, notes.one), (slack.MANY_CLIENTS, notes.many)):
        for kind, name in NAMES.items():
            drawn.add_row(name, str(clients), *_columns(figures[kind], disk))
        drawn.add_section()
    drawn.add_row("Escalate, a button that opens a case", "1", *_columns(notes.opened, disk))
    return drawn


def _columns(figure: Measured, disk: float) -> tuple[str, ...]:
    in_fsyncs = f"{figure.p50 / disk:.1f}"
    return f"{figure.p50 * 1e3:.2f}", f"{figure.p99 * 1e3:.1f}", f"{figure.rate:.0f}", in_fsyncs


def requirements(notes: SlackFigures, empty: EmptySweeps, real: RealSweep) -> list[Requirement]:
    note = notes.one["escalate"].p50 / notes.one["four commits"].p50
    sweep = empty.many / empty.few
    return [
        Requirement(
            f"At one client a note takes {note:.2f} times as long, at p50, as Bolt with four raw commits "
            "(at most 1).",
            note <= 1,
        ),
        Requirement(
            f"An empty sweep takes {empty.few * 1e6:.0f} µs beside {FEW:,} open cases and "
            f"{empty.many * 1e6:.0f} µs beside {MANY:,}: {sweep:.2f} times as long (at most {MOST_RATIO}).",
            sweep <= MOST_RATIO,
        ),
        Requirement(
            f"The process that swept {real.ticked:,} due of {OPEN:,} open cases used "
            f"{real.megabytes:.0f} MiB at most (under {MOST_MEGABYTES}); "
            f"a Tick took {real.seconds / max(real.ticked, 1) * 1e3:.2f} ms.",
            real.megabytes < MOST_MEGABYTES and real.ticked == DUE,
        ),
    ]


def main() -> int:
    console = Console()
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, prefix="bench-") as folder:
        disk, notes, empty, real = asyncio.run(measured(Path(folder), console))
    console.print(f"This disk takes {disk * 1e3:.2f} ms to keep 4 KiB (fsync, median).")
    console.print(table(disk, notes))
    held = requirements(notes, empty, real)
    for one in held:
        console.print(f"{'met    ' if one.met else 'not met'}  {one.sentence}", highlight=False)
    return 0 if all(one.met for one in held) else 1


if __name__ == "__main__":
    sys.exit(main())
