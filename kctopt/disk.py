"""Writing to disk: the place tested before work, files and folders whole or not at all, what cannot be saved kept.

| part | what it does |
|---|---|
| `ready` | before long work: can a file or folder of this name be written here? |
| `whole`, `write_text` | one file, made beside its place, then moved there |
| `write_folder` | one new folder, made beside its place, then moved there; never over another |
| `or_kept` | writes; where that fails after all, puts the work in another place and says where |

Whatever the system refuses ends as a WriteError that says what, where and what next.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kctopt.errors import WriteError

ROOM = 1_000_000  # bytes that must be free; a run of the bundled scenarios takes less
RUNS = Path("runs")  # where runs are saved and looked for that name no other folder
MAKING = ".kctopt-"  # how names begin of what is being made
OTHER_PLACE = "name another place"
REASONS = {
    errno.ENOSPC: ("the disk is full", "make room, or name another place"),
    errno.EDQUOT: ("your share of the disk is used up", "make room, or name another place"),
    errno.EROFS: ("the file system can only be read", OTHER_PLACE),
    errno.EACCES: ("you may not write there", OTHER_PLACE),
    errno.EPERM: ("you may not write there", OTHER_PLACE),
    errno.ENOTDIR: ("a file stands where a folder is needed", OTHER_PLACE),
    errno.EEXIST: ("something of that name is there already", "choose a new name"),
    errno.EISDIR: ("a folder of that name is there", "name a file"),
    errno.ENAMETOOLONG: ("the name is too long for the file system", "choose a shorter one"),
}


def ready(target: Path, *, folder: bool = True) -> None:
    """Raise WriteError unless a new folder, or a file, can be written at `target`; tried there, leaving nothing."""
    with writing(target):
        if not folder and target.is_dir():
            raise OSError(errno.EISDIR, "")
        path = _plain(target).absolute()
        place = next((parent for parent in path.parents if _there(parent)), path)
        for name in path.relative_to(place).parts:
            _there(place / f"{name}-99")
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=place) as made:
            (Path(made) / "room").write_bytes(bytes(ROOM))


def _plain(target: Path) -> Path:
    """A target that has a name of its own: `.` and `..` are the folders they stand for."""
    return target if target.name not in ("", "..") else target.resolve()


def _there(path: Path) -> bool:
    """Whether anything is at a path; raises OSError where nothing can ever be: below a file, too long a name."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what the system refuses into a WriteError about `target`."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise refused(target, error) from error


def refused(target: Path, error: OSError) -> WriteError:
    """The WriteError of a refusal; names the file that stands in the way where a folder is needed."""
    reason, hint = REASONS.get(error.errno or 0, (error.strerror or str(error), OTHER_PLACE))
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        for place in target.parents:
            if place.is_file():
                reason, hint = f"{place} is a file, not a folder", OTHER_PLACE
                break
    return WriteError(f"{target}: cannot be written: {reason}; {hint}")


def write_text(path: Path, text: str, *, replace: bool = True) -> Path:
    """Write a text file whole, as UTF-8."""
    return whole(path, lambda place: place.write_bytes(text.encode()), replace=replace)


def whole(path: Path, write: Callable[[Path], object], *, replace: bool = True) -> Path:
    """Let `write` make a file beside `path`, then move it there.

    A file that exists is replaced, or stays as it is where writing fails; with `replace=False` it always stays.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=path.parent) as room:
            made = Path(room) / f"made{path.suffix}"
            write(made)
            if replace:
                made.replace(path)
            else:
                _settle(made, path)
    return path


def _settle(made: Path, path: Path) -> None:
    """Move a file to a name that nobody has; a link never takes one, and where there are no links a look must do."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:
        if _there(path):
            raise FileExistsError(errno.EEXIST, "", str(path)) from None
        made.rename(path)


def write_folder(target: Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write a new folder beside `target`, then move it there; returns where it went.

    A folder that exists is left alone: the new one goes to `target-2`, `target-3`, … instead. If `fill` fails or is
    interrupted, nothing remains.
    """
    target = _plain(target)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=target.parent))
        try:
            making.chmod(0o777 & ~_umask())
            fill(making)
            return _claim(making, target)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise


def _claim(making: Path, target: Path) -> Path:
    """Rename `making` to the first free name among target, target-2, target-3, …"""
    number = 1
    while True:
        place = target if number == 1 else target.with_name(f"{target.name}-{number}")
        number += 1
        if os.path.lexists(place):
            continue
        try:
            making.rename(place)
        except OSError:
            if not os.path.lexists(place):
                raise
            continue  # another process took the name in between
        return place


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def or_kept(target: Path, write: Callable[[Path], Path]) -> Path:
    """Let `write` write a file or folder at `target`, for work that must not be lost.

    Where that fails, it is written under the same name in the first other place that takes it. The WriteError raised
    then names that place, and has it as `kept`.
    """
    try:
        return write(target)
    except WriteError as error:
        kept = next(_kept(target, write), None)
        where = "No other place took what was worked out" if kept is None else f"What was worked out is kept in {kept}"
        raise WriteError(f"{error}. {where}", kept) from error


def _kept(target: Path, write: Callable[[Path], Path]) -> Iterator[Path]:
    """Where the other places took what was to be at `target`."""
    for place in _elsewhere():
        with suppress(OSError):
            room = Path(tempfile.mkdtemp(prefix="kctopt-kept-", dir=place))
            try:
                kept = write(room / (target.name or "kept"))
            except OSError:
                room.rmdir()
            else:
                yield kept


def _elsewhere() -> Iterator[Path]:
    """Places to keep what cannot be written where it was asked for: for temporary files, at home, in memory, here."""
    with suppress(OSError):
        yield Path(tempfile.gettempdir())
    with suppress(RuntimeError):
        yield Path.home()
    yield from (Path("/dev/shm"), Path.cwd())
