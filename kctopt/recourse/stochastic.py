"""A decided tree as users hold it: told and written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kctopt.arguments import checked_place
from kctopt.language import checked_lang
from kctopt.recourse import files, told
from kctopt.recourse.decided import Decided


@dataclass(frozen=True, repr=False)
class Stochastic(Decided):
    """A tree as it was decided: a first plan for all courses of the world, a second one for each.

    Attributes
    ----------
    status : Status
        How the stochastic program ended.
    value, bound : float or None
        Of what was maximised, NS points: simulated, and proven of every plan. Of a regret, points short of the best.
    gap : float or None
        Their relative distance.
    values : mapping of str to Bracket
        `rp`, `ws`, `eev`, `committed`, `evpi`, `vss`, `recourse`, each with `value`, `low` and `high`; None where a
        plan or bound is missing.
    courses : tuple of Course
        Every course with its plan.

    Examples
    --------
    >>> import kctopt
    >>> done = kctopt.stochastic("hazard.yaml")
    >>> values = done.values
    >>> values["ws"].high >= values["rp"].low, values["evpi"].high >= 0, values["vss"].high >= 0
    (True, True, True)
    """

    def summary(self, lang: str = "en") -> str:
        """Values with their brackets, courses, the first plan beside others, the second plan by course.

        Parameters
        ----------
        lang : str, default en
            Or `zh`.

        Returns
        -------
        str
            Lines.

        Examples
        --------
        >>> import kctopt
        >>> print(kctopt.stochastic("hazard.yaml").summary().splitlines()[0])
        hazard: hazard. optimal, ...
        """
        return told.summary(self, checked_lang(lang))

    def sentences(self, lang: str = "en") -> list[str]:
        """What it says, in sentences that can be quoted.

        Parameters
        ----------
        lang : str, default en
            Or `zh`.

        Returns
        -------
        list of str
            A sentence each.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.stochastic("hazard.yaml").sentences()[0].partition(" worth")[0]
        'The plan for all courses of the world is'
        """
        return told.sentences(self, checked_lang(lang))

    def save(self, target: str | Path) -> Path:
        """Save as a new folder: the record, tables, the tree, and a run for every course.

        Parameters
        ----------
        target : str or pathlib.Path
            The folder; a new one beside it (`-2`, `-3`, …) if it exists.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        WriteError
            Where it cannot be written; what was to be saved is then kept where the error says.

        Examples
        --------
        >>> import kctopt
        >>> folder = kctopt.stochastic("hazard.yaml").save("runs/hazard")
        >>> kctopt.verify(folder / "courses" / "tight")
        []
        """
        return files.save(self, checked_place("target", target, "the folder for the tree"))
