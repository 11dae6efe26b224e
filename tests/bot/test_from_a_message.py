"""Raised from a message, or added to the record from one: its words are offered, and kept only with leave."""

from __future__ import annotations

from dataclasses import replace

from core.cards.model import Card, Form
from core.conversation import Answer, Press
from core.forms.form import ACCOUNT, FORM_ID, OFFERED
from storage import remembered
from tests.bot.made import AMIRA, BEN, ROOMS, TOLD, House, opened, words, wrong

FELL = "He fell twice, and nobody came."


def value(form: Form, field: str) -> tuple[str, ...]:
    return next(each.value for each in form.fields() if each.id == field)


def kept(board: House, form: Form) -> remembered.Draft | None:
    return board.database.read_now(lambda reader: remembered.draft(reader, form.carry[FORM_ID]))


async def first_step(board: House) -> Form:
    return opened(await board.bot.press(AMIRA, Press("new", words=FELL)))


async def told_step(board: House, **leave: tuple[str, ...]) -> Form:
    form = await first_step(board)
    form = opened(await board.submit(AMIRA, form, in_danger=("no",), offered=(FELL,), **leave))
    return opened(await board.submit(AMIRA, form, elsewhere=("none",)))


async def test_the_words_are_offered_and_nothing_says_yes_for_the_person(board: House) -> None:
    form = await first_step(board)
    assert value(form, OFFERED) == (FELL,)
    assert value(form, "use_offered") == ()
    assert FELL not in str(form.carry)
    assert OFFERED not in {each.id for each in opened(await board.bot.press(AMIRA, Press("new"))).fields()}


async def test_with_leave_they_begin_the_account_and_can_be_changed(board: House) -> None:
    form = await told_step(board, use_offered=("yes",))
    assert value(form, ACCOUNT) == (FELL,)
    changed = {**TOLD, "account": ("He fell once.",)}
    form = opened(await board.submit(AMIRA, form, **changed))
    assert isinstance(await board.submit(AMIRA, form, named=(board.person("ben"),)), Card)
    raised = board.told[-1].state.raised
    assert raised is not None
    assert raised.account == "He fell once."


async def test_with_leave_they_are_there_when_it_is_gone_on_with_later(board: House) -> None:
    form = await first_step(board)
    await board.submit(AMIRA, form, in_danger=("yes",), offered=(FELL,), use_offered=("yes",))
    assert "Go on with what you wrote" in words(await board.bot.press(AMIRA, Press("new")))


async def test_without_leave_nothing_of_them_is_kept(board: House) -> None:
    form = await told_step(board)
    assert value(form, ACCOUNT) == ()
    assert kept(board, form) is None


async def test_what_belongs_elsewhere_keeps_nothing_of_them(board: House) -> None:
    form = await first_step(board)
    form = opened(await board.submit(AMIRA, form, in_danger=("no",), offered=(FELL,), use_offered=("yes",)))
    assert kept(board, form) is not None
    elsewhere = next(each for each in form.fields() if each.id == "elsewhere").options[1].value
    form = opened(await board.submit(AMIRA, form, elsewhere=(elsewhere,)))
    assert "nothing was kept" in words(form)
    assert kept(board, form) is None


async def test_a_form_that_is_refused_still_offers_them(board: House) -> None:
    form = await first_step(board)
    again = await board.submit(AMIRA, form, offered=("He fell, as I heard.",), use_offered=("yes",))
    assert isinstance(again, Form)
    assert list(wrong(again)) == ["in_danger"]
    assert value(again, OFFERED) == ("He fell, as I heard.",)
    assert value(again, "use_offered") == ("yes",)


async def test_words_longer_than_the_field_are_cut_to_it(board: House) -> None:
    form = opened(await board.bot.press(AMIRA, Press("new", words="x" * 9000)))
    assert len(value(form, OFFERED)[0]) == 3000


async def noted_from(board: House, message: str, room: str = ROOMS[0]) -> Answer:
    return await board.bot.press(replace(AMIRA, room=room), Press("note", message=message, words=FELL))


async def test_a_message_in_a_cases_thread_opens_the_note_with_its_words(board: House) -> None:
    case = await board.agreed_to_take_part()
    await board.courier.start()
    await board.sent()
    [live] = {
        message
        for place, message, _ in board.slack.sent
        if place == ROOMS[0] and in_no_thread(board, message)
    }
    form = opened(await noted_from(board, live))
    assert (form.kind, form.carry["case"]) == ("note", case.id)
    assert value(form, "words") == (FELL,)
    assert board.events(case).count("NoteAdded") == 0, "only when it is sent"
    await board.submit(AMIRA, form, words=(FELL,), own_side=("no",))
    assert board.events(case).count("NoteAdded") == 1


def in_no_thread(board: House, message: str) -> bool:
    return message not in board.slack.updated and not board.slack.threads.get(message)


async def test_any_other_message_gives_the_cases_to_choose_from(board: House) -> None:
    case = await board.agreed_to_take_part()
    await board.courier.start()
    await board.sent()
    for answer in (
        await noted_from(board, "slack-999"),
        await noted_from(board, "slack-1", "slack:T0001/C0009"),
    ):
        assert isinstance(answer, Card)
        assert f"Open {case.reference}" in words(answer)
        assert FELL not in words(answer)


async def test_somebody_who_takes_no_part_opens_nothing_by_the_thread(board: House) -> None:
    await board.raised("ben")
    await board.courier.start()
    await board.sent()
    live = next(message for place, message, _ in board.slack.sent if place == ROOMS[1])
    refused = await board.bot.press(BEN, Press("note", message=live, words=FELL))
    assert isinstance(refused, Card)
    assert FELL not in words(refused)
