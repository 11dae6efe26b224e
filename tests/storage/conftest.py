"""A fresh database a test, of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import migrate
from storage.sealing import Sealing
from tests.postgres import Server

KINDS = ("sqlite", "postgresql")
KEY = sha256(b"a key for tests").digest()
on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what only a file has: its owner, its pages, its plans."""


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'escalate.db'}"
    server: Server = request.getfixturevalue("postgresql_server")
    return server.create()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url, Sealing([KEY]))
    migrate(opened)
    yield opened
    opened.close()
