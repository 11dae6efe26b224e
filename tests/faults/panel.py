"""A few numbers that a test and a running server both see: how far it has come, and where it is to fail.

They lie in a small file that both map into memory, so the test reads them after the process was killed too.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from pathlib import Path

MICROSECOND = timedelta(microseconds=1)


class Point(IntEnum):
    """Where a server may be killed, or told that it failed."""

    BEFORE_COMMIT = 0
    AFTER_COMMIT = 1
    """It is on disk, and nobody knows yet: the database's answer is lost."""
    BEFORE_SEND = 2
    AFTER_SEND = 3
    """The platform has the message, and it isn't marked as sent."""
    BEFORE_UPDATE = 4
    """A message of ours is about to be drawn anew."""


class Act(IntEnum):
    KILL = 1
    FAIL = 2
    PAUSE = 3


class Slot(IntEnum):
    COUNTS = 0
    TARGETS = 8
    ACTS = 16
    PAGES = 24
    READ_ONLY = 25
    SHIFT = 26
    EXIT = 27


@dataclass
class Panel:
    """One for each life of a server. Every field is a number of 64 bits; 0 means that nothing is asked."""

    cells: memoryview

    @classmethod
    def at(cls, path: Path) -> Panel:
        """Opens the file, or makes it."""
        size = (max(Slot) + 1) * 8
        if not path.exists():
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            return cls(memoryview(mmap.mmap(file.fileno(), size)).cast("q"))

    def count(self, point: Point) -> int:
        """How often it was passed."""
        return self.cells[Slot.COUNTS + point]

    def at_the_next(self, point: Point, act: Act, times: int = 1) -> None:
        """At the `times`-th from now on."""
        self.cells[Slot.ACTS + point] = act
        self.cells[Slot.TARGETS + point] = self.count(point) + times

    def passing(self, point: Point) -> Act | None:
        """The server comes by. What it has to do, once."""
        self.cells[Slot.COUNTS + point] += 1
        if self.cells[Slot.TARGETS + point] != self.cells[Slot.COUNTS + point]:
            return None
        return Act(self.cells[Slot.ACTS + point])

    @property
    def pages(self) -> int:
        """The most pages that the SQLite file may have; 0 for as many as it likes."""
        return self.cells[Slot.PAGES]

    @pages.setter
    def pages(self, most: int) -> None:
        self.cells[Slot.PAGES] = most

    @property
    def read_only(self) -> bool:
        return bool(self.cells[Slot.READ_ONLY])

    @read_only.setter
    def read_only(self, value: bool) -> None:
        self.cells[Slot.READ_ONLY] = value

    @property
    def shift(self) -> timedelta:
        """How far the machine's clock seems to have jumped."""
        return self.cells[Slot.SHIFT] * MICROSECOND

    @shift.setter
    def shift(self, value: timedelta) -> None:
        self.cells[Slot.SHIFT] = value // MICROSECOND

    @property
    def exit_code(self) -> int | None:
        """How it ended, where it ended by itself."""
        ended = self.cells[Slot.EXIT]
        return ended - 1 if ended else None

    @exit_code.setter
    def exit_code(self, code: int | None) -> None:
        self.cells[Slot.EXIT] = 0 if code is None else code + 1
