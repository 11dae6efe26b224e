"""What docs/backups.md says of PostgreSQL's own tools, done with them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from storage.engine import address_for_tools
from tests.bot.called import refused, run
from tests.bot.made import house
from tests.postgres import Server


@pytest.mark.usefixtures("elsewhere")
async def test_a_dump_of_a_running_board_is_restored_and_stands(postgresql_server: Server) -> None:
    source, restored = postgresql_server.create(), postgresql_server.create()
    board = house(source)
    case = await board.raised("ben")
    tool(postgresql_server, "pg_dump", "--format=custom", "--file=copy.dump", f"--dbname={plain(source)}")
    assert run("verify", "--checkpoint", "kept.txt", DATABASE_URL=source).exit_code == 0
    board.database.close()
    tool(
        postgresql_server,
        *("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={plain(restored)}", "copy.dump"),
    )
    assert "All 2 records" in run("verify", "--checkpoint", "kept.txt", DATABASE_URL=restored).stdout
    again = house(restored)
    assert again.now(case) == case
    await again.note(case, "And the ward rang back")
    assert again.now(case).version == case.version + 1
    again.database.close()


@pytest.mark.usefixtures("elsewhere")
def test_what_backup_says_is_what_was_done(postgresql_server: Server) -> None:
    url = postgresql_server.create()
    said = run("backup", "copy.dump", DATABASE_URL=url)
    refused(said, 2, f"pg_dump --format=custom --file=copy.dump --dbname={plain(url)}")
    said = run("restore", "copy.dump", DATABASE_URL=url)
    refused(said, 2, f"pg_restore --exit-on-error --no-owner --dbname={plain(url)} copy.dump")


def tool(server: Server, name: str, *arguments: str) -> None:
    program = server.binaries / name
    if not program.exists():
        pytest.skip(f"There is no {name} with this PostgreSQL.")
    subprocess.run([program, *arguments], check=True, timeout=60, cwd=Path.cwd())


def plain(url: str) -> str:
    return address_for_tools(url)
