"""Servers that are measured, or that they call, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@contextlib.asynccontextmanager
async def server(module: str, *arguments: str) -> AsyncIterator[int]:
    """`python -m MODULE ARGUMENTS`, which prints its port, and stops when its standard input is closed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield int(line)
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)


def write_key(path: Path) -> rsa.RSAPrivateKey:
    """A new key to sign activities with."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key
