"""Placeholder."""
from __future__ import annotations
from typing import Any
from kctopt.result.fields import Field
PROGRAMMES = (Field("programme", "string", "programme"),)
def programmes(*args: Any) -> list[dict[str, Any]]:
    return []
