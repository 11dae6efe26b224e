"""A board of invented people in three tenants, and the settings of a server that serves them on Teams."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from adapters.teams.references import ConversationReference
from benchmarks import board
from benchmarks.board import Board
from bot.settings import Settings
from storage import references
from storage.database import Transaction

APP, PASSWORD = "0a0a0a0a-0000-4000-8000-00000000000a", "benchmark-client-secret"
TENANTS = tuple(f"7e7e7e7e-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
AGENCIES = ("fenwick", "saltmarsh", "tarn")
KINDS = ("local_authority", "nhs_trust", "police")


def object_of(number: int) -> str:
    return f"aaaaaaaa-0000-4000-8000-{number:012}"


def account(number: int) -> str:
    """People are in the three tenants in turn."""
    return f"teams:{TENANTS[number % 3]}/{object_of(number)}"


def chat(number: int) -> str:
    return f"a:chat-{number}"


def room(agency: int) -> str:
    return f"teams:{TENANTS[agency]}/19:{AGENCIES[agency]}@thread.tacv2"


def directory(people: int) -> str:
    """`people` numbered ones, a third in each agency."""
    lines = ["agencies:"]
    for agency, (name, kind) in enumerate(zip(AGENCIES, KINDS, strict=True)):
        lines += [f"  - id: {name}", f"    name: {name.title()} Invented", f"    kind: {kind}"]
        lines += [f'    room: "{room(agency)}"', "    people:"]
        for number in range(agency, people, 3):
            lines.append(
                f'      - {{id: p{number}, name: P{number} Invented, accounts: ["{account(number)}"]}}'
            )
    return "\n".join(lines)


def settings(database: Path, connector: str) -> Settings:
    """As the environment of a server would say it. `connector`: "http://127.0.0.1:PORT"."""
    return board.settings(database).model_copy(
        update={
            "slack_signing_secret": "",
            "slack_bot_token": "",
            "microsoft_app_id": APP,
            "microsoft_app_password": PASSWORD,
            "microsoft_app_tenant_id": TENANTS[0],
            "teams_allowed_tenants": ",".join(TENANTS),
            "teams_service_hosts": connector.removeprefix("http://"),
            "teams_openid_url": f"{connector}/openid",
            "teams_token_url": f"{connector}/token",
        }
    )


def open_board(path: Path, people: int) -> Board:
    return Board(path, directory(people), "teams")


def raise_cases(made: Board, at: datetime, numbers: Iterable[int]) -> list[str]:
    """For each number a case that this person is asked in, raised in the agency before theirs."""

    def work(transaction: Transaction) -> list[str]:
        return [_raise(made, transaction, at, number) for number in numbers]

    return made.database.write_now(work)


def _raise(made: Board, transaction: Transaction, at: datetime, number: int) -> str:
    asked, raising = number % 3, (number + 2) % 3
    sides = (AGENCIES[raising], AGENCIES[asked])
    return made.raise_one(transaction, at, account(raising), account(number), sides, room(raising))


def write_to_the_bot(made: Board, connector: str, people: int) -> None:
    """As if each of them had: their conversations are known."""

    def work(transaction: Transaction) -> None:
        for number in range(people):
            kept = ConversationReference(
                f"{connector}/uk/", chat(number), TENANTS[number % 3], f"28:{APP}", user=f"29:{number}"
            )
            references.put(transaction, account(number), json.dumps(asdict(kept)))

    made.database.write_now(work)
