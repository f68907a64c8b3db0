"""Units of columns and sizes of rows: what tolerances are relative to, and what HiGHS is handed a program in.

Columns of money are measured by the money of the scenario (scenario/units.py), all others by 1; a row by the largest
of its entries times the units of their columns. Sizes near 1 count as 1, so that most programs stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from kctopt.scenario.records import Scenario
from kctopt.scenario.units import money_unit, nearest

EPSILON = float(np.finfo(float).eps)  # relative round-off of one operation
MONEY = (
    "money.strategic", "money.substitution", "money.exchange", "money.spend", "money.carry", "money.available",
    "tranches.part", "tranches.effective", "modes.exchange", "quadrants.exposure_limit",
)  # fmt: skip
USUAL = (2.0**-7, 2.0**10)  # sizes of rows that count as 1


def units_of(
    scenario: Scenario, slots: Mapping[str, np.ndarray], rows: sparse.csr_array, own: np.ndarray
) -> np.ndarray:
    """Unit of each column; those of a user's own continuous columns follow from the rows that tie them to others."""
    unit, money = np.ones(rows.shape[1]), money_unit(scenario)
    amounts = [f"policies.{policy.id}.amount" for policy in scenario.policies if policy.kind in ("floor", "cap")]
    for name in (*MONEY, *amounts):
        unit[slots.get(name, np.zeros(0, int))] = money
    open_ones = own
    while len(open_ones):  # those tied to others of the user's own follow from these
        sizes = _tied(rows, unit, open_ones)
        if not sizes.any():
            break
        unit[open_ones[sizes > 0]] = [nearest(size, USUAL) for size in sizes[sizes > 0]]
        open_ones = open_ones[sizes == 0]
    return unit


def cost_unit_of(cost: np.ndarray, unit: np.ndarray) -> float:
    """What an objective is measured by: its largest cost in the units of the columns."""
    return nearest(float((np.abs(cost) * unit).max(initial=0.0)), USUAL)


def _tied(rows: sparse.csr_array, unit: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How large own columns are where the columns that their rows tie them to are of their units; 0 where none does."""
    sizes = unit.copy()
    sizes[own] = 0.0
    others = np.asarray((abs(rows) @ sparse.diags_array(sizes)).max(axis=1).todense()).ravel()
    among = sparse.coo_array(rows[:, own])
    most = np.zeros(len(own))
    np.maximum.at(most, among.col, others[among.row] / np.abs(among.data))
    return most


def measured_by(rows: sparse.csr_array, unit: np.ndarray, integer: np.ndarray) -> np.ndarray:
    """Size of what rows measure: that of their continuous part; a large factor of a whole choice measures nothing.

    A constant that switches a rule off (big-M) would otherwise make it void within the tolerance.
    """
    if not integer.any():
        return row_sizes(rows, unit)
    continuous = sparse.csr_array(
        (np.where(integer[rows.indices], 0.0, rows.data), rows.indices, rows.indptr), rows.shape
    )
    _, most = extremes(continuous, unit)
    return np.where(most > 0, row_sizes(continuous, unit), row_sizes(rows, unit))


def row_sizes(rows: sparse.csr_array, unit: np.ndarray) -> np.ndarray:
    """Size of what each row measures, a power of two."""
    _, size = extremes(rows, unit)
    odd = (size > 0) & ((size < USUAL[0]) | (size > USUAL[1]))
    return np.asarray(np.where(odd, 2.0 ** np.round(np.log2(np.where(odd, size, 1.0))), 1.0))


def extremes(rows: sparse.csr_array, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest entry of each row that is not 0, in the units of its columns; infinite and 0 without any."""
    least, most = np.full(rows.shape[0], np.inf), np.zeros(rows.shape[0])
    filled = np.flatnonzero(np.diff(rows.indptr))
    if len(filled):
        entries = np.abs(rows.data) * unit[rows.indices]
        most[filled] = np.maximum.reduceat(entries, rows.indptr[filled])
        least[filled] = np.minimum.reduceat(np.where(entries > 0, entries, np.inf), rows.indptr[filled])
    return least, most
