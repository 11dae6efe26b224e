"""What only Teams has: commands on messages, people who took the bot out, sides without a channel."""

from __future__ import annotations

from tests.journeys.conftest import TEAMS, Begin
from tests.journeys.people import NORTHMOOR, without_room
from tests.journeys.story import DIRECT, ELSEWHERE, EMAIL, Story
from tests.journeys.surface import Form
from tests.journeys.teams import TeamsSurface

ACCOUNT = "What happened, and why does it worry you?"
LEAVE, OFFERED = "Use the text of the message?", "The message that you chose"


def surface_of(story: Story, person: str) -> TeamsSurface:
    surface = story.surfaces[person]
    assert isinstance(surface, TeamsSurface)
    return surface


async def told_step(story: Story, typed: dict[str, str]) -> Form:
    """From the form that stands open to the one about the disagreement."""
    form = (await story.sight("amira")).form
    assert form is not None
    await story.fills("amira", {form.fields[0].label: "No", **typed})
    told = (await story.fills("amira", {ELSEWHERE: "No, none of these"})).form
    assert told is not None
    return told


async def test_a_message_is_raised_with_its_words_only_if_the_person_says_so(begin: Begin) -> None:
    async with begin(TEAMS) as story:
        teams, said = surface_of(story, "amira"), story.words("He fell & nobody came.")
        html = f"<p>{said.replace('&', '&amp;')}</p>"
        await story.lets(teams.choose("amira", "escalate", html))
        assert (await told_step(story, {})).field(ACCOUNT).value == ()
        assert story.bot.ask("select count(*) from drafts") == [(0,)], "without leave nothing is kept"
        await story.lets(teams.choose("amira", "escalate", html))
        opened = (await story.sight("amira")).form
        assert opened is not None
        assert opened.field(OFFERED).value == (said,)
        assert (await told_step(story, {LEAVE: "Yes, use this text"})).field(ACCOUNT).value == (said,)
        told = {label: words for label, words in story.told().items() if label != ACCOUNT}
        await story.fills("amira", told)
        await story.names("amira")
        assert said in (await story.reads_case("amira")).words


async def test_a_reply_in_a_cases_thread_is_added_to_its_record(begin: Begin) -> None:
    async with begin(TEAMS) as story:
        await story.raises("amira")
        said = story.words("The ward phoned back.")
        teams = surface_of(story, "amira")
        await story.lets(teams.choose("amira", "addToRecord", f"<div>{said}</div>", teams.live_card("amira")))
        form = (await story.sight("amira")).form
        assert form is not None
        assert form.field("Your note").value == (said,)
        assert said not in (await story.reads_case("amira")).words, "not before it is sent"
        await story.lets(teams.choose("amira", "addToRecord", f"<div>{said}</div>", teams.live_card("amira")))
        await story.is_told("amira", await story.fills("amira"), "Your note is in the record.")
        assert said in (await story.reads_case("amira")).words
        await story.lets(teams.choose("amira", "addToRecord", f"<div>{said}</div>"))
        elsewhere = await story.is_told("amira", await story.sight("amira"), story.reference)
        assert elsewhere.labels() == [f"Open {story.reference}"]


async def test_whoever_took_the_bot_out_is_told_another_way_and_the_case_says_so(begin: Begin) -> None:
    async with begin(TEAMS, page=False) as story:
        teams = surface_of(story, "ben").teams
        teams.block("Ben Osei")
        await story.raises("amira")
        away = await story.hears("farah", "A message to Ben Osei could not be delivered.")
        assert away.labels() == []
        await story.hears("amira", "A message to Ben Osei could not be delivered.")
        assert any("Ben Osei" in line for line in (await story.card("amira")).replies)


async def test_a_side_without_a_channel_has_its_card_in_the_chats_of_its_people(begin: Begin) -> None:
    async with begin(TEAMS, without_room(NORTHMOOR), page=False) as story:
        await story.raises("amira")
        await story.presses("ben", "I'm the right person", on=DIRECT)
        [card] = [one for one in (await story.sight("ben")).direct if "More …" in one.labels()]
        assert card.words.startswith("Northmoor Health Trust to respond")
        await story.opens("ben", "Add our view", on=DIRECT, about=story.reference)
        await story.fills("ben", {"The view of Northmoor Health Trust": story.words("We keep it.")})
        await story.says("amira", f"note {story.reference} {story.words('Phoned.')}")
        sight = await story.sight("ben")
        [card] = [one for one in sight.direct if "More …" in one.labels()]
        assert "to settle this, or move it on" in card.words.splitlines()[0]
        line = "Amira Khan (Riverbank Council Adult Social Care) added a note."
        assert any(line in one.words for one in sight.direct)


async def test_nobody_sees_another_tenants_names_beyond_those_taking_part(begin: Begin) -> None:
    """Riverbank has one tenant, Northmoor another."""
    async with begin(TEAMS, page=False) as story:
        theirs = ("Farah Siddiqui", "Ines Moreau", "Jo Whitlock")
        await story.answers_danger("amira", danger=False)
        await story.fills("amira", {ELSEWHERE: "No, none of these"})
        who = (await story.fills("amira", story.told())).form
        assert who is not None
        assert [field.label for field in who.fields] == ["Their name", EMAIL]
        assert "Name them by their work e-mail." in who.words
        wrong = (await story.fills("amira", story.named(who, "Lena", "lena@example.org"))).form
        assert wrong is not None
        assert wrong.errors() == {
            EMAIL: "Nobody can be asked for this agency by that e-mail address. Please check it."
        }
        raised = await story.names("amira", story.named(who, "Benny", "BEN@example.org"))
        await story.is_told("amira", raised, "Ben Osei hears of it now.")
        await story.presses("ben", "I'm the right person", on=DIRECT)

        form = await story.chooses_more("amira", "Name somebody at Northmoor Health Trust")
        assert [field.label for field in form.fields] == ["Their name", EMAIL]
        own = await story.chooses_more("ben", "Name somebody at Northmoor Health Trust")
        assert all(any(name in option for option in own.fields[0].options) for name in theirs)
        seen = "\n".join([one.words for one in (await story.sight("amira")).direct] + [form.words, who.words])
        assert not [name for name in theirs if name in seen]


async def test_where_nobody_of_another_tenant_is_named_their_safeguarding_lead_is_asked(begin: Begin) -> None:
    async with begin(TEAMS, page=False) as story:
        await story.answers_danger("amira", danger=False)
        await story.fills("amira", {ELSEWHERE: "No, none of these"})
        await story.fills("amira", story.told())
        sight = await story.fills("amira")
        story.finds_reference((await story.is_told("amira", sight, "Farah Siddiqui hears of it now.")).words)
        await story.presses("farah", "I'm the right person", on=DIRECT)
        await story.proposes(
            "farah", ("Amira Khan, Riverbank Council Adult Social Care", story.working_day(8))
        )


async def test_a_note_that_is_not_saved_is_answered_with_why(begin: Begin) -> None:
    async with begin(TEAMS, page=False) as story:
        await story.raises("amira")
        for said, why in (
            ("note HF-2026-9999 Phoned the ward.", "There is no escalation HF-2026-9999 that you can see."),
            (f"note {story.reference} {'Phoned. ' * 1000}", "This is too long: at most 3000 characters."),
        ):
            told = await story.is_told("amira", await story.says("amira", said), why)
            assert "It was not saved." in told.words
            assert told.labels() == []
