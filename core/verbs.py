"""What each button means: it opens a form, or it is a command at once.

One table for every card on every platform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.commands import AcceptInvolvement, AgreeOutcome, Command, CompleteAction, SendAgain
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
    "accept": Does(lambda press: AcceptInvolvement()),
    "agree": Does(lambda press: AgreeOutcome(press.object)),
    "action_done": Does(lambda press: CompleteAction(press.object)),
    "send_again": Does(lambda press: SendAgain(press.object)),
}
