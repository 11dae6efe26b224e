"""The local page: its addresses, who may reach them, and the one guard that everything passes through."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from adapters.web.desk import Desk, Desks
from adapters.web.parse import (
    FILLED_IN,
    BadPost,
    Posted,
    delivery,
    one_of,
    pressed,
    read_post,
    said,
    submitted,
)
from adapters.web.render import Pages, View, new_token, posts
from adapters.web.world import PageMessages, PagePerson, World
from core.cards.model import Button, Form
from core.conversation import Answer, Asker, Conversation

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_STREAMS = 64
HEARTBEAT_SECONDS = 25.0
MOST_REMEMBERED_MOVES = 200

_HEADERS = {
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
_STATIC = {"page.css": "text/css", "page.js": "text/javascript", "mark.svg": "image/svg+xml"}
_CODE_LETTERS = "3479ACEFHJKLMNPRTUVWXY"

logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One post: what was sent, who is the person chosen, and what lies before them."""

    posted: Posted
    person: PagePerson
    desk: Desk


class PagePlatform:
    """The local page. Holds no messages of its own; private answers and open forms live in memory alone."""

    def __init__(
        self, conversation: Conversation, messages: PageMessages, world: World, allowed_hosts: Collection[str]
    ) -> None:
        self._conversation = conversation
        self._messages = messages
        self._world = world
        self._allowed_hosts = frozenset(allowed_hosts)
        self._pages = Pages()
        self._desks = Desks()
        self._streams: set[asyncio.Task[None]] = set()
        self._moves: dict[str, None] = {}
        folder = Path(__file__).parent / "static"
        self._static = {name: (folder / name).read_bytes() for name in _STATIC}

    def routes(self, app: web.Application) -> None:
        """Adds the page's addresses to the server, and ends its streams when the server stops."""
        for path, handler in (
            ("/", self._page),
            ("/fragment", self._fragment),
            ("/live", self._live),
            ("/static/{name}", self._file),
        ):
            app.router.add_get(path, self._guarded(handler))
        for path, handler in (
            ("/say", self._say),
            ("/press", self._press),
            ("/submit", self._submit),
            ("/clock", self._clock),
            ("/desk", self._tidy),
        ):
            app.router.add_post(path, self._guarded(handler))
        app.on_shutdown.append(self._end_streams)

    # Reading

    async def _page(self, request: web.Request) -> web.Response:
        return _html(self._pages.page(await self._view(request)))

    async def _fragment(self, request: web.Request) -> web.Response:
        return _html(self._pages.fragment(await self._view(request)))

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._static:
            raise BadPost(404, "There is no such page here.")
        return web.Response(body=self._static[name], content_type=_STATIC[name], charset="utf-8")

    async def _view(self, request: web.Request) -> View:
        people = await self._world.people()
        return await self._seen_by(_find(people, request.query.get("as", "")), people)

    async def _seen_by(self, person: PagePerson, people: Collection[PagePerson]) -> View:
        room = await self._world.room_of(person)
        changes = self._messages.changes()  # before reading, so that nothing posted meanwhile is missed
        messages = await self._messages.of((room.place, person.account))
        return View(
            person=person,
            people=tuple(people),
            room=room,
            channel=posts([message for message in messages if message.place == room.place]),
            direct=posts([message for message in messages if message.place == person.account]),
            desk=self._desks.of(person.account),
            now=self._world.now(),
            changes=changes,
        )

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one "change" whenever something was posted, and now and then for the clock."""
        since = request.query.get("since", "")
        if not since.isdecimal() or len(since) > 18:
            raise BadPost(400, "The number that says what was seen last is missing. Load the page again.")
        if len(self._streams) >= MOST_STREAMS:
            raise BadPost(429, "The page is open in too many windows. Close some, then load it again.")
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        stream = asyncio.create_task(self._tell_changes(response, int(since)))
        self._streams.add(stream)
        try:
            await asyncio.wait({stream})
        finally:
            stream.cancel()
            self._streams.discard(stream)
        return response

    async def _tell_changes(self, response: web.StreamResponse, since: int) -> None:
        seen = since
        while True:
            try:
                seen = await asyncio.wait_for(self._messages.wait(seen), HEARTBEAT_SECONDS)
            except TimeoutError:
                seen = self._messages.changes()
            try:
                await response.write(f"event: change\ndata: {seen}\n\n".encode())
            except ConnectionError:
                return

    async def _end_streams(self, _: web.Application) -> None:
        for stream in tuple(self._streams):
            stream.cancel()

    # Doing

    async def _say(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        asker = await self._asker(turn, in_room=True)
        answer = await self._conversation.say(asker, said(turn.posted))
        return self._answered(request, turn, answer, in_room=True)

    async def _press(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        press, in_room = pressed(turn.posted), _in_room(turn.posted)
        asker = await self._asker(turn, in_room=in_room)
        if turn.posted.maybe("ask") and not turn.posted.maybe("sure"):
            return await self._ask_first(turn)
        answer = await self._conversation.press(asker, press)
        return self._answered(request, turn, answer, in_room=in_room, answered=turn.posted.maybe("form"))

    async def _ask_first(self, turn: Turn) -> web.Response:
        view = await self._seen_by(turn.person, await self._world.people())
        posted = turn.posted
        button = Button(label=posted.maybe("label")[:200], verb="", confirm=posted.maybe("ask")[:1000])
        hidden = [pair for pair in posted.pairs if pair[0] not in {"ask", "label"}]
        return _html(self._pages.confirm(view, button, hidden))

    async def _submit(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        submission, in_room = submitted(turn.posted), _in_room(turn.posted)
        asker = await self._asker(turn, in_room=in_room)
        answer = await self._conversation.submit(asker, submission)
        return self._answered(request, turn, answer, in_room=in_room, answered=asker.delivery)

    async def _clock(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        moves = {"next_working_day": self._world.next_working_day, "next_thing_due": self._world.next_thing_due}
        move, token = one_of(turn.posted, "move", moves), delivery(turn.posted)
        if token not in self._moves:
            self._moves[token] = None
            while len(self._moves) > MOST_REMEMBERED_MOVES:
                del self._moves[next(iter(self._moves))]
            turn.desk.clock_words = await move()
        return self._back(request, turn.person, "clock")

    async def _tidy(self, request: web.Request) -> web.Response:
        """What touches only what lies before this person: closing a form, taking it up again, dismissing."""
        turn = await self._turn(request)
        desk, posted = turn.desk, turn.posted
        chores: dict[str, Callable[[], None]] = {
            "aside": lambda: desk.put_aside(posted.within(FILLED_IN)),
            "carry_on": desk.carry_on,
            "throw_away": desk.throw_away,
            "dismiss": lambda: desk.dismiss(posted.one("answer")),
        }
        one_of(posted, "do", chores)()
        return self._back(request, turn.person, "form" if desk.form and not desk.form.aside else "")

    async def _turn(self, request: web.Request) -> Turn:
        posted = await read_post(request)
        person = _find(await self._world.people(), posted.one("as"))
        return Turn(posted, person, self._desks.of(person.account))

    async def _asker(self, turn: Turn, *, in_room: bool) -> Asker:
        room = (await self._world.room_of(turn.person)).place if in_room else ""
        return Asker(turn.person.account, room, delivery(turn.posted))

    def _answered(
        self, request: web.Request, turn: Turn, answer: Answer, *, in_room: bool, answered: str = ""
    ) -> web.Response:
        if isinstance(answer, Form):
            turn.desk.open(answer, new_token(), in_room=in_room)
            return self._back(request, turn.person, "form")
        turn.desk.tell(answer, delivery(turn.posted), self._world.now(), answered=answered)
        return self._back(request, turn.person, "private")

    def _back(self, request: web.Request, person: PagePerson, part: str) -> web.Response:
        """Post, then get: loading the page again sends nothing twice. The script asks for what changed alone."""
        path = "/fragment" if request.headers.get("X-Page") == "fragment" else "/"
        query = urlencode({"as": person.file_id})
        location = f"{path}?{query}#{part}" if part else f"{path}?{query}"
        return web.Response(status=303, headers={**_HEADERS, "Location": location})

    # Guarding

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_sender(request)
                return await handler(request)
            except BadPost as bad:
                return self._trouble(request, bad.status, bad.sentence)
            except ConnectionError:
                raise
            except Exception as error:
                code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(4))
                _log(code, request, error)
                return self._trouble(
                    request, 500, f"That didn't work, and nothing was lost. Try again in a moment. (code {code})"
                )

        return guarded

    def _check_sender(self, request: web.Request) -> None:
        """Only this page on this machine: no other site, and no name that merely resolves to here."""
        host = request.headers.get("Host", "")
        if host not in self._allowed_hosts and _name_of(host) not in self._allowed_hosts:
            raise BadPost(403, "The page answers only on this computer, at the address printed when it started.")
        if request.method != "POST":
            return
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None and origin != f"{request.scheme}://{host}") or site not in {"same-origin", "none"}:
            raise BadPost(403, "This was sent from another site. Send it from the page itself.")

    def _trouble(self, request: web.Request, status: int, sentence: str) -> web.Response:
        person = request.query.get("as", "") if status != HTTPStatus.NOT_FOUND else ""
        back = f"/?{urlencode({'as': person})}" if person else "/"
        return _html(self._pages.problem(sentence, back), status)


def create_page(
    conversation: Conversation,
    messages: PageMessages,
    world: World,
    *,
    allowed_hosts: Collection[str] = LOOPBACK,
) -> PagePlatform:
    """The local page over these three. `allowed_hosts`: names, with a port or for any port, that may be asked for."""
    return PagePlatform(conversation, messages, world, allowed_hosts)


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _find(people: Collection[PagePerson], file_id: str) -> PagePerson:
    """The person with this id; the first for none. Raises BadPost (404)."""
    for person in people:
        if file_id in {person.file_id, ""}:
            return person
    raise BadPost(404, "Nobody in the directory goes by that name. Choose somebody from the list.")


def _in_room(posted: Posted) -> bool:
    return one_of(posted, "where", {"room": True, "direct": False})


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _log(code: str, request: web.Request, error: Exception) -> None:
    """Says where it broke. Neither the error's own message nor the request's words: both may quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    route = request.match_info.route.resource
    path = route.canonical if route else "unknown"
    logger.error("page.failed code=%s %s %s %s at %s", code, request.method, path, type(error).__name__, places)
