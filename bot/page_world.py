"""What the local page stands on: its messages in our database, the people, and a clock to be moved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

from adapters.web.world import PageMessage, PagePerson, PageRoom, account_of, room_of_agency
from bot.board import DirectoryBook
from bot.clock import CLOCK_OFFSET, Clock
from core.cards.model import Card
from core.pathway import Pathway
from core.people import ROLE_WORDS, Person
from storage import board, escalations, outbox, page_messages
from storage.database import Database, Reader

LONGEST_LEAP = timedelta(days=366)
"""A demonstration's clock doesn't go back: it isn't moved on by the years for which records are kept."""


class StoredPageMessages:
    """Implements `adapters.web.world.PageMessages`. What changed wakes whoever waits, in this process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._changes = 0
        self._changed = asyncio.Condition()

    async def post(self, place: str, card_json: str, thread: str = "") -> str:
        at, under = self._clock.now(), int(thread) if thread else None
        if under and not await self._database.read(lambda reader: page_messages.exists(reader, under)):
            raise LookupError(thread)
        made = await self._database.write(
            lambda transaction: page_messages.post(transaction, place, card_json, at, under)
        )
        await self._tell()
        return str(made)

    async def update(self, message: str, card_json: str) -> None:
        at = self._clock.now()
        found = await self._database.write(
            lambda transaction: page_messages.update_card(transaction, int(message), card_json, at)
        )
        if not found:
            raise LookupError(message)
        await self._tell()

    async def of(self, places: Collection[str]) -> Sequence[PageMessage]:
        found = await self._database.read(lambda reader: page_messages.of(reader, places))
        return [
            PageMessage(
                str(each.id),
                each.place,
                str(each.thread or ""),
                Card.model_validate_json(each.card_json),
                each.posted_at,
                each.updated_at,
            )
            for each in found
        ]

    def changes(self) -> int:
        return self._changes

    async def wait(self, since: int) -> int:
        async with self._changed:
            await self._changed.wait_for(lambda: self._changes != since)
        return self._changes

    async def _tell(self) -> None:
        async with self._changed:
            self._changes += 1
            self._changed.notify_all()


class DemonstrationWorld:
    """Implements `adapters.web.world.World`. `do_what_is_due` sweeps and sends until nothing is left."""

    def __init__(
        self,
        database: Database,
        directory: DirectoryBook,
        pathway: Pathway,
        clock: Clock,
        messages: StoredPageMessages,
        do_what_is_due: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._directory = directory
        self._pathway = pathway
        self._clock = clock
        self._messages = messages
        self._do_what_is_due = do_what_is_due

    async def people(self) -> Sequence[PagePerson]:
        """By agency, as the directory has them; somebody in two agencies stands in the first."""
        directory = await self._database.read(self._directory.current)
        found = []
        for agency in directory.open_agencies():
            for person in directory.people_of(agency.id):
                if person.agencies()[0] == agency.id:
                    found.append(self._on_page(person, agency.id, agency.name))
        return found

    def _on_page(self, person: Person, agency: str, agency_name: str) -> PagePerson:
        membership = person.membership(agency)
        roles = tuple(ROLE_WORDS[held.role] for held in membership.roles) if membership else ()
        known_as = person.file_id or person.id
        zone = person.time_zone or self._pathway.board.time_zone
        return PagePerson(known_as, person.name, roles, agency, agency_name, zone, account_of(known_as))

    async def room_of(self, person: PagePerson) -> PageRoom:
        return PageRoom(room_of_agency(person.agency_id), person.agency_name)

    def now(self) -> datetime:
        return self._clock.now()

    async def next_working_day(self) -> str:
        calendar = self._pathway.calendar
        tomorrow = self._clock.now().astimezone(calendar.time_zone).date() + timedelta(days=1)
        return await self._move_to(calendar.opening_of(tomorrow))

    async def next_thing_due(self) -> str:
        def moments(reader: Reader) -> list[datetime | None]:
            return [escalations.earliest_due(reader), outbox.next_try(reader)]

        far = self._clock.now() + LONGEST_LEAP
        found = [moment for moment in await self._database.read(moments) if moment and moment < far]
        if not found:
            return "Nothing is due. Raise an escalation first."
        return await self._move_to(min(found))

    async def _move_to(self, moment: datetime) -> str:
        self._clock.move_to(moment)
        seconds = str(self._clock.offset.total_seconds())
        await self._database.write(lambda transaction: board.set_setting(transaction, CLOCK_OFFSET, seconds))
        before = self._messages.changes()
        await self._do_what_is_due()
        return _what_happened(self._messages.changes() - before)


def _what_happened(changes: int) -> str:
    if not changes:
        return "Nothing was due by then."
    return "One message was sent or changed." if changes == 1 else f"{changes} messages were sent or changed."
