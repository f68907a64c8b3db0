"""Sphinx: the site in English, and with `-t zh` (source folder docs/zh) in Chinese. `make docs` builds both."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_site"))

import kctopt  # noqa: E402

CHINESE = tags.has("zh")  # type: ignore[name-defined]  # noqa: F821 - Sphinx defines it

project = "kctopt"
version = release = kctopt.__version__
project_copyright = "The kctopt developers, Apache-2.0"
language = "zh_CN" if CHINESE else "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "formula", "languages"]
root_doc = "README"
exclude_patterns = ["zh", "_site"]
myst_fence_as_directive = ["formula"]
myst_heading_anchors = 3
other = "../{{path}}.html#{{fragment}}" if CHINESE else "zh/{{path}}.html#{{fragment}}"
myst_url_schemes = {"http": None, "https": None, "other": other}
suppress_warnings = ["misc.highlighting_failure"]  # blocks with … in place of what was left out

default_role = "code"
add_module_names = False
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
nitpick_ignore_regex = [("py:(class|obj)", ".*")]  # types in signatures that have no page
autodoc_class_signature = "separated"  # records have dozens of fields

html_title = "kctopt"
html_theme = "pydata_sphinx_theme"
html_static_path = [str(HERE / "_site" / "static")]
html_css_files = ["site.css"]
html_js_files = ["zh.js"] if CHINESE else []
templates_path = [str(HERE / "_site" / "templates")]
html_sidebars = {"**": ["pages.html"]}
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_theme_options = {
    "navbar_center": [],
    "navbar_end": ["language.html", "theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "search_bar_text": "搜索" if CHINESE else "Search",
    "show_toc_level": 2,
}
