"""A classification tree beside the boxes: the same question, by splits of all draws (CART, of scikit-learn)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kctopt.brief import brief, counted
from kctopt.extras import need
from kctopt.study.boxes import told_limits
from kctopt.study.discovery import known_cases
from kctopt.study.given import Values, checked_count, checked_share
from kctopt.study.peeling import Limits
from kctopt.study.words import Note, sentences

IS = "\x1f"  # between an input and a choice, in the columns that scikit-learn sees
TOLD = 3  # leaves


@dataclass(frozen=True, eq=False, repr=False)
class Tree:
    """Leaves of a classification tree.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each leaf, the densest first: `rule`, `coverage`, `density`, `mass`, `draws`; all leaves together hold
        all draws.
    limits : tuple of Mapping[str, Limits]
        What each leaf asks of the inputs, in the order of the table.
    """

    table: pd.DataFrame
    limits: tuple[Mapping[str, Limits], ...]
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        return brief(self, f"{len(self.table)} leaves", counted(int(self.table["draws"].sum()), "draw"))

    def sentences(self, lang: str = "en") -> list[str]:
        """How many cases there are, and the leaves in which they are densest."""
        return sentences(self.notes, lang)


def tree(draws: pd.DataFrame, cases: Values, *, leaves: int = 6, least: float = 0.05) -> Tree:
    """Split the draws so that cases and others part best.

    Parameters
    ----------
    draws : pandas.DataFrame
        (D, K) draws x inputs, numbers or choices.
    cases : Series or array
        (D,) True or 1 for a case, nan where it is not known.
    leaves : int, default 6
        At most so many.
    least : float, default 0.05
        Share of all draws that a leaf must hold.

    Returns
    -------
    Tree
        One leaf where no split helps.

    Raises
    ------
    UsageError
        As of `prim`.
    MissingExtra
        scikit-learn is not installed.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from kctopt.study.trees import tree
    >>> x = pd.DataFrame(np.random.default_rng(1).random((1000, 3)), columns=list("abc"))
    >>> found = tree(x, (x["a"] > 0.7) & (x["b"] < 0.4))
    >>> sorted(found.limits[0])
    ['a', 'b']
    """
    need(["study tree"])
    from sklearn.tree import DecisionTreeClassifier

    checked_count("leaves", leaves, 2)
    table, case, notes = known_cases(draws, cases)
    coded, kinds = _coded(table)
    fitted = DecisionTreeClassifier(
        max_leaf_nodes=leaves, min_samples_leaf=max(1, int(checked_share("least", least) * len(table))), random_state=0
    ).fit(coded.to_numpy(dtype=float), case)
    at = fitted.apply(coded.to_numpy(dtype=float))
    found = []
    for leaf, limits in _walked(fitted.tree_, list(coded.columns), kinds):
        held = at == leaf
        rule = tuple(told_limits(name, one) for name, one in limits.items())
        found.append((float(case[held].mean()), limits, rule, float(case[held].sum() / max(case.sum(), 1)),
                      float(held.mean()), int(held.sum())))  # fmt: skip
    found.sort(key=lambda one: (-one[0], -one[5]))
    rows = [(Note("rule", {"limits": rule}).said(), coverage, density, mass, count)
            for density, _, rule, coverage, mass, count in found]  # fmt: skip
    told = [Note("leaf", {"limits": rule, "density": f"{100 * density:.1f}", "coverage": f"{100 * coverage:.1f}",
                          "mass": f"{100 * mass:.1f}"})
            for density, _, rule, coverage, mass, _ in found[:TOLD] if rule]  # fmt: skip
    columns = ["rule", "coverage", "density", "mass", "draws"]
    return Tree(pd.DataFrame(rows, columns=columns), tuple(one[1] for one in found),
                (*notes, *(told or [Note("no_split")])))  # fmt: skip


def _coded(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, frozenset[Any]]]:
    """Draws as numbers: a column for each choice of an input that has no order; and its choices."""
    columns, kinds = {}, dict[str, frozenset[Any]]()
    for name in table:
        column = table[name].infer_objects()
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype(float)
        else:
            kinds[str(name)] = frozenset(column)
            columns |= {
                f"{name}{IS}{kind}": (column == kind).astype(float) for kind in sorted(kinds[str(name)], key=str)
            }
    return pd.DataFrame(columns), kinds


def _walked(
    tree: Any, names: list[str], kinds: Mapping[str, frozenset[Any]]
) -> Iterator[tuple[int, dict[str, Limits]]]:
    """Leaves with what they ask of the inputs."""
    open_nodes: list[tuple[int, dict[str, Limits]]] = [(0, {})]
    while open_nodes:
        node, limits = open_nodes.pop()
        if tree.children_left[node] < 0:
            yield node, limits
            continue
        name, _, kind = names[tree.feature[node]].partition(IS)
        here, value = limits.get(name, Limits()), float(tree.threshold[node])
        for child, left in ((tree.children_left[node], True), (tree.children_right[node], False)):
            if name in kinds:
                kept = here.kept or kinds[name]
                mine = frozenset(one for one in kept if (str(one) != kind) == left)
                narrowed = Limits(kept=mine)
            elif left:
                narrowed = replace(here, high=value)
            else:
                narrowed = replace(here, low=value)
            open_nodes.append((child, limits | {name: narrowed}))
