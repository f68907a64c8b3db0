"""What is asked of many worlds: a study swept, a plan held fixed in draws, a tree of states decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.api.question import tell
from kctopt.arguments import checked_gap, checked_limit, checked_place, wrong_source
from kctopt.disk import ready
from kctopt.progress import Listener, listening

if TYPE_CHECKING:
    from kctopt.api.result import Result
    from kctopt.holding.in_draws import Hold
    from kctopt.recourse.measures import Kind
    from kctopt.recourse.stochastic import Stochastic
    from kctopt.recourse.tree import Tree
    from kctopt.scenario.records import Scenario
    from kctopt.simulator import Choices, Money
    from kctopt.study.ensemble import Ensemble
    from kctopt.study.records import Draws, Study
    from kctopt.study.sweep import Sweep


def sweep(
    study: str | Path | Study, *, out: str | Path | None = None, gap: float = 1e-4, time_limit: float | None = None,
    executor: Executor | str | None = None, workers: int = 1, fail_fast: bool = False, draws: Draws | None = None,
    progress: Listener | None = None,
) -> Sweep:  # fmt: skip
    """Every draw of a study re-optimised with proof, kept in one file as members end; what is there stays.

    Tables are the same bit by bit whatever the executor, the number of workers and the order in which members end,
    unless a time limit cuts members off.

    Parameters
    ----------
    study : str, pathlib.Path or Study
        Path of a study file, or a study.
    out : str or pathlib.Path, optional
        The DuckDB file; `studies/NAME.duckdb` by default. One that exists is gone on with.
    gap : float, default 1e-4
        Relative distance of the two bounds at which a member counts as optimal.
    time_limit : float, optional
        Seconds for each member.
    executor : concurrent.futures.Executor or str, optional
        Who solves: any executor, or `local`, `dask://HOST:PORT`, `mpi`, `ray`.
    workers : int, default 1
        Processes of `local`. With more than one, a script keeps what it does under `if __name__ == "__main__":`.
    fail_fast : bool, default False
        Stop at the first member that is not optimal.
    draws : Draws, optional
        Draws made elsewhere, in place of those of the study's own sample.
    progress : callable, optional
        Given a `kctopt.Progress` whenever members end; StopIteration in it ends the sweep with what is there.

    Returns
    -------
    Sweep
        Members that fail are rows with their reason. An interrupt leaves the status `interrupted`.

    Raises
    ------
    ScenarioErrors
        With every fault of the study file.
    UsageError
        For an executor that is none, or a file of another study.
    RunError
        Where another process has the file.
    WriteError
        Where the file cannot be written; a copy elsewhere has what had ended, where some place takes it.

    Examples
    --------
    >>> import kctopt
    >>> sweep = kctopt.sweep("tight.yaml", out="studies/tight.duckdb")
    >>> sweep.members["status"].unique().tolist()
    ['optimal', 'infeasible']
    """
    from kctopt.study.executors import checked_executor, checked_workers
    from kctopt.study.sweep import run as run_sweep

    gap, time_limit, workers = checked_gap(gap), checked_limit(time_limit), checked_workers(workers)
    name = checked_executor(executor if isinstance(executor, str) else "local")
    asked, drawn = _study(study, draws)
    place = Path("studies") / f"{asked.name}.duckdb" if out is None else checked_place("out", out, "the study's file")
    with listening(progress):
        return run_sweep(
            asked, drawn, place, gap=gap, time_limit=time_limit, fail_fast=fail_fast,
            executor=None if isinstance(executor, str) else executor, name=name, workers=workers,
        )  # fmt: skip


def stochastic(
    tree: str | Path | Mapping[str, Any] | Tree, *, measure: Kind = "expected", confidence: float = 0.95,
    weight: float = 1.0, also: Iterable[str] = (), gap: float = 1e-4, time_limit: float | None = None,
    save: str | Path | None = None, lang: str = "en", progress: Listener | None = None,
) -> Stochastic:  # fmt: skip
    """The first plan decided before the state of the world is known, the second one when it is, with proof.

    Parameters
    ----------
    tree : str, pathlib.Path, mapping or Tree
        Name of a bundled tree, path of a tree file, or a mapping with its keys, whose `of` may be a Scenario.
    measure : str, default "expected"
        What is optimised over courses: `expected`, `cvar`, `worst`, `expected_regret`, `worst_regret`.
    confidence : float, default 0.95
        Of CVaR: the share of probability outside its tail.
    weight : float, default 1.0
        Of CVaR, the rest being the expected value.
    also : iterable of str, optional
        What is worked out beside the plan, for the expected value: `probabilities` (each from 0 to 1: where the order
        of money in the first plan switches), `prices` (of non-anticipativity, by line), `waiting` (by domain).
    gap : float, default 1e-4
        Relative distance of the two bounds of every solve at which its plan counts as optimal.
    time_limit : float, optional
        Seconds for each solve.
    save : str or pathlib.Path, optional
        Folder for the tree and a run of every course; nothing is saved by default.
    lang : str, default "en"
        Language of labels, `en` or `zh`.
    progress : callable, optional
        Given a `kctopt.Progress` at every round; StopIteration in it raises KeyboardInterrupt.

    Returns
    -------
    Stochastic
        Read its `status` first: as for `solve`.

    Raises
    ------
    ScenarioErrors
        With every fault of the tree file.
    UsageError
        For a scenario with discrete decisions or another objective than national security.
    WriteError
        Where `save` cannot be written, before anything is solved.

    References
    ----------
    J. R. Birge and F. Louveaux (2011), Introduction to Stochastic Programming, Springer.

    Examples
    --------
    >>> import kctopt
    >>> done = kctopt.stochastic("hazard.yaml")
    >>> done.status == "optimal", done.values["recourse"].high >= 0
    (True, True)
    """
    from kctopt.recourse.decide import decide
    from kctopt.recourse.load import load_tree
    from kctopt.recourse.measures import Measure
    from kctopt.recourse.tree import Tree

    gap, time_limit, how = checked_gap(gap), checked_limit(time_limit), Measure(measure, confidence, weight)
    target = None if save is None else checked_place("save", save, "the folder for the tree")
    if not isinstance(tree, str | Path | Mapping | Tree):
        raise wrong_source(tree, "the name of a bundled tree, the path of a tree file, a mapping, or a Tree")
    asked = tree if isinstance(tree, Tree) else load_tree(tree, lang)
    tell(asked.notes)
    if target is not None:
        ready(target)
    with listening(progress):
        done = decide(asked, how, gap=gap, time_limit=time_limit, also=tuple([also] if isinstance(also, str) else also))
    if target is not None:
        done.save(target)
    return done


def simulate(
    plan: Result | Money | str | Path, scenario: Scenario | str | Path | None = None, *, draws: Any,
    choices: Choices | None = None, outcomes: Iterable[str] = (), hold: Hold = "shares",
) -> Ensemble:  # fmt: skip
    """Hold a plan fixed and run the exact laws in many draws of uncertain numbers.

    No scenario is built for a draw: the base year, its yields and the laws are worked out for all draws at once, with
    the same digits as `load` with the numbers of the draw. Draws that no scenario file could hold are `invalid`, with
    the reason; in the others the plan is held against every rule.

    Parameters
    ----------
    plan : Result, str, pathlib.Path or kctopt.simulator.Money
        A result, the folder of a run, or money: billion CNY a year, of lines L, rungs 3 and planned years N.
    scenario : Scenario, str or pathlib.Path, optional
        What the paths of the draws speak of; by default that of the study, else that of the plan. Of a study of
        several scenarios name one (`kctopt.study.fixed_plan.simulate_each` takes all).
    draws : kctopt.study.records.Draws, kctopt.study.records.Study, str, pathlib.Path or pandas.DataFrame
        Draws, a study or the path of a study file, which says how they are made, or a table with one column a path
        of the scenario and one row a draw, whose values are set.
    choices : kctopt.simulator.Choices, optional
        Discrete choices that go with money; a result has its own.
    outcomes : iterable of str, optional
        Outcomes of lines or domains of which every draw is kept, and `value_of_planning`, which takes a second
        simulation. Without a name, lines and domains are kept of as many draws as 256 MiB hold, spread evenly.
    hold : str, default "shares"
        `shares`: the plan's money goes in proportion to each year's budget of a draw, as `compare` takes plans of other
        scenarios, and is adjusted to be feasible where that breaks a rule on money (status `adjusted`). `amounts`: it
        stays as planned, and where a draw's budget does not pay for it the plan is `broken`.

    Returns
    -------
    Ensemble
        Outcomes, quantiles by year, and the status of every draw.

    Raises
    ------
    ScenarioErrors
        With every path of the draws that names nothing.
    RunError
        For a folder that holds no run.
    UsageError
        For a plan that does not fit the scenario, an outcome that is none, or another word for `hold`.

    Examples
    --------
    >>> import kctopt, pandas
    >>> draws = pandas.DataFrame({"controls.intensity": [0.2, 0.4, 1.2]})
    >>> ensemble = kctopt.simulate("runs/baseline", draws=draws)
    >>> ensemble.status["status"].tolist()
    ['kept', 'kept', 'invalid']
    >>> ensemble.status["reason"][2]
    'controls.intensity: is 1.2; it must be at most 1'
    >>> len(ensemble.outcomes["security"])
    3
    """
    from kctopt.simulator.choices import NO_CHOICES
    from kctopt.study.fixed_plan import simulate as simulate_plan

    chosen = choices or NO_CHOICES
    return simulate_plan(plan, scenario, draws=draws, choices=chosen, outcomes=outcomes, hold=hold)


def _study(study: Any, draws: Draws | None) -> tuple[Study, Draws]:
    """A study read and drawn, its notes told."""
    from kctopt.study.records import Study

    if not isinstance(study, str | Path | Study):
        raise wrong_source(study, "the path of a study file, or a Study")
    if not isinstance(study, Study):
        from kctopt.study.load import load_study

        study = load_study(study)
    tell(study.notes, 4)
    if draws is None:
        from kctopt.study.sample import draw

        draws = draw(study)
    return study, draws
