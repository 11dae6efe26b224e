"""A file that is there whole or not at all, for whoever looks and whenever the power goes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Gives an empty file beside `path`, for its owner alone; it gets that name once the block is done.

    Raises FileExistsError (unless `replace`) before the block and after it, and OSError.
    """
    if not replace and path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        os.close(handle)
        yield part
        _to_disk(part)
        if not replace:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))  # whoever was first keeps the name
        part.replace(path)
        _to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
