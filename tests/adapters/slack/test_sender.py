"""What the courier asks for goes to Slack as one call, and each failure says what it means."""

import pytest
from aiohttp import web

from adapters.slack.web_api import SharedWebApi
from core.cards.model import Card, line
from core.delivery import MessageGone, Rate, Rejected, SendingFailed, TryLater, Unreachable
from tests.adapters.slack.conftest import Slack

CARD = Card(summary="HF-2026-0001 · to respond", parts=(line("words"),))
ROOM = "slack:T0001/C0001"


async def test_a_card_is_posted_to_a_room_without_previews_of_links(slack: Slack) -> None:
    message = await slack.platform.sender.post(ROOM, CARD)
    [(method, body)] = slack.web_api.calls
    assert message == "C0001/1700000000.000100"
    assert (method, body["channel"], body["text"]) == ("chat.postMessage", "C0001", CARD.summary)
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)


async def test_a_person_is_written_to_by_their_id_and_the_message_stands_in_their_channel(
    slack: Slack,
) -> None:
    message = await slack.platform.sender.post("slack:T0001/U0001", CARD)
    assert (slack.web_api.calls[0][1]["channel"], message) == ("U0001", "D0001/1700000000.000100")


async def test_a_reply_goes_into_its_thread(slack: Slack) -> None:
    await slack.platform.sender.post("slack:T0001/U0001", CARD, thread="D0001/1.1")
    body = slack.web_api.calls[0][1]
    assert (body["channel"], body["thread_ts"]) == ("D0001", "1.1")


async def test_a_message_is_updated_in_its_place(slack: Slack) -> None:
    await slack.platform.sender.update(ROOM, "C0001/1.1", CARD)
    [(method, body)] = slack.web_api.calls
    assert (method, body["channel"], body["ts"]) == ("chat.update", "C0001", "1.1")


def test_a_workspace_is_one_lane_with_a_message_a_second_to_each_place(slack: Slack) -> None:
    sender = slack.platform.sender
    assert sender.lane(ROOM) == sender.lane("slack:T0001/U0001") == "slack:T0001"
    assert sender.rates(ROOM) == (Rate(1, 1.0),)
    assert sender.lane_rates("slack:T0001") == ()


async def failure(slack: Slack) -> SendingFailed:
    with pytest.raises(SendingFailed) as raised:
        await slack.platform.sender.post(ROOM, CARD)
    return raised.value


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ratelimited", TryLater),
        ("internal_error", TryLater),
        ("invalid_auth", TryLater),
        ("channel_not_found", Unreachable),
        ("is_archived", Unreachable),
        ("not_in_channel", Unreachable),
        ("account_inactive", Unreachable),
        ("message_not_found", MessageGone),
        ("invalid_blocks", Rejected),
        ("a_code_that_slack_adds_next_year", Rejected),
    ],
)
async def test_a_code_of_slacks_means(slack: Slack, code: str, meaning: type[SendingFailed]) -> None:
    slack.web_api.refuse("chat.postMessage", code)
    failed = await failure(slack)
    assert (type(failed), failed.why) == (meaning, code)


async def test_slow_down_says_for_how_long(slack: Slack) -> None:
    slack.web_api.refuse("chat.postMessage", "ratelimited", status=429, Retry_After="30")
    failed = await failure(slack)
    assert isinstance(failed, TryLater)
    assert failed.after == 30


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
async def test_a_bad_gateway_is_tried_again(slack: Slack, kind: str) -> None:
    page = web.Response(status=502, text="<html>Bad gateway</html>", content_type=kind)
    slack.web_api.answers["chat.postMessage"] = page
    assert isinstance(await failure(slack), TryLater)
    assert len(slack.web_api.calls) == 1


async def test_a_dropped_connection_is_tried_again_by_the_courier_alone(slack: Slack) -> None:
    slack.web_api.cut_off = True
    assert isinstance(await failure(slack), TryLater)
    assert len(slack.web_api.calls) == 1


async def test_a_slack_that_cannot_be_reached_is_tried_again(slack: Slack) -> None:
    await slack.platform.close()
    slack.platform.web_api._api_url = "http://127.0.0.1:1/api/"
    assert isinstance(await failure(slack), TryLater)


@pytest.mark.parametrize("place", ["", "slack:", "slack:T0001", "teams:T/C", "slack:T0001/"])
async def test_a_place_that_is_not_slacks_is_a_defect(slack: Slack, place: str) -> None:
    with pytest.raises(Rejected):
        await slack.platform.sender.post(place, CARD)


async def test_why_it_failed_never_holds_anybodys_words(slack: Slack) -> None:
    answer = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": ["words"]}}
    slack.web_api.answers["chat.postMessage"] = web.json_response(answer)
    assert "words" not in str(await failure(slack))


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://hooks.slack.com/actions/T/1/x",
        "https://hooks.slack.com.elsewhere.example/x",
        "https://hooks.slack.com:8443/x",
        "https://elsewhere.example/?hooks.slack.com",
        "https://hooks.slack.com@elsewhere.example/",
        "file:///etc/passwd",
        "//elsewhere.example/x",
        "https://[::1",
        "",
    ],
)
async def test_an_answer_goes_to_no_address_that_is_not_slacks(slack: Slack, address: str) -> None:
    with pytest.raises(Rejected, match="response_host"):
        await slack.platform.web_api.respond(address, {"text": "x"})
    assert slack.web_api.calls == []


async def test_slacks_own_addresses_are_answered_to() -> None:
    web_api = SharedWebApi("xoxb-made-up-for-this-test")
    for host in ("hooks.slack.com", "hooks.slack-gov.com", "hooks.slack.com:443", "slack.com"):
        assert web_api._ours_to_call(f"https://{host}/actions/T0001/1/x")
    assert not web_api._ours_to_call("https://slack.com.elsewhere.example/")
