"""What all tests share: finding the tools that some of them need."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from _pytest.logging import LogCaptureHandler

from tests import postgres
from tests.stand_in import BINARY

SCHEMAS = Path(__file__).parents[1] / "node_modules/@microsoft/app-manifest/build/json-schemas/teams"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def _need(tool: Path, sentence: str) -> None:
    if tool.exists():
        return
    # Continuous integration sets this, so that a missing tool can't pass for a passing test.
    if os.environ.get("ESCALATE_REQUIRE_ALL") == "1":
        pytest.fail(sentence)
    pytest.skip(sentence)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail where everything is required, what needs a tool that is not here."""
    if item.get_closest_marker("slack"):
        _need(BINARY, "This needs Slack's stand-in. Install npm, then run `make test`.")
    if item.get_closest_marker("schemas"):
        _need(SCHEMAS, "This needs Microsoft's manifest schemas. Install npm, then run `make test`.")
    if item.get_closest_marker("browser"):
        _need(CHROMIUM, f"This needs Chromium at {CHROMIUM}. Install it, or say where it is in CHROMIUM.")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server]:
    """Started when the first test asks for it. Its own crash isn't tried, so it needn't wait for the disk."""
    with postgres.running(fsync="off") as server:
        yield server


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that sets up the log like a server leaves none of it to the next one."""
    root, configured = logging.getLogger(), structlog.get_config()
    before, levels = list(root.handlers), _levels()
    yield
    for handler in [each for each in root.handlers if each not in before]:
        if not isinstance(handler, LogCaptureHandler):
            root.removeHandler(handler)
    for name, level in _levels().items():
        if level != levels.get(name, logging.NOTSET):
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.configure(**configured)


def _levels() -> dict[str, int]:
    """By logger; "" is the root's."""
    loggers = {name: logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)}
    return {name: logger.level for name, logger in loggers.items()}
