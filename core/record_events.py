"""What has happened to a record itself: held, destroyed, gathered, or words of it asked to be destroyed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from core.event_parts import Fact, HoldKind, Typed


class HoldPlaced(Fact):
    """The record isn't destroyed while this stands."""

    type: Literal["HoldPlaced"] = "HoldPlaced"
    kind: HoldKind
    why: Typed


class HoldReleased(Fact):
    type: Literal["HoldReleased"] = "HoldReleased"
    kind: HoldKind


class RecordDestroyed(Fact):
    """The record's key was destroyed; the board's key seals this, so that it can be read afterwards.

    `why`: where it was done before the time had passed for which it was to be kept.
    """

    type: Literal["RecordDestroyed"] = "RecordDestroyed"
    reference: str
    raised_at: datetime
    closed_at: datetime
    stage: str
    why: Typed = ""


class DestructionAsked(Fact):
    """Somebody asks to have what was typed in an entry destroyed.

    `entry`: its number. `because`: one of `core.destroying.BECAUSE`. `side`, `author_side`: of whoever asks,
    and of whoever typed it. `people`: managers and safeguarding leads who are asked beside the other side.
    """

    type: Literal["DestructionAsked"] = "DestructionAsked"
    entry: int
    because: str
    words: Typed
    side: str
    author_side: str
    people: tuple[str, ...] = ()


class DestructionDeclined(Fact):
    """The entry stays as it is. `asked_by`: a person's id."""

    type: Literal["DestructionDeclined"] = "DestructionDeclined"
    entry: int
    asked_by: str


class SubjectAccessDrafted(Fact):
    """Whoever runs the bot (`by`) gathered the record in a file, for a subject access request."""

    type: Literal["SubjectAccessDrafted"] = "SubjectAccessDrafted"
    by: str
    why: Typed
