"""Rates are kept ahead of time: by the place, by the lane, in order. An hour is over at once here."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.lanes import FEW, Lanes
from core.cards.model import Card
from core.delivery import Rate, TryLater

TEAMS = (Rate(7, 1), Rate(8, 2), Rate(60, 30), Rate(1800, 3600))


class FastSelector(selectors.DefaultSelector):
    """Doesn't wait: it moves the loop's time on by what would have been waited."""

    ahead = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.ahead += timeout or 0
        return super().select(0)


class FastLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.fast = FastSelector()
        super().__init__(self.fast)

    def time(self) -> float:
        return self.fast.ahead


class Sent:
    """A sender with rates of its own, and what was sent when."""

    platform = "test"

    def __init__(self, rates: tuple[Rate, ...] = (), lane: tuple[Rate, ...] = (), takes: float = 0.0) -> None:
        self._rates, self._lane_rates, self._takes = rates, lane, takes
        self.sent: list[tuple[str, float]] = []

    def lane(self, place: str) -> str:
        return place.partition("/")[0]

    def rates(self, place: str) -> tuple[Rate, ...]:
        return self._rates

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        return self._lane_rates

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        raise NotImplementedError

    async def update(self, place: str, message: str, card: Card) -> None:
        raise NotImplementedError

    async def through(self, lanes: Lanes, place: str, what: str = "") -> None:
        async with lanes.turn(self, f"test:{place}"):
            self.sent.append((what or place, round(asyncio.get_running_loop().time(), 3)))
            await asyncio.sleep(self._takes)

    @property
    def times(self) -> list[float]:
        return [moment for _, moment in self.sent]


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(work)


async def refused(lanes: Lanes, sender: Sent) -> None:
    async with lanes.turn(sender, "test:w/a"):
        raise TryLater("busy")


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(1 for other in times if start <= other < start + seconds - 1e-6) for start in times)


def test_a_message_a_second_to_one_place_and_none_waits_for_another_place() -> None:
    sender = Sent((Rate(1, 1.0),))

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, place) for place in ("w/a", "w/a", "w/a", "w/b")))

    run(work())
    assert sorted(sender.sent) == [
        ("w/a", 0.0),
        ("w/a", 1.0),
        ("w/a", 2.0),
        ("w/b", 0.0),
    ]


@pytest.mark.parametrize("takes", [0.0, 0.03])
def test_all_windows_of_a_place_hold_at_once(takes: float) -> None:
    sender = Sent(TEAMS, takes=takes)

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, "w/a") for _ in range(200)))

    run(work())
    assert len(sender.times) == 200
    for rate in TEAMS:
        assert most_within(sender.times, rate.seconds) <= rate.most
    assert sender.times[-1] < 200 / 60 * 30 * 1.1, "and no slower than the rates ask"


def test_an_hours_allowance_is_kept_too() -> None:
    sender = Sent((Rate(20, 3600),))

    async def work() -> None:
        lanes = Lanes()
        for _ in range(21):
            await sender.through(lanes, "w/a")

    run(work())
    assert sender.times[19] < 1
    assert sender.times[20] >= 3600


def test_a_lane_is_shared_by_its_places_and_used_to_the_full() -> None:
    sender = Sent((Rate(7, 1),), (Rate(50, 1),), takes=0.02)

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, f"w/{number}") for number in range(1000)))

    run(work())
    assert most_within(sender.times, 1.0) <= 50
    assert sender.times[-1] < 1000 / 50 * 1.05


def test_a_lane_goes_at_even_steps_and_not_in_a_rush() -> None:
    sender = Sent((), (Rate(50, 1),))

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, f"w/{number}") for number in range(100)))

    run(work())
    assert most_within(sender.times, 0.1) <= 6
    assert sender.times[-1] == pytest.approx(99 / 50, abs=0.2)


def test_what_is_held_up_on_its_way_counts_until_it_is_through() -> None:
    """Sent over two seconds, they may all arrive in the same one."""
    sender = Sent((), (Rate(50, 1),), takes=2.0)

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, f"w/{number}") for number in range(101)))

    run(work())
    assert sender.times[49] < 1
    assert sender.times[50] == pytest.approx(3.0)
    assert sender.times[100] == pytest.approx(6.0)


def test_a_busy_place_does_not_hold_up_the_others_of_its_lane() -> None:
    sender = Sent((Rate(1, 10),), (Rate(5, 0.1),))

    async def work() -> None:
        lanes = Lanes()
        busy = [sender.through(lanes, "w/busy") for _ in range(5)]
        await asyncio.gather(*busy, *(sender.through(lanes, f"w/{number}") for number in range(20)))

    run(work())
    assert max(moment for place, moment in sender.sent if place != "w/busy") < 1


def test_what_goes_to_one_place_goes_in_order_and_one_after_another() -> None:
    sender = Sent(takes=0.5)

    async def work() -> None:
        lanes = Lanes()
        await asyncio.gather(*(sender.through(lanes, "w/a", str(number)) for number in range(5)))

    run(work())
    assert [what for what, _ in sender.sent] == ["0", "1", "2", "3", "4"]
    assert sender.times == pytest.approx([0, 0.5, 1, 1.5, 2])


def test_patience_asked_for_holds_the_lane_also_for_those_already_waiting() -> None:
    sender = Sent((Rate(1, 1.0),))

    async def work() -> None:
        lanes = Lanes()
        await sender.through(lanes, "w/a")
        second = asyncio.ensure_future(sender.through(lanes, "w/a"))
        await asyncio.sleep(0.5)
        lanes.pause(sender, "test:w/b", 30)
        await sender.through(lanes, "v/a")
        await second

    run(work())
    assert sender.sent[1] == ("v/a", 0.5)
    assert sender.sent[2] == ("w/a", 30.5)


def test_where_a_lane_has_rates_a_long_pause_is_for_the_place_alone() -> None:
    """Teams counts each conversation by itself, and the whole bot by the second."""
    sender = Sent(TEAMS, lane=(Rate(49, 1),))

    async def work() -> None:
        lanes = Lanes()
        lanes.pause(sender, "test:w/a", 600)
        await asyncio.gather(sender.through(lanes, "w/a"), sender.through(lanes, "w/b"))

    run(work())
    assert sender.sent == [("w/b", 1), ("w/a", 600)]


def test_one_that_fails_or_gives_up_lets_the_next_one_pass() -> None:
    sender = Sent()

    async def work() -> None:
        lanes = Lanes()
        with pytest.raises(TryLater):
            await refused(lanes, sender)
        lanes.pause(sender, "test:w/a", 60)
        waiting = asyncio.ensure_future(sender.through(lanes, "w/a", "gave up"))
        await asyncio.sleep(1)
        waiting.cancel()
        await sender.through(lanes, "w/a", "next")

    run(work())
    assert sender.sent == [("next", 60)]


def test_places_long_past_are_forgotten_and_those_within_a_window_are_not() -> None:
    sender = Sent((Rate(1, 60),))

    async def work() -> None:
        lanes = Lanes()
        for number in range(FEW - 1):
            await sender.through(lanes, f"w/{number}")
        await asyncio.sleep(61)
        await sender.through(lanes, "w/recent")
        assert set(lanes.places) == {"test:w/recent"}
        await sender.through(lanes, "w/recent")

    run(work())
    assert sender.times[-1] - sender.times[-2] == pytest.approx(60)
