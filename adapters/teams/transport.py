"""What we need of the Connector, whoever speaks to it, and the one table of what each failure means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Protocol

from adapters.teams.references import ConversationReference
from core.delivery import MessageGone, Rejected, SendingFailed, TryLater, Unreachable

LONGEST_PATIENCE: Final = 3600.0  # seconds; nobody means more than that by Retry-After


class ConversationGone(Unreachable):
    """The conversation isn't there any more: a personal one may be made anew."""


class TeamsTransport(Protocol):
    """All raise SendingFailed, as the table says. An activity is the JSON that the Connector takes."""

    async def post(
        self, reference: ConversationReference, activity: dict[str, Any], reply_to: str = ""
    ) -> str:
        """Sends a new message, in the thread of message `reply_to` if given; returns its id."""
        ...

    async def update(
        self, reference: ConversationReference, message: str, activity: dict[str, Any], reply_to: str = ""
    ) -> None:
        """Puts an activity in the place of message `message`, which stands in the thread of `reply_to`."""
        ...

    async def create_personal(self, service_url: str, tenant: str, user: str) -> str:
        """The conversation between the bot and a person, by their object id or their id in Teams."""
        ...

    async def close(self) -> None: ...


PATIENCE: Final = frozenset({408, 412, 425, 429, 500, 502, 503, 504})
TO_BE_PUT_RIGHT: Final = frozenset({401})
"""An administrator does so, or a new token: until then what is due waits, and is shown as waiting."""
OUT_OF_REACH: Final = frozenset({403, 404, 405, 410})

BY_CODE: Final[dict[str, type[SendingFailed]]] = {
    "messagewritesblocked": Unreachable,  # the person has blocked the bot, or taken it out
    "botnotinconversationroster": Unreachable,
    "botdisabledbyadmin": Unreachable,
    "forbiddenoperationexception": Unreachable,
    "bottenantnotallowed": Unreachable,
    "useraccountnotfound": Unreachable,
    "usernotfound": Unreachable,
    "conversationnotfound": ConversationGone,
    "activitynotfoundinconversation": MessageGone,
    "activitynotfound": MessageGone,
    "messagenotfound": MessageGone,
    "conversationblockedbyuser": Unreachable,
    "preconditionfailed": TryLater,
    "toomanyrequests": TryLater,
    "throttled": TryLater,
}
"""By the Connector's error code, whatever the status that comes with it."""


def meaning(status: int, code: str, headers: Mapping[str, str], *, of_message: bool = False) -> SendingFailed:
    """One of ours for the Connector's. `of_message`: a message was named (updated or replied to), so that 404
    speaks of it. Only codes are kept: the Connector's words may quote ours.
    """
    known = BY_CODE.get(code.casefold())
    why = f"http_{status}" + (f"_{code[:60]}" if code.isalnum() and code.isascii() else "")
    if status in PATIENCE | TO_BE_PUT_RIGHT or known is TryLater or status >= 500:
        return TryLater(why, _retry_after(headers))
    if known:
        return known(why)
    if status in {404, 410}:
        return MessageGone(why) if of_message else ConversationGone(why)
    return Unreachable(why) if status in OUT_OF_REACH else Rejected(why)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """In seconds; a date, or nonsense, leaves it to our own pauses."""
    for name, value in headers.items():
        if name.casefold() == "retry-after":
            try:
                seconds = float(value)
            except ValueError:
                return None
            return min(max(0.0, seconds), LONGEST_PATIENCE) if math.isfinite(seconds) else None
    return None
