"""`keys list` and `keys rotate`, while people go on working."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import keys
from bot.__main__ import app
from storage.sealing import Sealing
from tests.bot.lived import lived
from tests.bot.made import BEN, KEY, House, house

NEW, THIRD = sha256(b"newer").digest(), sha256(b"third").digest()
OLD_ID, NEW_ID = Sealing([KEY]).newest, Sealing([NEW]).newest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'escalate.db'}")


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[House]:
    """It was sealed with the old key, and was started again with a new one in front."""
    before = house(f"sqlite:///{tmp_path}/escalate.db")
    await lived(before)
    await before.courier.stop()
    before.database.close()
    made = house(f"sqlite:///{tmp_path}/escalate.db", keys=(NEW, KEY))
    yield made
    made.database.close()


async def run(*arguments: str, with_keys: tuple[bytes, ...]) -> Result:
    text = ",".join(base64.b64encode(key).decode() for key in with_keys)
    environment = {"ENCRYPTION_KEYS": text}
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)


async def test_a_new_key_takes_the_place_of_the_old_one_while_people_work(
    board: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 1)
    case = await board.agreed_to_take_part()
    rotating = asyncio.create_task(run("keys", "rotate", with_keys=(NEW, KEY)))
    await asyncio.gather(*(board.note(case, f"Note {number}", by=BEN) for number in range(20)))
    rotated = await rotating
    assert rotated.exit_code == 0, rotated.output
    assert f"4 records were wrapped anew, with key {NEW_ID}." in rotated.stdout
    assert f"Key {OLD_ID} is no longer needed" in rotated.stdout
    assert "Backups made before now still need it." in rotated.stdout
    assert board.events(case).count("NoteAdded") == 20
    await board.note(case, "Afterwards", by=BEN)
    later = house(f"sqlite:///{tmp_path}/escalate.db", keys=(NEW,))
    assert later.events(case) == board.events(case)
    later.database.close()


async def test_run_again_it_has_nothing_to_do(board: House) -> None:
    await run("keys", "rotate", with_keys=(NEW, KEY))
    again = await run("keys", "rotate", with_keys=(NEW, KEY))
    assert again.exit_code == 0
    assert again.stdout.startswith("0 records were wrapped anew")
    alone = await run("keys", "rotate", with_keys=(NEW,))
    assert alone.exit_code == 0
    assert "no longer needed" not in alone.stdout


async def test_the_list_shows_fingerprints_and_no_key(board: House) -> None:
    await board.raised("ben")
    listed = await run("keys", "list", with_keys=(NEW, KEY, THIRD))
    assert listed.exit_code == 0
    assert [line.split()[:3] for line in listed.stdout.splitlines()] == [
        [NEW_ID, "newest", "1"],
        [OLD_ID, "older", "4"],
        [Sealing([THIRD]).newest, "older", "0"],
    ]
    assert base64.b64encode(NEW).decode()[:10] not in listed.output


async def test_a_key_that_some_records_need_and_that_is_lacking_is_named(board: House) -> None:
    case = await board.raised("ben")  # the one record that the newer key wraps
    for command in ("list", "rotate"):
        result = await run("keys", command, with_keys=(THIRD, KEY))
        assert result.exit_code == 1
        assert result.stderr.strip() == (
            f"ENCRYPTION_KEYS lacks {NEW_ID}: add it at the end, and run this again."
        )
    assert board.events(case)


async def test_without_the_key_of_the_board_it_says_which_one_is_lacking(board: House) -> None:
    result = await run("keys", "rotate", with_keys=(THIRD,))
    assert result.exit_code == 2
    assert OLD_ID in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
