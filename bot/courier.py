"""Takes notices from the outbox, sends them, and marks them sent.

What can't be sent yet is tried again; what never can be is said on the case.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.addressing import Addressing
from bot.cases import Cases, Decided
from bot.clock import Clock
from bot.lanes import Lanes
from bot.leases import Leases
from bot.parcels import Destination, Packer, Parcel, subject_of
from bot.together import Together
from core.commands import RecordDeliveryFailure
from core.delivery import MessageGone, Rejected, Sender, TryLater, Unreachable
from core.events import DeliveryFailed
from storage import leases, outbox
from storage.database import Database, Reader, Transaction
from storage.failures import DatabaseFailed
from storage.outbox import QueuedNotice

log = structlog.get_logger("escalate")
BATCH = 50
MOST_UNDER_WAY = 500
LONGEST_WAIT = 30.0
LOOKING = 1.0
"""Seconds between two looks where other servers may have queued something: nobody wakes this one."""
GATHERING = 0.05
"""Seconds between two looks into the outbox: what many people do in one moment is taken together."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=15)
FAR = 4 * LONGEST_PAUSE
"""No card or decision is put off for so long: where one waits for a later moment, the clock was put back."""
GIVE_UP_AFTER, GIVE_UP_TRIES = timedelta(days=3), 20
T = TypeVar("T")
Notices = tuple[QueuedNotice, ...]
Packing = asyncio.Future[list[Parcel]]

OUTCOMES = ("delivered", "later", "unreachable", "rejected", "gone", "defect")
_OUTCOME = {TryLater: "later", Unreachable: "unreachable", Rejected: "rejected", MessageGone: "gone"}
WHAT = {"card": "The case card", "decision": "News of a decision", "reminder": "A reminder"}


class _AnothersNow(Exception):
    """Another server sends it."""


class Courier:
    """One a server. `told` is called with what a given-up message led to; `alone`: no other server runs on
    this database.
    """

    def __init__(
        self,
        database: Database,
        cases: Cases,
        packer: Packer,
        clock: Clock,
        addressing: Addressing,
        told: Callable[[Decided], None],
        *,
        alone: bool = True,
    ) -> None:
        self._database = database
        self._cases = cases
        self._packer = packer
        self._clock = clock
        self._addressing = addressing
        self._told = told
        self._lanes = Lanes()
        self._leases = Leases(alone)
        self._marks = Together(self._write_down)
        self._unsure = False  # a COMMIT that took notices may have been lost
        self._caught_up = 0.0  # when, by the event loop's own time
        self._awake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Notices] = {}
        self._running: asyncio.Task[None] | None = None
        self.looked_at: datetime | None = None
        self.deliveries: Counter[tuple[str, str]] = Counter()
        """By platform and one of OUTCOMES."""
        self.given_up = 0

    # --- running ---

    async def start(self) -> None:
        await self._leases.start(self._database)
        self._running = asyncio.create_task(self._run(), name="courier")

    async def stop(self) -> None:
        """What is being sent is finished, and marked, first."""
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=10)
        with suppress(DatabaseFailed):  # they run out by themselves
            await self._leases.stop(self._database)

    @property
    def alive(self) -> bool:
        return self._running is not None and not self._running.done()

    @property
    def lanes(self) -> list[str]:
        """Those this server may send through now."""
        return self._leases.lanes

    def wake(self) -> None:
        self._awake.set()

    async def settle(self, seconds: float = 10.0) -> None:
        """Waits until nothing is ready to be sent or under way; `seconds` at most."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and (self._under_way or await self._something_to_send()):
            self.wake()
            await asyncio.sleep(0.02)

    async def _something_to_send(self) -> bool:
        def look(reader: Reader) -> tuple[int, datetime | None]:
            return outbox.counts(reader)[outbox.SENDING], outbox.next_try(reader)

        sending, moment = await self._database.read(look)
        return sending > 0 or (moment is not None and moment <= self._clock.now())

    async def _run(self) -> None:
        while True:
            try:
                self._awake.clear()
                await self._catch_up()
                moment = await self._look()
                self.looked_at = datetime.now(UTC)
                if moment is None or moment > self._clock.now() or not await self._take():
                    await self._rest(moment)
                await asyncio.sleep(GATHERING)
            except Exception:
                log.exception("courier_failed")
                await asyncio.sleep(FIRST_PAUSE.total_seconds())

    async def _catch_up(self) -> None:
        """What was queued while the clock was ahead would wait until then, and all behind it in its room."""
        if asyncio.get_running_loop().time() < self._caught_up + LONGEST_WAIT:
            return
        now = self._clock.now()
        if await self._database.read(lambda reader: outbox.waits_beyond(reader, now + FAR)):
            log.warning("clock_was_put_back")
            await self._database.write(lambda t: outbox.bring_forward(t, now + FAR, now))
        self._caught_up = asyncio.get_running_loop().time()

    async def _look(self) -> datetime | None:
        """Looks after this server's lanes; when there is something to be taken from them."""

        def look(reader: Reader) -> tuple[list[str], datetime | None]:
            return self._leases.free(reader), outbox.next_try(reader, held)

        held = self._leases.lanes
        free, moment = await self._database.read(look)
        if self._unsure:
            await self._give_back()
        await self._leases.look_after(self._database, free)
        held_now = self._leases.lanes
        if held_now != held:
            moment = await self._database.read(lambda reader: outbox.next_try(reader, held_now))
        return moment

    async def _give_back(self) -> None:
        known = [notice.id for notices in self._under_way.values() for notice in notices]
        await self._database.write(lambda t: leases.give_back(t, self._leases.holder, known))
        self._unsure = False

    async def _rest(self, moment: datetime | None) -> None:
        """Until somebody wakes it, or the next try has come at `moment`."""
        longest = LONGEST_WAIT if self._leases.alone else LOOKING
        wait = min(longest, self._clock.seconds_until(moment)) if moment else longest
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), max(wait, 0.01))

    async def _take(self) -> bool:
        now, lanes, holder = self._clock.now(), self._leases.lanes, self._leases.holder
        if len(self._under_way) >= MOST_UNDER_WAY:
            return False

        runs: list[None] = []

        def work(transaction: Transaction) -> list[Notices]:
            runs.append(None)
            taken = outbox.take(transaction, now, BATCH, lanes, holder)
            groups: dict[object, list[QueuedNotice]] = {}
            for notice in taken:
                key = notice.person if notice.kind == "reminder" else notice.id
                groups.setdefault(key, []).append(notice)
            return [self._whole(transaction, group, now) for group in groups.values()]

        try:
            groups = await self._database.write(work)
        except DatabaseFailed:
            self._unsure = True
            raise
        self._unsure |= len(runs) > 1  # what an earlier run took may have been committed after all
        packing = asyncio.ensure_future(
            self._database.read(lambda reader: [self._packer.pack(reader, each) for each in groups])
        )
        for number, notices in enumerate(groups):
            task = asyncio.create_task(self._deliver(notices, packing, number))
            self._under_way[task] = notices
            task.add_done_callback(self._delivered)
        return bool(groups)

    def _whole(self, transaction: Transaction, group: list[QueuedNotice], now: datetime) -> Notices:
        """A reminder takes the same person's other reminders with it: several things due are one message."""
        if group[0].kind != "reminder":
            return tuple(group)
        return (*group, *outbox.reminders_for(transaction, group[0].person, now, self._leases.holder))

    def _delivered(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        if not task.cancelled() and task.exception():
            log.error("delivery_failed", exc_info=task.exception())
        self.wake()

    # --- one delivery ---

    async def _deliver(self, notices: Notices, packing: Packing, number: int) -> None:
        try:
            parcel = await self._packed(notices, packing, number)
        except Exception:
            log.exception("parcel_failed", topic=notices[0].topic)
            await self._later(notices, "could not be drawn", None)
            return
        if parcel.card is None:
            await self._write_down(
                lambda t: outbox.dropped(t, parcel.ids, parcel.dropped, self._leases.holder)
            )
            return
        try:
            await self._try(parcel)
        except Exception as error:  # a defect of ours: it must not hold back this room for ever
            log.exception("delivery_failed", topic=parcel.first.topic)
            await self._later(notices, type(error).__name__, None)

    async def _packed(self, notices: Notices, packing: Packing, number: int) -> Parcel:
        """All that were taken together are read together; where that fails, each alone."""
        try:
            return (await asyncio.shield(packing))[number]
        except Exception:
            return await self._database.read(lambda reader: self._packer.pack(reader, notices))

    async def _write_down(self, work: Callable[[Transaction], T]) -> T:
        """What became of a message, however long the database can't: forgotten, it would be sent again, or
        hold back what waits behind it.
        """
        pause = GATHERING
        while True:
            try:
                return await self._database.write(work)
            except DatabaseFailed:
                log.exception("outbox_not_written")
                await asyncio.sleep(pause)
                pause = min(LONGEST_WAIT, pause * 2)

    async def _try(self, parcel: Parcel) -> None:
        """The first place that takes it. One that asks for patience is waited for; given up if all refuse."""
        why = "no account on a connected platform"
        for destination in parcel.destinations:
            try:
                message = await self._counted(parcel, destination)
            except TryLater as later:
                self._hold(destination, later)
                await self._later(parcel.notices, later.why, later.after)
                return
            except _AnothersNow:
                return
            except (Unreachable, Rejected) as refused:
                why = refused.why
                log.warning("not_delivered", topic=parcel.first.topic, why=why, kind=type(refused).__name__)
                continue
            await self._mark(parcel, destination, message)
            return
        await self._give_up(parcel.notices, why)

    async def _still_ours(self, parcel: Parcel) -> None:
        """Whoever holds the lane sends; asked when the turn has come, for waiting takes time, and this server
        may have been stopped meanwhile. What turned out to belong to another is queued for that one.

        Raises _AnothersNow.
        """
        lane = self._addressing.lane_of(parcel.destinations[0].place)
        if self._leases.holds(lane):
            self._leases.used([lane])
            return
        holder = self._leases.holder
        await self._write_down(lambda t: outbox.move(t, parcel.ids, lane, holder))
        raise _AnothersNow

    async def _counted(self, parcel: Parcel, destination: Destination) -> str:
        platform = destination.place.partition(":")[0]
        try:
            message = await self._send(parcel, destination)
        except Exception as error:
            self.deliveries[platform, _OUTCOME.get(type(error), "defect")] += 1
            raise
        self.deliveries[platform, "delivered"] += 1
        return message

    def _hold(self, destination: Destination, later: TryLater) -> None:
        sender = self._sender(destination.place)
        if later.after:
            self._lanes.pause(sender, destination.place, later.after)

    async def _send(self, parcel: Parcel, destination: Destination) -> str:
        """Returns the message's id; an update of the live card that would change nothing sends nothing."""
        assert parcel.card is not None
        place, live = destination.place, destination.live
        sender = self._sender(place)
        is_card = parcel.first.kind == "card"
        if is_card and live and live.drawn == parcel.drawn:
            return live.message
        try:
            async with self._lanes.turn(sender, place):
                await self._still_ours(parcel)
                if is_card and live:
                    await sender.update(place, live.message, parcel.card)
                    return live.message
                return await sender.post(place, parcel.card, live.message if live else "")
        except MessageGone:
            async with self._lanes.turn(sender, place):
                await self._still_ours(parcel)
                return await sender.post(place, parcel.card)

    def _sender(self, place: str) -> Sender:
        sender = self._addressing.senders.get(place.partition(":")[0])
        if sender is None:
            raise Unreachable("platform not connected")
        return sender

    async def _mark(self, parcel: Parcel, destination: Destination, message: str) -> None:
        """Where another server took a card over meanwhile, this one came too late: it is drawn anew."""
        at, place, first = self._clock.now(), destination.place, parcel.first

        def work(transaction: Transaction) -> None:
            ours = outbox.holder_of(transaction, first.id) == self._leases.holder
            outbox.sent(transaction, parcel.ids, place, message, at)
            if parcel.stays_live:
                about, shows = subject_of(first), parcel.drawn if ours else ""
                outbox.remember_card(transaction, first.stream_id, place, message, shows, about)
                if not ours:
                    outbox.queue_again(transaction, first, at, self._addressing.lane_of(place))

        await self._marks.write(work)

    # --- when it doesn't arrive ---

    async def _later(self, notices: Notices, why: str, after: float | None) -> None:
        """After a long stop everything is old: what is given up was tried often as well."""
        first, now = notices[0], self._clock.now()
        if now - first.not_before > GIVE_UP_AFTER and first.attempts > GIVE_UP_TRIES:
            await self._give_up(notices, why)
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(first.attempts, 10))
        moment: datetime = now + (timedelta(seconds=after) if after else pause)
        ids = [notice.id for notice in notices]
        await self._write_down(lambda t: outbox.try_again(t, ids, moment, why, self._leases.holder))

    async def _give_up(self, notices: Notices, why: str) -> None:
        """In one transaction: it is marked as failed, and the case says so."""
        now, ids = self._clock.now(), [notice.id for notice in notices]

        def work(transaction: Transaction) -> list[Decided]:
            outbox.failed(transaction, ids, why, self._leases.holder)
            directory, decided = self._cases.directory.current(transaction), []
            streams = {notice.stream_id: notice for notice in notices}
            for _, each in sorted(streams.items()):  # in one order, so that nobody waits for each other
                state = self._cases.load(transaction, each.stream_id)
                if state.destroyed_at or self._tells_of_failure(transaction, each):
                    continue
                failure = RecordDeliveryFailure(WHAT[each.kind], each.person, each.side)
                decided.append(self._cases.execute(transaction, state, failure, None, now, directory))
            return decided

        self.given_up += len(notices)
        log.warning("given_up", topic=notices[0].topic, why=why)
        for decided in await self._write_down(work):
            if decided.entries:
                self._told(decided)

    def _tells_of_failure(self, reader: Reader, notice: QueuedNotice) -> bool:
        """News that a message failed may fail as well: the record says so once, not of each in turn."""
        entries = self._cases.entries(reader, notice.stream_id)
        return isinstance(entries[notice.sequence - 1].event, DeliveryFailed)
