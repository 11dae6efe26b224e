"""Slack's payloads as what the bot understands: who asks and where, what they said, pressed or sent.

The person's workspace is taken from the person (`user.team_id`), not from the channel: in a channel shared
between organisations they differ. Where an Enterprise Grid organisation stands for its workspaces, the
directory lists its people under the workspace they belong to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack.text import unescape
from core.conversation import Asker, Press, Submission

Body: TypeAlias = Mapping[str, Any]


class UnreadableError(ValueError):
    """A signed payload without something that Slack always sends. The message names the key, never what it
    held.
    """


@dataclass(frozen=True)
class InMessage:
    """A button stood on a message. `channel` and `user` are Slack's own ids; `thread` is the ts of the
    thread, if any.
    """

    channel: str
    user: str
    thread: str = ""
    response_url: str = ""


@dataclass(frozen=True)
class InView:
    """A button stood in a modal. `kind`: its form's; `typed`: it has fields, which must not be swept away."""

    view: str
    kind: str
    typed: bool


Spot: TypeAlias = InMessage | InView


def command(body: Body) -> tuple[Asker, str]:
    """A slash command: who, and the words after it as they were typed."""
    asker = Asker(
        account=_account(word(body, "team_id"), word(body, "user_id")),
        room=_room(word(body, "team_id"), word(body, "channel_id")),
        delivery=word(body, "trigger_id"),
    )
    return asker, unescape(word(body, "text", needed=False)).strip()


def shortcut(body: Body) -> Asker:
    """A global shortcut (no room), or one on a message."""
    return _interaction(body)


def press(body: Body) -> tuple[Asker, Press] | None:
    """A button; None for anything else that sends an action, such as a box ticked in a form."""
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise UnreadableError("actions")
    if actions[0].get("type") != "button":
        return None
    return _interaction(body), Press.read(word(actions[0], "value", needed=False))


def spot(body: Body) -> Spot:
    """Where a button stood, and so where its answer goes. The app's home counts as a message."""
    container = part(body, "container")
    if container.get("type") == "view":
        shown = part(body, "view")
        if shown.get("type") == "home":
            return InMessage(channel="", user=word(part(body, "user"), "id"))
        return InView(word(shown, "id"), _kind(shown), typed=bool(inputs(shown)))
    message = body.get("message")
    return InMessage(
        channel=word(container, "channel_id"),
        user=word(part(body, "user"), "id"),
        thread=word(message, "thread_ts", needed=False) if isinstance(message, dict) else "",
        response_url=word(body, "response_url", needed=False),
    )


def submission(body: Body) -> tuple[Asker, Submission]:
    """A form sent. Fields left empty have no values."""
    shown = part(body, "view")
    metadata = _metadata(shown)
    carry = metadata.get("carry")
    values = {
        field: _entered(entry)
        for block in part(part(shown, "state"), "values").values()
        if isinstance(block, dict)
        for field, entry in block.items()
        if isinstance(entry, dict)
    }
    asker = _interaction(body)
    delivery = f"{word(shown, 'id')}:{word(shown, 'hash', needed=False)}"
    carried = {str(key): str(value) for key, value in carry.items()} if isinstance(carry, dict) else {}
    return Asker(asker.account, asker.room, delivery), Submission(_kind(shown), carried, values)


def inputs(shown: Body) -> frozenset[str]:
    """The ids of a view's input blocks."""
    blocks = shown.get("blocks")
    return frozenset(
        str(block.get("block_id"))
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "input"
    )


def _interaction(body: Body) -> Asker:
    user = part(body, "user")
    team = body.get("team")
    here = word(team, "id", needed=False) if isinstance(team, dict) else ""
    home = word(user, "team_id", needed=False) or here
    channel = body.get("channel")
    room = word(channel, "id", needed=False) if isinstance(channel, dict) else ""
    if not home:
        raise UnreadableError("user.team_id")
    return Asker(
        _account(home, word(user, "id")), _room(here or home, room), word(body, "trigger_id", needed=False)
    )


def _account(team: str, user: str) -> str:
    return f"slack:{team}/{user}"


def _room(team: str, channel: str) -> str:
    """Empty in a direct message, whose id starts with D."""
    return "" if not channel or channel.startswith("D") else f"slack:{team}/{channel}"


def _entered(entry: Body) -> tuple[str, ...]:
    many = entry.get("selected_options")
    if isinstance(many, list):
        return tuple(str(option.get("value", "")) for option in many if isinstance(option, dict))
    one = entry.get("selected_option")
    if isinstance(one, dict):
        return (str(one.get("value", "")),)
    typed = entry.get("value") or entry.get("selected_date")
    return (str(typed),) if typed else ()


def _kind(shown: Body) -> str:
    return word(_metadata(shown), "kind", needed=False) or word(shown, "callback_id", needed=False)


def _metadata(shown: Body) -> dict[str, Any]:
    try:
        metadata = json.loads(word(shown, "private_metadata", needed=False) or "{}")
    except (ValueError, RecursionError):
        raise UnreadableError("view.private_metadata") from None
    return metadata if isinstance(metadata, dict) else {}


def part(body: Body, key: str) -> dict[str, Any]:
    """Raises UnreadableError where `key` isn't an object."""
    value = body.get(key)
    if not isinstance(value, dict):
        raise UnreadableError(key)
    return value


def word(body: Body, key: str, *, needed: bool = True) -> str:
    """Raises UnreadableError where `key` isn't a string, or is empty and needed."""
    value = body.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise UnreadableError(key)
    return value
