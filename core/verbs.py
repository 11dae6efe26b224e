"""What each button means: it opens a form, or it is a command at once.

One table for every card on every platform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.commands import (
    AcceptInvolvement,
    AgreeOutcome,
    AgreeToDestroy,
    Command,
    CompleteAction,
    KeepEntry,
    SendAgain,
)
from core.conversation import Press


@dataclass(frozen=True)
class Opens:
    """Opening a form only reads."""

    form: str


@dataclass(frozen=True)
class Does:
    command: Callable[[Press], Command]


@dataclass(frozen=True)
class Resumes:
    """Opens again what this person left unfinished."""


@dataclass(frozen=True)
class Draws:
    """Draws the case's card anew, as it is for whoever looks."""


def entry_number(subject: str) -> int:
    """The number of an entry; 0, which none has, for anything else."""
    return int(subject) if subject.isdecimal() and subject.isascii() and len(subject) < 7 else 0


VERBS: dict[str, Opens | Does | Resumes | Draws] = {
    "card": Draws(),
    "new": Opens("raise.danger"),
    "resume": Resumes(),
    "open": Opens("case"),
    "history": Opens("history"),
    "more": Opens("more"),
    "view": Opens("view"),
    "note": Opens("note"),
    "contact": Opens("contact"),
    "danger": Opens("danger"),
    "not_resolved": Opens("not_resolved"),
    "pass_on": Opens("pass_on"),
    "name_contact": Opens("name_contact"),
    "fill_role": Opens("fill_role"),
    "propose": Opens("propose"),
    "decide": Opens("decide"),
    "decline": Opens("decline"),
    "letter": Opens("letter"),
    "action_not_done": Opens("action_not_done"),
    "destroy": Opens("destroy"),
    "answer_destroying": Opens("answer_destroying"),
    "agree_destroying": Does(lambda press: AgreeToDestroy(entry_number(press.object))),
    "keep_entry": Does(lambda press: KeepEntry(entry_number(press.object))),
    "accept": Does(lambda press: AcceptInvolvement()),
    "agree": Does(lambda press: AgreeOutcome(press.object)),
    "action_done": Does(lambda press: CompleteAction(press.object)),
    "send_again": Does(lambda press: SendAgain(press.object)),
}
