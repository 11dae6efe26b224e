"""One process that forks servers, for all of these tests, and databases to start from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.board import Ground
from tests.faults.server import Starter, starter
from tests.postgres import Server as Postgres


@pytest.fixture
async def started() -> AsyncIterator[Starter]:
    async with starter() as process:
        yield process


@pytest.fixture
def files(tmp_path: Path, started: Starter) -> Ground:
    """On SQLite."""
    return Ground(tmp_path, started)


@pytest.fixture
def shared(tmp_path: Path, started: Starter, postgresql_server: Postgres) -> Ground:
    """On PostgreSQL."""
    return Ground(tmp_path, started, postgres=postgresql_server)
