"""Raising an escalation (P1 to P6, P10, N3)."""

from __future__ import annotations

from core import refusals
from core.commands import Raise
from core.decisions import stages
from core.decisions.deciding import Context, Deciding, filled
from core.directory import Agency, Person
from core.events import AdultViews, ContactUnknown, EscalationRaised, ParticipantJoined, Side
from core.pathway import Category, EnquiryKind
from core.refusals import FieldRefused

RAISING, CHALLENGED = "raising", "challenged"


def raise_escalation(deciding: Deciding, command: Raise) -> None:
    context = deciding.context
    _check_raiser(context, command)
    _check_scope(context, command)
    named, because = _named(context, command), "named"
    if not named:
        named, because = _asked_instead(context, command), "stands_in"
    deciding.record(_raised(context, command))
    _join_raiser(deciding)
    stages.open_stage(deciding, context.pathway.first_stage)
    for person in named:
        _join_asked(deciding, person, because)
    if not named:
        deciding.record(ContactUnknown(side=CHALLENGED))


def _join_raiser(deciding: Deciding) -> None:
    actor = deciding.context.actor
    assert actor is not None
    deciding.record(
        ParticipantJoined(
            person=actor.person,
            name=actor.name,
            side=RAISING,
            capacity=actor.role,
            confirmed=True,
            because="raised",
        )
    )


def _join_asked(deciding: Deciding, person: Person, because: str) -> None:
    agency = deciding.state.sides[CHALLENGED].agency
    deciding.record(
        ParticipantJoined(
            person=person.id,
            name=person.name,
            side=CHALLENGED,
            capacity=deciding.context.directory.role_words(person.id, agency),
            confirmed=False,
            because=because,
        )
    )


def _check_raiser(context: Context, command: Raise) -> None:
    """Anybody known, for an agency of theirs (P1)."""
    person = context.directory.person(context.actor.person) if context.actor else None
    if person is None or person.ended:
        raise refusals.UnknownAccount
    if command.agency not in person.agencies():
        raise FieldRefused("agency", sentence="Choose an agency of yours. The directory says which they are.")


def _check_scope(context: Context, command: Raise) -> None:
    """What belongs elsewhere opens nothing, unless a worker says why it is in scope (P6)."""
    if not command.excluded:
        return
    exclusion = context.pathway.exclusion(command.excluded)
    if exclusion is None:
        raise FieldRefused("elsewhere", sentence="Choose where it belongs, or that it is none of these.")
    if not exclusion.may_override:
        raise refusals.NotPartOfPathway("elsewhere", sentence=exclusion.signpost)
    filled(
        command.in_scope_because, "in_scope_because", "Say in a sentence why it belongs here all the same."
    )


def _named(context: Context, command: Raise) -> tuple[Person, ...]:
    people = []
    for named in dict.fromkeys(command.named):
        person = context.directory.person(named)
        if person is None or person.ended:
            raise FieldRefused("named", sentence="Choose people from the list, or add somebody below it.")
        if context.actor and person.id == context.actor.person:
            raise FieldRefused(
                "named", sentence="You are raising this yourself. Name somebody at the other agency."
            )
        if command.other_agency not in person.agencies():
            raise FieldRefused(
                "named", sentence=f"{person.name} is not at that agency. Choose somebody who is."
            )
        people.append(person)
    return tuple(people)


def _asked_instead(context: Context, command: Raise) -> tuple[Person, ...]:
    """Where nobody is named, the agency's safeguarding leads are asked who takes it on (P15)."""
    actor = context.actor.person if context.actor else ""
    leads = context.directory.with_role(command.other_agency, "safeguarding_lead")
    return tuple(person for person in leads if person.id != actor)


def _raised(context: Context, command: Raise) -> EscalationRaised:
    pathway, directory = context.pathway, context.directory
    own, other = directory.agency(command.agency), directory.agency(command.other_agency)
    if own is None or other is None or other.ended:
        raise FieldRefused("other_agency", sentence="Choose the agency whose decision you challenge.")
    if command.answer_by and command.answer_by < context.today:
        raise FieldRefused("answer_by", sentence="That day has passed. Choose today or a later day.")
    category, enquiry = _category(context, command), _enquiry(context, command)
    return EscalationRaised(
        reference=context.reference,
        pathway=pathway.content_hash,
        category=category.key,
        category_label=category.label,
        category_words=command.category_words.strip(),
        enquiry=enquiry.key,
        enquiry_label=enquiry.label,
        in_danger=command.in_danger,
        made_safe=command.made_safe.strip(),
        account=filled(command.account, "account", "Say what happened and why it worries you."),
        decision_asked=filled(command.decision_asked, "decision_asked", "Say which decision you ask for."),
        answer_by=command.answer_by,
        adult_views=_adult_views(context, command),
        own_reference=command.own_reference.strip(),
        in_scope_because=command.in_scope_because.strip(),
        sides=_sides(context, command, own, other),
    )


def _category(context: Context, command: Raise) -> Category:
    category = context.pathway.category(command.category)
    if category is None:
        raise FieldRefused("category", sentence="Choose what kind of disagreement it is.")
    if category.asks_words:
        filled(command.category_words, "category_words", "Say in a few words what you disagree about.")
    return category


def _enquiry(context: Context, command: Raise) -> EnquiryKind:
    enquiry = context.pathway.enquiry(command.enquiry)
    if enquiry is None:
        raise FieldRefused("enquiry", sentence="Choose whether there is an enquiry. 'Not sure' is an answer.")
    return enquiry


def _sides(context: Context, command: Raise, own: Agency, other: Agency) -> tuple[Side, Side]:
    """The raising side sees it where it was raised, the other in its agency's own room."""
    room = command.room or context.room_of(own.id)
    return (
        Side(id=RAISING, agency=own.id, agency_name=own.name, raising=True, room=room),
        Side(id=CHALLENGED, agency=other.id, agency_name=other.name, room=context.room_of(other.id)),
    )


def _adult_views(context: Context, command: Raise) -> AdultViews:
    """Where the adult's views are known they are given in words; where not, the reason is (P3)."""
    views = command.adult_views
    kind = context.pathway.adult_view(views.kind)
    if kind is None:
        raise FieldRefused("adult_views", sentence="Choose how their views are known, or why they are not.")
    if kind.asks_words:
        filled(views.words, "adult_words", "Say what the adult wants, in their words where you can.")
    if kind.asks_because:
        filled(views.words, "adult_words", "Say why in a sentence.")
    if kind.asks_who:
        filled(views.voiced_by, "voiced_by", "Say who spoke for the adult.")
    return views.model_copy(update={"label": kind.label})
