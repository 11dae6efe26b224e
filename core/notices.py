"""Notices: who is to hear of what, and where.

They are queued in the transaction of their cause; never what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["card", "decision", "reminder"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one room or one person.

    `kind`: "card" is the latest state, one live card a room, coalesced; "decision" is as it was at its event,
    never dropped, in order; "reminder" is the state as it is when sent, dropped if overtaken, several for one
    person as one. Exactly one of `side` (its room) and `person` (a direct message) is set. `sequence`: the
    event it tells of. `topic`: which words, a key of `core.cards`; `object`: what it is about. `key`: unique,
    so that nothing is queued twice. `not_before`: UTC; reminders wait for the person's working hours.
    """

    kind: Kind
    topic: str
    sequence: int
    key: str
    not_before: datetime
    side: str = ""
    person: str = ""
    object: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice that hasn't arrived: given up (`failed`), or owed since `since` (UTC) and still tried."""

    kind: Kind
    topic: str
    side: str
    person: str
    since: datetime
    failed: bool


WHAT = {
    "case": "the case card",
    "line": "a line under the case card",
    "invitation": "the question whether they are the right person",
    "leads": "news that they lead for their side",
    "passed_on": "news that somebody else must be found",
    "contact_unknown": "the question who takes this on",
    "role_unfilled": "the question who leads",
    "moved_on": "news of the next stage",
    "view_added": "news of a view",
    "danger": "an urgent message",
    "chair": "the message to the Chair",
    "exhausted": "news that there is no further stage",
    "proposed": "a proposed outcome to read",
    "declined": "news of an answer to a proposal",
    "agreed": "news of the agreed outcome",
    "action_moved": "news of an action's new day",
    "closed": "news that the case is closed",
    "waits": "news that an answer is waited for",
    "undelivered": "news that a message did not arrive",
    "unreached": "news that somebody could not be reached",
    "destruction_asked": "the question whether words may be destroyed",
    "entry_kept": "news that an entry is kept",
    "entry_destroyed": "news that words were destroyed",
    "keeping": "the question whether the record is still needed",
    "clock": "a reminder",
    "action_due": "a reminder of an action",
}


def what(kind: Kind, topic: str) -> str:
    """What a notice is, in words for people who run the bot and for those who take part; a plain word for one
    that an earlier version queued.
    """
    if kind == "card" and topic != "case":
        return "an earlier message, brought up to date"
    return WHAT.get(topic, "a message")
