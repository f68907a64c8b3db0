"""A swept study in the explorer: its figures, the brush, and members that are loaded with the numbers they have."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgi import Client
from asgi import client as client_of
from click.testing import CliRunner
from pages import CHROMIUM, ended, expect, faults, objective, opened
from pages import browser as browser  # a fixture
from studies import BUDGET, EFFORT, drawn, run
from studies import study as study_of
from worlds import tiny

from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.explore import server
from kctopt.explore.explorer import Explorer
from kctopt.explore.guard import Guard
from kctopt.explore.server import Application
from kctopt.explore.state import State
from kctopt.explore.study import OpenStudy, study_file
from kctopt.scenario.load import load
from kctopt.study.records import UncertainInput

pytest.importorskip("fastapi")
pytest.importorskip("altair")

ROOT = Path(__file__).parents[1]
FORM = UncertainInput("form", ("kct.form",), "value", None, values=("nested", "ces"))
COUNT = 12


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen members, one of which has no plan's worth of money in a world with a floor."""
    rows = [[0.9 + 0.02 * n, 0.42 + 0.01 * (n * 7 % 12), ("nested", "ces")[n % 2]] for n in range(COUNT)]
    made = tmp_path_factory.mktemp("swept") / "try.duckdb"
    run(made, study_of((BUDGET, EFFORT, FORM)), drawn((BUDGET, EFFORT, FORM), rows))
    return made


@pytest.fixture(scope="module")
def study(file: Path) -> OpenStudy:
    return OpenStudy(file)


@pytest.fixture(scope="module")
def explorer(study: OpenStudy) -> Explorer:
    return Explorer(study)


@pytest.fixture(scope="module")
def client(explorer: Explorer) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "vega_bundle", lambda: "window.vega = 1")
        with client_of(Guard(Application(explorer).app, 4321, "a"), "127.0.0.1:4321", "/a") as made:
            yield made


def test_a_member_that_is_loaded_has_what_the_study_stored(study: OpenStudy, explorer: Explorer) -> None:
    members = study.members()
    assert [one.draw for one in members] == list(range(COUNT))
    for one in members[::3]:
        assert one.state is not None and one.objective is not None and one.gap is not None
        again = explorer.planned(one.state)
        assert again.objective is not None and again.gap is not None
        apart = abs(again.objective - one.objective) / abs(one.objective)
        assert apart <= one.gap + again.gap + 1e-9


def test_a_brush_keeps_draws_and_its_fan_is_of_those_alone(study: OpenStudy, client: Client) -> None:
    assert study.kept({}) == list(range(COUNT))
    assert study.kept({"budget": (0.95, 1.05)}) == [3, 4, 5, 6, 7]
    assert study.kept({"budget": (0.95, 1.05), "form": "ces"}) == [3, 5, 7]
    whole = client.get("/api/study").json()
    assert [one["draw"] for one in whole["members"]] == list(range(COUNT))
    assert {one["name"] for one in whole["inputs"]} == {"budget", "effort", "form"}
    one = client.post("/api/fan", {"brush": {"budget": [0.97, 0.99]}, "lang": "zh"})
    assert one.status == 200, one.text
    one = one.json()
    assert "1" in one["told"], one
    rows = [row[2:] for row in one["fan"]["table"]["rows"]]
    assert all(len(set(row)) == 1 for row in rows)  # of one member every quantile is its own
    all_ = study.swept.outcomes
    own = all_[(all_["draw"] == 4) & (all_["outcome"] == "security") & (all_["domain"] == "")].set_index("year")[
        "value"
    ]
    years = len(one["fan"]["table"]["rows"]) // 4
    assert [row[2] for row in one["fan"]["table"]["rows"][:years]] == [
        f"{own[int(row[1])]:.2f}" for row in one["fan"]["table"]["rows"][:years]
    ]
    assert client.post("/api/fan", {"brush": {"budget": [5, 6]}}).json()["fan"] is None


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"brush": {"nothing": [0, 1]}}, 422), ({"brush": {"form": [0, 1]}}, 422), ({"brush": {"budget": "ces"}}, 422),
        ({"brush": {"budget": [0]}}, 422), ({"brush": 1}, 422), ({"brush": {"budget": [0, None]}}, 422),
    ],
)  # fmt: skip
def test_a_brush_that_cannot_be_is_refused(client: Client, asked: Any, status: int) -> None:
    assert client.post("/api/fan", asked).status == status


def test_an_input_of_a_policy_is_loaded_as_that_policy(tmp_path: Path) -> None:
    floor = {"id": "floor", "kind": "floor", "domain": tiny().domains[0].id, "amount": 1.0, "years": "2026"}
    world = load(tiny(), add={"policies": floor}).scenario
    amount = UncertainInput("amount", ("policies[floor].amount",), "scale", None, values=(0.5, 1.5))
    draws = drawn((BUDGET, amount), [[1.0, 0.5], [1.01, 1.5]])
    run(tmp_path / "floor.duckdb", study_of((BUDGET, amount), (world,)), draws)
    states = [one.state for one in OpenStudy(tmp_path / "floor.duckdb").members()]
    assert states[1] == State.read({"scale": {"budget": 1.01}, "policies": {"floor": {"amount": 1.5}}})


def test_a_member_without_a_plan_is_there_too_and_is_loaded(tmp_path: Path) -> None:
    target = {"id": "up", "kind": "target", "domain": tiny().domains[0].id, "min_ratio": 0.1, "by": 2028}
    world = load(tiny(), add={"policies": target}).scenario
    ratio = UncertainInput("ratio", ("policies[up].min_ratio",), "value", None, values=(0.1, 5.0))
    run(tmp_path / "up.duckdb", study_of((ratio,), (world,)), drawn((ratio,), [[0.1], [5.0]]))
    study = OpenStudy(tmp_path / "up.duckdb")
    members = study.members()
    assert [(one.status, one.objective is None) for one in members] == [("optimal", False), ("infeasible", True)]
    assert members[1].state == State.read({"policies": {"up": {"min_ratio": 5.0}}})
    assert study.fan("en", {"ratio": (4.0, 6.0)}) is None
    assert Explorer(study).planned(members[1].state).status == "infeasible"


def test_a_study_is_found_by_its_file_or_its_name(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert study_file(file) == file and study_file("baseline") is None and study_file(tiny()) is None
    asked = "of: baseline\nuncertain: [{path: money.carry_share, value: {uniform: [0.1, 0.2]}}]\n"
    asked += "sample: {method: sobol, size: 2}\n"
    Path("mine.yaml").write_text(asked, encoding="utf-8")
    with pytest.raises(UsageError, match="kctopt sweep mine"):
        study_file("mine.yaml")
    Path("studies").mkdir()
    Path("studies/mine.duckdb").touch()
    assert study_file("mine.yaml") == Path("studies/mine.duckdb")


@pytest.mark.long
def test_a_study_is_exported_with_its_members(file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["explore", str(file), "--export", str(tmp_path / "page"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["plans"] == COUNT + 1
    told = json.loads((tmp_path / "page" / "data" / "study-zh.json").read_text(encoding="utf-8"))
    assert len(told["members"]) == COUNT


@pytest.fixture(scope="module")
def address(file: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kctopt", "explore", file.name, "--no-browser"], cwd=file.parent, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip().partition("#")[0]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_members_are_brushed_and_loaded_on_the_page(browser: Any, address: str, study: OpenStudy) -> None:
    with opened(browser, address) as page:
        page.wait_for_selector("#parallel svg")
        rows = page.locator("#members tbody tr")
        assert page.locator("#fan svg").count() == 1 and rows.count() == COUNT
        ends = page.locator("[data-brush=budget]")
        ends.nth(0).fill("0.95")
        ends.nth(0).press("Tab")
        ends.nth(1).fill("1.05")
        ends.nth(1).press("Tab")
        expect(page.locator("#study-told")).to_contain_text("5 of 12")
        expect(rows).to_have_count(5)
        lines = page.locator("#parallel .mark-line path")
        opacity = [float(lines.nth(n).get_attribute("opacity") or 1) for n in range(lines.count())]
        assert sum(one < 0.1 for one in opacity) == COUNT - 5, opacity
        stored = study.members()[4].objective
        assert stored is not None
        page.locator("[data-draw='4']").click()
        ended(page)
        assert math.isclose(objective(page), stored, rel_tol=3e-4)
        before = page.url
        line = page.locator("#parallel .mark-line path").nth(7)
        line.dispatch_event("click")
        ended(page)
        assert page.url != before
        page.get_by_role("button", name="Brush nothing").click()
        expect(rows).to_have_count(COUNT)
        svg = page.locator("#parallel svg")
        svg.scroll_into_view_if_needed()
        box, axis = svg.bounding_box(), svg.get_by_text("budget", exact=True).bounding_box()
        row = axis["y"] + axis["height"] / 2
        page.mouse.move(box["x"] + 0.4 * box["width"], row)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], row, steps=4)
        page.mouse.up()
        expect(rows).not_to_have_count(COUNT)
        assert rows.count() > 0
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        ended(page)
        assert faults(page) == []
        page.select_option("#lang", "zh")
        page.wait_for_selector("html[lang=zh-CN]")
        ended(page)
        expect(page.locator("#study-title")).to_contain_text("成员")
