"""How the site is made: `make`, or `python notebooks/site/gather.py` (see there)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import _bundle
import _cite

# The one place for addresses: the repository's ("https://github.com/OWNER/NAME"), which gives pages
# links to their source and for reporting errors, and the site's own, which gives them a preview.
repository = ""
address = ""

project = "Relations of Tajikistan with Kazakhstan"
author = _cite.citation()["author"]
project_copyright = (
    f"{_cite.citation()['year']}. Text, figures and data: CC BY 4.0. Code: MIT License"
)
language = "en"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "_book", "myst_nb"]
suppress_warnings = ["myst.xref_missing"]  # rows of tables; the tests follow every link
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
exclude_patterns = ["_*"]

nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_block"]
myst_heading_anchors = 4
html_math_renderer = "mathml"

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_use_type_comments = False
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
napoleon_use_ivar = True

highlight_language = "none"  # boxes that name no language are commands, rows and messages

html_theme = "relations"
html_title = project
html_static_path = ["_static"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = True
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"
html_context = {
    "address": address.rstrip("/"),
    "repository": repository.rstrip("/"),
    "short_title": "Tajikistan and Kazakhstan",
    "author": author,
    "citation": _cite.citation(),
    "citation_json": _cite.schema_org(),
    "stated": _bundle.stated(),
}
