"""Study files in `kctopt new`, `schema`, `check` and `show`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.cli.errors import fault_records
from kctopt.cli.output import OutputOptions, print_text, say
from kctopt.errors import ScenarioErrors
from kctopt.language import translate

if TYPE_CHECKING:
    from kctopt.study.records import Study


def is_study(source: str) -> bool:
    """Whether a study is meant, not a scenario."""
    from kctopt.study.load import is_study

    return is_study(source)


def make_study(target: Path, parent: str, out: OutputOptions) -> None:
    """Write a study file or workbook and name the files."""
    from kctopt.study.new_study import new_study

    files = [str(path) for path in new_study(target, of=parent, lang=out.written)]
    if out.json:
        folder = str(target if target.is_dir() else target.parent)
        out.print_json({"schema_version": 1, "folder": folder, "files": files})
    else:
        print_text("\n".join(files))
        say(f"Edit {files[0]}, then: kctopt check {files[0]}")


def checked(source: str, lang: str) -> tuple[Study | None, list[str], ScenarioErrors | None]:
    """A study, what its user should know, and its faults."""
    from kctopt.study.load import load_study
    from kctopt.study.sample import draw
    from kctopt.study.tried import tried

    try:
        study = load_study(source, lang)
    except ScenarioErrors as error:
        return None, [], error
    notes = list(study.notes)
    draws = draw(study)
    for one, other, asked, reached in draws.correlation:
        notes.append(f"rank correlation of {one} and {other}: {reached:.3f} of {asked:g}")
    return study, notes + tried(study, draws), None


def check_record(source: str, lang: str) -> tuple[dict[str, Any], list[str], str, ScenarioErrors | None]:
    """What `check` says of a study: as data, notes, one line, faults."""
    from kctopt.scenario.told import told
    from kctopt.study.shown import size

    study, notes, error = checked(source, lang)
    told_notes = [told(note, lang) for note in notes]
    record = {
        "schema_version": 1, "study": study.name if study else source, "ok": error is None, "notes": told_notes,
        "faults": fault_records(error, lang),
    }  # fmt: skip
    line = "" if study is None else translate("{source}: ok. {size}", lang, source=source, size=size(study, lang))
    return record, told_notes, line, error


def show_study(source: str, out: OutputOptions, *, whole: bool) -> None:
    """Print what a study asks and draws."""
    from kctopt.scenario.told import told
    from kctopt.study.load import load_study
    from kctopt.study.shown import short

    study = load_study(source, out.lang)
    if out.json:
        out.print_json(as_data(study))
        return
    print_text("\n".join(short(study, out.lang, whole=whole)))
    for note in study.notes:
        say(told(note, out.lang))


def as_data(study: Study) -> dict[str, Any]:
    """A study as data for JSON."""
    inputs = [asdict(entry) for entry in study.inputs]
    return {
        "schema_version": 1, "name": study.name, "label": study.label, "intent": study.intent,
        "scenarios": [scenario.name for scenario in study.scenarios], "plans": list(study.plans), "inputs": inputs,
        "correlation": [list(pair) for pair in study.correlation], "sample": asdict(study.sample),
        "notes": list(study.notes), "origin": study.origin,
    }  # fmt: skip
