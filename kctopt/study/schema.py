"""JSON Schema of a study file: editors complete and check with it. Made from the words that the reader knows."""

from __future__ import annotations

from typing import Any

from kctopt.scenario.schema import DIALECT
from kctopt.study.inputs import BY, COLUMN, GRADES, WAYS
from kctopt.study.laws import SHAPES
from kctopt.study.ranges import RANGES
from kctopt.study.sampling import METHODS

Json = dict[str, Any]
NUMBER: Json = {"type": ["number", "string"]}  # a number may be text with its unit
TEXT: Json = {"type": "string", "minLength": 1}
TEXTS: Json = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
SCALAR: Json = {"type": ["number", "string", "boolean"]}
WORDS: Json = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object", "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "additionalProperties": False,
        },
    ]
}  # fmt: skip


def study_schema() -> Json:
    """JSON Schema of a study file.

    Returns
    -------
    dict
        By draft 2020-12. What hangs on the scenario, such as whether a path names anything, `kctopt check` tells.

    Examples
    --------
    >>> study_schema()["properties"]["sample"]["properties"]["method"]["enum"][:2]
    ['grid', 'product']
    """
    properties: Json = {
        "extends": {**TEXTS, "description": "study to start from: bundled name or path"},
        "name": {**TEXT, "description": "name in results; the file's name when left out"},
        "label": {**WORDS, "description": "name for people"},
        "intent": {**WORDS, "description": "one sentence: what this study asks"},
        "of": {**TEXTS, "description": "scenario, or a list of them: bundled name or path"},
        "plans": {**TEXTS, "description": "folders of runs whose money is held fixed and judged in every draw"},
        "uncertain": {"type": "array", "items": _entry(), "description": "one random number each"},
        "correlation": {
            "type": "array",
            "items": {
                "type": "array", "prefixItems": [TEXT, TEXT, {"type": "number", "minimum": -1, "maximum": 1}],
                "minItems": 3, "maxItems": 3,
            },
            "description": "rank correlations: input, input, from -1 to 1; with lhs or sobol",
        },
        "sample": _sample(),
    }  # fmt: skip
    filed = {"required": ["of", "sample"], "properties": {"sample": {"required": ["file"]}}}
    either = [{"required": ["extends"]}, {"required": ["of", "uncertain", "sample"]}, filed]
    return {
        "$schema": DIALECT, "title": "kctopt study", "type": "object", "properties": properties,
        "additionalProperties": False, "anyOf": either,
    }  # fmt: skip


def _entry() -> Json:
    law, factor = _law(choices=True), _law(choices=False)
    column: Json = {"enum": [COLUMN, None], "description": "in a column of the sample's file"}
    properties: Json = {
        "name": {**TEXT, "description": "what results call it; the path when left out"},
        "path": {**TEXTS, "description": "place of the scenario, as in set:"},
        "paths": {**TEXTS, "description": "places that one random number moves together"},
        "grade": {"enum": list(GRADES), "description": "every figure of this grade, by provenance"},
        "by": {"enum": list(BY), "description": "with grade: an input for each number, each row, or one for all"},
        "range": {"enum": list(RANGES), "description": "law over the range that a row of provenance states"},
        "value": {"anyOf": [law, column], "description": "replaces what stands there"},
        "scale": {"anyOf": [factor, column], "description": "multiplies what stands there"},
        "add": {"anyOf": [factor, column], "description": "is added to what stands there"},
        "source": {"type": "string", "description": "where the distribution comes from"},
        "remove": {"const": True, "description": "takes an input of the study below out"},
    }
    assert set(WAYS) <= set(properties)
    return {
        "type": "object", "properties": properties, "additionalProperties": False,
        "oneOf": [{"required": [key]} for key in ("path", "paths", "grade")],
    }  # fmt: skip


def _law(*, choices: bool) -> Json:
    properties: Json = {
        law: {
            "type": "array", "items": NUMBER, "minItems": len(shape), "maxItems": len(shape),
            "description": f"[{', '.join(shape)}]",
        }
        for law, shape in SHAPES.items()
    }  # fmt: skip
    odds = {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
    listed = {"type": "array", "items": SCALAR, "minItems": 1}
    properties["choice"] = {"anyOf": [listed, odds], "description": "the choices, or {choice: probability}"}
    properties["values"] = {**listed, "description": "for grid, product, zip and list"}
    if not choices:
        properties["choice"] = {"anyOf": [{**listed, "items": NUMBER}, odds], "description": "numbers"}
    properties["within"] = {
        "type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2, "description": "cut off there: [low, high]"
    }  # fmt: skip
    names = [name for name in properties if name != "within"]
    one = [{"required": [name]} for name in names]
    return {"type": "object", "properties": properties, "additionalProperties": False, "oneOf": one}


def _sample() -> Json:
    return {
        "type": "object",
        "properties": {
            "method": {"enum": list(METHODS)},
            "size": {"type": "integer", "minimum": 1, "description": "a power of two for sobol and saltelli"},
            "seed": {"type": "integer", "minimum": 0},
            "levels": {"type": "integer", "minimum": 1, "description": "of each law in a grid, of morris"},
            "file": {**TEXT, "description": "of list: a .csv or .xlsx file with a column for each input, a row a draw"},
            "sheet": {**TEXT, "description": "of a workbook, where it has several"},
            "second_order": {"type": "boolean", "description": "saltelli: N (2 K + 2) draws in place of N (K + 2)"},
        },
        "additionalProperties": False,
        "description": "how draws are made",
    }
