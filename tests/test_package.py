"""What is shipped: the wheel with models, scenarios, types and metadata."""

from __future__ import annotations

import email.message
import re
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import kctopt

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from the source tree by the backend itself."""
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("dist")
    built = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    return message_from_string(wheel.read(f"kctopt-{kctopt.__version__}.dist-info/METADATA").decode())


def test_wheel_holds_models_and_scenarios(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("models", "scenarios"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.startswith(".")]
        assert files
        shipped = {f"kctopt/_bundled/{path.relative_to(ROOT).as_posix()}" for path in files}
        assert shipped <= names, shipped - names


def test_wheel_holds_the_code_and_says_that_it_is_typed(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kctopt").rglob("*.py")}
    assert code | {"kctopt/py.typed"} <= names
    others = {name for name in names if not name.startswith(("kctopt/", f"kctopt-{kctopt.__version__}.dist-info/"))}
    assert not others


@pytest.mark.touches("hatchling")
def test_metadata(metadata: email.message.Message) -> None:
    assert metadata["Name"] == "kctopt"
    assert metadata["Version"] == kctopt.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    extras = {
        "report",
        "slides",
        "excel",
        "explore",
        "netcdf",
        "study",
        "dask",
        "mpi",
        "ray",
        "docs",
        "bench",
        "interop",
        "dev",
    }
    assert set(metadata.get_all("Provides-Extra") or ()) == extras
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or ())
    assert "kctopt solve baseline" in str(metadata.get_payload())


def test_command_and_licence_are_shipped(wheel: zipfile.ZipFile) -> None:
    about = f"kctopt-{kctopt.__version__}.dist-info"
    assert "kctopt = kctopt.cli:main" in wheel.read(f"{about}/entry_points.txt").decode()
    assert "Apache License" in wheel.read(f"{about}/licenses/LICENSE").decode()


def test_highs_is_asked_for_in_a_version_that_solves_integers() -> None:
    assert "highspy>=1.15" in PROJECT["dependencies"]  # 1.14.0 returns wrong optima, see kctopt/solver/highs.py


def test_one_version_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROJECT["version"] == kctopt.__version__
    assert f"version: {kctopt.__version__}\n" in citation
    first = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert first and first[1] in (kctopt.__version__, "Unreleased")


def bounds(texts: list[str]) -> dict[str, Version]:
    """Lower bound of each requirement, by name."""
    parsed = [Requirement(text) for text in texts]
    return {
        canonicalize_name(one.name): Version(next(each.version for each in one.specifier if each.operator == ">="))
        for one in parsed
    }


def test_lower_bounds_are_versions_that_make_oldest_runs() -> None:
    lines = (ROOT / ".ci" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    extras = PROJECT["optional-dependencies"]
    oldest = bounds([*PROJECT["dependencies"], *extras["dev"]])
    assert {name: Version(pins[name]) for name in oldest} == oldest
    for extra in ("report", "slides", "excel", "explore", "netcdf", "study"):
        assert bounds(extras[extra]).items() <= oldest.items(), extra


def touched() -> set[str]:
    """Packages that some test marked `touches` names."""
    files = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    marks = (mark for text in files for mark in re.findall(r"pytest\.mark\.touches\((.*?)\)", text))
    return {name for mark in marks for name in re.findall(r'"([^"]+)"', mark)}


def test_make_oldest_and_newest_touch_every_package_and_ci_runs_both() -> None:
    extras = PROJECT["optional-dependencies"]
    needed = bounds(
        [*PROJECT["dependencies"], *extras["report"], *extras["slides"], *extras["excel"], *extras["netcdf"]]
    )
    assert needed.keys() <= touched()
    assert touched() <= bounds([*PROJECT["dependencies"], *extras["dev"]]).keys()
    assert "-m touches" in (ROOT / "Makefile").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^ *make .* oldest\b", ci, re.MULTILINE) and re.search(r"^ *make .* newest\b", ci, re.MULTILINE)
