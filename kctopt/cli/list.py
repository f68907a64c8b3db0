"""`kctopt list`: the scenarios, studies, trees and models that can be named, and the runs here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from kctopt.cli.found import (
    SCENARIO_TOP,
    STUDY_TOP,
    TREE_TOP,
    books,
    model_folders,
    models,
    own_files,
    runs,
    scenario_files,
    study_files,
    sweeps,
    tree_files,
)  # fmt: skip
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, common, print_text, say
from kctopt.errors import RunError, ScenarioErrors
from kctopt.language import ENGLISH, LANGUAGES, Texts, money, translate, within

if TYPE_CHECKING:
    from kctopt.scenario.nodes import Node

Rows = list[dict[str, Any]]
KEPT = ("scenario", "status", "objective", "objective_kind", "bound", "gap", "created")  # of the record of a run

TITLES: Texts = {
    "scenarios": "scenarios",
    "studies": within("list of names", "studies"),
    "trees": within("list of names", "trees of states"),
    "models": within("list of names", "models"),
    "runs": "runs",
    "sweeps": "swept studies",
}
HEADS: Texts = {
    "folder": "folder",
    "scenario": "scenario",
    "status": "status",
    "objective": "objective",
    "gap": "gap",
    "created": "created",
}


@click.command(cls=Command, name="list")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@common
def listing(out: OutputOptions, folder: Path) -> None:
    """List scenarios, studies, trees and models by name, and those, the runs and swept studies of FOLDER.

    FOLDER is this folder unless another is named; runs are looked for in it and in the folders in it, such as `runs`.
    """
    content = contents(folder, out.lang)
    if out.json:
        out.print_json({"schema_version": 1, "folder": str(folder)} | content)
        return
    parts = [part for key, rows in content.items() if (part := _told(key, rows, out.lang))]
    print_text("\n\n".join("\n".join(part) for part in parts))
    if not content["runs"]:
        say(f"no runs in {folder}; kctopt solve makes one")


def contents(folder: Path, lang: str) -> dict[str, Rows]:
    """All that is listed, by kind: bundled things by name, those of the folder by path."""
    own_models = {str(path): path for path in models(folder)}
    return {
        "scenarios": [*_files(scenario_files(), lang), *_files(_own(folder, "scenario"), lang), *_books(folder, lang)],
        "studies": [*_files(study_files(), lang), *_files(_own(folder, "study"), lang)],
        "trees": [*_files(tree_files(), lang), *_files(_own(folder, "tree"), lang)],
        "models": [_model(name, path) for name, path in {**model_folders(), **own_models}.items()],
        "runs": [_run(path, lang) for path in runs(folder)],
        "sweeps": [{"file": str(path)} for path in sweeps(folder)],
    }


def _books(folder: Path, lang: str) -> Rows:
    """Scenario workbooks and their variants; one that cannot be read is left out: it may be any workbook."""
    from kctopt.scenario.several import book_of

    rows = []
    for path in books(folder):
        layer = book_of(path)
        if layer is None:
            continue
        label, intent = (_text(layer.node.value.get(key), lang) for key in ("label", "intent"))
        rows.append({"name": str(path), "label": label, "intent": intent, "file": str(path)})
        for name, title in layer.variants.titles().items():
            asked = _text(layer.variants.layers[name].value.get("intent"), lang) or intent
            rows.append({"name": f"{path}#{name}", "label": title[lang], "intent": asked, "file": str(path)})
    return rows


def _own(folder: Path, kind: str) -> dict[str, Path]:
    tops = {"scenario": SCENARIO_TOP, "study": STUDY_TOP, "tree": TREE_TOP}
    return {str(path): path for path in own_files(folder, tops[kind], kind)}


def _files(files: Mapping[str, Path], lang: str) -> Rows:
    """Scenario or study files with their label and what they ask; blank where a file cannot be read."""
    rows = []
    for name, path in files.items():
        file = next((path / name for name in ("scenario.yaml", "study.yaml") if (path / name).is_file()), path)
        said = _read(file)
        label, intent = (_text(said.get(key), lang) for key in ("label", "intent"))
        rows.append({"name": name, "label": label, "intent": intent, "file": str(file)})
    return rows


def _model(name: str, folder: Path) -> dict[str, Any]:
    """A model and its size."""
    horizon = _read(folder / "model.yaml").get("horizon")
    years = horizon.value if horizon is not None and isinstance(horizon.value, dict) else {}
    first, last = (years[key].value if key in years else None for key in ("base_year", "last_year"))
    lines, domains = (_rows(folder / f"{table}.csv") for table in ("lines", "domains"))
    return {
        "name": name, "lines": lines, "domains": domains, "base_year": first, "last_year": last, "folder": str(folder),
    }  # fmt: skip


def _run(folder: Path, lang: str) -> dict[str, Any]:
    """A run by its record; its status is `unreadable` where that cannot be read."""
    from kctopt.result.folder import SCENARIO_FILE
    from kctopt.result.run import read_record

    try:
        record = read_record(folder)
    except (RunError, OSError):
        return dict.fromkeys(("folder", "label", *KEPT)) | {"folder": str(folder), "status": "unreadable"}
    label = _text(_read(folder / SCENARIO_FILE).get("label"), lang)
    return {"folder": str(folder), "label": label} | {key: record[key] for key in KEPT}


def _read(file: Path) -> dict[Any, Node]:
    """The keys of a YAML file; none where it cannot be read."""
    from kctopt.scenario.files import Reading
    from kctopt.scenario.yamlfile import read_yaml

    reading = Reading()
    try:
        node = read_yaml(reading.text(file), str(file), reading.faults)
    except ScenarioErrors:
        return {}
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _text(node: Node | None, lang: str) -> str:
    """A text in a language, in the only one it has, or nothing."""
    if node is None or node.value is None:
        return ""
    if isinstance(node.value, dict):
        texts = {str(key): str(child.value) for key, child in node.value.items()}
        return texts.get(lang) or texts.get(ENGLISH) or next(iter(texts.values()), "")
    return str(node.value)


def _rows(file: Path) -> int | None:
    """Rows of a table of a model; None where it cannot be read."""
    from kctopt.scenario.files import Reading

    try:
        rows = list(csv.reader(io.StringIO(Reading().text(file))))
    except (ScenarioErrors, csv.Error):
        return None
    return sum(any(row) for row in rows) - 1 if rows else None


def _told(key: str, rows: Rows, lang: str) -> list[str]:
    """A kind of things in lines, under its title."""
    from kctopt.terminal import grid

    if not rows:
        return []
    title = translate(TITLES[key], lang)
    if key == "runs":
        return [
            title,
            *grid([translate(text, lang) for text in HEADS.values()], _run_cells(rows, lang), left=(0, 1, 2)),
        ]
    if key == "sweeps":
        return [title, *(f"  {row['file']}" for row in rows)]
    told = (_size if key == "models" else _meaning)(rows, lang)
    return [title, *grid([], [[row["name"], text] for row, text in zip(rows, told, strict=True)], left=(0, 1))]


def _meaning(rows: Rows, lang: str) -> Iterable[str]:
    """What scenarios and studies are called and ask."""
    return (LANGUAGES[lang].colon.join(text for text in (row["label"], row["intent"]) if text) for row in rows)


def _size(rows: Rows, lang: str) -> Iterable[str]:
    """How large models are."""
    for row in rows:
        if None in row.values():
            yield ""
            continue
        yield translate(
            "{lines} lines in {domains} domains, {first}-{last}", lang, lines=row["lines"], domains=row["domains"],
            first=row["base_year"], last=row["last_year"],
        )  # fmt: skip


def _run_cells(rows: Rows, lang: str) -> Iterable[list[str]]:
    from kctopt.result.text import gap_text, word

    for row in rows:
        cost = row["objective_kind"] == "min_budget"
        value = row["objective"]
        worth = "" if value is None else money(value, lang, ".4f") if cost else f"{value:.4f}"
        status = translate("unreadable", lang) if row["status"] == "unreadable" else word(row["status"], lang)
        gap = "" if row["gap"] is None else gap_text(row["gap"], lang)
        created = (row["created"] or "")[:16].replace("T", " ")
        yield [row["folder"], row["label"] or row["scenario"] or "", status, worth, gap, created]
