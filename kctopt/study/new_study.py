"""A new study: a file to edit with the schema for the editor, or a workbook."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from kctopt.disk import write_text
from kctopt.errors import Fault, ScenarioErrors
from kctopt.extras import need
from kctopt.language import ENGLISH, Texts, translate
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.files import called
from kctopt.scenario.sheets import MARK
from kctopt.study.schema import study_schema
from kctopt.study.workbook import COLUMNS, HEAD, PAIR, SAMPLE, SHEETS

SCHEMA_FILE = "kctopt-study.schema.json"
STUDY = """\
# yaml-language-server: $schema=./{schema}
# What is not known, and how it is drawn. `kctopt check study.yaml` names faults, `kctopt show study.yaml` the inputs.
of: {of}
label: What this study is about
intent: What this study asks, in one sentence.

# One random number each. Paths are those of a scenario's set:, laws are uniform, triangular, normal, lognormal, choice.
uncertain:
  - path: controls.intensity
    scale: {{triangular: [0.6, 1.0, 1.6]}}      # low, mode, high of a factor
    source: judgement, grade assumption
  - path: knowledge.effort_elasticity           # alone: uniform over the range that its row of provenance states
  # - {{path: kct.form, value: {{choice: [nested, ces, cobb_douglas]}}}}
  # - {{path: "lines[domain=ai].rival_growth", add: {{normal: [0.0, 0.01], within: [-0.02, 0.02]}}}}
  # - {{grade: C, range: uniform}}              # every figure of grade C over its range
  # - {{grade: assumption, scale: {{uniform: [0.8, 1.2]}}}}

# Rank correlations, with lhs or sobol:
# correlation:
#   - [controls.intensity, knowledge.effort_elasticity, 0.3]

sample: {{method: sobol, size: 256, seed: 7}}
"""
MEANINGS: Texts = {
    "key": "what", "value": "value", "extends": "study to start from", "name": "name in results",
    "label.en": "label in English", "label.zh": "label in Chinese", "intent": "what it asks, in one sentence",
    "of": "scenarios (several with ;)", "plans": "runs held fixed (several with ;)",
    "method": "method: lhs, sobol, saltelli, morris, grid, product, zip, list", "size": "number of draws",
    "seed": "seed of the random numbers", "levels": "levels of a grid or of Morris",
    "second_order": "Saltelli: second order too",
    "file": "of list: file with the draws, a column for each input", "sheet": "sheet of that file",
    "path": "path (several with ;)", "grade": "or every figure of a grade",
    "by": "of a grade: number, row, all", "range": "range of provenance: uniform, triangular",
    "how": "how: value, scale, add", "distribution": "uniform, triangular, normal, lognormal, choice, values",
    "low": "low", "mode": "mode", "mean": "mean", "median": "median", "high": "high", "deviation": "deviation",
    "sigma": "sigma of the log", "within_low": "cut off below", "within_high": "cut off above",
    "values": "choices or values (with ;)", "source": "source of the distribution", "input": "input",
    "other": "other input", "correlation": "rank correlation, -1 to 1",
}  # fmt: skip


def new_study(target: str | Path, *, of: str = "baseline", lang: str = "en") -> tuple[Path, ...]:
    """Write a study file with its schema into a folder, or a workbook where the name ends in .xlsx; returns the files.

    Raises ScenarioErrors rather than write over a file, WriteError where nothing can be written.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in new_study(tempfile.mkdtemp())]
    ['study.yaml', 'kctopt-study.schema.json']
    """
    target = Path(target)
    book = target.suffix.lower() == ".xlsx"
    if of not in bundled_scenarios() and Path(of).exists():  # as it is named from there
        of = Path(os.path.relpath(of, target.parent if book else target)).as_posix()
    if book:
        _free(target)
        return (_workbook(target, of, lang),)
    texts = {
        "study.yaml": STUDY.format(schema=SCHEMA_FILE, of=json.dumps(of, ensure_ascii=False) if " " in of else of),
        SCHEMA_FILE: json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n",
    }
    _free(*(target / name for name in texts))
    return tuple(write_text(target / name, text, replace=False) for name, text in texts.items())


def _free(*paths: Path) -> None:
    there = [path for path in paths if path.exists()]
    if there:
        faults = [Fault(called(path.resolve()), None, None, "", "is there already", "choose another") for path in there]
        raise ScenarioErrors(faults)


def _workbook(target: Path, of: str, lang: str) -> Path:
    """A study workbook with two inputs to edit."""
    need(["new xlsx"])
    import xlsxwriter

    target.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(target))
    values: dict[str, Any] = {"of": of, "method": "sobol", "size": 256, "seed": 7}
    head = [[key, values.get(key), translate(MEANINGS[key], lang)] for key in (*HEAD, *SAMPLE)]
    inputs: list[dict[str, Any]] = [
        {"path": "controls.intensity", "how": "scale", "distribution": "triangular", "low": 0.6, "mode": 1.0,
         "high": 1.6, "source": translate("judgement, grade assumption", lang)},
        {"path": "knowledge.effort_elasticity"},
    ]  # fmt: skip
    _sheet(book, "study", ("key", "value"), head, lang)
    _sheet(book, "uncertain", COLUMNS, [[row.get(column) for column in COLUMNS] for row in inputs], lang)
    _sheet(book, "correlation", PAIR, [], lang)
    book.close()
    return target


def _sheet(book: Any, key: str, columns: tuple[str, ...], rows: list[list[Any]], lang: str) -> None:
    sheet = book.add_worksheet(SHEETS[key][lang != ENGLISH])
    grey = book.add_format({"font_color": "#bfbfbf", "font_size": 8})
    bold = book.add_format({"bold": True, "bg_color": "#dce6f1", "text_wrap": True, "valign": "top"})
    sheet.write(0, 0, f"{MARK}{key}", grey)
    for column, name in enumerate(columns):
        sheet.write(1, column, name, grey)
        sheet.write(2, column, translate(MEANINGS[name], lang), bold)
    for number, row in enumerate(rows, start=3):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    sheet.set_column(0, len(columns), 18)
    sheet.freeze_panes(3, 0)
