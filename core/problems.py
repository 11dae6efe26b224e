"""What is wrong with a file, said so that somebody can put it right: file, line, field, and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change. `line` counts from 1 (0: the whole file); `field` reads "stages[stage-1].name"."""

    file: str
    line: int
    field: str
    sentence: str

    def __str__(self) -> str:
        place = (
            self.file
            + (f", line {self.line}" if self.line else "")
            + (f", {self.field}" if self.field else "")
        )
        return f"{place}: {self.sentence}"


class FileProblem(ValueError):
    """A file is refused. `problems` names all that was found, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))
