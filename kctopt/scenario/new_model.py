"""A model to edit: a copy of a model folder, a scenario that stands on it, and where it came from."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from pathlib import Path

from kctopt.disk import write_folder
from kctopt.errors import Fault, ScenarioErrors, suggest
from kctopt.scenario.bundled import bundled_models, bundled_root
from kctopt.scenario.filename import unfit
from kctopt.scenario.files import Reading, called
from kctopt.scenario.modelfolder import read_model

OBSERVATIONS = "observations.csv"  # of a model of past years, which `kctopt backcast` reads

SCENARIO = """\
# A scenario on this model. `model: .` is the folder of this file.
model: .
name: {name}
intent:
  en: What this scenario asks, in one sentence.
  zh: 本情景要回答什么，用一句话写明。
"""

README = """\
# {name}

A model to edit, copied from {origin}. The original's values have the hash
{digest} (`model_sha256` of runs).

`model.yaml` and the tables (.csv) are those of the original, byte by byte. Give every number that you change its row
in `provenance.csv`: source, year, grade (A, B, C or assumption). The columns: docs/keys.md, docs/scenario-files.md.

    kctopt check .       # in this folder: all faults at once, with file, line and remedy
    kctopt show .        # what the scenario asks
    kctopt {next}

Scenarios elsewhere stand on it with `model: PATH/OF/THIS/FOLDER`.
"""


def new_model(folder: str | Path, model: str | Path) -> tuple[Path, ...]:
    """Copy a model into a new folder, with a scenario on it and a README; returns the files, the scenario first.

    Parameters
    ----------
    folder
        New folder; one that is there is a fault, and nothing is written.
    model
        Name of a bundled model, or path of a folder with a model.yaml.

    Raises
    ------
    ScenarioErrors
        No such model, one with faults, or a folder that is there.
    WriteError
        The folder cannot be written.
    """
    folder, source = Path(folder), model_folder(model)
    if folder.exists():
        raise ScenarioErrors(
            [Fault(called(folder.resolve()), None, None, "", "is there already", "choose a new folder")]
        )
    hashed = read_model(source, Reading()).value["model_sha256"].text
    name = "model" if unfit(folder.resolve().name) else folder.resolve().name
    past = (source / OBSERVATIONS).is_file()
    texts = {
        "scenario.yaml": SCENARIO.format(name=json.dumps(name, ensure_ascii=False)),
        "README.md": README.format(
            name=name, origin=_origin(source), digest=hashed,
            next="backcast .    # against what happened" if past else "solve .       # a plan with a proof",
        ),
    }  # fmt: skip

    def fill(place: Path) -> None:
        skipped = shutil.ignore_patterns("scenario.*", "README.md", "runs", ".*", "__pycache__")
        shutil.copytree(source, place, dirs_exist_ok=True, ignore=skipped)
        for file, text in texts.items():
            (place / file).write_text(text, encoding="utf-8", newline="\n")

    place = write_folder(folder, fill)
    others = sorted(path for path in place.iterdir() if path.is_file() and path.name not in texts)
    return (place / "scenario.yaml", *others, place / "README.md")


def model_folder(model: str | Path) -> Path:
    """Folder of a model by its bundled name or path. Raises ScenarioErrors where there is none."""
    if str(model) in bundled_models():
        return bundled_root() / "models" / str(model)
    folder = Path(model).expanduser()
    if (folder / "model.yaml").is_file():
        return folder.resolve()
    hint = suggest(str(model), bundled_models(), most=20)
    raise ScenarioErrors([Fault("", None, None, "", f"no model '{model}'", hint)])


def _origin(source: Path) -> str:
    if not source.is_relative_to(bundled_root()):
        return f"`{called(source)}`"
    try:
        version = metadata.version("kctopt")
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    return f"`{source.name}`, a model that comes with kctopt {version}"
