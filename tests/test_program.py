"""The program as a whole: no family without a printed equation, and the simulator's plans keep every rule."""

import re
from itertools import product

import numpy as np
import pytest
from equations import Equations, family, printed_families
from forms import DIFFUSION, EVERY_POLICY, KCT, SECURITY, every_form
from pyomo.environ import Block, Constraint, Objective, Var
from worlds import small, tiny

from kctopt.program import build
from kctopt.scenario.load import load
from kctopt.scenario.references import ID
from kctopt.simulator import to_base_plan
from kctopt.solver import Outcome, solve
from kctopt.solver.certificate import Simulator
from kctopt.solver.compile import compile_program
from kctopt.solver.tangents import Tangents
from kctopt.wiring import BLOCKS


def generic(name: str) -> str:
    """Family of a rule, with policies named by what they are instead of by their id."""
    kinds = {"basics": "amount", "ai-total": "total", "moats": "share", "swaps": "share", "chips-up": "target",
             "free": "target", "wish": "wish", "together": "band"}  # fmt: skip
    block, _, rest = family(name).partition(".")
    if block != "policies":
        return family(name)
    policy, _, part = rest.partition(".")
    return f"policies.{kinds[policy]}.{part}".rstrip(".")


def test_every_family_and_shape_of_rule_is_printed_in_some_equation() -> None:
    printed = {(generic(name), kind) for name, kind in printed_families()}
    built = set()
    for scenario in every_form():
        built |= {(generic(name), kind) for name, kind in Equations(scenario).shapes()}
    assert built - printed == set()
    assert {name for name, _ in printed} - {name for name, _ in built} == set()  # and none is left over


def test_rules_are_all_the_components_of_the_model() -> None:
    for scenario in every_form():
        program, rules = build(scenario), Equations(scenario)
        components = list(program.model.component_objects((Constraint, Objective), active=True))
        named = {family(name) for name in rules.rules()}
        assert {c.name.replace("'", "") for c in components if len(c)} <= named
        assert set(rules.compiled.slots) == {
            c.name.replace("'", "") for c in program.model.component_objects(Var)
        }  # fmt: skip
        assert [block.local_name for block in program.model.component_objects(descend_into=False)] == list(BLOCKS)


def pairs() -> list[tuple[str, str, str]]:
    """Forms of KCT, security and diffusion, so that any two forms meet."""
    return [(k, s, DIFFUSION[(i + j) % 4]) for (i, k), (j, s) in product(enumerate(KCT), enumerate(SECURITY))]


def random_columns(simulator: Simulator, count: int, seed: int = 0) -> np.ndarray:
    """Columns of random money around the base plan; a fifth of the amounts are zero."""
    rng, base = np.random.default_rng(seed), to_base_plan(simulator.scenario)
    money = np.concatenate([base.strategic.ravel(), base.substitution.ravel(), base.exchange.ravel()])
    x = np.zeros((count, len(simulator.compiled.cost)))
    factor = np.exp(rng.normal(0, 0.8, (count, len(money)))) * (rng.random((count, len(money))) > 0.2)
    x[:, simulator.money_columns] = money * factor
    return x


def law_rows(simulator: Simulator) -> np.ndarray:
    """Rows that no plan can break: laws, as opposed to rules on money, policies and exchange."""
    rules = ("money.", "policies.", "quadrants.")
    return np.array([not name.startswith(rules) for name in simulator.compiled.row_names])


@pytest.mark.parametrize("forms", pairs(), ids="-".join)
def test_simulated_plans_meet_every_law_and_every_tangent(forms: tuple[str, str, str]) -> None:
    kct, security, diffusion = forms
    scenario = tiny(kct__form=kct, security__form=security, diffusion__form=diffusion, policies=EVERY_POLICY[4:])
    program = build(scenario)
    compiled = compile_program(program)
    simulator, tangents = Simulator(program, compiled), Tangents(compiled)
    plans = [plan.x for plan in simulator.candidates(random_columns(simulator, 6))]
    laws = law_rows(simulator)
    points = [tangents.rows(tangents.points(x)) for x in plans]
    for x in plans:
        # every concave relation holds, and with equality where more of its left side is worth anything
        assert tangents.excess(x).max() <= 1e-9
        body = compiled.rows @ x
        size = 1e-9 * np.maximum(1.0, np.abs(x).max())
        assert (np.maximum(body - compiled.upper, compiled.lower - body)[laws] <= size).all()
        for matrix, right in points:
            assert (matrix @ x - right <= 1e-9 * np.maximum(1.0, np.abs(right))).all()


@pytest.mark.parametrize("make", [tiny, small])
def test_the_base_plan_meets_every_law_with_equality(make: object) -> None:
    scenario = make()  # type: ignore[operator]
    program = build(scenario)
    compiled = compile_program(program)
    simulator, tangents = Simulator(program, compiled), Tangents(compiled)
    x, money = np.zeros(len(compiled.cost)), to_base_plan(scenario)
    for name, part in (("strategic", money.strategic), ("substitution", money.substitution),
                       ("exchange", money.exchange), ("spend", money.spend)):  # fmt: skip
        x[compiled.slots[f"money.{name}"]] = part.ravel()
    plan = simulator.candidate(x)
    assert plan.violation <= 1e-9
    excess = tangents.excess(plan.x)
    names = [name for group in compiled.relations for name in group.names]
    assert excess.max() <= 1e-9
    loose = {family(name) for name, slack in zip(names, -excess, strict=True) if slack > 1e-7}
    assert loose <= {"diffusion.reach"}  # the least of the three caps binds; the others are loose


RULES = {  # kinds of policy, each without an id
    "floor": {"kind": "floor", "domain": "chips", "amount": 8.0},
    "cap": {"kind": "cap", "domain": "chips", "amount": 36.0},
    "share": {"kind": "share", "domain": "ai", "min": 0.2},
    "target": {"kind": "target", "line": "chips-B", "min_ratio": 0.2, "by": 2029},
    "soft": {"kind": "target", "line": "ai-M", "min_ratio": 5.0, "by": 2029, "soft": True},
    "band": {"kind": "band", "lines": ["chips-B", "chips-S"], "width": 5.0},
}


@pytest.mark.touches("pyomo")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_pyomo_tells_of_faults_and_not_of_interrupts(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(Var([0])), "construct", ended)
    program = build(tiny())
    with pytest.raises(error):
        print(program.model)
    assert ("Constructing component" in capsys.readouterr().err) is (error is ValueError)


@pytest.mark.touches("pyomo")
def test_policies_may_have_any_name_that_pyomo_keeps_for_itself() -> None:
    words = sorted(word for word in dir(Block()) if ID.fullmatch(word))
    assert len(words) > 150
    assert {"type", "model", "name", "index"} <= set(words)
    policies = [list(RULES.values())[n % len(RULES)] | {"id": word} for n, word in enumerate(words)]
    program = build(load(tiny(policies=policies)).scenario)
    for _ in range(2):  # from the records, and from the model
        rules = {name.partition("[")[0] for name in compile_program(program).row_names}
        assert rules >= {f"policies.{word}" for word in words}
        assert program.model


def test_the_name_of_a_policy_changes_nothing() -> None:
    def solved(*names: str) -> Outcome:
        return solve(
            build(tiny(policies=[rule | {"id": name} for name, rule in zip(names, RULES.values(), strict=True)]))
        )

    plain = solved("a", "b", "c", "d", "e", "f")
    names = ("type", "model", "name", "index", "activate", "find_component")
    odd = solved(*names)
    assert (odd.objective, odd.bound) == (plain.objective, plain.bound)
    known = {f"policies.{short}": f"policies.{name}" for short, name in zip("abcdef", names, strict=True)}

    def renamed(rule: str) -> str:
        return re.sub(r"^policies\.\w", lambda found: known[found[0]], rule)

    assert plain.status == "optimal"
    assert {renamed(rule): price for rule, price in plain.prices.items()} == odd.prices
    assert any(rule.startswith("policies.model[") for rule in odd.prices)
