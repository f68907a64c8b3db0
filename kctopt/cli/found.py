"""What can be named on a command line, and completed by a shell: bundled things, and files, models and runs here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from click import Context, Parameter
from click.shell_completion import CompletionItem

SCENARIO_TOP = re.compile(r"^(extends|model)[ \t]*:", re.MULTILINE)
STUDY_TOP = re.compile(r"^(of|uncertain)[ \t]*:", re.MULTILINE)
TREE_TOP = re.compile(r"^tree[ \t]*:", re.MULTILINE)
BOOKS = (".xlsx", ".xlsm")
HEAD = 20_000  # characters of a file that are looked at
MOST = 2000  # entries of a folder that are looked at, so that a folder of data is no wait


def scenario_files() -> dict[str, Path]:
    """Bundled scenarios by name."""
    from kctopt.scenario.bundled import bundled_root, bundled_scenarios

    return {name: bundled_root() / "scenarios" / f"{name}.yaml" for name in bundled_scenarios()}


def study_files() -> dict[str, Path]:
    """Bundled studies by name."""
    from kctopt.scenario.bundled import bundled_files

    return bundled_files("studies")


def tree_files() -> dict[str, Path]:
    """Bundled trees of states by name."""
    from kctopt.scenario.bundled import bundled_files

    return bundled_files("trees")


def model_folders() -> dict[str, Path]:
    """Bundled models by name."""
    from kctopt.scenario.bundled import bundled_models, bundled_root

    return {name: bundled_root() / "models" / name for name in bundled_models()}


def runs(folder: Path) -> list[Path]:
    """Run folders in a folder, and in the folders of it."""
    return sorted(place for place in _folders(folder) if (place / "run.json").is_file())


def sweeps(folder: Path) -> list[Path]:
    """Files of swept studies in a folder, and in the folders of it."""
    places = [folder, *(place for place in _entries(folder) if place.is_dir())]
    return sorted(file for place in places for file in _entries(place) if file.suffix == ".duckdb")


def models(folder: Path) -> list[Path]:
    """Model folders in a folder."""
    return [place for place in (folder, *_entries(folder)) if (place / "model.yaml").is_file()]


def own_files(folder: Path, top: re.Pattern[str], name: str) -> list[Path]:
    """Files in a folder that begin as scenarios, studies or trees do, and folders that hold one of that name."""
    found = []
    for entry in _entries(folder):
        if entry.is_dir():
            if (entry / f"{name}.yaml").is_file() and not (entry / "run.json").is_file():
                found.append(entry)
        elif entry.suffix in (".yaml", ".yml") and _begins(_head(entry), top):
            found.append(entry)
    return found


def _begins(head: str, top: re.Pattern[str]) -> bool:
    """Whether a file is of a kind; a tree names its scenario by `of`, as a study does."""
    return bool(top.search(head)) and (top is TREE_TOP or not TREE_TOP.search(head))


def books(folder: Path) -> list[Path]:
    """Workbooks in a folder."""
    return [entry for entry in _entries(folder) if entry.suffix.lower() in BOOKS and entry.is_file()]


def _typed_variants(typed: str) -> list[str]:
    """Variants of the workbook whose name was typed in full."""
    book = typed.partition("#")[0]
    if not book.lower().endswith(BOOKS) or not Path(book).is_file():
        return []
    from kctopt.scenario.several import all_of

    return [*all_of(book)[1:]]


def _folders(folder: Path) -> Iterator[Path]:
    for place in _entries(folder):
        if place.is_dir():
            yield place
            yield from (inner for inner in _entries(place) if inner.is_dir())


def _entries(folder: Path) -> Iterable[Path]:
    """What a folder holds, but what is hidden; nothing where it cannot be read."""
    try:
        return sorted(entry for entry, _ in zip(folder.iterdir(), range(MOST), strict=False) if entry.name[0] != ".")
    except OSError:
        return []


def _head(file: Path) -> str:
    """The beginning of a text file; nothing where it cannot be read."""
    from kctopt.scenario.files import decode

    try:
        with file.open("rb") as stream:
            data = stream.read(HEAD)
    except OSError:
        return ""
    return decode(data) or data.decode("utf-8", errors="replace")


def offering(*kinds: str) -> Callable[[Context, Parameter, str], list[CompletionItem]]:
    """What a shell completes an argument to: things of these kinds by name, and by path in the folder being typed.

    Kinds are `scenario`, `study`, `tree`, `model`, `run` and `sweep`. Where none fits, the shell offers files.
    """

    def complete(_: Context, __: Parameter, typed: str) -> list[CompletionItem]:
        folder = Path(typed).parent if "/" in typed else Path()
        names = dict.fromkeys(name for kind in kinds for name in KINDS[kind](folder))
        names |= dict.fromkeys(_typed_variants(typed) if "scenario" in kinds else ())
        fitting = [CompletionItem(name) for name in names if name.startswith(typed)]
        return fitting or [CompletionItem(typed, type="file")]

    return complete


KINDS: dict[str, Callable[[Path], Iterable[str]]] = {
    "scenario": lambda folder: [
        *scenario_files(), *map(str, own_files(folder, SCENARIO_TOP, "scenario")), *map(str, books(folder)),
    ],
    "study": lambda folder: [*study_files(), *map(str, own_files(folder, STUDY_TOP, "study"))],
    "tree": lambda folder: [*tree_files(), *map(str, own_files(folder, TREE_TOP, "tree"))],
    "model": lambda folder: [*model_folders(), *map(str, models(folder))],
    "run": lambda folder: map(str, runs(folder)),
    "sweep": lambda folder: map(str, sweeps(folder)),
}  # fmt: skip
