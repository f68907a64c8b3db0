"""python -m benchmarks.explorer [latency] [streamlit] [soak] [--moves 60] [--python PYTHON] [--base baseline]

The explorer's page in Chromium, as a user moves its lever of control intensity (all three by default):

| part | what is measured | target |
|---|---|---|
| latency | ms from the move to the chart of the plan held fixed, and to the certified plan | 60 (95 %: 150), 300 |
| streamlit | the same lever wired to a cold `kctopt.solve` in Streamlit | 10 times slower than the certified plan |
| soak | memory of the server and of the page after 2,000 moves beside that after 400 | within 10 % |

Every move is to a number that was not asked for before; with both parts in one call Streamlit is held against the
page. Run it on an idle machine: all of it is wall time. Streamlit is
no dependency; PYTHON is one that has it and kctopt (`pip install streamlit`), this one by default. Prints a line of
JSON for each part; exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

PARTS = ("latency", "streamlit", "soak")
LEVER = "controls.intensity"
HELD, HELD_TAIL, CERTIFIED, TIMES, GROWTH = 60.0, 150.0, 300.0, 10.0, 1.1
WARM, MOVES, PACE = 400, 2000, 60  # of the soak: moves before the first reading, all moves, ms between two
APP = """
import streamlit as st
import kctopt
value = st.slider("intensity", 0.0, 1.0, 0.5, 0.001, key="lever", format="%.3f")
result = kctopt.solve(kctopt.load("{base}", set={{"controls.intensity": value}}))
st.text(f"answer {{value:.3f}} {{result.objective:.4f}}")
"""
# Moves the lever, and waits for the chart of the plan held fixed and for the certified plan that belong to this move.
MOVE = """async ([lever, value]) => {
  const range = document.querySelector(`[data-lever='${lever}']`), body = document.body.dataset;
  const place = document.querySelector("[data-figure=allocation] .place").dataset;
  const before = place.turn, began = performance.now(), times = {}, now = () => performance.now() - began;
  await new Promise((done) => {
    const look = () => {
      if (times.held === undefined && place.turn !== before && place.drawn === "held") times.held = now();
      if (body.state === "asked") times.asked = true;
      if (times.certified === undefined && times.asked && body.state === "planned") times.certified = now();
      if (body.state === "done" && times.certified !== undefined) { watch.disconnect(); done(); }
    };
    const watch = new MutationObserver(look), attributeFilter = ["data-state", "data-drawn", "data-turn"];
    watch.observe(document.body, { attributes: true, subtree: true, attributeFilter });
    range.value = value;
    for (const name of ["input", "change"]) range.dispatchEvent(new Event(name, { bubbles: true }));
  });
  return times;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--moves", type=int, default=60, help="of latency, and a tenth of it of streamlit")
    parser.add_argument("--soak-moves", type=int, default=MOVES)
    parser.add_argument("--python", default=sys.executable, help="one that has streamlit and kctopt")
    parser.add_argument("--base", default="baseline")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    fine, median = True, None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for part in options.parts or PARTS:
            match part:
                case "latency":
                    found = latency(browser, options.base, options.moves)
                    median = found["certified_median"]
                case "streamlit":
                    found = streamlit(browser, options.base, max(3, options.moves // 10), options.python, median)
                case _:
                    found = soak(browser, options.base, options.soak_moves)
            print(json.dumps({"part": part, **found}), flush=True)
            fine &= found.get("fine") is not False
        browser.close()
    return int(not fine)


@contextmanager
def explored(browser: Any, base: str) -> Iterator[tuple[Any, int]]:
    """A page of the explorer with its first answer, and the process that serves it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kctopt", "explore", base, "--no-browser"]
        process = subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert process.stdout is not None
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(process.stdout.readline().strip())
            page.wait_for_selector("body[data-state=done]", timeout=120_000)
            page.wait_for_selector("#pinned table", timeout=120_000)
            yield page, process.pid
            page.close()
        finally:
            process.terminate()
            process.wait(60)


def values(count: int) -> list[float]:
    """Where the lever goes, each place once, on the steps of its slider and far from the last."""
    return [round(0.2 + 0.6 * ((n * 0.618034) % 1) + 1e-6 * n, 9) for n in range(1, count + 1)]


def latency(browser: Any, base: str, moves: int) -> dict[str, Any]:
    """From the lever to the chart of the plan held fixed, and to the certified plan."""
    with explored(browser, base) as (page, _):
        page.evaluate(f"document.querySelector(\"[data-lever='{LEVER}']\").step = 'any'")
        times = [page.evaluate(MOVE, [LEVER, value]) for value in values(moves)]
    held = sorted(one["held"] for one in times if one.get("held") is not None)
    certified = [one["certified"] for one in times]
    tail = held[min(len(held) - 1, int(0.95 * len(held)))]
    found = {
        "moves": moves, "held_median": statistics.median(held), "held_95": tail,
        "certified_median": statistics.median(certified), "certified_worst": max(certified), "unit": "ms",
    }  # fmt: skip
    fine = found["held_median"] <= HELD and tail <= HELD_TAIL and found["certified_median"] <= CERTIFIED
    return found | {"fine": fine}


def streamlit(browser: Any, base: str, moves: int, python: str, median: float | None) -> dict[str, Any]:
    """From the same lever to the objective, where it is wired to a cold solve in Streamlit."""
    if subprocess.run([python, "-c", "import streamlit, kctopt"], capture_output=True, check=False).returncode:
        return {"left_out": f"{python} lacks streamlit or kctopt: pip install streamlit, or name another by --python"}
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        Path(folder, "app.py").write_text(APP.format(base=base), encoding="utf-8")
        command = [python, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
                   "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]  # fmt: skip
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                    break
                time.sleep(0.2)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            page.get_by_text("answer 0.500").wait_for(timeout=120_000)
            times = []
            for n in range(1, moves + 1):
                began = time.perf_counter()
                page.get_by_role("slider").press("ArrowRight")
                page.get_by_text(f"answer {0.5 + n / 1000:.3f}").wait_for(timeout=120_000)
                times.append(1000 * (time.perf_counter() - began))
            page.close()
        finally:
            process.terminate()
            process.wait(60)
    found: dict[str, Any] = {"moves": moves, "cold_median": statistics.median(times), "unit": "ms"}
    if median is not None:
        found |= {"times": found["cold_median"] / median, "fine": found["cold_median"] >= TIMES * median}
    return found


def soak(browser: Any, base: str, moves: int) -> dict[str, Any]:
    """Memory after many moves, most of which are given up for the next, as when a lever is dragged."""
    warm = min(WARM, moves // 4)
    with explored(browser, base) as (page, pid):
        page.evaluate(f"document.querySelector(\"[data-lever='{LEVER}']\").step = 'any'")
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")
        readings = []
        for n, value in enumerate(values(moves), 1):
            drag(page, value, n % 10 == 0)
            if n in (warm, moves):
                page.wait_for_selector("body[data-state=done]", timeout=120_000)
                session.send("HeapProfiler.collectGarbage")
                heap = session.send("Runtime.getHeapUsage")["usedSize"]
                readings.append((resident(pid), heap / 2**20))
    (server, heap), (server_after, heap_after) = readings
    return {
        "moves": moves, "after": warm, "server": round(server, 1), "server_after": round(server_after, 1),
        "page": round(heap, 1), "page_after": round(heap_after, 1), "unit": "MiB",
        "fine": server_after <= GROWTH * server and heap_after <= GROWTH * heap,
    }  # fmt: skip


def drag(page: Any, value: float, rest: bool) -> None:
    """One move; every tenth waits for its answer."""
    page.eval_on_selector(
        f"[data-lever='{LEVER}']",
        "(range, value) => { range.value = value; range.dispatchEvent(new Event('input', { bubbles: true }));"
        " range.dispatchEvent(new Event('change', { bubbles: true })); }",
        value,
    )
    page.wait_for_timeout(PACE)
    if rest:
        page.wait_for_selector("body[data-state=done]", timeout=120_000)


def resident(pid: int) -> float:
    """Memory of a process, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    sys.exit(main())
