"""A board of invented people with Slack accounts, and cases raised through the real decisions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot import preparing
from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases
from bot.people import People, actor_of
from bot.settings import SHIPPED_PATHWAY, Settings
from core.commands import AcceptInvolvement, Command, Raise
from core.directory import Person, read_directory
from core.escalation import Escalation
from core.events import AdultViews
from core.pathway import read_pathway
from storage.database import Database, Transaction

TEAM, ROOM = "T0001", "C0001"
KEY = hashlib.sha256(b"the key of benchmarks, which seals nothing of anybody's").digest()
SECRET, TOKEN = "benchmark-signing-secret", "xoxb-benchmark"
RAISER, ASKED = "U0001", "U0002"

DIRECTORY = f"""
board: {{sab_chair: cleo}}
agencies:
  - id: fenwick
    name: Fenwick Council
    kind: local_authority
    room: "slack:{TEAM}/{ROOM}"
    people:
      - {{id: ada, name: Ada Invented, line_manager: bo, accounts: ["slack:{TEAM}/{RAISER}"]}}
      - {{id: bo, name: Bo Invented, roles: [line_manager]}}
      - {{id: cleo, name: Cleo Invented, roles: [strategic_leader]}}
  - id: saltmarsh
    name: Saltmarsh Trust
    kind: nhs_trust
    room: "slack:{TEAM}/C0002"
    people:
      - {{id: dov, name: Dov Invented, line_manager: eli, accounts: ["slack:{TEAM}/{ASKED}"]}}
      - {{id: eli, name: Eli Invented, roles: [line_manager]}}
"""


def address(place: Path | str) -> str:
    """Of a database: a SQLite file's, or the one that is given."""
    return f"sqlite:///{place}" if isinstance(place, Path) else place


@contextmanager
def opened(place: Path | str) -> Iterator[Database]:
    database = preparing.open_database(settings(place))
    try:
        yield database
    finally:
        database.close()


def settings(database: Path | str, slack_url: str = "http://127.0.0.1:9/") -> Settings:
    """As the environment of a server would say it, with Slack on. `database`: a file, or an address."""
    return Settings(
        _env_file=None,
        database_url=address(database),
        encryption_keys=base64.b64encode(KEY).decode(),
        slack_signing_secret=SECRET,
        slack_bot_token=TOKEN,
        slack_api_url=slack_url,
        log_format="json",
        rate_limits=1e9,  # a few people do what thousands would
    )


class Board:
    """An open database with the directory imported. Close it. `place`: a file, or an address."""

    def __init__(self, place: Path | str, directory: str = DIRECTORY, platform: str = "slack") -> None:
        self.database: Database = preparing.open_database(settings(place), to_migrate=True)
        preparing.import_directory(self.database, read_directory(directory, "board.yaml", "yaml"))
        self.pathways = Pathways(read_pathway(SHIPPED_PATHWAY.read_text(), SHIPPED_PATHWAY.name))
        self.database.write_now(self.pathways.keep)
        people = People([platform])
        self.cases = Cases(self.pathways, DirectoryBook(), Addressing(people, {}))

    def raise_cases(self, moments: Iterable[datetime]) -> list[str]:
        """A case for each moment, raised by the one side and taken on by the other; their references."""

        def work(transaction: Transaction) -> list[str]:
            return [self._raise(transaction, at) for at in moments]

        return self.database.write_now(work)

    def streams(self, references: Iterable[str]) -> list[str]:
        return self.database.read_now(
            lambda reader: [self.cases.of_reference(reader, reference) for reference in references]
        )

    def _raise(self, transaction: Transaction, at: datetime) -> str:
        raiser, asked = f"slack:{TEAM}/{RAISER}", f"slack:{TEAM}/{ASKED}"
        return self.raise_one(
            transaction, at, raiser, asked, ("fenwick", "saltmarsh"), f"slack:{TEAM}/{ROOM}"
        )

    def raise_one(
        self,
        transaction: Transaction,
        at: datetime,
        raiser: str,
        asked: str,
        sides: tuple[str, str],
        room: str,
    ) -> str:
        """`raiser`, `asked`: accounts; `sides`: their agencies; `room`: where it is raised. Its reference."""
        directory = self.cases.directory.current(transaction)
        ada, dov = directory.by_account(raiser), directory.by_account(asked)
        assert ada is not None
        assert dov is not None
        raised = self._do(transaction, "", ada, self._wish(dov, sides, room), at)
        taken = self._do(transaction, raised.id, dov, AcceptInvolvement(), at)
        return taken.reference

    def _do(
        self, transaction: Transaction, stream: str, person: Person, command: Command, at: datetime
    ) -> Escalation:
        state = self.cases.load(transaction, stream)
        directory = self.cases.directory.current(transaction)
        actor = actor_of(person, person.accounts[0], directory, state)
        return self.cases.execute(transaction, state, command, actor, at, directory).state

    def _wish(self, asked: Person, sides: tuple[str, str], room: str) -> Raise:
        pathway = self.pathways.current
        views = pathway.adult_views[0]
        return Raise(
            agency=sides[0],
            other_agency=sides[1],
            category=pathway.categories[0].key,
            category_words="An invented kind",
            enquiry=pathway.enquiries[0].key,
            in_danger=False,
            account="An invented account of what happened, as long as people write. " * 8,
            decision_asked="An invented decision that is asked for.",
            adult_views=AdultViews(kind=views.key, label=views.label, words="Invented", voiced_by="Nobody"),
            named=(asked.id,),
            room=room,
        )

    def close(self) -> None:
        self.database.close()
