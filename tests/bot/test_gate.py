"""What any address takes, before anybody looks at who sent it: so large, so fast, so many at a time."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot import gate
from bot.gate import CONNECTIONS, LARGEST_BODY, Gate
from bot.logs import quiet_noise
from tests.bot.served import Served, serve

ROUTES = ["/slack/events", "/say", "/submit"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as running:
        yield running


@asynccontextmanager
async def listening(through: Gate) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """An address behind this gate; each request is held until the event is set."""
    held = asyncio.Event()

    async def handle(request: web.Request) -> web.Response:
        await held.wait()
        return web.Response(text=str(len(await request.read())))

    application = web.Application(middlewares=[through.middleware()], client_max_size=LARGEST_BODY)
    application.router.add_post("/", handle)
    runner = web.AppRunner(application, shutdown_timeout=1, **(CONNECTIONS | {"lingering_time": 0.2}))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], held
    finally:
        await runner.cleanup()


async def raw(port: int, sent: bytes, then: bytes = b"") -> bytes:
    """All that comes back until the server ends the connection, or says what it has to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent + then)
    try:
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            ended = b"Connection: close" in head
            return head + (await reader.read() if ended else b"")
    finally:
        writer.close()
        await writer.wait_closed()


POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def test_a_body_that_never_comes_is_not_waited_for() -> None:
    async with listening(Gate(seconds=0.05)) as (port, _):
        for began in (
            b"Content-Length: 10\r\n\r\n12345",
            b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        ):
            answer = await raw(port, POST + began)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert gate.TOO_SLOW.encode() in answer


async def test_a_body_in_endless_chunks_is_cut_off_at_the_limit() -> None:
    async with listening(Gate()) as (port, _):
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        answer = await raw(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 9)
        assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_whose_headers_say_that_it_is_too_large_is_not_read() -> None:
    async with listening(Gate()) as (port, _):
        answer = await raw(port, POST + b"Content-Length: 99999999999\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")


async def test_more_than_is_held_at_a_time_is_asked_to_come_again() -> None:
    async with listening(Gate(most=2)) as (port, held):
        whole = POST + b"Content-Length: 1\r\n\r\nx"
        first = [asyncio.create_task(raw(port, whole)) for _ in range(2)]
        answer = await anext_refused(port, whole)
        assert b"Retry-After: 2" in answer
        assert gate.TOO_MANY.encode() in answer
        held.set()
        assert [one[:12] for one in await asyncio.gather(*first)] == [b"HTTP/1.1 200"] * 2
        assert (await raw(port, whole)).startswith(b"HTTP/1.1 200 "), "there is room again"


async def anext_refused(port: int, whole: bytes) -> bytes:
    """The first answer of 503: the two that are held may still be on their way in."""
    while True:
        waiting = asyncio.create_task(raw(port, whole))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        if done:
            return waiting.result()
        waiting.cancel()


async def test_nothing_compressed_is_unpacked(served: Served) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    for path in ROUTES:
        for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"):
            headers = {"Content-Encoding": encoding, "Content-Type": FORM}
            sent = served.http.post(f"{served.url}{path}", data=bomb, headers=headers, compress=False)
            async with sent as response:
                assert response.status == 415
    assert served.log.errors == []


async def test_every_address_takes_no_more_than_its_limit(served: Served) -> None:
    for path in ROUTES:
        for size in (LARGEST_BODY // 2 + 1, LARGEST_BODY + 1):
            assert (await served.page(path, b"words=" + b"x" * size)).status == 413
    assert served.log.errors == []


async def test_a_body_that_breaks_off_is_refused_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    quiet_noise()
    async with listening(Gate()) as (port, _):
        answer = await raw(
            port, POST + b"Transfer-Encoding: chunked\r\n\r\n", b"words that are no number\r\n"
        )
        assert b" 400 " in answer[:16]
    assert caplog.records == []


FLOODS = {
    "many headers": b"".join(b"X-%d: y\r\n" % number for number in range(5_000)),
    "a long header": b"X-Long: " + b"y" * 100_000 + b"\r\n",
    "a long cookie": b"Cookie: " + b"a=b; " * 30_000 + b"\r\n",
}


@pytest.mark.parametrize("headers", FLOODS.values(), ids=FLOODS.keys())
async def test_floods_of_headers_are_refused(headers: bytes) -> None:
    async with listening(Gate()) as (port, held):
        held.set()
        answer = await raw(port, POST + headers + b"Content-Length: 0\r\n\r\n")
        assert b" 400 " in answer[:16]


async def test_a_flood_of_fields_is_refused_or_read_as_nothing(served: Served) -> None:
    flood = "&".join(f"a{number}=b" for number in range(40_000))
    for path in ROUTES:
        answered = await (served.slack(flood) if path == "/slack/events" else served.page(path, flood))
        assert answered.status in {400, 413}
    assert served.log.errors == []
