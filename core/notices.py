"""Notices: who is to hear of what, and where.

They are queued in the transaction of their cause; never what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one room or one person.

    `kind`: "card" is the latest state, one live card a room, coalesced; "decision" is as it was at its event,
    never dropped, in order; "reminder" is the state as it is when sent, dropped if overtaken, several for one
    person as one. Exactly one of `side` (its room) and `person` (a direct message) is set. `sequence`: the
    event it tells of. `topic`: which words, a key of `core.cards`; `object`: what it is about. `key`: unique,
    so that nothing is queued twice. `not_before`: UTC; reminders wait for the person's working hours.
    """

    kind: Literal["card", "decision", "reminder"]
    topic: str
    sequence: int
    key: str
    not_before: datetime
    side: str = ""
    person: str = ""
    object: str = ""
