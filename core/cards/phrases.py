"""Phrases that several cards share: whose move it is, names in a row, what roles are called."""

from __future__ import annotations

from collections.abc import Sequence

from core.cards.model import Banner, Button, Moment, Piece, Text
from core.escalation import Escalation
from core.people import ROLE_WORDS
from core.reminders import Asked, whose_move

ASKS = {
    Asked.WHO: "to say who takes this on",
    Asked.ANSWER: "to respond",
    Asked.SETTLE: "to settle this, or move it on",
    Asked.LAPSED: "to say: resolved, or the next stage",
    Asked.AGREE: "to read and agree an outcome",
}


def names(people: Sequence[str]) -> str:
    """ "Ann", "Ann and Ben", "Ann, Ben and Cy"."""
    if len(people) < 2:
        return "".join(people)
    return f"{', '.join(people[:-1])} and {people[-1]}"


def role(key: str) -> str:
    return ROLE_WORDS.get(key, key.replace("_", " "))


def agencies(state: Escalation) -> str:
    return " ↔ ".join(side.agency_name for side in state.sides.values())


def headline(state: Escalation) -> Text:
    """Whose move it is and by when: the first line of every card."""
    move = whose_move(state)
    if move.asked is Asked.NOTHING:
        return ("Closed. Nothing more is asked.",)
    if move.asked is Asked.ACTIONS:
        return _actions_headline(state)
    who = names([state.sides[side].agency_name for side in move.sides])
    pieces: list[Piece] = [f"{who} {ASKS[move.asked]}"]
    if move.by:
        ended = move.asked is Asked.LAPSED
        pieces += [" · the time ended " if ended else " · by ", Moment(at=move.by)]
    return tuple(pieces)


def _actions_headline(state: Escalation) -> Text:
    left = [action for action in state.actions.values() if not action.done_at]
    owners = names(list(dict.fromkeys(action.owner_name for action in left)))
    return (f"Agreed. {owners} to do what was agreed",)


def stage_words(state: Escalation) -> str:
    return f"Stage {state.stage.number} of {state.stage.of}"


def danger_banner(state: Escalation) -> tuple[Banner, ...]:
    """On every card until it is lifted (P10)."""
    if not state.in_danger:
        return ()
    words = "Risk of immediate harm. In an emergency phone 999. This bot is not an emergency service."
    return (Banner(text=words),)


def open_button(state: Escalation, label: str = "Open") -> Button:
    return Button(label=label, verb="open", escalation=state.id)
