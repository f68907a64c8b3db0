"""Every tolerance, gap and amount of work of the solver, each with its unit and its reason: one record.

| group | holds | unit |
|---|---|---|
| `TOLERANCES` | what counts as kept, whole, equal or round-off | relative to what the text names |
| `GAPS` | where methods end | relative to the objective, or parts of the gap asked, as the text says |
| `WORK` | how much is tried | counts: the same on every machine; only the user's own limit is in seconds |
| `BOXES` | trust regions, steps and penalties of the searches | relative to each amount |

What one formula alone knows (a step to the edge, a regularisation) stands beside that formula.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tolerances:
    """Distances that count as none."""

    # rules and bounds
    feasible: float = 1e-9  # violation of a rule, relative to the larger of its size (units.py) and its right side
    shown: float = 1e-6  # the same up to which a plan shows that rules can hold: a diagnosis proves nothing finer
    violated: float = 1e-7  # relative violation from which a relation is cut: finer cuts only repeat the last one
    steepest: float = 1e-9  # smallest argument of a cut: steeper than in searches, which holds amounts of 0 closely
    dust: float = 1e-6  # of its unit: money that misses a bound by less is put there; inside, no amount is quite 0
    same_coefficient: float = 1e-12  # relative: two ways to write one coefficient differ by round-off
    moved_column: float = 1e-6  # relative: another value of a column than the laws give
    bound_room: float = 1e-6  # relative room around a tightened bound, for the tolerance of what proved it
    above_level: float = 1e-6  # relative distance of the level from the plan, so that the plan itself stays inside
    # whole numbers
    whole: float = 1e-6  # distance of a value from whole: HiGHS's own (mip_feasibility_tolerance)
    nearly_whole: float = 1e-4  # the same of interior points, which end inside and are rounded then
    whole_bound: float = 1e-9  # distance of a bound of an integer from whole: written by hand, not computed
    # round-off
    price_noise: float = 1e-14  # of the terms of a column's price
    bound_round_off: float = 1e-10  # of the sum of all terms of a bound, taken off it
    row_round_off: float = 1e-12  # of the terms of a row, by which its limits are widened
    block_round_off: float = 1e-8  # relative, of a block's bound: no finer tolerance is asked of it
    objective_round_off: float = 1e-8  # of an objective: what the sums behind its two sides may differ by
    least_objective: float = 1e-9  # of its unit: below, the gap is no longer relative to the objective
    no_distance: float = 1e-12  # of its unit: distance of the two bounds that arithmetic leaves of 0
    # proofs that there is no plan, or no limit
    refuting_price: float = 1e4  # prices, in units of the objective, from which on a refutation is tried
    paying_direction: float = 1e-9  # of the largest cost, from which on a direction without end pays
    ahead_of_plans: float = 1e-3  # of the objective, by which a one-sided program is ahead of every plan tried
    # complementarity, and mixtures of prices
    central: float = 1e-3  # of the point kept for a change of data: nearer the edge the method is slow to leave
    centred: float = 1e-2  # of the point of the central path that it is brought to after a run from afar
    tried_complementarity: float = 1e-3  # from which on points are tried as ends of a range
    last_complementarity: float = 1e-8  # at which such a range is left: numbers end
    part_of_way: float = 1e-7  # to which the plan at the end of a range is found
    pin_margin: float = 2e-3  # of max(1, the money of the best plan): how far inside and outside of an end pins stand
    used_weight: float = 0.02  # from which on the point of a price counts in a mixture: less moves no tangent


@dataclass(frozen=True)
class Gaps:
    """Where methods end."""

    # the interior-point method, relative to the objective
    aim: float = 1e-6  # gone on to whatever is asked, so that everyone gets the same digits
    judged_from: float = 30.0  # times the gap aimed at: complementarity of all pairs from which on points are judged
    complementarity: float = 0.03  # times the gap aimed at: nothing is gained by undercutting it
    loose_judged_from: float = 3.0  # the same two where many worlds are solved to the gap asked and no further: steps
    loose_complementarity: float = 1.0  # that only go round at the least complementarity are saved
    loss_without_dust: float = 1e-7  # that putting money at its bounds may cost
    aside: float = 1e-4  # of a first bound with integers as fractions
    # the search, parts of the gap asked
    predicted: tuple[float, ...] = (0.3, 0.08, 0.02)  # gain predicted by a program at which a search ends, in turn
    proposal: float = 3e-3  # relative: asked of plans for proposals, where a wider gap is asked
    broken_rules: float = 1e-6  # of the penalty: gain predicted at which a search that only mends rules ends
    pinned: float = 1e-7  # relative gain at which the search behind a pin ends
    # one choice
    choice_found: float = 1e-5  # relative: the best plan of a choice counts as found
    choice: float = 0.3  # of the gap asked: to which a choice is cut, so that its proof leaves room for others
    prices_of_choice: float = 1e-3  # relative gap of a choice within which its prices are stated
    fractions_of_first: float = 1e-3  # relative: of the point with fractions that the first choices are read from
    # proofs, parts of the gap asked
    node: float = 0.95  # at which a node is done
    whole: float = 0.2  # to which HiGHS solves each whole program
    relaxed_gain: float = 0.05  # gain of a round below which the relaxed program is left
    stalled: float = 0.1  # gain or loss that counts as none in the tree
    bound_tolerance: float = 0.06  # of a bound, of what is missing of the gap; a block's tree ends at about a tenth
    least_missing: float = 0.1  # that counts as missing: finer bounds cost more than they close
    most_missing: float = 10.0  # that counts as missing: coarser bounds name no choice
    useful_plan: float = 5e-3  # relative distance from the best plan beyond which the prices of a plan are of no use
    # blocks
    block: float = 1e-6  # objective units: tolerance of interior points
    block_finest: float = 1e-4  # of the tolerance, at which they are left
    way: float = 1e-4  # objective units: gain of a round below which a way of a national choice is priced
    capability: float = 1e-2  # relative gain below which a tighter bound is not worth a round
    # analyses
    polish: float = 1e-8  # relative: asked of the interior-point method
    corner: float = 3e-9  # relative gain at which the search for a vertex ends
    corner_loss: float = 1e-4  # of the objective that a vertex may be worse by
    polish_bound: float = 1e-6  # relative: to which the bound of a polished plan is proven
    level_of_prices: float = 0.01  # of its value that plans may be worse for a proof by prices to speak of them
    range_end: float = 5e-4  # of max(1, the money of the best plan): distance of attained and proven at an end
    weight_of_objective: float = 1e-3  # of the end of a range that it may cost: beside money alone ends are many
    lagrangian_prices: float = 1e-4  # aimed at; the root of the tree ends before where it cannot be reached


@dataclass(frozen=True)
class Work:
    """How much is tried, in counts."""

    threads: int = 8  # of one pool
    sweeps: int = 200  # of propagation
    points_without_gain: int = 12  # of the interior-point method, judged, after which nothing more comes
    # linear programs without costs, where the simplex method may go round without getting on
    simplex_without_costs: int = 20_000  # iterations after which interior points take over
    simplex_for_ray: int = 20_000  # iterations without presolve, to say why a program has no answer
    # the search
    search_rounds: int = 60
    hopeful_rounds: int = 6  # in which one that met no plan must bring what is missing down to `BOXES.nearer` of it
    # cuts
    cut_patience: int = 2  # rounds a cut may stay slack
    cuts_kept: int = 10**6  # the same where no price says which are needed: all stay
    choice_cuts: int = 40
    choice_still: int = 3  # rounds after which a bound that gains nothing has the search called in
    other_choice_cuts: int = 8
    polish_cuts: int = 20
    whole_relaxed_cuts: int = 20
    whole_trees: int = 100  # of HiGHS, each cut at its answer
    # a first plan
    first_choices: int = 60  # with all options
    first_few: int = 6  # before, and with options taken out
    first_cuts: int = 30  # with the integers held
    first_relaxed_cuts: int = 20  # with the integers as fractions
    both_ways: int = 3  # integers of the user's own that are tried both ways
    regime_passes: int = 4  # of money and the stages it leads to
    # the tree over choices
    root_passes: int = 8  # of plans and prices before it is branched
    node_passes: int = 2  # at other nodes
    lagrangian_passes: int = 4  # at the root, where its prices alone are asked for
    price_moves: int = 8  # after the plans of a pass
    flips: int = 8  # lines whose choice is changed in one pass
    discounts: int = 3  # of one line, each on the best prices by then
    first_tree_nodes: int = 2000  # of HiGHS, in the first proof as a whole
    rounding_nodes: int = 2000  # of HiGHS, where a choice is made to fit
    # blocks
    block_nodes: int = 40  # of a tree; the bound it then has is valid
    node_cuts: int = 8  # at a node before it is split
    whole_node_cuts: int = 80  # at one that is whole
    block_cut_patience: int = 12  # programs a cut may stay slack in a tree: other nodes need it again
    integers_by_points: int = 6  # up to which nodes go by interior points: many are quicker as warm linear programs
    block_cuts: int = 30  # rounds
    block_patience: int = 3  # rounds without gain: a cut may leave the value and still matter
    way_cuts: int = 12
    capability_cuts: int = 6
    # ends of ranges
    points_between: int = 12  # two plans, at once
    rounds_between: int = 6
    late_points: int = 6  # looked at after complementarity is that small


@dataclass(frozen=True)
class Boxes:
    """Trust regions and steps of searches, relative to each amount of money where nothing else is said."""

    base: float = 0.3  # from the base year's plan
    near: float = 0.1  # from a good plan
    prices: float = 0.02  # in which the prices of a plan are taken
    cut_search: float = 1.0  # from an answer of the outer approximation
    choice: tuple[float, ...] = (0.1, 0.4, 2.0)  # in which a plan of a choice is sought, in turn
    warm_start: tuple[float, ...] = (0.03, 0.1, 0.3)  # in which a plan like another one is sought, in turn
    pinned: tuple[float, ...] = (0.1, 0.4, 2.0, 10.0)  # in which one with the money at the pin is sought, in turn
    grow: float = 1.6  # factor where a step keeps its direction
    turn: float = 0.5  # factor where it turns back
    shrink: float = 0.3  # factor where no step gains
    widest: float = 2.0
    penalties: tuple[float, ...] = (1e2, 1e4, 1e6)  # of breaking a rule, in objectives per unit, tried in turn
    nearer: float = 0.8  # of what is missing, to which a search that met no plan must come down
    part_of_time: float = 0.8  # of the time left that one program of a search may take
    aside_time: float = 0.2  # of the user's time limit, for a first bound
    weights: float = 0.35  # of prices, moved at once
    narrower: float = 0.4  # factor on it where that was no better
    narrowest: float = 0.01  # below which none are moved
    discount: float = 0.8  # factor on what a line brings, in prices that make it less eager
    launched_from: tuple[float, ...] = (0.5, 0.25, 0.75)  # fraction from which a programme is launched, in turn
    exchange: tuple[float, ...] = (0.5, 0.25, 0.1, 0.0)  # parts of it that a plan keeps where all of it breaks a rule
    propagated: float = 2.0  # factor by which bounds passed on are wider than proven: they must take no price
    held_change: float = 0.1  # relative change of data for which proven bounds stay good


@dataclass(frozen=True)
class Settings:
    """All of it."""

    tolerances: Tolerances = field(default_factory=Tolerances)
    gaps: Gaps = field(default_factory=Gaps)
    work: Work = field(default_factory=Work)
    boxes: Boxes = field(default_factory=Boxes)


SETTINGS = Settings()
TOLERANCES, GAPS, WORK, BOXES = SETTINGS.tolerances, SETTINGS.gaps, SETTINGS.work, SETTINGS.boxes
