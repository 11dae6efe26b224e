"""The whole journey, written once. It runs on the page, on Slack, and with one side on each."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import MIXED, PAGE, SLACK, SLACK_TO_TEAMS, TEAMS, TEAMS_TO_SLACK, Begin
from tests.journeys.people import with_role
from tests.journeys.story import BANNER, DIRECT, ELSEWHERE, FORM, PRIVATE, WHO, Story

DANGER_AGAIN = "Is somebody in danger? Answer again"
SAFE_NOW = "What has been done, or what makes the adult safe now?"
WHY = "Why is it not resolved?"


@pytest.mark.parametrize("mode", [PAGE, SLACK, TEAMS, MIXED, TEAMS_TO_SLACK, SLACK_TO_TEAMS])
async def test_the_whole_journey(begin: Begin, mode: str) -> None:
    async with begin(mode, with_role("ines", "sab_member")) as story:
        await amira_raises_it(story)
        await ben_is_asked(story)
        await views_notes_and_attempts_are_added(story)
        await the_warning_is_lifted_by_the_side_that_raised_it(story)
        await the_week_passes(story)
        await what_can_be_said_is_answered_privately(story)
        await it_moves_on_through_the_stages(story)
        await the_chair_is_told(story)
        await an_outcome_is_declined_and_changed(story)
        await two_agree_in_the_same_second(story)
        await everybody_reads_the_outcome(story)
        await the_actions_are_asked_about_until_they_are_done(story)


async def amira_raises_it(story: Story) -> None:
    now = await story.answers_danger("amira", danger=True)
    assert "If somebody is in danger now, phone 999." in now.words, "what to do now is shown"
    assert "to be supplied" not in now.words
    scope = (await story.fills("amira")).form
    assert scope is not None
    assert BANNER in scope.words
    told = story.told() | {
        "How do you know?": "An advocate or IMCA told us",
        "By when do you need it?": "2020-01-01",
    }
    form = (await story.fills("amira", {ELSEWHERE: "No, none of these"})).form
    assert form is not None
    account = "What happened, and why does it worry you?"
    form = (await story.fills("amira", told)).form
    assert form is not None
    advocate = "If somebody spoke for them: who, and what are they to the adult?"
    assert form.errors() == {advocate: "Say who spoke for the adult."}
    assert form.field(account).value == (told[account],), "nothing typed is lost"
    assert form.field("How do you know?").value == ("An advocate or IMCA told us",)
    form = (await story.fills("amira", {advocate: story.words("Her advocate.")})).form
    assert form is not None
    assert list(form.errors()) == ["By when do you need it?"]
    assert form.field(account).value == (told[account],)
    by = {"By when do you need it?": story.working_day(3), "Your own case reference": story.words("RC-1")}
    await story.fills("amira", by)
    raised = await story.fills("amira", await story.naming("amira", WHO))
    answer = await story.is_told("amira", raised, "is raised.")
    assert "Ben Osei hears of it now." in answer.words
    story.finds_reference(answer.words)
    card = await story.card("amira")
    assert "Northmoor Health Trust to respond" in card.words.splitlines()[1]
    assert "Stage 1 of 4" in card.words
    assert any(
        "Amira Khan (Riverbank Council Adult Social Care) raised this." in line for line in card.replies
    )


async def ben_is_asked(story: Story) -> None:
    asked = await story.hears("ben", "disagrees with a decision and asks your agency to look at it again")
    assert asked.labels() == ["I'm the right person", "Not me, it's …"]
    await story.banner_is_everywhere("amira", "ben")
    for person, words in (
        ("ben", "First say whether you are the right person."),
        ("farah", "Only people who take"),
    ):
        refused = await story.presses(person, "Open", about=story.reference)
        await story.is_told(person, refused, words)
    case = (await story.presses("ben", "I'm the right person", on=DIRECT)).form
    assert case is not None
    assert story.typed[0] in case.words, "now he sees the decision asked for"
    assert BANNER in case.words
    assert (await story.hears("ben", "You take part.")).labels() == ["Add our view", "Open"], (
        "what he was asked is answered"
    )


async def views_notes_and_attempts_are_added(story: Story) -> None:
    await story.opens("ben", "Open", about=story.reference)
    await story.opens("ben", "Add our view", on=FORM)
    view = story.words("We looked at it again, and we keep our decision.")
    done = await story.fills("ben", {"The view of Northmoor Health Trust": view})
    await story.is_told("ben", done, "Your view is in the record.")
    await story.hears("amira", "Ben Osei (Northmoor Health Trust) added their view.")
    await story.presses("amira", "Open", on=DIRECT, about="added their view")
    assert view in (await story.reads_case("amira")).words

    await story.chooses_more("amira", "Add a note")
    between_us = story.words("He sounded afraid of his nephew.")
    await story.fills("amira", {"Your note": between_us, "Who may read it?": "Only our own side"})
    for_all = story.words("Phoned the ward.")
    await story.is_told(
        "amira", await story.says("amira", f"note {story.reference} {for_all}"), "Your note is in"
    )
    amiras, bens = (await story.reads_case("amira")).words, (await story.reads_case("ben")).words
    assert between_us in amiras
    assert "Seen by your side only." in amiras
    assert between_us not in bens
    assert for_all in amiras
    assert for_all in bens

    await story.chooses_more("amira", "Record an attempt to make contact")
    tried = {
        "Whom did you try to reach?": story.words("The duty nurse"),
        "At about what time?": story.words("half past ten"),
        "How?": story.words("by phone"),
        "What came of it?": story.words("No answer."),
    }
    await story.is_told("amira", await story.fills("amira", tried), "The attempt is in the record.")
    assert tried["What came of it?"] in (await story.reads_case("ben")).words


async def the_warning_is_lifted_by_the_side_that_raised_it(story: Story) -> None:
    safe = {SAFE_NOW: story.words("A neighbour stays with him.")}
    form = await story.chooses_more("ben", DANGER_AGAIN)
    question = form.fields[0].label
    refused = (await story.fills("ben", {question: "No", **safe})).form
    assert refused is not None
    assert "Only Riverbank Council Adult Social Care, who raised this, can lift" in "".join(
        refused.errors().values()
    )
    assert refused.field(SAFE_NOW).value == (safe[SAFE_NOW],)
    await story.chooses_more("amira", DANGER_AGAIN)
    await story.fills("amira", {question: "No", **safe})
    await story.hears("ben", "recorded that there is no immediate danger now")
    for person in ("amira", "ben"):
        assert BANNER not in (await story.card(person)).words


async def the_week_passes(story: Story) -> None:
    before = await story.until_heard("ben", " · propose an outcome, or say that it is not resolved · by ")
    assert before.labels() == ["Propose an outcome", "Open"]
    lapsed = await story.until_heard("ben", f"{story.reference}: the time for Stage 1 ended")
    assert "Is it resolved?" in lapsed.words
    assert lapsed.labels() == ["Propose an outcome", "Not resolved: go to Stage 2", "Open"]
    await story.hears("amira", "the time for Stage 1 ended")
    assert "to say: resolved, or the next stage" in (await story.card("amira")).words.splitlines()[0]
    await story.until_heard("dara", "waits for an answer")
    await story.hears("farah", f"{story.reference}: the time for Stage 1 has ended.")
    await story.until_heard("ben", "the time for Stage 1 ended")


async def what_can_be_said_is_answered_privately(story: Story) -> None:
    before = [len((await story.sight(person)).room) for person in ("amira", "ben")]
    for words in ("list", "list overdue", "list all"):
        listed = await story.is_told("ben", await story.says("ben", words), story.reference)
        assert listed.words.count("time ended ") == 1
        assert listed.labels() == [f"Open {story.reference}"]
    assert (await story.presses("ben", f"Open {story.reference}", on=PRIVATE)).form is not None
    assert "You take part in no open case." in (await story.told_privately("kai", "list")).words
    helped = await story.told_privately("amira", "help")
    assert "raise a professional disagreement" in helped.words
    in_teams = story.surfaces["amira"].name == "teams"
    assert ("/escalate list" not in helped.words) == in_teams, "there /escalate opens the first question"
    nonsense = await story.told_privately("amira", "please make some tea")
    assert "That wasn't one of the things that can be said here." in nonsense.words
    assert (await story.presses("amira", "Raise an escalation", on=PRIVATE)).form is not None
    unknown = await story.told_privately("kai", f"show {story.reference}")
    assert f"There is no escalation {story.reference} that you can see." in unknown.words
    assert before == [len((await story.sight(person)).room) for person in ("amira", "ben")]


async def it_moves_on_through_the_stages(story: Story) -> None:
    old = story.newest(await story.sight("ben"), "Not resolved: go to Stage 2", DIRECT)
    reason = story.words("We still don't agree.")
    await story.opens("amira", "Not resolved: go to Stage 2", on=DIRECT)
    moved = await story.fills("amira", {WHY: reason})
    await story.is_told("amira", moved, "Stage 2 has begun.")
    for person in ("dara", "farah"):
        assert (await story.hears(person, "needs you now, as a line manager")).labels() == ["Open the brief"]
    assert reason in (await story.opens("dara", "Open the brief", on=DIRECT)).words
    await story.hears("ben", "moved this on: it was not resolved. Stage 2 has begun.")
    card = await story.card("ben")
    assert "Stage 2 of 4" in card.words
    assert "Dara Lewis" in card.words
    assert "Farah Siddiqui" in card.words
    stale = (await story.presses_this("ben", old, DIRECT)).form
    assert stale is not None
    assert "This card is from an earlier stage. Amira Khan moved it on to Stage 2" in stale.words
    assert (await story.opens("ben", "Open the case", on=FORM)).title == story.reference

    await story.moves_on("farah", "go to Stage 3")
    for person in ("gwen", "ines"):
        await story.hears(person, "needs you now, as a senior manager")
    await story.moves_on("gwen", "go to Stage 4")
    for person in ("hal", "jo"):
        await story.hears(person, "needs you now, as ")
    for person in ("amira", "ben", "dara", "farah", "ines"):
        await story.hears(person, "Stage 4 has begun.")


async def the_chair_is_told(story: Story) -> None:
    review = await story.until_heard("jo", "how does it stand?")
    assert review.labels() == ["Propose an outcome", "Not resolved: tell the Chair", "Open"]
    await story.opens("jo", "Not resolved: tell the Chair", on=DIRECT)
    await story.is_told("jo", await story.fills("jo", {WHY: story.words("We can't settle it.")}), "Chair")
    await story.hears("zoe", "went through every stage and is not resolved")
    brief = await story.opens("zoe", "Open the brief", on=DIRECT)
    assert story.typed[0] in brief.words
    assert brief.labels()[0] == "What happened"
    await story.hears("amira", "recorded that the last stage did not resolve it")
    assert "There is no further stage." in (await story.card("ben")).words
    again = await story.until_heard("hal", "how does it stand?")
    assert again.labels() == ["Propose an outcome", "Open"]


async def an_outcome_is_declined_and_changed(story: Story) -> None:
    actions = [("Ben Osei, Northmoor Health Trust", story.working_day(8))]
    actions.append(("Amira Khan, Riverbank Council Adult Social Care", story.working_day(20)))
    done = await story.proposes("hal", *actions)
    await story.is_told("hal", done, "Your proposal is in the record.")
    asked = await story.hears("ines", "proposed an outcome")
    assert "Please read it, then agree or decline." in asked.words
    assert asked.labels() == ["Read and agree"]
    may_not = await story.hears("ben", "proposed an outcome")
    assert may_not.labels() == ["Read it"]
    decide = story.newest(await story.sight("ines"), "Read and agree", DIRECT).value
    for read in (
        await story.opens("ben", "Read it", on=DIRECT),
        await story.opens_of_others("ben", "Read and agree", decide),
    ):
        assert "For your side it waits for Ines Moreau and Jo Whitlock, who may agree it" in read.words
        assert read.labels() == []
    await story.opens("ines", "Read and agree", on=DIRECT)
    await story.opens("ines", "Decline, because …", on=FORM)
    reason = story.words("The trust can't do that alone.")
    await story.fills("ines", {"Why don't you agree?": reason})
    await story.hears("amira", "declined the proposed outcome")
    case = await story.reads_case("amira")
    assert reason in case.words
    assert "Northmoor Health Trust: declined" in (await story.card("ben")).words

    await story.changes_the_proposal("amira", label="Propose an outcome", on=DIRECT)
    for person, may in (("hal", True), ("ines", True), ("ben", False), ("amira", False)):
        await story.sees_on_the_card(person, "Read and agree", may=may)
    newer = await story.opens("hal", "Read and agree", on=DIRECT)
    assert newer.labels() == ["Agree this outcome", "Decline, because …"]
    await nobody_else_may_agree(story, newer.buttons[0].value)
    await story.opens("hal", "Read and agree", on=DIRECT)
    await story.is_told("hal", await story.presses("hal", "Agree this outcome", on=FORM), "You agreed")
    assert "Riverbank Council Adult Social Care: agreed" in (await story.card("ben")).words
    await story.opens("amira", "More …", about=story.reference)
    await story.changes_the_proposal("amira", label="Propose a different outcome", on=FORM)
    standing = (await story.card("ben")).words
    assert "Riverbank Council Adult Social Care: to agree" in standing, "what was agreed is void"
    await story.opens("hal", "Read and agree", on=DIRECT)
    await story.presses("hal", "Agree this outcome", on=FORM)


async def nobody_else_may_agree(story: Story, agree: str) -> None:
    """Whatever card it is pressed on: that is decided from who they are, at each press."""
    for person, why in (
        ("ben", "This is for Ines Moreau and Jo Whitlock now (Stage 4)."),
        ("amira", "This is for Hal Brandt now (Stage 4)."),
        ("chi", "Only people who take part in"),
        ("zoe", "As Chair of the board you can read"),
    ):
        await story.is_told(person, await story.presses_unseen(person, agree), why)
    standing = (await story.card("ben")).words
    assert "Riverbank Council Adult Social Care: to agree · Northmoor Health Trust: to agree" in standing


async def two_agree_in_the_same_second(story: Story) -> None:
    for person in ("ines", "jo"):
        await story.opens(person, "Read and agree", on=DIRECT)
    answers = await story.press_at_once("Agree this outcome", "ines", "jo")
    words = [sight.private.words for sight in answers if sight.private]
    assert len(words) == 2
    [agreed] = [one for one in words if "The outcome is agreed." in one]
    [other] = [one for one in words if one != agreed]
    assert "Already done: " in other
    assert ("Ines Moreau" in other) != ("Jo Whitlock" in other), "who did is named"
    assert "agreed this outcome, " in other


async def everybody_reads_the_outcome(story: Story) -> None:
    outcome = story.proposed[-1]
    for person in ("amira", "ben"):
        card = await story.card(person)
        assert card.labels() == ["Read the outcome"], "no button is left that no longer applies"
        assert "Agreed on " in card.words
    for person in ("amira", "ben", "dara", "farah", "gwen", "hal", "zoe"):
        await story.hears(person, "An outcome is agreed.")
        letter = await story.opens(person, "Read the outcome", on=DIRECT)
        assert outcome in letter.words
    direct = (await story.sight("ines")).direct
    assert not [one.words for one in direct if "Read and agree" in one.labels()], "nothing is left to agree"


async def the_actions_are_asked_about_until_they_are_done(story: Story) -> None:
    asked = await story.until_heard("ben", "an action that is yours")
    assert asked.labels() == ["Done", "Not done, because …", "Open"]
    assert story.today.isoformat() >= story.due[0], "not before its day"
    await story.opens("ben", "Not done, because …", on=DIRECT)
    later = {
        "Why isn't it done yet?": story.words("He was away."),
        "By when will it be done?": story.working_day(40),
    }
    await story.is_told("ben", await story.fills("ben", later), "The new day is in the record.")
    await story.hears("zoe", "said that an action isn't done yet.")
    await story.until_heard("amira", "an action that is yours")
    await story.opens("amira", "Read the outcome", about=story.reference)
    await story.is_told("amira", await story.presses("amira", "My action is done", on=FORM), "as done")
    twice = await story.presses("amira", "Done", on=DIRECT)
    await story.is_told("amira", twice, "Already done: you said that this is done")
    await story.until_heard("ben", "an action that is yours")
    await story.presses("ben", "Done", on=DIRECT)
    for person in ("amira", "dara", "jo", "zoe"):
        await story.hears(person, "Everything that was agreed is done. The case is closed.")
    card = await story.card("ben")
    assert card.words.startswith("Closed.")
    assert card.labels() == ["Read the outcome"]
    await story.reads_case("amira")
    earlier = await story.opens("amira", "Earlier", on=FORM)
    assert "What happened, page " in earlier.words
    assert (await story.opens("amira", "Back to the case", on=FORM)).title == story.reference
