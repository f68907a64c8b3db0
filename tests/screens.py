"""Pictures of the explorer for the documentation: `python tests/screens.py` takes them anew, in every language."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from pages import CHROMIUM, ended
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parents[1] / "docs"
PLACES = {"en": DOCS / "explore.png", "zh": DOCS / "zh" / "explore.png"}
STATE = '{"set":{"controls.intensity":0.8},"scale":{"budget.2026":1.05,"budget.2027":1.05}}'
SIZE = {"width": 1000, "height": 660}


def main() -> None:
    """Start the command on the baseline with two levers moved, and take a picture in each language."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "kctopt", "explore", "baseline", "--no-browser"]
        process = subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip().partition("#")[0]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for lang, place in PLACES.items():
                page = browser.new_page(viewport=SIZE)
                page.goto(f"{address}#lang={lang}&s={quote(STATE)}")
                ended(page)
                page.wait_for_timeout(3000)  # the last figure
                page.screenshot(path=place)
                page.close()
            browser.close()
        finally:
            process.terminate()
            process.wait(60)


if __name__ == "__main__":
    main()
