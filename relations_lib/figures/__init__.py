"""Figures and tables as a reader sees them: one record a figure, two widths, two themes.

A function here takes a package's tables and returns a ``Figure``: how to draw it in a ``Look``,
its title, key, alternative text, caption and values. ``show_figure`` and ``show_table`` emit the
final output of a notebook cell; ``figure.draw()`` gives Axes for whoever wants to go on.
"""

from relations_lib.figures._beside import beside, partners
from relations_lib.figures._commission import commission
from relations_lib.figures._map import visit_map
from relations_lib.figures._organizations import membership_spells, organizations
from relations_lib.figures._page import page_html, page_rows, show_page
from relations_lib.figures._plain import ranges
from relations_lib.figures._show import (
    LOOKS,
    Figure,
    Look,
    figure_html,
    picture,
    show_figure,
    show_table,
)
from relations_lib.figures._story import state_names
from relations_lib.figures._tables import readable, table_html
from relations_lib.figures._timeline import start, timeline
from relations_lib.figures._validity import true_when
from relations_lib.figures._visits import visits
from relations_lib.figures._words import Words, date_words

__all__ = [
    "LOOKS",
    "Figure",
    "Look",
    "Words",
    "beside",
    "commission",
    "date_words",
    "figure_html",
    "membership_spells",
    "organizations",
    "page_html",
    "page_rows",
    "partners",
    "picture",
    "ranges",
    "readable",
    "show_figure",
    "show_page",
    "show_table",
    "start",
    "state_names",
    "table_html",
    "timeline",
    "true_when",
    "visit_map",
    "visits",
]
