"""After a journey: no error in the log, and nobody's words anywhere but in forms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.journeys.people import Json, People
from tests.journeys.process import Bot
from tests.journeys.story import SENTINEL, Story
from tests.slack_judge import judge_acknowledgement, judge_message, judge_view
from tests.slack_mirror import SlackMirror
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET
from tests.teams_connector import PASSWORD, TeamsStandIn
from tests.teams_judge import judge_message as judge_activity

SIGNED = "eyJhbGciOi"
"""How every signed token begins."""


@dataclass(frozen=True)
class Typed:
    """What was typed beside the words that are marked: no message shows `emails`, but it may show `names`."""

    emails: list[str]
    names: list[str]


def no_unexpected_error(bot: Bot) -> None:
    errors = [line for line in bot.log_lines() if line["level"] in ("error", "critical")]
    assert not errors, f"the log has errors: {errors}"


def nothing_typed_or_named_in_the_log(bot: Bot, people: People, typed: Typed) -> None:
    _without(bot.said(), _private(bot, people, typed), "the log")


async def nothing_of_anybody_where_its_state_is_shown(bot: Bot, people: People, typed: Typed) -> None:
    told = await bot.told_to_whoever_runs_it()
    _without(told, [*_private(bot, people, typed), "HF-"], "what shows its state")


def nothing_readable_in_the_files(bot: Bot, people: People, typed: Typed) -> None:
    files = bot.files()
    assert b"HF-" in files, "the search finds what is meant to be readable"
    for secret in _private(bot, people, typed):
        for encoding in ("utf-8", "utf-16-le"):
            assert secret.encode(encoding) not in files, f"the database file has {secret!r}"


async def nothing_typed_in_any_message(
    story: Story, typed: Typed, slack: SlackMirror | None, teams: TeamsStandIn | None
) -> None:
    """Every message that the page has, and all that Slack and Teams were ever sent but for forms."""
    found = [words for person in story.surfaces for words in await _messages(story, person)]
    if slack:
        found += _what_forms_carry(slack)
        found += [json.dumps(sent) for method, sent in slack.sent if method.startswith("chat.")]
        found += [json.dumps(one) for channel in slack.channels for one in slack._messages.get(channel, [])]
    if teams:
        found += [json.dumps(sent, ensure_ascii=False) for sent in _sent_to(teams)]
    assert found, "there is something to search"
    _without("\n".join(found), _words(typed, story.people), "a message")


def _what_forms_carry(slack: SlackMirror) -> list[str]:
    """Slack keeps what a form carries beside its fields, and what its buttons do."""
    views = [sent["view"] for _, sent in slack.sent if isinstance(sent.get("view"), dict)]
    carried = [str(view.get("private_metadata", "")) + str(view.get("callback_id", "")) for view in views]
    assert not views or any(carried), "there is something to search"
    return carried


async def _messages(story: Story, person: str) -> list[str]:
    sight = await story.sight(person)
    shown = [*sight.room, *sight.direct, *([sight.private] if sight.private else [])]
    return [text for one in shown for text in (one.words, *one.labels(), *one.replies)]


def all_of_it_within_slacks_limits(slack: SlackMirror) -> None:
    assert slack.sent, "there is something to judge"
    for method, sent in slack.sent:
        if method.startswith("chat."):
            judge_message(sent)
        elif "view" in sent:
            judge_view(sent["view"])
    for answer in slack.answers:
        if isinstance(answer.body, dict):
            judge_acknowledgement(answer.body)


def all_of_it_as_teams_takes_it(teams: TeamsStandIn) -> None:
    cards = [sent for sent in _sent_to(teams) if "attachments" in sent]
    assert cards, "there is something to judge"
    for sent in cards:
        judge_activity(sent)


def nothing_of_slack_in_the_log_or_files(bot: Bot, people: People) -> None:
    """The ids of accounts and rooms, as they are written in the directory."""
    places = [place for agency in people.file["agencies"] for place in _places(agency)]
    mine = [place.removeprefix("slack:") for place in places if place.startswith("slack:")]
    assert mine, "there is something to search for"
    _without(bot.said(), mine, "the log")
    files = bot.files()
    for place in mine:
        assert place.encode() not in files, f"the database file has {place!r}"


def _places(agency: Json) -> list[str]:
    accounts = [account for person in agency["people"] for account in person.get("accounts", [])]
    return [*accounts, *([agency["room"]] if "room" in agency else [])]


def nothing_of_teams_in_the_log_or_files(bot: Bot, teams: TeamsStandIn) -> None:
    """Tokens, ours and those shown to us, and the ids of accounts and rooms."""
    log, files = bot.said(), bot.files()
    ids = [member.object for member in teams.people.values()]
    ids += [channel.conversation for channel in teams.channels.values()]
    _without(log, [PASSWORD, SIGNED, *ids, *teams.tokens], "the log")
    for secret in (PASSWORD, SIGNED, *ids, *teams.tokens):
        assert secret.encode() not in files, f"the database file has {secret!r}"


def _sent_to(teams: TeamsStandIn) -> list[Json]:
    return [sent for posted in teams.messages for sent in (posted.activity, *posted.updates)]


def _words(typed: Typed, people: People) -> list[str]:
    return [SENTINEL, *typed.emails, *people.emails]


def _private(bot: Bot, people: People, typed: Typed) -> list[str]:
    return [*_words(typed, people), *typed.names, *people.names, *_tokens(bot)]


def _tokens(bot: Bot) -> list[str]:
    return [BOT_TOKEN, SIGNING_SECRET, bot.key]


def _without(text: str, secrets: list[str], where: str) -> None:
    for secret in secrets:
        place = text.casefold().find(secret.casefold())
        around: Any = text[max(0, place - 200) : place + 200]
        assert place < 0, f"{where} has {secret!r}: {around}"
