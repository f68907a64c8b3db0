"""A new study: a folder with a scenario to edit, the schema for the editor, and a short README."""

from __future__ import annotations

import json
from pathlib import Path

from kctopt.disk import write_text
from kctopt.errors import Fault, ScenarioErrors, suggest
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.filename import unfit
from kctopt.scenario.files import called
from kctopt.scenario.schema import scenario_schema

SCHEMA_FILE = "kctopt.schema.json"

SCENARIO = """\
# yaml-language-server: $schema=./{schema}
# What differs from the scenario it extends, and nothing else.
extends: {parent}
name: {name}
intent:
  en: What this scenario asks, in one sentence.
  zh: 本情景要回答什么，用一句话写明。

# Values by path. `kctopt show scenario.yaml --resolved --origin` lists every path with its value and its source.
set:
  # controls.intensity: {{2026: 0.3, 2030: 0.8}}
  # lines[domain=quantum].growth: 0.8
  # stages: switching
  # cooperation.choice: mask

# Factors by path: every year of a series is multiplied.
scale:
  # budget: 0.95

# Named rules. Results and messages speak of them by id.
policies:
  # - {{id: semis-floor, kind: floor, domain: semiconductors, amount: 60, years: 2026-2030}}
  # - {{id: chokepoints-2035, kind: target, type: B, min_ratio: 0.8, by: 2035, soft: true}}
  # - {{id: ai-chips, kind: band, lines: [semiconductors-A, ai-A], width: 0.5, years: 2030-2035}}

# Where the numbers you changed come from; grade A, B, C or assumption.
provenance:
  # - {{path: budget, unit: billion CNY/year, source: own estimate, year: 2025, grade: assumption}}
"""

README = """\
# {name}

A study with kctopt. `scenario.yaml` says what differs from `{parent}`.

    kctopt check scenario.yaml                       # all faults at once, with line and remedy
    kctopt show scenario.yaml --resolved --origin    # every value and the file and line that set it
    kctopt solve scenario.yaml                       # a plan with a proof; saved under runs/

`{schema}` lets editors with a YAML language server complete and check keys while you type.
Add more scenario files beside it; `extends: ./scenario.yaml` starts from this one.
"""


def new_study(folder: str | Path, *, parent: str = "baseline") -> tuple[Path, ...]:
    """Write a study folder and return its files.

    Raises ScenarioErrors rather than write over a file, WriteError where the folder cannot be written.
    """
    folder = Path(folder)
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in folder.resolve().name)
    name = "study" if unfit(name) else name
    texts = {
        "scenario.yaml": SCENARIO.format(schema=SCHEMA_FILE, parent=parent, name=json.dumps(name, ensure_ascii=False)),
        SCHEMA_FILE: json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n",
        "README.md": README.format(schema=SCHEMA_FILE, parent=parent, name=name),
    }
    if parent not in bundled_scenarios():
        hint = suggest(parent, bundled_scenarios(), most=20)
        raise ScenarioErrors([Fault("", None, None, "", f"no bundled scenario '{parent}'", hint)])
    paths = tuple(folder / file for file in texts)
    there = [path for path in paths if path.exists()]
    if there:
        raise ScenarioErrors(
            [Fault(called(path.resolve()), None, None, "", "is there already", "choose a new folder") for path in there]
        )
    written: list[Path] = []
    try:
        for path, text in zip(paths, texts.values(), strict=True):
            written.append(write_text(path, text, replace=False))
    except BaseException:
        for path in written:  # all three or none
            path.unlink(missing_ok=True)
        raise
    return paths
