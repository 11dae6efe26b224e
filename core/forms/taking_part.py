"""Forms for those who take part: a view, a note, an attempt to make contact, who else it is for, moving on
(P9 to P24).
"""

from __future__ import annotations

from datetime import date

from core.access import Ability
from core.cards.model import Buttons, Day, Field, Form, FormPart, Heading, Moment, Option, line, strong
from core.cards.phrases import danger_banner, open_button, role
from core.cards.plain import day_words
from core.commands import (
    AddNote,
    AddView,
    AnswerDanger,
    Command,
    FillRole,
    NameContact,
    NewPerson,
    PassOnInvolvement,
    RecordContactAttempt,
    RecordNotResolved,
)
from core.escalation import Escalation
from core.forms.form import (
    OBJECT,
    Answers,
    Carry,
    Desk,
    FieldsRefused,
    FormKind,
    short,
    words,
    yes_no,
)
from core.forms.naming import naming_parts, new_person
from core.refusals import NothingAsked


def _form(kind: str, title: str, parts: list[FormPart], submit: str, carry: Carry) -> Form:
    return Form(kind=kind, title=title, parts=tuple(parts), submit=submit, carry=dict(carry))


def view(desk: Desk, carry: Carry, answers: Answers) -> Form:
    agency = desk.case.sides[desk.case.side_of(desk.viewer.id)].agency_name
    parts: list[FormPart] = [
        *danger_banner(desk.case),
        words("words", f"The view of {agency}", desk.pathway.guidance.view),
    ]
    return _form("view", "Our view", parts, "Add our view", carry)


def read_view(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return AddView(answers.one("words"))


def note(desk: Desk, carry: Carry, answers: Answers) -> Form:
    who = Field(
        id="own_side",
        label="Who may read it?",
        entry="choice",
        options=(
            Option(value="no", label="Everybody who takes part"),
            Option(value="yes", label="Only our own side"),
        ),
        value=("no",),
    )
    return _form("note", "Add a note", [words("words", "Your note"), who], "Add the note", carry)


def read_note(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return AddNote(answers.one("words"), own_side_only=answers.yes("own_side"))


def contact(desk: Desk, carry: Carry, answers: Answers) -> Form:
    parts: list[FormPart] = [
        line("When no answer comes, your agency tries to find who can give one. Each try is kept here."),
        short("whom", "Whom did you try to reach?"),
        Field(id="day", label="On which day?", entry="day", value=(_today(desk).isoformat(),)),
        short("time", "At about what time?", "Like 10:30."),
        short("how", "How?", "By phone, by e-mail, in person."),
        words("result", "What came of it?", "'No answer' is an answer."),
    ]
    return _form("contact", "An attempt to reach", parts, "Record it", carry)


def read_contact(desk: Desk, carry: Carry, answers: Answers) -> Command:
    day = answers.day("day")
    if day is None or day > _today(desk):
        raise FieldsRefused({"day": "Choose the day on which you tried: today or an earlier day."})
    when = f"{day_words(Day(on=day))}, {answers.one('time')}"
    return RecordContactAttempt(answers.one("whom"), when, answers.one("how"), answers.one("result"))


def _today(desk: Desk) -> date:
    return desk.now.astimezone(desk.pathway.calendar.time_zone).date()


def danger(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """May be answered anew at any time (P10)."""
    now = "yes" if desk.case.in_danger else "no"
    parts: list[FormPart] = [
        Heading(text="If somebody is in danger now"),
        *(strong(sentence) for sentence in desk.pathway.danger.lines()),
        yes_no("in_danger", desk.pathway.danger.question, yes="Yes, or I am not sure", value=now),
        words(
            "words",
            "What has been done, or what makes the adult safe now?",
            "'Nothing yet' is an answer.",
            optional=True,
        ),
    ]
    return _form("danger", "Is somebody in danger?", parts, "Save", carry)


def read_danger(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return AnswerDanger(answers.yes("in_danger"), answers.one("words"))


def not_resolved(desk: Desk, carry: Carry, answers: Answers) -> Form:
    state = desk.case
    following = desk.pathway.next_stage(state.stage.key)
    submit = "Move it on"
    if following is None or state.exhausted:
        then = "There is no further stage. The Chair of the board is told, and the case stays open."
        submit = "Tell the Chair"
    else:
        then = f"This opens {following.name}. {following.who_leads}"
    if stale := _moved_on_since(state, carry.get(OBJECT, "")):
        return _form("not_resolved", "Not resolved", stale, "", carry)
    parts: list[FormPart] = [
        *danger_banner(state),
        strong(then),
        words("reason", "Why is it not resolved?", desk.pathway.guidance.reason),
    ]
    return _form("not_resolved", "Not resolved", parts, submit, carry)


def _moved_on_since(state: Escalation, opening: str) -> list[FormPart]:
    """From an old card: said before anything is typed in vain."""
    if opening == str(state.stage.opening) or state.moved_on is None:
        return []
    moved = f"This card is from an earlier stage. {state.moved_on.name} moved it on to {state.stage.name}, "
    return [strong(moved, Moment(at=state.moved_on.at), ". Open the case as it is now."), _open(state)]


def _open(state: Escalation) -> Buttons:
    return Buttons(buttons=(open_button(state, "Open the case"),))


def read_not_resolved(desk: Desk, carry: Carry, answers: Answers) -> Command:
    opening = carry.get(OBJECT, "")
    counts = opening.isdecimal() and len(opening) < 6
    return RecordNotResolved(answers.one("reason"), int(opening) if counts else 0)


def _person(desk: Desk, side: str, label: str, *, leave_out: frozenset[str]) -> list[FormPart]:
    return naming_parts(desk, desk.case.sides[side].agency, "person", label, leave_out=leave_out)


def _taking_part(desk: Desk) -> frozenset[str]:
    return frozenset(participant.person for participant in desk.case.taking_part())


def _other_side(desk: Desk, side: str) -> frozenset[str]:
    return frozenset(p.person for p in desk.case.taking_part() if p.side != side)


def pass_on(desk: Desk, carry: Carry, answers: Answers) -> Form:
    side = desk.case.side_of(desk.viewer.id)
    parts = _person(desk, side, "Who is the right person?", leave_out=_taking_part(desk))
    parts.append(line("If you don't know, leave it empty. The other agency is told that it isn't you."))
    return _form("pass_on", "Not me", parts, "Send", carry)


def read_pass_on(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return PassOnInvolvement(answers.one("person"), new_person(answers))


def name_contact(desk: Desk, carry: Carry, answers: Answers) -> Form:
    side = carry.get(OBJECT, "")
    if side not in desk.case.sides:
        raise NothingAsked
    parts = _person(desk, side, "Who should take part?", leave_out=_taking_part(desk))
    return _form("name_contact", "Name somebody", parts, "Ask them", carry)


def read_name_contact(desk: Desk, carry: Carry, answers: Answers) -> Command:
    return NameContact(carry.get(OBJECT, ""), *_one_of(answers))


def fill_role(desk: Desk, carry: Carry, answers: Answers) -> Form:
    side, _, key = carry.get(OBJECT, "").partition("/")
    if side not in desk.case.sides:
        raise NothingAsked
    agency = desk.case.sides[side].agency_name
    parts = _person(desk, side, f"Who is the {role(key)} for {agency}?", leave_out=_other_side(desk, side))
    return _form("fill_role", "Who leads?", parts, "Name them", carry)


def read_fill_role(desk: Desk, carry: Carry, answers: Answers) -> Command:
    side, _, key = carry.get(OBJECT, "").partition("/")
    return FillRole(side, key, *_one_of(answers))


def _one_of(answers: Answers) -> tuple[str, NewPerson | None]:
    person, somebody = answers.one("person"), new_person(answers)
    if not person and not somebody:
        raise FieldsRefused({"person": "Choose somebody, or write a name and a work e-mail."})
    return person, somebody


FORMS = {
    "view": FormKind(view, read_view, Ability.CONTRIBUTE, while_open=True),
    "note": FormKind(note, read_note, Ability.CONTRIBUTE),
    "contact": FormKind(contact, read_contact, Ability.CONTRIBUTE),
    "danger": FormKind(danger, read_danger, Ability.CONTRIBUTE),
    "not_resolved": FormKind(not_resolved, read_not_resolved, Ability.MOVE_ON, while_open=True),
    "pass_on": FormKind(pass_on, read_pass_on, Ability.ANSWER_INVITATION, while_open=True),
    "name_contact": FormKind(name_contact, read_name_contact, Ability.NAME_CONTACT, while_open=True),
    "fill_role": FormKind(fill_role, read_fill_role, Ability.NAME_CONTACT, while_open=True),
}
