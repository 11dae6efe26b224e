"""What holds for a whole call of the command line: how it ends, and what its commands share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from bot.settings import ConfigurationInvalid


@dataclass
class Invocation:
    """What holds for the whole call."""

    debug: bool = False


INVOCATION = Invocation()


@contextlib.contextmanager
def one_line(*, refused: int = 2) -> Iterator[None]:
    """An error is one clear line that names what to change; where it comes from only with --debug.

    `refused`: the exit code for a file that is refused.
    """
    from bot.preparing import FileRefused
    from storage.failures import DatabaseFailed

    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        if INVOCATION.debug:
            raise
        foreseen = isinstance(error, ConfigurationInvalid | FileRefused | DatabaseFailed | OSError)
        inside = f"Something went wrong inside ({type(error).__name__}). Add --debug after bot to see where."
        typer.echo(str(error) if foreseen else inside, err=True)
        raise typer.Exit(refused if isinstance(error, FileRefused) else 2) from None
