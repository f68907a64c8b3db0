"""Charts to files: SVG, PNG and PDF by vl-convert, without a browser and without the network."""

from __future__ import annotations

import functools
from typing import Any, Literal

from kctopt.extras import need
from kctopt.report.fonts import FOLDER

Format = Literal["svg", "png", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")
SCALE = 2.0  # pixels of a PNG for one of the chart


def altair() -> Any:
    """The package altair. Raises MissingExtra, with the command that installs it."""
    need(["figures"])
    import altair as found

    return found


@functools.cache
def _converter() -> Any:
    """The package vl_convert, with our font."""
    need(["figures"])
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))
    return vl_convert


def drawn(chart: Any, format: Format) -> bytes:
    """A chart as the content of a file."""
    spec = chart.to_dict(validate=False)  # the tests do, once for each figure; it takes longer than drawing
    version = ".".join(altair().SCHEMA_VERSION.lstrip("v").split(".")[:2])
    match format:
        case "svg":
            return str(_converter().vegalite_to_svg(spec, version)).encode()
        case "png":
            return bytes(_converter().vegalite_to_png(spec, version, scale=SCALE))
        case "pdf":
            return bytes(_converter().vegalite_to_pdf(spec, version))
