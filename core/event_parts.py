"""What events are made of: who did it, the sides, the adult's views, clocks and actions; what is typed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict

TYPED = object()
"""Marks, among a field's metadata, that somebody typed what it holds."""
Typed: TypeAlias = Annotated[str, TYPED]
"""Words that somebody typed: they can be destroyed, and the event still stands (`core.destroying`)."""


HoldKind: TypeAlias = Literal["review", "coroner", "litigation"]
HOLD_KINDS: tuple[HoldKind, ...] = get_args(HoldKind)
"""What a record may be held for."""


class Fact(BaseModel):
    """Frozen; unknown keys are refused, so a field is never lost unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Actor(Fact):
    """Who did it, as they then were."""

    person: str
    name: str
    role: str = ""
    agency: str = ""
    agency_name: str = ""
    account: str = ""


class Side(Fact):
    """One party to the disagreement: an agency and, if it has one, the room in which it sees the case."""

    id: str
    agency: str
    agency_name: str
    raising: bool = False
    room: str = ""


class AdultViews(Fact):
    """The adult's views and wishes and who voiced them, or why they aren't known (P3).

    `kind` is the pathway's key.
    """

    kind: str
    label: str
    words: Typed = ""
    voiced_by: Typed = ""
    representative_alleged_harm: bool = False


class Point(Fact):
    """A moment in a clock's window at which something is said. `part` of the window: "0.6", or "repeat"."""

    part: str
    at: datetime


class Clock(Fact):
    """A window with its end and its reminder points, promised when it was set.

    `kind`: "window" is a time the policy sets; "review" is a point at which the sides are asked how it
    stands. `repeat`: after the last point the question is asked again this often ("5 working days").
    """

    key: str
    label: str
    kind: Literal["window", "review"]
    starts: datetime
    ends: datetime
    points: tuple[Point, ...]
    repeat: str
    by_clock: bool = False
    source: str = ""


class Leader(Fact):
    """Somebody who leads for a side at a stage."""

    side: str
    person: str
    name: str


class Action(Fact):
    """An agreed action: what, who, by when (P14).

    `ask_at`: when its owner is asked whether it was done (P34).
    """

    id: str
    what: Typed
    owner: str
    owner_name: str
    due: date
    ask_at: datetime
