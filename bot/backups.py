"""`backup` and `restore`: a consistent copy of a running SQLite database, and the way back.

A copy counts once SQLite finds nothing damaged in it and every record in it was checked.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from bot.settings import ConfigurationInvalid, Settings
from bot.verifying import Findings, check_records, opened_without_schema
from storage.copies import check_pages, copy_database
from storage.engine import address_for_tools, file_of, held_alone, is_sqlite
from storage.failures import DatabaseInvalid
from storage.schema import standing
from storage.whole_files import whole_file

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; it would take another's for its own."""


class RecordsBroken(Exception):
    """The file is whole, and what it records is not: nothing was made of it."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings.summary())
        self.findings = findings


def backup(settings: Settings, file: Path, *, show_progress: bool) -> Findings:
    """Copies the database to `file`, for its owner alone to read. It is written also where records in it are
    broken, as they are in the database. Raises ConfigurationInvalid, DatabaseFailed.
    """
    with _refusals():
        if not is_sqlite(settings.database_url):
            address = shlex.quote(address_for_tools(settings.database_url))
            raise ConfigurationInvalid(
                "PostgreSQL has its own tool for this. Use: "
                f"pg_dump --format=custom --file={shlex.quote(str(file))} --dbname={address}"
            )
        source = file_of(settings.database_url)
        if not source.exists():
            raise ConfigurationInvalid(f"DATABASE_URL: there is no database at {source}.")
        with _new(file) as part:
            return _copied(source, part, "This database", show_progress=show_progress)


def restore(settings: Settings, file: Path, *, show_progress: bool) -> Findings:
    """Makes the database from `file`, if there is none yet.

    Raises RecordsBroken, ConfigurationInvalid, DatabaseFailed: nothing is made then.
    """
    with _refusals():
        if not is_sqlite(settings.database_url):
            address = shlex.quote(address_for_tools(settings.database_url))
            raise ConfigurationInvalid(
                "PostgreSQL has its own tool for this. Use, on an empty database: "
                f"pg_restore --exit-on-error --no-owner --dbname={address} {shlex.quote(str(file))}"
            )
        database = file_of(settings.database_url)
        if not file.is_file():
            raise ConfigurationInvalid(f"There is no file {file}.")
        with held_alone(settings.database_url):
            return _restored(file, database, show_progress=show_progress)


def _restored(file: Path, database: Path, *, show_progress: bool) -> Findings:
    for each in (database, *(Path(f"{database}{ending}") for ending in BESIDE)):
        if each.exists():
            raise ConfigurationInvalid(f"{each} exists, and is not overwritten. Move it away first.")
    with _new(database) as part:
        findings = _copied(file, part, str(file), show_progress=show_progress)
        if findings.broken:
            raise RecordsBroken(findings)
    return findings


def _copied(source: Path, part: Path, name: str, *, show_progress: bool) -> Findings:
    with Progress(disable=not show_progress, transient=True) as progress:
        task = progress.add_task("Copying", total=None)
        copy_database(source, part, lambda done, total: progress.update(task, completed=done, total=total))
        progress.add_task("Reading it all again", total=None)
        try:
            check_pages(part)
        except DatabaseInvalid as error:
            raise ConfigurationInvalid(f"{name}: {error}.") from None
    with opened_without_schema(f"sqlite:///{part}") as copy:
        found = copy.read_now(standing)
        if found == "none":
            raise ConfigurationInvalid(f"{name} is a database, and not one of Escalate's.")
        if found == "newer":
            raise ConfigurationInvalid(f"{name} was made by a newer version of Escalate. Use that version.")
        return check_records(copy, show_progress=show_progress)


@contextmanager
def _new(file: Path) -> Iterator[Path]:
    try:
        with whole_file(file) as part:
            yield part
    except FileExistsError:
        raise ConfigurationInvalid(f"{file} exists, and is not overwritten. Name another.") from None
    except OSError as error:
        raise ConfigurationInvalid(f"{file} can't be written: {error.strerror}.") from None


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DatabaseInvalid as error:
        raise ConfigurationInvalid(str(error)) from None
