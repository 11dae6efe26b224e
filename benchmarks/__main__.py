"""`make bench`: measures everything, prints it as tables, and says which requirement holds.

Exit code 1 where one doesn't. The figures are this machine's: read the ratios. `--quick` takes smaller
numbers of everything; `--only writes,records` measures these alone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from benchmarks import deadlines, platforms, records, replicas, sweeps, writes
from benchmarks.disk import fsync
from benchmarks.report import Ground, Report
from tests import postgres

VAR = Path("var")
"""On the disk where the databases are."""
PARTS: dict[str, Callable[[Ground], Awaitable[Report]]] = {
    "slack": platforms.measure_slack,
    "teams": platforms.measure_teams,
    "reminders": platforms.measure_reminders,
    "writes": writes.measure,
    "deadlines": deadlines.measure,
    "sweeps": sweeps.measure,
    "records": records.measure,
    "replicas": replicas.measure,
}


async def measured(ground: Ground, names: Sequence[str]) -> list[Report]:
    with ground.progress:
        return [await PARTS[name](ground) for name in names]


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measures how fast Escalate is.")
    parser.add_argument("--quick", action="store_true", help="smaller numbers of everything")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of: {', '.join(PARTS)}")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}")
    console = Console()
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, prefix="bench-") as folder, postgres.running() as server:
        progress = Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=console)
        ground = Ground(Path(folder), server, progress, fsync(Path(folder)), given.quick)
        reports = asyncio.run(measured(ground, names))
    console.print(f"This disk takes {ground.disk * 1e3:.2f} ms to keep 4 KiB (fsync, median).")
    return 0 if shown(console, reports) else 1


def shown(console: Console, reports: Sequence[Report]) -> bool:
    """Whether all that had to hold does."""
    for report in reports:
        for drawn in report.tables:
            console.print(drawn)
        for sentence in report.notes:
            console.print(sentence, highlight=False)
    held = [one for report in reports for one in report.requirements]
    for one in held:
        console.print(f"{'met    ' if one.met else 'not met'}  {one.sentence}", highlight=False)
    return all(one.met for one in held)


if __name__ == "__main__":
    sys.exit(main())
