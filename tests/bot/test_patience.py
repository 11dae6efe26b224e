"""Whoever does more than a person can is asked to wait, loses nothing, and stands in nobody else's way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.patience import ASKING, LOOKING, RAISING, UNKNOWN, Allowance, Counts, Patience, in_words
from core.cards.model import Card, Form, Quote
from core.conversation import Asker, Press, Submission
from core.forms.form import FORM_ID
from storage import event_store, remembered
from tests.bot.made import AMIRA, BEN, TOLD, House, house, opened, words, wrong

STRANGER = Asker("slack:T0001/UNOBODY")
WAIT = "That was a lot in a short time"


class Hand:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def limited(tmp_path: Path, hand: Hand) -> AsyncIterator[tuple[House, Patience]]:
    made = house(f"sqlite:///{tmp_path / 'escalate.db'}")

    def person_of(account: str) -> str:
        person = made.database.read_now(made.cases.directory.current).by_account(account)
        return person.id if person else ""

    yield made, Patience(made.bot, person_of, clock=hand)
    made.database.close()


Limited = tuple[House, Patience]


async def spend(patience: Patience, by: Asker, times: int) -> None:
    for _ in range(times):
        assert WAIT not in words(await patience.say(by, "help"))


async def test_a_person_may_do_as_much_as_people_do_and_then_waits_a_little(
    limited: Limited, hand: Hand
) -> None:
    _, patience = limited
    await spend(patience, AMIRA, ASKING.most)
    said = words(await patience.say(AMIRA, "list")).replace('","', "")
    assert f"{WAIT}, so this was not done. Please try again in 1 second." in said
    hand.now += 1
    await spend(patience, AMIRA, 1)
    assert WAIT in words(await patience.press(AMIRA, Press("new")))


async def test_it_counts_for_the_person_on_all_platforms_and_for_nobody_else(limited: Limited) -> None:
    _, patience = limited
    await spend(patience, BEN, ASKING.most)
    assert WAIT in words(await patience.say(Asker("teams:T2/BEN"), "list"))
    await spend(patience, AMIRA, 1)


async def test_an_account_that_nobody_has_gets_less(limited: Limited) -> None:
    _, patience = limited
    for _ in range(UNKNOWN.most):
        assert "not in the directory" in words(await patience.say(STRANGER, "help"))
    refused = words(await patience.say(STRANGER, "help"))
    assert WAIT in refused
    assert "If somebody is in danger, phone 999 now." in refused


async def test_a_note_over_the_limit_is_shown_to_copy(limited: Limited) -> None:
    board, patience = limited
    case = await board.agreed_to_take_part()
    await spend(patience, AMIRA, ASKING.most)
    answer = await patience.say(AMIRA, f"note {case.reference} She phoned the ward.")
    assert isinstance(answer, Form)
    assert Quote(words="She phoned the ward.") in answer.parts
    assert "NoteAdded" not in board.events(case)


async def test_a_form_over_the_limit_keeps_what_was_typed_and_can_be_sent_again(
    limited: Limited, hand: Hand
) -> None:
    board, patience = limited
    case = await board.agreed_to_take_part()
    form = opened(await patience.press(AMIRA, Press("note", case.id)))
    await spend(patience, AMIRA, ASKING.most - 1)
    sent = Submission(form.kind, dict(form.carry), {"words": ("She phoned the ward.",), "own_side": ("no",)})
    answer = await patience.submit(AMIRA, sent)
    assert isinstance(answer, Form)
    assert (answer.kind, answer.carry) == (form.kind, form.carry)
    assert WAIT in wrong(answer)["words"]
    assert answer.fields()[0].value == ("She phoned the ward.",)
    hand.now += 1
    assert isinstance(await patience.submit(AMIRA, sent), Card)
    assert "NoteAdded" in board.events(case)


async def test_who_goes_on_and_on_is_shown_what_they_typed_without_the_database(
    limited: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, patience = limited
    case = await board.agreed_to_take_part()
    sent = Submission("note", {"case": case.id}, {"words": ("She phoned the ward.",)})
    for _ in range(ASKING.most + 20):
        await patience.submit(AMIRA, sent)

    async def never(work: object) -> None:
        raise AssertionError

    monkeypatch.setattr(board.database, "read", never)
    answer = await patience.submit(AMIRA, sent)
    assert isinstance(answer, Form)
    assert Quote(words="She phoned the ward.") in answer.parts


async def last_step(board: House, patience: Patience) -> Submission:
    form = opened(await board.bot.press(AMIRA, Press("new")))
    form = opened(await board.submit(AMIRA, form, in_danger=("no",)))
    form = opened(await board.submit(AMIRA, form, elsewhere=("none",)))
    form = opened(await board.submit(AMIRA, form, **TOLD))
    return Submission(form.kind, dict(form.carry), {"named": (board.person("ben"),)})


async def test_one_person_raises_so_many_cases_an_hour_and_the_next_one_waits_as_it_was_told(
    limited: Limited, hand: Hand
) -> None:
    board, patience = limited
    for _ in range(RAISING.most):
        assert isinstance(await patience.submit(AMIRA, await last_step(board, patience)), Card)
    one_more = await last_step(board, patience)
    answer = await patience.submit(AMIRA, one_more)
    assert isinstance(answer, Form)
    assert "Please send it again in 6 minutes." in words(answer)
    draft = board.database.read_now(lambda reader: remembered.draft(reader, one_more.carry[FORM_ID]))
    assert draft is not None
    assert draft.values["account"] == TOLD["account"]
    hand.now += RAISING.seconds / RAISING.most
    assert isinstance(await patience.submit(AMIRA, one_more), Card)
    cases = board.database.read_now(lambda reader: event_store.streams_of(reader, "escalation"))
    assert len(cases) == RAISING.most + 1


async def test_a_form_that_was_not_right_raises_nothing_and_counts_as_nothing(limited: Limited) -> None:
    board, patience = limited
    right = await last_step(board, patience)
    for _ in range(RAISING.most + 1):
        half = replace(right, values={"new_email": ("pat@example.org",)})
        assert "Write their name as well." in words(await patience.submit(AMIRA, half))
    assert isinstance(await patience.submit(AMIRA, right), Card)


async def test_cards_that_draw_themselves_leave_people_all_their_presses(limited: Limited) -> None:
    board, patience = limited
    case = await board.agreed_to_take_part()
    for _ in range(ASKING.most * 2):
        assert case.reference in words(await patience.press(AMIRA, Press("card", case.id)))
    await spend(patience, AMIRA, ASKING.most)
    assert LOOKING.most > ASKING.most * 2


def test_what_is_counted_stays_in_bounds_and_the_oldest_is_forgotten(hand: Hand) -> None:
    counts = Counts(hand, most_kept=100)
    once = Allowance("once", 1, 60)
    for number in range(10_000):
        assert counts.take(f"account {number}", once) == 0
    assert len(counts) == 100
    assert counts.take("account 9999", once) == 60


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.1, "1 second"), (19.2, "20 seconds"), (60, "60 seconds"), (61, "2 minutes"), (360, "6 minutes")],
)
def test_how_long_to_wait_is_said_in_words(seconds: float, said: str) -> None:
    assert in_words(seconds) == said
