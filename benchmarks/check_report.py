"""Opens HTML reports in a real browser: `python -m benchmarks.check_report RUN…`; ends with 1 when something is wrong.

Makes the report of every run, and of all together, in both languages, and asks of each: no request to anywhere, no
message on the console, language set, headings in order, ids once, a caption on every table, all figures drawn and
described, the skip link works, nothing wider than the window, and no fault found by axe, be it small. A page made
wrong on purpose must fail. Needs node, Chromium, and the npm packages axe-core and playwright-core in NODE_PATH;
without them it says what is missing and ends with 2.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from kctopt.api import open as open_run
from kctopt.report.write import report

SCRIPT = Path(__file__).with_name("check_report.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BAD = (
    '<html><head><title>bad</title></head><body><h1>a</h1><h3>b</h3><img src="https://example.invalid/x.png">'
    "<figure><svg></svg></figure><table><tr><td>1</td></tr></table></body></html>"
)


def main(runs: list[Path]) -> int:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    lacking = missing(browser)
    if lacking or not runs:
        print(f"not checked: {lacking or 'name at least one run'}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        files = list(pages(runs, place))
        (place / "bad.html").write_text(BAD, encoding="utf-8")
        command = ["node", str(SCRIPT), str(browser), *map(str, files), str(place / "bad.html")]
        *found, bad = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    wrong = 0
    for one in found:
        faults = list(faults_of(one))
        wrong += len(faults)
        axe = one["axe"]
        print(
            f"{one['file']}: {one['bytes'] / 1e3:.0f} kB, {len(one['figures'])} figures, {one['tables']} tables, "
            f"axe {axe['version']}: {axe['passes']} rules pass, {len(axe['violations'])} fail"
        )
        print("".join(f"  WRONG: {fault}\n" for fault in faults), end="")
    unseen = {"request", "language", "headings", "figure", "caption", "skip", "axe"}
    unseen -= {fault.partition(":")[0] for fault in faults_of(bad)}
    if unseen:
        print(f"WRONG: the page made wrong on purpose passes the checks of {', '.join(sorted(unseen))}")
    return 1 if wrong or unseen else 0


def missing(browser: str | None) -> str:
    if browser is None:
        return "Chromium is not installed"
    if shutil.which("node") is None:
        return "node is not installed"
    code = "require.resolve('axe-core/axe.min.js'); require.resolve('playwright-core')"
    found = subprocess.run(["node", "-e", code], capture_output=True, env=os.environ, check=False)
    return "" if found.returncode == 0 else "NODE_PATH has no axe-core and playwright-core (npm install them there)"


def pages(runs: list[Path], place: Path) -> Iterator[Path]:
    results = [open_run(run) for run in runs]
    for lang in ("en", "zh"):
        for run, result in zip(runs, results, strict=True):
            yield from report([result], place / f"{run.name}-{lang}", ["html"], lang)
        if len(runs) > 1:
            yield from report(results, place / f"all-{lang}", ["html"], lang)


def faults_of(page: dict[str, Any]) -> Iterator[str]:
    yield from (f"request: to {url}" for url in page["requests"])
    yield from (f"console: {text}" for text in page["messages"])
    if not page["lang"]:
        yield "language: none set"
    levels = page["headings"]
    if levels[:1] != [1] or any(after - before > 1 for before, after in pairwise(levels)):
        yield f"headings: {levels}"
    if len(page["ids"]) != len(set(page["ids"])):
        yield "ids: one stands twice"
    if page["tables"] != page["captions"]:
        yield f"caption: {page['tables'] - page['captions']} tables without"
    for figure in page["figures"]:
        if not figure["label"] or figure["width"] < 200 or figure["height"] < 100 or figure["marks"] < 10:
            yield f"figure: {figure}"
    if page["first_focus"] != "#report" or page["after_skip"] != "report":
        yield f"skip: link leads to {page['after_skip']!r}"
    if page["wide"]:
        yield "width: the page scrolls sideways"
    for one in page["axe"]["violations"]:
        yield f"axe: {one['id']} ({one['impact']}, {one['count']} times): {one['where']}"


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
