"""Bad requests are told so, none with a traceback; what breaks is told to the person in plain words."""

import logging
import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.app import SlackSettings, create_slack
from adapters.slack.limits import REQUEST_BYTES
from tests.adapters.slack.conftest import TYPED, Bot, Json, Slack
from tests.adapters.slack.test_listeners import FORM, READING, pressed_in_form, pressed_on_card, sent
from tests.slack_shown import shown
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, signed_headers

COMMAND = urlencode({"command": "/escalate", "text": TYPED, "team_id": "T0001", "user_id": "U1"})
PLAIN_WORDS = re.compile(
    r"That didn't work, and nothing was lost\. Try again in a moment\. \(code [2-9A-Z]{4}\)"
)


def without(header: str) -> dict[str, str]:
    return {name: value for name, value in signed_headers(COMMAND).items() if name != header}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        without("X-Slack-Signature"),
        without("X-Slack-Request-Timestamp"),
        signed_headers(COMMAND, secret="another"),
        signed_headers(COMMAND, moment=time.time() - 86_400),
        signed_headers(COMMAND, moment=time.time() + 86_400),
        signed_headers(COMMAND + "x"),
        signed_headers(COMMAND) | {"X-Slack-Request-Timestamp": "yesterday"},
        signed_headers(COMMAND) | {"X-Slack-Request-Timestamp": "9" * 5000},
        signed_headers(COMMAND) | {"X-Slack-Request-Timestamp": "-1"},
        signed_headers(COMMAND) | {"X-Slack-Signature": "v0=é"},
    ],
)
async def test_what_slack_did_not_sign_just_now_stays_outside(slack: Slack, headers: dict[str, str]) -> None:
    status, _ = await slack.post(COMMAND, headers)
    assert (status, slack.bot.heard) == (401, [])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("", "application/x-www-form-urlencoded"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('"x"', "application/json"),
        ("{}", "application/json"),
        ('{"type": 1}', "application/json"),
        ("[" * 100_000, "application/json"),
        ("payload={", "application/x-www-form-urlencoded"),
        ("payload=%FF", "application/x-www-form-urlencoded"),
        ("payload=[]", "application/x-www-form-urlencoded"),
        ("hello=there", "application/x-www-form-urlencoded"),
        ('payload={"type":"block_actions"}', "application/x-www-form-urlencoded"),
        ('payload={"type":"block_actions","actions":[]}', "application/x-www-form-urlencoded"),
        ('payload={"type":"block_actions","actions":[{}],"user":"x"}', "application/x-www-form-urlencoded"),
        ('payload={"type":"view_submission"}', "application/x-www-form-urlencoded"),
        (
            'payload={"type":"view_submission","view":{"callback_id":"a"}}',
            "application/x-www-form-urlencoded",
        ),
        ('payload={"type":"shortcut"}', "application/x-www-form-urlencoded"),
        ('payload={"type":"unheard_of"}', "application/x-www-form-urlencoded"),
        ("command=/escalate", "application/x-www-form-urlencoded"),
        ("command=/escalate&team_id=T1", "application/x-www-form-urlencoded"),
        ('{"type":"event_callback"}', "application/json"),
        ('{"type":"event_callback","event":7,"team_id":[]}', "application/json"),
    ],
)
async def test_what_is_broken_or_lacks_something_is_told_so(slack: Slack, body: str, kind: str) -> None:
    status, words = await slack.post(body, signed_headers(body) | {"Content-Type": kind})
    assert status == 400
    assert words


async def test_bytes_that_are_no_words_are_told_so(slack: Slack) -> None:
    status, _ = await slack.post(b"\xff\xfe", signed_headers("x"))
    assert status == 401


@pytest.mark.parametrize("size", [REQUEST_BYTES + 1, 1_000_000])
async def test_a_body_larger_than_any_of_slacks_is_not_read(slack: Slack, size: int) -> None:
    body = "x" * size
    status, _ = await slack.post(body, signed_headers(body))
    assert status == 413


async def test_slack_may_look_at_the_certificate(slack: Slack) -> None:
    assert await slack.form({"ssl_check": "1", "token": "t"}) == (200, "")


@pytest.mark.parametrize("payload", [pressed_on_card(), pressed_in_form(READING), sent(FORM), sent(READING)])
async def test_when_the_bot_breaks_the_person_reads_so_where_they_are(slack: Slack, payload: Json) -> None:
    slack.bot.answer = RuntimeError(TYPED)
    status, body = await slack.interact(payload)
    told = str(body) + str([call for _, call in slack.web_api.calls])
    assert status == 200
    assert PLAIN_WORDS.search(told.replace("\\'", "'"))


async def test_when_a_command_breaks_the_person_alone_reads_so(slack: Slack) -> None:
    slack.bot.answer = RuntimeError(TYPED)
    status, body = await slack.command(TYPED)
    assert (status, body["response_type"]) == (200, "ephemeral")
    assert PLAIN_WORDS.fullmatch(body["text"])


async def test_when_a_form_breaks_what_was_typed_stays(slack: Slack) -> None:
    slack.bot.answer = RuntimeError(TYPED)
    _, body = await slack.interact(sent(FORM))
    assert body["response_action"] == "errors"
    _, body = await slack.interact(sent(READING))
    assert (body["response_action"], bool(PLAIN_WORDS.search(shown(body["view"])))) == ("push", True)


async def test_when_slack_does_not_open_the_form_the_person_reads_so(slack: Slack) -> None:
    slack.bot.answer = FORM
    slack.web_api.refuse("views.open", "expired_trigger_id")
    _, body = await slack.command()
    assert PLAIN_WORDS.fullmatch(body["text"])


async def test_when_even_telling_fails_slack_is_still_answered(slack: Slack) -> None:
    slack.bot.answer = RuntimeError(TYPED)
    slack.web_api.refuse("views.push", "fatal_error")
    assert await slack.interact(pressed_in_form(FORM)) == (200, "")


async def test_the_code_that_is_read_out_finds_the_line_in_the_log(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.bot.answer = RuntimeError(TYPED)
    _, body = await slack.command()
    code = body["text"][-5:-1]
    [line] = [record.getMessage() for record in caplog.records if code in record.getMessage()]
    assert "a command failed" in line
    assert "RuntimeError" in line


async def test_nothing_typed_and_no_token_is_logged_at_any_level(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        # Bolt copies the root's level when it is built: this one is built to say all it can.
        noisy = create_slack(SlackSettings(SIGNING_SECRET, BOT_TOKEN, slack.web_api.address), slack.bot)
        application = web.Application()
        noisy.routes(application)
        async with TestServer(application) as server:
            await everything(replace(slack, platform=noisy, url=str(server.make_url("/slack/events"))))
        await noisy.close()
    logged = caplog.text + "".join(str(record.args) + str(record.exc_info) for record in caplog.records)
    assert "a command failed" in logged
    assert any(record.name.startswith("slack_sdk") for record in caplog.records)
    assert any(record.name.startswith("slack_bolt") for record in caplog.records)
    for secret in (TYPED, BOT_TOKEN, SIGNING_SECRET):
        assert secret not in logged


async def everything(slack: Slack) -> None:
    await slack.post(COMMAND, signed_headers(COMMAND, secret="another"))
    answers: list[Any] = [READING, FORM, RuntimeError(TYPED)]
    for answer in answers:
        slack.bot.answer = answer
        await slack.command(TYPED)
        for payload in (sent(FORM, TYPED), pressed_on_card(), {"type": "unheard_of", "text": TYPED}):
            await slack.interact(payload)
    await slack.event({"type": "event_callback", "event": {"type": "message", "text": TYPED}})
    await slack.event({"type": "event_callback", "event": TYPED})
    slack.web_api.refuse("chat.postEphemeral", "invalid_blocks")
    await slack.interact(pressed_on_card(message={"ts": "1.1", "text": TYPED}))


async def test_the_libraries_speak_without_their_words(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("slack_sdk.web.async_client").error("Failed to send %s", TYPED)
    logging.getLogger("slack_bolt.AsyncRequestVerification").info("Invalid body: %s", TYPED)
    [record] = [record for record in caplog.records if record.name.startswith("slack_")]
    assert record.getMessage().startswith("said something in test_the_libraries_speak_without_their_words")
    assert TYPED not in caplog.text


def test_oauth_settings_in_the_environment_change_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    assert create_slack(SlackSettings(SIGNING_SECRET, BOT_TOKEN), Bot()).sender.platform == "slack"


def test_settings_do_not_show_their_secrets() -> None:
    words = repr(SlackSettings(SIGNING_SECRET, BOT_TOKEN))
    assert SIGNING_SECRET not in words
    assert BOT_TOKEN not in words


async def test_a_formatter_that_copies_records_still_can(slack: Slack) -> None:
    record = logging.makeLogRecord({"name": "escalate", "msg": "swept %s", "args": ("once",)})
    assert record.getMessage() == "swept once"
