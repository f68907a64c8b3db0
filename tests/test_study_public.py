"""The public functions of the analyses of studies: docstrings with the sections of numpydoc, examples that run."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import pytest
from numpydoc.validate import validate

NAMES = (
    "indices.indices", "indices.Indices", "discovery.prim", "discovery.cases_of", "discovery.Discovery", "trees.tree",
    "boxes.DiscoveredBox.overlay", "boxes.DiscoveredBox.scenario", "robustness.regret_matrix", "robustness.robustness",
    "held.Regret", "answers.Answers", "risk.cvar", "risk.value_at_risk",
    "stability.rank_stability", "stability.Stability",
)  # fmt: skip
CHECKS = {"GL08", "PR01", "PR02", "PR04", "PR07", "RT01", "EX01"}


def public(name: str) -> Any:
    module, *parts = name.split(".")
    found = importlib.import_module(f"kctopt.study.{module}")
    for part in parts:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_have_their_sections(name: str) -> None:
    checks = CHECKS - ({"PR01", "EX01"} if isinstance(public(name), type) else set())
    assert [fault for fault in validate(f"kctopt.study.{name}")["errors"] if fault[0] in checks] == []


@pytest.mark.parametrize("name", [name for name in NAMES if not isinstance(public(name), type)])
def test_examples_run(name: str) -> None:
    (one,) = doctest.DocTestFinder(recurse=False).find(public(name), name, globs={})
    assert one.examples
    said: list[str] = []
    doctest.DocTestRunner().run(one, out=said.append)
    assert said == []
