"""Destroying what was typed in one entry: asked by one person who takes part, agreed by a second."""

from __future__ import annotations

from core import refusals
from core.access import Ability, is_second, visible
from core.cards.model import Moment
from core.cards.phrases import HELD_FOR
from core.cards.plain import day_in_england
from core.commands import AgreeToDestroy, AskToDestroy, KeepEntry
from core.decisions.deciding import Deciding, filled
from core.destroying import BECAUSE, gives_away, typed, without_words
from core.directory import Person
from core.escalation_parts import AskedToDestroy
from core.events import DestructionAsked, DestructionDeclined, EntryDestroyed, OutcomeProposed, Recorded
from core.refusals import FieldRefused


def ask(deciding: Deciding, command: AskToDestroy) -> None:
    """At any time, also after the case was closed: what should never have been typed doesn't get better."""
    deciding.require(Ability.ASK_TO_DESTROY)
    _refuse_held(deciding)
    entry = _typed_entry(deciding, command.entry)
    if command.because not in BECAUSE:
        raise FieldRefused("because", sentence="Choose why these words should go.")
    words = filled(command.words, "words", "Say in a sentence why these words should go.")
    if gives_away(words, typed(entry.event)):
        raise FieldRefused(
            "words",
            sentence="Say why without the names, numbers and words that stand in the entry: this stays.",
        )
    author = deciding.state.participants.get(entry.actor.person) if entry.actor else None
    asked = AskedToDestroy(
        person=deciding.person,
        name="",
        at=deciding.context.now,
        because=BECAUSE[command.because],
        audience=entry.audience,
        side=deciding.side,
        author_side=author.side if author else "",
        people=(),
    )
    deciding.record(
        DestructionAsked(
            entry=entry.sequence,
            because=asked.because,
            words=words,
            side=asked.side,
            author_side=asked.author_side,
            people=_asked_beside(deciding, asked),
        ),
        entry.audience,
    )


def _typed_entry(deciding: Deciding, number: int) -> Recorded:
    """The entry, where this person sees it and it holds words that can go now."""
    state = deciding.state
    seen = visible(state, deciding.person, deciding.context.entries())
    entry = next((one for one in seen if one.sequence == number), None)
    if number in state.destroyed_entries and entry:
        raise refusals.DestroyedBefore("entry", entry=str(number))
    if entry is None or not typed(entry.event):
        raise refusals.NothingTypedThere("entry", entry=str(number))
    if before := state.asked_to_destroy.get(number):
        name = deciding.named(before.person, before.name)
        raise refusals.AskedToDestroyBefore("entry", name=name[0].upper() + name[1:], at=Moment(at=before.at))
    latest = state.proposal.id if state.proposal else ""
    if isinstance(entry.event, OutcomeProposed) and entry.event.proposal == latest:
        raise refusals.ProposalStands("entry", entry=str(number))
    return entry


def _asked_beside(deciding: Deciding, asked: AskedToDestroy) -> tuple[str, ...]:
    """Nobody, where somebody of another side can answer; else managers and safeguarding leads of one's own.

    Raises NobodyToAgree.
    """
    state, directory = deciding.state, deciding.context.directory
    if any(is_second(state, p.person, asked) and directory.still_here(p.person) for p in state.taking_part()):
        return ()
    author = asked.author_side or asked.side
    people = _managers_and_leads(deciding) if author == asked.side else []
    if not people:
        raise refusals.NobodyToAgree("entry", agency=state.sides[author].agency_name)
    return tuple(dict.fromkeys(person.id for person in people))


def _managers_and_leads(deciding: Deciding) -> list[Person]:
    """Of the agency of whoever asks, or who stands in for them that day; nobody of another side."""
    state, context = deciding.state, deciding.context
    agency = state.sides[deciding.side].agency
    manager = context.directory.line_manager_of(deciding.person, agency)
    leads = context.directory.with_role(agency, "safeguarding_lead")
    acting = [
        context.directory.acting(person.id, context.today)
        for person in [*([manager] if manager else []), *leads]
    ]
    own = ("", deciding.side)
    return [one for one in acting if one.id != deciding.person and state.side_of(one.id) in own]


def agree(deciding: Deciding, command: AgreeToDestroy) -> None:
    """The body goes with the commit of this event; what remains of it is in the event."""
    asked = _waiting(deciding, command.entry)
    _refuse_held(deciding)
    entry = next(one for one in deciding.context.entries() if one.sequence == command.entry)
    deciding.record(
        EntryDestroyed(
            entry=entry.sequence,
            because=asked.because,
            asked_by=asked.person,
            asked_by_name=asked.name,
            author=entry.actor,
            remains=without_words(entry.event, entry.sequence),
        ),
        asked.audience,
    )


def keep(deciding: Deciding, command: KeepEntry) -> None:
    asked = _waiting(deciding, command.entry)
    deciding.record(DestructionDeclined(entry=command.entry, asked_by=asked.person), asked.audience)


def _refuse_held(deciding: Deciding) -> None:
    """A review, a coroner or a court may need all of it, and just as it is."""
    for hold in deciding.state.holds.values():
        raise refusals.HeldAsItIs(
            reference=deciding.state.reference, what=HELD_FOR[hold.kind], day=day_in_england(hold.since)
        )


def _waiting(deciding: Deciding, number: int) -> AskedToDestroy:
    """What this person may answer. Of two who press in one second, the second reads that it is done."""
    state = deciding.state
    if number in state.destroyed_entries and deciding.side:
        raise refusals.DestroyedBefore(entry=str(number))
    deciding.require(Ability.ANSWER_DESTROYING)
    asked = state.asked_to_destroy.get(number)
    if asked is None or not is_second(state, deciding.person, asked):
        raise refusals.NotAskedToDestroy
    return asked
