"""When each place may be sent to: kept ahead of time, so that no platform has to refuse.

One mechanism for every platform; each sender names its own rates.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.delivery import Rate, Sender

FEW = 1000
"""So many places are kept in mind before those that may be sent to at once are forgotten."""


@dataclass
class Windows:
    """The moments at which a place, or a lane, was sent to, as far back as its rates look. In seconds of the
    event loop's own time.
    """

    sent: deque[float] = field(default_factory=deque)

    def free_at(self, rates: tuple[Rate, ...]) -> float:
        """The first moment at which one more keeps to all the rates."""
        full = [rate for rate in rates if len(self.sent) >= rate.most]
        return max((self.sent[-rate.most] + rate.seconds for rate in full), default=0.0)

    def note(self, moment: float, rates: tuple[Rate, ...]) -> None:
        self.sent.append(moment)
        most = max((rate.most for rate in rates), default=0)
        while len(self.sent) > most:
            self.sent.popleft()


@dataclass
class Queue:
    """Those who wait for one place, or for one lane, first come first served."""

    windows: Windows = field(default_factory=Windows)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    paused_until: float = 0.0
    waiting: int = 0

    def free_at(self, rates: tuple[Rate, ...]) -> float:
        return max(self.windows.free_at(rates), self.paused_until)


@dataclass
class Lanes:
    """Every place and every lane that was sent to."""

    places: dict[str, Queue] = field(default_factory=dict)
    lanes: dict[str, Queue] = field(default_factory=dict)
    sweep_at: int = FEW

    @asynccontextmanager
    async def turn(self, sender: Sender, place: str) -> AsyncIterator[None]:
        """Waits until this place's turn has come, and holds it while it is sent: what goes to one place goes
        in the order in which it was brought here.
        """
        queue = self._of(self.places, place)
        queue.waiting += 1
        try:
            async with queue.lock:
                rates = sender.rates(place)
                await self._wait(queue, rates)
                await self._lane_turn(sender, place)
                try:
                    yield
                finally:  # counted once it is through: by then the platform has counted it
                    queue.windows.note(self._now(), rates)
        finally:
            queue.waiting -= 1
            self._forget(sender)

    async def _lane_turn(self, sender: Sender, place: str) -> None:
        """Takes the lane's next free moment, once it is there."""
        lane = sender.lane(place)
        queue, rates = self._of(self.lanes, lane), sender.lane_rates(lane)
        async with queue.lock:
            await self._wait(queue, rates)
            queue.windows.note(self._now(), rates)

    def pause(self, sender: Sender, place: str, seconds: float) -> None:
        """The platform asked for patience: everything in this lane waits."""
        queue = self._of(self.lanes, sender.lane(place))
        queue.paused_until = max(queue.paused_until, self._now() + seconds)

    async def _wait(self, queue: Queue, rates: tuple[Rate, ...]) -> None:
        """One waits at a time, for the lock is held; a pause asked for meanwhile is waited for too."""
        while (wait := queue.free_at(rates) - self._now()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    @staticmethod
    def _of(queues: dict[str, Queue], key: str) -> Queue:
        return queues.setdefault(key, Queue())

    def _forget(self, sender: Sender) -> None:
        """A place whose last message lies further back than its rates look is as good as a new one."""
        if len(self.places) < self.sweep_at:
            return
        now = self._now()
        for place, queue in list(self.places.items()):
            if place.partition(":")[0] != sender.platform or queue.waiting:
                continue
            longest = max((rate.seconds for rate in sender.rates(place)), default=0.0)
            if not queue.windows.sent or queue.windows.sent[-1] + longest < now:
                del self.places[place]
        self.sweep_at = max(FEW, 2 * len(self.places))
