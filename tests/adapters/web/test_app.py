"""The page's addresses, as a browser without JavaScript and as somebody unkind uses them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from urllib.parse import urlencode

import pytest

from adapters.web.world import account_of, room_of_agency
from core.cards.model import Card, line
from core.conversation import Asker, Press, Submission
from tests.adapters.web.conftest import Served
from tests.adapters.web.fakes import CASE, asked_card, case_card, tell_form, told

TOKEN = "0123456789abcdef-token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PRESS = {"as": "amira", "token": TOKEN, "where": "room", "verb": "open", "escalation": CASE, "object": ""}


async def post(served: Served, path: str, fields: dict[str, str]) -> str:
    async with served.http.post(f"{served.address}{path}", data=fields) as response:
        assert response.status == 200
        return await response.text()


def form_token(shown: str) -> str:
    (token,) = re.findall(r'<dialog [^>]*data-version="([^"]+)" data-kind', shown)
    assert isinstance(token, str)
    return token


async def page(served: Served, person: str = "amira") -> str:
    async with served.http.get(f"{served.address}/?as={person}") as response:
        assert response.status == 200
        return await response.text()


async def test_the_page_shows_the_persons_own_channel_and_messages(served: Served) -> None:
    await served.sender.post(room_of_agency("asc"), told("In the room of Adult Social Care"))
    await served.sender.post(account_of("amira"), told("For Amira"))
    await served.sender.post(account_of("ben"), asked_card())
    mine, bens = await page(served), await page(served, "ben")
    assert "In the room of Adult Social Care" in mine
    assert "For Amira" in mine
    assert "In the room of Adult Social Care" not in bens
    assert "right person" in bens


async def test_direct_messages_are_counted_since_this_person_last_looked(served: Served) -> None:
    assert "new)" not in await page(served)
    first = await served.sender.post(account_of("amira"), told("One"))
    await served.sender.post(account_of("amira"), told("Two"))
    await served.sender.post(account_of("ben"), told("Three"))
    assert "(2 new)" in await page(served)
    looked = {"as": "amira", "do": "look", "message": first}
    async with served.http.post(f"{served.address}/desk", data=looked) as response:
        assert response.status == 204
    assert "(1 new)" in await page(served)
    assert "(1 new)" in await page(served, "ben")


async def test_words_are_said_in_the_channel(served: Served) -> None:
    shown = await post(served, "/say", {"as": "amira", "token": TOKEN, "words": "/escalate  list overdue "})
    assert served.bot.heard == [(Asker("web:page/amira", "web:page/room-asc", TOKEN), "list overdue")]
    assert "Only you can see this" in shown
    assert "What you can say" in shown


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/escalate", ""),
        ("", ""),
        ("/ESCALATE show X", "show X"),
        ("help", "help"),
        ("/escalated", "/escalated"),
        ("note X /escalate", "note X /escalate"),
    ],
)
async def test_the_command_may_be_typed_or_left_out(served: Served, typed: str, heard: str) -> None:
    await post(served, "/say", {"as": "amira", "token": TOKEN, "words": typed})
    assert served.bot.last() == heard


async def test_a_press_in_a_direct_message_has_no_room(served: Served) -> None:
    await post(served, "/press", {**PRESS, "as": "ben", "where": "direct", "object": "o1"})
    assert served.bot.heard == [(Asker("web:page/ben", "", TOKEN), Press("open", CASE, "o1"))]


async def test_a_form_is_filled_in_sent_back_with_errors_and_done(served: Served) -> None:
    shown = await post(served, "/press", {**PRESS, "verb": "view"})
    assert "What decision do you ask for?" in shown
    token = form_token(shown)
    filled = {
        "as": "amira",
        "token": token,
        "where": "room",
        "kind": "raise",
        "carry.form_id": "f1",
        "field.account": "Nobody came.\r\n<b>Twice</b>",
        "field.reference": "",
    }
    shown = await post(served, "/submit", filled)
    assert served.bot.last() == Submission(
        "raise", {"form_id": "f1"}, {"account": ("Nobody came.\n<b>Twice</b>",), "reference": ()}
    )
    assert "4 things need another look" in shown
    assert "\nNobody came.\n&lt;b&gt;Twice&lt;/b&gt;</textarea>" in shown
    filled |= {
        "field.kind": "closure",
        "field.question": "Look again",
        "field.by": "2026-11-27",
        "field.asked": "ben",
    }
    shown = await post(served, "/submit", filled)
    assert f"Raised as {CASE}" in shown
    assert "West London Trust to respond" in shown


async def test_the_form_is_closed_by_the_answer_to_it_and_not_by_another(served: Served) -> None:
    await post(served, "/press", {**PRESS, "verb": "view"})
    shown = await post(served, "/say", {"as": "amira", "token": TOKEN, "words": "help"})
    assert 'id="form-title"' in shown
    token = form_token(shown)
    served.bot.next_answer = told("Done.")
    shown = await post(served, "/press", {**PRESS, "form": token})
    assert 'id="form-title"' not in shown


async def test_a_form_put_aside_keeps_what_was_typed(served: Served) -> None:
    shown = await post(served, "/press", {**PRESS, "verb": "view"})
    aside = {"as": "amira", "do": "aside", "token": form_token(shown), "field.account": "Half a sen"}
    shown = await post(served, "/desk", aside)
    assert "Not sent yet:" in shown
    assert "Half a sen" in await post(served, "/desk", {"as": "amira", "do": "carry_on"})
    shown = await post(served, "/desk", {"as": "amira", "do": "throw_away"})
    assert "Half a sen" not in shown
    assert "Not sent yet:" not in shown


async def test_what_is_kept_by_the_way_leaves_a_form_as_it_lies(served: Served) -> None:
    shown = await post(served, "/press", {**PRESS, "verb": "view"})
    kept = {"as": "amira", "do": "keep", "token": form_token(shown), "field.account": "Half a sen"}
    for lies in ('id="form-title"', 'id="aside"'):
        async with served.http.post(f"{served.address}/desk", data=kept) as response:
            assert response.status == 204
        assert lies in await page(served)
        shown = await post(served, "/desk", {**kept, "do": "aside"})
    assert "Half a sen" in await post(served, "/desk", {"as": "amira", "do": "carry_on"})


async def test_a_form_that_was_done_is_not_changed_by_what_comes_late(served: Served) -> None:
    old = form_token(await post(served, "/press", {**PRESS, "verb": "view"}))
    await post(served, "/press", {**PRESS, "verb": "view"})
    late = {"as": "amira", "do": "keep", "token": old, "field.account": "Half a sen"}
    async with served.http.post(f"{served.address}/desk", data=late) as response:
        assert response.status == 204
    assert "Half a sen" not in await page(served)
    headers = {"Origin": "http://evil.example"}
    async with served.http.post(f"{served.address}/desk", data=late, headers=headers) as response:
        assert response.status == 403


async def test_words_are_not_let_go_by_a_page_that_forgot_the_form(served: Served) -> None:
    aside = {"as": "amira", "do": "aside", "token": TOKEN, "field.account": "Half a sen"}
    async with served.http.post(f"{served.address}/desk", data=aside) as response:
        assert response.status == 409
        assert "Send it, or copy it." in await response.text()
    await post(served, "/desk", {**aside, "field.account": ""})


async def test_one_persons_form_is_not_anothers(served: Served) -> None:
    await post(served, "/press", {**PRESS, "verb": "view"})
    assert 'id="form-title"' in await page(served)
    assert 'id="form-title"' not in await page(served, "chi")


async def test_a_private_answer_stands_once_and_can_be_dismissed(served: Served) -> None:
    said = {"as": "amira", "token": TOKEN, "words": "help"}
    await post(served, "/say", said)
    shown = await post(served, "/say", said)
    assert shown.count("data-private") == 1
    assert "data-private" not in await page(served, "chi")
    shown = await post(served, "/desk", {"as": "amira", "do": "dismiss", "answer": TOKEN})
    assert "data-private" not in shown


async def test_a_private_answer_takes_the_place_of_the_same_words_and_three_are_kept(served: Served) -> None:
    shown = ""
    for number, words in enumerate(["One", "Two", "Two", "Three", "Two", "Four"]):
        served.bot.next_answer = told(words)
        shown = await post(served, "/press", {**PRESS, "token": f"{TOKEN}{number}"})
    stand = re.findall(r'data-private tabindex="-1" aria-label="(\w+)"', shown)
    assert stand == ["Four", "Two", "Three"]


async def test_what_cannot_be_undone_is_asked_first(served: Served) -> None:
    asked = {
        **PRESS,
        "verb": "withdraw",
        "ask": "Withdraw it? <The other side is told.>",
        "label": "Withdraw",
    }
    shown = await post(served, "/press", asked)
    assert "Withdraw it? &lt;The other side is told.&gt;" in shown
    assert served.bot.heard == []
    await post(served, "/press", {**asked, "sure": "yes"})
    assert served.bot.last() == Press("withdraw", CASE, "")


async def test_time_moves_once_for_a_double_click(served: Served) -> None:
    move = {"as": "amira", "token": TOKEN, "move": "next_thing_due"}
    await post(served, "/clock", move)
    shown = await post(served, "/clock", move)
    assert served.world.moves == 1
    assert "Mon 30 Nov, 17:00" in shown
    assert "Two people were asked what happens next." in shown


async def test_the_script_gets_only_what_changed(served: Served) -> None:
    said = {"as": "amira", "token": TOKEN, "words": "help"}
    async with served.http.post(
        f"{served.address}/say", data=said, headers={"X-Page": "fragment"}
    ) as response:
        assert str(response.url).startswith(f"{served.address}/fragment?as=amira")
        text = await response.text()
    assert "What you can say" in text
    assert "<select" not in text


async def test_a_change_is_told_to_open_pages(served: Served) -> None:
    async with served.http.get(f"{served.address}/live?as=amira&since=0") as response:
        assert response.content_type == "text/event-stream"
        await served.sender.post(room_of_agency("asc"), case_card())
        told = await asyncio.wait_for(response.content.readuntil(b"\n\n"), 5)
        assert told == b"event: change\ndata: 1\n\n"


async def test_a_page_that_was_closed_is_no_error(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    async with served.http.get(f"{served.address}/live?as=amira&since=0") as response:
        await served.sender.post(room_of_agency("asc"), case_card())
        await asyncio.wait_for(response.content.readuntil(b"\n\n"), 5)
        response.close()
    for _ in range(3):
        await served.sender.post(room_of_agency("asc"), case_card())
        await page(served)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_page_that_missed_a_change_hears_at_once(served: Served) -> None:
    await served.sender.post(room_of_agency("asc"), case_card())
    async with served.http.get(f"{served.address}/live?as=amira&since=0") as response:
        assert await asyncio.wait_for(response.content.readuntil(b"\n\n"), 5) == b"event: change\ndata: 1\n\n"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/say", b"", 400),
        ("/say", b"as=amira", 400),
        ("/say", b"as=amira&words=x&token=short", 400),
        ("/say", b"as=nobody&words=x&token=0123456789abcdef", 404),
        ("/say", b"as=&words=x&token=0123456789abcdef", 404),
        ("/say", b"as=amira&as=ben&words=x&token=0123456789abcdef", 400),
        ("/say", b"as=amira&words=%00&token=0123456789abcdef", 400),
        ("/say", b"as=amira&words=%ff%fe&token=0123456789abcdef", 400),
        ("/say", b"as=amira&words=%ed%a0%80&token=0123456789abcdef", 400),
        ("/say", "as=amira&words=ä".encode(), 400),
        ("/say", b"&".join(b"a=1" for _ in range(600)), 400),
        ("/say", b"words=" + b"x" * (300 * 1024), 413),
        ("/say", b"x" * (1024 * 1024), 413),
        ("/press", b"as=amira&token=0123456789abcdef&where=room", 400),
        ("/press", b"as=amira&token=0123456789abcdef&where=room&verb=", 400),
        ("/press", b"as=amira&token=0123456789abcdef&where=moon&verb=open", 400),
        ("/press", b"as=amira&token=0123456789abcdef&where=room&verb=" + b"v" * 300, 400),
        ("/submit", b"as=amira&token=0123456789abcdef&where=room", 400),
        ("/submit", b"as=amira&where=room&kind=raise", 400),
        ("/clock", b"as=amira&token=0123456789abcdef&move=back", 400),
        ("/desk", b"as=amira&do=dismiss", 400),
        ("/desk", b"as=amira&do=dance", 400),
    ],
)
async def test_a_bad_post_is_answered_with_a_sentence(
    served: Served, path: str, body: bytes, status: int
) -> None:
    async with served.http.post(f"{served.address}{path}", data=body, headers=FORM) as response:
        text = await response.text()
    assert response.status == status
    assert re.search(r'<p class="line" id="problem">[A-Z][^<]{15,}\.</p>', text)
    assert served.bot.heard == []


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
async def test_only_forms_are_taken(served: Served, kind: str) -> None:
    body = json.dumps({"as": "amira"}).encode()
    async with served.http.post(
        f"{served.address}/say", data=body, headers={"Content-Type": kind}
    ) as response:
        assert response.status == 415


@pytest.mark.parametrize("path", ["/?as=nobody", "/static/../app.py", "/static/page.py", "/fragment?as=%00"])
async def test_what_isnt_there_is_a_404(served: Served, path: str) -> None:
    async with served.http.get(f"{served.address}{path}") as response:
        assert response.status == 404


@pytest.mark.parametrize("since", ["", "x", "-1", "²", "9" * 30])
async def test_a_stream_from_nowhere_is_refused(served: Served, since: str) -> None:
    async with served.http.get(
        f"{served.address}/live?{urlencode({'as': 'amira', 'since': since})}"
    ) as response:
        assert response.status == 400


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "localhost.evil.example", "[::1", ""])
async def test_other_names_for_this_computer_are_refused(served: Served, host: str) -> None:
    async with served.http.get(f"{served.address}/?as=amira", headers={"Host": host}) as response:
        assert response.status == 403
        assert "Amira" not in await response.text()


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8765"])
async def test_loopback_names_are_answered(served: Served, host: str) -> None:
    async with served.http.get(f"{served.address}/?as=amira", headers={"Host": host}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_posts_from_other_sites_are_refused(served: Served, headers: dict[str, str]) -> None:
    async with served.http.post(f"{served.address}/press", data=PRESS, headers=headers) as response:
        assert response.status == 403
    assert served.bot.heard == []


async def test_every_answer_keeps_the_page_to_itself(served: Served) -> None:
    for path in ("/?as=amira", "/fragment?as=amira", "/static/page.js", "/?as=nobody"):
        async with served.http.get(f"{served.address}{path}") as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["Cache-Control"] == "no-store"


async def test_what_breaks_is_said_with_a_code_and_logged_without_words(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"as": "amira", "token": TOKEN, "words": "break"}
    with caplog.at_level(logging.DEBUG):
        async with served.http.post(f"{served.address}/say", data=said) as response:
            text = await response.text()
    assert response.status == 500
    found = re.search(
        r"That didn&#39;t work, and nothing was lost. Try again in a moment. \(code (\w{4})\)", text
    )
    assert found
    assert f"code={found[1]}" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "secret words" not in caplog.text + text
    assert "Traceback" not in caplog.text + text


async def test_a_form_survives_the_loading_of_the_page_again(served: Served) -> None:
    served.bot.next_answer = tell_form({"account": ("As it was",)})
    await post(served, "/press", PRESS)
    assert "As it was" in await page(served)
    assert "As it was" in await page(served)


async def test_an_update_shows_the_newer_card(served: Served) -> None:
    card = await served.sender.post(room_of_agency("asc"), case_card())
    await served.sender.update(room_of_agency("asc"), card, Card(summary="s", parts=(line("Agreed."),)))
    shown = await page(served)
    assert "Agreed." in shown
    assert "West London Trust to respond" not in shown
