"""What an escalation is made of: the parts that `core.escalation.Escalation` holds and `evolve` changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from core import events as e
from core.event_parts import HoldKind


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a side. `confirmed`: they see the case. `passed_on`: they said that it isn't for them."""

    person: str
    name: str
    side: str
    capacity: str
    confirmed: bool
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class ClockState:
    """A running clock.

    `said_until`: the last point that was said; `next_at`: the next one, always set while it runs.
    """

    clock: e.Clock
    next_at: datetime
    said_until: datetime | None = None
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    side: str
    person: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MovedOn:
    """Who recorded last that a stage did not resolve it, and when."""

    person: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A side's declining of a proposal."""

    side: str
    person: str
    name: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    side: str
    name: str
    at: datetime
    words: str
    reflects_views: str
    actions: tuple[e.Action, ...]
    agreed: Mapping[str, Agreement] = field(default_factory=dict)
    declined: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionState:
    """An agreed action. `next_at`: when its owner is asked next; None once done."""

    id: str
    what: str
    owner: str
    owner_name: str
    due: date
    next_at: datetime | None
    done_at: datetime | None = None
    done_by: str = ""
    times_moved: int = 0


@dataclass(frozen=True, slots=True)
class OpenRole:
    """A role that nobody fills on a side, at the stage that asked for it."""

    side: str
    role: str
    stage: str


@dataclass(frozen=True, slots=True)
class AskedToDestroy:
    """Somebody asks to have what was typed in an entry destroyed, and waits for a second person to agree.

    `audience`: of that entry. `people`: who is asked beside the other side, as `core.events` has it.
    """

    person: str
    name: str
    at: datetime
    because: str
    audience: str
    side: str
    author_side: str
    people: tuple[str, ...]

    @classmethod
    def by(cls, event: e.DestructionAsked, entry: e.Recorded) -> AskedToDestroy:
        assert entry.actor is not None
        return cls(
            person=entry.actor.person,
            name=entry.actor.name,
            at=entry.at,
            because=event.because,
            audience=entry.audience,
            side=event.side,
            author_side=event.author_side,
            people=event.people,
        )


@dataclass(frozen=True, slots=True)
class View:
    """The latest view of a side, and who gave it."""

    side: str
    name: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Why the record may not be destroyed."""

    kind: HoldKind
    since: datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage as it was opened, with who leads it."""

    key: str
    name: str
    number: int
    of: int
    opening: int
    opened_at: datetime
    approvers: Literal["participants", "leaders"]
    leaders: tuple[e.Leader, ...]


NEVER = datetime.min.replace(tzinfo=UTC)
NO_STAGE = Stage("", "", 0, 0, 0, NEVER, "participants", ())
