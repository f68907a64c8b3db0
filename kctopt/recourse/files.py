"""A decided tree on disk, in one new folder that is written whole or not at all.

| file | content |
|---|---|
| stochastic.json | status, bounds, values with brackets, states, tables, versions, hashes of what was read |
| courses.csv, hedging.csv, recourse.csv, security.csv | the tables (utf-8-sig, for spreadsheets) |
| tree.yaml | the tree file as it was read, where there was one |
| courses/NAME/ | a run of every course, with its scenario, its plan and all its tables, for `kctopt verify` |
"""

from __future__ import annotations

from pathlib import Path

from kctopt.disk import or_kept, write_folder
from kctopt.recourse.decided import Course, Decided
from kctopt.result.folder import write_json
from kctopt.result.result import Result
from kctopt.result.run import save as save_run
from kctopt.solver.outcome import Outcome, relative_gap
from kctopt.status import Status
from kctopt.table import write_csv

RECORD, TREE, COURSES = "stochastic.json", "tree.yaml", "courses"


def save(done: Decided, target: Path) -> Path:
    """Write the folder; returns where it went. Raises WriteError where that cannot be."""

    def fill(place: Path) -> None:
        write_json(place / RECORD, done.data())
        for table in done.tables():
            write_csv(place / f"{table.title}.csv", table.columns, table.rows)
        if done.tree.text:
            (place / TREE).write_text(done.tree.text, encoding="utf-8", newline="\n")
        for course in done.courses:
            if course.money is not None:
                save_run(run_of(done, course), place / COURSES / course.leaf.name)

    return or_kept(target, lambda place: write_folder(place, fill))


def run_of(done: Decided, course: Course) -> Result:
    """A course as a run: its plan in its world, beside the bound that holds of every plan if the course were known."""
    bound = course.known.high if course.known is not None else None
    near = course.value is not None and bound is not None and relative_gap(course.value, bound) <= done.gap_asked
    outcome = Outcome(
        Status.OPTIMAL if near else Status.LIMIT, course.money, course.value, bound, {"total": done.seconds},
        choices=course.choices, gained=done.gap_asked * abs(bound or 0.0),
    )  # fmt: skip
    options = {"gap": done.gap_asked, "tree": done.tree.name, "course": course.leaf.name}
    return Result.of(
        course.leaf.scenario, outcome, options=options, inputs=dict(done.tree.hashes), command=done.command
    )
