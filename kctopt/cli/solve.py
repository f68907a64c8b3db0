"""`kctopt solve`: one scenario or a batch, every run saved, none lost."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.analysis import keep
from kctopt.cli.attained import attained_lines, attained_record
from kctopt.cli.errors import error_record, report
from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import (
    TYPED,
    Number,
    OutputOptions,
    Place,
    common,
    kept,
    name_kept,
    named,
    numbered,
    print_text,
    progress,
    say,
    spoken,
)
from kctopt.cli.scenario import parse_changes
from kctopt.cli.several import tell, with_variants
from kctopt.cli.signals import INTERRUPTED, heed, held
from kctopt.disk import RUNS
from kctopt.errors import KctoptError, WriteError
from kctopt.language import ENGLISH, LANGUAGES, Texts, money, translate, within
from kctopt.status import Status

if TYPE_CHECKING:
    from kctopt.api import Question
    from kctopt.api.diagnosis import Diagnosis
    from kctopt.api.result import Result


DIAGNOSIS = 30.0  # seconds that a solve which ends infeasible may take to say why


@dataclass(frozen=True)
class SolveOptions:
    """What the user asked of every run."""

    folder: Path
    gap: float
    time_limit: float | None
    changes: dict[str, Any]
    reuse: bool  # take a finished run of the same question from the folder


@dataclass(frozen=True)
class BatchRun:
    """One member of a batch, solved or failed."""

    scenario: str
    code: int
    result: Result | None = None
    error: Exception | None = None
    diagnosis: Diagnosis | None = None  # why there is no plan

    def record(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        if self.result is not None:
            return record(self.result, self.diagnosis)
        assert self.error is not None  # a run has one or the other
        blank = dict.fromkeys(("objective", "bound", "gap"), None)
        return error_record(self.error, self.code) | {
            "scenario": self.scenario, **blank, "verified": False, "seconds": None, "run_dir": None,
        }  # fmt: skip


@click.command(cls=Command)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO…", shell_complete=offering("scenario"))
@click.option(
    "-o", "--output", type=Place(file_okay=False, path_type=Path),
    help="Folder for the runs, one new folder each. Runs in it that are finished and whose input has not changed "
    "are not solved again.  [default: runs, and always solve]",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Stop at this relative gap.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="Stop a scenario after this.")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as `set:` in a file does.")
@click.option("--fresh", is_flag=True, help="Solve again what is finished in the output folder.")
@common
def solve(
    out: OutputOptions, scenarios: tuple[str, ...], output: Path | None, gap: float, time_limit: float | None,
    changes: tuple[str, ...], fresh: bool,
) -> None:  # fmt: skip
    """Solve scenarios and save every run.

    SCENARIO is the name of one that comes with kctopt (`baseline`) or a file.

    A workbook with variants is solved with all of them; FILE.xlsx#NAME is one of them, FILE.xlsx#base the base alone.
    """
    scenarios = with_variants(scenarios)
    reuse = output is not None and not fresh
    options = SolveOptions(output or RUNS, gap, time_limit, parse_changes(changes), reuse)
    if len(scenarios) == 1:
        result = one(scenarios[0], options)
        why = diagnosed(result)
        if out.json:
            out.print_json(record(result, why))
        else:
            print_text(told(result, out.lang))
        named(result.run_dir)
        code = explained(result, why, out.lang)
        raise Exit(WriteError.exit_code if misplaced(result, options) else code)
    runs = batch(scenarios, options, out)
    if out.json:
        out.print_json([run.record() for run in runs])
    else:
        print_text(listed(runs, out.lang))
        for run in runs:
            for line in attained_lines(run.result, out.lang) if run.result is not None else ():
                print_text(f"{run.scenario}: {line}")
    raise Exit(batch_code(runs))


def one(source: str, options: SolveOptions) -> Result:
    """Solve one scenario and save the run, or take the finished one."""
    return answered(asked(source, options), options)


def asked(source: str, options: SolveOptions) -> Question:
    """The question of one scenario, with its notes told."""
    from kctopt import api
    from kctopt.scenario.told import told

    question = api.read(source, options.changes)
    tell(told(note, spoken()) for note in question.notes)
    return question


def answered(question: Question, options: SolveOptions) -> Result:
    """The finished run of a question, or it is solved and saved, where the run can be written."""
    from kctopt.api.result import Result
    from kctopt.disk import ready
    from kctopt.result.reuse import finished

    name = question.scenario.name

    def passed(place: Path, file: str) -> None:
        say(f"{name}: {place} could be used, but {file} is missing or was changed since; solved again")

    known = None
    if options.reuse:
        known = finished(options.folder, question.scenario, question.inputs, options.gap, passed, Result)
    if known is not None:
        say(f"{name}: finished before with the same input in {known.run_dir}; not solved again (--fresh does)")
        return known
    ready(options.folder / name)
    return saved(question, options)


def saved(question: Question, options: SolveOptions) -> Result:
    """Solve a question and save the run; where its folder refuses it after all, say where it is kept."""
    from kctopt import api

    heed()
    name = question.scenario.name
    with progress(f"solving {name}"):
        result = api.solve_question(question, gap=options.gap, time_limit=options.time_limit, command=command_line())
    with progress(f"saving {name}"), held():
        try:
            result = result.saved(options.folder / name)
        except WriteError as error:
            say(f"{name}: {error}")
            result = replace(result, run_dir=error.kept)
        kept(result.run_dir)
    return result


def misplaced(result: Result, options: SolveOptions) -> bool:
    """Whether the run could not be saved where it was asked for."""
    return result.run_dir is None or result.run_dir.resolve().parent != options.folder.resolve()


def command_line() -> str:
    """The command as typed."""
    context = click.get_current_context(silent=True)
    return shlex.join(["kctopt", *(context.meta.get(TYPED, ()) if context else ())])


def batch(scenarios: tuple[str, ...], options: SolveOptions, out: OutputOptions) -> list[BatchRun]:
    """Solve all scenarios, one after the other; a failure is told and the rest go on, an interrupt ends it."""
    runs: list[BatchRun] = []
    for number, source in enumerate(scenarios, start=1):
        with numbered(number, len(scenarios)):
            run = member(source, options, out)
        runs.append(run)
        state = run.result.status if run.result is not None else "failed"
        say(f"[{number}/{len(scenarios)}] {run.scenario}: {state}")
        if run.code == INTERRUPTED:
            say(f"interrupted; the same command with -o {options.folder} goes on from here")
            break
    return runs


def member(source: str, options: SolveOptions, out: OutputOptions) -> BatchRun:
    """One member of a batch; its errors are told and kept."""
    try:
        result = one(source, options)
        why = diagnosed(result)
        code = explained(result, why, out.lang)
        code = WriteError.exit_code if misplaced(result, options) else code
        named(result.run_dir)  # in the table of the batch
        return BatchRun(result.scenario.name, code, result, diagnosis=why)
    except KeyboardInterrupt as error:
        name_kept()
        return BatchRun(source, INTERRUPTED, error=KctoptError(f"interrupted {error}".strip()))
    except Exception as error:
        return BatchRun(source, report(error, OutputOptions(debug=out.debug)), error=error)


def batch_code(runs: list[BatchRun]) -> int:
    """Exit code of a batch: 130 if interrupted, 7 if a run failed, 5 if a limit was reached, else 0."""
    codes = {run.code for run in runs}
    if INTERRUPTED in codes:
        return INTERRUPTED
    return 7 if codes - {0, 5} else max(codes)


def diagnosed(result: Result) -> Diagnosis | None:
    """Why a scenario proven infeasible has no plan, in the time a solve may take for it; saved with the run."""
    if result.status != "infeasible":
        return None
    from kctopt.analysis.saved import FOLDER, Analysis
    from kctopt.api.diagnosis import diagnose

    heed()
    try:
        with progress(f"diagnosing {result.scenario.name}"):
            folder = None if result.run_dir is None else result.run_dir / FOLDER
            why = diagnose(result.scenario, result.origin, DIAGNOSIS, attain=False, folder=folder, proven=True)
    except KeyboardInterrupt:
        explained(result)  # without the rules that conflict
        raise
    if result.run_dir is not None:
        text = {lang: why.text(lang) for lang in ("en", "zh")}
        keep(result.run_dir, Analysis("diagnosis", {"seconds": DIAGNOSIS}, {}, {**why.data(), "text": text}))
    return why


def explained(result: Result, why: Diagnosis | None = None, lang: str = "en") -> int:
    """Exit code of a result, and a word on stderr where it is not simply done."""
    name = result.scenario.name
    if result.has_plan and not result.verified:
        say(f"{name}: the plan does not pass the simulation; `kctopt verify {result.run_dir}` names what fails")
        return 1
    match result.status:
        case "infeasible":
            say(f"{name}: no plan keeps all rules; relax a policy, a floor or a target, or raise the budget")
            if why is not None and why.status != "feasible":
                say(why.text(lang))
            elif why is not None:
                say(f"{name}: yet a simulated plan keeps every rule. This is a bug in kctopt: please report it")
        case "fault":
            say(
                f"{name}: the plan, {result.objective:.8g}, is better than its proven bound, {result.bound:.8g}: one "
                "of them is false. This is a bug in kctopt: please report it with its run folder"
            )
        case "limit" if result.gap is None:
            say(f"{name}: a limit was reached before any bound was proven; how good the plan is remains unknown")
        case "limit" if (limit := result.options.get("time_limit")) is not None:
            say(
                f"{name}: the time limit of {limit:g} s was reached; the plan is certified to a gap of "
                f"{result.gap:.2g} only, since its bound had no more time either: allow more with --time-limit"
            )
        case "limit":
            say(f"{name}: the search ended by itself; the plan is certified to a gap of {result.gap:.2g} only")
        case "no_plan" if result.options.get("time_limit") is None:
            say(f"{name}: the search ended by itself with neither a plan nor a proof that there is none; ask diagnose")
        case "no_plan":
            say(f"{name}: the limit was reached before a plan was found; allow more time with --time-limit")
        case "interrupted" if result.has_plan:
            say(f"{name}: interrupted; the best plan so far is saved")
        case "interrupted":
            say(f"{name}: interrupted before a plan was found")
    return Status(result.status).exit_code


def record(result: Result, why: Diagnosis | None = None) -> dict[str, Any]:
    """What `--json` prints of a result."""
    from kctopt.result.planning import as_data as as_value
    from kctopt.result.run import rounded
    from kctopt.result.sentences import as_data
    from kctopt.result.target_cost import as_data as as_cost
    from kctopt.result.target_cost import target_cost
    from kctopt.result.text import total_seconds

    horizon = result.scenario.horizon
    years = (horizon.base_year, *horizon.years) if result.has_plan else ()
    return {
        "schema_version": 1,
        "scenario": result.scenario.name,
        "status": result.status,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "verified": result.verified,
        "value_of_planning": as_value(result.value_of_planning),
        "domain_shares": [asdict(share) for share in result.domain_shares],
        "seconds": round(total_seconds(result), 3),
        "run_dir": None if result.run_dir is None else str(result.run_dir),
        "objective_kind": result.scenario.objective.kind,
        "budget_scale": result.budget_scale,
        "target_cost": as_cost(target_cost(result)),
        "year": result.year,
        "impossible_by": result.impossible_by,
        "cycle": result.cycle,
        "attainable": attained_record(result),
        "timings": rounded(result.seconds),
        "decisions": [as_data(decision) for decision in result.decisions],
        "security": {str(year): round(result.index("security", year), 6) for year in years},
        "diagnosis": None if why is None else why.data(),
    }


def told(result: Result, lang: str) -> str:
    """The compact text of one run."""
    from kctopt.result import text

    parts = [text.head(result, lang)]
    if result.has_plan:
        parts += [text.index_table(result, lang), text.money_table(result, lang), text.share_table(result, lang)]
        parts += [lines for lines in [text.decision_list(result, lang)] if lines]
    if near := attained_lines(result, lang):
        parts.append([f"  {line}" for line in near])
    colon = LANGUAGES[lang].colon
    time = f"  {text.word('time', lang)}{colon}{text.spent(result, lang)}"
    parts.append([time, f"  {text.word('saved', lang)}{colon}{result.run_dir or '–'}"])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


HEADER: Texts = {
    "scenario": "scenario",
    "status": "status",
    "objective": "objective",
    "bound": within("list of runs", "bound"),
    "gap": "gap",
    "planning": "value of planning",
    "security": "NS, last year",
    "saved": within("list of runs", "saved in"),
}


def listed(runs: list[BatchRun], lang: str) -> str:
    """One row for each run of a batch."""
    from kctopt.result.text import word
    from kctopt.terminal import grid

    rows = []
    for run in runs:
        result = run.result
        if result is None:
            rows.append([run.scenario, translate(within("list of runs", "failed"), lang), "", "", "", "", "", ""])
            continue
        last = result.scenario.horizon.last_year
        cost = result.scenario.objective.kind == "min_budget"
        worth, bound = (
            "" if value is None else money(value, lang, ".4f") if cost else f"{value:.4f}"
            for value in (result.objective, result.bound)
        )
        rows.append([
            run.scenario,
            result.status if lang == ENGLISH else word(result.status, lang),
            worth,
            bound,
            "" if result.gap is None else f"{result.gap:.1e}",
            "" if (value := result.value_of_planning) is None else f"{value.value:.4f}",
            f"{result.index('security', last):.2f}" if result.has_plan else "",
            str(result.run_dir or "–"),
        ])  # fmt: skip
    return "\n".join(grid([translate(text, lang) for text in HEADER.values()], rows, indent="", left=(0, 1, 7)))
