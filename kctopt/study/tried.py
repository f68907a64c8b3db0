"""A few draws of a study put into its scenarios: whether the checks of a scenario accept them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from kctopt.errors import ScenarioErrors
from kctopt.scenario.load import load
from kctopt.study.records import Draws, Study

MOST = 32  # draws that are tried


def tried(study: Study, draws: Draws, most: int = MOST) -> list[str]:
    """Notes on draws that a scenario refuses, such as shares that no longer sum to 1; such members fail.

    Parameters
    ----------
    study, draws
        A study and its draws; `most` of them, evenly spread, are tried in each scenario.

    Examples
    --------
    >>> from kctopt.study.load import load_study
    >>> from kctopt.study.sample import draw
    >>> study = load_study("baseline-uncertain")
    >>> tried(study, draw(study), most=2)
    []
    """
    rows = np.unique(np.linspace(0, len(draws.values) - 1, min(most, len(draws.values))).astype(int))
    notes = []
    for scenario in study.scenarios:
        refused, why = 0, Counter[tuple[str, str]]()
        for row in rows:
            try:
                load(scenario, **draws.overlay(int(row)))
            except ScenarioErrors as error:
                refused += 1
                why.update({(fault.path, fault.message) for fault in error.faults})
        if refused:
            path, said = why.most_common(1)[0][0]
            notes.append(f"{scenario.name} refuses {refused} of {len(rows)} draws that were tried: {path}: {said}")
    return notes
