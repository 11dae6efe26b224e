"""Destroying what was typed in one entry: which words those are, and what stays in their place.

The state folds from what remains as it did before, but for the words: nothing of the process is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from core.event_parts import TYPED, Fact
from core.events import EntryDestroyed, Event, Recorded

F = TypeVar("F", bound=Fact)

BECAUSE = {
    "somebody-else": "it is about somebody else",
    "another-case": "it belongs to another case",
    "too-much": "it says more about somebody than is needed here",
    "legal-advice": "it holds legal advice, which is not kept here",
}
"""Why something may have to go. These words stand in messages, so they are never anybody's own."""

MARK = "Destroyed: entry {entry} of what happened says by whom and why."
IN_A_ROW = 3
WORD = re.compile(r"[\w'\u2019-]+")
NAME = re.compile(r"(?<=[\w,;:'\u2019)-] )[A-Z][\w'\u2019-]+")
"""A word that begins with a capital letter though no sentence does."""


def typed(event: Fact) -> tuple[str, ...]:
    """All that somebody typed in this event, in order; nothing for the events that only hold facts."""
    return tuple(_typed(event))


def _typed(fact: Fact) -> Iterator[str]:
    for name, field in type(fact).model_fields.items():
        value = getattr(fact, name)
        if TYPED in field.metadata:
            yield from filter(None, [value])
        for part in _parts(value):
            yield from _typed(part)


def _parts(value: object) -> tuple[Fact, ...]:
    many = value if isinstance(value, tuple) else (value,)
    return tuple(part for part in many if isinstance(part, Fact))


def mark(entry: int) -> str:
    """What stands wherever the words of this entry stood."""
    return MARK.format(entry=entry)


def without_words(fact: F, entry: int) -> F:
    """The same event with `mark` in the place of everything typed; what was left empty stays empty."""
    changed: dict[str, object] = {}
    for name, field in type(fact).model_fields.items():
        value = getattr(fact, name)
        if TYPED in field.metadata:
            changed[name] = mark(entry) if value else value
        elif isinstance(value, Fact):
            changed[name] = without_words(value, entry)
        elif _parts(value):
            changed[name] = tuple(without_words(part, entry) for part in _parts(value))
    return fact.model_copy(update=changed)


def as_it_stands(entries: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The record as it is read back: in the place of each destroyed entry what remains of it."""
    gone = {one.event.entry: one.event for one in entries if isinstance(one.event, EntryDestroyed)}
    return tuple(remaining(one, gone[one.sequence]) if one.sequence in gone else one for one in entries)


def remaining(entry: Recorded, destroyed: EntryDestroyed) -> Recorded:
    return replace(entry, actor=destroyed.author, event=destroyed.remains)


def destroyed_entries(events: Iterable[Event]) -> tuple[int, ...]:
    return tuple(event.entry for event in events if isinstance(event, EntryDestroyed))


def gives_away(words: str, typed: Iterable[str]) -> bool:
    """Whether `words` repeat some of what was typed: a name, a number, or three words in a row.

    It finds what is easily written without thinking. Whoever agrees reads both, and is the second safeguard.
    """
    said = _words(words)
    return any(
        not said.isdisjoint(_words(" ".join([*NAME.findall(each), *_numbers(each)])))
        or shares_wording(words, each, IN_A_ROW)
        for each in typed
    )


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def _numbers(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if sum(map(str.isdigit, word)) > 1]


def shares_wording(one: str, other: str, in_a_row: int) -> bool:
    """Whether so many words in a row stand in both."""
    return not _runs(one, in_a_row).isdisjoint(_runs(other, in_a_row))


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = [word.casefold() for word in WORD.findall(text)]
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
