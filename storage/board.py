"""What is kept once for the board: its pathways by the hash of their text, and a few settings."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, delete, insert, select, update

from storage.database import Reader, Transaction
from storage.tables import pathways, settings

PATHWAY = select(pathways.c.text).where(pathways.c.hash == bindparam("digest"))
KEEP = insert(pathways)
SETTING = select(settings.c.value).where(settings.c.name == bindparam("which"))
CHANGE = update(settings).where(settings.c.name == bindparam("which")).values(value=bindparam("new"))
FORGET = delete(settings).where(settings.c.name == bindparam("which"))
SET = insert(settings).values(name=bindparam("which"), value=bindparam("new"))


def keep_pathway(transaction: Transaction, text: str) -> str:
    """Keeps the text, for a case may run under it; returns its SHA-256 in hex, by which it is found."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    if pathway(transaction, digest) is None:
        transaction.connection.execute(KEEP, {"hash": digest, "text": text})
    return digest


def pathway(reader: Reader, digest: str) -> str | None:
    return reader.connection.execute(PATHWAY, {"digest": digest}).scalar_one_or_none()


def setting(reader: Reader, name: str) -> str | None:
    return reader.connection.execute(SETTING, {"which": name}).scalar_one_or_none()


def set_setting(transaction: Transaction, name: str, value: str) -> None:
    """Readable in the database: nothing secret or typed."""
    transaction.put(CHANGE, SET, {"which": name, "new": value})


def forget_setting(transaction: Transaction, name: str) -> None:
    transaction.connection.execute(FORGET, {"which": name})
