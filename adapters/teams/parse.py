"""Teams' activities as what the bot understands: who asks and where, what they said, pressed or sent.

An activity is the parsed JSON; the token that came with it vouches for it before anything is read here.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from adapters.teams.fields import PREFIX
from core.conversation import Asker, Press, Submission
from core.forms.form import ROOM

Body: TypeAlias = Mapping[str, Any]

_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_CONVERSATION: Final = re.compile(r"[^\s\x00-\x1f\ud800-\udfff]{1,400}")
_AT: Final = re.compile(r"<at\b[^<>]*>(.*?)</at>", re.IGNORECASE | re.DOTALL)
_CALL: Final = re.compile(r"/?escalate(?=$|\s|[:,])[:,]?", re.IGNORECASE)
_LINE_END: Final = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|blockquote|tr)>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_LONGEST_MESSAGE: Final = 100_000
_BETWEEN_TWO_PEOPLE: Final = "@unq.gbl.spaces"
_UNWRAPPED_DEEP: Final = 3


class UnreadableError(ValueError):
    """An activity without something that Teams always sends. The message names the key, never what it
    held.
    """


def asker(activity: Body) -> Asker:
    """Who, where and which delivery.

    `room` is the channel or group chat, without the message that a thread hangs on; empty in the personal
    chat, and between two people, where the bot doesn't sit. Raises UnreadableError.
    """
    tenant = tenant_of(activity)
    person = _id(_part(activity, "from"), "aadObjectId", "from.aadObjectId")
    return Asker(f"teams:{tenant}/{person}", _room(activity, tenant), _delivery(activity))


def tenant_of(activity: Body) -> str:
    """The tenant's id. Raises UnreadableError where none is named."""
    conversation = _part(activity, "conversation")
    channel_data = activity.get("channelData")
    named = channel_data.get("tenant") if isinstance(channel_data, Mapping) else None
    if isinstance(named, Mapping) and named.get("id"):
        return _id(named, "id", "channelData.tenant.id")
    return _id(conversation, "tenantId", "conversation.tenantId")


def words(activity: Body) -> str:
    """What was said to the bot: without its own name, as typed, and without "/escalate" before it."""
    said = activity.get("text")
    if said is None:
        return ""
    if not isinstance(said, str):
        raise UnreadableError("text")
    without = _AT.sub(r" \1 ", _without_mention(activity, said))
    plain = html.unescape(without).replace("\u00a0", " ").replace("\r\n", "\n").strip()
    called = _CALL.match(plain)
    return plain[called.end() :].strip() if called else plain


def chosen_words(activity: Body) -> str:
    """The words of the message that a command was chosen on; "" where there is none, or it has none."""
    payload = _payload(activity)
    body = payload.get("body")
    content = body.get("content") if isinstance(body, Mapping) else None
    if not isinstance(content, str):
        return ""
    if body is not None and body.get("contentType") == "text":
        return content.strip()
    parted = _TAG.sub("", _LINE_END.sub("\n", content[:_LONGEST_MESSAGE]))
    return html.unescape(parted).replace("\u00a0", " ").strip()


def chosen_message(activity: Body) -> str:
    """The message whose thread a command was chosen in, named as the sender names what it posted; or ""."""
    where, _, root = str(_part(activity, "conversation").get("id", "")).partition(";messageid=")
    payload = _payload(activity)
    named = [root, payload.get("replyToId"), payload.get("id")]
    found = next((each for each in named if isinstance(each, str) and each), "")
    return f"{where}|{found}" if found else ""


def _payload(activity: Body) -> Body:
    value = activity.get("value")
    payload = value.get("messagePayload") if isinstance(value, Mapping) else None
    return payload if isinstance(payload, Mapping) else {}


def press(value: Any) -> Press | None:
    """The button that an activity's `value` tells of, however it is wrapped; None where it tells of none."""
    pressed = _data(value).get("press")
    return Press.read(pressed) if isinstance(pressed, str) and pressed else None


def stays(value: Any) -> bool:
    """Whether the button stood on a card that is about other things too."""
    return _data(value).get("stays") is True


def submission(value: Any, room: str) -> Submission:
    """A form sent, from an activity's `value`. Fields left empty have no values.

    What a form carries lies on people's own machines. The room that it carries says where a case is shown, so
    it counts only where it is `room`, from which the form was sent. Keys that aren't fields of ours are
    dropped. Raises UnreadableError where it names no form.
    """
    data = _data(value)
    kind, carry = data.get("submit"), data.get("carry")
    if not isinstance(kind, str) or not kind:
        raise UnreadableError("value.submit")
    carried = {str(key): str(word) for key, word in carry.items()} if isinstance(carry, Mapping) else {}
    if carried.get(ROOM) != room:
        carried.pop(ROOM, None)
    values = {
        key.removeprefix(PREFIX): _entered(entry) for key, entry in data.items() if key.startswith(PREFIX)
    }
    return Submission(kind, carried, _parted(values, data))


def _parted(values: dict[str, tuple[str, ...]], data: Body) -> dict[str, tuple[str, ...]]:
    """Chosen ones come joined with commas; the form says which of its fields take several."""
    several = data.get("several")
    names = several.split(",") if isinstance(several, str) else []
    return {
        key: tuple(part for each in entered for part in each.split(",") if part) if key in names else entered
        for key, entered in values.items()
    }


def _entered(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, str):
        return (entry.replace("\r\n", "\n").replace("\r", "\n"),) if entry else ()
    if isinstance(entry, list):
        return tuple(str(each) for each in entry if isinstance(each, str) and each)
    return ()


def _data(value: Any) -> Body:
    """What a button or form carried: by itself, in `data`, or in an action's `data`."""
    for _ in range(_UNWRAPPED_DEEP):
        if not isinstance(value, Mapping):
            return {}
        if "press" in value or "submit" in value:
            return value
        value = value.get("action") if isinstance(value.get("action"), Mapping) else value.get("data")
    return {}


def _without_mention(activity: Body, said: str) -> str:
    recipient, entities = activity.get("recipient"), activity.get("entities")
    own = recipient.get("id") if isinstance(recipient, Mapping) else None
    for entity in entities if isinstance(entities, list) else []:
        mentioned = entity.get("mentioned") if isinstance(entity, Mapping) else None
        if own and isinstance(mentioned, Mapping) and mentioned.get("id") == own:
            text = entity.get("text")
            said = said.replace(text, " ", 1) if isinstance(text, str) and text else said
    return said


def _room(activity: Body, tenant: str) -> str:
    conversation = _part(activity, "conversation")
    found = conversation.get("id")
    if not isinstance(found, str) or not _CONVERSATION.fullmatch(found):
        raise UnreadableError("conversation.id")
    kind = conversation.get("conversationType")
    room = found.partition(";")[0]
    personal = kind == "personal" or (not kind and not room.startswith("19:"))
    return "" if personal or room.endswith(_BETWEEN_TWO_PEOPLE) else f"teams:{tenant}/{room}"


def _delivery(activity: Body) -> str:
    """Teams' id of a message. An invoke's is not sure to be its own, so it counts with what it tells."""
    named = activity.get("id")
    if activity.get("type") != "invoke":
        return named if isinstance(named, str) else ""
    told = [activity.get(key) for key in ("id", "replyToId", "name", "value", "timestamp")]
    if named:
        told[-1] = None  # a second delivery of one invoke may be stamped anew
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _id(holder: Body, key: str, name: str) -> str:
    value = holder.get(key)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise UnreadableError(name)
    return value


def _part(activity: Body, key: str) -> Body:
    value = activity.get(key)
    if not isinstance(value, Mapping):
        raise UnreadableError(key)
    return value
