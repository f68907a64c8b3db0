"""The chapter on how firm the plan is: what near-optimal ranges say, where they were computed."""

from __future__ import annotations

from kctopt.report.content import Section, Text
from kctopt.report.view import View


def firmness(view: View) -> Section:
    """Near-optimal ranges of a run, or how to get them."""
    run = view.result.run_dir
    return Section("firm", view.text("firm"), [Text(view.text("no_ranges", run=run.name if run else "RUN"))])
