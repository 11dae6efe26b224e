"""What is asked twice counts once, what was typed stays, and whoever has left can do nothing."""

from __future__ import annotations

from dataclasses import replace

from core.cards.model import Card, Form
from core.conversation import Press, Submission
from core.forms.form import FORM_ID
from storage import remembered
from tests.bot.made import AMIRA, BEN, DIRECTORY, KAI, TOLD, House, carrying, opened, words, wrong


async def test_a_note_delivered_twice_stands_once_in_the_record(board: House) -> None:
    case = await board.raised("ben")
    first = await board.note(case, "Phoned the ward", delivery="trigger.1")
    again = await board.note(case, "Phoned the ward", delivery="trigger.1")
    assert again == first
    assert board.events(case).count("NoteAdded") == 1
    await board.note(case, "Phoned the ward", delivery="trigger.2")
    assert board.events(case).count("NoteAdded") == 2


async def test_one_persons_delivery_is_not_anothers(board: House) -> None:
    case = await board.agreed_to_take_part()
    await board.note(case, "Mine", delivery="trigger.1")
    await board.note(case, "Theirs", by=BEN, delivery="trigger.1")
    assert board.events(case).count("NoteAdded") == 2


async def test_a_form_sent_twice_is_answered_alike_and_counts_once(board: House) -> None:
    case = await board.raised("ben")
    form = opened(await board.bot.press(AMIRA, Press("note", case.id)))
    first = await board.submit(AMIRA, form, words=("Phoned the ward",), own_side=("no",))
    assert await board.submit(AMIRA, form, words=("Phoned the ward",), own_side=("no",)) == first
    assert board.events(case).count("NoteAdded") == 1


async def test_a_form_that_lost_its_id_counts_once_for_each_delivery(board: House) -> None:
    case = await board.raised("ben")
    typed: dict[str, tuple[str, ...]] = {"words": ("Phoned the ward",), "own_side": ("no",)}
    for delivery in ("first", "first", "second"):
        sent = Submission("note", {"case": case.id}, typed)
        assert isinstance(await board.bot.submit(replace(AMIRA, delivery=delivery), sent), Card)
    assert board.events(case).count("NoteAdded") == 2


async def test_values_of_fields_that_a_form_does_not_have_are_left_out(board: House) -> None:
    """Whoever changes what a client sends would come round the lists and lengths of the fields."""
    form = opened(await board.bot.press(AMIRA, Press("new")))
    form = opened(await board.submit(AMIRA, form, in_danger=("no",)))
    form = opened(await board.submit(AMIRA, form, elsewhere=("none",)))
    who = opened(await board.submit(AMIRA, form, **TOLD))
    longer = ("The flat is cold. " * 1000,)
    await board.submit(
        AMIRA, who, named=(board.person("ben"),), account=longer, person=(board.person("kai"),)
    )
    [raised] = board.told
    assert raised.state.raised is not None
    assert raised.state.raised.account == TOLD["account"][0]


async def test_a_refusal_is_not_remembered(board: House) -> None:
    case = await board.raised("ben")
    refused = await board.note(case, "Too early", by=BEN, delivery="trigger.1")
    assert "no escalation" in words(refused)
    await board.bot.press(BEN, Press("accept", case.id))
    await board.note(case, "Now I may", by=BEN, delivery="trigger.1")
    assert board.events(case).count("NoteAdded") == 1


async def test_each_step_is_kept_until_the_form_is_sent(board: House) -> None:
    form = opened(await board.bot.press(AMIRA, Press("new")))
    form = opened(await board.submit(AMIRA, form, in_danger=("no",)))
    form = opened(await board.submit(AMIRA, form, elsewhere=("none",)))
    who = opened(await board.submit(AMIRA, form, **TOLD))

    def kept() -> remembered.Draft | None:
        return board.database.read_now(lambda reader: remembered.draft(reader, who.carry["form_id"]))

    draft = kept()
    assert draft is not None
    assert draft.values["account"] == TOLD["account"]
    assert isinstance(await board.submit(AMIRA, who, named=(board.person("ben"),)), Card)
    assert kept() is None


async def test_somebody_elses_draft_is_not_read(board: House) -> None:
    form = opened(await board.bot.press(AMIRA, Press("new")))
    form = opened(await board.submit(AMIRA, form, in_danger=("no",)))
    form = opened(await board.submit(AMIRA, form, elsewhere=("none",)))
    who = opened(await board.submit(AMIRA, form, **TOLD))
    answer = await board.submit(KAI, who, named=(board.person("ben"),))
    assert "The flat is cold" not in words(answer)
    assert not board.told


async def test_an_error_stands_beside_its_field_and_what_was_typed_stays(board: House) -> None:
    form = opened(await board.bot.press(AMIRA, Press("new")))
    form = opened(await board.submit(AMIRA, form, in_danger=("no",)))
    form = opened(await board.submit(AMIRA, form, elsewhere=("none",)))
    answer = await board.submit(AMIRA, form, **{**TOLD, "answer_by": ("2026-13-45",)})
    assert isinstance(answer, Form)
    assert wrong(answer) == {"answer_by": "Write the day like 2026-11-30."}
    assert next(one.value for one in answer.fields() if one.id == "account") == TOLD["account"]


async def test_whoever_left_the_directory_can_do_nothing_from_that_moment(board: House) -> None:
    case = await board.agreed_to_take_part()
    form = opened(await board.bot.press(BEN, Press("note", case.id)))
    board.import_directory("\n".join(line for line in DIRECTORY.splitlines() if "id: ben" not in line))
    for answer in (
        await board.note(case, "Still here", by=BEN),
        await board.bot.press(BEN, Press("open", case.id)),
        await board.bot.submit(BEN, Submission("note", dict(form.carry), {"words": ("Still here",)})),
        await board.bot.say(BEN, "list"),
        await board.bot.say(BEN, f"show {case.reference}"),
    ):
        assert "not in the directory" in words(answer)
        assert case.reference not in words(answer)
    assert "NoteAdded" not in board.events(case)


async def test_a_directory_imported_while_it_runs_is_seen_at_once(board: House) -> None:
    stranger = replace(AMIRA, account="slack:T0001/UNEW")
    assert "not in the directory" in words(await board.bot.say(stranger, "list"))
    board.import_directory(DIRECTORY.replace("UAMIRA", "UNEW"))
    assert "You take part in no open case" in words(await board.bot.say(stranger, "list"))
    assert "not in the directory" in words(await board.bot.say(AMIRA, "list"))


async def test_a_case_that_is_not_theirs_looks_like_one_that_there_is_not(board: House) -> None:
    case = await board.raised("ben")
    there = words(await board.bot.say(KAI, f"show {case.reference}"))
    assert there.replace(case.reference, "HF-2026-9999") == words(
        await board.bot.say(KAI, "show HF-2026-9999")
    )


async def test_a_form_carrying_another_case_decides_on_neither(board: House) -> None:
    mine, theirs = await board.raised("ben"), await board.raised("ben", by=KAI)
    form = opened(await board.bot.press(AMIRA, Press("note", mine.id)))
    await board.submit(AMIRA, carrying(form, case=theirs.id), words=("Not mine to say",), own_side=("no",))
    assert "NoteAdded" not in board.events(mine) + board.events(theirs)


async def test_a_note_that_is_refused_shows_its_words_to_copy(board: House) -> None:
    case = await board.raised("ben")
    kept = await board.bot.say(KAI, f"note {case.reference} Phoned the ward at ten")
    assert isinstance(kept, Form)
    assert "Phoned the ward at ten" in words(kept)
    assert "It was not saved" in words(kept)
    assert board.events(case).count("NoteAdded") == 0


async def test_a_form_with_the_id_of_somebody_elses_draft_shows_nothing_of_it_and_loses_no_words(
    board: House,
) -> None:
    hers = opened(await board.bot.press(AMIRA, Press("new")))
    hers = opened(await board.submit(AMIRA, hers, in_danger=("no",)))
    hers = opened(await board.submit(AMIRA, hers, elsewhere=("none",)))
    await board.submit(AMIRA, hers, **TOLD)
    answer = await board.submit(BEN, hers, **{**TOLD, "account": ("My own words",)})
    assert "My own words" in words(answer)
    assert TOLD["account"][0] not in words(answer)
    draft = board.database.read_now(lambda reader: remembered.draft(reader, hers.carry[FORM_ID]))
    assert draft is not None
    assert draft.values["account"] == TOLD["account"]
