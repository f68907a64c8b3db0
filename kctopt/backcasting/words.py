"""Words of back-casts."""

from __future__ import annotations

from kctopt.language import Texts, translate

WORDS: Texts = {
    "holds": (
        "{model}: the law holds: values within the ranges bring all {count} lines within a quarter of what "
        "was observed."
    ),
    "fails": (
        "{model}: the law fails: no value within the ranges brings {failed} of {count} lines within a quarter"
        " of what was observed: {names}."
    ),
    "against_money": (
        "{name} went from {first:.2f} to {last:.2f} of the rival between {start} and {end}, {times:.1f}-fold,"
        " while own money fell from {money_first:.2f} to {money_last:.2f} of the rival's ({money_start} to "
        "{money_end}); the law gives {simulated:.2f}. A law in own money cannot tell it."
    ),
    "errors": (
        "Errors on {count} figures (root mean square of logarithms): simulated {simulated:.2f}, no change "
        "{no_change:.2f}; on the {few} that have a trend before them: simulated {few_simulated:.2f}, no "
        "change {few_no_change:.2f}, last trend {last_trend:.2f}."
    ),
    "errors_bare": (
        "Errors on {count} figures (root mean square of logarithms): simulated {simulated:.2f}, no change "
        "{no_change:.2f}; none has a trend before it."
    ),
    "nearer": ("The simulation is nearer than no change on {nearer} of them and never by more than {most:.2f}."),
    "parameter_inside": (
        "{parameter} fits all lines best at {value:.3g} ({low:.3g} to {high:.3g}; the model has {stated:.3g})."
    ),
    "parameter_bare": (
        "{parameter} fits all lines best at {value:.3g}, without an interval (the model has {stated:.3g})."
    ),
    "parameter_most": (
        "{parameter} goes to the upper edge of its range, {value:.3g}: the figures ask for more than it allows (the"
        " model has {stated:.3g})."
    ),
    "parameter_least": (
        "{parameter} goes to the lower edge of its range, {value:.3g}: the figures ask for less than it allows (the"
        " model has {stated:.3g})."
    ),
    "parameter_idle": (
        "{parameter} from {low:.3g} to {high:.3g} changes no error by more than one per cent: these figures "
        "cannot tell it."
    ),
    "trends": (
        "Yields are set by the trend of the first year, which decides: 0 is taken, for want of earlier "
        "figures. With a trend of their own {count} lines fit: {names}."
    ),
    "trend_of": "{name} {value:.3f}",
    "trend_between": "{name} {value:.3f} ({low:.3f} to {high:.3f})",
    "no_trend": "No trend between {low:g} and {high:g} that leaves yields positive fits {names}.",
    "two": ("Two figures fix a trend and cannot test it, nor a curvature: {names}. Three test little more."),
    "money": (
        "If the line's share of the money had come to half or twice what it was by the last figure, the last "
        "figure would move by {least:+.0%} to {most:+.0%}. A level that is wrong in all years alike changes "
        "nothing: the laws read money against the first year."
    ),
    "caps": (
        "Catch-up sets the inflow of {near} of {count} lines; that of the others is bound by absorption or exchange."
    ),
    "elasticity": (
        "With an elasticity of {value:g} between suppliers in place of 2, the {lines} lines read by shares "
        "miss by {log:.2f} in place of {stated:.2f}."
    ),
    "none": "none",
    "line": "line",
    "years": "years",
    "figures": "figures",
    "observed": "observed",
    "simulated": "simulated",
    "no_change": "no change",
    "last_trend": "last trend",
    "fits": "fits",
    "yes": "yes",
    "no": "no",
    "trend_needed": "trend needed",
    "trend_nowhere": "none from {low} to {high}",
    "head": (
        "  Ratio to the rival in the last year with a figure, and logarithmic errors of all figures (root mean square):"
    ),
    "error_of": "error, {method}",
    "band": "ranges of parameters and money",
    "described": (
        "{model}: a panel a line. Points are observed ratios of own capability to the rival's, the line is "
        "simulated from the first point on, the band spans the ranges of parameters and of money."
    ),
}


def word(key: str, lang: str, **values: object) -> str:
    """The words for `key`, filled in."""
    return translate(WORDS[key], lang, **values)
