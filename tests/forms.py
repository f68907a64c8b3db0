"""Small scenarios that between them use every form, policy and option of every block; two programs held together."""

from itertools import product

import numpy as np
from projects import BAND, CATALOGUE, STEPS
from worlds import MODES, tiny

from kctopt.scenario.records import Scenario
from kctopt.solver.compiled import Compiled

KCT = ("nested", "ces", "cobb_douglas", "leontief", "linear")
SECURITY = ("cobb_douglas", "ces", "leontief", "linear")
DIFFUSION = ("three_stage", "nelson_phelps", "logistic", "none")
STAGES, CHOICES = ("envelope", "switching"), ("mask", "free")
EVERY_POLICY = [
    {"id": "basics", "kind": "floor", "domain": "chips", "amount": 1.0},
    {"id": "ai-total", "kind": "cap", "domain": "ai", "amount": 500.0, "per": "total"},
    {"id": "moats", "kind": "share", "type": "M", "min": 0.01, "max": 0.9},
    {"id": "free", "kind": "target", "line": "chips-B", "min_ratio": 0.1, "by": 2027},
    {"id": "wish", "kind": "target", "line": "chips-B", "max_dependency": 0.4, "by": 2027, "soft": True},
]


def every_form() -> list[Scenario]:
    """Scenarios that between them use every form, policy and option of every block."""
    common = {"policies": EVERY_POLICY, "lines__0__floor": 1.0, "lines__1__cap": 30.0, "lines__0__growth": 0.2}
    forms = [{"kct__form": form} for form in KCT] + [{"security__form": form} for form in SECURITY]
    forms += [{"diffusion__form": form} for form in DIFFUSION]
    forms += [{"kct__form": "nested", "kct__rho": rho, "kct__rho_domains": rho} for rho in (-1.0, 0.0, 1.0)]
    forms += [{"kct__rho": -1.0, "lines__1__moat": 0.5}, {"objective__kind": "min_budget"}, {"horizon__tail": 0}]
    forms += [{"tranches": STEPS}, {"policies": [BAND]}, {"programmes": CATALOGUE, "catalogue__researchers": 3.0}]
    modes = {"modes": MODES, "cooperation__change_cost": 0.5}
    forms += [
        {"stages": "switching"},
        {"stages": "switching", "switching__ratchet": False},
        {"lines__0__min_scale": 6.0},
    ]
    market = {"cooperation__market_output": 0.25, "cut_off__military_loss": 5.0, "substitution__denied_ceiling": 0.5}
    forms += [market | {"substitution__capability_elasticity": 0.3, "objective__end_years": 2}]
    forms += [market | {"stages": "switching"}, market | modes | {"cooperation__choice": "mask"}]
    forms += [modes | {"stages": stages, "cooperation__choice": choice} for stages, choice in product(STAGES, CHOICES)]
    return [tiny(**(common | form)) for form in forms]


def same_arrays(one: Compiled, other: Compiled) -> None:
    """Two compiled programs agree in every name and digit."""
    assert one.same_as(other)
    assert one.slots.keys() == other.slots.keys()
    assert all(np.array_equal(one.slots[name], other.slots[name]) for name in one.slots)
    assert one.cost_unit == other.cost_unit
