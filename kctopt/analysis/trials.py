"""Can some of a scenario's rules hold together? A proof by HiGHS that they cannot, or a simulated plan that keeps them.

    proof   tangents enclose every plan: where the rules kept must give even there, no plan keeps them all
    plan    money from a program of tangents, improved and judged by the simulator; rules not kept may be broken

Where neither is found in the rounds or the time there are, the end is 'unknown'.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kctopt.analysis.loosen import MOVED, compiled_without
from kctopt.analysis.verdicts import Plan, Relaxation, Verdict
from kctopt.cache import Steps
from kctopt.own import NOTHING_OWN, OwnParts
from kctopt.program import Program, build
from kctopt.result.own import switched_off
from kctopt.rules import Breach, breaches
from kctopt.rules.named import RuleNames, by_author
from kctopt.scenario.records import BandPolicy, Scenario
from kctopt.solver.bounds import propagate
from kctopt.solver.certificate import Candidate
from kctopt.solver.compiled import Compiled
from kctopt.solver.dual import linear_bound
from kctopt.solver.elastic import elastic, relaxed, with_limits_as_rows, with_rows_of, without
from kctopt.solver.feasible import Plans
from kctopt.solver.highs import End
from kctopt.solver.outer_approximation import OuterApproximation
from kctopt.solver.tangents import Tangents
from kctopt.solver.units import row_sizes

GIVES = 1e-6  # sum of what rules give, over their sizes, from which on they are proven to collide
ROUNDS = 8  # programs of tangents for one question
SHARPEN = 6  # rounds until an amount must be settled
SETTLED = 1e-4  # relative change of an amount that counts as none
MARGIN = 1e-3  # relative difference of sums that counts as none
ROOMS = (1e-3, 1e-2, 0.03, 0.1)  # relative room with which an amount is shown to suffice, tried in turn
AMOUNT = 5.0  # seconds that sharpening one amount may take
WHOLE, WHOLE_ROUNDS = 10.0, 3  # seconds of one program with whole decisions, how many of them
FAR = 10.0  # amounts beyond this many sizes are no remedy: the first proof that so much is needed is enough
BUDGETS = 100.0  # largest budgets that a year's money may be where no rule limits it
WIDE = 1e3  # width of a band that holds nothing back, ratio to the rival
DECIDED = (
    "money.", "policies.", "quadrants.exposure_limit", "scale.on", "programmes.start", "switching.stage", "modes.mode",
    "modes.change", "modes.exchange",
)  # columns that are no consequence of the laws  # fmt: skip


@dataclass(frozen=True)
class Model:
    """The program without some rules."""

    compiled: Compiled
    rules: list[str | None]  # of each row
    dropped: frozenset[str] = frozenset()


@dataclass
class Trials:
    """Questions to one program; tangents found for one question serve the next."""

    program: Program
    deadline: float = np.inf  # by time.perf_counter()
    own: OwnParts = NOTHING_OWN  # what the user changed in the program
    steps: Steps = field(default_factory=lambda: Steps(None, "", {}))  # answers kept for the next time
    _cuts: list[np.ndarray] = field(default_factory=list)  # points that violated relations
    _touched: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)  # simulated points, relations to hold

    @cached_property
    def names(self) -> RuleNames:
        """Names of the rules."""
        return RuleNames(self.program.scenario, self.own_rules)

    @cached_property
    def whole(self) -> Model:
        """The program with every rule."""
        return self._model(frozenset())

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Every named rule that has a row, those of the model first, policies last."""
        return tuple(by_author({rule for rule in self.whole.rules if rule is not None}))

    @cached_property
    def sizes(self) -> dict[str, float]:
        """What makes amounts of different rules comparable."""
        measured = row_sizes(self.whole.compiled.rows, self.whole.compiled.unit)
        own = {rule: size for rule, size in zip(self.whole.rules, measured, strict=True) if rule in self.own_rules}
        return {name: float(own.get(name, self.names.rule(name).size)) for name in self.rules}

    @cached_property
    def own_rules(self) -> frozenset[str]:
        """Rules that the user added to the program."""
        return frozenset(self.program.own())

    @cached_property
    def discrete(self) -> bool:
        """Whether some decisions are whole, if only those that rules have settled."""
        return bool(self.whole.compiled.integer.any())

    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.deadline - time.perf_counter())

    def test(self, kept: Collection[str]) -> Verdict:
        """Whether the rules in `kept` can hold together, the others left out; known where it was asked before."""
        key = f"test {sorted(kept)}"
        if (known := self.steps.get(key)) is not None:
            return Verdict.read(known)
        verdict = self._tested(kept)
        if verdict.status != "unknown":
            self.steps.put(key, verdict.data())
        return verdict

    def _tested(self, kept: Collection[str]) -> Verdict:
        """The same, worked out."""
        model = self._without(kept)
        plans = self._plans(model)
        start = plans.first()
        if start.feasible and (plan := self._checked(plans, start, model.dropped)):
            return Verdict("plan", plan=plan)
        sizes = {name: self.sizes[name] for name in kept}
        verdict = self._relaxation(model, plans, self._proof(model, sizes, start))
        if verdict is None and self._forget():  # HiGHS failed: without the tangents of other questions it may not
            verdict = self._relaxation(model, plans, self._proof(model, sizes, start))
        return verdict or Verdict("unknown")

    def _relaxation(self, model: Model, plans: Plans, proof: OuterApproximation) -> Verdict | None:
        """The verdict of programs of tangents, then of programs with whole decisions; None where HiGHS fails."""
        whole = len(model.compiled.free_integers) > 0
        for _ in range(ROUNDS):
            end, collide = self._solved(proof)
            if end.status != "optimal":
                return None if end.status == "failed" else Verdict("unknown")
            if collide:
                return self._proven(model, proof, end)
            if whole and self._sharpen(proof, end.x, plans.simulated(end.x[: len(model.compiled.cost)])) == 0:
                break
            if not whole and (plan := self._plan(model, plans, proof, end.x)):
                return Verdict("plan", plan=plan)
            if self.left() <= 0:
                return Verdict("unknown")
        return self._whole_decisions(model, plans, proof) if whole else Verdict("unknown")

    def _solved(self, proof: OuterApproximation) -> tuple[End, bool]:
        """The optimum, and whether its prices prove that some rule must give; by other means where these do not."""
        end = proof.run(self.left())
        if end.status != "optimal" or end.objective <= GIVES or self._holds(proof, end):
            return end, end.status == "optimal" and end.objective > GIVES
        end = proof.afresh(self.left())
        return end, end.status == "optimal" and end.objective > GIVES and self._holds(proof, end)

    def _holds(self, proof: OuterApproximation, end: End) -> bool:
        """Whether the prices of an optimum prove by themselves that some rule must give.

        No amount given can be larger than its rule's size while their sum over the sizes is to be nothing; money that
        no rule limits is held to many budgets.
        """
        c, budget = proof.compiled, max(self.program.scenario.budget.values())
        upper = c.column_upper.copy()
        for j in np.flatnonzero(np.isinf(upper)):
            if c.names[j].startswith("give["):
                upper[j] = 1.0 / c.cost[j]
            elif c.names[j].block == "money":
                upper[j] = BUDGETS * budget
        bounds = propagate(replace(c, column_upper=upper))
        return linear_bound(proof.highs.linear_program().within(*bounds), end.row_dual) > GIVES

    def _forget(self) -> bool:
        """Drop the tangents found so far; False where there were none."""
        any_known = bool(self._cuts or self._touched)
        self._cuts.clear()
        self._touched.clear()
        return any_known

    def enforced(self, kept: Collection[str]) -> frozenset[str] | None:
        """A part of rules that conflict only with whole decisions which collides as well; None where time ran out.

        Rules that give are made hard in turn, until those that are cannot hold together.
        """
        model, hard = self._without(kept), set[str]()
        start = self._plans(model).first()
        while len(hard) < len(kept):
            soft = {name: self.sizes[name] for name in kept if name not in hard}
            proof = self._proof(model, soft, start)
            end = proof.highs.run_mip(model.compiled.free_integers, None, self.left())
            if end.status in ("infeasible", "unbounded"):  # never unbounded: nothing is paid for
                return frozenset(hard)
            if len(end.x) == 0 or self.left() <= 0:
                return None
            gives = end.x[len(model.compiled.cost) :]
            giving = {name for name, by in zip(soft, gives, strict=True) if by > GIVES * self.sizes[name]}
            if not giving:
                return None
            hard |= giving
        return frozenset(hard)

    def least(
        self, giving: Collection[str], kept: Collection[str], enough: float = np.inf
    ) -> tuple[Relaxation, Plan | None] | None:  # fmt: skip
        """Least that the rules in `giving` give, by their sizes, so that all in `kept` hold; None where time ran out.

        The amounts are proven to be needed by the tangents; the plan, if there is one, is the simulator's with them.
        None too where the sum over the sizes comes close to `enough`: what is known to do is the least.
        """
        model = self._without(kept, giving)
        plans = self._plans(model)
        proof = self._proof(model, {name: self.sizes[name] for name in giving}, plans.first())
        end = self._sharpened(model, plans, proof, enough, whole=False)
        if end is not None and len(model.compiled.free_integers):  # the relaxation still bounds where these take long
            end = self._sharpened(model, plans, proof, enough, whole=True) or end
        n = len(model.compiled.cost)
        value = np.inf if end is None else float(end.x[n:] @ proof.compiled.cost[n:])
        if end is None or value >= enough * (1 - MARGIN):
            return None
        by = dict(zip(giving, map(float, end.x[n:]), strict=True))
        by = {name: amount for name, amount in by.items() if amount > GIVES * self.sizes[name]}
        given = Relaxation(
            by, self._active(model, end), least={name: by[name] for name in by if self.names.rule(name).own_unit}
        )
        rooms = ROOMS if proof.compiled.relations else (0.0, *ROOMS)
        plan = self._shown(model, by, end.x[:n], rooms) if value <= FAR or not proof.compiled.relations else None
        return given, plan

    def _sharpened(
        self, model: Model, plans: Plans, proof: OuterApproximation, enough: float, whole: bool
    ) -> End | None:
        """The optimum of the program whose rules give, with tangents added until it settles; None without any."""
        value, best, n = 0.0, None, len(model.compiled.cost)
        stop = min(self.deadline, time.perf_counter() + AMOUNT)
        for _ in range(SHARPEN):
            seconds = max(0.0, stop - time.perf_counter())
            integers = model.compiled.free_integers
            end = proof.highs.run_mip(integers, None, seconds) if whole else proof.run(seconds)
            if end.status != "optimal" or len(end.x) == 0:
                break
            last, best = value, end
            value = float(end.x[n:] @ proof.compiled.cost[n:])
            far = value > FAR and proof.compiled.relations
            settled = value > GIVES and abs(value - last) <= SETTLED * value  # at 0 the tangents are not sharp yet
            if value >= enough * (1 - MARGIN) or settled or far:
                break
            if self._sharpen(proof, end.x, plans.simulated(end.x[:n])) == 0:
                break
        return best

    def _shown(self, model: Model, by: Mapping[str, float], x: np.ndarray, rooms: Sequence[float]) -> Plan | None:
        """A plan that breaks rules by these amounts at most, and a little."""
        for room in rooms:
            more = {name: amount * (1 + room) + min(room, GIVES) * self.sizes[name] for name, amount in by.items()}
            plans = self._plans(replace(model, compiled=relaxed(model.compiled, model.rules, more)), more)
            candidate = plans.near(x, self.left)
            plan = self._checked(plans, candidate, model.dropped | set(by)) if candidate.feasible else None
            if plan is not None or self.left() <= 0:
                return plan
        return None

    def broken(self, plan: Plan) -> dict[str, float]:
        """By how much a plan breaks each rule, at most over its rows."""
        by_rule = self.judged(plan, self.program.scenario)
        return {name: max(breach.amount for breach in rows) for name, rows in by_rule.items()}

    def judged(self, plan: Plan, scenario: Scenario) -> dict[str, list[Breach]]:
        """What a plan breaks of a scenario with these rules, by rule."""
        by_rule: dict[str, list[Breach]] = {}
        for breach in breaches(scenario, plan.money, choices=plan.choices, carried=plan.carried):
            if not switched_off(self.own, breach.rule):
                by_rule.setdefault(self.names.of(breach.rule) or breach.rule, []).append(breach)
        return by_rule

    def on(self, scenario: Scenario, deadline: float) -> Trials:
        """Questions to the program of another scenario with the same rules and laws."""
        return Trials(build(scenario), deadline, _cuts=self._cuts, _touched=self._touched)

    def _plans(self, model: Model, more: Mapping[str, float] | None = None) -> Plans:
        """Plans of a model. The simulator holds lines back to the bands it knows: those not kept are wide for it.

        `more` is by how much some are wider.
        """
        wider = dict.fromkeys(model.dropped, WIDE) | dict(more or {})
        policies = tuple(
            policy.model_copy(update={"width": policy.width + wider.get(f"policies.{policy.id}", 0.0)})
            if isinstance(policy, BandPolicy)
            else policy
            for policy in self.program.scenario.policies
        )
        scenario = self.program.scenario.model_copy(update={"policies": policies})
        return Plans(replace(self.program, scenario=scenario), model.compiled)

    def _model(self, loose: frozenset[str]) -> Model:
        """The program with every rule, where the bounds that some give to whole decisions leave room."""
        compiled = with_limits_as_rows(compiled_without(self.program, loose))
        return Model(compiled, [self.names.of(name) for name in compiled.row_names])

    def _without(self, kept: Collection[str], giving: Collection[str] = ()) -> Model:
        """The program without the rules that are not kept, in which those in `giving` may give."""
        dropped = frozenset(self.rules) - frozenset(kept)
        if not self.discrete:
            return Model(without(self.whole.compiled, self.whole.rules, dropped), self.whole.rules, dropped)
        model = self._model(dropped | frozenset(giving))
        moved = {name for name in giving if name.startswith(MOVED)}
        own = [n for n, rule in enumerate(self.whole.rules) if rule in moved]
        compiled = without(model.compiled, model.rules, dropped | moved)
        return Model(
            with_rows_of(compiled, self.whole.compiled, own),
            [*model.rules, *(self.whole.rules[n] for n in own)],
            dropped,
        )

    def _proof(self, model: Model, sizes: Mapping[str, float], start: Candidate) -> OuterApproximation:
        """The program whose rules may give, with the tangents known by now; no laws where no rule is about them."""
        wide = elastic(model.compiled, model.rules, sizes)
        wide = wide if self._lawful(model) else replace(wide, relations=[])
        proof = OuterApproximation(wide, Tangents(wide))
        proof.start(self._wide(start.x, proof), None)
        proof.loaded, proof.patience = True, ROUNDS + SHARPEN  # no cost is negative, so the dual simplex can start
        if wide.relations:
            for x in self._cuts:
                proof.cut(self._wide(x, proof))
            for x, chosen in self._touched:
                proof.touch(self._wide(x, proof), chosen)
        return proof

    def _lawful(self, model: Model) -> bool:
        """Whether a rule that is kept reads what the laws determine."""
        c = model.compiled
        kept = [n for n, rule in enumerate(model.rules) if rule is not None and rule not in model.dropped]
        read = np.unique(c.rows[kept].indices)
        return any(not c.names[j].startswith(DECIDED) for j in read)

    def _wide(self, x: np.ndarray, proof: OuterApproximation) -> np.ndarray:
        return np.concatenate([x, np.zeros(len(proof.compiled.cost) - len(x))])

    def _sharpen(self, proof: OuterApproximation, x: np.ndarray, plan: Candidate) -> int:
        """Tangents of the relations that an answer violates, there and at a plan; returns how many were violated."""
        if not proof.compiled.relations:
            return 0
        chosen = proof.tangents.excess(x) > GIVES
        cuts = proof.cut(x)
        proof.touch(self._wide(plan.x, proof), chosen)
        self._cuts.append(x[: len(plan.x)])
        self._touched.append((plan.x, chosen))
        return cuts

    def _plan(self, model: Model, plans: Plans, proof: OuterApproximation, x: np.ndarray) -> Plan | None:
        """The plan found from an answer, if it keeps the rules; else tangents where the search ended."""
        candidate = plans.near(x[: len(model.compiled.cost)], self.left)
        plan = self._checked(plans, candidate, model.dropped) if candidate.feasible else None
        if plan is None:
            self._sharpen(proof, x, candidate)
        return plan

    def _checked(self, plans: Plans, candidate: Candidate, may_break: frozenset[str]) -> Plan | None:
        """The plan, if by the simulator it breaks none but these rules."""
        money, choices = plans.parts(candidate)
        free = "money.carry" in may_break  # else it carries what the rules allow, at most
        plan = Plan(money, choices, plans.carried(candidate) if free else None)
        return plan if set(self.broken(plan)) <= may_break else None

    def _whole_decisions(self, model: Model, plans: Plans, proof: OuterApproximation) -> Verdict:
        """The same with whole decisions."""
        for _ in range(WHOLE_ROUNDS):
            end = proof.highs.run_mip(model.compiled.free_integers, None, min(self.left(), WHOLE))
            if end.status in ("optimal", "limit") and end.objective > GIVES:  # the objective is the proven bound
                return Verdict("infeasible", frozenset(self.rules) - model.dropped, integer=True)
            if len(end.x) == 0:
                return Verdict("unknown")
            if plan := self._plan(model, plans, proof, end.x):
                return Verdict("plan", plan=plan)
            if self.left() <= 0:
                break
        return Verdict("unknown")

    def _proven(self, model: Model, proof: OuterApproximation, end: End) -> Verdict:
        """What an optimum above 0 used: rows with a dual."""
        rows = self._active(model, end)
        used = frozenset(rule for rule in map(self.names.of, rows) if rule is not None)
        return Verdict("infeasible", used, rows, self._laws(proof, end))

    def _active(self, model: Model, end: End) -> tuple[str, ...]:
        """Rows of rules with a dual; none where whole decisions leave no duals."""
        duals = np.abs(end.row_dual[: len(model.rules)])
        return tuple(model.compiled.row_names[n] for n in np.flatnonzero(duals > 1e-9) if model.rules[n] is not None)

    def _laws(self, proof: OuterApproximation, end: End) -> tuple[str, ...]:
        """Laws with a dual: blocks of linear rows, and of what tangents bound."""
        used, fixed = np.flatnonzero(np.abs(end.row_dual) > 1e-9), proof.fixed
        heads = {proof.compiled.row_names[n].head for n in used if n < fixed}
        cut = proof.highs.linear_program().rows[used[used >= fixed]].tocoo()
        heads |= {proof.compiled.names[j].head for j in np.unique(cut.col[cut.data > 0])}
        laws = ("ladder.ladder", "knowledge.production", "diffusion.inflow", "substitution.made", "modes.inflow",
                "kct.", "security.", "dependency.")  # fmt: skip
        return tuple(law.rstrip(".") for law in laws if any(name.startswith(law) for name in heads))
