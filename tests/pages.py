"""The explorer's page in a real browser: what its tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT = 60_000  # milliseconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@contextmanager
def opened(browser: Any, address: str, state: str = "") -> Iterator[Any]:
    """A page; at its end nothing has gone wrong in it and nobody else was asked for anything."""
    made = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    made.on("console", lambda message: wrong.append(message.text) if wrongly(message) else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else wrong.append(asked.url)
    )
    made.goto(address + state)
    ended(made)
    yield made
    made.close()
    assert wrong == []


def wrongly(message: Any) -> bool:
    """Whether a message of the console is an error: that levers do not fit together is answered with 422, and told."""
    return message.type == "error" and "status of 422" not in message.text


def ended(page: Any) -> None:
    """Wait for the answer to what was asked last: asking waits for 25 ms, in case the lever moves on."""
    page.wait_for_timeout(60)
    page.wait_for_selector("body[data-state=done], body[data-state=fault]", timeout=WAIT)


def objective(page: Any) -> float:
    return float(page.inner_text("#head-planned [data-key=objective] dd >> nth=0").replace(",", ""))


def status(page: Any) -> str:
    return str(page.inner_text("#head-planned [data-key=status] dd"))


def faults(page: Any) -> list[str]:
    """What axe-core finds in the page as it stands that is serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]
    ]  # fmt: skip
