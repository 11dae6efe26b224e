"""Bounds for every fuzz test: what hangs or swells fails, and doesn't take the machine with it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.doors import Doors, opened

MORE_MEMORY = 1536 * 1024 * 1024
"""Bytes that one test may add to what this process has mapped: threads and pools map much and use little."""


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Beyond it there is a MemoryError, which no parser of ours answers with."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MORE_MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The whole server, with Slack, Teams and the page, on a loop in a thread of its own."""
    with opened(tmp_path_factory.mktemp("doors")) as there:
        yield there
