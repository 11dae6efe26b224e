"""A house a test, whose courier stops with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.made import House, house


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[House]:
    made = house(f"sqlite:///{tmp_path / 'escalate.db'}")
    yield made
    await made.courier.stop()
    made.database.close()
