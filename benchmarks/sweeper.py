"""Sweeps a database once, with the whole bot put together, and prints what that took, as JSON.

`python -m benchmarks.sweeper ADDRESS`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.board import settings
from bot import preparing
from bot.wiring import put_together

STATUS = Path("/proc/self/status")


def most_memory() -> float:
    """In MiB. Of this program alone where the system tells that; else of what started it too."""
    if STATUS.exists():
        found = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(found.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


async def main(address: str) -> None:
    given = settings(address)
    database = preparing.open_database(given)
    escalate = put_together(given, database, preparing.load_pathway(given.pathway_file))
    before = perf_counter()
    ticked = await escalate.sweep.run()
    seconds = perf_counter() - before
    database.close()
    print(json.dumps({"megabytes": most_memory(), "ticked": ticked, "seconds": seconds}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
