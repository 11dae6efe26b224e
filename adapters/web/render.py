"""Draws cards, forms and the page around them as HTML.

Every string is escaped by the templates; none is ever marked as safe. Moments are in the reader's own zone.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web.desk import Desk
from adapters.web.world import PageMessage, PagePerson, PageRoom
from core.cards.model import Button, Field, Moment

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
LATEST_REPLIES = 6


def new_token() -> str:
    """What a button or form is drawn with, so that pressing it twice counts once."""
    return secrets.token_urlsafe(18)


def day_words(day: date) -> str:
    """ "Mon 30 Nov"."""
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def full_day_words(day: date) -> str:
    """ "Monday 30 November 2026"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def zone_of(name: str) -> tzinfo:
    """The zone with this IANA name; London for one that isn't known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment as drawn: short words, the whole of it with its zone, and what a machine reads."""

    words: str
    whole: str
    machine: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The person a page is drawn for. The templates ask it for all that depends on who reads."""

    file_id: str
    zone: tzinfo

    def moment(self, moment: Moment) -> Stamp:
        return self.stamp(moment.at, moment.style)

    def stamp(self, at: datetime, style: Literal["day", "time", "day_time"] = "day_time") -> Stamp:
        """A moment in this person's zone. `at` is aware."""
        local = at.astimezone(self.zone)
        day, time = day_words(local), f"{local:%H:%M}"
        words = {"day": day, "time": time, "day_time": f"{day}, {time}"}[style]
        whole = f"{full_day_words(local)}, {time} {local.tzname() or ''}".strip()
        return Stamp(words, whole, at.astimezone(UTC).isoformat(timespec="seconds"))

    def token(self) -> str:
        return new_token()


@dataclass(frozen=True, slots=True)
class Post:
    """A message with what was said in its thread, oldest first. `version` changes with its looks."""

    message: PageMessage
    earlier: tuple[PageMessage, ...]
    latest: tuple[PageMessage, ...]
    version: str


def posts(messages: Sequence[PageMessage]) -> tuple[Post, ...]:
    """Messages under the one they answer, newest first. A reply to one that isn't here stands by itself."""
    here = {message.id for message in messages}
    replies: dict[str, list[PageMessage]] = {}
    for message in messages:
        if message.thread in here:
            replies.setdefault(message.thread, []).append(message)
    roots = [message for message in messages if message.thread not in here]
    return tuple(_post(root, tuple(replies.get(root.id, ()))) for root in reversed(roots))


def since(seen: str, messages: Sequence[PageMessage]) -> Sequence[PageMessage]:
    """The messages after the one with the id `seen`; all of them where it isn't among them."""
    ids = [message.id for message in messages]
    return messages[ids.index(seen) + 1 :] if seen in ids else messages


def _post(root: PageMessage, replies: tuple[PageMessage, ...]) -> Post:
    seen = hashlib.sha256()
    for message in (root, *replies):
        seen.update(
            f"{message.id} {message.updated_at.isoformat()} {message.card.model_dump_json()}\n".encode()
        )
    cut = max(0, len(replies) - LATEST_REPLIES)
    return Post(root, replies[:cut], replies[cut:], seen.hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class View:
    """All that one page shows. `changes` counts what was posted until then; `now` is UTC.

    `new_direct`: how many direct messages came since this person last looked at them; `latest_direct`: the
    id of the last one, or empty.
    """

    person: PagePerson
    people: Sequence[PagePerson]
    room: PageRoom
    channel: tuple[Post, ...]
    direct: tuple[Post, ...]
    latest_direct: str
    new_direct: int
    desk: Desk
    now: datetime
    changes: int

    @property
    def reader(self) -> Reader:
        return Reader(self.person.file_id, zone_of(self.person.time_zone))

    @property
    def agencies(self) -> list[tuple[str, list[PagePerson]]]:
        """Everybody by agency, both in the order given."""
        order = list(dict.fromkeys(person.agency_name for person in self.people))
        ordered = sorted(self.people, key=lambda person: order.index(person.agency_name))
        return [
            (name, list(group)) for name, group in groupby(ordered, key=lambda person: person.agency_name)
        ]


class Pages:
    """The page's templates."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals.update(
            described_by=described_by, day_words=day_words, full_day_words=full_day_words
        )

    def page(self, view: View) -> str:
        """The whole page."""
        return self._templates.get_template("page.html").render(view=view, reader=view.reader)

    def fragment(self, view: View) -> str:
        """The parts of the page that change, for the script to put in place."""
        return self._templates.get_template("regions.html").render(view=view, reader=view.reader)

    def confirm(self, view: View, button: Button, hidden: Sequence[tuple[str, str]]) -> str:
        """A page that asks before a button is pressed; `hidden` is what the press carries."""
        return self._templates.get_template("confirm.html").render(view=view, button=button, hidden=hidden)

    def problem(self, sentence: str, back: str = "/") -> str:
        """A page that says what went wrong and leads back."""
        return self._templates.get_template("problem.html").render(sentence=sentence, back=back)


def described_by(field: Field) -> str:
    """The ids of what describes a field, for aria-describedby."""
    parts = [f"field-{field.id}-hint" if field.hint else "", f"field-{field.id}-error" if field.error else ""]
    return " ".join(filter(None, parts))
