"""What happens to a message on its way: patience, other ways, giving up, and the order in a room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from core.conversation import Press
from core.delivery import MessageGone, Rejected, SendingFailed, TryLater, Unreachable
from storage import outbox
from storage.database import Transaction
from storage.failures import DatabaseFailed
from tests.bot.made import AMIRA, BEN, DARA, ROOMS, House, opened, until, words

BEN_ON_SLACK, BEN_ON_TEAMS = "slack:T0001/UBEN", "teams:T2/BEN"
ROOM = ROOMS[0]
FOR_EVER = 200


def waiting(board: House) -> int:
    return board.database.read_now(outbox.counts)["waiting"]


def fail(board: House, place: str, *failures: SendingFailed) -> None:
    board.senders[place.partition(":")[0]].failures[place] = list(failures)


async def forward(board: House, step: timedelta) -> None:
    board.clock.move_to(board.clock.now() + step)
    await board.sent()


async def test_a_room_gets_its_card_and_the_lines_hang_on_it(board: House) -> None:
    await board.courier.start()
    case = await board.raised("ben")
    await board.note(case, "Phoned the ward")
    await board.sent()
    to_room = [
        (message, board.slack.threads[message]) for place, message, _ in board.slack.sent if place == ROOM
    ]
    (card, nothing), *lines = to_room
    assert nothing == ""
    assert lines
    assert {thread for _, thread in lines} == {card}


async def test_a_note_leaves_the_card_alone(board: House) -> None:
    await board.courier.start()
    case = await board.raised("ben")
    await board.sent()
    before = len(board.slack.sent)
    await board.note(case, "Phoned the ward")
    await board.sent()
    assert len(board.slack.sent) == before + len(ROOMS)
    assert not board.slack.updated


async def test_a_platform_that_asks_for_patience_is_waited_for(board: House) -> None:
    await board.courier.start()
    fail(board, BEN_ON_SLACK, TryLater("ratelimited", after=0.3))
    await board.raised("ben")
    board.courier.wake()
    await until(lambda: not board.slack.failures[BEN_ON_SLACK])
    assert not board.slack.to(BEN_ON_SLACK)
    await until(lambda: bool(board.slack.to(BEN_ON_SLACK)))
    await board.sent()
    assert len(board.slack.to(BEN_ON_SLACK)) == 1
    assert not board.senders["teams"].sent


async def test_the_pauses_grow(board: House) -> None:
    await board.courier.start()
    fail(board, BEN_ON_SLACK, *[TryLater("internal_error") for _ in range(6)])
    await board.raised("ben")
    await board.sent()
    tries = []
    for _ in range(5):
        moment = board.database.read_now(outbox.next_try)
        assert moment is not None
        tries.append(moment - board.clock.now())
        board.clock.move_to(moment)
        await board.sent()
    assert all(longer > shorter * 1.5 for shorter, longer in pairwise(tries))
    assert tries[-1] < timedelta(minutes=15)


async def test_somebody_out_of_reach_is_told_on_their_other_platform(board: House) -> None:
    await board.courier.start()
    fail(board, BEN_ON_SLACK, Unreachable("user_disabled"))
    case = await board.raised("ben")
    await board.sent()
    assert len(board.senders["teams"].to(BEN_ON_TEAMS)) == 1
    assert "DeliveryFailed" not in board.events(case)


async def test_what_nobody_takes_is_given_up_and_said_on_the_case(board: House) -> None:
    await board.courier.start()
    fail(board, BEN_ON_SLACK, Unreachable("user_disabled"))
    fail(board, BEN_ON_TEAMS, Rejected("too_large"))
    case = await board.raised("ben")
    await board.sent()
    assert board.events(case).count("DeliveryFailed") == 1
    assert any("Ben Invented" in sent for sent in board.slack.to(AMIRA.account))
    assert board.database.read_now(outbox.counts)["failed"] == 1


async def test_where_nothing_can_be_delivered_the_record_is_not_filled_with_that(board: House) -> None:
    case = await board.raised("ben")
    form = opened(await board.bot.press(AMIRA, Press("name_contact", case.id, "raising")))
    await board.submit(AMIRA, form, person=(board.person("dara"),))
    await board.bot.press(DARA, Press("accept", case.id))
    assert len(board.now(case).people_on("raising")) == 2
    for place in (*ROOMS, AMIRA.account, DARA.account, BEN_ON_SLACK, BEN_ON_TEAMS):
        fail(board, place, *[Unreachable("token_revoked") for _ in range(FOR_EVER)])
    await board.courier.start()
    await board.sent()
    assert waiting(board) == 0
    told_in_vain = board.events(case).count("DeliveryFailed")
    assert 0 < told_in_vain <= len((AMIRA, DARA, BEN, *ROOMS))


async def test_a_defect_in_sending_is_tried_again_and_holds_nothing_up_for_ever(board: House) -> None:
    await board.courier.start()
    board.slack.failures[ROOM] = [KeyError("a defect of ours")]
    await board.raised("ben")
    await board.sent()
    assert waiting(board) > 0
    await forward(board, timedelta(minutes=1))
    assert waiting(board) == 0
    assert board.slack.to(ROOM)


async def test_days_of_patience_come_to_an_end(board: House) -> None:
    await board.courier.start()
    fail(board, BEN_ON_SLACK, *[TryLater("internal_error") for _ in range(FOR_EVER)])
    case = await board.raised("ben")
    await board.sent()
    await forward(board, timedelta(days=2))
    assert "DeliveryFailed" not in board.events(case)
    await forward(board, timedelta(days=2))
    for _ in range(FOR_EVER):
        if board.events(case).count("DeliveryFailed"):
            break
        await forward(board, timedelta(minutes=20))
    assert board.events(case).count("DeliveryFailed") == 1


async def test_what_waited_through_a_long_stop_is_not_given_up_at_the_second_try(board: House) -> None:
    case = await board.raised("ben")
    board.clock.move_to(board.clock.now() + timedelta(days=5))
    fail(board, BEN_ON_SLACK, *[TryLater("internal_error") for _ in range(4)])
    await board.courier.start()
    for _ in range(5):
        await forward(board, timedelta(minutes=20))
    assert len(board.slack.to(BEN_ON_SLACK)) == 1
    assert "DeliveryFailed" not in board.events(case)


async def test_what_was_sent_while_the_disk_was_full_is_marked_once_there_is_room_and_not_sent_again(
    board: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, full = outbox.sent, [DatabaseFailed("full"), DatabaseFailed("full"), DatabaseFailed("full")]

    def sent(transaction: Transaction, ids: Iterable[int], place: str, message: str, at: datetime) -> None:
        if full:
            raise full.pop()
        mark(transaction, ids, place, message, at)

    monkeypatch.setattr(outbox, "sent", sent)
    await board.courier.start()
    await board.raised("ben")
    board.courier.wake()
    await until(lambda: not any(board.database.read_now(outbox.counts).values()))
    places = [place for place, _, card in board.slack.sent if card.buttons()]
    assert len(places) == len(set(places)), "each room's card and each message once"


async def test_a_card_that_was_deleted_is_posted_anew(board: House) -> None:
    await board.courier.start()
    case = await board.raised("ben")
    await board.sent()
    fail(board, ROOM, MessageGone("message_not_found"))
    form = opened(await board.bot.press(AMIRA, Press("danger", case.id)))
    await board.submit(AMIRA, form, in_danger=("yes",))
    await board.sent()
    last = [message for place, message, _ in board.slack.sent if place == ROOM]
    live = board.database.read_now(lambda reader: outbox.card_of(reader, case.id, ROOM))
    assert live is not None
    assert live.message in last
    assert live.message != last[0]


async def test_an_earlier_decision_that_waits_holds_back_the_later_ones(board: House) -> None:
    await board.courier.start()
    case = await board.raised("ben")
    await board.sent()
    before = len(board.slack.to(ROOM))
    fail(board, ROOM, TryLater("internal_error"))
    for number in range(3):
        await board.note(case, f"Note {number}")
    await board.sent()
    assert len(board.slack.to(ROOM)) == before
    assert len(board.slack.to(ROOMS[1])) > before
    await forward(board, timedelta(seconds=10))
    rows = board.database.read_now(
        lambda reader: (
            reader.connection.exec_driver_sql(
                "select sequence from outbox where side = 'raising' and topic = 'line' order by sent_at, id"
            )
            .scalars()
            .all()
        )
    )
    assert len(board.slack.to(ROOM)) == before + 3
    assert list(rows) == sorted(rows)


async def test_several_changes_while_a_card_waits_are_one_update(board: House) -> None:
    case = await board.raised("ben")
    await board.bot.press(BEN, Press("accept", case.id))
    await board.courier.start()
    await board.sent()
    cards = [card for place, _, card in board.slack.sent if place == ROOM and card.buttons()]
    assert len(cards) == 1
    assert not {message for place, message, _ in board.slack.sent if place == ROOM} & set(board.slack.updated)


async def test_several_things_due_for_one_person_are_one_message(board: House) -> None:
    await board.courier.start()
    cases = [await board.agreed_to_take_part() for _ in range(3)]
    await board.sent()
    before = len(board.slack.to(BEN_ON_SLACK))
    board.clock.move_to(board.clock.now() + timedelta(days=30))
    await board.sweep.run()
    while board.database.read_now(outbox.counts)["waiting"]:
        moment = board.database.read_now(outbox.next_try)
        assert moment is not None
        board.clock.move_to(moment)
        await board.sent()
    reminders = [sent for sent in board.slack.to(BEN_ON_SLACK)[before:] if cases[0].reference in sent]
    assert len(reminders) == 1
    assert all(case.reference in reminders[0] for case in cases)


async def test_what_was_on_its_way_in_a_crash_is_sent_again(board: House) -> None:
    await board.raised("ben")
    taken = board.database.write_now(lambda t: outbox.take(t, board.clock.now(), 50, ["slack:T0001"], "died"))
    assert taken
    await board.courier.start()
    await board.sent()
    assert len(board.slack.to(BEN_ON_SLACK)) == 1
    assert waiting(board) == 0


async def test_stopping_lets_what_is_being_sent_arrive(board: House) -> None:
    board.slack.held = asyncio.Event()
    await board.courier.start()
    await board.raised("ben")
    board.courier.wake()
    await until(lambda: board.database.read_now(outbox.counts)["sending"] > 0)
    stopping = asyncio.create_task(board.courier.stop())
    board.slack.held.set()
    await stopping
    assert board.database.read_now(outbox.counts)["sending"] == 0
    assert board.slack.to(BEN_ON_SLACK)


async def test_no_message_holds_what_anybody_typed(board: House) -> None:
    await board.courier.start()
    case = await board.agreed_to_take_part()
    await board.note(case, "Phoned the ward")
    await board.sent()
    for _, _, card in board.slack.sent:
        assert "The flat is cold" not in words(card)
        assert "Phoned" not in words(card)
