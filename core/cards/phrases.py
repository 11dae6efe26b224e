"""Phrases that several cards share: whose move it is, names in a row, what roles are called."""

from __future__ import annotations

from collections.abc import Sequence

from core.cards.model import Banner, Button, Day, Moment, Piece, Text
from core.escalation import Escalation
from core.people import ROLE_WORDS
from core.reminders import Asked, Move, looks_again, whose_move, window_ends

ASKS = {
    Asked.WHO: "to say who takes this on",
    Asked.ANSWER: "to respond",
    Asked.SETTLE: "to settle this, or move it on",
    Asked.OUTCOME: "to agree an outcome",
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
    return (f"{who} {ASKS[move.asked]}", *_by(move))


def _by(move: Move) -> Text:
    if move.by is None:
        return ()
    if move.review:
        return (" · looked at again ", Moment(at=move.by))
    ended = move.asked is Asked.LAPSED
    return (" · the time ended " if ended else " · by ", Moment(at=move.by))


def by_when(state: Escalation, words: str) -> Text:
    """ "HF-2026-0001 · Stage 1 of 4 · WORDS Mon 30 Nov, 17:00"; where the policy sets no time it says so."""
    pieces: list[Piece] = [f"{state.reference} · {stage_words(state)}"]
    again, ends = looks_again(state), window_ends(state)
    if again:
        pieces += [" · no time is set by the policy; looked at again ", Moment(at=again)]
    elif ends:
        pieces += [f" · {words} ", Moment(at=ends)]
    return tuple(pieces)


def _actions_headline(state: Escalation) -> Text:
    left = sorted((a for a in state.actions.values() if not a.done_at), key=lambda action: action.due)
    owners = names(list(dict.fromkeys(action.owner_name for action in left)))
    count = "1 action" if len(left) == 1 else f"{len(left)} actions, the next"
    return (f"Agreed. {owners} to do {count} by ", Day(on=left[0].due))


def chair_told(state: Escalation) -> str:
    if state.chair:
        return "The Chair of the board was told."
    return "The directory names no Chair of the board, so please tell them yourselves."


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
