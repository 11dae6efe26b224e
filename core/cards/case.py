"""The live case card: what anybody in the room may see.

Whose move it is stands first; the case itself is behind Open.
"""

from __future__ import annotations

from core.access import approvers
from core.cards.model import Button, Buttons, Card, CardPart, Day, Line, Moment, Progress, line, quiet, strong
from core.cards.phrases import (
    agencies,
    chair_told,
    danger_banner,
    headline,
    name_button,
    names,
    not_resolved_button,
    open_button,
    role,
    stage_words,
)
from core.escalation import Escalation
from core.reminders import overdue_since, window_ends


def case_card(state: Escalation, person: str = "") -> Card:
    """For everybody in the room; or, for `person`, without the buttons that are for others."""
    parts: list[CardPart] = [*danger_banner(state), strong(*headline(state))]
    parts.append(line(f"{state.reference} · {stage_words(state)}"))
    parts.append(line(agencies(state)))
    parts.append(_progress(state))
    parts += _standing(state)
    buttons = tuple(
        button for button in _buttons(state) if not (person and _for_others(state, person, button))
    )
    parts.append(Buttons(buttons=buttons))
    return Card(summary=_summary(state), parts=tuple(parts), as_it_is_for_me=_as_it_is_for_me(state))


def _as_it_is_for_me(state: Escalation) -> Button:
    return Button(label="As it is for me", verb="card", escalation=state.id)


def _for_others(state: Escalation, person: str, button: Button) -> bool:
    return button.personal and person not in asked_to_agree(state)


def asked_to_agree(state: Escalation) -> frozenset[str]:
    """Who may agree the proposal that stands, of the sides that haven't yet."""
    if state.proposal is None or state.proposal.declined:
        return frozenset()
    waiting = [side for side in state.sides if side not in state.proposal.agreed]
    return frozenset(person for side in waiting for person, _ in approvers(state, side))


def _summary(state: Escalation) -> str:
    first = headline(state)[0]
    return f"{state.reference}: {first}"


def _progress(state: Escalation) -> Progress:
    words = ("raised ", Moment(at=state.raised_at, style="day"), f" by {state.raiser_name}")
    return Progress(at=state.stage.number, of=state.stage.of, words=words)


def _standing(state: Escalation) -> list[Line]:
    """What else is worth a line: the proposal, gaps, the policy's silence on time; or how it ended."""
    if state.outcome:
        return _ended(state)
    lines = [_contact_gap(state, side) for side in sorted(state.contact_unknown)]
    lines += _asked_for(state) + _silence(state)
    for gap in state.open_roles:
        lines.append(
            line(f"Nobody is named as {role(gap.role)} for {state.sides[gap.side].agency_name} yet.")
        )
    if state.proposal:
        lines += _proposal(state)
    elif state.stage.approvers == "leaders":
        lines.append(line(f"For {_leaders(state)} now."))
    if state.exhausted:
        lines.append(line(f"There is no further stage. {chair_told(state)}"))
        lines.append(line("It stays open until an outcome is agreed."))
    notes = dict.fromkeys(running.clock.source for running in state.clocks.values() if running.clock.source)
    return lines + [quiet(note) for note in notes] + _long_wait(state)


def _asked_for(state: Escalation) -> list[Line]:
    """The day the raiser asked for (N3), beside the pathway's own time, until an answer is there."""
    if state.raised is None or state.raised.answer_by is None or state.stage.number > 1:
        return []
    return [line("An answer was asked for by ", Day(on=state.raised.answer_by), ".")]


def _silence(state: Escalation) -> list[Line]:
    """After the lapse: who has not answered at all."""
    if not overdue_since(state) or state.stage.approvers == "leaders":
        return []
    silent = [s.agency_name for s in state.sides.values() if not s.raising and s.id not in state.views]
    return [line(f"{names(silent)} has not given a view yet.")] if silent else []


def _contact_gap(state: Escalation, side: str) -> Line:
    return line(f"Nobody at {state.sides[side].agency_name} is named yet.")


def _leaders(state: Escalation) -> str:
    """ "Dara Lewis (Adult Social Care) and Farah Siddiqui (Health Trust)"."""
    led = [
        f"{names([name for _, name in approvers(state, side.id)])} ({side.agency_name})"
        for side in state.sides.values()
        if approvers(state, side.id)
    ]
    return names(led) or "the people who are being named to lead"


def _proposal(state: Escalation) -> list[Line]:
    assert state.proposal is not None
    proposal = state.proposal
    standing = " · ".join(f"{s.agency_name}: {_answer(state, s.id)}" for s in state.sides.values())
    return [line(f"Proposed by {proposal.name}, ", Moment(at=proposal.at), ": open to read."), line(standing)]


def _answer(state: Escalation, side: str) -> str:
    assert state.proposal is not None
    if any(refused.side == side for refused in state.proposal.declined):
        return "declined"
    return "agreed" if side in state.proposal.agreed else "to agree"


def _long_wait(state: Escalation) -> list[Line]:
    """When a week is more than seven days away, people are told so."""
    ends = window_ends(state)
    starts = min((running.clock.starts for running in state.clocks.values()), default=None)
    if ends and starts and (ends - starts).days > 7 and not overdue_since(state):
        return [
            quiet("Bank holidays or weekends make this longer than seven days. Sooner if the adult needs it.")
        ]
    return []


def _ended(state: Escalation) -> list[Line]:
    assert state.outcome is not None
    assert state.agreed_at is not None
    who = names([agreement.name for agreement in state.outcome.agreed.values()])
    lines = [line("Agreed on ", Moment(at=state.agreed_at), f" by {who}.")]
    left = [action for action in state.actions.values() if not action.done_at]
    if left:
        first = min(action.due for action in left)
        count = "1 action is" if len(left) == 1 else f"{len(left)} actions are"
        by = "by" if len(left) == 1 else "the next by"
        lines.append(line(f"{count} still to be done, {by} ", Day(on=first), "."))
    elif state.closed_at:
        lines.append(line("Closed on ", Moment(at=state.closed_at), "."))
    return lines


def _buttons(state: Escalation) -> tuple[Button, ...]:
    if state.outcome:
        read = Button(label="Read the outcome", verb="letter", escalation=state.id)
        safe = Button(label="Is somebody in danger? Answer again", verb="danger", escalation=state.id)
        return (read, safe) if state.in_danger else (read,)
    more = Button(label="More …", verb="more", escalation=state.id)
    view = Button(label="Add our view", verb="view", escalation=state.id)
    propose = Button(label="Propose an outcome", verb="propose", escalation=state.id)
    volunteer = Button(label="I'm the right person", verb="accept", escalation=state.id)
    if state.proposal and not state.proposal.declined:
        agree = Button(
            label="Read and agree",
            verb="decide",
            escalation=state.id,
            object=state.proposal.id,
            style="primary",
            personal=True,
        )
        return (agree, open_button(state), view, more)
    if state.contact_unknown:
        return (volunteer, name_button(state), open_button(state), more)
    if overdue_since(state):
        return (open_button(state), propose, not_resolved_button(state), more)
    return (open_button(state), view, propose, more)
