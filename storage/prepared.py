"""Statements that every request runs: compiled once, then handed to the driver as they are.

For statements this short SQLAlchemy's own way takes several times as long as the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`order`: the parameters' names where the driver takes them by position. `made_ready`: those that are
    not handed over as they are.
    """

    words: str
    fixed: Values
    order: tuple[str, ...] | None
    made_ready: tuple[tuple[str, Callable[[Any], Any]], ...]

    def given(self, values: Values) -> tuple[Any, ...] | dict[str, Any]:
        whole = {**self.fixed, **values}
        for name, ready in self.made_ready:
            whole[name] = ready(whole[name])
        return whole if self.order is None else tuple([whole[name] for name in self.order])


class Prepared:
    """A statement with `bindparam`s, all of which are given each time. What it raises is the driver's own.

    Rows come as the driver has them: ask for numbers, text and bytes, not for moments.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def row(self, connection: Connection, values: Values) -> Any:
        """The first row as a tuple, or None."""
        return self._run(connection, values).fetchone()

    def change(self, connection: Connection, values: Values) -> int:
        """How many rows it changed."""
        return int(self._run(connection, values).rowcount)

    def _run(self, connection: Connection, values: Values) -> Any:
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        cursor.execute(compiled.words, compiled.given(values))
        return cursor

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        words = self._statement.compile(dialect=dialect)
        readied = (
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in words.binds.items()
        )
        compiled = _Compiled(
            words=str(words),
            fixed={name: value for name, value in words.params.items() if not words.binds[name].required},
            order=tuple(words.positiontup) if words.positiontup else None,
            made_ready=tuple((name, ready) for name, ready in readied if ready),
        )
        self._compiled[dialect.name] = compiled
        return compiled
