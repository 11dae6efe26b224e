"""What somebody typed after `/escalate`, understood. The words are the same on every platform."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

REFERENCE = re.compile(r"[A-Za-z]{1,6}-\d{4}-\d{1,6}")


@dataclass(frozen=True)
class New:
    pass


@dataclass(frozen=True)
class ListCases:
    which: Literal["mine", "overdue", "all"]


@dataclass(frozen=True)
class Show:
    reference: str


@dataclass(frozen=True)
class Note:
    reference: str
    words: str


@dataclass(frozen=True)
class Help:
    """`about`: what wasn't understood, in our words; "" when help was asked for."""

    about: str = ""


Said: TypeAlias = New | ListCases | Show | Note | Help


def understand(words: str) -> Said:
    verb, rest = _first(words)
    match verb.casefold():
        case "" | "new":
            return New()
        case "list":
            return _list(rest)
        case "show":
            return _show(rest)
        case "note":
            return _note(rest)
        case "help" | "?":
            return Help()
    return Help(about="That wasn't one of the things that can be said here.")


def _first(words: str) -> tuple[str, str]:
    """The first word, and the rest as it was typed; any space or new line parts them."""
    found = words.split(maxsplit=1)
    return (found[0] if found else ""), (found[1].strip() if len(found) > 1 else "")


def _list(rest: str) -> Said:
    match rest.casefold():
        case "" | "mine":
            return ListCases("mine")
        case "overdue":
            return ListCases("overdue")
        case "all":
            return ListCases("all")
    return Help(about="After list you can say overdue, or all, or nothing.")


def _show(rest: str) -> Said:
    if not REFERENCE.fullmatch(rest):
        return Help(about="After show, write a reference, like HF-2026-0001.")
    return Show(rest.upper())


def _note(rest: str) -> Said:
    reference, words = _first(rest)
    if not REFERENCE.fullmatch(reference):
        return Help(
            about="After note, write a reference and then your note, like: note HF-2026-0001 Phoned the ward."
        )
    if not words:
        return Help(about=f"After note {reference.upper()}, write your note.")
    return Note(reference.upper(), words)
