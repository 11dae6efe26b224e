"""What strangers send that is no HTTP leaves nothing in the log; a defect of ours does."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.logs import quiet_noise

SECRET = b"secretwords"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def defect(request: web.Request) -> web.Response:
    raise RuntimeError("a defect")


async def answered(raw: bytes) -> bytes:
    application = web.Application()
    application.router.add_get("/", defect)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(raw)
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "raw",
    [
        GET + b"Bad Header: " + SECRET + b"\r\n\r\n",
        GET + b"A: " + b"s" * 9000 + SECRET + b"\r\n\r\n",
        GET + b"Content-Length: " + SECRET + b"\r\n\r\n",
        b"\x16\x03\x01 " + SECRET + b"\r\n\r\n",
    ],
)
async def test_a_request_that_is_no_http_is_answered_400_and_not_logged(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    quiet_noise()
    assert b" 400 " in await answered(raw)
    assert caplog.records == []


async def test_an_error_of_our_own_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    quiet_noise()
    assert b" 500 " in await answered(GET + b"\r\n")
    assert [record.name for record in caplog.records] == ["aiohttp.server"]
