"""Raising, step by step: danger first, then where it belongs, then the telling (P3 to P6, P10, N3)."""

from __future__ import annotations

from core.cards.model import Banner, Field, Form, FormPart, Heading, Option, line, quiet, strong
from core.commands import Command, Raise
from core.events import AdultViews
from core.forms.form import (
    ACCOUNT,
    OFFERED,
    ROOM,
    USE_OFFERED,
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
from core.pathway import TO_BE_SUPPLIED
from core.refusals import NothingAsked

TITLE = "Raise an escalation"
NONE_OF_THESE = "none"


def danger(desk: Desk, carry: Carry, answers: Answers) -> Form:
    question = yes_no("in_danger", desk.pathway.danger.question, yes="Yes, or I am not sure")
    intro = line("Anybody who works with the adult may raise a disagreement. No manager's leave is needed.")
    return Form(
        kind="raise.danger",
        title=TITLE,
        parts=(question, intro, *_offered(answers)),
        submit="Next",
        carry=dict(carry),
    )


def _offered(answers: Answers) -> list[FormPart]:
    """The text of a message, where it was raised from one: used only if whoever raises it says so."""
    if not answers.many(OFFERED):
        return []
    leave = Field(
        id=USE_OFFERED,
        label="Use the text of the message?",
        hint="It goes into the account of what happened, where you can change it. If not, it isn't kept.",
        entry="choices",
        options=(Option(value="yes", label="Yes, use this text"),),
        optional=True,
    )
    text = words(OFFERED, "The message that you chose", optional=True, value=answers.one(OFFERED))
    return [text, leave]


def read_danger(desk: Desk, carry: Carry, answers: Answers) -> Form:
    following = {**carry, "in_danger": answers.one("in_danger")}
    return advice(desk, following, answers) if answers.yes("in_danger") else scope(desk, following, answers)


def _banner(desk: Desk, carry: Carry) -> list[FormPart]:
    """After it was said in full, a reminder of it on each step (P10)."""
    return [Banner(text=desk.pathway.danger.banner)] if carry.get("in_danger") == "yes" else []


def _do_now(desk: Desk, carry: Carry) -> list[FormPart]:
    """What to do now, shown whatever follows (P10)."""
    if carry.get("in_danger") != "yes":
        return []
    return [Heading(text="Do this now"), *(strong(sentence) for sentence in desk.pathway.danger.lines())]


def advice(desk: Desk, carry: Carry, answers: Answers) -> Form:
    after = line(
        "When that is done, or if it is not needed, go on. What you raise here carries a warning "
        "from the start."
    )
    return Form(
        kind="raise.advice",
        title="Safety first",
        parts=(*_do_now(desk, carry), after),
        submit="I have phoned, go on",
        carry=dict(carry),
    )


def read_advice(desk: Desk, carry: Carry, answers: Answers) -> Form:
    return scope(desk, carry, answers)


def scope(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """The one question that decides whether this pathway is the right one (P6)."""
    options = (
        Option(value=NONE_OF_THESE, label="No, none of these"),
        *(Option(value=exclusion.key, label=exclusion.label) for exclusion in desk.pathway.exclusions),
    )
    elsewhere = Field(
        id="elsewhere",
        label="Is it about one of these? They belong elsewhere.",
        hint="If it is, we say where to go.",
        entry="choice",
        options=options,
    )
    return Form(
        kind="raise.scope",
        title="Is this the right place?",
        parts=(*_banner(desk, carry), elsewhere),
        submit="Next",
        carry=dict(carry),
    )


def read_scope(desk: Desk, carry: Carry, answers: Answers) -> Form:
    chosen = answers.one("elsewhere")
    following = {**carry, "elsewhere": chosen}
    return tell(desk, following, answers) if chosen == NONE_OF_THESE else elsewhere(desk, following, answers)


def elsewhere(desk: Desk, carry: Carry, answers: Answers) -> Form:
    """Where it belongs instead.

    Nothing of it is kept unless the worker says why it is in scope all the same (P6).
    """
    exclusion = desk.pathway.exclusion(carry.get("elsewhere", ""))
    if exclusion is None:
        raise NothingAsked
    parts: list[FormPart] = [
        *_do_now(desk, carry),
        Heading(text="This belongs elsewhere"),
        line(exclusion.signpost),
    ]
    parts.append(quiet("Nothing was raised, and nothing was kept."))
    if exclusion.may_override:
        because = words("in_scope_because", "If it belongs here all the same: why?", "A sentence is enough.")
        parts.append(because)
        submit = "It belongs here: go on"
    else:
        parts.append(line(exclusion.about_the_rest))
        submit = "Go on with the rest"
    return Form(kind="raise.elsewhere", title=TITLE, parts=tuple(parts), submit=submit, carry=dict(carry))


def read_elsewhere(desk: Desk, carry: Carry, answers: Answers) -> Form:
    return tell(desk, carry, answers)


def _category(desk: Desk) -> Field:
    options = tuple(
        Option(value=category.key, label=category.label, explanation=category.explanation)
        for category in desk.pathway.categories
    )
    label = "What do you and the other agency disagree about?"
    return Field(id="category", label=label, entry="choice", options=options)


def tell(desk: Desk, carry: Carry, answers: Answers) -> Form:
    guidance = desk.pathway.guidance
    parts: list[FormPart] = [*_banner(desk, carry)]
    if carry.get("in_danger") == "yes":
        question = desk.pathway.danger.made_safe_question
        parts.append(words("made_safe", question, optional=True))
    parts += _disagreement(desk, carry)
    parts.append(words(ACCOUNT, "What happened, and why does it worry you?", guidance.account))
    parts += _adult(desk)
    parts.append(_enquiry(desk))
    parts.append(short("own_reference", "Your own case reference", optional=True))
    parts += _privacy(desk)
    return Form(kind="raise.tell", title="Tell it", parts=tuple(parts), submit="Next", carry=dict(carry))


def _disagreement(desk: Desk, carry: Carry) -> list[FormPart]:
    parts: list[FormPart] = []
    parts += [_category(desk), short("category_words", "If another: what kind is it?", optional=True)]
    parts += [quiet(category.reference) for category in desk.pathway.categories if category.reference]
    own = desk.viewer.agencies()
    if len(own) > 1:
        parts.append(_agency("agency", "For which of your agencies do you raise this?", desk, own))
    parts.append(
        words("decision_asked", "What decision do you ask for?", desk.pathway.guidance.decision_asked)
    )
    agencies = tuple(agency.id for agency in desk.directory.open_agencies())
    parts.append(_agency("other_agency", "From which agency?", desk, agencies))
    parts.append(
        Field(
            id="answer_by",
            label="By when do you need it?",
            hint="The pathway's own time holds whatever you write here.",
            entry="day",
            optional=True,
        )
    )
    return parts


def _agency(id: str, label: str, desk: Desk, agencies: tuple[str, ...]) -> Field:
    options = []
    for key in agencies:
        agency = desk.directory.agency(key)
        if agency:
            options.append(Option(value=key, label=agency.name))
    return Field(id=id, label=label, entry="choice", options=tuple(options))


def _adult(desk: Desk) -> list[FormPart]:
    kinds = tuple(Option(value=kind.key, label=kind.label) for kind in desk.pathway.adult_views)
    return [
        Heading(text="What does the adult want?"),
        Field(id="adult_views", label="How do you know?", entry="choice", options=kinds),
        words(
            "adult_words",
            "Their views and wishes, or why they aren't known",
            desk.pathway.guidance.adult_views,
            optional=True,
        ),
        short("voiced_by", "If somebody spoke for them: who, and what are they to the adult?", optional=True),
        Field(
            id="alleged_harm",
            label="About the person who spoke for them",
            entry="choices",
            options=(Option(value="yes", label="That person is alleged to have caused harm"),),
            optional=True,
        ),
    ]


def _enquiry(desk: Desk) -> Field:
    options = tuple(Option(value=enquiry.key, label=enquiry.label) for enquiry in desk.pathway.enquiries)
    return Field(id="enquiry", label="Is there a safeguarding enquiry?", entry="choice", options=options)


def _privacy(desk: Desk) -> list[FormPart]:
    """Who holds it and how it is used, as far as the board has said."""
    board = desk.pathway.board
    by = f" by {board.host_agency}" if board.host_agency != TO_BE_SUPPLIED else ""
    notice = "" if board.privacy_notice == TO_BE_SUPPLIED else f" How it is used: {board.privacy_notice}"
    return [quiet(f"Held for {board.name}{by}.{notice}")]


def read_tell(desk: Desk, carry: Carry, answers: Answers) -> Form:
    _check_category_words(desk, answers)
    _check_adult_words(desk, answers)
    answer_by = answers.day("answer_by")
    if answer_by and answer_by < desk.now.astimezone(desk.pathway.calendar.time_zone).date():
        raise FieldsRefused({"answer_by": "That day has passed. Choose today or a later day."})
    return who(desk, {**carry, "other_agency": answers.one("other_agency")}, answers)


def _check_category_words(desk: Desk, answers: Answers) -> None:
    category = desk.pathway.category(answers.one("category"))
    if category and category.asks_words and not answers.one("category_words"):
        raise FieldsRefused({"category_words": "Say in a few words what kind of disagreement it is."})


def _check_adult_words(desk: Desk, answers: Answers) -> None:
    view = desk.pathway.adult_view(answers.one("adult_views"))
    if view and view.asks_words and not answers.one("adult_words"):
        raise FieldsRefused({"adult_words": "Say what the adult wants, in their own words where you can."})
    if view and view.asks_because and not answers.one("adult_words"):
        raise FieldsRefused({"adult_words": "Say why in a sentence."})
    if view and view.asks_who and not answers.one("voiced_by"):
        raise FieldsRefused({"voiced_by": "Say who spoke for the adult."})


def who(desk: Desk, carry: Carry, answers: Answers) -> Form:
    agency = desk.directory.agency(carry.get("other_agency", ""))
    if agency is None:
        raise NothingAsked
    parts: list[FormPart] = [*_banner(desk, carry)]
    parts += naming_parts(
        desk,
        agency.id,
        "named",
        f"Who at {agency.name} is it with?",
        leave_out=frozenset({desk.viewer.id}),
        entry="choices",
        hint=(
            "They hear the reference and that an answer is asked for; the rest only when they "
            "say it is for them."
        ),
    )
    parts.append(
        quiet("If you don't know, leave it empty: their safeguarding lead is asked who takes it on.")
    )
    return Form(
        kind="raise.who", title="Who is it with?", parts=tuple(parts), submit="Raise it", carry=dict(carry)
    )


def read_who(desk: Desk, carry: Carry, answers: Answers) -> Command:
    somebody = new_person(answers)
    agencies = desk.viewer.agencies()
    return Raise(
        agency=answers.one("agency") or (agencies[0] if agencies else ""),
        other_agency=carry.get("other_agency", ""),
        category=answers.one("category"),
        enquiry=answers.one("enquiry"),
        in_danger=carry.get("in_danger") == "yes",
        account=answers.one(ACCOUNT),
        decision_asked=answers.one("decision_asked"),
        adult_views=_adult_views(desk, answers),
        named=answers.many("named"),
        new_people=(somebody,) if somebody else (),
        category_words=answers.one("category_words"),
        made_safe=answers.one("made_safe"),
        answer_by=answers.day("answer_by"),
        own_reference=answers.one("own_reference"),
        excluded=_overridden(desk, carry),
        in_scope_because=answers.one("in_scope_because"),
        room=carry.get(ROOM, ""),
    )


def _overridden(desk: Desk, carry: Carry) -> str:
    """The signpost that was overridden; where only the rest is raised, nothing was."""
    exclusion = desk.pathway.exclusion(carry.get("elsewhere", ""))
    return exclusion.key if exclusion and exclusion.may_override else ""


def _adult_views(desk: Desk, answers: Answers) -> AdultViews:
    view = desk.pathway.adult_view(answers.one("adult_views"))
    return AdultViews(
        kind=answers.one("adult_views"),
        label=view.label if view else "",
        words=answers.one("adult_words"),
        voiced_by=answers.one("voiced_by"),
        representative_alleged_harm=answers.yes("alleged_harm"),
    )


FORMS = {
    "raise.danger": FormKind(danger, read_danger),
    "raise.advice": FormKind(advice, read_advice),
    "raise.scope": FormKind(scope, read_scope),
    "raise.elsewhere": FormKind(elsewhere, read_elsewhere, keeps_draft=True, keeps_nothing=True),
    "raise.tell": FormKind(tell, read_tell, keeps_draft=True),
    "raise.who": FormKind(who, read_who, keeps_draft=True),
}
