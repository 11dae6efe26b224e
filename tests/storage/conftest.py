"""A database a test; another kind is added to `KINDS` and made in `url`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import migrate
from storage.sealing import Sealing

KINDS = ("sqlite",)
KEY = bytes(range(32))


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{request.param}:///{tmp_path / 'escalate.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url, Sealing([KEY]))
    migrate(opened)
    yield opened
    opened.close()
