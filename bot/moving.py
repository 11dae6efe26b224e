"""`migrate --from`: a board goes from a SQLite file to another database, where it is served from then on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rich.progress import Progress, TaskID

from bot.settings import ConfigurationInvalid, Settings
from bot.verifying import Findings, check_records
from storage import moving
from storage.database import Database
from storage.engine import file_of, held_alone, is_sqlite
from storage.failures import DatabaseInvalid
from storage.moving import MoveRefused
from storage.sealing import KeysInvalid, Sealing


class NotTheSame(Exception):
    """What has arrived isn't what was there: the move isn't finished."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(
            f"What has arrived differs in: {', '.join(tables)}. The move isn't finished. Empty the new "
            "database and run the same again, or stay with the old one: add --give-up."
        )


def move(settings: Settings, source_url: str, *, show_progress: bool) -> Findings:
    """Copies all of it, or the rest of it, into DATABASE_URL, compares and verifies it there, and closes the
    old database for good. What was broken before is broken after, and found.

    Raises ConfigurationInvalid, NotTheSame, DatabaseFailed.
    """
    with _opened(settings, source_url) as (source, target):
        moving.begin(source, target)
        with Progress(disable=not show_progress) as progress:
            rows = source.read_now(moving.count_rows)
            task = progress.add_task("Copying", total=rows, completed=target.read_now(moving.count_rows))
            moving.copy_rows(source, target, _advancing(progress, task))
            task = progress.add_task("Comparing", total=2 * rows)
            _compare(source, target, _advancing(progress, task))
        findings = check_records(target, show_progress=show_progress)
        moving.finish(source, target)
        return findings


def give_up(settings: Settings, source_url: str) -> None:
    """The old database is served again, as if nothing had been begun. Raises ConfigurationInvalid."""
    with _refusals(), _source(source_url, _sealing(settings)) as source:
        moving.give_up(source)


def _compare(source: Database, target: Database, told: moving.Told) -> None:
    before = source.read_now(lambda reader: moving.digests(reader, told))
    after = target.read_now(lambda reader: moving.digests(reader, told))
    if before != after:
        raise NotTheSame([table for table, digest in before.items() if after[table] != digest])


def _advancing(progress: Progress, task: TaskID) -> moving.Told:
    return lambda rows: progress.advance(task, rows)


@contextmanager
def _opened(settings: Settings, source_url: str) -> Iterator[tuple[Database, Database]]:
    """Both, and nobody serves from either."""
    with _refusals():
        sealing = _sealing(settings)
        with _source(source_url, sealing) as source:
            if is_sqlite(settings.database_url) and _same_file(source_url, settings.database_url):
                raise MoveRefused("DATABASE_URL names the database of --from. Set it to the new one.")
            with held_alone(settings.database_url):
                target = Database(settings.database_url, sealing)
                try:
                    yield source, target
                finally:
                    target.close()


@contextmanager
def _source(url: str, sealing: Sealing) -> Iterator[Database]:
    with ExitStack() as stack:
        try:
            _check_there(url)
            stack.enter_context(held_alone(url))
            database = Database(url, sealing)
        except DatabaseInvalid as error:
            raise MoveRefused(str(error).replace("DATABASE_URL", "--from", 1)) from None
        stack.callback(database.close)
        yield database


def _check_there(url: str) -> None:
    if not is_sqlite(url):
        raise DatabaseInvalid("DATABASE_URL: a board is moved from SQLite, sqlite:///PATH.")
    if not file_of(url).exists():
        raise DatabaseInvalid(f"DATABASE_URL: there is no database at {file_of(url)}.")


def _same_file(one: str, other: str) -> bool:
    return file_of(one).resolve() == file_of(other).resolve()


def _sealing(settings: Settings) -> Sealing:
    if not settings.encryption_keys:
        raise ConfigurationInvalid("ENCRYPTION_KEYS is not set. Set it to the keys of the old database.")
    return Sealing.from_text(settings.encryption_keys)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (MoveRefused, DatabaseInvalid, KeysInvalid) as error:
        raise ConfigurationInvalid(str(error)) from None
