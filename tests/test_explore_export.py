"""A page that was exported: a real browser asks a plain file server for it, and sees what was worked out before."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from pages import CHROMIUM, ended, objective, opened, status
from pages import browser as browser  # a fixture
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.explore.exported import POLICY
from kctopt.explore.grid import MOST, Grid
from kctopt.explore.levers import Levers
from kctopt.scenario.dump import dump

pytest.importorskip("altair")

INTENSITY = "controls.intensity"
ASKED = ["--lever", f"{INTENSITY}=0.8:1.2", "--lever", "rival.growth_shift", "--points", "3"]


class Quiet(SimpleHTTPRequestHandler):
    """What `python -m http.server` answers with, without its log."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("export")
    (made / "base.yaml").write_text(dump(tiny()), encoding="utf-8")
    done = CliRunner().invoke(main, ["explore", str(made / "base.yaml"), "--export", str(made / "page"), *ASKED])
    assert done.exit_code == 0, done.output
    assert "lever controls.intensity: 0.8, 1, 1.2" in done.stderr and "9 states, 0 without a plan" in done.stderr
    assert done.stdout.strip() == str(made / "page")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder / "page")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.long
def test_each_state_has_the_plan_of_its_scenario(folder: Path) -> None:
    data = folder / "page" / "data"
    states = json.loads((data / "page-en.json").read_text(encoding="utf-8"))["kept"]["states"]
    assert len(states) == len({json.dumps(state) for state in states}) == 9 and states[0] == {}
    assert len(list(data.iterdir())) == 2 * 9 + 2
    n = next(n for n, state in enumerate(states) if state == {"scale": {INTENSITY: 1.2}})
    solved = kctopt.solve(kctopt.load(folder / "base.yaml", **states[n]))
    for lang in ("en", "zh"):
        told = dict(json.loads((data / f"{n}-{lang}.json").read_text(encoding="utf-8")))
        head = {item["key"]: item["text"] for item in told["planned"]["head"]}
        assert solved.objective is not None
        assert abs(float(head["objective"]) - solved.objective) <= 1.1e-4 * solved.objective
        assert told["worth"]["head"] and len(told["planned"]["figures"]) == 5


def test_a_page_is_never_written_over_another(folder: Path) -> None:
    one = ["--lever", INTENSITY, "--points", "2", "--json"]
    done = CliRunner().invoke(main, ["explore", str(folder / "base.yaml"), "--export", str(folder / "page"), *one])
    told = json.loads(done.stdout)
    assert Path(told["folder"]).name == "page-2" and (told["plans"], told["without"]) == (2, 0)


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_levers_go_from_one_plan_to_the_next(browser: object, address: str) -> None:
    with opened(browser, address) as page:
        base = objective(page)
        assert "9 plans, each solved and proven" in page.inner_text("#kept") and status(page) == "optimal"
        assert page.is_hidden("#save") and page.is_hidden("#find") and not page.locator("#rule").count()
        assert page.get_attribute("meta[http-equiv=content-security-policy]", "content") == POLICY
        assert page.locator("#groups .lever").count() == 2
        lever = page.locator(".lever", has=page.locator(f"[data-lever='{INTENSITY}']"))
        lever.locator("input[type=range]").focus()
        page.keyboard.press("End")
        ended(page)
        worse = objective(page)
        assert worse < base and lever.locator("input[type=number]").input_value() == "1.2"
        assert page.locator("[data-figure=allocation] .place[data-drawn=planned] svg").count() == 1
        page.click("#pin")
        page.click("#undo")
        ended(page)
        assert objective(page) == base and page.locator("#pinned tbody tr").count() == 2
        box = lever.locator("input[type=number]")
        box.fill("1.13")  # not there: the nearest is
        box.press("Tab")
        ended(page)
        assert box.input_value() == "1.2" and objective(page) == worse
        assert "the nearest that is there is shown" in page.inner_text("#kept")
        page.select_option("#lang", "zh")
        page.wait_for_selector("html[lang=zh-CN]")
        ended(page)
        assert status(page) == "最优" and "9 个方案" in page.inner_text("#kept")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_an_address_from_elsewhere_shows_the_nearest_plan_and_says_so(browser: object, address: str) -> None:
    state = {"scale": {INTENSITY: 1.13}, "set": {"money.carry_share": 0.1}, "policies": {"x": None}}
    with opened(browser, address, f"#s={quote(json.dumps(state))}") as page:
        assert "the nearest that is there is shown" in page.inner_text("#kept")
        lever = page.locator(".lever", has=page.locator(f"[data-lever='{INTENSITY}']"))
        assert lever.locator("input[type=number]").input_value() == "1.2"
        assert "carry_share" not in page.url


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("controls.intensty", "did you mean 'controls.intensity'?"),
        ("security.economy", "sums to 1 with others"),
        (f"{INTENSITY}=0.4", "give its ends as LOW:HIGH"),
        (f"{INTENSITY}=0.4:1.5", "must rise and lie within 0 and 1"),
        (f"{INTENSITY}=0.8:0.4", "must rise"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(asked: str, text: str) -> None:
    with pytest.raises(UsageError, match=text.replace("?", r"\?")):
        Grid.of(Levers(kctopt.load("baseline"), {}), [asked])


def test_a_grid_has_the_base_and_no_more_than_can_be_kept() -> None:
    levers = Levers(kctopt.load("baseline"), {})
    grid = Grid.of(levers)
    assert [lever.id for lever, _ in grid.axes] == ["budget.2026-30", "budget.2031-35", INTENSITY, "rival.growth_shift"]
    assert all(lever.value in values for lever, values in grid.axes)
    assert len(grid.states()) == 3**4 and not grid.states()[0].data
    assert Grid.of(levers, [f"{INTENSITY}=0.9:1"], 2).axes[0][1] == (levers.scenario.controls.intensity.root, 0.9, 1.0)
    with pytest.raises(UsageError, match=f"more than {MOST:,}"):
        Grid.of(levers, points=20)
    with pytest.raises(UsageError, match="given twice"):
        Grid.of(levers, [INTENSITY, INTENSITY])


def test_what_says_which_plans_goes_with_export() -> None:
    done = CliRunner().invoke(main, ["explore", "baseline", "--points", "3"])
    assert done.exit_code == 2 and "add --export DIR" in done.stderr.replace("\n", " ")
