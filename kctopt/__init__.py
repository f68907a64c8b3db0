"""kctopt: where should a nation's R&D money go?

A mathematical program allocates R&D investment over technology domains and types and five-year plans to maximise
national security. HiGHS proves how good each plan is; an independent simulator checks it.

    import kctopt

    result = kctopt.solve("baseline")
    print(result.summary())
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

logging.getLogger("kctopt").addHandler(logging.NullHandler())  # quiet unless the user asks

_HOMES = {
    "Backcast": "kctopt.backcasting.backcast",
    "Collection": "kctopt.api.collection",
    "Comparison": "kctopt.api.comparison",
    "Diagnosis": "kctopt.api.diagnosis",
    "Ensemble": "kctopt.study.ensemble",
    "Infeasible": "kctopt.errors",
    "KctoptError": "kctopt.errors",
    "Pareto": "kctopt.fronts.pareto",
    "Program": "kctopt.program",
    "Progress": "kctopt.progress",
    "Result": "kctopt.api.result",
    "Scenario": "kctopt.scenario.records",
    "ScenarioErrors": "kctopt.errors",
    "Status": "kctopt.status",
    "Stochastic": "kctopt.recourse.stochastic",
    "Sweep": "kctopt.study.sweep",
    "backcast": "kctopt.api",
    "build": "kctopt.api",
    "compare": "kctopt.api",
    "diagnose": "kctopt.api",
    "load": "kctopt.api",
    "open": "kctopt.api",
    "pareto": "kctopt.api.fronts",
    "simulate": "kctopt.api",
    "solve": "kctopt.api",
    "stochastic": "kctopt.api",
    "sweep": "kctopt.api",
    "variants": "kctopt.api",
    "verify": "kctopt.api",
}

__all__ = [
    "Backcast",
    "Collection",
    "Comparison",
    "Diagnosis",
    "Ensemble",
    "Infeasible",
    "KctoptError",
    "Pareto",
    "Program",
    "Progress",
    "Result",
    "Scenario",
    "ScenarioErrors",
    "Status",
    "Stochastic",
    "Sweep",
    "backcast",
    "build",
    "compare",
    "diagnose",
    "load",
    "open",
    "pareto",
    "simulate",
    "solve",
    "stochastic",
    "sweep",
    "variants",
    "verify",
]

if TYPE_CHECKING:
    from kctopt.api import (
        backcast,
        build,
        compare,
        diagnose,
        load,
        simulate,
        solve,
        stochastic,
        sweep,
        variants,
        verify,
    )
    from kctopt.api import open as open  # noqa: A004 - the users' word
    from kctopt.api.collection import Collection
    from kctopt.api.comparison import Comparison
    from kctopt.api.diagnosis import Diagnosis
    from kctopt.api.fronts import pareto
    from kctopt.api.result import Result
    from kctopt.backcasting.backcast import Backcast
    from kctopt.errors import Infeasible, KctoptError, ScenarioErrors
    from kctopt.fronts.pareto import Pareto
    from kctopt.program import Program
    from kctopt.progress import Progress
    from kctopt.recourse.stochastic import Stochastic
    from kctopt.scenario.records import Scenario
    from kctopt.status import Status
    from kctopt.study.ensemble import Ensemble
    from kctopt.study.sweep import Sweep


def __getattr__(name: str) -> Any:
    """Import a public name, or the part `kctopt.analysis`, where it is first used: `import kctopt` stays light."""
    if name == "analysis":
        return import_module("kctopt.analysis")
    if name not in _HOMES:
        raise AttributeError(f"module 'kctopt' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
