"""Proposing an outcome, reading it, agreeing or declining it, and checking back on actions (P30 to P34)."""

from __future__ import annotations

from datetime import date

from core.access import Ability, may
from core.cards.model import (
    Button,
    Buttons,
    Day,
    Field,
    Form,
    FormPart,
    Heading,
    Line,
    Moment,
    Option,
    Piece,
    Quote,
    Text,
    line,
    quiet,
    strong,
)
from core.cards.phrases import danger_banner, names
from core.commands import Command, DeclineOutcome, NewAction, PostponeAction, ProposeOutcome
from core.escalation import ActionState, Escalation, Proposal
from core.events import Action
from core.forms.form import OBJECT, Answers, Carry, Desk, FieldsRefused, FormKind, number, words
from core.permission import who_may_agree

MOST_ACTIONS = 10


def propose(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """Starts from the proposal that stands, so that a changed one need not be typed anew."""
    standing, guidance = desk.case.proposal, desk.pathway.guidance
    assert desk.case.raised is not None
    views = desk.case.raised.adult_views
    parts: list[FormPart] = [*danger_banner(desk.case), line(f"What the adult wants: {views.label}.")]
    if views.words:
        parts.append(Quote(words=views.words))
    parts += [
        words("words", "What do you propose?", guidance.outcome, value=standing.words if standing else ""),
        words(
            "reflects_views",
            "How does it reflect what the adult wants?",
            "If their views aren't known yet, say how they will be asked.",
            value=standing.reflects_views if standing else "",
        ),
        _more_actions("actions_0", "Is there an action to agree?", _standing_action(desk, 1)),
    ]
    if standing and standing.agreed:
        parts.append(quiet("A new proposal takes the place of this one. Whoever agreed it is asked again."))
    return Form(
        kind="propose", title="Propose an outcome", parts=tuple(parts), submit="Next", carry=dict(carry)
    )


def _more_actions(id: str, label: str, following: Action | None) -> Field:
    """`following`: the next action of the proposal that stands; without one nothing is chosen yet."""
    options = (Option(value="yes", label="Yes, add one"), Option(value="no", label="No, that is all"))
    return Field(id=id, label=label, entry="choice", options=options, value=("yes",) if following else ())


def _standing_action(desk: Desk, number: int) -> Action | None:
    actions = desk.case.proposal.actions if desk.case.proposal else ()
    return actions[number - 1] if number <= len(actions) else None


def read_propose(desk: Desk, carry: Carry, answers: Answers) -> Command | Form:
    if answers.yes("actions_0"):
        return action(desk, {**carry, "action": "1"}, answers)
    return check(desk, {**carry, "action": "0"}, answers)


def action(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """One action a screen: what, who, by when."""
    action_number = min(number(carry, "action"), MOST_ACTIONS)
    standing = _standing_action(desk, action_number)
    parts: list[FormPart] = [
        words(
            f"what_{action_number}",
            f"Action {action_number}: what will be done?",
            value=standing.what if standing else "",
        ),
        _owner(desk, action_number, standing),
        Field(
            id=f"due_{action_number}",
            label="By when?",
            entry="day",
            value=(standing.due.isoformat(),) if standing else (),
        ),
    ]
    if action_number < MOST_ACTIONS:
        following = _standing_action(desk, action_number + 1)
        parts.append(_more_actions(f"actions_{action_number}", "Is there another action?", following))
    return Form(
        kind="propose.action",
        title=f"Action {action_number}",
        parts=tuple(parts),
        submit="Next",
        carry=dict(carry),
    )


def _owner(desk: Desk, number: int, standing: Action | None) -> Field:
    people = [p for p in desk.case.taking_part() if p.confirmed]
    owners = tuple(
        Option(value=p.person, label=f"{p.name}, {desk.case.sides[p.side].agency_name}") for p in people
    )
    still = standing and any(p.person == standing.owner for p in people)
    return Field(
        id=f"owner_{number}",
        label="Who sees to it?",
        hint="Somebody who takes part. They are asked on the day whether it was done.",
        entry="choice",
        options=owners,
        value=(standing.owner,) if standing and still else (),
    )


def read_action(desk: Desk, carry: Carry, answers: Answers) -> Command | Form:
    last = min(number(carry, "action"), MOST_ACTIONS)
    due = answers.day(f"due_{last}")
    if due and due < _today(desk):
        raise FieldsRefused({f"due_{last}": "That day has passed. Choose today or a later day."})
    if answers.yes(f"actions_{last}") and last < MOST_ACTIONS:
        return action(desk, {**carry, "action": str(last + 1)}, answers)
    return check(desk, carry, answers)


def check(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """All of it once more, before both agencies are asked."""
    owners = {p.person: p.name for p in desk.case.taking_part()}
    parts: list[FormPart] = [strong("This is what you propose:"), Quote(words=answers.one("words"))]
    parts.append(Heading(text="How it reflects what the adult wants"))
    parts.append(Quote(words=answers.one("reflects_views")))
    for entered in range(1, _actions(carry) + 1):
        due, owner = answers.day(f"due_{entered}"), owners.get(answers.one(f"owner_{entered}"), "")
        facts: Text = (f"{owner}, by ", Day(on=due)) if due else (owner,)
        parts += [Quote(words=answers.one(f"what_{entered}")), Line(text=facts)]
    parts.append(line("Each side is asked to agree it."))
    return Form(
        kind="propose.check",
        title="Propose it?",
        parts=tuple(parts),
        submit="Propose it",
        carry=dict(carry),
    )


def read_check(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return _proposal(answers, _actions(carry))


def _actions(carry: Carry) -> int:
    """How many actions were entered; anything else than a number counts as none."""
    entered = carry.get("action", "")
    return min(int(entered), MOST_ACTIONS) if entered in map(str, range(MOST_ACTIONS + 1)) else 0


def _today(desk: Desk) -> date:
    return desk.now.astimezone(desk.pathway.calendar.time_zone).date()


def _proposal(answers: Answers, actions: int) -> ProposeOutcome:
    return ProposeOutcome(
        words=answers.one("words"),
        reflects_views=answers.one("reflects_views"),
        actions=tuple(_new_action(answers, number) for number in range(1, actions + 1)),
    )


def _new_action(answers: Answers, number: int) -> NewAction:
    due = answers.day(f"due_{number}")
    if due is None:
        raise FieldsRefused({f"due_{number}": "Choose the day by which it will be done."})
    return NewAction(answers.one(f"what_{number}"), answers.one(f"owner_{number}"), due)


def outcome_parts(state: Escalation, proposal: Proposal) -> list[FormPart]:
    """An outcome as everybody who takes part may read it (P31)."""
    title = "The agreed outcome" if state.outcome else "The proposed outcome"
    parts: list[FormPart] = [Heading(text=title), Quote(words=proposal.words)]
    parts += [Heading(text="How it reflects what the adult wants"), Quote(words=proposal.reflects_views)]
    if proposal.actions:
        parts.append(Heading(text="Actions"))
    for agreed in proposal.actions:
        parts += _action_parts(state.actions.get(agreed.id), agreed)
    parts.append(Heading(text="Who agreed"))
    return parts + [_standing(state, proposal, side) for side in state.sides] + _declined(proposal)


def _action_parts(now: ActionState | None, agreed: Action) -> list[FormPart]:
    """What was agreed, and beside it what came of it: a moved date never takes the agreed one's place."""
    facts: list[Piece] = [f"{agreed.owner_name}, by ", Day(on=agreed.due)]
    if now and now.due != agreed.due:
        facts += [" · not done then, now due ", Day(on=now.due)]
    if now and now.done_at:
        facts += [" · done, ", Moment(at=now.done_at)]
    return [Quote(words=agreed.what), Line(text=tuple(facts))]


def _standing(state: Escalation, proposal: Proposal, side: str) -> Line:
    agency, agreement = state.sides[side].agency_name, proposal.agreed.get(side)
    if agreement:
        return line(f"{agency}: {agreement.name}, ", Moment(at=agreement.at))
    return line(f"{agency}: not yet")


def _declined(proposal: Proposal) -> list[FormPart]:
    parts: list[FormPart] = []
    for refused in proposal.declined:
        parts += [line(f"{refused.name} declined, ", Moment(at=refused.at), ":"), Quote(words=refused.reason)]
    return parts


def decide(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """Read, then agree or decline. Whoever may not agree reads it without the buttons."""
    state = desk.case
    shown = state.proposal or state.outcome
    parts: list[FormPart] = [*danger_banner(state), *_replaced(state, carry.get(OBJECT, ""))]
    if shown is None:
        parts.append(strong("There is no proposed outcome at the moment."))
    else:
        parts.append(line(f"{state.reference} · proposed by {shown.name}, ", Moment(at=shown.at)))
        parts += outcome_parts(state, shown)
    parts += _decide_buttons(desk)
    return Form(kind="decide", title="The outcome", parts=tuple(parts), carry=dict(carry))


def _replaced(state: Escalation, asked_about: str) -> list[FormPart]:
    """From an old card: what stands now is another proposal than the one it was about."""
    if state.proposal is None or asked_about in ("", state.proposal.id):
        return []
    return [strong(f"This is a newer outcome than the one on your card, from {state.proposal.name}.")]


def _decide_buttons(desk: Desk) -> list[FormPart]:
    state, person = desk.case, desk.viewer.id
    proposal = state.proposal
    if proposal is None or proposal.declined or state.side_of(person) in proposal.agreed:
        return []
    if not state.side_of(person):
        return []
    if not may(state, person, Ability.AGREE):
        able = who_may_agree(state, state.side_of(person))
        return [quiet(f"For your side it waits for {able}, who may agree it at this stage.")]
    agree = Button(
        label="Agree this outcome",
        verb="agree",
        escalation=state.id,
        object=proposal.id,
        style="primary",
        confirm="Agree this outcome for your agency? Only a new proposal undoes it.",
    )
    decline = Button(label="Decline, because …", verb="decline", escalation=state.id, object=proposal.id)
    return [Buttons(buttons=(agree, decline))]


def decline(desk: Desk, carry: Carry, answers: Answers) -> Form:
    return Form(
        kind="decline",
        title="Decline",
        parts=(words("reason", "Why don't you agree?", desk.pathway.guidance.reason),),
        submit="Decline",
        carry=dict(carry),
    )


def read_decline(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return DeclineOutcome(carry.get(OBJECT, ""), answers.one("reason"))


def letter(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """The outcome in writing, for everybody who took part."""
    state = desk.case
    if state.outcome is None or state.agreed_at is None:
        return decide(desk, carry, answers)
    who = names([agreement.name for agreement in state.outcome.agreed.values()])
    parts: list[FormPart] = [
        *danger_banner(state),
        strong(f"{state.reference}: agreed by {who}, ", Moment(at=state.agreed_at)),
        *outcome_parts(state, state.outcome),
        Buttons(buttons=_letter_buttons(state, desk.viewer.id)),
    ]
    return Form(kind="letter", title="The outcome", parts=tuple(parts), carry=dict(carry))


def _letter_buttons(state: Escalation, person: str) -> tuple[Button, ...]:
    """For an action's owner: done, or not. For all: the case."""
    mine = [a for a in state.actions.values() if a.owner == person and not a.done_at]
    buttons = []
    for index, own in enumerate(mine, 1):
        which = f" ({index})" if len(mine) > 1 else ""
        buttons.append(
            Button(label=f"My action is done{which}", verb="action_done", escalation=state.id, object=own.id)
        )
        buttons.append(
            Button(
                label=f"Not done, because …{which}",
                verb="action_not_done",
                escalation=state.id,
                object=own.id,
            )
        )
    return (*buttons, Button(label="Open the case", verb="open", escalation=state.id))


def not_done(desk: Desk, carry: Carry, answers: Answers) -> Form:
    action = desk.case.actions.get(carry.get(OBJECT, ""))
    parts: list[FormPart] = []
    if action:
        parts = [Quote(words=action.what), line("It was due ", Day(on=action.due), ".")]
    parts += [
        words("reason", "Why isn't it done yet?"),
        Field(id="due", label="By when will it be done?", entry="day"),
    ]
    return Form(
        kind="action_not_done", title="Not done yet", parts=tuple(parts), submit="Save", carry=dict(carry)
    )


def read_not_done(desk: Desk, carry: Carry, answers: Answers) -> Command:
    due = answers.day("due")
    if due is None:
        raise FieldsRefused({"due": "Choose a new day."})
    return PostponeAction(carry.get(OBJECT, ""), answers.one("reason"), due)


FORMS = {
    "propose": FormKind(propose, read_propose, Ability.PROPOSE, keeps_draft=True, while_open=True),
    "propose.action": FormKind(action, read_action, Ability.PROPOSE, keeps_draft=True, while_open=True),
    "propose.check": FormKind(check, read_check, Ability.PROPOSE, keeps_draft=True, while_open=True),
    "decide": FormKind(decide, needs=Ability.SEE),
    "decline": FormKind(decline, read_decline, Ability.AGREE, while_open=True),
    "letter": FormKind(letter, needs=Ability.SEE),
    "action_not_done": FormKind(not_done, read_not_done, Ability.SEE),
}
