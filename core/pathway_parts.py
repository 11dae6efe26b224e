"""The parts of a pathway file, each a frozen model: the board, its words, its stages and their clocks."""

import re
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from core.keeping import KeptFor
from core.reading import FileModel
from core.working_time import Calendar, Window, WorkingHours, read_time_zone

TO_BE_SUPPLIED = "to be supplied by the board"
"""What the file says where only the board can know."""

StageRole: TypeAlias = Literal["practitioner", "line_manager", "senior_manager", "sab_member"]

_LAST_POINT = 10


def _window(value: object) -> Window:
    return value if isinstance(value, Window) else Window.parse(str(value))


def _kept_for(value: object) -> KeptFor:
    return value if isinstance(value, KeptFor) else KeptFor.parse(str(value))


def _hours(value: str) -> str:
    WorkingHours.parse(value)
    return value


def _zone(value: str) -> str:
    read_time_zone(value)
    return value


def _points(points: tuple[float, ...]) -> tuple[float, ...]:
    if points[0] <= 0 or any(later <= earlier for earlier, later in pairwise(points)):
        raise ValueError("Reminder points are above 0, each later than the one before, like [0.6, 1.0, 1.2].")
    if points[-1] > _LAST_POINT:
        raise ValueError("A reminder point is at most 10 windows away. Use repeat for what comes later.")
    return points


def _key(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", value):
        raise ValueError(
            "A key is short and has small letters, digits, - and _ only, beginning with a letter."
        )
    return value


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,6}", value):
        raise ValueError('The reference prefix is one to six capital letters, like "HF".')
    return value


Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=2000)]
Label: TypeAlias = Annotated[str, Field(min_length=1, max_length=75)]
"""Short enough for a choice in a list on every platform."""
WindowText: TypeAlias = Annotated[Window, BeforeValidator(_window), PlainSerializer(str)]
KeptForText: TypeAlias = Annotated[KeptFor, BeforeValidator(_kept_for), PlainSerializer(str)]


Key: TypeAlias = Annotated[str, AfterValidator(_key)]


Points: TypeAlias = Annotated[
    tuple[Annotated[float, Field(allow_inf_nan=False)], ...], Field(min_length=1), AfterValidator(_points)
]


class Board(FileModel):
    """Whose pathway it is. What only the board can know may read "to be supplied by the board"."""

    name: Words
    reference_prefix: Annotated[str, AfterValidator(_prefix)]
    time_zone: Annotated[str, AfterValidator(_zone)]
    working_hours: Annotated[str, AfterValidator(_hours)]
    host_agency: Words
    data_protection_officer: Words
    privacy_notice: Words
    key_messages: tuple[Words, ...] = ()

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.of(self.time_zone, self.working_hours)

    @property
    def privacy_notice_url(self) -> str | None:
        """The address to link where people raise, once the board has supplied it."""
        return self.privacy_notice if self.privacy_notice.startswith(("https://", "http://")) else None


class Contact(FileModel):
    name: Words
    phone: Words


class Danger(FileModel):
    """What people read when somebody may be in immediate danger (P10)."""

    question: Words
    banner: Words
    do_now: Annotated[tuple[Words, ...], Field(min_length=1)]
    contacts: tuple[Contact, ...] = ()
    made_safe_question: Words

    def lines(self) -> tuple[str, ...]:
        """What to do now and whom to phone, a line each, in order; nobody whose number isn't known yet."""
        known = [contact for contact in self.contacts if contact.phone != TO_BE_SUPPLIED]
        return (*self.do_now, *(f"{contact.name}: {contact.phone}" for contact in known))


class Category(FileModel):
    """A kind of professional disagreement (P5). `asks_words`: the raiser says in words what it is."""

    key: Key
    label: Label
    explanation: Words
    reference: str = ""
    asks_words: bool = False


class Exclusion(FileModel):
    """What this pathway is not for, and where it belongs instead (P6).

    Where `may_override` is false nobody can say "it is in scope all the same": `about_the_rest` offers
    what they can do instead.
    """

    key: Key
    label: Label
    signpost: Words
    may_override: bool
    about_the_rest: str = ""


class EnquiryKind(FileModel):
    """Which enquiry it stands beside (P4)."""

    key: Key
    label: Label


class AdultViewKind(FileModel):
    """Who voiced the adult's views, or why nobody did (P3): what is asked after each answer.

    `asks_again`: each stage and the outcome ask once more. `asks_alleged_harm`: whether that person is said
    to have caused harm.
    """

    key: Key
    label: Label
    asks_words: bool = False
    asks_who: bool = False
    asks_alleged_harm: bool = False
    asks_because: bool = False
    asks_again: bool = False


class Guidance(FileModel):
    """Short words beside the boxes where people write (P11)."""

    account: Words
    decision_asked: Words
    adult_views: Words
    view: Words
    outcome: Words
    reason: Words


class Leaders(FileModel):
    """Who leads for each side: each participant's own line manager, or all with the role in the agency."""

    role: StageRole
    of: Literal["each_participant", "agency"]


class Clock(FileModel):
    """A time within which something is asked for.

    `reminders` are parts of the window; after the last the question is asked again every `repeat`. `kind`:
    "window" is a time to keep, "review" a point at which the sides are asked how it stands. `source` "board
    default" means that the policy sets no time; `note` says so in words that people see.
    """

    key: Key
    label: Label
    kind: Literal["window", "review"]
    window: WindowText
    reminders: Points
    repeat: WindowText
    source: Literal["policy", "board default"]
    policy_row: str = ""
    note: str = ""


class Unanswered(FileModel):
    """Who hears that the case waits when nobody answers at the end of a window, and how soon (P24)."""

    after: WindowText
    tell: Literal["next_stage_leaders", "sab_chair"]


class Stage(FileModel):
    """`who_leads` is the sentence people read about it. `approvers` may agree an outcome for their side."""

    key: Key
    name: Label
    number: int
    who_leads: Words
    leaders: Leaders
    approvers: Literal["participants", "leaders"]
    approvals_per_side: Literal[1] = 1
    clocks: Annotated[tuple[Clock, ...], Field(min_length=1)]
    unanswered: Unanswered


class AfterLastStage(FileModel):
    """There is no next stage: who is told, and how often the sides are asked how it stands."""

    tell: Literal["sab_chair"]
    words: Words
    clock: Clock


class Actions(FileModel):
    """An agreed action's owner is asked at its date whether it was done, and again every `repeat` (P34)."""

    repeat: WindowText
    note: str = ""


class Retention(FileModel):
    """How long the record of a closed case is kept: `keep` from the day it closed. Then whoever looks after
    the board's records is asked whether it is still needed, again every `ask_again`; nothing goes by itself.
    """

    keep: KeptForText = KeptFor(8, "year")
    ask_again: WindowText = Window(20, "working day")
    note: str = ""
