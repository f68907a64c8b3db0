"""A comparison part by part, on tiny worlds and by hand; no solver is needed."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import fake_outcome
from terms import Text, faults
from worlds import options, tiny

import kctopt
from kctopt import Result
from kctopt.api.comparison import compare
from kctopt.comparison.comparable import REFUSED
from kctopt.comparison.comparison import Comparison
from kctopt.comparison.conditions import failures, parsed
from kctopt.comparison.courses import Change
from kctopt.comparison.files import COLUMNS, one_csv
from kctopt.comparison.indices import objective_change
from kctopt.comparison.limits import limit_changes
from kctopt.comparison.render import spans
from kctopt.comparison.sentences import told
from kctopt.errors import RunError, UsageError
from kctopt.language import entries
from kctopt.result.fields import TABLES
from kctopt.result.named import rule_name
from kctopt.scenario.field_kinds import policy_fields
from kctopt.scenario.records import Scenario
from kctopt.scenario.shown import shown_value
from kctopt.simulator import to_base_plan

FLOOR = {"id": "chips", "kind": "floor", "domain": "chips", "amount": 15.0}


def result(scenario: Scenario, status: str = "optimal", **fields: Any) -> Result:
    return Result.of(scenario, fake_outcome(scenario, status, **fields))


def pair(base: Scenario, other: Scenario) -> Comparison:
    return compare(result(base), result(other))


def test_inputs_that_differ_are_named_with_both_values_and_origins() -> None:
    base = replace(result(tiny()), origin={"budget": "model.yaml:2"})
    other = result(tiny(budget=66.0, policies=[FLOOR], lines__0__growth=0.9))
    other = replace(other, origin={"budget": "case.yaml:3", "policies[chips].amount": "case.yaml:5"})
    found = {one.path: one for one in compare(base, other).pairs[0].inputs}
    assert {"budget", "lines[chips-B].growth", "policies[chips].amount"} <= set(found)
    budget = found["budget"]
    assert (budget.base, budget.other, budget.unit) == ("60.0", "66.0", "billion CNY/year")
    assert (budget.base_origin, budget.other_origin) == ("model.yaml:2", "case.yaml:3")
    assert found["policies[chips].amount"].base is None
    text = compare(base, other).summary()
    assert "model.yaml:2 -> case.yaml:3" in text
    assert "domain chips, kind floor, amount 15" in text.replace("  ", " ")


def test_inputs_that_differ_are_told_in_chinese_with_their_keys() -> None:
    band = {"id": "pair", "kind": "band", "lines": ("chips-B", "ai-A"), "width": 0.5}
    target = {"id": "t", "kind": "target", "type": "B", "min_ratio": 0.5, "by": 2030, "soft": True}
    labels = {"en": "Chips", "zh": "芯片"}
    other = tiny(policies=[FLOOR, band, target], kct__form="linear", domains__0__label=labels, lines__0__label=labels)
    told_there = pair(tiny(), other).summary("zh")
    for words in (
        "领域 芯片（chips），种类 下限（floor），金额 150 亿元，计法 每年（year）",
        "技术线 芯片（chips-B）、ai A（ai-A），C/R 最大差 0.5 ",
        "技术类型 瓶颈（B）", "软目标 是（true）", "每单位缺口扣分 100 国家安全点", "线性（linear）",
    ):  # fmt: skip
        assert words in told_there, told_there
    assert "kind floor" in pair(tiny(), other).summary("en")


def test_every_part_of_a_rule_and_every_choice_has_words() -> None:
    assert set(entries("rule", "zh")) == set(policy_fields(None)) - {"id"}
    assert shown_value("lines[x].sensitivity", "0.25", "zh") == "0.25"
    assert shown_value("no.such", "a", "zh") == shown_value("objective.kind", "a", "zh") == "a"
    assert shown_value("objective.kind", "earliest", "zh") == "最早年份（earliest）"
    assert shown_value("objective.kind", "earliest", "en") == "earliest"


def test_no_difference_is_said() -> None:
    same = pair(tiny(), tiny())
    assert same.pairs[0].inputs == ()
    assert "no input differs" in same.summary()
    assert "输入完全相同" in same.summary("zh")
    renamed = pair(tiny(), tiny(intent="Another text."))
    assert "only names or texts do" in renamed.summary()


def test_a_series_is_shown_on_one_line() -> None:
    text = pair(tiny(), tiny(controls__intensity={2025: 0.2, 2026: 0.3, 2029: 0.8})).summary()
    assert "controls.intensity  2026: 0.2  2026: 0.3" in text


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_not_comparable_is_refused_with_its_reason(path: str) -> None:
    other_values: dict[str, Any] = {
        "model": "another", "kct.form": "linear", "security.form": "linear", "military.index": "material",
        "objective.kind": "min_budget", "objective.discount": 0.9, "objective.terminal": 0.0,
        "objective.end_years": 3,
        "horizon.base_year": 2024, "horizon.last_year": 2028, "horizon.tail": 1, "horizon.plan_length": 4,
    }  # fmt: skip
    compared = compare(result(tiny()), result(tiny(**{path.replace(".", "__"): other_values[path]}), budget_scale=1.0))
    found = compared.pairs[0]
    reasons = [one.reason for one in found.refusals]
    assert path in reasons
    assert not compared.comparable
    parts = {part for one in found.refusals for part in one.parts}
    assert ("objective" in parts) == (found.objective is None)
    assert all((one.delta is None) == ("indices" in parts) for one in found.indices)
    assert all((one.delta is None) == ("allocation" in parts) for one in found.allocation)
    assert found.indices, "what can be shown is shown"
    assert f"not subtracted: {path} is" in compared.summary()


def test_a_run_without_a_plan_is_told_and_not_subtracted() -> None:
    compared = compare(result(tiny()), result(tiny(budget=66.0), "infeasible"))
    found = compared.pairs[0]
    assert found.refusals[0].reason == "plan"
    assert (found.objective, found.indices, found.allocation, compared.regret) == (None, (), (), None)
    assert found.inputs
    text = compared.summary()
    assert "nothing is subtracted: tiny is optimal, tiny-2 is infeasible" in text
    assert "no regret matrix: fewer than two runs have a plan; without one: " in text


def test_cautions_refuse_nothing() -> None:
    soft = {"id": "t", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029, "soft": True, "price": 10.0}
    other = result(tiny(policies=[soft], kct__rho=-0.5, lines__0__capability=42.0), "limit")
    compared = compare(result(tiny()), replace(other, verified=False))
    found = compared.pairs[0]
    assert {one.reason for one in found.cautions} == {"soft", "parameters", "yields", "state", "limit", "unverified"}
    assert compared.comparable and found.objective is not None
    text = compared.summary()
    assert "t (10) in tiny-2" in text and "kct.rho" in text and "NOT VERIFIED: tiny-2" in text
    assert_chinese(compared.summary("zh"))


def assert_chinese(text: str) -> None:
    """A comparison in Chinese has the signs of Chinese, and names in place of keys."""
    assert [fault for line in text.splitlines() for fault in faults(Text("a comparison", line))] == []
    keys = re.findall(r"(?<![\w./-])(?:kct|quadrants|money|lines|controls|policies|security|objective)[.\[]\S+", text)
    assert keys == []


def test_a_comparison_in_chinese_names_settings_and_rules_by_what_they_mean() -> None:
    base = tiny()
    other = tiny(
        policies=[FLOOR], budget=120.0, controls__intensity={2025: 0.2, 2026: 0.3, 2029: 0.8},
        cooperation__exposure_limit=1.0, lines__0__growth=0.9,
    )  # fmt: skip
    text = compare(result(base), result(other)).summary("zh")
    assert_chinese(text)
    assert "管制强度" in text and "controls.intensity" not in text
    assert "controls.intensity" in compare(result(base), result(other)).summary("en")  # the key of files
    assert (spans((2026, 2027, 2031), "zh"), spans((2026, 2027, 2031), "en")) == ("2026-27、2031", "2026-27, 2031")


def test_rules_are_named_by_what_they_are_of() -> None:
    scenario = tiny(policies=[FLOOR], lines__0__label={"en": "Chips", "zh": "芯片"})
    assert rule_name(scenario, "zh", f"money.ramp[{scenario.lines[0].id},2027]") == "芯片：技术线年度投入的增长上限"
    assert rule_name(scenario, "zh", "quadrants.exposure[2030]") == "按安全敏感性加权的交流敞口上限"
    assert rule_name(scenario, "zh", f"policies.{scenario.policies[0].id}") == f"“{scenario.policies[0].id}”"
    assert rule_name(scenario, "en", "mine[2030]") == "mine[2030]"  # of a user's own


def test_the_objective_is_within_the_gap_where_both_gaps_together_exceed_it() -> None:
    base, other = replace(result(tiny()), objective=700.0, bound=700.3), result(tiny())
    near = objective_change(base, replace(other, objective=700.5, bound=700.8))
    assert near.within_gap  # 0.5 <= 0.3 + 0.3
    assert (near.low, near.high) == (pytest.approx(0.2), pytest.approx(0.8))  # 0.5 - 0.3, 0.5 + 0.3
    far = objective_change(base, replace(other, objective=700.7, bound=700.8))
    assert not far.within_gap  # 0.7 > 0.3 + 0.1
    assert objective_change(base, replace(other, bound=None)).within_gap is None


def test_a_years_index_is_held_against_what_would_use_up_the_gap_in_that_year() -> None:
    scenario = tiny()
    base = result(scenario)
    lifted = {name: values.copy() for name, values in base.columns("indices").items()}
    row = (lifted["index"] == "security") & (lifted["year"] == 2027)
    gap, weight = base.bound - base.objective, 0.95**2  # type: ignore[operator]
    for factor, within in ((1.9, True), (2.1, False)):  # of one gap; there are two alike
        other = base.columns("indices")["value"][row] + factor * gap / weight
        table = lifted | {"value": np.where(row, other, lifted["value"])}
        changed = replace(base, _read={name: base.columns(name) for name in TABLES} | {"indices": table})
        found = compare(base, changed).pairs[0].indices
        one = next(one for one in found if (one.index, one.year) == ("security", 2027))
        assert one.within_gap is within
        assert one.delta == pytest.approx(factor * gap / weight)
        assert one.percent == pytest.approx(100 * one.delta / one.base)


def test_money_moves_are_sorted_and_sum_to_the_total() -> None:
    scenario = tiny()
    money = to_base_plan(scenario)
    moved = replace(money, strategic=money.strategic + np.array([2.0, 0, 0, 0])[:, None, None] / 3)
    compared = compare(result(scenario, money=money), result(scenario, money=moved))
    moves = compared.pairs[0].allocation
    assert [(one.domain, one.type, one.plan) for one in moves[:2]] == [
        ("chips", "B", "2026-27"), ("chips", "B", "2028-29"),
    ]  # fmt: skip
    assert moves[0].delta == pytest.approx(4.0)  # 2 a year in two years
    assert moves[0].percent == pytest.approx(100 * 4 / moves[0].base)
    assert all(one.delta == pytest.approx(0.0) for one in moves[2:])
    assert compared.allocation["delta"].sum() == pytest.approx(8.0)
    assert (moved.spend - money.spend).sum() == pytest.approx(8.0)


def test_limits_begin_and_cease_to_bind_and_the_last_digits_do_not_count() -> None:
    base = result(tiny(policies=[FLOOR]))
    table = {name: values.copy() for name, values in base.columns("constraints").items()}
    names = table["rule"].tolist()
    began, ceased = names.index("money.budget[2026]"), names.index("money.ramp[ai-A,2027]")
    nearly = names.index("money.ramp[ai-A,2028]")
    table["binding"][[began, ceased, nearly]] = False, True, True
    table["slack"][[began, ceased, nearly]] = 5.0, 0.0, 0.0
    first = _with(base, "constraints", table)
    later = {name: values.copy() for name, values in table.items()}
    later["binding"][[began, ceased, nearly]] = True, False, False
    later["slack"][[began, ceased, nearly]] = 0.0, 3.0, 1e-5
    found = {(one.rule, one.change): one for one in limit_changes(first, _with(base, "constraints", later))}
    assert set(found) == {("money.budget", "began"), ("money.ramp[ai-A]", "ceased")}
    assert found["money.budget", "began"].years == (2026,)


def _with(base: Result, name: str, table: dict[str, np.ndarray]) -> Result:
    return replace(base, _read={one: base.columns(one) for one in TABLES} | {name: table})


@pytest.mark.parametrize(
    ("base", "other", "english", "chinese"),
    [
        ((("2026-2028", "reach"), ("2029", "near")), (("2026", "reach"), ("2027-2029", "near")),
         "enters the near stage in 2027, 2 years earlier than in b (2029).", "2027 年进入近距阶段，比 b 早 2 年"),
        ((("2026", "far"), ("2027-2029", "reach")), (("2026-2027", "far"), ("2028-2029", "reach")),
         "comes within reach in 2028, 1 year later than in b (2027).", "比 b 晚 1 年"),
        ((("2026-2029", "reach"),), (("2026-2028", "reach"), ("2029", "near")),
         "enters the near stage in 2029; in b it does not.", "2029 年进入近距阶段；b 中未发生"),
        ((("2026-2028", "reach"), ("2029", "near")), (("2026-2029", "reach"),),
         "does not enter the near stage; in b it does in 2029.", "未进入近距阶段；b 中为 2029 年"),
        ((("2026-2029", "far"),), (("2026-2029", "reach"),),
         "within reach in 2026-2029; in b: far in 2026-2029.", "2026-2029 年可及；b 中：2026-2029 年远距"),
    ],
)  # fmt: skip
def test_stage_changes_are_sentences(base: Any, other: Any, english: str, chinese: str) -> None:
    change = Change("stage", "chips-B", base, other)
    assert told(change, "b", tiny(), tiny())[0].endswith(english)
    assert told(change, "b", tiny(), tiny(), "zh")[0].find(chinese) > 0


def test_modes_programmes_and_gap_bands_are_sentences() -> None:
    scenario = options()
    mode = Change("mode", "chips", (("2026-27", "guarded"), ("2028-29", "open")), (("2026-27", "open"),))
    assert told(mode, "b", scenario, scenario) == ["chips: open in 2026-27; in b: guarded in 2026-27, open in 2028-29."]
    launched = Change("programme", "light-source", (), (("2026", "1"),))
    assert told(launched, "b", scenario, scenario) == ["light source is launched, in 2026; in b it is not."]
    moved = Change("programme", "scanner-race", (("2028", "1"),), (("2028", "3"),))
    assert told(moved, "b", scenario, scenario) == [
        "scanner race starts in 2028 with 3 routes; in b in 2028 with 1 route."
    ]
    held = Change("held", "chips-B", (), (("2028", "held"), ("2029", "held")))
    assert told(held, "b", scenario, scenario) == [
        "chips B, held just outside the near stage at the review of: 2028, 2029; in b: never."
    ]
    band = Change("gap_band", "chips-B", (("2026-2029", "far"),), (("2026-2027", "far"), ("2028-2029", "reach")))
    assert told(band, "b", scenario, scenario) == [
        "chips B enters the gap band within reach in 2028; in b it does not."
    ]


@pytest.mark.parametrize(
    ("text", "name", "selectors", "year", "number", "percent"),
    [
        ("NS<-1%", "security", (), None, -1.0, True),
        (" NS @ 2030 >= .5 ", "security", (), 2030, 0.5, False),
        ("money[quantum,2026-30]>20", "money", ("quantum", "2026-30"), None, 20.0, False),
        ("kct[ai]@2027<=1e-3%", "kct", ("ai",), 2027, 1e-3, True),
        ("score_B<0", "score_B", (), None, 0.0, False),
        ("EP<0", "economic", (), None, 0.0, False),
    ],
)
def test_conditions_are_read(text: str, name: str, selectors: Any, year: Any, number: float, percent: bool) -> None:
    found = parsed(text)
    assert (found.name, found.selectors, found.year, found.number, found.percent) == (
        name, selectors, year, number, percent,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["NS", "NS = 1", "NS<", "<1%", "NS<1%%", "NS@30<1"])
def test_what_is_no_condition_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not a condition; write NS<-1%"):
        parsed(text)


@pytest.fixture(scope="module")
def two() -> Comparison:
    """More money for one line: NS rises."""
    scenario = tiny()
    money = to_base_plan(scenario)
    return compare(
        result(scenario, money=money), result(scenario, money=replace(money, strategic=money.strategic * 1.1))
    )


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("NS<-1%", False), ("NS>0", True), ("NS@2026>0", True), ("objective>0", True), ("objective<0%", False),
        ("money>0", True), ("money[chips]>0", True), ("money[chips,B,2026-27]>1000", False), ("money@2027>0", True),
        ("money[ai]@2027>100%", False), ("kct[chips]>0", True), ("loss<0", True),
    ],
)  # fmt: skip
def test_conditions_are_judged(two: Comparison, text: str, fails: bool) -> None:
    assert bool(failures(two, [parsed(text)])) is fails


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("securty<0", "no index 'securty'; did you mean 'security'?"),
        ("kct[chps]<0", "'kct' has no domain 'chps'; did you mean 'chips'?"),
        ("money[chps]<0", "no domain, type or plan 'chps'; did you mean 'chips'?"),
        ("accelerator<0", "'accelerator' needs a domain; known: chips, ai"),
        ("NS@2050<0", "no value of 2050 in both"),
        ("objective@2030<0", "neither domain nor year"),
        ("money@2024<0", "2024 is not a planned year"),
        ("money[programmes]@2026<0", "no domain, type or plan 'programmes'"),
    ],
)
def test_a_condition_on_nothing_says_what_there_is(two: Comparison, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        failures(two, [parsed(text)])
    assert message in str(error.value)


def test_a_condition_on_what_is_refused_is_an_error() -> None:
    compared = pair(tiny(), tiny(objective__discount=0.9))
    with pytest.raises(UsageError, match="not comparable"):
        failures(compared, [parsed("objective<0")])


def test_every_number_of_json_is_plain(two: Comparison) -> None:
    data = json.loads(json.dumps(two.to_dict(), allow_nan=False))
    assert list(data) == ["schema_version", "base", "others", "domain_shares", "regret", "regret_hindrance"]
    other = data["others"][0]
    assert {"run", "inputs", "refusals", "cautions", "objective", "indices", "allocation", "changes", "limits"} <= set(
        other
    )
    assert other["objective"]["delta"] > 0
    assert data["regret"]["entries"][0]["how"] == "own"


def test_tables_are_tidy_in_frames_and_csv(two: Comparison) -> None:
    for table in COLUMNS:
        assert all(set(row) == set(COLUMNS[table]) for row in two.rows(table))
    assert set(two.indices["run"]) == {"tiny-2"}
    assert two.inputs.empty and list(two.inputs.columns) == list(COLUMNS["inputs"])
    assert len(two.regrets) == 4
    lines = one_csv(two).splitlines()
    assert lines[0].startswith("table,run,path,")
    assert {line.partition(",")[0] for line in lines[1:]} >= {"runs", "objective", "indices", "allocation", "regret"}
    with pytest.raises(KeyError, match="no table 'index'"):
        two.rows("index")


def test_pages_escape_what_users_write() -> None:
    policy = FLOOR | {"id": "a<b|c"}
    compared = pair(tiny(), tiny(policies=[policy]))
    page = compared.to_html()
    assert page.startswith("<!doctype html>") and "a&lt;b|c" in page and "a<b" not in page
    assert "http" not in page and "<script" not in page
    assert '<html lang="zh-CN">' in compared.to_html("zh")
    assert "a\\<b\\|c" in compared.to_markdown()
    assert "<h2>" in compared._repr_html_()


def test_excel_has_a_sheet_for_each_table(two: Comparison, tmp_path: Path) -> None:
    import zipfile

    target = two.to_excel(tmp_path / "two.xlsx")
    book = zipfile.ZipFile(target).read("xl/workbook.xml").decode()
    assert all(f'name="{table}"' in book for table in ("summary", *COLUMNS))
    assert [path.name for path in tmp_path.iterdir()] == ["two.xlsx"]


def test_collection_of_saved_runs(tmp_path: Path) -> None:
    for name, scenario in {"one": tiny(), "two": tiny(budget=66.0), "bad": tiny(budget=1.0)}.items():
        result(scenario, "infeasible" if name == "bad" else "optimal").save(tmp_path / "runs" / name)
    runs = kctopt.Collection.open(tmp_path / "runs" / "*")
    assert list(runs) == ["bad", "one", "two"]
    assert list(kctopt.Collection.open(tmp_path / "runs")) == list(runs)
    assert runs["one"].status == "optimal" and len(runs.runs) == 3
    solved = runs.filter(status="optimal")
    assert set(solved.indices["run"]) == {"one", "two"}
    assert len(solved.allocation) == 2 * len(runs["one"].allocation)
    assert list(runs.filter(lambda run: run.has_plan)) == ["one", "two"]
    compared = solved.compare(base="two")
    assert (compared.base.name, compared.pairs[0].run.name) == ("two", "one")
    assert solved.regret().entry("one", "one").regret == pytest.approx(0.0, abs=1e-6)
    text, words = runs.compare().summary(), runs.compare().summary("zh")
    assert "left out, without a plan: bad (infeasible)." in text and "未列入（没有方案）：bad（" in words
    assert [pair.ranges is None for pair in runs.compare(base="one").pairs] == [True, False]
    assert len(runs.compare().rows("regret")) == 4 and "nan" not in text
    assert runs.regret() == replace(solved.regret(), left_out={"bad": "infeasible"})
    with pytest.raises(UsageError, match=r"fewer than two runs have a plan; without one: bad \(infeasible\)"):
        kctopt.Collection({"bad": runs["bad"], "one": runs["one"]}).regret()
    with pytest.raises(KeyError, match="did you mean 'two'"):
        runs["tow"]
    with pytest.raises(UsageError, match="at least two runs"):
        runs.filter(lambda run: False).compare()
    with pytest.raises(RunError, match="no run folder"):
        kctopt.Collection.open(tmp_path / "nothing*")


def test_names_do_not_collide_and_can_be_given() -> None:
    first = result(tiny())
    assert [pair.run.name for pair in compare(first, first, first).pairs] == ["tiny-2", "tiny-3"]
    runs = kctopt.Collection({"before": first, "after": first})
    assert runs.compare().pair("after").run.scenario == "tiny"
    with pytest.raises(KeyError, match="there are after"):
        runs.compare().pair("befor")


def test_a_result_compares_itself_and_python_solves_nothing_it_has(tmp_path: Path) -> None:
    first, second = result(tiny()), result(tiny(budget=66.0))
    assert first.compare(second).pairs[0].objective == kctopt.compare(first, second).pairs[0].objective
    place = second.save(tmp_path / "run")
    found = kctopt.compare(first, place).pairs[0]
    assert found.run.run_dir == str(place)
    assert found.objective is not None and math.isfinite(found.objective.delta)
    with pytest.raises(UsageError, match="at least two runs"):
        kctopt.compare(first)
