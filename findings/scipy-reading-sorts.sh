#!/usr/bin/env bash
# scipy.sparse: questions about a matrix (its maximum, abs, a comparison, a count) reorder it in place, and products with it change.
#
# Version    scipy 1.17.1, numpy 2.4.6
# Guess      `abs(A)`, `A.max()`, `A > 0`, `A.count_nonzero()` leave A as it is; two evaluations of A @ x are equal to the last bit.
# Behaviour  Each of them sorts the indices of an unsorted CSR array in place (vstack, indexing, sums and products do not). A @ x
#            then adds in another order. With a large sum that cancels, 0.001 is left in the one order and 0 in the other.
# Output     A @ x before 0.001, after abs(A), A.max(), A > 0, A.count_nonzero(), norm(A), A.power(2) and A.sum() each 0.0;
#            after A[[0]], A + A, A @ B, vstack and A.sum(axis=1) still 0.001
# Follows    Results that must repeat (hashes, "same answer in threads and alone", tests of equality) need `sum_duplicates()` once, where the
#            matrix is made. A matrix shared by threads is written to by calls that look like reading.
# In kctopt  tests/test_findings.py::test_rows_are_in_order_from_the_start
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
"$place/venv/bin/python" - <<'PY'
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import norm

x = np.ones(3)


def matrix():
    """One row, -1e16 + 1e16 + 0.001, written in the order of columns 2, 0, 1."""
    return sparse.csr_array((np.array([-1e16, 1e16, 1e-3]), np.array([2, 0, 1]), np.array([0, 3])), shape=(1, 3))


sorting = {
    "abs": abs, "max": lambda A: A.max(), "> 0": lambda A: A > 0, "count_nonzero": lambda A: A.count_nonzero(),
    "norm": norm, "power": lambda A: A.power(2), "sum": lambda A: A.sum(),
}
leaving = {
    "[[0]]": lambda A: A[[0]], "+": lambda A: A + A, "@": lambda A: A @ sparse.eye_array(3, format="csr"),
    "vstack": lambda A: sparse.vstack([A, A]), "sum of rows": lambda A: A.sum(axis=1),
}
assert float((matrix() @ x)[0]) == 1e-3
for group, left in ((sorting, 0.0), (leaving, 1e-3)):
    for name, question in group.items():
        A = matrix()
        question(A)
        after = float((A @ x)[0])
        print(name, after, A.indices)
        assert after == left, name
PY
