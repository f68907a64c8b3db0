"""JSON Schema of a tree file: editors complete and check with it."""

from __future__ import annotations

from typing import Any

from kctopt.scenario.schema import DIALECT
from kctopt.study.schema import TEXT, WORDS

Json = dict[str, Any]


def tree_schema() -> Json:
    """JSON Schema of a tree file.

    Returns
    -------
    dict
        By draft 2020-12. What hangs on the scenario, such as whether a path names anything, `kctopt check` tells.

    Examples
    --------
    >>> tree_schema()["properties"]["tree"]["items"]["required"]
    ['state', 'probability', 'from']
    """
    paths: Json = {"type": "object", "description": "numbers by year, from the branch on, by path as in a scenario"}
    state: Json = {
        "state": {"type": "string", "pattern": r"^[\w-]+$", "description": "name in results"},
        "label": {**WORDS, "description": "name for people"},
        "probability": {
            "type": ["number", "string"], "description": "given the state before it: those that follow it add up to 1",
        },
        "parent": {**TEXT, "description": "state that it follows; left out where it follows none"},
        "from": {"type": "integer", "description": "year of the branch: the first in which it acts"},
        "set": paths, "scale": paths, "add": paths,
        "policies": {"type": "array", "description": "rules that it adds, of years from the branch on"},
    }  # fmt: skip
    properties: Json = {
        "name": {**TEXT, "description": "name in results; the file's name when left out"},
        "label": {**WORDS, "description": "name for people"},
        "intent": {**WORDS, "description": "one sentence: what this tree asks"},
        "of": {**TEXT, "description": "scenario: bundled name or path"},
        "tree": {
            "type": "array", "minItems": 1, "description": "states of the world",
            "items": {
                "type": "object", "properties": state, "additionalProperties": False,
                "required": ["state", "probability", "from"],
            },
        },
    }  # fmt: skip
    return {
        "$schema": DIALECT, "title": "kctopt tree", "type": "object", "properties": properties,
        "additionalProperties": False, "required": ["of", "tree"],
    }  # fmt: skip
