"""Figures and tables as a reader sees them: one record a figure, two widths, two themes.

A function here takes a package's tables and returns a ``Figure``: how to draw it in a ``Look``,
its title, key, alternative text, caption and values. ``show_figure`` and ``show_table`` emit the
final output of a notebook cell; ``figure.draw()`` gives Axes for whoever wants to go on.
"""

from relations_lib.figures._beside import beside, others_all, others_rows, others_world, worlds
from relations_lib.figures._commission import commission, pace_rates
from relations_lib.figures._keys import key_html
from relations_lib.figures._lanes import Row, Times
from relations_lib.figures._map import visit_map
from relations_lib.figures._marks import (
    band,
    bracket,
    canvas,
    diamond_line,
    empty,
    hatched,
    middles,
    new_axes,
    note,
    on_ground,
    point,
    rows_axes,
    text_width,
    time_axis,
    wrapped,
)
from relations_lib.figures._organizations import organizations, shared_by_year
from relations_lib.figures._page import page_html, page_rows, sentence_kinds, show_page
from relations_lib.figures._plain import (
    counts,
    curve,
    gap_ranges,
    membership_spells,
    ranges,
    shared_pairs,
)
from relations_lib.figures._show import (
    COLORS,
    LOOKS,
    Figure,
    Look,
    figure_html,
    picture,
    show_figure,
    show_table,
)
from relations_lib.figures._story import state_names, visits_told
from relations_lib.figures._tables import readable, short, table_html
from relations_lib.figures._timeline import start, timeline
from relations_lib.figures._validity import tally, true_when
from relations_lib.figures._visits import rate_rows, visits
from relations_lib.figures._words import date_words, joined, legible, ordinal, words

__all__ = [
    "COLORS",
    "LOOKS",
    "Figure",
    "Look",
    "Row",
    "Times",
    "band",
    "beside",
    "bracket",
    "canvas",
    "commission",
    "counts",
    "curve",
    "date_words",
    "diamond_line",
    "empty",
    "figure_html",
    "gap_ranges",
    "hatched",
    "joined",
    "key_html",
    "legible",
    "membership_spells",
    "middles",
    "new_axes",
    "note",
    "on_ground",
    "ordinal",
    "organizations",
    "others_all",
    "others_rows",
    "others_world",
    "pace_rates",
    "page_html",
    "page_rows",
    "picture",
    "point",
    "ranges",
    "rate_rows",
    "readable",
    "rows_axes",
    "sentence_kinds",
    "shared_by_year",
    "shared_pairs",
    "short",
    "show_figure",
    "show_page",
    "show_table",
    "start",
    "state_names",
    "table_html",
    "tally",
    "text_width",
    "time_axis",
    "timeline",
    "true_when",
    "visit_map",
    "visits",
    "visits_told",
    "words",
    "worlds",
    "wrapped",
]
