"""The one guard that everything passes through: who may send, and what is said when something goes wrong."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from adapters.web.parse import BadPost
from adapters.web.render import Pages

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": browsers would then post forms with the origin "null".
    "Referrer-Policy": "same-origin",
}
_CODE_LETTERS = "3479ACEFHJKLMNPRTUVWXY"

logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps handlers. `allowed_hosts`: names, with a port or for any port, that may be asked for."""

    def __init__(self, pages: Pages, allowed_hosts: Collection[str]) -> None:
        self._pages = pages
        self._allowed_hosts = frozenset(allowed_hosts)

    def over(self, handler: Handler) -> Handler:
        """The handler, reached only from this page; what goes wrong in it is answered with a sentence."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_sender(request)
                return await handler(request)
            except BadPost as bad:
                return self._trouble(request, bad.status, bad.sentence)
            except Exception as error:
                if request.transport is None or request.transport.is_closing():
                    return web.Response(status=400)  # whoever asked has gone: there is nothing to say to them
                code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(4))
                _log(code, request, error)
                sentence = f"That didn't work, and nothing was lost. Try again in a moment. (code {code})"
                return self._trouble(request, 500, sentence)

        return guarded

    def _check_sender(self, request: web.Request) -> None:
        """Only this page on this machine: no other site, and no name that merely resolves to here."""
        host = request.headers.get("Host", "")
        if host not in self._allowed_hosts and _name_of(host) not in self._allowed_hosts:
            raise BadPost(
                403, "The page answers only on this computer, at the address printed when it started."
            )
        if request.method != "POST":
            return
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None and origin != f"{request.scheme}://{host}") or site not in {
            "same-origin",
            "none",
        }:
            raise BadPost(403, "This was sent from another site. Send it from the page itself.")

    def _trouble(self, request: web.Request, status: int, sentence: str) -> web.Response:
        person = request.query.get("as", "") if status != 404 else ""
        back = f"/?{urlencode({'as': person})}" if person else "/"
        return html(self._pages.problem(sentence, back), status)


def html(text: str, status: int = 200) -> web.Response:
    """A page, with the headers that keep it to itself."""
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _log(code: str, request: web.Request, error: Exception) -> None:
    """Says where it broke. Not the error's message nor the request's words: both may quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    route = request.match_info.route.resource
    path = route.canonical if route else "unknown"
    logger.error(
        "page.failed code=%s %s %s %s at %s", code, request.method, path, type(error).__name__, places
    )
