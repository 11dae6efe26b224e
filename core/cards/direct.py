"""Direct messages: why this person is told, what they can do, and a button. One small function a topic."""

from __future__ import annotations

from collections.abc import Callable

from core import events as e
from core.access import Ability, may
from core.cards.model import Button, Buttons, Card, CardPart, Day, Moment, Text, line, strong
from core.cards.phrases import agencies, by_when, chair_told, danger_banner, names, open_button, role
from core.cards.thread import who
from core.escalation import Escalation

Topic = Callable[[Escalation, e.Recorded, str, str], Card]
"""state just after the event, the event, the person told, and what the notice is about."""


def direct_card(topic: str, state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    """Raises KeyError for a topic without words: a defect that the tests would find."""
    return TOPICS[topic](state, entry, person, subject)


def _card(state: Escalation, first: Text, *others: Text, summary: str, buttons: tuple[Button, ...]) -> Card:
    parts: list[CardPart] = [*danger_banner(state), strong(*first), *(line(*other) for other in others)]
    if not any(state.reference in str(piece) for text in (first, *others) for piece in text):
        parts.append(line(state.reference))
    if buttons:
        parts.append(Buttons(buttons=buttons))
    return Card(summary=f"{state.reference}: {summary}", parts=tuple(parts))


def _invitation(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    raiser = f"{state.raiser_name} ({state.raising_side.agency_name})"
    first = f"{raiser} disagrees with a decision and asks your agency to look at it again."
    buttons = (
        Button(label="I'm the right person", verb="accept", escalation=state.id, style="primary"),
        Button(label="Not me, it's …", verb="pass_on", escalation=state.id),
    )
    return _card(
        state,
        (first,),
        by_when(state, "an answer is due by"),
        *_asked_by(state),
        summary="your answer is asked for",
        buttons=buttons,
    )


def _asked_by(state: Escalation) -> tuple[Text, ...]:
    """The day the raiser asked for, where they named one (N3)."""
    if state.raised is None or state.raised.answer_by is None:
        return ()
    return (("They ask for it by ", Day(on=state.raised.answer_by), "."),)


def _leads(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.ParticipantJoined | e.RoleFilled)
    key = event.role if isinstance(event, e.RoleFilled) else event.capacity
    agency = state.sides[event.side].agency_name
    first = f"A disagreement between agencies needs you now, as a {role(key)} at {agency}."
    about = (f"{agencies(state)}. Open it for the question asked, both views and what was tried.",)
    return _card(
        state,
        (first,),
        by_when(state, "to be settled by"),
        about,
        summary=f"{state.stage.name} needs you",
        buttons=(open_button(state, "Open the brief"),),
    )


def _passed_on(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.InvolvementPassedOn)
    side = state.participants[event.person].side
    first = f"{who(entry)} is not the right person, and doesn't know who is."
    advice = ("Please find out who is, by phone if you can. Then name them here.",)
    return _card(
        state,
        (first,),
        advice,
        summary="somebody named is not the right person",
        buttons=(_name_button(state, side), open_button(state)),
    )


def _name_button(state: Escalation, side: str) -> Button:
    return Button(label="Name somebody", verb="name_contact", escalation=state.id, object=side)


def _contact_unknown(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    agency = state.sides[subject].agency_name
    return _card(
        state,
        (f"Nobody at {agency} is named yet.",),
        ("Please phone them to find out who takes this on. Then name them here.",),
        summary="somebody is to be named",
        buttons=(_name_button(state, subject), open_button(state)),
    )


def _role_unfilled(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    side, _, key = subject.partition("/")
    agency = state.sides[side].agency_name
    return _card(
        state,
        (f"{state.stage.name} needs a {role(key)} for {agency}, and the directory names nobody.",),
        ("Please say who it is, so that it isn't held up.",),
        summary=f"a {role(key)} is to be named",
        buttons=(
            Button(
                label="Name somebody",
                verb="fill_role",
                escalation=state.id,
                object=subject,
                style="primary",
            ),
            open_button(state),
        ),
    )


def _moved_on(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    leaders = names([leader.name for leader in state.stage.leaders])
    led = f"It is for {leaders} now." if leaders else "Somebody is being named to lead it."
    return _card(
        state,
        (f"{who(entry)} moved this on: it was not resolved. {state.stage.name} has begun.",),
        by_when(state, "to be settled by"),
        (f"{led} You will hear what they decide.",),
        summary=f"{state.stage.name} has begun",
        buttons=(open_button(state),),
    )


def _view_added(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    return _card(
        state,
        (f"{who(entry)} added their view.",),
        ("Read it, then propose an outcome, or say that it is not resolved.",),
        summary="a view was added",
        buttons=(open_button(state),),
    )


def _danger(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.DangerAnswered)
    if event.in_danger:
        words, summary = "warned of a risk of immediate harm", "risk of immediate harm"
    else:
        words, summary = "recorded that there is no immediate danger now", "the warning was lifted"
    return _card(state, (f"{who(entry)} {words}.",), summary=summary, buttons=(open_button(state),))


def _chair(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    return _card(
        state,
        ("A disagreement between agencies went through every stage and is not resolved.",),
        (f"{agencies(state)}. You are told as Chair of the board.",),
        ("It stays open until an outcome is agreed.",),
        summary="not resolved after the last stage",
        buttons=(open_button(state, "Open the brief"),),
    )


def _exhausted(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    return _card(
        state,
        (f"{who(entry)} recorded that the last stage did not resolve it.",),
        (f"{chair_told(state)} It stays open until an outcome is agreed.",),
        summary="not resolved after the last stage",
        buttons=(open_button(state),),
    )


def _proposed(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    assert state.proposal is not None
    decides = may(state, person, Ability.AGREE) and state.side_of(person) not in state.proposal.agreed
    asked = (
        "Please read it, then agree or decline."
        if decides
        else "You can read it. You will hear what is decided."
    )
    label = "Read and agree" if decides else "Read it"
    button = Button(
        label=label,
        verb="decide",
        escalation=state.id,
        object=state.proposal.id,
        style="primary" if decides else "plain",
    )
    return _card(
        state,
        (f"{who(entry)} proposed an outcome.",),
        by_when(state, "an answer is due by"),
        (asked,),
        summary="an outcome is proposed",
        buttons=(button,),
    )


def _declined(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    return _card(
        state,
        (f"{who(entry)} declined the proposed outcome.",),
        ("Open it to read why. Anybody who takes part can propose another.",),
        summary="the proposed outcome was declined",
        buttons=(
            open_button(state),
            Button(label="Propose an outcome", verb="propose", escalation=state.id),
        ),
    )


def _agreed(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    assert state.outcome is not None
    who_agreed = names([agreement.name for agreement in state.outcome.agreed.values()])
    mine = [action for action in state.actions.values() if action.owner == person]
    asked: Text = ()
    if mine:
        count = "one action" if len(mine) == 1 else f"{len(mine)} actions"
        asked = (f"You have {count} to do, by ", Day(on=min(action.due for action in mine)), ".")
    return _card(
        state,
        ("An outcome is agreed.",),
        (f"{state.reference}, agreed by {who_agreed}, ", Moment(at=entry.at), "."),
        *([asked] if asked else []),
        summary="an outcome is agreed",
        buttons=(Button(label="Read the outcome", verb="letter", escalation=state.id),),
    )


def _action_moved(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    action = state.actions[subject]
    return _card(
        state,
        (f"{who(entry)} said that an action isn't done yet.",),
        (f"{state.reference} · it is now due ", Day(on=action.due), "."),
        summary="an action has a new date",
        buttons=(open_button(state),),
    )


def _closed(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    return _card(
        state,
        ("Everything that was agreed is done. The case is closed.",),
        (f"{state.reference} · its record can still be read.",),
        summary="closed",
        buttons=(Button(label="Read the outcome", verb="letter", escalation=state.id),),
    )


def _waits(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    """To people who may not take part yet: the reference and that it waits, no more (P24)."""
    both = names([side.agency_name for side in state.sides.values()])
    asked = names([state.raiser_name, *(v.name for v in state.views.values() if v.name != state.raiser_name)])
    return _card(
        state,
        (f"A disagreement between {both} waits for an answer.",),
        (f"{state.reference}: the time for {state.stage.name} has ended. Nobody has said how it stands.",),
        (f"Please ask {asked} how it stands. If it is not resolved, it comes to you.",),
        summary="waits for an answer",
        buttons=(),
    )


def _undelivered(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.DeliveryFailed)
    if event.side:
        return _room_unreached(state, state.sides[event.side].agency_name)
    whom = event.name or "somebody who takes part"
    return _card(
        state,
        (f"A message to {whom} could not be delivered.",),
        ("Please tell them another way, by phone if you can, and record that you tried.",),
        summary="a message could not be delivered",
        buttons=(
            Button(label="Record an attempt", verb="contact", escalation=state.id),
            open_button(state),
        ),
    )


def _room_unreached(state: Escalation, agency: str) -> Card:
    return _card(
        state,
        (f"The channel of {agency} can't be reached, so its people get the card by direct message.",),
        ("If it should stand in the channel as well, have somebody there add Escalate.",),
        summary="the channel can't be reached",
        buttons=(open_button(state),),
    )


def _unreached(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    """To a line manager, who may take no part: whom, and the reference that they would have read."""
    event = entry.event
    assert isinstance(event, e.DeliveryFailed)
    return _card(
        state,
        (f"A message to {event.name} could not be delivered.",),
        (f"Please tell them another way to look at {state.reference} on Escalate.",),
        summary="somebody could not be reached",
        buttons=(),
    )


def _destruction_asked(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    """To people who may not take part, too: they read this one entry, no more."""
    event = entry.event
    assert isinstance(event, e.DestructionAsked)
    read = Button(
        label="Read and answer",
        verb="answer_destroying",
        escalation=state.id,
        object=subject,
        style="primary",
    )
    return _card(
        state,
        (f"{who(entry)} asks to have what was typed in entry {subject} destroyed, because {event.because}.",),
        ("That takes two people. Please read it, then agree, or keep it.",),
        summary="your agreement is asked for",
        buttons=(read, *_open_for(state, person)),
    )


def _open_for(state: Escalation, person: str) -> tuple[Button, ...]:
    return (open_button(state),) if may(state, person, Ability.SEE) else ()


def _entry_kept(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.DestructionDeclined)
    return _card(
        state,
        (f"{who(entry)} wants entry {event.entry} kept. It stays as it is.",),
        ("You can ask again, and say more about why it should go.",),
        summary="an entry stays as it is",
        buttons=_open_for(state, person),
    )


def _entry_destroyed(state: Escalation, entry: e.Recorded, person: str, subject: str) -> Card:
    event = entry.event
    assert isinstance(event, e.EntryDestroyed)
    return _card(
        state,
        (f"What was typed in entry {subject} was destroyed, because {event.because}.",),
        (f"{state.reference}: {event.asked_by_name} asked for it, and {who(entry)} agreed.",),
        ("If you copied those words anywhere, please take them out there too.",),
        summary="words were destroyed",
        buttons=_open_for(state, person),
    )


TOPICS: dict[str, Topic] = {
    "invitation": _invitation,
    "leads": _leads,
    "passed_on": _passed_on,
    "contact_unknown": _contact_unknown,
    "role_unfilled": _role_unfilled,
    "moved_on": _moved_on,
    "view_added": _view_added,
    "danger": _danger,
    "chair": _chair,
    "exhausted": _exhausted,
    "proposed": _proposed,
    "declined": _declined,
    "agreed": _agreed,
    "action_moved": _action_moved,
    "closed": _closed,
    "waits": _waits,
    "undelivered": _undelivered,
    "unreached": _unreached,
    "destruction_asked": _destruction_asked,
    "entry_kept": _entry_kept,
    "entry_destroyed": _entry_destroyed,
}
