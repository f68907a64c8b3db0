"""Optional packages: every command and format with each of them hidden; what is absent is told before any work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from bundled import only_baseline
from click.testing import CliRunner
from fakes import FakeOutcome, fake_outcome
from worlds import tiny

from kctopt import Result, api
from kctopt.cli import main
from kctopt.cli.compare import FORMATS as COMPARISONS
from kctopt.cli.doctor import checks
from kctopt.errors import MissingExtra
from kctopt.exchange.files import FORMATS as EXPORTS
from kctopt.extras import DISTRIBUTIONS, NEEDS, need, optional
from kctopt.report.write import FORMATS as REPORTS
from kctopt.scenario.load import dump

ROOT = Path(__file__).parents[1]
MODULES = sorted({module for one in NEEDS.values() for module in one.modules})

COMMANDS: dict[str, list[str]] = {
    **{f"report {form}": ["report", "run", "--format", form, "-o", "out/report"] for form in REPORTS},
    **{f"export {form}": ["export", "run", "--to", form, "-o", "out/export"] for form in EXPORTS},
    "figures": ["export", "run", "--figures", "svg", "-o", "out/figures"],
    **{f"compare {form}": ["compare", "run", "other.yaml", "--format", form, "-o", "out/compared.txt"]
       for form in COMPARISONS},
    "new yaml": ["new", "out/study"],
    "new xlsx": ["new", "out/study.xlsx"],
    "read xlsx": ["check", "book.xlsx"],
}  # fmt: skip


def takes(work: str) -> set[str]:
    """Modules of a command; a report of a plan has figures too."""
    more = ("figures",) if work in ("report html", "report pdf", "report docx", "report pptx") else ()
    return {module for name in (work, *more) for module in NEEDS[name].modules}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, a scenario that is not solved yet, and a workbook."""
    from kctopt.scenario.new_workbook import write_workbook

    folder = tmp_path_factory.mktemp("extras")
    scenario = tiny()
    Result.of(scenario, fake_outcome(scenario)).save(folder / "run")
    (folder / "other.yaml").write_text(dump(tiny(name="other")), encoding="utf-8")
    write_workbook(folder / "book.xlsx")
    return folder


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what the engine, a stand-in, was asked to solve."""
    names: list[str] = []

    def engine(question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        names.append(question.scenario.name)
        return fake_outcome(question.scenario)

    monkeypatch.setattr("kctopt.api.question.run_engine", engine)
    return names


def hide(monkeypatch: pytest.MonkeyPatch, modules: set[str]) -> None:
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


def test_every_format_has_its_row() -> None:
    alone = {"xarray", "draw saltelli", "draw morris", "study indices", "study tree"}  # those of Python
    clusters = {"executor dask", "executor mpi", "executor ray"}  # of their own: test_study_executors.py
    serving = {"explore"}  # does not end by itself: test_explore_http.py
    assert set(COMMANDS) | alone | clusters | serving == set(NEEDS)


@pytest.mark.parametrize("work", COMMANDS)
@pytest.mark.touches("altair", "python-docx", "python-pptx", "typst", "vl-convert-python")
def test_a_command_needs_no_package_that_its_row_does_not_name(
    work: str, place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide(monkeypatch, set(MODULES) - takes(work))
    monkeypatch.chdir(place)
    arguments = [one.replace("out/", f"{tmp_path}/") for one in COMMANDS[work]]
    done = CliRunner().invoke(main, arguments, prog_name="kctopt")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(("work", "module"), [(work, module) for work in COMMANDS for module in sorted(takes(work))])
def test_an_absent_package_is_told_before_any_work(
    work: str, module: str, place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, {module})
    monkeypatch.chdir(place)
    done = CliRunner().invoke(main, COMMANDS[work], prog_name="kctopt")
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert 'packages that are not installed: pip install "kctopt[' in done.stderr
    assert solved == []
    assert not (place / "out").exists()


def test_in_python_the_message_has_all_that_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = Result.of(tiny(), fake_outcome(tiny()))
    hide(monkeypatch, {"typst", "altair", "xlsxwriter", "h5py"})
    absent: dict[Callable[[], object], str] = {
        lambda: result.report(tmp_path / "r.pdf"): r"Drawing figures and A report as PDF need .*\[report\]",
        lambda: result.report(tmp_path / "r.html"): r"Drawing figures needs .*\[report\]",
        lambda: result.plot.heat(): r"Drawing figures needs .*\[report\]",
        lambda: result.to_excel(tmp_path / "r.xlsx"): r"Writing a workbook needs .*\[excel\]",
        lambda: result.to_netcdf(tmp_path / "r.nc"): r"netCDF needs .*\[netcdf\]",
        lambda: need(["export netcdf", "export excel"]): r"netCDF and Writing a workbook need .*\[netcdf,excel\]",
    }
    for work, message in absent.items():
        with pytest.raises(MissingExtra, match=message):
            work()
    assert list(tmp_path.iterdir()) == []


def test_a_row_names_a_module_before_those_that_import_it() -> None:
    in_a_fresh_process("""
import importlib, sys
from kctopt.extras import NEEDS

for work, one in NEEDS.items():
    for module in one.modules if work != "executor ray" else ():  # no part of the development environment
        before = set(sys.modules)
        importlib.import_module(module)
        assert not (set(sys.modules) - before) & set(one.modules) - {module}, (work, module)
""")


def test_what_was_absent_is_found_once_it_is_installed(tmp_path: Path) -> None:
    in_a_fresh_process(
        """
import sys
from fakes import fake_outcome
from worlds import tiny
from kctopt.errors import MissingExtra
from kctopt.extras import NEEDS
from kctopt import Result

result = Result.of(tiny(), fake_outcome(tiny()))
for module in NEEDS["export netcdf"].modules:
    sys.modules[module] = None
    try:
        result.to_netcdf(sys.argv[1])
    except MissingExtra:
        del sys.modules[module]
    else:
        raise AssertionError(module)
result.to_netcdf(sys.argv[1])
""",
        str(tmp_path / "run.nc"),
    )
    assert (tmp_path / "run.nc").is_file()


def in_a_fresh_process(code: str, *arguments: str) -> None:
    """Run code that asks what is imported, or imports anew."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("work", NEEDS)
def test_the_extra_brings_the_packages(work: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    one = NEEDS[work]
    brought = project["optional-dependencies"][one.extra] if one.extra else []
    for module in one.modules:
        assert any(text.startswith(f"{DISTRIBUTIONS.get(module, module)}>=") for text in brought), module


def test_doctor_looks_at_every_optional_package(monkeypatch: pytest.MonkeyPatch) -> None:
    only_baseline(monkeypatch)
    assert {"typst", "altair", "vl-convert-python", "python-docx", "xlsxwriter", "h5py"} <= set(optional())
    told = {one.name.lower(): one.message for one in checks()}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for extra in set(extras) - {"dev", "docs", "bench", "interop"}:  # those are for work on kctopt itself
        for text in extras[extra]:
            name = re.split("[<>=]", text)[0]
            assert name in optional()
            assert "kctopt[" in told[name.lower()]
