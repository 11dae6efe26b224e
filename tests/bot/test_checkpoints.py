"""A checkpoint kept elsewhere shows what the chains alone can't: whatever was removed without a trace."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage.event_store import chained
from tests.bot.called import refused, run
from tests.bot.made import House, house

CHECKPOINT = Path("kept-elsewhere.txt")
A_CASE = "(select min(stream_id) from escalations)"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(elsewhere: None) -> None:
    """Before all else."""


@pytest.fixture
def checkpoint(kept: House) -> Path:
    """As it was written of a board with two cases."""
    written = run("verify", "--checkpoint", str(CHECKPOINT))
    assert written.exit_code == 0, written.output
    assert "nothing older was compared" in written.stdout
    return CHECKPOINT


def change(statements: str) -> None:
    with closing(sqlite3.connect("var/escalate.db")) as connection:
        connection.executescript(statements.format(case=A_CASE))


def first_case(of: House) -> str:
    """The reference of the one with the first stream."""
    return min((decided.state.id, decided.state.reference) for decided in of.told)[1]


def cut_last_event() -> None:
    """As somebody would who knows how the record is made: stream, head and row agree again."""
    change(
        "create temp table cut as select max(sequence) as last from events where stream_id = {case};"
        "delete from events where stream_id = {case} and sequence = (select last from cut);"
        "update streams set version = version - 1, head = (select hash from events "
        "where stream_id = {case} and sequence = (select last from cut) - 1) where stream_id = {case};"
        "update escalations set version = 1 where stream_id = {case};"
    )


def make_anew() -> None:
    """Another header for the last event, and all hashes made to fit."""
    with closing(sqlite3.connect("var/escalate.db")) as connection, connection:
        [stream] = connection.execute("select min(stream_id) from escalations").fetchone()
        rows = connection.execute(
            "select sequence, header, body_digest from events where stream_id = ? order by sequence", [stream]
        ).fetchall()
        head = b""
        for sequence, header, digest in rows:
            changed = header.replace('"all"', '"side:s1"') if sequence == len(rows) else header
            head = chained(head, changed, digest)
            connection.execute(
                "update events set header = ?, hash = ? where stream_id = ? and sequence = ?",
                [changed, head, stream, sequence],
            )
        connection.execute("update streams set head = ? where stream_id = ?", [head, stream])


def test_it_names_every_stream_and_nothing_that_was_typed(kept: House, checkpoint: Path) -> None:
    text = checkpoint.read_text()
    for decided in kept.told:
        assert f"{decided.state.id} escalation {decided.state.reference} " in text
    assert " directory - " in text
    assert "Phoned" not in text
    assert "Invented" not in text
    assert stat.S_IMODE(checkpoint.stat().st_mode) == 0o600
    assert list(checkpoint.parent.glob("*.part")) == []


def test_an_untouched_record_stands_against_it_without_keys(checkpoint: Path) -> None:
    before = checkpoint.read_text()
    result = run("verify", "--checkpoint", str(checkpoint), ENCRYPTION_KEYS="")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "All 3 records of the checkpoint" in result.stdout
    assert checkpoint.read_text() == before


async def test_what_has_grown_since_is_fine_and_it_is_renewed_when_asked(
    tmp_path: Path, checkpoint: Path
) -> None:
    grown = house(f"sqlite:///{tmp_path}/var/escalate.db")
    await grown.raised("ben")
    grown.database.close()
    assert "0 have grown since, and 1 are new" in run("verify", "--checkpoint", str(checkpoint)).stdout
    renewed = run("verify", "--checkpoint", str(checkpoint), "--update")
    assert "written anew" in renewed.stdout
    assert "0 have grown since, and 0 are new" in run("verify", "--checkpoint", str(checkpoint)).stdout


def test_it_stands_after_a_case_was_shredded(checkpoint: Path) -> None:
    change(
        "update streams set wrapped_key = null where stream_id = {case};"
        "update events set body = null where stream_id = {case};"
    )
    assert run("verify", "--checkpoint", str(checkpoint)).exit_code == 0


def test_a_removed_case_shows_in_it_alone(kept: House, checkpoint: Path) -> None:
    gone = first_case(kept)
    change(
        "create temp table gone as select {case} as stream_id;"
        "delete from outbox where stream_id in gone; delete from messages where stream_id in gone;"
        "delete from participants where stream_id in gone; delete from events where stream_id in gone;"
        "delete from escalations where stream_id in gone; delete from streams where stream_id in gone;"
    )
    assert run("verify").exit_code == 0
    refused(run("verify", "--checkpoint", str(checkpoint)), 1, gone, "it is gone", lines=2)


def test_a_cut_end_shows_in_it_alone(kept: House, checkpoint: Path) -> None:
    cut_last_event()
    assert run("verify").exit_code == 0
    refused(
        run("verify", "--checkpoint", str(checkpoint)), 1, first_case(kept), "the last one found is", lines=2
    )


def test_a_record_made_anew_shows_in_it_alone(kept: House, checkpoint: Path) -> None:
    make_anew()
    assert run("verify").exit_code == 0
    refused(run("verify", "--checkpoint", str(checkpoint)), 1, first_case(kept), "made anew", lines=2)


def test_a_case_under_another_reference_shows(kept: House, checkpoint: Path) -> None:
    change("update escalations set reference = 'HF-2020-0001' where stream_id = {case}")
    refused(run("verify", "--checkpoint", str(checkpoint)), 1, f"has it as {first_case(kept)}", lines=2)


def test_it_is_not_renewed_over_a_broken_record(checkpoint: Path) -> None:
    before = checkpoint.read_text()
    cut_last_event()
    assert run("verify", "--checkpoint", str(checkpoint), "--update").exit_code == 1
    assert checkpoint.read_text() == before


def test_none_is_written_of_a_broken_record(kept: House) -> None:
    change("update events set hash = x'00' where stream_id = {case}")
    refused(run("verify", "--checkpoint", str(CHECKPOINT)), 1, "No checkpoint is written", lines=2)
    assert not CHECKPOINT.exists()


def test_another_boards_checkpoint_is_refused_in_one_line(tmp_path: Path, checkpoint: Path) -> None:
    house(f"sqlite:///{tmp_path}/var/other.db").database.close()
    other = run("verify", "--checkpoint", str(checkpoint), DATABASE_URL="sqlite:///var/other.db")
    refused(other, 1, "another board's", lines=2)


@pytest.mark.parametrize("damage", ["cut", "changed", "words", "empty", "newer", "no text"])
def test_a_broken_file_is_refused_in_one_line(checkpoint: Path, damage: str) -> None:
    whole = checkpoint.read_bytes()
    damaged = {
        "cut": whole[: len(whole) // 2],
        "changed": whole.replace(b" escalation HF", b" escalation XX"),
        "words": b"These are words.",
        "empty": b"",
        "newer": whole.replace(b"checkpoint 1", b"checkpoint 2"),
        "no text": b"\xff\xfe",
    }[damage]
    checkpoint.write_bytes(damaged)
    refused(run("verify", "--checkpoint", str(checkpoint)), 2, str(checkpoint))
    assert checkpoint.read_bytes() == damaged


def test_what_does_not_go_together_is_said(checkpoint: Path) -> None:
    one = run("verify", "--checkpoint", str(checkpoint), "--reference", "HF-2026-0001")
    refused(one, 2, "--reference")
    refused(run("verify", "--update"), 2, "--checkpoint")
    refused(run("verify", "--checkpoint", "nowhere/kept.txt"), 2, "nowhere/kept.txt")
