"""When each place may be sent to: kept ahead of time, so that no platform has to refuse.

One mechanism for every platform; each sender names its own rates.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.delivery import Rate, Sender

CAUGHT_UP = 5
"""So many steps may follow each other at once, where the machine was busy with something else."""
FEW = 1000
"""So many places are kept in mind before those that may be sent to at once are forgotten."""


@dataclass
class Queue:
    """One place's, or one lane's: who waits for it (first come, first served), what is on its way, and when
    what went before was through, as far back as the rates look. In seconds of the event loop's own time.

    A message counts from its start until it was through, for the platform counts it somewhere between.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    under_way: int = 0
    through: deque[float] = field(default_factory=deque)
    one_through: asyncio.Event = field(default_factory=asyncio.Event)
    paused_until: float = 0.0
    next_step: float = 0.0

    def free_at(self, rates: tuple[Rate, ...]) -> float:
        """The first moment at which one more keeps to all rates; infinity while too many are on their way."""
        moments = [self.paused_until, self.next_step]
        for rate in rates:
            room = rate.most - self.under_way
            if room <= 0:
                return math.inf
            if len(self.through) >= room:
                moments.append(self.through[-room] + rate.seconds)
        return max(moments)

    async def wait(self, rates: tuple[Rate, ...]) -> None:
        """One waits at a time, for the lock is held; a pause asked for meanwhile is waited for too."""
        while (wait := self.free_at(rates) - _now()) > 0:
            if wait == math.inf:
                self.one_through.clear()
                await self.one_through.wait()
            else:
                await asyncio.sleep(wait)

    def step(self, rates: tuple[Rate, ...]) -> None:
        """One starts: the next follow at even steps. In one rush each would wait for all the others, and what
        took longer to be through holds its place in the window longer. Steps missed are caught up, a few.
        """
        step = max((rate.seconds / rate.most for rate in rates), default=0.0)
        self.next_step = max(self.next_step, _now() - CAUGHT_UP * step) + step

    def note(self, rates: tuple[Rate, ...]) -> None:
        """One that was on its way is through."""
        self.under_way -= 1
        self.through.append(_now())
        most = max((rate.most for rate in rates), default=0)
        while len(self.through) > most:
            self.through.popleft()
        self.one_through.set()


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
        queue, lane = self._of(self.places, place), self._of(self.lanes, sender.lane(place))
        rates, lane_rates = sender.rates(place), sender.lane_rates(sender.lane(place))
        queue.waiting += 1
        try:
            async with queue.lock:
                await queue.wait(rates)
                async with lane.lock:
                    await lane.wait(lane_rates)
                    lane.step(lane_rates)
                    lane.under_way += 1
                queue.under_way += 1
                try:
                    yield
                finally:
                    queue.note(rates)
                    lane.note(lane_rates)
        finally:
            queue.waiting -= 1
            self._forget(sender)

    def pause(self, sender: Sender, place: str, seconds: float) -> None:
        """The platform asked for patience: this place waits, and so does everything in its lane. A lane with
        rates of its own waits as long as they look back; what lasts longer is about the place alone.
        """
        lane = sender.lane(place)
        longest = max((rate.seconds for rate in sender.lane_rates(lane)), default=seconds)
        for queue, wait in (
            (self._of(self.places, place), seconds),
            (self._of(self.lanes, lane), min(seconds, longest)),
        ):
            queue.paused_until = max(queue.paused_until, _now() + wait)

    @staticmethod
    def _of(queues: dict[str, Queue], key: str) -> Queue:
        return queues.setdefault(key, Queue())

    def _forget(self, sender: Sender) -> None:
        """A place whose last message lies further back than its rates look is as good as a new one."""
        if len(self.places) < self.sweep_at:
            return
        now = _now()
        for place, queue in list(self.places.items()):
            if place.partition(":")[0] != sender.platform or queue.waiting or queue.paused_until > now:
                continue
            longest = max((rate.seconds for rate in sender.rates(place)), default=0.0)
            if not queue.through or queue.through[-1] + longest < now:
                del self.places[place]
        self.sweep_at = max(FEW, 2 * len(self.places))


def _now() -> float:
    return asyncio.get_running_loop().time()
