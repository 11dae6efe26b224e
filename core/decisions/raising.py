"""Raising an escalation (P1 to P6, P10, N3)."""

from __future__ import annotations

from core import refusals
from core.commands import Raise
from core.decisions import stages
from core.decisions.deciding import Context, Deciding, filled
from core.directory import Person
from core.events import ContactUnknown, EscalationRaised, ParticipantJoined, Side
from core.refusals import FieldRefused

RAISING, CHALLENGED = "raising", "challenged"


def raise_escalation(deciding: Deciding, command: Raise) -> None:
    context = deciding.context
    assert context.actor is not None
    _check_scope(context, command)
    named, because = _named(context, command), "named"
    if not named:
        named, because = _asked_instead(context, command), "stands_in"
    deciding.record(_raised(context, command))
    actor = context.actor
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
    stages.open_stage(deciding, context.pathway.first_stage)
    for person in named:
        deciding.record(
            ParticipantJoined(
                person=person.id,
                name=person.name,
                side=CHALLENGED,
                capacity=context.directory.role_words(person.id, command.other_agency),
                confirmed=False,
                because=because,
            )
        )
    if not named:
        deciding.record(ContactUnknown(side=CHALLENGED))


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
    if own is None or other is None:
        raise FieldRefused("other_agency", sentence="Choose the agency whose decision you challenge.")
    if command.answer_by and command.answer_by < context.today:
        raise FieldRefused("answer_by", sentence="That day has passed. Choose today or a later day.")
    category = pathway.category(command.category)
    if category is None:
        raise FieldRefused("category", sentence="Choose what kind of disagreement it is.")
    enquiry = pathway.enquiry(command.enquiry)
    if enquiry is None:
        raise FieldRefused("enquiry", sentence="Choose whether there is an enquiry. 'Not sure' is an answer.")
    if category.asks_words:
        filled(
            command.category_words, "category_words", "Say in a few words what kind of disagreement it is."
        )
    _check_adult_views(context, command)
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
        adult_views=command.adult_views,
        own_reference=command.own_reference.strip(),
        in_scope_because=command.in_scope_because.strip(),
        sides=(
            Side(
                id=RAISING,
                agency=own.id,
                agency_name=own.name,
                raising=True,
                room=command.room or context.room_of(own.id),
            ),
            Side(id=CHALLENGED, agency=other.id, agency_name=other.name, room=context.room_of(other.id)),
        ),
    )


def _check_adult_views(context: Context, command: Raise) -> None:
    """Where the adult's views are known they are given in words; where not, the reason is (P3)."""
    kind = context.pathway.adult_view(command.adult_views.kind)
    if kind is None:
        raise FieldRefused(
            "adult_views", sentence="Choose how the adult's views are known, or why they are not."
        )
    if kind.asks_words:
        filled(
            command.adult_views.words,
            "adult_words",
            "Say what the adult wants, in their words where you can.",
        )
    if kind.asks_because:
        filled(command.adult_views.words, "adult_words", "Say why in a sentence.")
