"""What a browser posts, read and checked: words said, buttons pressed, forms filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from core.conversation import Press, Submission

MOST_BYTES = 256 * 1024
MOST_FIELDS = 500
LONGEST_NAME = 200
FORM_TYPE = "application/x-www-form-urlencoded"
CARRIED = "carry."
FILLED_IN = "field."

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
# Neither typed by anybody nor kept by every database; tab, newline and return are.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_COMMAND = re.compile(r"\A\s*/escalate(?:\s+|$)", re.IGNORECASE)

Value = TypeVar("Value")


class BadPost(Exception):
    """A post that can't be used. `sentence` says what to change, without repeating what was sent."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Posted:
    """The pairs of a form in the order they came; line ends are "\\n"."""

    pairs: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str:
        """The value of `name`. Raises BadPost if it is missing or there are several."""
        values = [value for key, value in self.pairs if key == name]
        if len(values) != 1:
            raise BadPost(
                400, f"The part called “{name}” is missing. Go back to the page and send it from there."
            )
        return values[0]

    def maybe(self, name: str) -> str:
        """The value of `name`, or empty. Raises BadPost if there are several."""
        return self.one(name) if any(key == name for key, _ in self.pairs) else ""

    def within(self, prefix: str) -> dict[str, tuple[str, ...]]:
        """The values of all names that begin with `prefix`, by the rest of the name."""
        found: dict[str, tuple[str, ...]] = {}
        for key, value in self.pairs:
            if key.startswith(prefix):
                rest = key.removeprefix(prefix)
                found[rest] = (*found.get(rest, ()), value)
        return found


async def read_post(request: web.Request) -> Posted:
    """The form that was posted. Raises BadPost: 413 too long, 415 not a form, 400 broken."""
    if request.content_type != FORM_TYPE:
        raise BadPost(415, "This address takes a form sent from the page.")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        body = None
    if body is None or len(body) > MOST_BYTES:
        raise BadPost(413, "That is too much at once. Send less than 256 kilobytes.")
    return parse(body)


def parse(body: bytes) -> Posted:
    """The pairs in an URL-encoded body. Raises BadPost (400)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as broken:
        raise BadPost(400, "What was sent is broken. Go back to the page and send it again.") from broken
    for key, value in pairs:
        if len(key) > LONGEST_NAME or _CONTROL.search(key) or _CONTROL.search(value):
            raise BadPost(
                400,
                "There is a character in it that can't be kept. Type it again, or paste it as plain text.",
            )
    return Posted(tuple((key, value.replace("\r\n", "\n").replace("\r", "\n")) for key, value in pairs))


def delivery(posted: Posted) -> str:
    """The token that was put in when the button or form was drawn, so that a double click counts once."""
    token = posted.one("token")
    if not _TOKEN.fullmatch(token):
        raise BadPost(400, "This button or form isn't one that the page made. Load the page again.")
    return token


def said(posted: Posted) -> str:
    """The words after `/escalate`, whether or not that was typed as well."""
    return _COMMAND.sub("", posted.one("words"), count=1).strip()


def pressed(posted: Posted) -> Press:
    """A button. Who may press it is decided elsewhere, from who they are."""
    press = Press(_short(posted, "verb"), posted.maybe("escalation"), posted.maybe("object"))
    if not press.verb or max(len(press.escalation), len(press.object)) > LONGEST_NAME:
        raise BadPost(400, "This button isn't one that the page made. Load the page again.")
    return press


def submitted(posted: Posted) -> Submission:
    """A form filled in. A field left empty has no values."""
    carry = {key: values[-1] for key, values in posted.within(CARRIED).items()}
    values = {key: tuple(filter(None, values)) for key, values in posted.within(FILLED_IN).items()}
    return Submission(_short(posted, "kind"), carry, values)


def _short(posted: Posted, name: str) -> str:
    value = posted.one(name)
    if not 0 < len(value) <= LONGEST_NAME:
        raise BadPost(
            400, f"The part called “{name}” can't be used. Go back to the page and send it from there."
        )
    return value


def one_of(posted: Posted, name: str, choices: dict[str, Value]) -> Value:
    """What `choices` has for the value of `name`. Raises BadPost for anything else."""
    value = posted.one(name)
    if value not in choices:
        raise BadPost(
            400, f"The part called “{name}” can't be used. Go back to the page and send it from there."
        )
    return choices[value]
