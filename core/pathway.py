"""A board's pathway as data: stages, clocks, leaders, approvers, and the words that are the board's.

Pure: the text is handed in. A case runs under the pathway it was raised under, known by `content_hash`.
"""

import hashlib
from functools import cached_property
from typing import Annotated

from pydantic import Field, PrivateAttr

from core.pathway_parts import (
    TO_BE_SUPPLIED,
    Actions,
    AdultViewKind,
    AfterLastStage,
    Board,
    Category,
    Clock,
    Contact,
    Danger,
    EnquiryKind,
    Exclusion,
    Guidance,
    Leaders,
    Retention,
    Stage,
    StageRole,
    Unanswered,
)
from core.problems import FileProblem, Problem
from core.reading import FileModel, Finding, fill, read_yaml, repeated
from core.working_time import Calendar

__all__ = [
    "TO_BE_SUPPLIED",
    "Actions",
    "AdultViewKind",
    "AfterLastStage",
    "Board",
    "Category",
    "Clock",
    "Contact",
    "Danger",
    "EnquiryKind",
    "Exclusion",
    "Guidance",
    "Leaders",
    "Pathway",
    "PathwayProblem",
    "Retention",
    "Stage",
    "StageRole",
    "Unanswered",
    "check_pathway",
    "problems_in_pathway",
    "read_pathway",
]


class PathwayProblem(FileProblem):
    """A pathway file is refused; `problems` says where and why."""


class Pathway(FileModel):
    """One board's pathway, whole and checked."""

    board: Board
    danger: Danger
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    exclusions: tuple[Exclusion, ...]
    enquiries: Annotated[tuple[EnquiryKind, ...], Field(min_length=1)]
    adult_views: Annotated[tuple[AdultViewKind, ...], Field(min_length=1)]
    guidance: Guidance
    stages: tuple[Stage, ...]
    after_last_stage: AfterLastStage
    actions: Actions
    retention: Retention = Retention()
    _text: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The file as it was read, to be stored under `content_hash`."""
        return self._text

    def with_text(self, text: str) -> "Pathway":
        """The same pathway, as read from that text."""
        read = self.model_copy()
        read._text = text  # noqa: SLF001  (a copy of its own kind)
        return read

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    @property
    def calendar(self) -> Calendar:
        return self.board.calendar

    @property
    def first_stage(self) -> Stage:
        return self.stages[0]

    def stage(self, key: str) -> Stage:
        """Raises KeyError where this pathway has no such stage."""
        return next((stage for stage in self.stages if stage.key == key), None) or _no_such("stage", key)

    def next_stage(self, key: str) -> Stage | None:
        """None after the last one."""
        position = self.stages.index(self.stage(key)) + 1
        return self.stages[position] if position < len(self.stages) else None

    def category(self, key: str) -> Category | None:
        return next((category for category in self.categories if category.key == key), None)

    def exclusion(self, key: str) -> Exclusion | None:
        return next((exclusion for exclusion in self.exclusions if exclusion.key == key), None)

    def enquiry(self, key: str) -> EnquiryKind | None:
        return next((enquiry for enquiry in self.enquiries if enquiry.key == key), None)

    def adult_view(self, key: str) -> AdultViewKind | None:
        return next((kind for kind in self.adult_views if kind.key == key), None)


def _no_such(what: str, key: str) -> Stage:
    raise KeyError(f'This pathway has no {what} "{key}".')


def read_pathway(text: str, source: str) -> Pathway:
    """Reads and checks a pathway's text. `source` is the file's name in errors.

    Raises PathwayProblem with every problem found, each with file, line and field.
    """
    try:
        located = read_yaml(text, source)
        pathway = fill(Pathway, located)
    except FileProblem as refused:
        raise PathwayProblem(refused.problems) from refused
    findings = check_pathway(pathway)
    if findings:
        raise PathwayProblem(located.problem(path, sentence) for path, sentence in findings)
    return pathway.with_text(text)


def problems_in_pathway(text: str, source: str) -> tuple[Problem, ...]:
    """What `pathway check` prints; empty when the file is good."""
    try:
        read_pathway(text, source)
    except PathwayProblem as refused:
        return refused.problems
    return ()


def check_pathway(pathway: Pathway) -> list[Finding]:
    """What the shape alone can't say: keys used twice, the ladder of stages, clocks in order."""
    findings: list[Finding] = []
    for name in ("categories", "exclusions", "enquiries", "adult_views", "stages"):
        findings += repeated((name,), [item.key for item in getattr(pathway, name)], "key")
    findings += _check_ladder(pathway.stages)
    for index, stage in enumerate(pathway.stages):
        findings += _check_stage(index, stage, last=index == len(pathway.stages) - 1)
    findings += _check_clock(("after_last_stage", "clock"), pathway.after_last_stage.clock)
    for index, exclusion in enumerate(pathway.exclusions):
        if not exclusion.may_override and not exclusion.about_the_rest:
            sentence = "Where nobody may override, say what they can raise all the same (about_the_rest)."
            findings.append((("exclusions", index, "about_the_rest"), sentence))
    return findings


def _check_ladder(stages: tuple[Stage, ...]) -> list[Finding]:
    findings: list[Finding] = []
    if not 2 <= len(stages) <= 6:
        findings.append((("stages",), f"A pathway has two to six stages; this one has {len(stages)}."))
    for index, stage in enumerate(stages):
        if stage.number != index + 1:
            findings.append(
                (("stages", index, "number"), f"Stages count up from 1: this one is number {index + 1}.")
            )
    return findings


def _check_stage(index: int, stage: Stage, last: bool) -> list[Finding]:
    here = ("stages", index)
    findings = repeated((*here, "clocks"), [clock.key for clock in stage.clocks], "key")
    for position, clock in enumerate(stage.clocks):
        findings += _check_clock((*here, "clocks", position), clock)
    if last and stage.unanswered.tell == "next_stage_leaders":
        findings.append(
            ((*here, "unanswered", "tell"), "After the last stage nobody comes next. Use sab_chair.")
        )
    if stage.leaders.role == "practitioner" and stage.leaders.of == "agency":
        sentence = "This would bring in every practitioner of an agency. Use each_participant."
        findings.append(((*here, "leaders", "of"), sentence))
    return findings


def _check_clock(path: tuple[str | int, ...], clock: Clock) -> list[Finding]:
    findings: list[Finding] = []
    if clock.source == "policy" and not clock.policy_row:
        findings.append(((*path, "policy_row"), "Name the row of the policy that sets this time, like P20."))
    if clock.source == "board default" and not clock.note:
        findings.append(
            ((*path, "note"), "Say in a note that the policy sets no time and that the board chose this.")
        )
    return findings
