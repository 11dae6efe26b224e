"""How long the disk takes to keep something: what every durable write waits for."""

from __future__ import annotations

import os
from pathlib import Path
from statistics import median
from time import perf_counter

TIMES = 200


def fsync(folder: Path) -> float:
    """Median seconds to add 4 KiB to a file and see it on the disk."""
    taken = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(TIMES):
            before = perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            taken.append(perf_counter() - before)
    return median(taken)
