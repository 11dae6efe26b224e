"""A checkpoint: how each stream stood at one moment, to be kept where nobody who can change the record can.

Lines of text: what it is, when it was made, each stream (id, kind, reference, number and hash of its last
event), and SHA-256 of all before. That last line shows a damaged file; against a forged one helps only where
the file is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

FIRST = "Escalate checkpoint 1"
MADE = "made "
DIGEST = "sha256 "
NOTHING = "-"
"""In the place of a reference or a hash that there is not."""

_HEAD = re.compile(
    r"(?P<id>\S+) (?P<kind>\S+) (?P<reference>\S+) (?P<events>\d{1,9}) (?P<hash>-|[0-9a-f]{64})"
)


class CheckpointInvalid(Exception):
    """This is no checkpoint, or not all of it, or not as it was written. The message says which."""


@dataclass(frozen=True, slots=True)
class Head:
    """A stream and its last event. `reference` is empty for the directory, `hash` where there is no event."""

    stream_id: str
    kind: str
    reference: str
    events: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`made_at` in UTC; `heads` by stream."""

    made_at: datetime
    heads: Mapping[str, Head]


def write_checkpoint(heads: Iterable[Head], made_at: datetime) -> str:
    """The file's text."""
    lines = [FIRST, MADE + made_at.astimezone(UTC).isoformat(timespec="seconds")]
    lines += sorted(_line(head) for head in heads)
    text = "".join(f"{line}\n" for line in lines)
    return f"{text}{DIGEST}{_digest(text)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Raises CheckpointInvalid."""
    if not text.startswith(FIRST + "\n"):
        raise CheckpointInvalid("this is no checkpoint of Escalate, or a newer version made it")
    before, found, digest = text.rpartition(DIGEST)
    if not found or digest != f"{_digest(before)}\n":
        raise CheckpointInvalid("it was changed, or isn't all there: its last line doesn't fit the rest")
    _, made, *lines = before.splitlines()
    heads = [_head(line) for line in lines]
    return Checkpoint(_moment(made), {head.stream_id: head for head in heads})


def _line(head: Head) -> str:
    shown = head.hash.hex() or NOTHING
    return f"{head.stream_id} {head.kind} {head.reference or NOTHING} {head.events} {shown}"


def _head(line: str) -> Head:
    parts = _HEAD.fullmatch(line)
    if parts is None:
        raise CheckpointInvalid("one of its lines can't be read")
    reference, shown = ("" if parts[name] == NOTHING else parts[name] for name in ("reference", "hash"))
    return Head(parts["id"], parts["kind"], reference, int(parts["events"]), bytes.fromhex(shown))


def _moment(line: str) -> datetime:
    try:
        return datetime.fromisoformat(line.removeprefix(MADE)).astimezone(UTC)
    except ValueError as error:
        raise CheckpointInvalid("its second line doesn't say when it was made") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
