"""python -m benchmarks.outputs collect DIR | diff A B

What kctopt prints and writes, kept and compared, so that a change of the code shows what it changes for a user.
`collect` puts every bundled scenario through every command, in English and Chinese, and keeps streams, exit codes and
files in DIR; the kctopt is the one that PYTHONPATH names. `diff` tells what differs between two such folders, beside
times, versions, hashes and paths; numbers may differ by the gap to which a plan is proven.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from benchmarks.outputs_diff import differences

ROOT = Path(__file__).resolve().parent.parent
GAPS = {"switching": 0.05, "modes": 0.05, "lines-baseline": 1.0, "lines-race": 1.0, "lines-switching": 1.0}
DEFAULT = "1e-4"
CLOSELY = ("baseline", "modes", "own.yaml")  # scenarios whose every output is looked at
LANGUAGES = ("en", "zh")
COMMANDS = (
    "analyse",
    "backcast",
    "check",
    "compare",
    "diagnose",
    "doctor",
    "explain",
    "explore",
    "export",
    "list",
    "new",
    "pareto",
    "report",
    "schema",
    "show",
    "simulate",
    "solve",
    "stochastic",
    "sweep",
    "verify",
)
EXPLANATIONS = ("flips", "forms", "prices", "ranges")
PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
FILES = {
    "infeasible.yaml": "extends: baseline\npolicies:\n"
    "  - {id: rush, kind: floor, domain: ai, amount: 300, years: 2027-2030}\n"
    "  - {id: thrift, kind: cap, domain: ai, amount: 700, years: 2026-2030, per: total}\n",
    "faulty.yaml": "extends: baseline\nset:\n  controls.intensity: 5\n  budgets: 3\n"
    "policies:\n  - {id: a, kind: flor}\n",
    "few.yaml": "of: base.yaml\nuncertain:\n  - {path: controls.intensity, scale: {uniform: [0.8, 1.2]}}\n"
    "  - {path: budget, scale: {uniform: [0.95, 1.05]}}\nsample: {method: sobol, size: 4, seed: 7}\n",
    "base.yaml": "extends: baseline\nset:\n  horizon.last_year: 2028\n",
    "own.yaml": "extends: ./base.yaml\nintent: A floor, a target.\nset:\n  cooperation.exposure_limit: 14\npolicies:\n"
    "  - {id: chips-floor, kind: floor, domain: semiconductors, amount: 170, years: 2026-2028}\n"
    "  - {id: quantum-target, kind: target, domain: quantum, min_ratio: 0.4, by: 2028}\n",
}  # fmt: skip


def scenarios() -> list[str]:
    return sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def commands() -> Iterator[str]:
    """The command lines, in an order in which each finds what it needs."""
    yield from ("--version", "--help", "nonsense", "solve nonsense", "solve baseline --gap -1", "verify nowhere")
    for command in (*COMMANDS, *(f"explain {kind}" for kind in EXPLANATIONS)):
        yield f"{command} --help"
        yield f"{command} --help --lang zh"
    bundled = [*scenarios(), "base.yaml", "own.yaml"]
    for scenario in bundled:
        yield f"solve {scenario} --gap {GAPS.get(scenario, DEFAULT)} -o runs"
    for lang in LANGUAGES:
        yield from of_a_language(lang, bundled)


def of_a_language(lang: str, bundled: list[str]) -> Iterator[str]:
    told = f"--lang {lang}"
    yield f"doctor {told}"
    yield f"solve baseline --fresh -o again-{lang} {told}"
    yield f"solve infeasible.yaml -o none-{lang} {told}"
    for faulty in ("solve", "check", "show", "diagnose"):
        yield f"{faulty} faulty.yaml {told}"
        yield f"{faulty} faulty.yaml --json {told}"
    yield f"explore faulty.yaml --no-browser {told}"  # a page that opens would stay
    for scenario in bundled:
        run = f"runs/{Path(scenario).stem}"
        yield f"check {scenario} {told}"
        yield f"solve {scenario} --gap {GAPS.get(scenario, DEFAULT)} -o runs {told}"
        yield f"verify {run} {told}"
    for scenario in CLOSELY:
        run = f"runs/{Path(scenario).stem}"
        yield from (f"show {scenario} {told}", f"show {scenario} --resolved {told}", f"show {scenario} --origin {told}")
        yield f"solve {scenario} --gap {GAPS.get(scenario, DEFAULT)} -o runs --json {told}"
        yield f"verify {run} --json {told}"
        yield f"export {run} --to excel,iamc,netcdf,datapackage -o exports/{run}-{lang} {told}"
    yield f"show own.yaml --json {told}"
    yield from of_analyses(lang, told)
    yield f"report runs/own --format html,docx,xlsx -o reports/own-{lang} {told}"
    yield f"report runs/baseline runs/modes --format html,pdf -o reports/two-{lang} {told}"
    yield f"export runs/own --figures svg -o exports/figures-{lang} {told}"
    yield f"new study-{lang} {told}"
    yield f"new book-{lang}.xlsx {told}"
    yield f"check study-{lang}/scenario.yaml {told}"
    yield f"check book-{lang}.xlsx {told}"
    yield from (
        f"check few.yaml {told}",
        f"show few.yaml {told}",
        f"schema --study {told}",
        f"new --study many-{lang} {told}",
    )
    yield f"simulate runs/base --study few.yaml -o draws-{lang} {told}"
    yield f"sweep few.yaml -o sweep-{lang}.duckdb {told}"
    yield f"analyse sweep-{lang}.duckdb --plan runs/base {told}"
    yield f"report sweep-{lang}.duckdb --format html -o reports/worlds-{lang} {told}"
    yield f"pareto base.yaml --objectives NS,spend --between 0.1 -o front-{lang} {told}"
    yield f"stochastic controls-hazard -o tree-{lang} {told}"
    yield f"list {told}"
    yield f"backcast kct-2019 -o backcast-{lang} --figures svg {told}"
    yield f"schema {told}"


def of_analyses(lang: str, told: str) -> Iterator[str]:
    """Commands that solve more, each answer once; what is kept is told again in the other language."""
    for question in ("prices", "ranges", "flips --over budget --from 1 --to 1.1 --tolerance 0.05 --kind stage"):
        kind, _, rest = question.partition(" ")
        yield f"explain {kind} runs/own {rest} {told}"
        yield f"explain {kind} runs/own {rest} --json {told}"
    yield f"diagnose infeasible.yaml {told} -o diagnosis-{lang}"
    yield f"diagnose infeasible.yaml --json {told}"
    yield f"compare runs/base runs/own --fail-on NS<-1% --fail-on money[quantum]>20 {told}"
    if lang == "en":
        yield f"compare runs/base runs/own --format json {told}"
        yield f"compare runs/baseline runs/modes --format md {told}"
    else:
        yield f"compare runs/base runs/own --attribution {told}"
        yield f"compare runs/base runs/own --format html -o compared.html {told}"
        yield f"compare runs/base runs/own --format xlsx -o compared.xlsx {told}"


def collect(folder: Path) -> None:
    work, streams = folder / "work", folder / "streams"
    for room in (work, streams):
        room.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (work / name).write_text(text, encoding="utf-8")
    os.environ.update(PLAIN, XDG_CACHE_HOME=str(folder / "cache"))
    os.chdir(work)
    preload()
    for number, line in enumerate(commands()):
        begun, file = time.time(), streams / f"{line.replace('/', '_')[:150]}.txt"
        if not file.exists():  # else an interrupted collection goes on
            code = run(line, file)
            print(f"{number:4} {time.time() - begun:6.1f} s  {code}  {line}", flush=True)
    shutil.rmtree(folder / "cache", ignore_errors=True)


def preload() -> None:
    """What commands import, once for all of them: each runs in a copy of this process."""
    sys.path.pop(0)  # of this tree, whose kctopt need not be the one asked for
    for name in ("pandas", "pyomo.environ", "highspy", "duckdb", "scipy.sparse", "altair", "docx", "xlsxwriter"):
        importlib.import_module(name)


def run(line: str, file: Path) -> int:
    """One command in a forked copy of this process, which itself never solves; its streams and code go to a file."""
    out, err = file.with_suffix(".out"), file.with_suffix(".err")
    child = os.fork()
    if child == 0:
        os._exit(in_the_child(line, out, err))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    streams = [f"-- {path.suffix[1:]}\n{path.read_text(encoding='utf-8')}" for path in (out, err)]
    file.write_text(f"$ kctopt {line}\nexit {code}\n" + "\n".join(streams), encoding="utf-8")
    for path in (out, err):
        path.unlink()
    return code


def in_the_child(line: str, out: Path, err: Path) -> int:
    from kctopt.cli import main

    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644), number)
    sys.modules["__main__"] = ModuleType("__main__")  # worker processes begin by importing it
    sys.argv = ["kctopt", *shlex.split(line)]
    code = 70
    try:
        main(sys.argv[1:], prog_name="kctopt")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.outputs", description=(__doc__ or "").split("\n\n", 1)[1]
    )
    does = parser.add_subparsers(dest="does", required=True)
    does.add_parser("collect").add_argument("folder", type=Path)
    compared = does.add_parser("diff")
    compared.add_argument("before", type=Path)
    compared.add_argument("after", type=Path)
    compared.add_argument(
        "--gap", type=float, default=float(DEFAULT), help="relative difference of numbers that is none"
    )
    given = parser.parse_args()
    if given.does == "collect":
        collect(given.folder.resolve())
        return 0
    found = list(differences(given.before, given.after, given.gap))
    print("\n".join(found) or "no difference")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
