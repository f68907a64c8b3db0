"""Reading input files: text in whatever encoding, a hash of each, and what a file is called in messages."""

from __future__ import annotations

import codecs
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kctopt.errors import suggest
from kctopt.scenario.bundled import bundled_root
from kctopt.scenario.nodes import Faults, Node, Origin

VARIANT = re.compile(r"(.+?\.xls[xm])#(.*)", re.IGNORECASE)  # plan.xlsx#tight
BASE = "base"  # plan.xlsx#base is plan.xlsx without its variants
LARGEST = 50_000_000  # bytes; a scenario of a thousand lines has less than one million


@dataclass
class Reading:
    """One load: the files read so far, their hashes, and the faults found."""

    faults: Faults = field(default_factory=Faults)
    hashes: dict[Path, str] = field(default_factory=dict)
    layers: dict[Path, Any] = field(default_factory=dict)  # scenario files read, by path
    trees: dict[Path, Node] = field(default_factory=dict)  # worlds built, by path of their file or model folder
    notes: list[str] = field(default_factory=list)  # no faults, but the user should know

    def data(self, path: Path, asked: Origin | None = None) -> bytes:
        """Bytes of a file. Stops with a fault, placed at `asked` where the file was named, if it cannot be read."""
        place = asked or Origin(called(path))
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            message = f"no file {called(path)}" if asked else "there is no such file"
            raise self.faults.stop(place, "", message, _neighbour(path)) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            what = f"cannot read {called(path)}" if asked else "cannot be read"
            raise self.faults.stop(place, "", f"{what}: {reason}") from None
        if len(data) > LARGEST:
            raise self.faults.stop(place, "", f"{called(path)} has {len(data):,} bytes; that is no scenario")
        self.hashes[path] = hashlib.sha256(data).hexdigest()
        return data

    def own_content(self, path: Path, *parts: object) -> None:
        """Take what one scenario of a workbook says as its hash, so that a change of another one is none of it."""
        self.hashes[path] = hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()

    def text(self, path: Path, asked: Origin | None = None) -> str:
        """Text of a file, in whatever encoding. Stops with a fault if it cannot be read."""
        text = decode(self.data(path, asked))
        if text is None:
            raise self.faults.stop(
                Origin(called(path)), "", "is neither UTF-8, UTF-16 nor GB18030 text", "save it as UTF-8"
            )
        return text


def decode(data: bytes) -> str | None:
    """Text of bytes in utf-8 (with or without mark), utf-16 (with mark) or gb18030; None if it is none of them."""
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def called(path: Path) -> str:
    """Name of a file in messages: relative to the working folder or to the bundled data, else in full."""
    for base in (Path.cwd(), bundled_root()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)


def is_there(path: str | Path) -> bool:
    """Whether there is such a file or folder; false of what is no path at all, such as one that is too long."""
    with suppress(OSError, ValueError):
        return Path(path).exists()
    return False


def variant_of(path: Path) -> tuple[Path, str] | None:
    """Workbook and name of a variant; None of what is a file, or no such name.

    >>> variant_of(Path("plan.xlsx#tight")) == (Path("plan.xlsx"), "tight")
    True
    """
    match = VARIANT.fullmatch(path.name)
    return None if match is None or is_there(path) else (path.with_name(match[1]), match[2])


def file_of(path: Path) -> Path:
    """The file that a scenario is read from: of a variant its workbook."""
    found = variant_of(path)
    return path if found is None else found[0]


def _neighbour(path: Path) -> str:
    """Hint for a missing file: the nearest name in its folder."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except (OSError, ValueError):
        return f"there is no folder {called(path.parent)} either"
    return suggest(path.name, names, most=0)
