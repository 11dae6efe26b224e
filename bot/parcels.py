"""From a queued notice to what is sent: the places to try, the card, the message it is under."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.addressing import Addressing
from bot.cases import Cases
from core.cards.case import asked_to_agree, case_card
from core.cards.direct import direct_card
from core.cards.model import Card
from core.cards.reminder import Waiting, reminder_card
from core.cards.settled import SETTLED, settled_card
from core.cards.thread import thread_card
from core.directory import Directory
from core.escalation import Escalation, fold
from storage import outbox
from storage.database import Reader
from storage.outbox import QueuedNotice
from storage.shredding import RECORD_DESTROYED


@dataclass(frozen=True)
class Destination:
    """A place, with the case's live card there, if it has one."""

    place: str
    live: outbox.LiveCard | None = None


@dataclass(frozen=True)
class Parcel:
    """`card` None: nothing is owed any more (`dropped` says why). `destinations`: best first, or none."""

    notices: tuple[QueuedNotice, ...]
    card: Card | None
    destinations: tuple[Destination, ...] = ()
    dropped: str = ""

    @property
    def first(self) -> QueuedNotice:
        return self.notices[0]

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(notice.id for notice in self.notices)

    @property
    def stays_live(self) -> bool:
        """Whether this message will be drawn anew when the case changes."""
        return self.first.kind == "card" or self.first.topic in SETTLED

    @property
    def drawn(self) -> str:
        """A hash of what is shown, to leave out updates that change nothing."""
        return hashlib.sha256(self.card.model_dump_json().encode()).hexdigest() if self.card else ""


@dataclass(frozen=True)
class Packer:
    """Reads what is current and makes parcels of it."""

    cases: Cases
    addressing: Addressing

    def pack(self, reader: Reader, notices: Sequence[QueuedNotice]) -> Parcel:
        """`notices`: one, or several reminders for one person, which become one message."""
        first = notices[0]
        directory = self.cases.directory.current(reader)
        state = self.cases.load(reader, first.stream_id)
        if state.destroyed_at and first.kind != "reminder":
            return Parcel(tuple(notices), None, dropped=RECORD_DESTROYED)
        destinations = self._destinations(reader, directory, state, first)
        card = self._card(reader, notices, state)
        if first.kind == "card" and first.topic in SETTLED and not destinations:
            card = None  # it was never sent, so there is nothing to draw anew
        return Parcel(tuple(notices), card, destinations, "" if card else "overtaken")

    def _card(self, reader: Reader, notices: Sequence[QueuedNotice], state: Escalation) -> Card | None:
        first = notices[0]
        if first.kind == "card":
            return self._case(reader, state) if first.topic == "case" else self._settled(state, first)
        if first.kind == "reminder":
            waiting = [
                Waiting(self.cases.load(reader, each.stream_id), each.topic, each.object) for each in notices
            ]
            return reminder_card(waiting, first.person)
        entries = self.cases.entries(reader, first.stream_id)[: first.sequence]
        then = fold(entries, id=first.stream_id)
        if first.topic == "line":
            return thread_card(then, entries[-1])
        return direct_card(first.topic, then, entries[-1], first.person, first.object)

    def _case(self, reader: Reader, state: Escalation) -> Card:
        """The live card, with the accounts of those for whom its personal buttons are."""
        directory = self.cases.directory.current(reader)
        people = [directory.person(person) for person in sorted(asked_to_agree(state))]
        accounts = tuple(account for person in people if person for account in person.accounts)
        return case_card(state).model_copy(update={"personal_for": accounts})

    def _settled(self, state: Escalation, notice: QueuedNotice) -> Card | None:
        return settled_card(notice.topic, state, notice.person, notice.object)

    def _destinations(
        self, reader: Reader, directory: Directory, state: Escalation, notice: QueuedNotice
    ) -> tuple[Destination, ...]:
        places = self.addressing.places(directory, state, notice)
        if notice.kind != "card" and notice.topic != "line":
            return tuple(Destination(place) for place in places)
        about = subject_of(notice)
        found = tuple(Destination(place, outbox.card_of(reader, state.id, place, about)) for place in places)
        return tuple(each for each in found if each.live) if about else found


def subject_of(notice: QueuedNotice) -> str:
    """Which message of a case in one place: "" is the case's own card, under which its lines stand."""
    return f"{notice.topic}/{notice.object}" if notice.topic in SETTLED else ""
