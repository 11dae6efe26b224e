"""`make bench`: measures everything, prints it as one table, and says which requirement holds.

Exit code 1 where one doesn't. The figures are this machine's: read the ratios. `--quick` takes fewer requests
and reminders.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn
from rich.table import Table

from benchmarks import record, reminders, slack, sweeps, teams
from benchmarks.disk import fsync
from benchmarks.load import Measured
from benchmarks.record import LONG, RecordFigures
from benchmarks.reminders import Reminded
from benchmarks.slack import SlackFigures
from benchmarks.sweeps import DUE, FEW, MANY, OPEN, EmptySweeps, RealSweep
from benchmarks.teams import TeamsFigures

VAR = Path("var")
"""On the disk where the databases are."""
MOST_RATIO, MOST_MEGABYTES = 1.5, 160
LEAST_VERIFIED, MOST_LOADING = 20_000, 0.010
LEAST_OF_TRANSPORT, MOST_SECONDS, MOST_CHECK, MOST_OF_LEAST_TIME = 0.5, 3.0, 0.001, 1.1
NAMES = {
    "escalate": "Escalate, a note and all that follows from it",
    "four commits": "Bolt, answered after four raw commits",
    "before": "Bolt, answered after the listener",
    "default": "Bolt, as it comes",
}

TEAMS_NAMES = {
    "escalate": "Escalate, a note from its form, and all that follows",
    "transport": "Our transport, with nothing behind it",
    "botbuilder": "botbuilder as it comes, a message that does nothing",
    "raw": "aiohttp with a token check",
}


@dataclass(frozen=True)
class Figures:
    disk: float
    notes: SlackFigures
    turns: TeamsFigures
    empty: EmptySweeps
    real: RealSweep
    reminded: Reminded
    record: RecordFigures


@dataclass(frozen=True)
class Requirement:
    """What must hold, as a sentence with its figures."""

    sentence: str
    met: bool


async def measured(folder: Path, console: Console, *, quick: bool) -> Figures:
    disk = fsync(folder)
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console) as progress:
        return Figures(
            disk=disk,
            notes=await slack.measure(folder, progress),
            turns=await teams.measure(folder, progress, quick=quick),
            empty=await sweeps.empty(folder, progress),
            real=await sweeps.real(folder, progress),
            reminded=await reminders.measure(folder, progress, quick=quick),
            record=record.measure(folder, progress),
        )


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


def teams_table(disk: float, turns: TeamsFigures) -> Table:
    drawn = Table(title="An activity on Teams, from being sent to being answered")
    for heading in ("", "clients", "p50 ms", "p99 ms", "a second", "p50 in fsyncs"):
        drawn.add_column(heading, justify="right" if heading else "left")
    for kind, name in TEAMS_NAMES.items():
        drawn.add_row(name, str(teams.CLIENTS), *_columns(turns.rates[kind], disk))
    drawn.add_section()
    drawn.add_row(TEAMS_NAMES["escalate"], str(teams.MOST_CLIENTS), *_columns(turns.busy, disk))
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


def teams_requirements(turns: TeamsFigures, reminded: Reminded) -> list[Requirement]:
    of_transport = turns.rates["escalate"].rate / turns.rates["transport"].rate
    times = reminded.seconds / reminded.least
    lost, doubled = reminded.reminders - reminded.marked, reminded.arrived - reminded.reminders
    return [
        Requirement(
            f"On Teams an invoke with its durable write has {of_transport:.2f} of the rate of our transport "
            f"without (at least {LEAST_OF_TRANSPORT}), at {teams.CLIENTS} clients.",
            of_transport >= LEAST_OF_TRANSPORT,
        ),
        Requirement(
            f"Under {teams.MOST_CLIENTS} clients it is answered within {turns.busy.p999:.2f} s at p99.9 "
            f"(at most {MOST_SECONDS}).",
            turns.busy.p999 <= MOST_SECONDS,
        ),
        Requirement(
            f"A token is checked in {turns.check * 1e3:.3f} ms (under {MOST_CHECK * 1e3:.0f}), and all these "
            f"turns made {turns.fetches} calls to the token endpoint (none).",
            turns.check < MOST_CHECK and turns.fetches == 0,
        ),
        Requirement(
            f"{reminded.reminders:,} reminders over three tenants took {reminded.seconds:.0f} s, {times:.2f} "
            f"times the least possible time (at most {MOST_OF_LEAST_TIME}); {lost} were lost, "
            f"{doubled} doubled, {reminded.refused} refused.",
            times <= MOST_OF_LEAST_TIME and not lost and not doubled and reminded.most_to_one == 1,
        ),
    ]


def record_requirements(found: RecordFigures) -> list[Requirement]:
    return [
        Requirement(
            f"The record is verified at {found.verified:,.0f} entries a second "
            f"(at least {LEAST_VERIFIED:,}).",
            found.verified >= LEAST_VERIFIED,
        ),
        Requirement(
            f"A case of {LONG} entries is loaded in {found.loaded * 1e3:.1f} ms "
            f"(under {MOST_LOADING * 1e3:.0f}).",
            found.loaded < MOST_LOADING,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measures how fast Escalate is.")
    parser.add_argument("--quick", action="store_true", help="fewer requests and reminders")
    quick = parser.parse_args().quick
    console = Console()
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, prefix="bench-") as folder:
        found = asyncio.run(measured(Path(folder), console, quick=quick))
    console.print(f"This disk takes {found.disk * 1e3:.2f} ms to keep 4 KiB (fsync, median).")
    console.print(table(found.disk, found.notes))
    console.print(teams_table(found.disk, found.turns))
    held = requirements(found.notes, found.empty, found.real)
    held += teams_requirements(found.turns, found.reminded)
    held += record_requirements(found.record)
    for one in held:
        console.print(f"{'met    ' if one.met else 'not met'}  {one.sentence}", highlight=False)
    return 0 if all(one.met for one in held) else 1


if __name__ == "__main__":
    sys.exit(main())
