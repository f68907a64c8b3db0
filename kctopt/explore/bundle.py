"""The files of the page: its own, and Vega as one script of the version that the figures are written for."""

from __future__ import annotations

import functools
from importlib import resources

PAGE = {
    "index.html": "text/html", "app.js": "text/javascript", "ask.js": "text/javascript", "draw.js": "text/javascript",
    "study.js": "text/javascript", "style.css": "text/css",
}  # fmt: skip
SNIPPET = "window.vegaEmbed = vegaEmbed;"  # what the page asks of the bundle


def page_file(name: str) -> bytes:
    """A file of the page."""
    return resources.files("kctopt.explore").joinpath("page").joinpath(name).read_bytes()


@functools.cache
def vega_bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return str(vl_convert.javascript_bundle(SNIPPET, vl_version=version))
