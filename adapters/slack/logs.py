"""Keeps people's words and tokens out of the log, whatever its level, and gives each failure a code.

Slack's libraries log whole payloads: Bolt at INFO when a signature is wrong and as a WARNING when nothing
listens, slack_sdk at DEBUG for every call. So their words never reach a handler. That something was said, and
where, does from WARNING up.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Final

LOG: Final = logging.getLogger(__name__)
LIBRARIES: Final = ("slack_bolt", "slack_sdk")
CODE_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another when read out
FRAMES: Final = 4


class _Withholding(logging.Handler):
    """Takes a library's record and passes on where it came from, without its text, arguments or traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            LOG.log(
                record.levelno,
                "%s said something at %s:%d; its words are withheld",
                record.name,
                record.funcName,
                record.lineno,
            )


def withhold_library_logs() -> None:
    """Call before Bolt is built: it copies levels to its own loggers but lets records propagate to these."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not any(isinstance(handler, _Withholding) for handler in logger.handlers):
            logger.addHandler(_Withholding())


def failure_code(error: BaseException, doing: str) -> str:
    """Logs an unexpected error by its type and place, never its text, which may quote a payload; returns its
    code.
    """
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(4))
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    LOG.error("%s failed, code %s: %s at %s", doing, code, type(error).__name__, where)
    return code


def apology(code: str) -> str:
    """What the person reads then."""
    return f"That didn't work, and nothing was lost. Try again in a moment. (code {code})"
