"""Logging, set up once. A line holds ids and codes: never what somebody typed, nor a name, nor a token."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError
from structlog.types import EventDict, Processor


def set_up_logs(log_format: str) -> None:
    """`log_format`: "console", "json", or "" for console on a terminal, else JSON. To standard error."""
    console = log_format == "console" or (not log_format and sys.stderr.isatty())
    renderer: Processor = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        only_where_it_failed,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    quiet_noise()


def quiet_noise() -> None:
    """What libraries say of each step, and of what they could not read."""
    for noisy in ("aiohttp.access", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(not_what_could_not_be_read)


def not_what_could_not_be_read(record: logging.LogRecord) -> bool:
    """Requests that are no HTTP, or break off, are answered with 400. The server would log each as an error,
    headers and all, and anybody can send them.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | RequestPayloadError)


def only_where_it_failed(logger: Any, method: str, event: EventDict) -> EventDict:
    """An exception's own message may hold what somebody typed: its type and where it happened are enough."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = _places(error)
    return event


def _places(error: BaseException) -> list[str]:
    found, step = [], error.__traceback__
    while step:
        found.append(f"{step.tb_frame.f_globals.get('__name__', '')}:{step.tb_lineno}")
        step = step.tb_next
    return found[-8:]
