"""The explorer's page in a real browser, driven as a user drives it; skipped where there is no Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from pages import CHROMIUM, WAIT, ended, faults, objective, opened, status
from pages import browser as browser  # a fixture
from worlds import tiny

import kctopt
from kctopt.scenario.dump import dump

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("page")
    (made / "base.yaml").write_text(dump(tiny()), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The command as a user starts it, and ends it by Ctrl-C."""
    path = os.pathsep.join([str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, "-m", "kctopt", "explore", "base.yaml", "--no-browser"], cwd=folder, text=True,
        env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip().partition("#")[0]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said and "ERROR" not in said, said


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page at the base; at its end nothing has gone wrong in it and nobody else was asked for anything."""
    with opened(browser, address) as made:
        yield made


def open_all(page: Any) -> None:
    page.evaluate("document.querySelectorAll('#groups > details').forEach((one) => { one.open = true; })")


def test_a_lever_moves_the_held_plan_and_the_certified_one_and_goes_back(page: Any) -> None:
    base, indices = objective(page), page.inner_text("#indices")
    assert page.get_attribute("html", "lang") == "en" and "optimal" in status(page)
    assert page.is_disabled("#undo") and page.is_disabled("#reset")
    page.locator("[data-lever='controls.intensity']").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    ended(page)
    moved = objective(page)
    assert moved < base and page.inner_text("#indices") != indices
    assert page.inner_text("#head-held [data-key=objective]") and "s=" in page.url
    assert page.locator("[data-figure=allocation] .place[data-drawn=planned] svg").count() == 1
    assert page.locator("#movers table, #movers p").count() == 1
    assert "+" in page.inner_text("#indices") or "−" in page.inner_text("#indices")
    page.reload()  # open again tomorrow: the address holds the state
    ended(page)
    assert objective(page) == moved
    page.click("#reset")
    ended(page)
    assert objective(page) == base and "s=" not in page.url
    page.click("#undo")
    ended(page)
    assert objective(page) == moved
    page.click("#redo")
    ended(page)
    assert objective(page) == base


@pytest.mark.long
def test_every_kind_of_lever_moves_the_plan(page: Any) -> None:
    open_all(page)
    page.fill("#find-text", "carry share")
    page.wait_for_selector("#found .lever")
    boxes = page.locator("#groups .lever, #found .lever")
    kinds = {"budget": "1.02", "cooperation.exposure_limit": "0.5", "rival.growth_shift": "0.001",
             "knowledge.effort_elasticity": "0.45", "security.economy": "0.5", "domains": "0.7",
             "money.carry_share": "0.05"}  # fmt: skip
    before = objective(page)
    for start, value in kinds.items():
        lever = boxes.filter(has=page.locator(f"input[data-lever^='{start}']")).first
        box = lever.locator("input[type=number]")
        box.fill(value)
        box.press("Tab")
        ended(page)
        assert status(page) == "optimal", start
        assert lever.get_attribute("class") == "lever moved"
    weights = page.locator("input[data-lever^='security.']")
    sums = sum(float(weights.nth(n).input_value()) for n in range(3))
    assert abs(sums - 1) < 0.02 and objective(page) != before


def test_a_policy_that_leaves_no_plan_is_explained_loosened_and_taken_out(page: Any) -> None:
    base = objective(page)
    open_all(page)
    page.select_option("#rule-domain", index=1)
    page.fill("#rule-amount", "60")
    page.fill("#rule-name", "much")
    page.select_option("#rule-first", "2027")
    page.select_option("#rule-last", "2027")
    page.click("#rule button[type=submit]")
    ended(page)
    assert status(page) == "infeasible"
    page.wait_for_selector("#infeasible:not([hidden]) button.loosen", timeout=WAIT)
    assert "much" in page.inner_text("#infeasible")
    page.locator("#infeasible button.loosen").first.click()
    ended(page)
    assert status(page) == "optimal" and page.is_hidden("#infeasible") and objective(page) <= base
    page.get_by_role("button", name="Take out: much").click()
    ended(page)
    assert objective(page) == base


@pytest.mark.long
def test_a_rule_is_moved_to_other_years_and_another_domain(page: Any) -> None:
    open_all(page)
    page.select_option("#rule-kind", "cap")
    page.select_option("#rule-domain", index=1)
    page.fill("#rule-amount", "9")
    page.fill("#rule-name", "top")
    page.click("#rule button[type=submit]")
    ended(page)
    capped = objective(page)
    page.locator("details.edit summary").first.click()
    page.select_option("[data-edit='top to']", "2026")
    ended(page)
    assert '"years":"2026"' in unquote_plus(page.url) and objective(page) >= capped
    page.locator("details.edit summary").first.click()
    domain = page.locator("[data-edit='top domain'] option").nth(2).get_attribute("value")
    page.select_option("[data-edit='top domain']", domain)
    ended(page)
    assert f'"domain":"{domain}"' in unquote_plus(page.url)


def test_a_pinned_plan_is_held_against(page: Any) -> None:
    page.locator("[data-lever='controls.intensity']").focus()
    page.keyboard.press("End")
    ended(page)
    page.fill("#pin-name", "tight")
    page.click("#pin")
    page.get_by_role("button", name="Hold others against it: tight").click()
    ended(page)
    delta = "#head-planned [data-key=objective] .delta"
    assert page.locator(delta).count() == 0 and "base=" in page.url
    page.click("#reset")
    ended(page)
    assert "+" in page.inner_text(delta)
    page.reload()
    ended(page)
    assert "+" in page.inner_text(delta)


def test_charts_are_dark_where_the_page_is(browser: Any, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    ended(page)
    page.wait_for_selector(".chart svg")
    assert "invert" in page.eval_on_selector(".chart svg", "(one) => getComputedStyle(one).filter")
    page.close()


def test_levers_that_do_not_fit_together_are_told_and_can_be_taken_back(page: Any) -> None:
    open_all(page)
    box = page.locator(".lever", has=page.locator("[data-lever='controls.intensity']")).locator("input[type=number]")
    box.fill("3")
    box.press("Tab")
    ended(page)
    assert "must lie between 0 and 1" in page.inner_text("#faults")
    page.click("#undo")
    ended(page)
    assert page.is_hidden("#faults") and status(page) == "optimal"


@pytest.mark.long
def test_plans_are_pinned_named_compared_and_saved_with_the_numbers_of_the_command(page: Any, folder: Path) -> None:
    page.locator("[data-lever='controls.intensity']").focus()
    page.keyboard.press("ArrowRight")
    ended(page)
    page.fill("#pin-name", "tighter")
    page.click("#pin")
    rows = page.locator("#pinned tbody tr")
    assert rows.count() == 2
    assert rows.nth(1).locator("input").input_value() == "tighter"
    page.reload()
    ended(page)
    page.wait_for_selector("#pinned tbody tr >> nth=1", timeout=WAIT)
    page.fill("#save-name", "tighter")
    page.check("#save-also input[value=run]")
    page.check("#save-also input[value=html]")
    page.click("#save-folder")
    page.wait_for_selector("#saved[data-objective]", timeout=WAIT)
    solved = kctopt.solve(folder / "tighter.yaml")
    assert float(page.get_attribute("#saved", "data-objective")) == solved.objective
    assert "tighter.yaml" in page.inner_text("#saved") and "tighter.html" in page.inner_text("#saved")
    assert kctopt.open(folder / "tighter").objective == solved.objective and (folder / "tighter.html").is_file()
    with page.expect_download() as waiting:
        page.click("#save-download")
    assert Path(waiting.value.path()).read_text(encoding="utf-8") == (folder / "tighter.yaml").read_text(
        encoding="utf-8"
    )
    page.get_by_role("button", name="Unpin: tighter").click()
    assert rows.count() == 1


def test_the_page_speaks_chinese(page: Any) -> None:
    page.select_option("#lang", "zh")
    page.wait_for_selector("html[lang=zh-CN]")
    ended(page)
    assert status(page) == "最优" and page.inner_text("#levers-title") == "调节项"
    texts = page.inner_text("main") + page.inner_text("header")
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub("[Tt]wo domains.*", "", texts))
    page.reload()
    ended(page)
    assert page.get_attribute("html", "lang") == "zh-CN"


@pytest.mark.long
def test_the_keyboard_is_enough_and_everything_has_a_name(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    base = objective(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.lever ?? ''") == "controls.intensity":
            break
    page.keyboard.press("Home")
    ended(page)
    moved = objective(page)
    assert moved > base
    page.keyboard.press("Control+z")
    ended(page)
    assert objective(page) == base
    open_all(page)
    nameless = page.evaluate(
        "[...document.querySelectorAll('input, select, button')].filter((one) => !(one.labels?.length || one.ariaLabel "
        "|| one.textContent.trim())).map((one) => one.outerHTML)"
    )
    assert nameless == []
    assert page.locator(".chart[role=img]").count() == page.locator(".chart[aria-label]").count() > 0


@pytest.mark.parametrize(("lang", "scheme", "width"), [("en", "light", 1280), ("zh", "dark", 360)])
@pytest.mark.long
def test_axe_finds_no_serious_fault(browser: Any, address: str, lang: str, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}#lang={lang}")
    ended(page)
    page.click("#pin")
    page.fill("#find-text", "carry share")
    page.wait_for_selector("#found .lever")
    open_all(page)
    page.select_option("#rule-domain", index=1)
    page.fill("#rule-amount", "60")
    page.select_option("#rule-first", "2027")
    page.select_option("#rule-last", "2027")
    page.click("#rule button[type=submit]")
    ended(page)
    page.wait_for_selector("#infeasible:not([hidden])", timeout=WAIT)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    ended(page)
    assert faults(page) == []
    box = page.locator(".lever", has=page.locator("[data-lever='controls.intensity']")).locator("input[type=number]")
    box.fill("3")
    box.press("Tab")
    ended(page)
    assert page.is_visible("#faults") and faults(page) == []
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), pytest.param(3840, "light", marks=pytest.mark.long)])
def test_it_fits_from_a_phone_to_a_wall(browser: Any, address: str, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    with suppress(Exception):
        page.goto(address)
    ended(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    ended(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('#status').getBoundingClientRect().height") < 300
    page.close()
