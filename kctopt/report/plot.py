"""`result.plot`: the figures in a notebook, as Altair charts that show without the network."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from kctopt.language import checked_lang
from kctopt.report.catalogue import FIGURES, RANGES, dumbbell, titled
from kctopt.report.draw import altair, drawn
from kctopt.report.view import View

if TYPE_CHECKING:
    from kctopt.result.result import Result


class Plots:
    """One method for each figure; `lang` is en or zh. Each returns an Altair chart.

    The charts show as SVG drawn on this machine, so they appear without the network and stay in a saved notebook. Once
    another renderer is chosen with `altair.renderers.enable`, that one is used.
    """

    def __init__(self, result: Result) -> None:
        self._result = result

    def __repr__(self) -> str:
        return f"figures: {', '.join([*FIGURES, RANGES, 'dumbbell'])}"

    def _figure(self, name: str, lang: str) -> Any:
        return offline(titled(View(self._result, checked_lang(lang)), name))

    def allocation(self, lang: str = "en") -> Any:
        """Money by planned year, stacked by domain."""
        return self._figure("allocation", lang)

    def heat(self, lang: str = "en") -> Any:
        """Money by domain, type and plan."""
        return self._figure("heat", lang)

    def flows(self, lang: str = "en") -> Any:
        """From the budget to domains and on to types."""
        return self._figure("flows", lang)

    def gaps(self, lang: str = "en") -> Any:
        """Relative gap of every line by year, over the gap bands."""
        return self._figure("gaps", lang)

    def security(self, lang: str = "en") -> Any:
        """National security and its three parts by year."""
        return self._figure("security", lang)

    def ranges(self, lang: str = "en") -> Any:
        """What plans near the optimum give: must, may, never. Raises UsageError where `explain ranges` is not saved."""
        return self._figure(RANGES, lang)

    def dumbbell(self, other: Result, lang: str = "en") -> Any:
        """Money by domain and type beside that of another result."""
        first, second = View(self._result, checked_lang(lang)), View(other, lang)
        title = {"text": first.text("dumbbell_title"), "subtitle": f"{first.title} · {second.title}"}
        return offline(dumbbell(first, second).properties(title=title))


def offline(chart: Any) -> Any:
    """The same chart, which shows as SVG where no renderer was chosen."""
    kind: Any = type(chart)
    object.__setattr__(chart, "__class__", _offline(kind))
    return chart


@functools.cache
def _offline(kind: type) -> type:
    """A kind of Altair chart whose picture in a notebook is drawn here."""

    def _repr_mimebundle_(self: Any, *args: Any, **options: Any) -> Any:
        if altair().renderers.active != "default":
            return kind._repr_mimebundle_(self, *args, **options)  # type: ignore[attr-defined]
        return {"image/svg+xml": drawn(self, "svg").decode(), "text/plain": repr(self)[:80]}

    return type(kind.__name__, (kind,), {"_repr_mimebundle_": _repr_mimebundle_, "__doc__": kind.__doc__})
