"""Back-casts: figures and world follow their sources, the laws are held against them, and a law-made past is found."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chinese import is_chinese
from click.testing import CliRunner
from pytest import approx
from sources import quantities, source_of

import kctopt
from kctopt import Backcast
from kctopt.backcasting.methods import expected
from kctopt.backcasting.observed import History, Observation, read_history, read_world
from kctopt.backcasting.starts import TREND, Reading, starts, with_values
from kctopt.cli.main import main
from kctopt.errors import ScenarioErrors, UsageError
from kctopt.scenario.files import Reading as Files
from kctopt.scenario.records import Scenario

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models" / "kct-2019"
RULES: dict[str, Callable[[float, float], float]] = {
    "shares": lambda own, rival: own / rival,
    "counts": lambda own, rival: own / rival,
    "level": lambda own, rival: own / rival,
    "elo": lambda own, rival: 10 ** ((own - rival) / 400),
}


def rows(name: str, folder: Path = MODEL) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def history() -> History:
    return read_history("kct-2019")


@cache
def found() -> Backcast:
    return kctopt.backcast("kct-2019")


# --- figures and world follow their sources ------------------------------------------------------------------------


def test_ratios_follow_the_rules() -> None:
    for row in rows("observations.csv"):
        by_rule = RULES[row["rule"]](float(row["own"]), float(row["rival"]))
        assert float(row["ratio"]) == approx(by_rule, rel=0.005, abs=5e-5), row
        assert row["source"] and row["licence"] and row["grade"] in ("A", "B", "C", "assumption")
        assert row["grade"] in "AB" or row["note"]


def test_few_figures_may_not_be_sold() -> None:
    assert sum("BY-NC" in row["licence"] for row in rows("observations.csv")) <= 10


def test_other_readings_of_shares_and_counts() -> None:
    etching, biotech = history().of("etching")[-1], history().of("biotech")[-1]
    assert etching.read(elasticity=3) == approx(math.sqrt(12.4 / 59.9))
    assert biotech.read(quality=0.7) == approx(0.7 * 6145 / 7107)
    assert history().of("foundation-models")[0].read(3, 0.7) == approx(10 ** (-304 / 400))


def test_money_is_that_of_the_statistics_at_prices_of_2025() -> None:
    money = {int(row["year"]): row for row in rows("sources/money.csv")}
    prices = {2015: 1.0}
    for year in range(2016, 2026):
        prices[year] = prices[year - 1] * (1 + float(money[year]["price_change"]) / 100)
    budget = history().model.budget.at(np.arange(2015, 2027))
    for year, amount in zip(range(2015, 2026), budget, strict=False):
        assert amount == approx(0.11 * float(money[year]["gerd"]) * prices[2025] / prices[year], abs=0.06)
    assert budget[-1] == approx(1.07 * budget[-2], abs=0.06)


def test_controls_are_those_in_force_by_days() -> None:
    steps = [(date.fromisoformat(row["from"]), float(row["intensity"])) for row in rows("sources/controls.csv")]
    for year in range(2015, 2027):
        days = [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
        mean = np.mean([max([0.0, *(level for start, level in steps if start <= day)]) for day in days])
        assert float(history().model.controls.intensity.at(np.array(year))) == approx(mean, abs=6e-4)


def test_state_of_2019_follows_from_the_figures() -> None:
    for line in history().model.lines:
        figures = {one.year: one.ratio for one in history().of(line.id)}
        ratio = np.interp(2019, list(figures), list(figures.values()))
        assert line.capability == approx(100 * ratio, rel=0.03), line.id
        assert line.trend == 0


def test_shares_of_money_are_those_of_kct_lines() -> None:
    today = {row["id"]: float(row["spend"]) for row in rows("lines.csv", ROOT / "models" / "kct-lines")}
    domain = {row["id"]: row["domain"] for row in rows("lines.csv", ROOT / "models" / "kct-lines")}
    today["biotech"] = sum(amount for name, amount in today.items() if domain[name] == "biotech")
    budget = float(history().model.budget.at(np.array(2019)))
    for line in history().model.lines:
        assert line.spend == approx(budget * today[line.id] / 431.9, abs=0.01)


def test_laws_are_those_of_kct_lines_but_for_what_couples_lines() -> None:
    world, today = history().model, kct_lines()
    apart = {"knowledge": {"accelerator_elasticity": 0.0}, "diffusion": {"leverage": 0.0}}
    for group in ("knowledge", "diffusion", "substitution", "rungs"):
        own, other = getattr(world, group), getattr(today, group)
        assert own == (other.model_copy(update=apart[group]) if group in apart else other), group
    growth = {line.id: line.rival_growth for line in today.lines}
    assert all(line.rival_growth == growth.get(line.id, 0.03) for line in world.lines)


@cache
def kct_lines() -> Scenario:
    return read_world(ROOT / "models" / "kct-lines", Files())


def test_every_number_of_the_world_has_a_source() -> None:
    world = history().model
    without = [path for path, _, words in quantities(world) if source_of(world, path, words) is None]
    assert [path for path in without if not path.startswith(("switching", "cooperation", "quadrants"))] == []


# --- lines start in their own first year ---------------------------------------------------------------------------


def test_each_line_starts_in_the_year_of_its_first_figure() -> None:
    worlds = starts(history())
    assert [world.scenario.horizon.base_year for world in worlds] == [2015, 2018, 2019, 2020, 2022, 2023]
    for world in worlds:
        first = world.scenario.horizon.base_year
        budget = world.scenario.budget.at(np.array([first, 2019]))
        for line in world.scenario.lines:
            figure = history().of(line.id)[0]
            stated = next(one for one in history().model.lines if one.id == line.id)
            assert figure.year == first and line.capability == approx(100 * figure.read())
            assert line.spend == approx(stated.spend * budget[0] / budget[1])
            assert world.simulated()[line.id][0] == approx(figure.read())


def test_money_grows_as_it_did_and_drifts_where_asked() -> None:
    world = next(one for one in starts(history()) if one.scenario.horizon.base_year == 2019)
    scenario, spend = world.scenario, world.money().spend
    growth = scenario.budget.at(np.array(scenario.horizon.years)) / float(scenario.budget.at(np.array(2019)))
    assert spend == approx(np.outer([line.spend for line in scenario.lines], growth))
    last = int(world.last[0]) - 2020
    drift = world.money(2.0).spend[0] / spend[0]
    assert drift[last:] == approx(2.0) and drift[0] == approx(2 ** (1 / 6))


def test_a_level_of_money_wrong_in_all_years_alike_changes_nothing() -> None:
    for world in starts(history()):
        lines = tuple(line.model_copy(update={"spend": 2 * line.spend}) for line in world.scenario.lines)
        twice = type(world)(world.scenario.model_copy(update={"lines": lines}), world.last)
        for line, path in world.simulated().items():
            assert twice.simulated()[line] == approx(path, rel=1e-12)


def test_values_by_path() -> None:
    world = starts(history())[0].scenario
    changed = with_values(world, {"diffusion.catch_up": 0.05, "diffusion.catch_up_control": 0.2, TREND: 0.01})
    assert (changed.diffusion.catch_up, changed.diffusion.catch_up_control) == (0.05, 0.2)
    assert changed.lines[0].trend == 0.01 and with_values(world, {}) is world


# --- what is held against the figures ------------------------------------------------------------------------------


def figure(year: int, ratio: float) -> Observation:
    return Observation(
        line="a", year=year, measure="m", rule="level", own=ratio, rival=1.0, rival_name="r", ratio=ratio, source="s",
        licence="l", grade="A",
    )  # fmt: skip


def test_no_change_and_last_trend_by_hand() -> None:
    line = (figure(2020, 0.1), figure(2022, 0.4), figure(2023, 0.3))
    assert expected(line, 2020) == {}
    assert expected(line, 2022) == {"no_change": 0.1}
    assert expected(line, 2023) == {"no_change": 0.1, "last_trend": approx(0.8)}
    assert expected(line, 2025) == {"no_change": 0.1, "last_trend": approx(0.3 * 0.75**2)}


def test_errors_against_no_change_and_trend_for_eight_lines_or_more() -> None:
    errors = found().errors
    assert errors["points"].tolist() == approx(100 * (errors["value"] - errors["observed"]))
    assert errors["log"].tolist() == approx(np.log(errors["value"] / errors["observed"]))
    lines = {method: set(group["line"]) for method, group in errors.groupby("method")}
    assert len(lines["simulated"]) == len(lines["no_change"]) == 10 and len(lines["last_trend"]) >= 8
    first = {line: history().of(line)[0].read() for line in history().lines}
    same = errors[errors["method"] == "no_change"]
    assert same["value"].tolist() == approx([first[line] for line in same["line"]])


def test_the_law_fails_on_rises_and_falls_and_holds_where_nothing_moved() -> None:
    """What the history says of the laws as they are; a change of law that mends it changes this test."""
    lines = found().lines.set_index("line")
    assert not found().held
    assert set(lines.index[lines["fits"]]) == {"lithography", "packaging"}
    models = lines.loc["foundation-models"]
    assert models["last_observed"] / models["first_observed"] == approx(4.9, abs=0.1)
    assert models["last_simulated"] / models["first_observed"] < 1.05
    assert lines["log_simulated"].to_dict() == approx(lines["log_no_change"].to_dict(), abs=0.1)
    fitting = {"lithography", "etching", "deposition", "packaging", "biotech"}
    assert set(lines.index[lines["fits_with_trend"]]) == fitting
    assert lines.loc["etching", "trend_needed"] == approx(0.029, abs=0.003)


def test_limits_of_the_search_are_no_trend_that_a_line_needs() -> None:
    tables = found()
    none = tables.lines[~tables.lines["fits_with_trend"]]
    assert len(none) == 5 and none[["trend_needed", "trend_low", "trend_high"]].isna().all(axis=None)
    assert (none["trend_most"] == 0.2).all() and none["trend_least"].between(-0.2, -0.004).all()
    rows = tables.data()["lines"]
    assert [row["trend_needed"] is None for row in rows] == [not row["fits_with_trend"] for row in rows]
    for lang, told in (("en", "none from -0.200 to +0.200"), ("zh", "-0.200 至 +0.200 之间均不符合")):
        table = tables.text(lang).splitlines()[-10:]
        assert table[5].endswith(told) and not any(row.endswith(" +0.200") and told[:4] not in row for row in table)
    chips = tables.parameters[(tables.parameters["scope"] == "ai-chips") & (tables.parameters["parameter"] == TREND)]
    assert chips["where"].tolist() == ["low"], "the table of parameters says that the best value stands at a limit"


def test_the_band_holds_the_path() -> None:
    paths = found().paths
    assert (paths["low"] <= paths["simulated"] + 1e-12).all() and (paths["simulated"] <= paths["high"] + 1e-12).all()
    assert (paths["high"] > paths["low"] + 1e-6).sum() > 30


def test_shares_of_money_are_run_halved_and_doubled() -> None:
    money = found().variants.query("variant == 'money'").pivot(index="line", columns="factor", values="simulated")
    assert list(money.columns) == [0.5, 1.0, 2.0] and len(money) == 10
    assert (money[0.5] < money[1.0]).all() and (money[1.0] < money[2.0]).all()
    read = found().variants.query("variant != 'money'")
    assert set(read["variant"]) == {"elasticity", "quality"}


# --- a past that the laws made is found ----------------------------------------------------------------------------


def made(tmp_path: Path, values: dict[str, float], ranges: list[str], years: range = range(2020, 2027)) -> Path:
    """A copy of the model with figures that the laws make at these values."""
    folder = tmp_path / "made"
    shutil.copytree(MODEL, folder)
    wanted = ("packaging", "ai-chips", "biotech")
    table = []
    for world in starts(history()):
        paths = world.simulated(values)
        for line in set(wanted) & set(paths):
            first = world.scenario.horizon.base_year
            for year in (first, *(year for year in years if year > first)):
                ratio = float(paths[line][year - first])
                table.append([line, year, "m", "level", ratio, 1, "r", ratio, "the law", "none", "C"])
    head = "line,year,measure,rule,own,rival,rival_name,ratio,source,licence,grade"
    text = "\n".join([head, *(",".join(map(str, row)) for row in table)])
    (folder / "observations.csv").write_text(text, encoding="utf-8")
    limits = {row["path"]: row for row in rows("ranges.csv")}
    named = [f"{path},{limits[path]['low']},{limits[path]['high']},s,C" for path in ranges]
    (folder / "ranges.csv").write_text("\n".join(["path,low,high,source,grade", *named]), encoding="utf-8")
    return folder


def test_parameters_of_a_past_made_by_the_laws_are_found(tmp_path: Path) -> None:
    true = {"knowledge.effort_elasticity": 0.65, "diffusion.catch_up": 0.1}
    past = kctopt.backcast(made(tmp_path, true, list(true)))
    together = past.parameters[past.parameters["scope"] == "all"].set_index("parameter")
    for path, value in true.items():
        assert together.loc[path, "value"] == approx(value, rel=0.01)
    effort = together.loc["knowledge.effort_elasticity"]
    assert effort["where"] == "inside" and effort["interval_low"] - 1e-4 <= 0.65 <= effort["interval_high"] + 1e-4
    assert effort["interval_high"] - effort["interval_low"] < 0.01
    assert past.held and "the law holds" in past.text() and "规律成立" in past.text("zh")


def test_trend_of_a_past_made_by_the_laws_is_found(tmp_path: Path) -> None:
    past = kctopt.backcast(made(tmp_path, {TREND: 0.02}, ["knowledge.effort_elasticity"]))
    assert past.lines["trend_needed"].tolist() == approx([0.02] * 3, rel=0.01)
    assert past.lines["fits_with_trend"].all()


# --- what is said ---------------------------------------------------------------------------------------------------


def test_the_verdict_comes_first_in_both_languages() -> None:
    english, chinese = (found().text(lang).splitlines() for lang in ("en", "zh"))
    assert english[0].startswith("kct-2019: the law fails: no value within the ranges brings 8 of 10 lines")
    assert chinese[0].startswith("kct-2019：规律不成立：10 条技术线中有 8 条") and "基础模型" in chinese[0]
    assert "4.9-fold" in english[1] and "from 0.12 to 0.04" in english[1] and "4.9 倍" in chinese[1]
    assert len(english) == len(chinese)
    said = "\n".join(english)
    for words in ("last trend", "Two figures fix a trend and cannot test it", "half or twice", "elasticity of 3"):
        assert words in said
    with pytest.raises(UsageError):
        found().text("de")


def test_the_figure_has_a_panel_a_line_with_points_path_and_band() -> None:
    spec = found().chart("zh").to_dict()
    assert [panel["title"] for panel in spec["concat"]][:2] == ["光刻", "刻蚀"] and len(spec["concat"]) == 10
    marks = [layer["mark"]["type"] for layer in spec["concat"][0]["layer"]]
    assert marks == ["area", "line", "point"] and "规" not in spec["description"][:3]


# --- files and commands --------------------------------------------------------------------------------------------


def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    shutil.copytree(MODEL, folder)
    text = (folder / "observations.csv").read_text(encoding="utf-8").splitlines()
    text = [line for line in text if not line.startswith("power-devices,2024")]
    text += [text[1], text[2].replace("lithography,2024", "litography,2030"), text[4].replace("shares", "guess")]
    text[5] = text[5].replace("0.1823", "0.5")
    (folder / "observations.csv").write_text("\n".join(text), encoding="utf-8")
    with (folder / "ranges.csv").open("a", encoding="utf-8") as file:
        file.write("diffusion.katch_up,0.1,0.2,s,C,\nknowledge.stock_elasticity,0.3,0.1,s,C,\n")
    return folder


def test_all_faults_are_told_at_once_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioErrors) as error:
        kctopt.backcast(broken(tmp_path))
    told = str(error.value)
    for words in (
        "broken/observations.csv:6: observations[etching, 2024].ratio: states the ratio 0.5",
        "by the rule 'shares' it is 0.1823",
        "line 'power-devices' has a figure of 2022 alone; a back-cast needs two years",
        "is given twice (first at broken/observations.csv:2)",
        "unknown line 'litography'; did you mean 'lithography'?",
        "2030 lies after 2026",
        "'guess'",
        "broken/ranges.csv:6: ranges[diffusion.katch_up]",
        "low 0.3 does not lie below high 0.1",
    ):
        assert words in told, words
    done = CliRunner().invoke(main, ["backcast", "broken", "--lang", "zh"])
    assert done.exit_code == 3
    assert all(is_chinese(line) for line in done.stderr.splitlines())


def test_a_line_that_the_laws_cannot_start_from_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "fading"
    shutil.copytree(MODEL, folder)
    table = pd.read_csv(folder / "lines.csv")
    table = table.astype({"substitution_share": float})
    table.loc[table["id"] == "foundation-models", "substitution_share"] = 0.08
    table.to_csv(folder / "lines.csv", index=False)
    text = (folder / "observations.csv").read_text(encoding="utf-8")
    text = text.replace("elo,921,1225,United States,0.1738", "elo,425,1225,United States,0.01")
    (folder / "observations.csv").write_text(text, encoding="utf-8")
    laws = (folder / "model.yaml").read_text(encoding="utf-8")
    laws = laws.replace("capability_elasticity: 0.4", "capability_elasticity: 0.0")
    (folder / "model.yaml").write_text(laws, encoding="utf-8")
    with pytest.raises(ScenarioErrors, match=r"lines\[foundation-models\]: in 2023 its yield would not be positive"):
        kctopt.backcast(folder)


def test_what_is_no_model_or_has_no_figures_is_refused() -> None:
    with pytest.raises(ScenarioErrors, match="no model 'kct-2091'; did you mean"):
        kctopt.backcast("kct-2091")
    with pytest.raises(ScenarioErrors, match=r"models/kct-2035/observations\.csv"):
        kctopt.backcast("kct-2035")
    with pytest.raises(UsageError):
        kctopt.backcast(2019)  # type: ignore[arg-type]


def test_the_command_tells_saves_and_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = found()  # before what it calls is replaced
    monkeypatch.setattr("kctopt.backcasting.backcast.backcast", lambda model: known)
    target = tmp_path / "out"
    done = CliRunner().invoke(main, ["backcast", "kct-2019", "-o", str(target), "--figures", "svg", "--lang", "zh"])
    assert done.exit_code == 0 and done.stdout.startswith("kct-2019：规律不成立")
    names = {"paths", "errors", "lines", "parameters", "variants"}
    assert {file.name for file in target.iterdir()} == {f"{name}.csv" for name in names} | {
        "backcast.json",
        "backcast.svg",
    }
    assert pd.read_csv(target / "errors.csv")["log"].tolist() == approx(found().errors["log"].tolist())
    assert "刻蚀" in (target / "backcast.svg").read_text(encoding="utf-8")
    data = json.loads(CliRunner().invoke(main, ["backcast", "kct-2019", "--json"]).stdout)
    assert data["holds"] is False and set(data) >= names and len(data["lines"]) == 10
    assert found().save(tmp_path / "again").name == "again"


def test_exit_codes_of_the_command(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["backcast", "kct-2019", "--figures", "svg"]).exit_code == 2
    assert run(main, ["backcast", "kct-2019", "-o", str(tmp_path / "x"), "--figures", "bmp"]).exit_code == 2
    assert run(main, ["backcast", "nowhere"]).exit_code == 3
    assert run(main, ["backcast"]).exit_code == 2


def test_readings_change_the_start_too() -> None:
    plain, root = (starts(history(), reading)[2].simulated()["etching"] for reading in (Reading(), Reading(3.0)))
    assert root[0] == approx(math.sqrt(plain[0]))
