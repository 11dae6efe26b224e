"""Keeps people's words, tokens and secrets out of the log, whatever its level, and gives each failure a code.

botbuilder's libraries log requests at DEBUG, bodies and Authorization header too. That they said something,
and where, is all that reaches the log.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable
from typing import Any, Final

LOG: Final = logging.getLogger(__name__)
LIBRARIES: Final = ("botbuilder", "botframework", "msrest", "msal", "requests_oauthlib", "oauthlib")
CODE_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another when read out
FRAMES: Final = 4


class _Withholding:
    """Makes log records: one of those libraries keeps its name, level and place, and loses all it said."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(
        self, name: str | None, level: int, path: str, line: int, *said: Any, **more: Any
    ) -> logging.LogRecord:
        """`name` is None where a record is made to be filled with another's, as those who copy records do."""
        if name is None or name.partition(".")[0] not in LIBRARIES:
            return self._make(name, level, path, line, *said, **more)
        function = said[3] if len(said) > 3 else more.get("func")
        words = f"said something in {function}, line {line}; its words are withheld"
        return self._make(name, level, path, line, words, (), None, function)


_withholding: list[_Withholding] = []


def withhold_library_logs() -> None:
    """Where records are made, so that no handler, level or logger can go around it. Once is enough."""
    if not _withholding:
        _withholding.append(_Withholding(logging.getLogRecordFactory()))
        logging.setLogRecordFactory(_withholding[0])


def failure_code(error: BaseException, doing: str) -> str:
    """Logs an unexpected error by its type and place, never its text, which may quote an activity.

    Returns its code.
    """
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(4))
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    LOG.error("%s failed, code %s: %s at %s", doing, code, type(error).__name__, where)
    return code


def refused(what: str, why: str) -> None:
    """An activity that wasn't let in, or a message that couldn't be told: by our own code for it."""
    LOG.warning("%s: %s", what, why)


def apology(code: str) -> str:
    """What the person reads then."""
    return f"That didn't work, and nothing was lost. Try again in a moment. (code {code})"
