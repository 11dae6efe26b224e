"""Before anything is served: keys, database, pathway and directory are right, or one line says what isn't."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.board import DirectoryBook
from bot.settings import (
    DEMONSTRATION_DATABASE,
    DEMONSTRATION_DIRECTORY,
    DEMONSTRATION_KEY,
    ConfigurationInvalid,
    Settings,
    check_demonstration,
)
from core.directory import DirectoryChange, DirectoryFile, DirectoryProblem, read_directory
from core.pathway import Pathway, PathwayProblem, read_pathway
from core.problems import FileProblem
from storage import board
from storage.database import Database, Transaction
from storage.engine import held_alone, is_sqlite
from storage.failures import DatabaseFailed, DatabaseInvalid
from storage.moving import refuse_half_a_board
from storage.schema import check, migrate, schema_is_current
from storage.sealing import KeysInvalid, Sealing

DEMONSTRATION = "demonstration"


class FileRefused(Exception):
    """A pathway or directory file is broken: every problem is a line with file, line and field."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__("\n".join(str(each) for each in problem.problems))


def demonstration_settings(settings: Settings) -> Settings:
    """The demonstration's own database, directory and key; whatever the environment names is kept."""
    given = settings.model_fields_set
    changes: dict[str, object] = {}
    if "database_url" not in given:
        changes["database_url"] = DEMONSTRATION_DATABASE
    if "directory_file" not in given:
        changes["directory_file"] = DEMONSTRATION_DIRECTORY
    if "encryption_keys" not in given:
        changes["encryption_keys"] = _demonstration_key(DEMONSTRATION_KEY)
    return settings.model_copy(update=changes)


def _demonstration_key(path: Path) -> str:
    """A key of its own under var/, made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text().strip()


def open_database(settings: Settings, *, demonstration: bool = False, to_migrate: bool = False) -> Database:
    """Opens it, and brings a SQLite file to the current schema; PostgreSQL only where `to_migrate`, for
    several servers share it. Raises ConfigurationInvalid.
    """
    if not settings.encryption_keys:
        raise ConfigurationInvalid(
            "ENCRYPTION_KEYS is not set. Make one with: "
            "python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
        )
    try:
        database = Database(settings.database_url, Sealing.from_text(settings.encryption_keys))
    except (KeysInvalid, DatabaseInvalid) as error:
        raise ConfigurationInvalid(str(error)) from None
    try:
        database.read_now(refuse_half_a_board)
        fresh = not schema_is_current(database) and not _has_data(database)
        if to_migrate or is_sqlite(settings.database_url):
            migrate(database)
        else:
            check(database)
        if fresh and demonstration:
            database.write_now(lambda transaction: board.set_setting(transaction, DEMONSTRATION, "yes"))
    except (KeysInvalid, DatabaseInvalid) as error:
        database.close()
        raise ConfigurationInvalid(str(error)) from None
    except DatabaseFailed as error:
        database.close()
        raise ConfigurationInvalid(f"DATABASE_URL can't be used: {error}.") from None
    return database


@contextmanager
def serving_alone(settings: Settings) -> Iterator[None]:
    """Raises ConfigurationInvalid where another server has this database."""
    try:
        with held_alone(settings.database_url):
            yield
    except DatabaseInvalid as error:
        raise ConfigurationInvalid(str(error)) from None


def _has_data(database: Database) -> bool:
    try:
        return database.read_now(lambda reader: board.setting(reader, DEMONSTRATION)) is not None
    except DatabaseFailed:
        return False


def is_demonstration(database: Database) -> bool:
    return database.read_now(lambda reader: board.setting(reader, DEMONSTRATION)) == "yes"


def check_use(settings: Settings, database: Database) -> None:
    """The page shows only demonstrations, which stay on this machine. Raises ConfigurationInvalid."""
    if is_demonstration(database):
        check_demonstration(settings)
    elif settings.page:
        raise ConfigurationInvalid(
            "The local page shows only a demonstration database. "
            "Set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET, or try it with: make run"
        )


def load_pathway(path: Path) -> Pathway:
    """Raises FileRefused, ConfigurationInvalid where there is no such file."""
    try:
        return read_pathway(_text(path, "PATHWAY_FILE"), path.name)
    except PathwayProblem as problem:
        raise FileRefused(problem) from None


def load_directory(path: Path) -> DirectoryFile:
    """YAML, or CSV by its ending. Raises FileRefused, ConfigurationInvalid where there is no such file."""
    fmt = "csv" if path.suffix.lower() == ".csv" else "yaml"
    try:
        return read_directory(_text(path, "DIRECTORY_FILE"), path.name, "csv" if fmt == "csv" else "yaml")
    except DirectoryProblem as problem:
        raise FileRefused(problem) from None


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise ConfigurationInvalid(f"{name}: there is no file {path} that can be read.") from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid(f"{name}: {path} is not UTF-8 text. Save it as UTF-8.") from None


def import_directory(database: Database, file: DirectoryFile) -> list[DirectoryChange]:
    """All or nothing; what changed."""
    book, at = DirectoryBook(), datetime.now(UTC)
    return database.write_now(lambda transaction: book.import_file(transaction, file, at))


def fill_empty_directory(database: Database, settings: Settings) -> None:
    """DIRECTORY_FILE is imported at start if the directory is empty; either way a broken one is refused."""
    if settings.directory_file is None:
        return
    file = load_directory(settings.directory_file)

    def work(transaction: Transaction) -> None:
        book = DirectoryBook()
        if not book.current(transaction).people:
            book.import_file(transaction, file, datetime.now(UTC))

    database.write_now(work)
