"""The command line: what is wrong is one clear line, with the exit code that the contract gives it."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import DEMONSTRATION_DIRECTORY, SHIPPED_PATHWAY
from tests.bot.called import KEYS, refused, run
from tests.bot.made import DIRECTORY, House
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET

SLACK = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(elsewhere: None) -> None:
    """Before all else."""


@pytest.fixture
def demonstration() -> None:
    made = run("directory", "import", str(DEMONSTRATION_DIRECTORY), DATABASE_URL="sqlite:///demonstration.db")
    assert made.exit_code == 0
    with closing(sqlite3.connect("demonstration.db")) as connection, connection:
        connection.execute("insert into settings (name, value) values ('demonstration', 'yes')")


def test_without_keys_it_does_not_start() -> None:
    refused(run("serve", ENCRYPTION_KEYS=""), 2, "ENCRYPTION_KEYS is not set")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("no base64!", "isn't base64"),
        ("c2hvcnQ=", "needs 32"),
        (f"{KEYS},c2hvcnQ=", "key 2"),
        (",", "empty"),
    ],
)
def test_bad_keys_are_refused_and_never_shown(keys: str, said: str) -> None:
    result = run("serve", ENCRYPTION_KEYS=keys)
    refused(result, 2, "ENCRYPTION_KEYS", said)
    assert "c2hvcnQ" not in result.stderr


def test_keys_that_did_not_seal_this_database_are_refused() -> None:
    assert run("directory", "import", str(DEMONSTRATION_DIRECTORY)).exit_code == 0
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    refused(
        run("directory", "import", str(DEMONSTRATION_DIRECTORY), ENCRYPTION_KEYS=other), 2, "ENCRYPTION_KEYS"
    )
    refused(
        run("serve", ENCRYPTION_KEYS=other, **SLACK),
        2,
        "ENCRYPTION_KEYS",
    )


def test_the_page_is_not_shown_over_a_real_database() -> None:
    refused(run("serve"), 2, "only a demonstration database", "SLACK_BOT_TOKEN")
    refused(
        run("serve", LOCAL_PAGE="1", **SLACK),
        2,
        "only a demonstration database",
    )


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize(
    "address", ["", "https://slack.example.org/api/", "http://127.0.0.1.example.org/api/"]
)
def test_a_demonstration_reaches_no_real_slack(address: str) -> None:
    slack = {**SLACK, "SLACK_API_URL": address}
    refused(run("serve", DATABASE_URL="sqlite:///demonstration.db", **slack), 2, "demonstration", "SLACK_")


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_is_served_to_this_machine_only() -> None:
    refused(run("serve", DATABASE_URL="sqlite:///demonstration.db", HOST="0.0.0.0"), 2, "HOST")  # noqa: S104


def test_half_of_slacks_settings_are_refused() -> None:
    refused(run("serve", SLACK_BOT_TOKEN="t"), 2, "SLACK_SIGNING_SECRET")
    refused(run("serve", SLACK_SIGNING_SECRET="s"), 2, "SLACK_BOT_TOKEN")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


@pytest.mark.usefixtures("demonstration")
def test_a_port_that_is_taken_is_named(taken_port: int) -> None:
    result = run("serve", DATABASE_URL="sqlite:///demonstration.db", PORT=str(taken_port))
    refused(result, 2, "PORT", str(taken_port))


@pytest.mark.parametrize("port", ["-1", "70000", "eight", ""])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    refused(run("serve", PORT=port), 2, "PORT")


@pytest.mark.parametrize(
    "address",
    ["postgresql://x/y", "sqlite://", "sqlite:///:memory:", "nothing", "sqlite:////proc/no/where.db", ""],
)
def test_a_database_that_cannot_be_used_is_refused(address: str) -> None:
    refused(run("migrate", DATABASE_URL=address), 2, "DATABASE_URL")


def test_a_file_that_is_no_database_is_refused() -> None:
    Path("words.db").write_text("These are words, and no database. " * 100)
    refused(run("migrate", DATABASE_URL="sqlite:///words.db"), 2, "DATABASE_URL")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_that_may_not_be_written_is_refused() -> None:
    Path("kept").mkdir(mode=0o500)
    refused(run("migrate", DATABASE_URL="sqlite:///kept/escalate.db"), 2, "DATABASE_URL")


def broken_pathway() -> Path:
    text = SHIPPED_PATHWAY.read_text().replace("1 working week", "one wroking week", 1)
    file = Path("pathway.yaml")
    file.write_text(text)
    return file


def line_of(file: Path, words: str) -> str:
    number = next(n for n, line in enumerate(file.read_text().splitlines(), 1) if words in line)
    return f"{file.name}, line {number}"


def test_a_good_pathway_is_good() -> None:
    result = run("pathway", "check", str(SHIPPED_PATHWAY))
    assert result.exit_code == 0
    assert "is good" in result.stdout


def test_a_broken_pathway_is_refused_with_file_line_and_field() -> None:
    file = broken_pathway()
    place = line_of(file, "wroking")
    refused(run("pathway", "check", str(file)), 1, place, "window")
    refused(run("serve", PATHWAY_FILE=str(file)), 2, place, "window")


@pytest.mark.parametrize("words", ["", "a: [b", "- a\n- b\n", "\t", "stages: 7\n", "a: 1\na: 2\n"])
def test_a_file_that_is_no_pathway_is_refused(words: str) -> None:
    Path("pathway.yaml").write_text(words)
    result = run("pathway", "check", "pathway.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("pathway.yaml")
    assert "Traceback" not in result.output


def test_a_file_that_is_not_there_is_named() -> None:
    refused(run("pathway", "check", "nowhere.yaml"), 2, "nowhere.yaml")
    refused(run("directory", "import", "nowhere.yaml"), 2, "nowhere.yaml")
    refused(run("serve", PATHWAY_FILE="nowhere.yaml"), 2, "PATHWAY_FILE", "nowhere.yaml")
    refused(run("serve", DIRECTORY_FILE="nowhere.yaml", **SLACK), 2, "DIRECTORY_FILE", "nowhere.yaml")


def test_a_broken_directory_is_refused_with_file_line_and_field() -> None:
    file = Path("directory.yaml")
    file.write_text(DIRECTORY.replace("line_manager: dara", "line_manager: nobody"))
    place = line_of(file, "nobody")
    refused(run("directory", "import", str(file)), 1, place, "line_manager")
    refused(run("serve", DIRECTORY_FILE=str(file), **SLACK), 2, place, "line_manager")


def test_a_directory_is_imported_whole_or_not_at_all() -> None:
    Path("good.yaml").write_text(DIRECTORY)
    Path("bad.yaml").write_text(
        DIRECTORY.replace("id: kai", "id: newcomer").replace("sab_chair: zoe", "sab_chair: x")
    )
    assert "7 people" in run("directory", "import", "good.yaml").stdout
    assert run("directory", "import", "bad.yaml").exit_code == 1
    assert "0 changes" in run("directory", "import", "good.yaml").stdout


def test_where_an_error_comes_from_is_shown_only_when_asked() -> None:
    result = run("--debug", "pathway", "check", "nowhere.yaml")
    assert result.exception is not None
    assert not isinstance(result.exception, SystemExit)


def change(statement: str) -> None:
    with closing(sqlite3.connect("var/escalate.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_whole_record_is_found_whole(kept: House) -> None:
    result = run("verify")
    assert (result.exit_code, result.stderr.strip()) == (0, "")
    assert "Checked 3 records" in result.stdout
    one = run("verify", "--reference", kept.told[0].state.reference)
    assert one.exit_code == 0
    assert "Checked 1 record" in one.stdout


def test_verify_needs_no_keys(kept: House) -> None:
    assert run("verify", ENCRYPTION_KEYS="").exit_code == 0


def _in_order(of: House) -> list[str]:
    """The references of its two cases, in the order of their streams."""
    cases = {decided.state.id: decided.state.reference for decided in of.told}
    return [cases[stream] for stream in sorted(cases)]


@pytest.mark.parametrize(
    "tampering",
    [
        "update events set header = header || ' ' where sequence = 2 and stream_id = {stream}",
        "update events set body = x'00' where sequence = 2 and stream_id = {stream}",
        "delete from events where sequence = 2 and stream_id = {stream}",
        "delete from events where stream_id = {stream}",
        "delete from events where stream_id = {stream} and sequence > 3",
        "update streams set version = version - 1 where stream_id = {stream}",
    ],
)
def test_a_record_that_was_changed_or_cut_is_named(kept: House, tampering: str) -> None:
    broken, whole = _in_order(kept)
    change(tampering.format(stream="(select min(stream_id) from escalations)"))
    refused(run("verify"), 1, broken)
    refused(run("verify", "--reference", broken), 1, broken)
    assert run("verify", "--reference", whole).exit_code == 0


def test_a_reference_that_there_is_not_is_used_wrongly(kept: House) -> None:
    refused(run("verify", "--reference", "HF-1999-0001"), 2, "HF-1999-0001")


def test_nothing_to_verify_is_said(tmp_path: Path) -> None:
    refused(run("verify"), 2, "migrate")
    shutil.rmtree(tmp_path / "var", ignore_errors=True)
    assert run("verify", DATABASE_URL="nothing").exit_code == 2
