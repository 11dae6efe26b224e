"""Starts servers quickly, each a fork of one process that has imported everything, each with its faults.

`python -m tests.faults.runner` reads orders from its standard input, a line of JSON each, and answers with
the process id. The program itself knows nothing of faults: what is done here is done to the libraries
beneath it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import apscheduler.triggers.date
import apscheduler.triggers.interval  # noqa: F401
import typer
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from adapters.slack.sender import SlackSender
from bot import preparing, wiring  # noqa: F401 - imported once, for all who are forked
from bot.command_line.serve import serve
from tests.faults.panel import Act, Panel, Point

DIES_WITH_ITS_PARENT = 1  # prctl's PR_SET_PDEATHSIG


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them, so none is left as a zombie
    parent = os.getpid()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(json.loads(line), parent)
        print(child, flush=True)  # noqa: T201


def _live(order: dict[str, Any], parent: int) -> None:
    """Never returns."""
    ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    panel = Panel.at(Path(order["panel"]))
    _set(order["constants"])
    _install(panel)
    panel.exit_code = _served()
    os._exit(0)


def _set(constants: dict[str, float]) -> None:
    """Pauses and leases that would make a test wait for half a minute."""
    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        assert hasattr(sys.modules[module], constant), name
        setattr(sys.modules[module], constant, value)


def _served() -> int:
    try:
        serve(demonstration=True)
    except typer.Exit as ended:
        return ended.exit_code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _install(panel: Panel) -> None:
    _watch_commits(panel)
    _watch_sends(panel)
    _limit_the_file(panel)
    _shift_clocks(panel)


def _pass(panel: Panel, point: Point, failure: Exception) -> None:
    match panel.passing(point):
        case Act.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Act.PAUSE:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Act.FAIL:
            raise failure


def _writes() -> bool:
    """Readers commit too, and nothing comes of it."""
    return "writer" in threading.current_thread().name


def _watch_commits(panel: Panel) -> None:
    really: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit
    failure = sqlite3.OperationalError("disk I/O error")

    def commit(self: DefaultDialect, connection: Any) -> None:
        if not _writes():
            really(self, connection)
            return
        _pass(panel, Point.BEFORE_COMMIT, failure)
        really(self, connection)
        _pass(panel, Point.AFTER_COMMIT, failure)

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def _watch_sends(panel: Panel) -> None:
    SlackSender.post = _watched(panel, SlackSender.post, updates=False)  # type: ignore[method-assign]
    SlackSender.update = _watched(panel, SlackSender.update, updates=True)  # type: ignore[method-assign]


def _watched(panel: Panel, really: Any, *, updates: bool) -> Any:
    async def send(*given: Any) -> Any:
        if updates:
            _pass(panel, Point.BEFORE_UPDATE, ConnectionResetError())
        _pass(panel, Point.BEFORE_SEND, ConnectionResetError())
        done = await really(*given)
        _pass(panel, Point.AFTER_SEND, ConnectionResetError())
        return done

    return send


def _limit_the_file(panel: Panel) -> None:
    """SQLite itself says that the disk is full once its file would need one page more than this."""
    known: dict[int, tuple[int, bool]] = {}

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        wanted = (panel.pages, panel.read_only)
        raw = connection.connection.dbapi_connection
        if not _writes() or not isinstance(raw, sqlite3.Connection) or known.get(id(raw)) == wanted:
            return
        known[id(raw)] = wanted
        raw.execute(f"PRAGMA max_page_count = {panel.pages or 0xFFFFFFFE}")
        raw.execute(f"PRAGMA query_only = {int(panel.read_only)}")


def _shift_clocks(panel: Panel) -> None:
    """The machine's clock, for the program, for APScheduler, and for the check of Slack's signatures."""

    class Kind(type):
        def __instancecheck__(cls, other: object) -> bool:
            return isinstance(other, datetime)

    class Shifted(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + panel.shift

    for name, module in list(sys.modules.items()):
        ours = name.partition(".")[0] in {"bot", "apscheduler"}
        if ours and getattr(module, "datetime", None) is datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]
    signature = sys.modules["slack_sdk.signature"]
    signature.time = lambda: time.time() + panel.shift.total_seconds()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
