"""Shorter journeys: what belongs elsewhere, people who are hard to find, and words that look like markup."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import OTHER_WAY, PAGE, SLACK, SLACK_TO_TEAMS, TEAMS, Begin
from tests.journeys.people import NORTHMOOR, without_account, without_manager, without_role, without_room
from tests.journeys.story import DIRECT, ELSEWHERE, EMAIL, FORM, Story

on_each = pytest.mark.parametrize("mode", [PAGE, SLACK, TEAMS])
MARKUP = (
    "<!channel> <@U0001> *b* _i_ ~s~ `c` & &amp; [x](y) <b>HTML</b> :tada: {{ 7 * 7 }} <https://x.example|y>"
)
FUNDING = "Eligibility for treatment, care or support, or its funding"
IN_TRUST = "Somebody in a position of trust who may be a risk to adults"


def kept(story: Story) -> list[int]:
    """How many escalations and drafts are on disk."""
    cases = story.bot.ask("select count(*) from streams where kind = 'escalation'")[0][0]
    return [int(cases), int(story.bot.ask("select count(*) from drafts")[0][0])]


@on_each
async def test_what_belongs_elsewhere_is_sent_there_and_not_kept(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        await story.answers_danger("amira", danger=False)
        family = "A concern or complaint of the adult, their family or their carer"
        signpost = (await story.fills("amira", {ELSEWHERE: family})).form
        assert signpost is not None
        assert "Help them use the complaints procedure of the agency it is about." in signpost.words
        assert "Nothing was raised, and nothing was kept." in signpost.words
        assert "You take part in no open case." in (await story.told_privately("amira", "list")).words
        assert (await story.sight("amira")).room == ()
        assert kept(story) == [0, 0]

        await story.answers_danger("amira", danger=False)
        await story.fills("amira", {ELSEWHERE: FUNDING})
        because = story.words("It is about who keeps him safe.")
        await story.fills("amira", {"If it belongs here all the same: why?": because})
        await story.tells("amira")
        assert because in (await story.reads_case("amira")).words

        await story.answers_danger("amira", danger=False)
        in_trust = (await story.fills("amira", {ELSEWHERE: IN_TRUST})).form
        assert in_trust is not None
        assert in_trust.fields == (), "no reason can be given for raising it here"
        assert "Use the Persons in Positions of Trust framework" in in_trust.words
        await story.fills("amira")
        await story.tells("amira")
        assert "Persons in Positions of Trust" not in (await story.reads_case("amira")).words


@on_each
async def test_what_was_left_half_written_is_there_again(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        await story.answers_danger("amira", danger=False)
        await story.fills("amira", {ELSEWHERE: "No, none of these"})
        await story.fills("amira", story.told())
        await story.answers_danger("ben", danger=False)
        sight = await story.says("amira")
        assert sight.form is not None
        assert "Go on with what you wrote" in sight.form.labels()
        again = await story.opens("amira", "Go on with what you wrote", on=FORM)
        assert again.title == "Who is it with?"
        await story.names("amira")
        assert story.typed[1] in (await story.reads_case("amira")).words
        fresh = (await story.says("amira")).form
        assert fresh is not None
        assert fresh.labels() == [], "what was sent is no longer unfinished"


@pytest.mark.parametrize("mode", [PAGE, SLACK, TEAMS, OTHER_WAY, SLACK_TO_TEAMS])
async def test_people_are_found(begin: Begin, mode: str) -> None:
    email = "nadia.fernsby@quillfeather.example.org"
    async with begin(mode, emails=[email], names=["Nadia Fernsby"]) as story:
        await somebody_new_is_named(story, email)
        await ben_says_who_it_is(story)
        await farah_does_not_know_who_it_is(story)
        await nobody_is_left_until_somebody_volunteers(story)


async def somebody_new_is_named(story: Story, email: str) -> None:
    await story.answers_danger("amira", danger=False)
    await story.fills("amira", {ELSEWHERE: "No, none of these"})
    await story.fills("amira", story.told())
    form = (await story.sight("amira")).form
    assert form is not None
    wrong = (await story.fills("amira", story.named(form, "Nadia Fernsby", "nadia"))).form
    assert wrong is not None
    assert wrong.errors() == {EMAIL: "Write their work e-mail, like name@example.org."}
    assert ("Nadia Fernsby",) in [field.value for field in wrong.fields]
    raised = await story.names("amira", story.named(wrong, "Nadia Fernsby", email))
    await story.is_told("amira", raised, "Nadia Fernsby hears of it now.")
    thread = (await story.card("ben")).replies
    assert any("Nadia Fernsby (Northmoor Health Trust) was asked to take part." in line for line in thread)


async def ben_says_who_it_is(story: Story) -> None:
    await story.chooses_more("amira", "Name somebody at Northmoor Health Trust")
    named = await story.fills("amira", await story.naming("amira", "Who should take part?"))
    await story.is_told("amira", named, "They are asked to take part.")
    await story.opens("ben", "Not me, it's …", on=DIRECT)
    farah = {"Who is the right person?": "Farah Siddiqui, line manager, safeguarding lead"}
    await story.is_told("ben", await story.fills("ben", farah), "nothing more is asked of you")
    assert (await story.hears("ben", "You said that this is not for you.")).labels() == []
    late = await story.presses("ben", "Open", about=story.reference)
    await story.is_told("ben", late, "isn't for you. If it is after all, ask Amira Khan")
    asked = await story.hears("farah", "asks your agency to look at it again")
    assert asked.labels() == ["I'm the right person", "Not me, it's …"]
    thread = (await story.card("amira")).replies
    assert any("is not the right person, and named Farah Siddiqui." in line for line in thread)


async def farah_does_not_know_who_it_is(story: Story) -> None:
    await story.opens("farah", "Not me, it's …", on=DIRECT)
    await story.fills("farah")
    told = await story.hears("amira", "is not the right person, and doesn't know who is.")
    assert told.labels() == ["Name somebody", "Open"]
    await story.opens("amira", "Name somebody", on=DIRECT)
    unnamed = (await story.fills("amira")).form
    assert unnamed is not None
    assert "Choose somebody, or write a name and a work e-mail." in unnamed.errors().values()
    jo = "Jo Whitlock, member of the Safeguarding Adults Board, strategic leader"
    await story.fills("amira", await story.naming("amira", "Who should take part?", jo))
    await story.hears("jo", "asks your agency to look at it again")


async def nobody_is_left_until_somebody_volunteers(story: Story) -> None:
    await story.raises("amira")
    await story.opens("ben", "Not me, it's …", on=DIRECT)
    await story.fills("ben")
    card = await story.card("farah")
    assert card.words.startswith("Riverbank Council Adult Social Care to find out who takes this on")
    assert "Nobody at Northmoor Health Trust is named yet." in card.words
    assert card.labels()[0] == "I'm the right person"
    sight = await story.presses("farah", "I'm the right person", about=story.reference)
    assert sight.form is not None
    assert sight.form.title == story.reference
    assert "Northmoor Health Trust to respond" in (await story.card("amira")).words


@on_each
async def test_a_role_that_nobody_fills_is_said_at_once_and_filled(begin: Begin, mode: str) -> None:
    nobody_leads = (without_manager("ben"), without_role("farah", "line_manager"))
    async with begin(mode, *nobody_leads) as story:
        await story.raises("amira")
        await story.presses("ben", "I'm the right person", on=DIRECT)
        moved = await story.moves_on("amira", "go to Stage 2")
        await story.is_told("amira", moved, "Nobody is named for Northmoor Health Trust yet")
        said = await story.hears("ben", "needs a line manager for Northmoor Health Trust")
        assert said.labels() == ["Name somebody", "Open"]
        gap = "Nobody is named as line manager for Northmoor Health Trust yet."
        assert gap in (await story.card("ben")).words
        await story.chooses_more("ben", "Name who leads for Northmoor Health Trust")
        await story.opens("ben", "Name somebody", on=DIRECT)
        farah = {"Who is the line manager for Northmoor Health Trust?": "Farah Siddiqui, safeguarding lead"}
        await story.is_told(
            "ben", await story.fills("ben", farah), "They are told, and lead for your side now."
        )
        await story.hears("farah", "needs you now, as a line manager")
        await story.hears("ben", "Farah Siddiqui leads for Northmoor Health Trust now.")
        assert gap not in (await story.card("amira")).words


@on_each
async def test_several_things_that_wait_for_one_person_become_one_message(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        references = []
        for _ in range(2):
            await story.raises("amira")
            references.append(story.reference)
        before = await story.count("ben")
        for _ in range(8):
            await story.next_working_day()
            if await story.count("ben") > before:
                break
        [reminder] = (await story.sight("ben")).direct[before:]
        assert "Two things wait for you" in reminder.words
        assert all(reference in reminder.words for reference in references)
        assert reminder.labels() == ["I'm the right person", "Not me, it's …"] * 2
        taken = await story.presses("ben", "I'm the right person", on=DIRECT)
        assert taken.form or taken.private, "the case opens, or where the reminder stays it is said beside it"
        said = taken.form.words if taken.form else taken.private.words if taken.private else ""
        [story.reference] = [reference for reference in references if reference in said]
        assert (await story.reads_case("ben")).title == story.reference
        again = await story.presses("ben", "I'm the right person", on=DIRECT)
        await story.is_told("ben", again, "You have already said so. Nothing more is needed.")


@on_each
async def test_words_that_look_like_markup_are_shown_as_typed(begin: Begin, mode: str) -> None:
    name, email = "Zed *Q* <b>Fernsby</b> & Co", "zed@quillfeather.example.org"
    async with begin(mode, emails=[email], names=[name]) as story:
        await story.answers_danger("amira", danger=False)
        await story.fills("amira", {ELSEWHERE: "No, none of these"})
        typed = {label: f"{MARKUP} {words}" for label, words in story.told().items() if "quill" in words}
        more = {"Your own case reference": f"{MARKUP[:60]} quillfeather"}
        await story.fills("amira", story.told() | typed | more)
        await story.names("amira")
        case = (await story.presses("ben", "I'm the right person", on=DIRECT)).form
        assert case is not None
        for words in (*typed.values(), *more.values()):
            assert words in case.words
        form = await story.chooses_more("amira", "Name somebody at Northmoor Health Trust")
        await story.fills("amira", story.named(form, name, email))
        asked = f"{name} (Northmoor Health Trust) was asked to take part."
        assert any(asked in line for line in (await story.card("amira")).replies)
        await markup_is_added_and_read(story)


async def markup_is_added_and_read(story: Story) -> None:
    view, note, outcome = (f"{MARKUP} quillfeather {what}" for what in ("view", "note", "outcome"))
    await story.opens("ben", "Add our view", about=story.reference)
    await story.fills("ben", {"The view of Northmoor Health Trust": view})
    await story.says("ben", f"note {story.reference} {note}")
    await story.opens("ben", "Propose an outcome", about=story.reference)
    proposal = {
        "What do you propose?": outcome,
        "How does it reflect what the adult wants?": outcome,
        "Is there an action to agree?": "No, that is all",
    }
    await story.fills("ben", proposal)
    await story.fills("ben", {})
    case = await story.reads_case("amira")
    assert view in case.words
    assert note in case.words
    await story.opens("amira", "Read and agree", on=DIRECT)
    await story.opens("amira", "Decline, because …", on=FORM)
    await story.fills("amira", {"Why don't you agree?": outcome})
    again = await story.opens("ben", "Propose an outcome", on=DIRECT)
    assert again.field("What do you propose?").value == (outcome,), "and as typed where it is changed"


@pytest.mark.slack
async def test_somebody_whom_the_directory_does_not_know_reads_what_to_do(begin: Begin) -> None:
    async with begin("slack alone", without_account("kai")) as story:
        await story.raises("amira")
        for words in ("", "list", f"show {story.reference}"):
            told = await story.told_privately("kai", words)
            assert "This account is not in the directory yet" in told.words
            assert "If somebody is in danger now, phone 999." in told.words
            assert story.reference not in told.words
            assert told.labels() == []


@pytest.mark.slack
async def test_a_side_without_a_room_has_its_card_in_direct_messages(begin: Begin) -> None:
    async with begin("slack alone", without_room(NORTHMOOR), page=False) as story:
        await story.raises("amira")
        await story.presses("ben", "I'm the right person", on=DIRECT)
        [card] = [one for one in (await story.sight("ben")).direct if "More …" in one.labels()]
        assert card.words.startswith("Northmoor Health Trust to respond")
        await story.opens("ben", "Add our view", on=DIRECT, about=story.reference)
        await story.fills("ben", {"The view of Northmoor Health Trust": story.words("We keep it.")})
        await story.says("amira", f"note {story.reference} {story.words('Phoned.')}")
        [card] = [one for one in (await story.sight("ben")).direct if "More …" in one.labels()]
        assert "to settle this, or move it on" in card.words.splitlines()[0]
        assert any(
            "Amira Khan (Riverbank Council Adult Social Care) added a note." in one for one in card.replies
        )


@on_each
async def test_what_did_not_arrive_is_on_the_case_and_can_be_sent_again(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        await story.raises("amira")
        await story.moves_on("amira", "go to Stage 2")
        story.people.write(story.bot.directory, without="farah")
        await story.lets(story.bot.import_directory())
        await story.opens("amira", "Add our view", about=story.reference)
        view = {"The view of Riverbank Council Adult Social Care": story.words("It can't wait.")}
        await story.fills("amira", view)
        await story.hears("amira", "A message to Farah Siddiqui could not be delivered.")
        case = await story.reads_case("amira")
        assert "Not delivered to Farah Siddiqui: news of a view." in case.words

        story.people.write(story.bot.directory)
        await story.lets(story.bot.import_directory())
        sight = await story.presses("amira", "Send again", on=FORM)
        await story.is_told("amira", sight, "It is being sent again, and the record says so.")
        await story.hears("farah", "Amira Khan")
        case = await story.reads_case("amira")
        assert "Not delivered" not in case.words
        assert "had what did not reach Farah Siddiqui sent again" in case.words


@on_each
async def test_what_never_should_have_been_typed_is_destroyed_by_two(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        await story.raises("amira")
        await story.presses("ben", "I'm the right person", on=DIRECT)
        wrong = story.words("His neighbour's name and address.")
        await story.says("amira", f"note {story.reference} {wrong}")
        await amira_asks_to_have_it_destroyed(story)
        assert wrong in (await story.opens("ben", "Read and answer", on=DIRECT)).words
        kept = await story.presses("ben", "Keep the entry", on=FORM)
        await story.is_told("ben", kept, "The entry stays as it is.")
        await story.hears("amira", "It stays as it is.")
        assert wrong in (await story.reads_case("ben")).words
        await amira_asks_to_have_it_destroyed(story)
        asked = await story.hears("ben", "That takes two people.")
        assert asked.labels() == ["Read and answer", "Open"]
        await story.opens("ben", "Read and answer", on=DIRECT)
        gone = await story.presses("ben", "Destroy these words", on=FORM)
        await story.is_told("ben", gone, "The words are destroyed.")
        await nobody_reads_it_and_all_are_told(story, wrong)


async def amira_asks_to_have_it_destroyed(story: Story) -> None:
    noted = re.search(r"(\d+)\. Amira Khan [^.]* added a note\.", (await story.reads_case("amira")).words)
    assert noted is not None
    form = await story.opens("amira", "Something here should not have been typed", on=FORM)
    options = form.field("Which entry?").options
    [entry] = [option for option in options if option.startswith(f"Entry {noted[1]},")]
    typed = {
        "Which entry?": entry,
        "Why should its words go?": "It is about somebody else.",
        "In a sentence": story.words("He has no part in this."),
    }
    sight = await story.fills("amira", typed)
    await story.is_told("amira", sight, "The words go when a second person agrees.")


async def nobody_reads_it_and_all_are_told(story: Story, wrong: str) -> None:
    for person in ("amira", "ben"):
        case = await story.reads_case(person)
        assert wrong not in case.words
        assert "by Amira Khan and Ben Osei, because it is about somebody else." in case.words
    told = await story.hears("amira", "was destroyed, because it is about somebody else.")
    assert told.labels() == ["Open"]
    assert (await story.hears("ben", "was destroyed.")).labels() == ["Open"], "what he was asked is answered"
    assert any("destroyed what was typed in entry" in line for line in (await story.card("amira")).replies)
