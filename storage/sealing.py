"""Seals what may not be read in the database: AES-256-GCM, a key a stream, wrapped by ENCRYPTION_KEYS."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
KEPT = 4096
"""How many streams' keys are kept ready: making one costs a look-up and an unwrapping."""


class KeysInvalid(Exception):
    """ENCRYPTION_KEYS can't be used, or isn't what this database was sealed with. Never quotes a key."""


class SealBroken(Exception):
    """What was stored doesn't open: it was changed, or moved from another place."""


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
    """ENCRYPTION_KEYS: the newest wraps, each opens what it wrapped. Safe across threads."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises KeysInvalid unless there is a key and each has 32 bytes."""
        if not keys:
            raise KeysInvalid("ENCRYPTION_KEYS is empty: give at least one key, base64 of 32 random bytes")
        for position, key in enumerate(keys, start=1):
            if len(key) != KEY_BYTES:
                raise KeysInvalid(f"ENCRYPTION_KEYS: key {position} has {len(key)} bytes, and needs 32")
        self._wrapping = {_fingerprint(key): AESGCM(key) for key in keys}
        self._newest = _fingerprint(keys[0])
        self._kept: OrderedDict[str, Key] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def from_text(cls, text: str) -> Sealing:
        """From the variable's text: base64, comma-separated, newest first. Raises KeysInvalid."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return cls([_decoded(part, position) for position, part in enumerate(parts, start=1)])

    def make(self, stream_id: str) -> Wrapped:
        """A new key for a stream, to be stored."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        secret = secrets.token_bytes(KEY_BYTES)
        sealed = self._wrapping[self._newest].encrypt(nonce, secret, _wrapping_place(stream_id))
        return Wrapped(nonce + sealed, self._newest)

    def key(self, stream_id: str, find: Callable[[], Wrapped]) -> Key:
        """The stream's key: kept, or found and unwrapped. Raises KeysInvalid, SealBroken, and as `find`."""
        with self._lock:
            kept = self._kept.get(stream_id)
            if kept is not None:
                self._kept.move_to_end(stream_id)
                return kept
        key = self._unwrap(stream_id, find())
        with self._lock:
            self._kept[stream_id] = key
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return key

    def _unwrap(self, stream_id: str, wrapped: Wrapped) -> Key:
        cipher = self._wrapping.get(wrapped.key_id)
        if cipher is None:
            raise KeysInvalid(
                "ENCRYPTION_KEYS lacks a key that this database was sealed with: add it at the end"
            )
        nonce, sealed = wrapped.secret[:NONCE_BYTES], wrapped.secret[NONCE_BYTES:]
        try:
            return Key(cipher.decrypt(nonce, sealed, _wrapping_place(stream_id)))
        except InvalidTag as error:
            raise SealBroken(f"the key of stream {stream_id} was changed") from error


def _wrapping_place(stream_id: str) -> bytes:
    return f"streams/{stream_id}".encode()


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"key-id" + key).hexdigest()[:16]


def _decoded(part: str, position: int) -> bytes:
    try:
        return base64.b64decode(part.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeysInvalid(f"ENCRYPTION_KEYS: key {position} isn't base64") from error
