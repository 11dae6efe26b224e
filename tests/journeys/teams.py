"""Teams, driven through a running stand-in: two tenants, each with its channel."""

from __future__ import annotations

import html
from typing import Any

from adapters.teams import limits
from adapters.teams.render import APP_NAME
from adapters.teams.telling import OPEN_CASE
from core import slash
from core.verbs import VERBS, Opens, Resumes
from tests.journeys.people import People
from tests.journeys.process import Bot
from tests.journeys.surface import Button, Field, Form, Message, Sight, Typed
from tests.teams_blocks import Json, actions, card_of
from tests.teams_connector import Answer, TeamsStandIn
from tests.teams_judge import judge_card, judge_dialog
from tests.teams_service import Message as Posted
from tests.teams_shown import Entry, entries, shown

Handle = tuple[Posted | Json | None, Json]
"""The message or card on which a button stands (None: the open dialog), and what Teams holds of it."""


def judge(kind: str, card: Json) -> None:
    """Of every card that is shown, also those that only answer."""
    judge_card(card, most=limits.DIALOG_BYTES if kind == "dialog" else limits.MESSAGE_BYTES)


class TeamsSurface:
    """Everybody whose account is in Teams."""

    name = "teams"
    shows_each_their_own = True

    def __init__(self, bot: Bot, teams: TeamsStandIn, people: People) -> None:
        self._bot = bot
        self.teams = teams
        self._people = people
        self._private: dict[str, Message] = {}  # by person: what they were answered last
        self._answers: set[str] = set()  # ids of messages that answered what somebody said
        self._own: dict[tuple[str, str, int], Json] = {}  # cards as they refreshed themselves

    async def look(self, person: str) -> Sight:
        await self._bot.settled()
        dialog = self.teams.dialogs.get(self._user(person))
        told = dialog if dialog and dialog["title"] == APP_NAME else None
        posts = [
            await self._post(person, one)
            for one in self.teams.in_channel(self._room(person))
            if one.root == one.id and _has_card(one)
        ]
        direct = [one for one in self._chat(person) if one.id not in self._answers and _has_card(one)]
        return Sight(
            room=tuple(posts),
            direct=tuple([await self._post(person, one) for one in direct]),
            form=_form(dialog) if dialog and not told else None,
            private=_message(told, None) if told else self._private.get(person),
        )

    async def say(self, person: str, words: str) -> None:
        """In the channel, where a note would stay: so a note is said in the personal chat, as people do."""
        await self.close(person)
        await self._bot.settled()
        before = {one.id for one in self._chat(person)}
        note = isinstance(slash.understand(words), slash.Note)
        typed = html.escape(words, quote=False)  # as Teams sends it on
        await self.teams.say(self._user(person), typed, channel="" if note else self._room(person))
        fresh = [one for one in self._chat(person) if one.id not in before]
        assert fresh, f"{person} was answered nothing"
        self._answers |= {one.id for one in fresh}
        await self._answered(person, fresh[-1], fresh[-1].now)

    async def press(self, person: str, place: str, button: Button) -> None:
        where, action = button.handle
        if where is None:
            await self._seen(person, await self.teams.act_in_dialog(self._user(person), action))
            return
        await self.close(person)
        await self._seen(person, await self.teams.act(self._user(person), where, action, self._room(person)))

    async def press_unseen(self, person: str, value: str) -> None:
        verb = value.partition(":")[0]
        data: Json = {"action": verb, "press": value}
        if isinstance(VERBS[verb], Opens | Resumes):
            action = {"type": "Action.Submit", "data": {"msteams": {"type": "task/fetch"}, **data}}
        else:
            action = {"type": "Action.Execute", "verb": verb, "data": data}
        [card, *_] = self.teams.in_channel(self._room(person))
        await self.press(person, "", Button("", value, (card, action)))

    async def choose(self, person: str, command: str, said: str, about: Posted | None = None) -> None:
        """The app's command in the menu of a message that somebody wrote in the channel of this agency, in
        the thread of `about` if given. `said`: HTML, as Teams keeps it.
        """
        await self.close(person)
        user, room = self._user(person), self._room(person)
        await self._seen(person, await self.teams.compose(user, room, command, about, said))

    def live_card(self, person: str) -> Posted:
        """The message that the newest case's thread hangs on, in the channel of this person's agency."""
        return [one for one in self.teams.in_channel(self._room(person)) if one.root == one.id][-1]

    async def fill(self, person: str, typed: Typed) -> None:
        user = self._user(person)
        fields = {entry.label: entry for entry in entries(self.teams.dialog_of(user))}
        values: dict[str, Any] = {}
        for label, value in typed.items():
            assert label in fields, f"no field is called {label!r}; there is {list(fields)}"
            values[fields[label].node["id"]] = _entered(fields[label], value)
        await self._seen(person, await self.teams.submit(user, values))

    async def close(self, person: str) -> None:
        self._private.pop(person, None)
        self.teams.dialogs.pop(self._user(person), None)

    async def _seen(self, person: str, answer: Answer) -> None:
        """What stands before them after an answer: a dialog, a card of their own, or words."""
        self._private.pop(person, None)
        dialog = self.teams.dialogs.get(self._user(person))
        if dialog:
            judge_dialog(dialog)
        elif answer.card:
            await self._answered(person, answer.card, answer.card)
        elif answer.words:
            self._private[person] = Message(answer.words)

    async def _answered(self, person: str, where: Posted | Json, card: Json) -> None:
        """A form can't stand in a message: whoever asked for one presses the button that opens it."""
        self._private[person] = _message(card, where)
        buttons = self._private[person].buttons
        if [each.label for each in buttons] in (["Open the form"], [OPEN_CASE]):
            await self.press(person, "", buttons[0])

    async def _post(self, person: str, posted: Posted) -> Message:
        own = await self._as_it_is_for(person, posted)
        replies = [shown(reply.now) for reply in self.teams.thread(posted) if _has_card(reply)]
        return _message(own, posted, replies)

    async def _as_it_is_for(self, person: str, posted: Posted) -> Json:
        """The client of somebody for whom a card refreshes itself asks for it when they look."""
        user, card = self._user(person), card_of(posted.now)
        refresh, own = card.get("refresh", {}), (person, posted.id, len(posted.updates))
        if f"29:{self.teams.people[user].object}" not in refresh.get("userIds", []):
            return card
        if own not in self._own:
            answer = await self.teams.act(user, posted, refresh["action"], trigger="automatic")
            assert answer.card is not None, answer
            self._own[own] = answer.card
        return self._own[own]

    def _chat(self, person: str) -> list[Posted]:
        return self.teams.direct_messages(self._user(person))

    def _user(self, person: str) -> str:
        return self._people.in_teams[person].name

    def _room(self, person: str) -> str:
        return self._people.agency_of(person)


def _has_card(posted: Posted) -> bool:
    return bool(posted.now.get("attachments"))


def _message(card: Json, where: Posted | Json | None, replies: list[str] | None = None) -> Message:
    return Message(shown(card), _buttons(card, where), tuple(replies or ()))


def _buttons(card: Json, where: Posted | Json | None) -> tuple[Button, ...]:
    return tuple(
        Button(action["title"], action["data"]["press"], (where, action))
        for action in actions(card)
        if "press" in action.get("data", {})
    )


def _form(dialog: Json) -> Form:
    fields = [Field(entry.label, entry.value, tuple(entry.choices), entry.error) for entry in entries(dialog)]
    title = dialog["title"]
    return Form(title, "\n".join([title, shown(dialog)]), tuple(fields), _buttons(dialog, None))


def _entered(entry: Entry, value: Any) -> Any:
    if not entry.choices:
        return value
    wanted = [value] if isinstance(value, str) else list(value)
    for title in wanted:
        assert title in entry.choices, f"{title!r} is not offered; there is {list(entry.choices)}"
    return [entry.choices[title] for title in wanted]
