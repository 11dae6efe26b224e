"""What can't be served is refused at the start, in one line that names what to change."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __main__, preparing
from bot.settings import Settings
from tests.storage.conftest import KEY


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """As the environment names it, with a key; what stands in a .env here isn't read."""
    url = f"sqlite:///{tmp_path / 'escalate.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("ENCRYPTION_KEYS", base64.b64encode(KEY).decode())
    return url


def run(*words: str) -> tuple[int, str]:
    """The exit code, and what stands on standard error."""
    result = CliRunner().invoke(__main__.app, list(words))
    return result.exit_code, result.stderr


def test_a_second_server_on_one_database_is_refused(database_url: str) -> None:
    with preparing.serving_alone(Settings()):
        code, said = run("serve", "--demonstration")
    assert code == 2
    assert said == "DATABASE_URL: another server is running on this database. Stop it, or name another.\n"


def test_the_next_server_may_have_it_once_the_first_has_ended(database_url: str) -> None:
    for _ in range(2):
        with preparing.serving_alone(Settings()):
            assert run("migrate") == (0, ""), "other commands may run beside it"


def test_a_database_of_a_newer_version_is_refused(database_url: str, tmp_path: Path) -> None:
    assert run("migrate") == (0, "")
    with closing(sqlite3.connect(tmp_path / "escalate.db")) as connection, connection:
        connection.execute("update alembic_version set version_num = '9999'")
    code, said = run("migrate")
    assert code == 2
    assert "a newer version" in said
    assert said.count("\n") == 1


def test_what_nobody_foresaw_is_one_line_too(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(settings: Settings, **how: bool) -> None:
        raise KeyError("words that nobody may read")

    monkeypatch.setattr(preparing, "open_database", broken)
    code, said = run("migrate")
    assert code == 2
    assert said.startswith("Something went wrong inside (KeyError)")
    assert "words" not in said
