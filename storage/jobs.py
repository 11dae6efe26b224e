"""Pieces of work that were asked for, and how whoever asked hears what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection


class Begun(Protocol):
    """A transaction, as far as a writer knows it."""

    @property
    def connection(self) -> Connection: ...

    def committed(self) -> None:
        """Does what was to wait for the COMMIT."""


@dataclass(frozen=True, slots=True)
class Job:
    """`future`: of whoever waits, on an event loop or on a thread."""

    work: Callable[[Any], Any]
    future: asyncio.Future[Any] | Future[Any]

    def is_wanted(self) -> bool:
        """False where whoever asked gave it up. Asked once, before it is begun."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`begun` None: it raised `result`, and nothing of it was saved."""

    job: Job
    begun: Begun | None
    result: Any

    def hand_over(self) -> None:
        future = self.job.future
        if isinstance(future, asyncio.Future) and future.done():
            return  # given up meanwhile
        if self.begun is None:
            future.set_exception(self.result)
        else:
            future.set_result(self.result)


def settle(outcomes: Iterable[Outcome]) -> None:
    """What waited for the commits is done; then all who asked hear. From any thread.

    An event loop is woken once for all of them: each waking costs as much as a few statements, for it takes
    the interpreter away from whoever wakes.
    """
    waiting: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.begun is not None:
            outcome.begun.committed()
        if isinstance(outcome.job.future, Future):
            outcome.hand_over()
        else:
            waiting.setdefault(outcome.job.future.get_loop(), []).append(outcome)
    for loop, theirs in waiting.items():
        with suppress(RuntimeError):  # it is closed: nobody waits there any more
            loop.call_soon_threadsafe(_hand_over, theirs)


def _hand_over(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome.hand_over()
