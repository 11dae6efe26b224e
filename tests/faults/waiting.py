"""Other processes tell nobody when they are ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(found: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Asks until it is so."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.01)
