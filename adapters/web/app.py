"""The local page: its addresses, and how what people do becomes what the bot is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from adapters.web.desk import Desk, Desks
from adapters.web.guard import HEADERS, Guard, html
from adapters.web.live import Live
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
from adapters.web.render import Pages, View, new_token, posts, since
from adapters.web.sender import PageSender
from adapters.web.world import PageMessages, PagePerson, World
from core.cards.model import Button, Form
from core.conversation import Answer, Asker, Conversation

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_REMEMBERED_MOVES = 200
_UNSEEN = frozenset({"keep", "look"})
"""Chores that the script does by the way: they change nothing that is drawn, so nothing is sent back."""
_STATIC = {"page.css": "text/css", "page.js": "text/javascript", "mark.svg": "image/svg+xml"}


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
        self.sender = PageSender(messages)
        self._conversation = conversation
        self._messages = messages
        self._world = world
        self._pages = Pages()
        self._guard = Guard(self._pages, allowed_hosts)
        self._live = Live(messages)
        self._desks = Desks()
        self._moves: dict[str, None] = {}
        folder = Path(__file__).parent / "static"
        self._static = {name: (folder / name).read_bytes() for name in _STATIC}

    def routes(self, app: web.Application) -> None:
        """Adds the page's addresses to the server, and ends its streams when the server stops."""
        for path, handler in (
            ("/", self._page),
            ("/fragment", self._fragment),
            ("/live", self._live.stream),
            ("/static/{name}", self._file),
        ):
            app.router.add_get(path, self._guard.over(handler))
        for path, handler in (
            ("/say", self._say),
            ("/press", self._press),
            ("/submit", self._submit),
            ("/clock", self._clock),
            ("/desk", self._tidy),
        ):
            app.router.add_post(path, self._guard.over(handler))
        app.on_shutdown.append(self._stop)

    async def _stop(self, _: web.Application) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the streams of open pages. What lies before people is gone with it."""
        await self._live.end()

    def put_away(self, case: str) -> None:
        """Some of its words were destroyed: forms of it that are only read lie before nobody any more."""
        self._desks.put_away(case)

    # Reading

    async def _page(self, request: web.Request) -> web.Response:
        return html(self._pages.page(await self._view(request)))

    async def _fragment(self, request: web.Request) -> web.Response:
        return html(self._pages.fragment(await self._view(request)))

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._static:
            raise BadPost(404, "There is no such page here.")
        return web.Response(
            body=self._static[name], content_type=_STATIC[name], charset="utf-8", headers=HEADERS
        )

    async def _view(self, request: web.Request) -> View:
        people = await self._world.people()
        if not people:
            raise BadPost(404, "There is nobody in the directory yet. Import one, then load the page again.")
        return await self._seen_by(_find(people, request.query.get("as") or people[0].file_id), people)

    async def _seen_by(self, person: PagePerson, people: Collection[PagePerson]) -> View:
        room, desk = await self._world.room_of(person), self._desks.of(person.account)
        changes = self._messages.changes()  # before reading, so that nothing posted meanwhile is missed
        messages = await self._messages.of((room.place, person.account))
        direct = [message for message in messages if message.place == person.account]
        return View(
            person=person,
            people=tuple(people),
            room=room,
            channel=posts([message for message in messages if message.place == room.place]),
            direct=posts(direct),
            latest_direct=direct[-1].id if direct else "",
            new_direct=len(since(desk.seen, direct)),
            desk=desk,
            now=self._world.now(),
            changes=changes,
        )

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
        return html(self._pages.confirm(view, button, hidden))

    async def _submit(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        submission, in_room = submitted(turn.posted), _in_room(turn.posted)
        asker = await self._asker(turn, in_room=in_room)
        answer = await self._conversation.submit(asker, submission)
        return self._answered(request, turn, answer, in_room=in_room, answered=asker.delivery)

    async def _clock(self, request: web.Request) -> web.Response:
        turn = await self._turn(request)
        moves = {
            "next_working_day": self._world.next_working_day,
            "next_thing_due": self._world.next_thing_due,
        }
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
            "aside": lambda: _put_aside(desk, posted),
            "keep": lambda: desk.keep(posted.maybe("token"), _typed(posted)),
            "carry_on": desk.carry_on,
            "throw_away": desk.throw_away,
            "look": lambda: desk.look(posted.one("message")),
            "dismiss": lambda: desk.dismiss(posted.one("answer")),
        }
        one_of(posted, "do", chores)()
        if posted.one("do") in _UNSEEN:
            return web.Response(status=204, headers=HEADERS)
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
        """Post, then get, so that loading again sends nothing twice. The script gets only what changes."""
        path = "/fragment" if request.headers.get("X-Page") == "fragment" else "/"
        query = urlencode({"as": person.file_id})
        location = f"{path}?{query}#{part}" if part else f"{path}?{query}"
        return web.Response(status=303, headers={**HEADERS, "Location": location})


def create_page(
    conversation: Conversation,
    messages: PageMessages,
    world: World,
    *,
    allowed_hosts: Collection[str] = LOOPBACK,
) -> PagePlatform:
    """The local page over these three. `allowed_hosts`: names it answers to, each with a port or for any."""
    return PagePlatform(conversation, messages, world, allowed_hosts)


def _find(people: Collection[PagePerson], file_id: str) -> PagePerson:
    """The person with this id. Raises BadPost (404)."""
    for person in people:
        if person.file_id == file_id:
            return person
    raise BadPost(404, "Nobody in the directory goes by that name. Choose somebody from the list.")


def _put_aside(desk: Desk, posted: Posted) -> None:
    if not desk.put_aside(posted.maybe("token"), _typed(posted)):
        raise BadPost(
            409, "The page was started anew, so this form can't be kept for later. Send it, or copy it."
        )


def _typed(posted: Posted) -> dict[str, tuple[str, ...]]:
    return {key: tuple(filter(None, typed)) for key, typed in posted.within(FILLED_IN).items()}


def _in_room(posted: Posted) -> bool:
    return one_of(posted, "where", {"room": True, "direct": False})
