r"""Type scores and the KCT value.

The formulas of `docs/model/kct.md`:

    Z[d,k,t] = sum_{i in d} w_i m[i,k] 100 U[i,t]/R[i,t] / sum_{i in d} w_i m[i,k]
    nested:       KCT_d <= Z_A^alpha * M_rho(Z_B, Z_M, Z_S; w)^(1-alpha)
    ces:          KCT_d <= M_rho(Z_B, Z_A, Z_M, Z_S; w)
    cobb_douglas: KCT_d <= prod_k Z_k^(w_k / sum_k w_k)
    leontief:     KCT_d <= Z_k        for all k with w_k > 0
    linear:       KCT_d <= sum_k w_k Z_k / sum_k w_k
    KCT_t <= M_rho_d(KCT_d; w_d),   M_rho(z; w) = (sum_j w_j z_j^rho / sum_j w_j)^(1/rho)

    M_rho(z; w) = (sum_j w_j z_j^rho / sum_j w_j)^(1/rho)        over j with w_j > 0
    M_0(z; w) = prod_j z_j^(w_j / sum_j w_j)        its limit at rho = 0, taken where -1e-8 < rho < 1e-8
    nested        KCT_d = Z_A^alpha M_rho(Z_B, Z_M, Z_S; w)^(1-alpha)
    ces           KCT_d = M_rho(Z_B, Z_A, Z_M, Z_S; w)
    cobb_douglas  KCT_d = M_0(Z_B, Z_A, Z_M, Z_S; w)
    leontief      KCT_d = min_k Z_k        over k with w_k > 0
    linear        KCT_d = M_1(Z_B, Z_A, Z_M, Z_S; w)
    KCT_t = M_rho_d(KCT_d; w_d)        over the domains that have lines

    ZN[k,t] = sum_d w_d Z[d,k,t] / sum_d w_d        over the domains with Z[d,k]
    ZMS_t = (ZN[M,t] + ZN[S,t]) / 2        one of them alone where no domain has the other
"""

from __future__ import annotations

from .model import TYPES, Model, mean
from .model import m as member
from .numbers import Record


def value(m: Model, t: int) -> None:
    """Z, national scores, KCT_d and KCT of a year; what a domain or the nation lacks has no entry."""
    for d in m.domains:
        scores(m, d, t)
        Z = {k: m.Z[d.id, k, t] for k in TYPES if (d.id, k, t) in m.Z}
        if Z:
            m.KCT_d[d.id, t] = of_domain(m, Z)
    there = [d for d in m.domains if (d.id, t) in m.KCT_d]
    m.KCT[t] = mean([m.KCT_d[d.id, t] for d in there], [d.weight for d in there], m.s.kct.rho_domains)
    for k in TYPES:
        parts = [(m.Z[d.id, k, t], d.weight) for d in m.domains if (d.id, k, t) in m.Z]
        if parts:
            m.ZN[k, t] = sum(z * w for z, w in parts) / sum(w for _, w in parts)


def scores(m: Model, d: Record, t: int) -> None:
    """Z of the types that have members in a domain."""
    for k in TYPES:
        total = sum(i.weight * member(i, k) for i in m.of[d.id])
        if total > 0:
            part = sum(i.weight * member(i, k) * 100 * m.U(i, t) / m.R[i.id, t] for i in m.of[d.id])
            m.Z[d.id, k, t] = part / total


def of_domain(m: Model, Z: dict[str, float]) -> float:
    """KCT_d from its type scores."""
    form = m.s.kct.form
    if form == "nested":
        return nested(m, Z)
    w = weights(m, Z)
    if form == "leontief":
        return min(z for k, z in Z.items() if w[k] > 0)
    rho = {"ces": m.s.kct.rho, "cobb_douglas": 0.0, "linear": 1.0}[form]
    return mean(list(Z.values()), list(w.values()), rho)


def weights(m: Model, Z: dict[str, float]) -> dict[str, float]:
    """Weights of the types that are there."""
    w = {k: float(m.s.kct.weights[k]) for k in Z}
    return w if any(w.values()) else dict.fromkeys(Z, 1.0)


def nested(m: Model, Z: dict[str, float]) -> float:
    rest = {k: z for k, z in Z.items() if k != "A"}
    alpha = 0.0 if "A" not in Z else m.s.kct.multiplier if rest else 1.0
    weak = mean(list(rest.values()), list(weights(m, rest).values()), m.s.kct.rho) if rest else 1.0
    return float(Z.get("A", 1.0) ** alpha * weak ** (1 - alpha))


def ZMS(m: Model, t: int) -> float:
    """Mean of the national scores of moats and security."""
    there = [m.ZN[k, t] for k in "MS" if (k, t) in m.ZN]
    return sum(there) / len(there) if there else 1.0  # no such lines: the factor (ZMS_t/ZMS_0)^eps_2 is 1
