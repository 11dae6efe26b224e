"""Direct messages that were answered: drawn anew, without the buttons that no longer apply."""

from __future__ import annotations

from collections.abc import Callable

from core.access import Ability, may
from core.cards.model import Button, Buttons, Card, CardPart, Moment, Text, line, strong
from core.cards.phrases import danger_banner, names, open_button, role
from core.escalation import Escalation


def settled_card(topic: str, state: Escalation, person: str, subject: str) -> Card | None:
    """None while the message holds as it was sent. Raises KeyError for a topic that is never redrawn."""
    return SETTLED[topic](state, person, subject)


def _card(state: Escalation, first: Text, *buttons: Button) -> Card:
    parts: list[CardPart] = [*danger_banner(state), strong(*first), line(state.reference)]
    if buttons:
        parts.append(Buttons(buttons=buttons))
    return Card(summary=f"{state.reference}: answered", parts=tuple(parts))


def _invitation(state: Escalation, person: str, subject: str) -> Card | None:
    participant = state.participants[person]
    if participant.passed_on:
        return _card(state, ("You said that this is not for you. Nothing more is asked of you.",))
    if not participant.confirmed:
        return None
    view = Button(label="Add our view", verb="view", escalation=state.id)
    return _card(state, ("You take part.",), *([view] if state.status == "open" else []), open_button(state))


def _proposed(state: Escalation, person: str, subject: str) -> Card | None:
    if state.outcome and state.outcome.id == subject:
        agreed = names([agreement.name for agreement in state.outcome.agreed.values()])
        return _card(state, (f"Agreed by {agreed}.",), _read(state, "letter", "Read the outcome"))
    proposal = state.proposal
    if proposal is None or proposal.id != subject:
        first = ("This proposal no longer stands. If you agreed it, that no longer counts.",)
        return _card(state, first, open_button(state, "Open the case as it is now"))
    if proposal.declined:
        refused = proposal.declined[-1]
        said: Text = (f"{refused.name} declined this, ", Moment(at=refused.at), ".")
        return _card(state, said, open_button(state))
    agreement = proposal.agreed.get(state.side_of(person))
    if agreement is None:
        return None
    who = "You" if agreement.person == person else agreement.name
    said = (f"{who} agreed this for your agency, ", Moment(at=agreement.at), ".")
    return _card(state, said, _read(state, "decide", "Read it"))


def _read(state: Escalation, verb: str, label: str) -> Button:
    return Button(label=label, verb=verb, escalation=state.id)


def _role_unfilled(state: Escalation, person: str, subject: str) -> Card | None:
    side, _, key = subject.partition("/")
    if any((gap.side, gap.role) == (side, key) for gap in state.open_roles):
        return None
    agency = state.sides[side].agency_name
    led = names([leader.name for leader in state.stage.leaders if leader.side == side])
    words = f"{led} leads for {agency} now." if led else f"A {role(key)} for {agency} is no longer asked for."
    return _card(state, (words,), open_button(state))


def _destruction_asked(state: Escalation, person: str, subject: str) -> Card | None:
    if int(subject) in state.asked_to_destroy:
        return None
    gone = int(subject) in state.destroyed_entries
    words = (
        f"What was typed in entry {subject} was destroyed." if gone else f"Entry {subject} stays as it is."
    )
    return _card(state, (words,), *([open_button(state)] if may(state, person, Ability.SEE) else []))


SETTLED: dict[str, Callable[[Escalation, str, str], Card | None]] = {
    "invitation": _invitation,
    "proposed": _proposed,
    "role_unfilled": _role_unfilled,
    "destruction_asked": _destruction_asked,
}
