"""A small kit for tests about the policy: a directory, a pathway, and a story with a clock that moves.

In a story people are called by their id in the demonstration's directory: amira, chi and dara work for the
council, ben and farah for the trust, kai and lena for the police. Everything typed holds the word "zebra", so
that a message with somebody's words in it is found out wherever it is made: every story looks at every card.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core import events as e
from core.access import may
from core.cards.case import case_card
from core.cards.direct import direct_card
from core.cards.model import Button, Card, Form, Quote
from core.cards.reminder import Waiting, reminder_card
from core.cards.settled import SETTLED, settled_card
from core.cards.thread import thread_card
from core.commands import (
    AcceptInvolvement,
    AddView,
    AgreeOutcome,
    Command,
    NewAction,
    ProposeOutcome,
    Raise,
    RecordNotResolved,
    Tick,
)
from core.decisions import decide
from core.decisions.deciding import Context
from core.decisions.new_people import enter_new_people
from core.destroying import as_it_stands, destroyed_entries
from core.directory import Directory, Person, PersonEnded, PersonRecorded, read_directory
from core.escalation import Escalation, fold
from core.events import EVENT, Actor, AdultViews, Recorded
from core.forms import FORMS
from core.forms.form import CASE, OBJECT, Answers, Desk
from core.notices import Notice, Unsent
from core.pathway import Pathway, read_pathway
from core.refusals import Refusal
from core.reminders import next_due
from core.telling import notices_for
from core.verbs import VERBS, Opens

ROOT = Path(__file__).parents[2]
DEMONSTRATION = (ROOT / "bot" / "demonstration" / "directory.yaml").read_text(encoding="utf-8")
SHIPPED = (ROOT / "core" / "pathways" / "hammersmith-fulham.yaml").read_text(encoding="utf-8")
COUNCIL, TRUST, POLICE = "riverbank-asc", "northmoor-trust", "eastvale-police"
TYPED = "zebra"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""A Monday without a bank holiday near it: the first week ends on Monday 30 November, 17:00."""
WEEK_ENDS = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
REFERENCE = "HF-2026-0001"


def directory(text: str = DEMONSTRATION) -> Directory:
    """A directory in which everybody's id is the file's."""
    file = read_directory(text, "directory.yaml")
    ids = iter([person.file_id for person in file.people])
    return Directory().evolve_all(Directory().changes(file, lambda: next(ids)))


def pathway(text: str = SHIPPED) -> Pathway:
    return read_pathway(text, "pathway.yaml")


def quick_pathway(window: str = "20 seconds") -> Pathway:
    """The shipped one with windows of seconds."""
    text = SHIPPED
    for words, quick in (
        ("window: 1 working week", f"window: {window}"),
        ("repeat: 5 working days", "repeat: 20 seconds"),
        ("after: 1 working day", "after: 5 seconds"),
        ("repeat: 2 working days", "repeat: 10 seconds"),
    ):
        text = text.replace(words, quick)
    return pathway(text)


DIRECTORY, PATHWAY = directory(), pathway()


def without(known: Directory, person: str) -> Directory:
    """The directory after somebody has left."""
    return known.evolve(PersonEnded(person=person))


def without_role(known: Directory, agency: str, role: str) -> Directory:
    """A directory that names nobody for a role in an agency."""
    for person in known.with_role(agency, role):
        membership = person.membership(agency)
        assert membership is not None
        kept = tuple(held for held in membership.roles if held.role != role)
        changed = membership.model_copy(update={"roles": kept})
        others = tuple(m for m in person.memberships if m.agency != agency)
        known = known.evolve(
            PersonRecorded(person=person.model_copy(update={"memberships": (changed, *others)}))
        )
    return known


def in_two_tenants(known: Directory = DIRECTORY) -> Directory:
    """The council has a tenant of Teams to itself, and the trust another."""
    for agency, tenant in ((COUNCIL, "teams:here"), (TRUST, "teams:there")):
        for person in known.people_of(agency):
            met = person.model_copy(update={"accounts": (f"{tenant}/{person.id}",)})
            known = known.evolve(PersonRecorded(person=met))
    return known


def without_managers(known: Directory, agency: str) -> Directory:
    """A directory in which nobody of an agency has a line manager, or is one."""
    for person in known.people_of(agency):
        memberships = tuple(m.model_copy(update={"line_manager": ""}) for m in person.memberships)
        known = known.evolve(PersonRecorded(person=person.model_copy(update={"memberships": memberships})))
    return without_role(known, agency, "line_manager")


def raising(**changes: Any) -> Raise:
    """What Amira raises with Ben, with changes."""
    views = AdultViews(kind="own-words", label="", words="zebra wants to stay at home")
    usual = Raise(
        agency=COUNCIL,
        other_agency=TRUST,
        category="engagement",
        enquiry="section-42",
        in_danger=False,
        account="zebra account",
        decision_asked="zebra decision",
        adult_views=views,
        named=("ben",),
        own_reference="zebra 77",
    )
    return replace(usual, **changes)


def proposal(*actions: NewAction) -> ProposeOutcome:
    return ProposeOutcome("zebra outcome", "zebra reflected", actions)


def action(owner: str = "ben", due: date = date(2026, 12, 10)) -> NewAction:
    return NewAction("zebra to be done", owner, due)


class Story:
    """One case from its raising on. Times are UTC."""

    def __init__(
        self,
        *,
        at: datetime = MONDAY,
        directory: Directory = DIRECTORY,
        pathway: Pathway = PATHWAY,
        room_of: Callable[[str], str] = lambda agency: f"web:page/room-{agency}",
    ) -> None:
        self.now = at
        self.directory = directory
        self.pathway = pathway
        self.room_of = room_of
        self.state = Escalation(id="case")
        self.entries: list[Recorded] = []
        self.notices: list[Notice] = []
        self.unsent: tuple[Unsent, ...] = ()
        self._count = count(1)

    # --- what people do ---

    def raises(self, who: str = "amira", **changes: Any) -> Story:
        self.does(who, raising(**changes))
        return self

    def does(self, who: str, command: Command) -> tuple[e.Event, ...]:
        """What it led to. Raises Refusal."""
        command, added = enter_new_people(command, self.state, who, self.directory, self._new_id)
        self.directory = self.directory.evolve_all(added)
        return self._decided(command, self.actor(who, command))

    def refused(self, who: str, command: Command) -> Refusal:
        """The refusal it meets; nothing has changed by it."""
        before = self.state
        with pytest.raises(Refusal) as raised:
            self.does(who, command)
        assert self.state == before
        assert TYPED not in raised.value.words
        return raised.value

    def not_resolved(self, who: str = "amira") -> tuple[e.Event, ...]:
        return self.does(who, RecordNotResolved("zebra reason", self.state.stage.opening))

    def reaches(self, stage: int) -> Story:
        """Nothing is resolved until this stage has opened."""
        while self.state.stage.number < stage:
            self.not_resolved()
        return self

    def proposes(self, who: str, *actions: NewAction) -> str:
        """The proposal's id."""
        self.does(who, proposal(*actions))
        made = [x.event for x in self.entries if isinstance(x.event, e.OutcomeProposed)]
        return made[-1].proposal

    def accepts(self, *people: str) -> Story:
        """ "I'm the right person"."""
        for who in people:
            self.does(who, AcceptInvolvement())
        return self

    def agrees(self, who: str) -> tuple[e.Event, ...]:
        assert self.state.proposal is not None
        return self.does(who, AgreeOutcome(self.state.proposal.id))

    def adds_view(self, who: str) -> tuple[e.Event, ...]:
        return self.does(who, AddView("zebra view"))

    # --- time ---

    def passes(self, **duration: float) -> Story:
        """`passes(minutes=5)`: nothing is swept meanwhile."""
        self.now += timedelta(**duration)
        return self

    def ticks(self) -> tuple[e.Event, ...]:
        return self._decided(Tick(), None)

    def does_nobody(self, command: Command) -> tuple[e.Event, ...]:
        """What the bot itself records."""
        return self._decided(command, None)

    def next_moment(self) -> tuple[e.Event, ...]:
        """Time goes on to the next due moment, and is swept."""
        due = next_due(self.state)
        assert due is not None
        self.now = max(self.now, due)
        return self.ticks()

    def until(self, moment: datetime) -> Story:
        """Time goes on to `moment`, swept at every due moment on the way."""
        for _ in range(200):
            due = next_due(self.state)
            if due is None or due > moment:
                break
            self.next_moment()
        else:
            raise AssertionError("Time stands still: a Tick didn't move the next due moment on.")
        self.now = max(self.now, moment)
        return self

    def week_passes(self) -> Story:
        """Until the window that runs now has ended and been swept."""
        return self.until(max(clock.clock.ends for clock in self.state.clocks.values()))

    # --- who is told what ---

    def heard(self, who: str, since: int = 0) -> list[str]:
        """The topics of a person's direct messages after entry `since`, in order."""
        return [n.topic for n in self.notices if n.person == who and n.kind != "card" and n.sequence > since]

    def those_who_heard(self, topic: str) -> set[str]:
        return {notice.person for notice in self.notices if notice.topic == topic and notice.person}

    def recorded(self, kind: type[e.Fact]) -> list[Any]:
        """The events of one kind, in order."""
        return [entry.event for entry in self.entries if isinstance(entry.event, kind)]

    # --- what people see ---

    def card(self) -> Card:
        return checked_card(case_card(self.state))

    def card_of(self, notice: Notice) -> Card | None:
        """As the courier would draw it now."""
        if notice.kind == "card" and notice.topic in SETTLED:
            return settled_card(notice.topic, self.state, notice.person, notice.object)
        if notice.kind == "card":
            return case_card(self.state)
        if notice.kind == "reminder":
            return reminder_card([Waiting(self.state, notice.topic, notice.object)], notice.person)
        then, entry = fold(self.entries[: notice.sequence], id="case"), self.entries[notice.sequence - 1]
        if notice.topic == "line":
            return thread_card(then, entry)
        return direct_card(notice.topic, then, entry, notice.person, notice.object)

    def reminder(self, who: str) -> Card:
        """The latest reminder to a person, as it would be sent now."""
        latest = [n for n in self.notices if n.kind == "reminder" and n.person == who][-1]
        card = self.card_of(latest)
        assert card is not None
        return card

    def message(self, who: str, topic: str) -> Card:
        """The latest direct message to a person on a topic."""
        card = self.card_of([n for n in self.notices if n.person == who and n.topic == topic][-1])
        assert card is not None
        return card

    def desk(self, who: str) -> Desk:
        return Desk(
            self.person(who),
            self.state,
            lambda: tuple(self.entries),
            self.pathway,
            self.directory,
            self.now,
            lambda: self.unsent,
        )

    def form(self, who: str, kind: str, subject: str = "") -> Form:
        """A form as somebody sees it; raises AssertionError for somebody who may not."""
        needs = FORMS[kind].needs
        assert needs is None or may(self.state, who, needs), f"{who} may not open {kind}"
        carry = {CASE: self.state.id, OBJECT: subject, "action": "1"}
        return checked_form(FORMS[kind].draw(self.desk(who), carry, Answers({})))

    # --- inside ---

    def person(self, who: str) -> Person:
        known = self.directory.person(who)
        return known or Person(id=who, name=f"Stranger {who}")

    def actor(self, who: str, command: Command) -> Actor:
        person = self.person(who)
        side = self.state.sides.get(self.state.side_of(who))
        agencies = person.agencies()
        at = side.agency if side else agencies[0] if agencies else ""
        if isinstance(command, Raise):
            at = command.agency
        agency = self.directory.agency(at)
        role = self.directory.role_words(who, at)
        name = agency.name if agency else ""
        return Actor(person=who, name=person.name, role=role, agency=at, agency_name=name)

    def _decided(self, command: Command, actor: Actor | None) -> tuple[e.Event, ...]:
        record = tuple(self.entries)
        context = Context(
            self.now,
            actor,
            self.pathway,
            self.directory,
            self._new_id,
            self.room_of,
            REFERENCE,
            lambda: record,
        )
        before, entries = self.state, decide(self.state, command, context)
        self.entries += [stored(entry) for entry in entries]
        self.state = fold(entries, before)
        if destroyed_entries(entry.event for entry in entries):
            self.entries = list(as_it_stands(self.entries))
            self.state = fold(self.entries, id="case")
        notices = notices_for(before, entries, context)
        self.notices += notices
        for notice in notices:
            card = self.card_of(notice)
            if card:
                checked_card(card)
        return tuple(entry.event for entry in entries)

    def _new_id(self) -> str:
        return f"id{next(self._count)}"


def stored(entry: Recorded) -> Recorded:
    """An entry as it comes back from the disk."""
    return replace(entry, event=EVENT.validate_json(EVENT.dump_json(entry.event)))


def checked_card(card: Card) -> Card:
    """No message holds anybody's words, and each of its buttons leads somewhere."""
    assert TYPED not in card.model_dump_json().lower()
    check_buttons(card.buttons())
    return card


MOST_PARTS, MOST_LETTERS, MOST_TITLE, MOST_LABEL, MOST_OPTIONS = 100, 3000, 24, 2000, 100


def checked_form(form: Form) -> Form:
    """Within what the narrowest platform shows, and each of its buttons leads somewhere."""
    assert parts_of(form) <= MOST_PARTS
    assert len(form.title) <= MOST_TITLE, form.title
    assert len({field.id for field in form.fields()}) == len(form.fields())
    for field in form.fields():
        assert len(field.label) <= MOST_LABEL
        assert len(field.options) <= MOST_OPTIONS
    check_buttons(form.buttons())
    return form


def parts_of(form: Form) -> int:
    """How many parts a platform draws that splits words after 3,000 letters."""
    return sum(
        -(-max(len(part.words), 1) // MOST_LETTERS) if isinstance(part, Quote) else 1 for part in form.parts
    )


def check_buttons(buttons: tuple[Button, ...]) -> None:
    for button in buttons:
        verb = VERBS[button.verb]
        assert not isinstance(verb, Opens) or verb.form in FORMS
        assert len(button.label) <= 75, button.label


def words_of(card: Card | Form) -> str:
    """All that can be read on it, to look for words in."""
    return card.model_dump_json()
