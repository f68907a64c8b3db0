"""Differences of two folders of outputs, beside what differs from run to run; see benchmarks/outputs.py."""

from __future__ import annotations

import difflib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
from python_calamine import CalamineWorkbook

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)", re.IGNORECASE)
PASSING = (  # what differs from run to run, and what stands in its place
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[\d.]*(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<date>"),
    (re.compile(r"(?<![\w.])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,}\b"), "<hash>"),
    (re.compile(r"\b[\d.]+(?= ?(?:s|seconds|秒)\b)"), "<seconds>"),
    (re.compile(r"(?<=^seconds\t)(.*\t)[\d.]+"), r"\1<seconds>"),
    (
        re.compile(r'("(?:\w*seconds|bytes|read|build|compile|search|proof|simulate|tree|mip|total)": )[\d.e+-]+'),
        r"\1<seconds>",
    ),
    (re.compile(r"\b\d+\.\d+\.\d+\w*(?:[.+]\w+)*"), "<version>"),
    (re.compile(r"(?<![\w:/])/(?:[\w.+-]+/)+[\w.+-]*"), "<path>"),
    (re.compile(r"[A-Za-z0-9+/]{200,}={0,2}"), "<data>"),
)
PATH = re.compile(r'(?<=\bd=")[^"]*(?=")')  # of a line in an SVG, in which letters stand beside numbers
UNSTABLE = (".parquet", ".log", ".schema.json")  # of which the text beside holds the content, or which tells times
BINARY = (".png", ".pdf", ".duckdb")
LONG = 300  # characters of a line that is broken up
MANY = 6000  # lines of two texts, above which they are not aligned
SHOWN = 12  # lines of a difference


def differences(before: Path, after: Path, gap: float) -> Iterator[str]:
    """What differs, file by file, in words."""
    left, right = files(before), files(after)
    for name in sorted(left.keys() | right.keys()):
        if name not in right:
            yield f"{name}: is no longer written"
        elif name not in left:
            yield f"{name}: was not written before"
        else:
            yield from of_file(name, left[name], right[name], gap)


def files(folder: Path) -> dict[str, Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(UNSTABLE))
    return {path.relative_to(folder).as_posix(): path for path in found}


def of_file(name: str, before: Path, after: Path, gap: float) -> Iterator[str]:
    if before.read_bytes() == after.read_bytes():
        return
    if name.endswith(BINARY):
        sizes = [path.stat().st_size for path in (before, after)]
        if abs(sizes[1] - sizes[0]) > 0.02 * sizes[0]:
            yield f"{name}: {sizes[0]} bytes before, {sizes[1]} after"
        return
    left, right = parts(before), parts(after)
    for part in sorted(left.keys() | right.keys()):
        if told := of_text(left.get(part, ""), right.get(part, ""), gap):
            yield f"{name}{part and f'!{part}'}:\n" + "\n".join(f"    {line}" for line in told)


def parts(file: Path) -> dict[str, str]:
    """The texts of a file: its own, or those in a zip, by name."""
    data = file.read_bytes()
    if file.suffix == ".xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {name: _rows(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if not name.endswith((*UNSTABLE, *BINARY))]
            return {name: archive.read(name).decode("utf-8", "replace") for name in names}
    if data[1:4] == b"HDF":
        return {"": arrays(file)}
    text = data.decode("utf-8", "replace")
    if file.suffix == ".json":
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return {"": text}


def _rows(sheet: list[list[object]]) -> str:
    return "\n".join("\t".join(map(str, row)) for row in sheet)


def arrays(file: Path) -> str:
    """Arrays and attributes of an HDF5 file as text."""
    told = list[str]()

    def tell(name: str, node: h5py.Group | h5py.Dataset) -> None:
        told.extend(
            f"{name}@{key}: {value}" for key, value in sorted(node.attrs.items()) if key[0] != "_" and "REF" not in key
        )
        if isinstance(node, h5py.Dataset):
            told.append(f"{name}: {node[()].ravel().tolist() if node.shape else node[()]}")

    with h5py.File(file) as book:
        tell("", book)
        book.visititems(tell)
    return "\n".join(told)


def of_text(before: str, after: str, gap: float) -> list[str]:
    left, right = lines(before), lines(after)
    shapes = [[NUMBER.sub("#", line) for line in side] for side in (left, right)]
    told = list[str]()
    for same, a, b, c, d in steps(*shapes):
        if same:
            pairs = zip(left[a:b], right[c:d], strict=True)
            told += [line for one, other in pairs if far(one, other, gap) for line in (f"- {one}", f"+ {other}")]
        else:
            told += [f"- {line}" for line in left[a:b]] + [f"+ {line}" for line in right[c:d]]
    more = len(told) - SHOWN
    return told[:SHOWN] + ([f"… {more} lines more"] if more > 0 else [])


def steps(left: list[str], right: list[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Parts of two texts that are the same or differ, with their lines.

    Lines of long texts with many of the same would take hours to bring side by side; they are, where they are as many.
    """
    if left == right:
        yield True, 0, len(left), 0, len(right)
    elif len(left) + len(right) < MANY:
        for tag, *places in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            yield tag == "equal", *places
    elif len(left) == len(right):
        for n, (one, other) in enumerate(zip(left, right, strict=True)):
            yield one == other, n, n + 1, n, n + 1
    else:
        start = next((n for n, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), 0)
        yield True, 0, start, 0, start
        yield False, start, len(left), start, len(right)


def lines(text: str) -> list[str]:
    """The lines of a text, long ones broken up, without what differs from run to run."""
    found = list[str]()
    text = text.replace("<wbr>", "").replace("\u200b", "")  # where long words may be broken
    for line in PATH.sub(lambda path: re.sub("[A-Za-z]", r" \g<0> ", path[0]), text).splitlines():
        found += re.split(r"(?<=[,>;])", line) if len(line) > LONG else [line]
    for pattern, mask in PASSING:
        found = [pattern.sub(mask, line) for line in found]
    return [line.rstrip() for line in found]


def far(before: str, after: str, gap: float) -> bool:
    """Whether numbers of two lines of one shape differ by more than the gap and the rounding they are shown in.

    The gap is that of the largest decimal on the line: what is left of a rule is the difference of its two sides.
    """
    if before == after:
        return False
    pairs = list(zip(NUMBER.findall(before), NUMBER.findall(after), strict=True))
    largest = max((abs(float(one)) for pair in pairs for one in pair if "." in one), default=0.0)
    for one, other in pairs:
        mantissa = re.split("[eE]", one)[0]
        rounding = 10.0 ** -len(mantissa.partition(".")[2]) if "." in mantissa and mantissa == one else 0.0
        room = gap * largest if "." in one else 0.0
        if abs(float(one) - float(other)) > max(room, 1.001 * min(rounding, 0.1), 1e-6):
            return True
    return False
