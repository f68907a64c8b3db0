"""Where a fault of a draw stands: the entry of the study that moves the place, not a call that its user never made."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kctopt.study.records import UncertainInput

CALL = re.compile(r"^(set|scale|add)= of the call: (?=(.+?): )")


def told_origin(reason: str, inputs: Sequence[UncertainInput]) -> str:
    """A reason, line by line, with the place of the input that it speaks of.

    Parameters
    ----------
    reason : str
        Faults as `load` tells them of the values of a draw.
    inputs : sequence of UncertainInput
        Of the study; `origin` is their place in its file.

    Returns
    -------
    str
        The same, with `STUDY.yaml:LINE` where a call was named; without a place where none is known.

    Examples
    --------
    >>> from kctopt.study.origins import told_origin
    >>> entry = UncertainInput("money", ("budget",), "scale", None, origin="study.yaml:3")
    >>> told_origin("scale= of the call: budget: is -1; it must be at least 0", [entry])
    'study.yaml:3: budget: is -1; it must be at least 0'
    """
    return "\n".join(CALL.sub(lambda found: _place(found, inputs), line) for line in reason.splitlines())


def _place(found: re.Match[str], inputs: Sequence[UncertainInput]) -> str:
    """The place of the input that moves a path, or of the only one that moves anything in this way."""
    way, path = ("value" if found[1] == "set" else found[1]), found[2]
    same = [entry for entry in inputs if entry.way == way]
    named = [entry for entry in same if path in entry.paths] or [
        entry for entry in same if any(path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in entry.paths)
    ]
    places = list(dict.fromkeys(entry.origin for entry in named or same if entry.origin))
    if len(places) == 1:
        return f"{places[0]}: "
    files = list(dict.fromkeys(place.split(":")[0] for place in places))
    return f"{files[0]}: " if len(files) == 1 else ""
