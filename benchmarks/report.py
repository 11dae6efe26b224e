"""What a measurement has to say: figures as tables, and what had to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import Progress
from rich.table import Table

from tests.postgres import Server


@dataclass(frozen=True)
class Requirement:
    """What must hold, as a sentence with its figures."""

    sentence: str
    met: bool


@dataclass
class Report:
    """`notes`: sentences about how it was measured."""

    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What every measurement stands on. `folder`: on the disk where the databases are. `disk`: median seconds
    of an fsync there. `quick`: smaller numbers of everything.
    """

    folder: Path
    server: Server
    progress: Progress
    disk: float
    quick: bool

    def places(self, name: str) -> dict[str, Path | str]:
        """A fresh database of each kind."""
        return {"SQLite": self.folder / f"{name}.db", "PostgreSQL": self.server.create()}


def table(title: str, *headings: str) -> Table:
    """The first column is words, the others are figures."""
    drawn = Table(title=title)
    for number, heading in enumerate(headings):
        drawn.add_column(heading, justify="right" if number else "left")
    return drawn
