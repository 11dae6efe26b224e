"""Seals what may not be read in the database: AES-256-GCM, a key a stream, wrapped by ENCRYPTION_KEYS."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
KEPT = 4096
"""How many streams' keys are kept ready: making one costs an unwrapping."""
FEWEST_DIFFERENT_BYTES = 16
"""Of 32 random bytes some 30 differ from each other; fewer than 16 happen once in 10^15 keys."""
HIGHEST_OF_TEXT = 0x7F


class KeysInvalid(Exception):
    """ENCRYPTION_KEYS can't be used, or isn't what this database was sealed with. Never quotes a key."""


class SealBroken(Exception):
    """What was stored doesn't open: it was changed, or moved from another place."""


def place(table: str, *row: object) -> str:
    """Where something sealed stands: its table, and everything that tells its row and column from others."""
    return f"{table}/{json.dumps(row)}"


class Key:
    """Seals and opens for one stream. `place`: where the sealed bytes stand; elsewhere they don't open."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)
        self._look_up = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"look-up").derive(secret)

    def seal(self, place: str, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"what is stored at {place.split('/', maxsplit=1)[0]} was changed") from error

    def look_up(self, *parts: str) -> str:
        """A keyed hash, in hex, by which something is found without being readable."""
        return hmac.digest(self._look_up, "\x00".join(parts).encode(), hashlib.sha256).hex()


@dataclass(frozen=True)
class Wrapped:
    """A stream's key as stored; `key_id` tells which of ENCRYPTION_KEYS opens it."""

    secret: bytes
    key_id: str


class Sealing:
    """ENCRYPTION_KEYS: the newest wraps, each opens what it wrapped. One a database. Safe across threads."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises KeysInvalid unless there is a key and each has 32 bytes."""
        if not keys:
            raise KeysInvalid("ENCRYPTION_KEYS is empty: give at least one key, base64 of 32 random bytes")
        for position, key in enumerate(keys, start=1):
            if len(key) != KEY_BYTES:
                raise KeysInvalid(f"ENCRYPTION_KEYS: key {position} has {len(key)} bytes, and needs 32")
        self._wrapping = {_fingerprint(key): AESGCM(key) for key in keys}
        self.newest = _fingerprint(keys[0])
        self._kept: OrderedDict[str, tuple[Wrapped, Key]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def from_text(cls, text: str) -> Sealing:
        """From the variable's text: base64, comma-separated, newest first. Raises KeysInvalid, also for keys
        that can't be random.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        keys = [_decoded(part, position) for position, part in enumerate(parts, start=1)]
        sealing = cls(keys)
        for position, key in enumerate(keys, start=1):
            if _is_weak(key):
                raise KeysInvalid(
                    f"ENCRYPTION_KEYS: key {position} isn't random. Make one with: "
                    "python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
                )
        return sealing

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """What names each key without giving it away: newest first."""
        return tuple(self._wrapping)

    def make(self, stream_id: str) -> Wrapped:
        """A new key for a stream, to be stored."""
        return self._wrap(stream_id, secrets.token_bytes(KEY_BYTES))

    def wrapped_anew(self, stream_id: str, wrapped: Wrapped) -> Wrapped:
        """The same key, wrapped with the newest of ENCRYPTION_KEYS. Raises KeysInvalid, SealBroken."""
        return self._wrap(stream_id, self._unwrap(stream_id, wrapped))

    def key(self, stream_id: str, wrapped: Wrapped) -> Key:
        """The stream's key, from how it is stored at this moment. Raises KeysInvalid, SealBroken."""
        with self._lock:
            kept = self._kept.get(stream_id)
            if kept is not None and kept[0] == wrapped:
                self._kept.move_to_end(stream_id)
                return kept[1]
        key = Key(self._unwrap(stream_id, wrapped))
        with self._lock:
            self._kept[stream_id] = (wrapped, key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return key

    def kept(self, stream_id: str) -> Key | None:
        """Only for a stream whose key is never destroyed: the database isn't asked."""
        with self._lock:
            kept = self._kept.get(stream_id)
            if kept is None:
                return None
            self._kept.move_to_end(stream_id)
            return kept[1]

    def forget(self, stream_id: str) -> None:
        """Its key was destroyed."""
        with self._lock:
            self._kept.pop(stream_id, None)

    def _wrap(self, stream_id: str, secret: bytes) -> Wrapped:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._wrapping[self.newest].encrypt(nonce, secret, _wrapping_place(stream_id))
        return Wrapped(nonce + sealed, self.newest)

    def _unwrap(self, stream_id: str, wrapped: Wrapped) -> bytes:
        cipher = self._wrapping.get(wrapped.key_id)
        if cipher is None:
            raise KeysInvalid(
                f"ENCRYPTION_KEYS lacks a key that this database was sealed with ({wrapped.key_id}): "
                "add it at the end"
            )
        nonce, sealed = wrapped.secret[:NONCE_BYTES], wrapped.secret[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, _wrapping_place(stream_id))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the key of stream {stream_id} was changed") from error


def _is_weak(key: bytes) -> bool:
    """Zeros, something repeated, counting up, or text: what people put in where a key should be made."""
    return len(set(key)) < FEWEST_DIFFERENT_BYTES or max(key) <= HIGHEST_OF_TEXT


def _wrapping_place(stream_id: str) -> bytes:
    return f"streams/{stream_id}".encode()


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"key-id" + key).hexdigest()[:16]


def _decoded(part: str, position: int) -> bytes:
    try:
        return base64.b64decode(part.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeysInvalid(f"ENCRYPTION_KEYS: key {position} isn't base64") from error
