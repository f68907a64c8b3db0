"""The layout of the code: what may import what, public names, sizes, the tables of symbols, the solver it needs."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import kctopt
from kctopt import formulation

ROOT = Path(__file__).parents[1]
MODULES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "kctopt").rglob("*.py"))}
BLOCKS = [name for _, name, _ in pkgutil.iter_modules(formulation.__path__)]

ANYWHERE = {"brief", "progress", "status", "terminal"}  # below everything; they import nothing of kctopt

# Each part of the package and the parts it may import. The pipeline goes one way, and what checks a plan (simulator)
# shares nothing with what builds it (formulation).
MAY_IMPORT = {
    "brief": set(),
    "progress": set(),
    "status": set(),
    "terminal": set(),
    "errors": set(),
    "language": {"errors"},
    "arguments": {"errors"},
    "extras": {"errors"},
    "disk": {"errors"},
    "cache": {"errors", "disk"},
    "table": {"extras", "disk"},
    "pool": {"errors"},
    "scenario": {"errors", "language", "arguments", "extras", "disk", "table"},
    "algebra": set(),
    "concave": {"scenario", "algebra"},
    "own": set(),
    "interrupts": set(),
    "formulation": {"scenario", "algebra", "concave"},
    "naming": set(),
    "wiring": {"scenario", "concave", "formulation"},
    "program": {"errors", "scenario", "algebra", "concave", "formulation", "naming", "wiring"},
    "simulator": {"errors", "scenario"},
    "rules": {"naming", "scenario", "simulator"},
    "solver": {
        "errors", "arguments", "own", "interrupts", "scenario", "algebra", "concave", "formulation", "naming",
        "program", "simulator",
    },
    "holding": {"errors", "scenario", "program", "simulator", "rules", "solver"},
    "result": {
        "errors", "language", "table", "cache", "own", "arguments", "disk", "naming", "scenario", "simulator", "rules",
        "solver",
    },
    "analysis": {
        "errors", "language", "table", "pool", "cache", "own", "arguments", "disk", "naming", "scenario", "concave",
        "program", "simulator", "rules", "solver", "result",
    },
    "exchange": {
        "errors", "language", "table", "cache", "arguments", "extras", "disk", "scenario", "simulator", "result",
    },
    "comparison": {
        "errors", "language", "table", "cache", "own", "arguments", "extras", "disk", "naming", "scenario", "program",
        "simulator", "rules", "solver", "holding", "result", "analysis",
    },
    "report": {
        "errors", "language", "table", "arguments", "extras", "disk", "scenario", "simulator", "result", "analysis",
        "exchange", "comparison",
    },
    "backcasting": {"errors", "arguments", "language", "table", "disk", "scenario", "simulator", "report"},
    "study": {
        "errors", "language", "table", "pool", "cache", "arguments", "extras", "interrupts", "disk", "naming",
        "scenario", "program", "simulator", "rules", "solver", "holding", "result", "analysis", "exchange",
        "comparison", "report",
    },
    "recourse": {
        "errors", "language", "table", "cache", "arguments", "disk", "naming", "scenario", "concave", "program",
        "simulator", "solver", "result", "study",
    },
    "fronts": {
        "errors", "language", "table", "cache", "arguments", "disk", "naming", "scenario", "program", "simulator",
        "solver", "result", "analysis", "report",
    },
    "api": {
        "errors", "language", "table", "cache", "own", "arguments", "disk", "scenario", "program", "simulator",
        "holding", "solver", "result", "analysis", "exchange", "comparison", "report", "backcasting", "study",
        "recourse", "fronts",
    },
    "explore": {
        "errors", "language", "table", "arguments", "extras", "disk", "scenario", "simulator", "holding", "solver",
        "result", "analysis", "comparison", "report", "study", "api",
    },
    "cli": {
        "errors", "language", "table", "cache", "extras", "interrupts", "disk", "scenario", "program", "simulator",
        "holding", "solver", "result", "analysis", "exchange", "comparison", "report", "backcasting", "study",
        "recourse", "fronts", "api", "explore",
    },
    "__init__": {"errors", "scenario", "program", "backcasting", "study", "recourse", "fronts", "api"},
    "__main__": {"cli"},
}  # fmt: skip

HOMES = {  # package -> where it may be imported
    "pyomo": ("kctopt/algebra.py", "kctopt/program.py", "kctopt/solver/pyomo_model.py"),
    "highspy": ("kctopt/solver/highs.py",),
}

LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
SHORT = 12  # lines of a docstring; one with parameters, returns and an example is longer, and no code


def imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports, inside functions and for types alone too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(module: str) -> str:
    """Part of the package that a file belongs to: kctopt/solver/highs.py -> solver."""
    return module.removeprefix("kctopt/").partition("/")[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module: str) -> None:
    own = part(module)
    known = {name for name in MAY_IMPORT if not name.startswith("__")}
    for name in imports(MODULES[module]):
        top, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if top == "kctopt" and target in known and target != own:
            assert target in MAY_IMPORT[own] or (target in ANYWHERE and own not in ANYWHERE), (
                f"{own} must not import {target}"
            )


def test_no_module_imports_itself_through_others() -> None:
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in MODULES}
    below = {name: {one for one in imports(MODULES[path]) if one in names} - {name} for name, path in names.items()}
    TopologicalSorter(below).prepare()  # CycleError names the modules of a circle


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(module) for module in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_never_import_each_other(block: str) -> None:
    others = {f"kctopt.formulation.{other}" for other in BLOCKS if other != block}
    for name in imports(MODULES[f"kctopt/formulation/{block}.py"]):
        assert not {name, name.rpartition(".")[0]} & others


@pytest.mark.parametrize("package", HOMES)
def test_pyomo_and_highs_stay_at_home(package: str) -> None:
    users = {module for module, path in MODULES.items() if any(n.split(".")[0] == package for n in imports(path))}
    assert users
    assert not [module for module in users if not module.startswith(HOMES[package])]


def test_import_is_light_and_public_names_come_on_demand() -> None:
    code = (
        "import sys, kctopt\n"
        "heavy = ('numpy', 'pandas', 'scipy', 'pyomo', 'highspy', 'duckdb', 'pydantic', 'yaml', 'rich_click')\n"
        "assert not [name for name in heavy if name in sys.modules]\n"
        "assert kctopt.load and 'pydantic' not in sys.modules and 'pyomo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_a_scenario_is_solved_without_pyomo() -> None:
    code = (
        "import sys, kctopt\n"
        "program = kctopt.build('baseline')\n"
        "assert kctopt.solve(program, time_limit=0.01) and 'pyomo' not in sys.modules\n"
        "assert program.model and 'pyomo' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_public_names() -> None:
    assert kctopt.__all__ == [
        "Backcast", "Collection", "Comparison", "Diagnosis", "Ensemble", "Infeasible", "KctoptError", "Pareto",
        "Program", "Progress", "Result", "Scenario", "ScenarioErrors", "Status", "Stochastic", "Sweep", "backcast",
        "build", "compare", "diagnose", "load", "open", "pareto", "simulate", "solve", "stochastic", "sweep",
        "variants", "verify",
    ]  # fmt: skip
    for name in kctopt.__all__:
        assert getattr(kctopt, name).__doc__, name
    assert dir(kctopt) == sorted([*kctopt.__all__, "__version__"])
    with pytest.raises(AttributeError, match="no attribute 'slove'"):
        kctopt.slove  # noqa: B018 - reading it is the test


def lengths(text: str) -> tuple[dict[str, int], int]:
    """Lines of each function without a long docstring, and lines of all such docstrings, of classes too."""
    functions, manual = dict[str, int](), 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = len((ast.get_docstring(node) or "").splitlines())
            own = own if own > SHORT else 0
            manual += own
            if not isinstance(node, ast.ClassDef):
                functions[f"{node.name}:{node.lineno}"] = (node.end_lineno or 0) - node.lineno - own
    return functions, manual


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_stay_short(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    functions, manual = lengths(text)
    assert not {name: length for name, length in functions.items() if length >= LONGEST_FUNCTION}
    assert len(text.splitlines()) - manual <= LONGEST_MODULE


def test_functions_of_tests_and_benchmarks_stay_short() -> None:
    files = [file for folder in ("tests", "benchmarks") for file in sorted((ROOT / folder).rglob("*.py"))]
    for file in files:
        functions, _ = lengths(file.read_text(encoding="utf-8"))
        assert not {name: length for name, length in functions.items() if length >= LONGEST_FUNCTION}, file.name


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_has_a_formula_and_a_table_of_symbols(block: str) -> None:
    text = importlib.import_module(f"kctopt.formulation.{block}").__doc__ or ""
    assert re.search(r"^    \S.*[<>=]", text, re.MULTILINE), "a formula, indented"
    lines = text.splitlines()
    head = lines.index("| symbol | meaning | unit | name | source |")
    rows = [line for line in lines[head + 2 :] if line.startswith("|")]
    assert rows
    assert {row.count("|") for row in rows} == {6}


def test_highs_solves_the_case_that_1_14_got_wrong() -> None:
    from kctopt.solver.highs import mip_case

    assert mip_case() == pytest.approx(9)


def test_no_path_of_a_machine_in_the_repository() -> None:
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    places = re.compile(r"/(home|Users|root|work|opt)/\w")
    for name in found:
        if name.endswith((".py", ".md", ".toml", ".yaml", ".yml", ".csv", "Makefile", "run")):
            assert not places.search((ROOT / name).read_text(encoding="utf-8-sig")), name
