"""Figures -> docs/benchmarks.md: medians, ratios and how cost grows."""

from __future__ import annotations

import math
import os
import platform
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

Figures = dict[str, Any]
Size = tuple[int, int]  # lines, years

NAMES = {
    "kctopt": "kctopt, cold",
    "warm": "kctopt, warm",
    "kctopt-changed": "kctopt, cold, changed budget",
    "clarabel": "cvxpy + Clarabel",
    "scip": "SCIP",
}

DISCRETE_HEAD = """## Discrete decisions

Scenarios with integers, each solver asked for the same gap in the same time. SCIP gets the exact nonlinear Pyomo model
with its integers as an .nl file. No gap: no plan was found.
"""
DISCRETE_TABLE = """\
| scenario | asked | within s | solver | model s | solve s | CPU s | gap | memory | end |
|---|--:|--:|---|--:|--:|--:|--:|--:|---|"""

HEAD = """# Benchmarks

Written by `make bench` (`python -m benchmarks.run --full`); do not edit by hand.

The same question to each: the baseline over 10 planned years, `horizon-2050` over 25, with their 20 lines, or with
every line split into parts that differ a little (`benchmarks/worlds.py`), and 5 tail years. Each measurement runs in
a fresh process with one thread for BLAS; imports and reading of files are not counted. kctopt is asked for a gap of
1e-6, of 1e-5 with 1000 lines and of 1e-4 with 5000, and goes on to 1e-6; the table gives medians of three measurements
for 20 lines (SCIP: one) and single ones above.

| column | meaning |
|---|---|
| model | seconds from the records of the scenario to the program in the solver's own form |
| solve | seconds from there to the end |
| CPU | process seconds of model and solve together, all threads |
| × | CPU seconds (wall where these were not measured) over those of kctopt, cold, at the same size |
| gap | relative distance of the two bounds at the end; Clarabel's is the tolerance it was given |
| memory | largest resident memory of the process, MiB |

"kctopt, warm" solves again after every year's budget rose by 5 %; below it, the same question solved cold. "SCIP"
gets the exact nonlinear Pyomo model as an .nl file; it does not see that the program is convex.
"""


def write_report(results: dict[str, Figures], path: Path, idle: float) -> None:
    """Write the page from everything measured so far; a part of it of which nothing was stays as it is."""
    whole, part = ({k: v for k, v in results.items() if (":" in k) is within} for within in (False, True))
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    first, mark, second = before.partition(DISCRETE_HEAD.splitlines()[0])
    texts = [continuous(whole, idle) if whole else first, discrete(part, idle) if part else mark + second]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n\n".join(text.strip() for text in texts if text).rstrip() + "\n", encoding="utf-8")


def continuous(results: dict[str, Figures], idle: float) -> str:
    """The part on programs without integers."""
    found = merged(results)
    sizes = sorted({size for size, _ in found})
    parts = [HEAD, machine(results, idle), "## Time and memory\n", table(found, sizes), "## How cost grows\n"]
    return "\n".join([*parts, growth(found), "## Checks\n", checks(found, sizes)])


def discrete(results: dict[str, Figures], idle: float) -> str:
    """Programs with integers: kctopt and SCIP side by side, in the same time."""
    asked_of = {tuple(method.split(":")): figures for (_, method), figures in merged(results).items()}
    rows = []
    for (solver, scenario, gap), figures in sorted(asked_of.items(), key=lambda item: (*item[0][1:], item[0][0])):
        shown = cells(figures, None)
        del shown[3]  # the ratio
        asked = [scenario, f"{float(gap):.0e}", f"{figures['limit']:.0f}", NAMES[solver].partition(",")[0]]
        rows.append(f"| {' | '.join(asked + shown)} |")
    return "\n".join([DISCRETE_HEAD, machine(results, idle), DISCRETE_TABLE, *rows])


def merged(results: dict[str, Figures]) -> dict[tuple[Size, str], Figures]:
    """One set of figures for each size and method: the medians of its measurements."""
    groups: dict[tuple[Size, str], list[Figures]] = defaultdict(list)
    for key, figures in results.items():
        method, size, _ = key.split("/")
        lines, years = map(int, size.split("x"))
        groups[(lines, years), method].append(figures)
        if "warm" in figures:
            groups[(lines, years), "warm"].append(
                {"model": 0.0, "solve": figures["warm"], "gap": figures["warm_gap"], "status": figures["warm_status"],
                 "objective": figures["warm_objective"]}
                | ({"cpu": figures["warm_cpu"]} if "warm_cpu" in figures else {})
            )  # fmt: skip
    return {key: middle(group) for key, group in groups.items()}


def middle(group: list[Figures]) -> Figures:
    """Medians of the numbers of several measurements; texts of the worst of them."""
    done = [figures for figures in group if "solve" in figures]
    if not done:
        return group[0]
    worst = max(done, key=lambda figures: figures["status"] != "optimal")
    names = [name for name, value in worst.items() if isinstance(value, int | float)]
    return worst | {name: median([f[name] for f in done if f.get(name) is not None]) for name in names}


def total(figures: Figures | None) -> float | None:
    """Model and solve together."""
    return figures["model"] + figures["solve"] if figures and "solve" in figures else None


def work(figures: Figures | None) -> float | None:
    """CPU seconds of model and solve together; wall seconds where these are all that is known."""
    spent = total(figures)
    return figures.get("cpu", spent) if figures and spent is not None else None


def table(found: dict[tuple[Size, str], Figures], sizes: list[Size]) -> str:
    """Every size and method in one table."""
    rows = [
        "| lines | years | method | model s | solve s | CPU s | × | gap | memory | end |",
        "|--:|--:|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for size in sizes:
        base = work(found.get((size, "kctopt")))
        for method, label in NAMES.items():
            figures = found.get((size, method))
            if figures is not None:
                rows.append(f"| {size[0]} | {size[1]} | {label} | " + " | ".join(cells(figures, base)) + " |")
    return "\n".join(rows) + "\n"


def cells(figures: Figures, base: float | None) -> list[str]:
    """The numbers of one row."""
    spent = work(figures)
    if spent is None:
        return ["", "", "", "", "", "", f"{figures['status']} ({figures.get('limit', 0):.0f} s)"]
    gap, memory = figures.get("gap"), figures.get("memory")
    return [
        f"{figures['model']:.2f}" if figures["model"] else "",
        f"{figures['solve']:.2f}",
        f"{figures['cpu']:.2f}" if "cpu" in figures else "",
        f"{'' if figures['status'] == 'optimal' else '> '}{spent / base:.2f}" if base else "",
        f"{gap:.1e}" if gap is not None else "",
        f"{memory:.0f}" if memory is not None else "",
        ending(figures),
    ]


def ending(figures: Figures) -> str:
    """How it ended, with the work it took."""
    text = str(figures["status"])
    if figures.get("attempts", 1) > 1:
        text += f", attempt {figures['attempts']:.0f}"
    if "rows" in figures:
        text += f", {figures['rows']:.0f} rows"
    elif "rounds" in figures:
        text += f", {figures['rounds']:.0f} {'nodes' if figures['status'] == 'timelimit' else 'rounds'}"
    return text


def growth(found: dict[tuple[Size, str], Figures]) -> str:
    """Exponents p of cost ~ lines^p and years^p between neighbouring sizes."""
    rows = ["| method | from | to | time | memory |", "|---|---|---|--:|--:|"]
    steps = [((20, y), (200, y), 10.0) for y in (10, 25)] + [((200, y), (1000, y), 5.0) for y in (10, 25)]
    steps += [((1000, 10), (5000, 10), 5.0)]
    steps += [((lines, 10), (lines, 25), 30 / 15) for lines in (20, 200, 1000)]  # tail years count
    for method in ("kctopt", "clarabel"):
        for low, high, factor in steps:
            first, second = found.get((low, method)), found.get((high, method))
            if total(first) is None or total(second) is None:
                continue
            assert first is not None and second is not None
            time = exponent(work(first), work(second), factor)
            memory = exponent(first.get("memory"), second.get("memory"), factor)
            limited = " (limit)" if second["status"] == "limit" else ""
            sizes = " | ".join(f"{size[0]} × {size[1]}" for size in (low, high))
            rows.append(f"| {NAMES[method]} | {sizes}{limited} | {time} | {memory} |")
    if len(rows) == 2:
        return "Not measured: needs more than one size.\n"
    note = (
        "Exponents p of cost ~ lines^p, or years^p (tail included), between two sizes. Memory includes the interpreter."
    )
    return note + "\n\n" + "\n".join(rows) + "\n"


def exponent(low: float | None, high: float | None, factor: float) -> str:
    """p with high/low = factor^p."""
    return f"{math.log(high / low) / math.log(factor):.2f}" if low and high else ""


def checks(found: dict[tuple[Size, str], Figures], sizes: list[Size]) -> str:
    """Do the methods agree, and do the promised ratios hold?"""
    rows = []
    for size in sizes:
        ours, theirs = found.get((size, "kctopt")), found.get((size, "clarabel"))
        warm, again = found.get((size, "warm")), found.get((size, "kctopt-changed"), ours)
        name = f"{size[0]} lines × {size[1]} years"
        if total(ours) is None:
            continue
        assert ours is not None
        if theirs is not None and total(theirs) is not None:
            apart = (theirs["objective"] - ours["objective"]) / abs(theirs["objective"])
            rows.append(
                f"- {name}: kctopt takes {(work(ours) or 0) / (work(theirs) or 1):.2f} of the CPU of cvxpy + Clarabel; "
                f"its plan lies {apart:.1e} (relative) below Clarabel's optimum."
            )
        if warm is not None and again is not None and total(again):
            rows.append(
                f"- {name}: the warm re-solve is {(total(again) or 0) / warm['solve']:.1f} times faster than cold."
            )
    return "\n".join(rows) + "\n"


def machine(results: dict[str, Figures], idle: float) -> str:
    """Where and with what it was measured."""
    packages = ("kctopt", "highspy", "pyomo", "cvxpy", "clarabel", "pyscipopt", "numpy")
    versions = ", ".join(f"{name} {installed(name)}" for name in packages)
    load = max((figures.get("load", 0.0) for figures in results.values()), default=0.0)
    busy = (
        f"\n**The machine was busy (load up to {load:.1f} before a measurement): the figures are too high.**\n"
        if load > idle + os.cpu_count() * 0.5  # type: ignore[operator]
        else ""
    )
    return (
        f"Measured on {os.cpu_count()} cores ({processor()}), {platform.system()}, Python {platform.python_version()}; "
        f"{versions}.\n{busy}"
    )


def installed(package: str) -> str:
    """Version of an installed package."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return "(source)"


def processor() -> str:
    """Name of the processor where the system tells it."""
    path = Path("/proc/cpuinfo")
    text = path.read_text() if path.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
