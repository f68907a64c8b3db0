"""What a user changes in the model belongs to the run: record, hash, tables, summary, verify, report, compare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from fakes import weaken
from programs import interrupted
from pyomo.environ import Binary, Block, Constraint, Integers, Objective, Reals, Var, maximize, minimize, quicksum
from worlds import options, tiny

import kctopt
from kctopt import Result
from kctopt.cli.main import main
from kctopt.errors import ProgramError, RunError, UsageError
from kctopt.own import OwnParts, OwnRow
from kctopt.program import Program, build
from kctopt.result.folder import write_tables
from kctopt.result.own import as_data, breaches, read
from kctopt.result.schemas import scenario_hash
from kctopt.scenario.records import Scenario
from kctopt.solver.own import own_parts

GAP = 2e-3


def with_own(program: Program) -> None:
    """A share of two lines' spend that must go west, and bounds and rules of the model changed."""
    m = program.model
    m.west = Var([2026, 2027], bounds=(0, 50))

    @m.Constraint([2026, 2027])
    def most(m: Any, t: int) -> Any:
        return m.west[t] <= 0.5 * m.money.spend["ai-A", t]

    @m.Constraint([2026, 2027])
    def floor(m: Any, t: int) -> Any:
        return m.west[t] >= 4

    m.span = Constraint(expr=(1e-9, m.west[2026] * 1e-9, 3e-8))
    m.money.exchange["ai-M", 2026].fix(1.0)
    m.money.ramp["chips-B", 2026].deactivate()


@pytest.fixture(scope="module")
def plain() -> Result:
    return kctopt.solve(tiny(), gap=GAP)


@pytest.fixture(scope="module")
def solved() -> Result:
    program = build(tiny())
    with_own(program)
    return kctopt.solve(program, gap=GAP)


@pytest.fixture
def run(solved: Result, tmp_path: Path) -> Path:
    return solved.save(tmp_path / "run")


def test_own_parts_are_in_the_result_with_their_values(solved: Result, plain: Result) -> None:
    assert solved.status == "optimal" and solved.verified
    assert solved.own.names == ("west", "money.exchange", "floor", "most", "span", "money.ramp")
    assert solved.values["west[2026]"] == pytest.approx(solved.own.values["west[2026]"])
    assert solved.objective < plain.bound
    rows = solved.constraints.set_index(["rule", "sense"])
    assert rows.loc[("own.floor[2026]", ">="), ["left", "right"]].tolist() == pytest.approx([4, 4], rel=1e-5)
    assert rows.loc[("own.most[2027]", "<="), "slack"] == pytest.approx(
        0.5 * solved.own.values["money.spend[ai-A,2027]"] - solved.own.values["west[2027]"], abs=1e-9
    )
    assert {("own.span", ">="), ("own.span", "<=")} < set(rows.index)
    assert rows.loc[("own.limits.money.exchange[ai-M,2026]", "="), "left"] == pytest.approx(1.0)
    assert not any(rule == "money.ramp[chips-B,2026]" for rule, _ in rows.index)
    assert any(rule == "money.ramp[chips-B,2027]" for rule, _ in rows.index)
    table = solved.variables.set_index("variable")
    assert table.loc["west[2026]", ["kind", "lower", "upper"]].tolist() == ["own", 0, 50]
    assert table.loc["money.exchange[ai-M,2026]", ["kind", "lower", "upper"]].tolist() == ["limited", 1, 1]
    assert plain.variables.empty and not plain.own


def test_a_run_with_own_parts_is_saved_opened_and_verified(run: Path, solved: Result, plain: Result) -> None:
    found = kctopt.open(run)
    assert found.own == solved.own
    assert found.constraints.equals(solved.constraints)
    assert kctopt.verify(run) == []
    record = json.loads((run / "run.json").read_text())
    ours = json.loads((plain.save(run.parent / "plain") / "run.json").read_text())
    assert record["scenario_sha256"] != ours["scenario_sha256"]
    assert ours["own_sha256"] == "" and not (run.parent / "plain" / "own.json").exists()
    written = json.loads((run / "own.json").read_text())
    assert {row["name"]: row["text"] for row in written["rows"]}["floor[2026]"] == "4  <=  west[2026]"
    assert read(as_data(solved.own)) == solved.own


def test_the_hash_follows_every_number_of_an_own_rule(solved: Result) -> None:
    from kctopt.result.own import digest

    def variant(change: Callable[[Program], None]) -> str:
        program = build(tiny())
        with_own(program)
        change(program)
        return digest(own_parts(program))

    same = variant(lambda program: None)
    assert same == digest(solved.own)
    others = {
        variant(lambda p: p.model.west[2026].setub(49)),
        variant(lambda p: p.model.floor[2027].deactivate()),
        variant(lambda p: p.model.money.exchange["ai-M", 2026].fix(1.1)),
        variant(lambda p: p.model.money.ramp["chips-B", 2026].activate()),
        variant(lambda p: setattr(p.model, "more", Constraint(expr=p.model.west[2026] >= 1))),
    }
    assert len(others | {same}) == 6


def test_verify_knows_a_missing_and_a_changed_own_rule(run: Path) -> None:
    text = (run / "own.json").read_text()
    (run / "own.json").unlink()
    assert "own.json: is missing: rules that the user added cannot be checked" in map(str, kctopt.verify(run))
    data = json.loads(text)
    rows = {row["name"]: row for row in data["rows"]}
    rows["floor[2026]"]["lower"] = 40.0
    (run / "own.json").write_text(json.dumps(data))
    told = [str(finding) for finding in kctopt.verify(run)]
    assert any(re.match(r"own\.floor\[2026\]: 4\S* >= 40 does not hold; off by", line) for line in told), told
    for lang, words in (("en", "own.floor[2026]: 4"), ("zh", "own.floor[2026]：4")):
        shown = CliRunner().invoke(main, ["verify", str(run), "--lang", lang]).stdout.splitlines()
        assert [line.count("own.floor") for line in shown if line.startswith(words)] == [1]
        assert ("不成立" in "".join(shown)) is (lang == "zh")
    assert any("own.json: is not what was solved" in line for line in told)
    data = json.loads(text) | {"rows": []}
    (run / "own.json").write_text(json.dumps(data))
    assert any("is not what was solved" in str(finding) for finding in kctopt.verify(run))


def test_verify_knows_values_that_are_not_the_plans(run: Path) -> None:
    data = json.loads((run / "own.json").read_text())
    data["values"]["money.spend[ai-A,2026]"] += 5
    (run / "own.json").write_text(json.dumps(data))
    assert any("money.spend[ai-A,2026]: file" in str(finding) for finding in kctopt.verify(run))
    data["values"]["west[2026]"] = 60.0
    (run / "own.json").write_text(json.dumps(data))
    assert any(finding.place == "own.bounds.west[2026]" for finding in kctopt.verify(run))


def test_summaries_and_reports_tell_own_parts_in_both_languages(solved: Result, tmp_path: Path) -> None:
    from kctopt.report.story import story

    assert "changed in the model by its user: constraints added: floor (2), most (2), span" in solved.summary()
    assert "用户对模型的改动：停用的情景约束：money.ramp" in solved.summary("zh")
    english, chinese = ("\n".join(story([solved], lang).texts()) for lang in ("en", "zh"))
    assert "The model was changed by its user beyond the scenario" in english
    assert "floor[2026]: 4 <= west[2026] (and 1 more)" in english
    assert "模型经其用户在情景之外作了改动" in chinese and "新增变量：west（2）" in chinese


def test_compare_tells_own_parts_and_does_not_subtract_objectives(solved: Result, plain: Result, run: Path) -> None:
    found = kctopt.compare(plain, solved)
    pair = found.pairs[0]
    assert pair.objective is None and pair.indices and pair.allocation
    assert [(one.parts, one.reason) for one in pair.refusals] == [(("objective",), "own")]
    assert pair.run.scenario_sha256 != found.base.scenario_sha256
    assert {one.path for one in pair.inputs} >= {"own.floor[2026]", "own.west[2027]", "own.money.ramp[chips-B,2026]"}
    text = " ".join(found.summary().split())
    assert "no input differs" not in text and "best objectives differ" not in text
    assert "what the users changed in the models differs; tiny: -; tiny-2: west (2), money.exchange" in text
    assert "a run keeps rules that its user added" in text
    assert "停用" in found.summary("zh")
    again = kctopt.compare(solved, kctopt.open(run))
    assert not again.pairs[0].inputs and again.pairs[0].objective is not None
    assert "no input differs" in again.summary()
    with pytest.raises(UsageError, match=r"do not hold what users changed in the models \(west"):
        kctopt.compare(solved, kctopt.open(run), attribution=True)


def test_explanations_of_a_run_with_own_parts_are_refused_by_name(solved: Result) -> None:
    from kctopt.analysis.points import needs_only_its_scenario

    with pytest.raises(RunError, match=r"\(west, money.exchange, floor, …\); solving its scenario again"):
        needs_only_its_scenario(solved)


def test_limits_and_rules_off_alone_make_another_question(plain: Result) -> None:
    program = build(tiny())
    program.model.money.exchange["ai-M", 2026].fix(1.0)
    limited = kctopt.solve(program, gap=GAP)
    assert limited.verified and limited.own.names == ("money.exchange",)
    assert limited.money.exchange[3, 0] == pytest.approx(1.0)
    program = build(tiny())
    program.model.money.ramp.deactivate()
    freed = kctopt.solve(program, gap=GAP)
    assert freed.verified and freed.bound > plain.objective
    assert kctopt.compare(limited, freed).pairs[0].objective is None


def test_an_own_objective_is_the_runs(tmp_path: Path) -> None:
    program = build(tiny())
    m = program.model
    m.objective.value.deactivate()
    m.best = Objective(expr=quicksum(m.ladder.capability["chips-B", t] for t in (2028, 2029)) + 7, sense=maximize)
    result = kctopt.solve(program, gap=GAP)
    assert result.verified and result.status == "optimal"
    there = result.capability.query("line == 'chips-B' and year in (2028, 2029)")
    assert result.objective == pytest.approx(7 + there["capability"].sum())
    run = result.save(tmp_path / "run")
    assert kctopt.verify(run) == []
    assert "objective in place of the scenario's: maximize ladder.capability[chips-B,2028]" in result.summary()
    data = json.loads((run / "own.json").read_text())
    data["objective"]["constant"] = 8.0
    (run / "own.json").write_text(json.dumps(data))
    assert any(finding.check == "objective" for finding in kctopt.verify(run))


def whole(variable: Any) -> None:
    """Make a variable whole, from 0 to 5."""
    variable.setlb(0)
    variable.setub(5)
    variable.domain = Integers


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.knowledge.production_law.deactivate(), "laws of the model cannot be switched off"),
        (lambda m: m.knowledge.production_law["ai-A", "F", 2026].set_value(m.kct.kct[2026] <= 5), "written anew"),
        (lambda m: m.money.spend_of_line.deactivate(), "laws and bookkeeping cannot be switched off"),
        (lambda m: m.policies.need.deactivate(), "policies.need: take these policies out of the scenario"),
        (lambda m: m.money.budget[2026].set_value(m.money.spend["ai-A", 2026] <= 90), "cannot be rewritten"),
        (lambda m: m.money.available[2026].fix(90), "money.available[2026]: fixed at 90, outside its bounds"),
        (lambda m: m.money.available[2026].setub(90), "money.available[2026]: hold data of the scenario"),
        (lambda m: m.money.available[2026].setlb(10), "hold data of the"),
        (lambda m: m.money.strategic["ai-A", "F", 2026].setlb(-5), None),
        (lambda m: setattr(m.money.exchange["ai-A", 2026], "domain", Reals), "may be tightened, not widened"),
        (lambda m: setattr(m.money.exchange["ai-A", 2026], "domain", Integers), "has no bounds"),
        (lambda m: whole(m.money.exchange["ai-A", 2026]), "whole numbers cannot be made fractions"),
    ],
)  # fmt: skip
def test_other_changes_of_the_model_are_refused_by_name(change: Callable[[Any], object], told: str | None) -> None:
    program = build(tiny(policies=[{"id": "need", "kind": "target", "line": "chips-B", "min_ratio": 0.1, "by": 2027}]))
    change(program.model)
    if told is None:  # the domain keeps it above zero: nothing changed
        assert not own_parts(program)
        return
    with pytest.raises(ProgramError, match=told.replace("[", r"\[").replace("]", r"\]")):
        kctopt.solve(program, gap=GAP)


def test_an_untouched_program_has_no_own_parts_and_the_scenarios_hash(plain: Result) -> None:
    program = build(tiny())
    program.model.note = Block()
    assert not own_parts(program)
    result = kctopt.solve(program, gap=GAP)
    found = kctopt.compare(plain, result)
    assert found.base.scenario_sha256 == found.pairs[0].run.scenario_sha256
    assert "no input differs" in found.summary()


def test_earliest_refuses_every_change() -> None:
    program = build(tiny(
        objective__kind="earliest",
        policies=[{"id": "need", "kind": "target", "line": "chips-B", "min_ratio": 0.1, "by": 2027}],
    ))  # fmt: skip
    program.model.money.exchange["ai-M", 2026].fix(1.0)
    with pytest.raises(ProgramError, match=r"would lose money\.exchange"):
        kctopt.solve(program)


def test_min_budget_and_minimised_objectives_read_prices_the_right_way() -> None:
    program = build(tiny())
    m = program.model
    m.objective.value.deactivate()
    m.least = Constraint(expr=m.ladder.capability["chips-B", 2029] >= 45)
    m.cheap = Objective(expr=quicksum(m.money.spend.values()), sense=minimize)
    result = kctopt.solve(program, gap=GAP)
    assert result.verified
    row = result.constraints.set_index("rule").loc["own.least"]
    assert row["price"] > 0 and row["slack"] >= -1e-6 * 45


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_an_unbounded_own_objective_is_said_to_be_unbounded(tied: bool, integer: bool) -> None:
    program = build(tiny())
    m = program.model
    m.free, m.other = Var(), Var()
    if tied:  # from below only
        m.tie = Constraint(expr=m.free >= m.money.spend["ai-A", 2026] + m.other)
    if integer:
        m.unit = Var(domain=Integers, bounds=(0, 3))
    m.objective.value.deactivate()
    m.best = Objective(expr=m.security.security[2027] + 1e-9 * m.free, sense=maximize)
    with pytest.raises(ProgramError, match="the objective is unbounded: nothing limits free"):
        kctopt.solve(program, gap=GAP, time_limit=600)


def test_an_own_objective_that_rules_limit_is_solved() -> None:
    program = build(tiny())
    m = program.model
    m.free = Var()
    m.tie = Constraint(expr=m.free <= m.money.spend["ai-A", 2026] / 1e6)
    m.objective.value.deactivate()
    m.best = Objective(expr=m.free, sense=maximize)
    result = kctopt.solve(program, gap=GAP, time_limit=600)
    assert result.status == "optimal" and result.verified


def test_the_blocks_of_kctopt_are_known_by_name() -> None:
    from kctopt.rules.named import BLOCKS as NAMED
    from kctopt.wiring import BLOCKS

    assert NAMED == BLOCKS


def test_a_diagnosis_names_own_rules_on_blocks_and_amounts_in_their_own_units() -> None:
    program = build(tiny())
    m = program.model
    m.site = Block()
    m.site.least = Constraint(expr=m.money.spend["ai-A", 2026] / 1e6 >= 70 / 1e6)
    m.money.floor = Constraint(expr=m.money.spend["ai-M", 2026] >= 3)
    m.money.ramp.deactivate()
    found = kctopt.diagnose(program, time_limit=600)
    assert found.status == "infeasible"
    members = {member.rule: member for conflict in found.conflicts for member in conflict}
    assert "site.least" in members
    least = members["site.least"].alone
    assert least is None or 5e-6 < least < 3e-5


def test_a_diagnosis_counts_no_rule_that_was_switched_off() -> None:
    program = build(tiny())
    program.model.money.ramp.deactivate()
    program.model.leap = Constraint(expr=program.model.money.spend["chips-S", 2026] >= 25)
    assert kctopt.diagnose(program, time_limit=600).status == "feasible"


def test_a_run_of_before_schema_3_opens_and_says_what_it_cannot_check(run: Path, plain: Result) -> None:
    """As kctopt saved it then: own constraints with a price alone, values of own variables, no linear form."""
    (run / "own.json").unlink()
    (run / "variables.csv").unlink()
    (run / "variables.parquet").unlink()
    rules = kctopt.open(plain.save(run.parent / "plain")).columns("constraints")
    blank = {"kind": "own", "line": "", "year": 0, "left": np.nan, "sense": "", "right": np.nan, "slack": np.nan,
             "binding": True, "price": -0.5, "unit": "", "rule": "floor[2026]"}  # fmt: skip
    table = {name: np.append(values, [blank[name]]) for name, values in rules.items()}
    record = json.loads((run / "run.json").read_text())
    record |= {"schema_version": 2, "scenario_sha256": scenario_hash(plain.scenario)}
    record["tables"] |= write_tables(run, {"constraints": table})
    del record["own_sha256"]
    (run / "run.json").write_text(json.dumps(record))
    found = kctopt.open(run)
    assert found.own.names == ("west", "floor")
    told = [str(finding) for finding in kctopt.verify(run)]
    assert "floor[2026]: an own constraint of a run older than schema 3 cannot be checked; solve it again" in told
    assert kctopt.compare(plain, found).pairs[0].refusals[0].reason == "own"
    assert "constraints added: floor" in found.summary()


@pytest.mark.parametrize("bounds", [(0, 3), (0, 0.9)])
def test_own_integers_and_discrete_scenarios_keep_own_parts(bounds: tuple[float, float], tmp_path: Path) -> None:
    program = build(tiny(lines__0__min_scale=3.0))
    m = program.model
    m.units = Var(domain=Integers, bounds=bounds)
    m.tie = Constraint(expr=m.money.exchange["ai-A", 2026] <= 2 * m.units)
    result = kctopt.solve(program, gap=5e-3, time_limit=600)
    assert result.has_plan and result.verified
    assert result.own.names == ("units", "tie")
    assert result.values["units"] == pytest.approx(round(result.values["units"]))
    assert kctopt.verify(result.save(tmp_path / "run")) == []


def test_the_budget_of_one_year_may_be_switched_off_under_a_time_limit() -> None:
    program = kctopt.build(tiny())
    program.model.money.budget[2028].deactivate()
    result = kctopt.solve(program, gap=1e-2, time_limit=600)
    assert result.status == "optimal"
    assert result.objective > kctopt.solve(tiny(), gap=1e-2).objective


def test_an_own_objective_whose_best_is_nothing_has_no_gap_and_verifies(tmp_path: Path) -> None:
    program = kctopt.build(tiny())
    model = program.model
    model.objective.value.deactivate()
    model.mine = Objective(expr=model.money.strategic["ai-M", "F", 2027])
    result = kctopt.solve(program, gap=1e-2, save=tmp_path / "run")
    assert result.status == "optimal"
    assert result.gap == 0.0
    assert kctopt.verify(tmp_path / "run") == []


def with_objective(expression: Callable[[Any], Any], sense: Any, scenario: Scenario | None = None) -> Program:
    """A program with an objective of its own."""
    program = build(scenario or tiny())
    program.model.objective.value.deactivate()
    program.model.mine = Objective(expr=expression(program.model), sense=sense)
    return program


def spent(m: Any) -> Any:
    return quicksum(m.money.spend.values())


TINY = 1e-10
BEST_IS_NOTHING: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "money": (spent, minimize),
    "a little of it": (lambda m: TINY * spent(m), minimize),
    "less of it": (lambda m: -TINY * spent(m), maximize),
    "one cell": (lambda m: m.money.spend["chips-B", 2027], minimize),
    "a little of one": (lambda m: -TINY * m.money.spend["chips-B", 2027], maximize),
    "much": (lambda m: 1e6 * spent(m), minimize),
}


@pytest.mark.parametrize("world", [tiny, options])
@pytest.mark.parametrize("name", BEST_IS_NOTHING)
def test_an_own_objective_whose_best_is_nothing_ends(name: str, world: Callable[[], Scenario], tmp_path: Path) -> None:
    expression, sense = BEST_IS_NOTHING[name]
    result = kctopt.solve(with_objective(expression, sense, world()), time_limit=600, save=tmp_path / "run")
    assert result.status == "optimal" and result.verified
    assert (result.objective, result.bound, result.gap) == (0.0, 0.0, 0.0)
    assert kctopt.verify(tmp_path / "run") == []


@pytest.mark.parametrize("size", [1e-14, TINY, 1.0, 1e8])
def test_the_gap_of_an_own_objective_is_relative_to_its_size(
    size: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaken(monkeypatch, 0.5 * GAP)
    program = with_objective(lambda m: size * m.security.security[2029], maximize)
    result = kctopt.solve(program, gap=GAP, save=tmp_path / "run")
    assert result.status == "optimal" and result.verified
    assert result.objective is not None and result.bound is not None
    assert result.objective / size == pytest.approx(120.8, rel=1e-2)
    assert result.gap == pytest.approx(result.bound / result.objective - 1.0, rel=1e-6)
    assert 1e-6 < result.gap <= GAP
    assert kctopt.verify(tmp_path / "run") == []


ONE_SIDED: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "security": (lambda m: m.security.security[2029], minimize, r"security\.security\[2029\]"),
    "capability": (lambda m: m.ladder.capability["chips-B", 2029], minimize, r"ladder\.capability\[chips-B,2029\]"),
    "dependency": (lambda m: m.dependency.loss[2029], maximize, r"dependency\.loss\[2029\]"),
    "a little": (lambda m: -TINY * m.security.security[2029], maximize, r"security\.security\[2029\]"),
    "mixed": (
        lambda m: m.security.security[2029] - 10 * m.ladder.capability["chips-B", 2029], maximize,
        r"ladder\.capability\[chips-B,2029\]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("world", [tiny, lambda: tiny(stages="switching"), options])
@pytest.mark.parametrize("name", ONE_SIDED)
def test_an_objective_that_asks_for_less_than_the_laws_give_is_refused(
    name: str, world: Callable[[], Scenario]
) -> None:
    expression, sense, named = ONE_SIDED[name]
    with pytest.raises(ProgramError, match=f"gains by other values of {named} .*turn the sense of the objective round"):
        kctopt.solve(with_objective(expression, sense, world()))


def test_the_objective_of_kctopt_turned_round_in_place_is_refused() -> None:
    program = build(tiny())
    program.model.objective.value.sense = minimize
    with pytest.raises(ProgramError, match=r"gains by other values of security\.security\[2026\]"):
        kctopt.solve(program)


def nearness(level: float) -> Program:
    """How far a capability is from a level: above that, less of it is asked for, and less money brings it."""
    program = build(tiny())
    m = program.model
    m.objective.value.deactivate()
    m.away, there = Var(bounds=(0, None)), m.ladder.capability["chips-B", 2029]
    m.above, m.below = Constraint(expr=m.away >= there - level), Constraint(expr=m.away >= level - there)
    m.mine = Objective(expr=m.away)
    return program


def test_objectives_that_plans_can_attain_are_not_refused() -> None:
    some = [
        with_objective(lambda m: m.dependency.loss[2029], minimize),
        with_objective(lambda m: m.security.security[2029] - 0.1 * spent(m), maximize),
        with_objective(lambda m: m.security.security[2029] - 0.001 * m.ladder.capability["chips-B", 2029], maximize),
        nearness(60.0),
    ]
    for program in some:
        result = kctopt.solve(program, gap=GAP, time_limit=600)
        assert result.status == "optimal" and result.verified


def test_an_objective_of_which_nothing_is_best_ends_near_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gap relative to nothing closes: what 700 programs find."""
    interrupted(monkeypatch, after=700)
    within = kctopt.solve(nearness(25.0), gap=GAP)
    assert within.objective is not None and within.objective < 0.1 and within.bound == 0.0


@pytest.mark.parametrize("number", [0, -5])
def test_an_own_objective_that_is_a_number_is_verified(number: float, tmp_path: Path) -> None:
    program = kctopt.build(tiny())
    program.model.objective.value.deactivate()
    program.model.mine = Objective(expr=number, sense=maximize)
    result = kctopt.solve(program, gap=1e-2, save=tmp_path / "run")
    assert result.status == "optimal" and result.verified
    assert (result.objective, result.bound, result.gap) == (number, number, 0)
    assert kctopt.verify(tmp_path / "run") == []
    assert f"in place of the scenario's: maximize {number}" in result.summary()


@pytest.mark.parametrize("large", [1e3, 1e6, 1e8])
def test_a_rule_that_a_large_constant_switches_is_kept_by_what_it_leaves(large: float, tmp_path: Path) -> None:
    program = kctopt.build(tiny())
    m = program.model
    m.on = Var(domain=Binary)
    spend = quicksum(m.money.spend[line.id, 2029] for line in program.scenario.lines)
    m.most = Constraint(expr=spend <= 20 + large * m.on)
    m.off = Constraint(expr=m.on <= 0.5)
    result = kctopt.solve(program, gap=1e-3, time_limit=600, save=tmp_path / "run")
    if result.money is not None:
        assert result.verified == (result.money.spend[:, 3].sum() <= 20 + 1e-4)
        assert result.verified, result.breaches
        assert kctopt.verify(tmp_path / "run") == []
    if large < 1e7:
        assert result.status == "optimal"
        assert 687 < result.objective < 689


def test_a_saved_plan_that_breaks_such_a_rule_is_found() -> None:
    row = OwnRow("c", {"spend": 1.0, "on": -1e8}, -np.inf, 20.0, "", 1.0, ("on",))
    assert not breaches(OwnParts(rows=(row,), values={"spend": 20.0, "on": 0.0}))
    assert breaches(OwnParts(rows=(row,), values={"spend": 60.0, "on": 0.0}))
    assert not breaches(OwnParts(rows=(row,), values={"spend": 60.0, "on": 1.0}))


def test_a_scalar_that_is_called_like_one_of_another_index_is_refused() -> None:
    program = kctopt.build(tiny())
    program.model.w = Var([1], bounds=(0, 1))
    program.model.add_component("w[1]", Var(bounds=(9, 20)))
    with pytest.raises(ProgramError, match=r"w\[1\]: two"):
        kctopt.solve(program)


def test_the_limit_of_what_is_carried_stays_since_the_simulator_keeps_it() -> None:
    program = kctopt.build(tiny())
    program.model.money.carry_limit.deactivate()
    with pytest.raises(ProgramError, match="carry_limit"):
        kctopt.solve(program)


def test_one_of_two_own_choices_on_different_lines() -> None:
    program = kctopt.build(tiny())
    m = program.model
    m.z = Var(["a", "b"], domain=Binary)
    m.one = Constraint(expr=m.z["a"] + m.z["b"] == 1)
    m.first = Constraint(expr=m.money.spend["ai-A", 2028] <= 15 + 40 * m.z["a"])
    m.second = Constraint(expr=m.money.spend["chips-B", 2028] <= 9 + 40 * m.z["b"])
    result = kctopt.solve(program, gap=1e-3)
    assert result.status == "optimal" and result.verified
    assert sorted(result.values.values()) == [0.0, 1.0]


def test_a_product_with_a_fixed_variable_is_the_linear_rule_that_was_solved(tmp_path: Path) -> None:
    program = build(tiny())
    m = program.model
    m.x, m.y = Var(bounds=(0, 5)), Var(bounds=(0, 5))
    m.x.fix(2)
    m.pair = Constraint(expr=m.x * m.y + m.x <= 6)
    m.least = Constraint(expr=m.y / m.x + m.money.spend["ai-M", 2026] >= 4)
    m.span = Constraint(expr=(m.x, m.y, 3))
    m.objective.value.deactivate()
    m.cheap = Objective(expr=m.x * m.money.spend["ai-M", 2026] + m.x**2 + 1e-3 * m.y * m.x, sense=minimize)
    result = kctopt.solve(program, gap=1e-3, save=tmp_path / "run")
    assert result.status == "optimal" and result.verified
    assert result.values == pytest.approx({"x": 2, "y": 2}, rel=1e-4)
    assert result.objective == pytest.approx(2 * 3 + 4 + 4e-3, rel=1e-3)
    rows = {row.name: row for row in result.own.rows}
    assert (rows["pair"].terms, rows["pair"].upper, rows["pair"].text) == ({"y": 2}, 4, "x*y + x  <=  6; fixed: x = 2")
    assert rows["least"].terms == {"y": 0.5, "money.spend[ai-M,2026]": 1}
    assert (rows["span"].lower, rows["span"].text) == (2, "x  <=  y  <=  3; fixed: x = 2")
    assert result.own.objective is not None and result.own.objective.text.endswith("; fixed: x = 2")
    assert kctopt.verify(tmp_path / "run") == [] and kctopt.open(tmp_path / "run").own == result.own
    m.x.unfix()
    with pytest.raises(ProgramError, match="nonlinear"):
        kctopt.solve(program)
