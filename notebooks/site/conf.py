"""How the site is made: `make`, or `python notebooks/site/gather.py` (see there)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# The one place for the repository's address ("https://github.com/OWNER/NAME"): with it, pages get
# buttons that open them in Binder and link to their source.
repository = ""

project = "Relations of Tajikistan with Kazakhstan"
author = "The authors of Relations of Tajikistan with Kazakhstan"
project_copyright = "2026, the authors. Text and data: CC BY 4.0. Code: MIT license"
language = "en"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "_book", "myst_nb"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".table": "relations-table"}
exclude_patterns = ["_*"]
templates_path = ["_templates"]

nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath", "colon_fence"]
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

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"
html_sidebars = {"**": ["book-nav.html"]}
html_context = {"default_mode": "auto", "repository": repository}
html_theme_options = {
    "logo": {"text": "Tajikistan and Kazakhstan"},
    "navbar_start": ["navbar-logo.html"],
    "navbar_center": [],
    "navbar_end": ["theme-switcher.html"],
    "navbar_persistent": ["search-button-field.html"],
    "article_header_start": [],
    "article_header_end": ["page-tools.html"],
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc.html"],
    "footer_start": ["book-footer.html"],
    "footer_end": [],
    "search_bar_text": "Search this book",
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
