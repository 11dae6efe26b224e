"""How much one person may do in a short time, on all platforms together. Whoever does more is asked to wait,
and what they typed stays before them.

It is kept in this process alone, in bounded memory: a program that starts again begins anew.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.conversation import Bot
from core import refusals, slash
from core.cards import answers as said
from core.cards.model import Form
from core.conversation import Answer, Asker, Press, Submission
from core.forms.form import kept_words
from core.refusals import Refusal
from core.verbs import VERBS, Draws

log = structlog.get_logger("escalate")

RAISES = "raise.who"
"""The form whose answers raise a case."""
MOST_KEPT = 20_000
"""Counts: those that were used longest ago are forgotten first."""


@dataclass(frozen=True)
class Allowance:
    """`most` at once, and as many again in every `seconds`, a little at a time."""

    what: str
    most: int
    seconds: float


ASKING = Allowance("asking", 60, 60)
"""Commands, buttons and forms together: more than one a second for a minute is no person."""
LOOKING = Allowance("looking", 600, 60)
"""Cards that people's own clients draw anew while they look at a room."""
RAISING = Allowance("raising", 10, 3600)
"""Each brings people of two agencies in."""
UNKNOWN = Allowance("unknown", 10, 60)
"""All of it together, for an account that isn't in the directory."""
REDRAWN = Allowance("redrawn", 20, 60)
"""Forms drawn again for whoever was asked to wait; further ones show what was typed, to copy."""
LOGGED = Allowance("logged", 1, 60)


class Counts:
    """What each has left. `clock`: seconds, from any beginning. `factor`: so many times each allowance."""

    def __init__(self, clock: Callable[[], float], factor: float = 1.0, most_kept: int = MOST_KEPT) -> None:
        self._clock = clock
        self._factor = factor
        self._most_kept = most_kept
        self._whole_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._whole_at)

    def take(self, who: str, allowance: Allowance) -> float:
        """0 and one less is left; or how many seconds to wait, and nothing was taken."""
        key, now = (allowance.what, who), self._clock()
        whole_at = max(now, self._whole_at.get(key, now)) + self._each(allowance)
        wait = whole_at - now - allowance.seconds
        if wait > 1e-6:
            return wait
        self._whole_at[key] = whole_at
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > self._most_kept:
            self._whole_at.popitem(last=False)
        return 0.0

    def give_back(self, who: str, allowance: Allowance) -> None:
        """What was taken was not used."""
        key = (allowance.what, who)
        if key in self._whole_at:
            self._whole_at[key] -= self._each(allowance)

    def _each(self, allowance: Allowance) -> float:
        return allowance.seconds / (allowance.most * self._factor)


class Patience:
    """Stands before the bot, and is a `core.conversation.Conversation` as well.

    `person_of`: the person's id for an account, "" where nobody in the directory has it.
    """

    def __init__(
        self,
        bot: Bot,
        person_of: Callable[[str], str],
        factor: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._person_of = person_of
        self._counts = Counts(clock, factor)

    async def say(self, asker: Asker, words: str) -> Answer:
        refused = self._refused(asker, ASKING)
        if refused is None:
            return await self._bot.say(asker, words)
        understood = slash.understand(words)
        return _told(refused, understood.words if isinstance(understood, slash.Note) else "")

    async def press(self, asker: Asker, press: Press) -> Answer:
        looks = isinstance(VERBS.get(press.verb), Draws)
        refused = self._refused(asker, LOOKING if looks else ASKING)
        return await self._bot.press(asker, press) if refused is None else _told(refused)

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        raises = submission.kind == RAISES
        refused = self._refused(asker, ASKING) or (self._refused(asker, RAISING) if raises else None)
        if refused is not None:
            return await self._kept(asker, submission, refused)
        answer = await self._bot.submit(asker, submission)
        if raises and isinstance(answer, Form):  # nothing was raised: something is to be filled in again
            self._counts.give_back(self._who(asker)[0], RAISING)
        return answer

    def _who(self, asker: Asker) -> tuple[str, bool]:
        """Whom it counts for, and whether they are known."""
        person = self._person_of(asker.account)
        return (person, True) if person else (asker.account, False)

    def _refused(self, asker: Asker, allowance: Allowance) -> Refusal | None:
        who, known = self._who(asker)
        wait = self._counts.take(who, allowance if known else UNKNOWN)
        if not wait:
            return None
        self._bot.commands["asked_to_wait"] += 1
        if not self._counts.take(who, LOGGED):
            log.warning("asked_to_wait", what=allowance.what, who=who if known else "unknown")
        if allowance is RAISING and known:
            return refusals.RaisedMany(wait=in_words(wait))
        return refusals.TooMuchAtOnce(wait=in_words(wait))

    async def _kept(self, asker: Asker, submission: Submission, refused: Refusal) -> Answer:
        who, known = self._who(asker)
        if known and not self._counts.take(who, REDRAWN):
            return await self._bot.again(asker, submission, refused)
        return kept_words(refused, submission.values) or _told(refused)


def _told(refused: Refusal, words: str = "") -> Answer:
    return kept_words(refused, {"words": (words,)}) or said.refused_card(refused, None, may_see=False)


def in_words(seconds: float) -> str:
    """ "20 seconds", "3 minutes": rounded up, so that waiting so long suffices."""
    if seconds <= 60:
        whole = max(1, math.ceil(seconds))
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
