"""Where people are reached, as a platform told: kept, changed, forgotten; a team's rooms together."""

from __future__ import annotations

from storage import references
from storage.database import Database, Reader, Transaction


def test_what_a_platform_told_is_kept_changed_and_forgotten(database: Database) -> None:
    def get(place: str) -> str | None:
        return database.read_now(lambda reader: references.get(reader, place))

    assert get("teams:t1/u1") is None
    database.write_now(lambda transaction: references.put(transaction, "teams:t1/u1", "first"))
    database.write_now(lambda transaction: references.put(transaction, "teams:t1/u1", "second"))
    assert get("teams:t1/u1") == "second"
    database.write_now(lambda transaction: references.forget(transaction, "teams:t1/u1"))
    assert get("teams:t1/u1") is None


def test_a_teams_rooms_are_forgotten_together_and_nobody_elses(database: Database) -> None:
    def put(transaction: Transaction) -> None:
        for place, group in (("teams:t1/c1", "t1/team1"), ("teams:t1/c2", "t1/team2"), ("teams:t1/u1", "")):
            references.put(transaction, place, "kept", group)

    def kept(reader: Reader) -> list[str | None]:
        return [references.get(reader, place) for place in ("teams:t1/c1", "teams:t1/c2", "teams:t1/u1")]

    database.write_now(put)
    database.write_now(lambda transaction: references.forget_group(transaction, "t1/team1"))
    database.write_now(lambda transaction: references.forget_group(transaction, ""))
    assert database.read_now(kept) == [None, "kept", "kept"]
