"""Phrases that several cards share: whose move it is, names in a row, what roles are called."""

from __future__ import annotations

from collections.abc import Sequence

from core.cards.model import Banner, Button, Day, Moment, Piece, Text
from core.escalation import Escalation
from core.people import ROLE_WORDS
from core.reminders import Asked, Move, looks_again, whose_move, window_ends

ASKS = {
    Asked.WHO: "to find out who takes this on, and name them",
    Asked.ANSWER: "to respond",
    Asked.SETTLE: "to settle this, or move it on",
    Asked.OUTCOME: "to agree an outcome",
    Asked.LAPSED: "to say: resolved, or the next stage",
    Asked.AGREE: "to read and agree an outcome",
}

HELD_FOR = {"review": "a review", "coroner": "a coroner", "litigation": "a court case"}


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
    return (f"{_who(state, move)} {ASKS[move.asked]}", *_by(move))


def _who(state: Escalation, move: Move) -> str:
    """The people who lead for the sides asked; where nobody leads, the agencies."""
    found: list[str] = []
    for side in move.sides:
        leading = [leader.name for leader in state.stage.leaders if leader.side == side]
        found += leading or [state.sides[side].agency_name]
    return names(found)


def _by(move: Move) -> Text:
    if move.by is None:
        return ()
    if move.review:
        return (" · to be reviewed by ", Moment(at=move.by))
    return (" · the time ended " if move.late else " · by ", Moment(at=move.by))


def by_when(state: Escalation, words: str) -> Text:
    """ "HF-2026-0001 · Stage 1 of 4 · WORDS Mon 30 Nov, 17:00"; where the policy sets no time it says so."""
    pieces: list[Piece] = [f"{state.reference} · {stage_words(state)}"]
    again, ends = looks_again(state), window_ends(state)
    if again:
        pieces += [" · no time is set by the policy; to be reviewed by ", Moment(at=again)]
    elif ends:
        pieces += [f" · {words} ", Moment(at=ends)]
    return tuple(pieces)


def _actions_headline(state: Escalation) -> Text:
    left = sorted((a for a in state.actions.values() if not a.done_at), key=lambda action: action.due)
    owners = names(list(dict.fromkeys(action.owner_name for action in left)))
    count = "1 action" if len(left) == 1 else f"{len(left)} actions"
    which = "" if len(left) == 1 else "the next "
    has = "has" if len({action.owner for action in left}) == 1 else "have"
    return (f"Agreed. {owners} {has} {count} to do, {which}by ", Day(on=left[0].due))


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


def name_button(state: Escalation, side: str = "") -> Button:
    """To name somebody on a side: one that has nobody, if none is given."""
    chosen = side or min(state.contact_unknown, default="")
    return Button(label="Name somebody", verb="name_contact", escalation=state.id, object=chosen)


def not_resolved_button(state: Escalation) -> Button:
    last = state.stage.number >= state.stage.of
    label = "Not resolved: tell the Chair" if last else f"Not resolved: go to Stage {state.stage.number + 1}"
    return Button(label=label, verb="not_resolved", escalation=state.id, object=str(state.stage.opening))


def open_button(state: Escalation, label: str = "Open") -> Button:
    return Button(label=label, verb="open", escalation=state.id)
