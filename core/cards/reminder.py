"""Reminders: what waits for one person, as it is when it is sent.

Several things due become one message (P25).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.access import Ability, may
from core.cards.model import Button, Buttons, Card, CardPart, Day, Moment, Piece, Say, Text, line, strong
from core.cards.phrases import danger_banner, name_button, not_resolved_button, open_button
from core.cards.plain import day_in_england
from core.escalation import ClockState, Escalation
from core.reminders import Asked, looks_again, whose_move

MOST_SHOWN, MOST_NAMED = 8, 40
"""Platforms show some fifty parts of a message, of which each thing that waits takes up to five."""


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: the case as it is now, the notice's topic, and what it is about."""

    state: Escalation
    topic: str
    object: str


@dataclass(frozen=True)
class Item:
    first: Text
    more: tuple[Text, ...]
    buttons: tuple[Button, ...]


def reminder_card(waiting: Sequence[Waiting], person: str) -> Card | None:
    """One message for all of it; None where everything has been overtaken."""
    things = {(one.state.id, one.topic, one.object): one for one in waiting}  # reminded twice, it waits once
    items = [(one.state, item) for one in things.values() if (item := ITEMS[one.topic](one, person))]
    if not items:
        return None
    parts: list[CardPart] = []
    if len(items) > 1:
        parts.append(strong(f"{_count(len(items))} things wait for you"))
    for state, item in items[:MOST_SHOWN]:
        parts += [*danger_banner(state), strong(*item.first), *(line(*more) for more in item.more)]
        if item.buttons:
            parts.append(Buttons(buttons=item.buttons))
    left = [state.reference for state, _ in items[MOST_SHOWN:]]
    if left:
        named = ", ".join(dict.fromkeys(left[:MOST_NAMED]))
        parts.append(line(f"And {len(left)} more: {named}. To see them, write ", Say(words="list"), "."))
    references = ", ".join(dict.fromkeys(state.reference for state, _ in items[:MOST_SHOWN]))
    return Card(summary=f"{references}: a reminder, something waits for you", parts=tuple(parts))


def _count(number: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[number] if number < len(words) else str(number)


def _clock(one: Waiting, person: str) -> Item | None:
    state = one.state
    running = state.clocks.get(one.object)
    if state.status != "open" or running is None or not state.side_of(person):
        return None
    if not state.participants[person].confirmed:
        return _invited(state, running)
    if running.lapsed:
        return _lapsed(state, running, person)
    if running.clock.kind == "review":
        return _review(state, running)
    return _before(state, running, person)


def _invited(state: Escalation, running: ClockState) -> Item:
    words = " · your answer was due by " if running.lapsed else " · your answer is due by "
    return Item(
        (state.reference, words, Moment(at=running.clock.ends)),
        ((f"{state.raiser_name} asks your agency to look at a decision again.",),),
        (
            Button(label="I'm the right person", verb="accept", escalation=state.id, style="primary"),
            Button(label="Not me, it's …", verb="pass_on", escalation=state.id),
        ),
    )


def _before(state: Escalation, running: ClockState, person: str) -> Item | None:
    """What is asked of this person's side before the window ends."""
    what, button = _asked_of(state, person)
    first: Text = (f"{state.reference} · {what} · by ", Moment(at=running.clock.ends))
    return Item(first, (), (button, open_button(state)) if button.verb != "open" else (button,))


def _asked_of(state: Escalation, person: str) -> tuple[str, Button]:
    move = whose_move(state)
    mine = state.side_of(person) in move.sides
    if mine and move.asked is Asked.ANSWER:
        return "your agency's view is asked for", Button(
            label="Add our view", verb="view", escalation=state.id
        )
    if mine and move.asked is Asked.AGREE:
        return "read the proposed outcome, and agree or decline", _agree_or_propose(state, person)
    if mine and move.asked is Asked.SETTLE:
        return "propose an outcome, or say that it is not resolved", _agree_or_propose(state, person)
    if mine and move.asked is Asked.WHO:
        return "say who takes this on", name_button(state)
    return "waits for an answer", open_button(state)


def _lapsed(state: Escalation, running: ClockState, person: str) -> Item:
    """Both sides are asked: resolved, or the next stage? (P24)."""
    more: list[Text] = [("Is it resolved?",)]
    if state.waits_until:
        told: list[Piece] = ["If nobody answers by ", Moment(at=state.waits_until)]
        told.append(", the people who lead the next stage are told that it waits.")
        more.append(tuple(told))
    return Item(
        (f"{state.reference}: the time for {state.stage.name} ended ", Moment(at=running.clock.ends), "."),
        tuple(more),
        (_agree_or_propose(state, person), not_resolved_button(state), open_button(state)),
    )


def _agree_or_propose(state: Escalation, person: str) -> Button:
    proposal = state.proposal
    waits = proposal and not proposal.declined and state.side_of(person) not in proposal.agreed
    if proposal and waits and may(state, person, Ability.AGREE):
        return Button(label="Read and agree", verb="decide", escalation=state.id, object=proposal.id)
    return Button(label="Propose an outcome", verb="propose", escalation=state.id)


def _review(state: Escalation, running: ClockState) -> Item:
    """The policy sets no time here, so the words don't say that one has passed."""
    buttons = [Button(label="Propose an outcome", verb="propose", escalation=state.id)]
    if not state.exhausted:
        buttons.append(not_resolved_button(state))
    note: tuple[Text, ...] = ((running.clock.source,),) if running.clock.source else ()
    return Item(
        (f"{state.reference} · {state.stage.name}: how does it stand?", *_looked_at(state)),
        note,
        (*buttons, open_button(state)),
    )


def _looked_at(state: Escalation) -> Text:
    again = looks_again(state)
    return (" · to be reviewed by ", Moment(at=again)) if again else ()


def _action_due(one: Waiting, person: str) -> Item | None:
    action = one.state.actions.get(one.object)
    if action is None or action.done_at or action.owner != person:
        return None
    return Item(
        (f"{one.state.reference} · an action that is yours · due ", Day(on=action.due)),
        (("Is it done?",),),
        (
            Button(
                label="Done", verb="action_done", escalation=one.state.id, object=action.id, style="primary"
            ),
            Button(
                label="Not done, because …",
                verb="action_not_done",
                escalation=one.state.id,
                object=action.id,
            ),
            open_button(one.state),
        ),
    )


def _keeping(one: Waiting, person: str) -> Item | None:
    """To whoever looks after the board's records; they may take no part, so it says the reference alone."""
    state = one.state
    if state.status != "closed" or state.holds or state.closed_at is None:
        return None
    return Item(
        (f"{state.reference} was closed on {day_in_england(state.closed_at)}. Is its record still needed?",),
        (
            ("The time for which it is kept has ended. Nothing is destroyed unless you ask for it.",),
            ("Needed for a review, a coroner or a court: ask whoever runs Escalate to hold it.",),
            ("No longer needed: ask them to destroy it. This can't be undone.",),
        ),
        (),
    )


ITEMS: dict[str, Callable[[Waiting, str], Item | None]] = {
    "clock": _clock,
    "action_due": _action_due,
    "keeping": _keeping,
}
