"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_text(path: Path, text: str) -> Path:
    """Write a text file whole, as UTF-8."""
    return whole(path, lambda place: place.write_bytes(text.encode()))


def whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` make a file beside `path`, then move it there; a file that exists is replaced, or stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, making = tempfile.mkstemp(prefix=f".{path.name}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    place = Path(making)
    try:
        write(place)
        place.chmod(0o644)
        place.replace(path)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return path
