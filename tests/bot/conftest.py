"""A house a test, whose courier stops with it; and what the command line is called on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.called import ALSO_OURS, OURS
from tests.bot.made import House, house


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[House]:
    made = house(f"sqlite:///{tmp_path / 'escalate.db'}")
    yield made
    await made.courier.stop()
    made.database.close()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, with nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in (*OURS, *ALSO_OURS):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def kept(tmp_path: Path) -> House:
    """A board with two cases, closed again."""
    made = house(f"sqlite:///{tmp_path}/var/escalate.db")
    for _ in range(2):
        case = await made.raised("ben")
        await made.note(case, "Phoned the ward")
    made.database.close()
    return made
