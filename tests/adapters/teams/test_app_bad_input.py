"""Whatever is sent here, it is answered with 4xx or in kind words; it is never our failure."""

from typing import Any

import pytest

from adapters.teams.invokes import NOT_UNDERSTOOD
from tests.adapters.teams.conftest import Teams

INVOKES = [
    "adaptiveCard/action",
    "task/fetch",
    "task/submit",
    "composeExtension/submitAction",
    "composeExtension/query",
    "composeExtension/queryLink",
    "task/other",
    "signin/verifyState",
    "fileConsent/invoke",
    "config/fetch",
    "message/submitAction",
    "",
    "x" * 3000,
    None,
    7,
]
VALUES: list[Any] = [
    None,
    {},
    [],
    "words",
    7,
    {"action": None},
    {"action": {"data": []}},
    {"data": {"press": 7}},
    {"data": {"submit": ["note"]}},
    {"data": "{}"},
]


@pytest.mark.parametrize("command", [None, {}, [], 7, "somethingElse"])
async def test_a_command_that_is_none_of_ours_opens_the_first_question(command: Any, teams: Teams) -> None:
    invoke = {"type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandId": command}}
    answer = await teams.there.send(teams.there.activity("amira") | invoke)
    assert (teams.bot.pressed[0][1].verb, answer.body["task"]["type"]) == ("new", "continue")


@pytest.mark.parametrize("name", INVOKES)
async def test_an_invoke_that_is_unknown_or_says_nothing_is_answered_kindly(name: Any, teams: Teams) -> None:
    for value in VALUES:
        invoke = {"type": "invoke", "name": name, "value": value}
        answer = await teams.there.send(teams.there.activity("amira") | invoke)
        assert isinstance(answer.body, dict)
        assert "(code " not in answer.words
        if name == "adaptiveCard/action":
            assert (answer.body["statusCode"], answer.words) == (400, NOT_UNDERSTOOD)
    assert teams.bot.asked == 0


def without(activity: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in activity.items() if name != key}


@pytest.mark.parametrize("kind", ["message", "invoke", "conversationUpdate", "installationUpdate"])
@pytest.mark.parametrize(
    "missing", ["from", "conversation", "recipient", "channelData", "id", "channelId", "serviceUrl"]
)
@pytest.mark.parametrize("instead", [None, "left out", [], {}, "words", 7])
async def test_an_activity_with_something_missing_is_never_our_failure(
    kind: str, missing: str, instead: Any, teams: Teams
) -> None:
    there = teams.there
    whole = there.activity("amira") | {"type": kind, "name": "task/fetch", "text": "list"}
    activity = without(whole, missing) if instead == "left out" else whole | {missing: instead}
    answer = await there.send_raw(activity, there.framework.token(there.service_url))
    assert answer.status in {200, 400, 403}


BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"words"',
    b"{",
    b"\xff\xfe",
    b'{"type": 7}',
    b"{}",
    b"[" * 100_000,
    b'{"type":"message","a":' + b"[" * 5000 + b"]" * 5000 + b"}",
]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_is_no_activity_is_refused(body: bytes, teams: Teams) -> None:
    there = teams.there
    answer = await there.send_raw(body, there.framework.token(there.service_url))
    assert (answer.status, teams.bot.asked) == (400, 0)


async def test_half_a_character_spoils_nothing(teams: Teams) -> None:
    """As where a client cut a message within an emoji; whole ones stay."""
    said = teams.there.activity("amira") | {
        "type": "message",
        "text": "note HF-2026-0001 He fell \ud83d\ude00\ud83d",
    }
    await teams.there.send(said)
    assert [words for _, words in teams.bot.said] == ["note HF-2026-0001 He fell \U0001f600?"]


async def test_more_than_teams_sends_is_refused(teams: Teams) -> None:
    there = teams.there
    activity = there.activity("amira") | {"type": "message", "text": "a" * 600_000}
    assert (await there.send_raw(activity, there.framework.token(there.service_url))).status == 413


async def test_long_words_reach_the_bot_as_they_are(teams: Teams) -> None:
    words = "note HF-2026-0001 " + "\u00e9\U0001f600 " * 20_000
    await teams.there.say("amira", words)
    assert teams.bot.said[0][1] == words.strip()


@pytest.mark.parametrize("half", ["\ud800", "x\udfff"])
async def test_ids_with_halves_of_characters_are_kept_without_them(
    half: str, teams: Teams, caplog: pytest.LogCaptureFixture
) -> None:
    there = teams.there
    base = there.activity("amira", "ward")
    channel = base["channelData"] | {"team": {"id": half}, "channel": {"id": half}}
    for changed in (
        {"channelData": channel},
        {"conversation": base["conversation"] | {"id": f"19:{half}@thread.tacv2"}, "from": {"id": half}},
        {"recipient": {"id": half}, "from": base["from"] | {"id": half}},
        {"channelData": channel | {"eventType": "channelDeleted"}, "type": "conversationUpdate"},
        {"type": "conversationUpdate", "membersRemoved": [{"id": half}], "recipient": {"id": half}},
    ):
        activity = base | {"type": "installationUpdate", "action": "update"} | changed
        answer = await there.send_raw(activity, there.framework.token(there.service_url))
        assert answer.status in {200, 400}
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    for place, kept in teams.references.kept.items():
        assert all(
            word.encode().decode() == word for word in (place, kept.conversation, kept.team, kept.user)
        )
