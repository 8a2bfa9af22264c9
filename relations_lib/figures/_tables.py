"""Tables as a reader sees them, and codes as the words that they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from relations_lib.figures._words import ENGLISH, Words, date_words

# How a column is set, also where no style sheet comes along.
_SET = {
    "number": "text-align:right;white-space:nowrap",
    "date": "text-align:left;white-space:nowrap",
    "long": "text-align:left;min-width:14rem",
    "": "text-align:left",
}
_DATE = re.compile(r"\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?")
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
# Codes whose words are more than the code without its underscores.
CODE_WORDS = {
    "chairman_supreme_soviet": "chairman of the Supreme Soviet",
    "founder_without_charter": "founder without the Charter",
}
DASH = "–"
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def words_of(value: Any, names: Mapping[str, str], translate: Words) -> Any:
    """Return a code or a date as words, a name for an id that has one, else the value itself.

    Examples
    --------
    >>> values = ("not_stated", "1993-01-07", "XX", "1998", 3)
    >>> [words_of(value, {"XX": "Exland"}, ENGLISH) for value in values]
    ['not stated', '7 January 1993', 'Exland', '1998', 3]
    """
    if not isinstance(value, str):
        return value
    if value in names:
        return names[value]
    if value in CODE_WORDS:
        return CODE_WORDS[value]
    if _CODE.fullmatch(value):
        return value.replace("_", " ")
    if _DATE.fullmatch(value):
        return date_words(value, translate)
    return translate(value)


def readable(
    frame: pd.DataFrame, names: Mapping[str, str] | None = None, translate: Words = ENGLISH
) -> pd.DataFrame:
    """Return a table with codes and dates as words, ready to be shown.

    Parameters
    ----------
    frame
        Any table.
    names
        What to call ids, such as those of states: ``data.states.set_index("id")["name"]``.
    translate
        What translates words and dates.

    Examples
    --------
    >>> readable(pd.DataFrame({"state": ["XX"], "since": ["1998-04"]}), {"XX": "Exland"})
        state       since
    0  Exland  April 1998
    """
    found = {} if names is None else names
    return frame.map(lambda value: words_of(value, found, translate))


def _kind(values: pd.Series) -> str:
    """Return how a column is set: numbers, dates that must not break, long or short text."""
    known = values.dropna()
    if infer_dtype(known) in ("integer", "floating", "mixed-integer-float"):
        return "number"
    texts = known.astype(str)
    texts = texts[texts != ""]
    if texts.empty:
        return ""
    if texts.str.fullmatch(_DATE).all():
        return "date"
    return "long" if texts.str.len().max() > 35 else ""


def _cell(value: Any, spec: str) -> str:
    if hasattr(value, "__html__"):  # such as a citation with its link: safe as it is
        return value.__html__()
    if pd.isna(value):
        return DASH
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, Real) and spec:
        return format(float(value), spec)
    if isinstance(value, Real) and not isinstance(value, Integral):
        return short(float(value))
    return escape(str(value))


def short(number: float) -> str:
    """Return three significant figures, from 1,000 up one decimal; a whole number as it is.

    Rounding never changes the order of two numbers, so that a value stays within its bounds.

    Examples
    --------
    >>> [short(n) for n in (0.04567, 2001.0, 2644.5, 6.9e-13)]
    ['0.0457', '2001', '2,644.5', '6.9e-13']
    """
    if abs(number) < 999.5:
        return f"{number:.3g}"
    text = f"{number:,.1f}"
    whole = text.removesuffix(".0")
    return text if whole == text else whole.replace(",", "")


def _attributes(kind: str, label: str = "") -> str:
    """Return the attributes of a column's cells."""
    named = f' class="{kind}"' if kind else ""
    labeled = f' data-label="{label}"' if label else ""
    return f'{named}{labeled} style="{_SET[kind]};vertical-align:top"'


def _row(cells: list[str], attributes: list[str]) -> str:
    row = [
        f'<td role="cell"{set_}>{text}</td>' for text, set_ in zip(cells, attributes, strict=True)
    ]
    row[0] = f'<th scope="row" role="rowheader"{attributes[0]}>{cells[0]}</th>'
    return f'<tr role="row">{"".join(row)}</tr>'


def table_html(
    frame: pd.DataFrame,
    caption: str,
    formats: Mapping[str, str] | None = None,
) -> str:
    """Return an accessible HTML table: caption, column headers, first column as row headers.

    The caption is seen outside the box that scrolls (and read as the table's own), and every
    cell carries the name of its column, so that a style sheet can set a row as a card; the roles
    stay when it does.

    Parameters
    ----------
    frame
        What to show, ready made: one column per column, the index left out. Numbers stand to the
        right, dates never break, and an underscore in a column's name shows as a space.
    caption
        One line that names the table.
    formats
        Per column a format specification (``".2f"``); without one, whole numbers stand as they
        are and others as ``short`` writes them. Missing values show as a dash.
    """
    given = formats or {}
    heads, attributes, columns = [], [], []
    for name, values in frame.items():
        label, kind = escape(str(name).replace("_", " ")), _kind(values)
        heads.append(f'<th scope="col" role="columnheader"{_attributes(kind)}>{label}</th>')
        attributes.append(_attributes(kind, label))
        columns.append([_cell(value, given.get(str(name), "")) for value in values])
    body = "\n".join(_row(list(row), attributes) for row in zip(*columns, strict=True))
    title = escape(caption)
    return (
        '<div class="relations-table mathjax_ignore tex2jax_ignore">\n'
        f'<p class="table-caption" aria-hidden="true">{title}</p>\n'
        '<div class="table-scroll" style="overflow-x:auto;position:relative">'
        '<table class="relations" role="table" style="width:auto">\n'
        f'<caption class="visually-hidden" style="{HIDDEN}">{title}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{"".join(heads)}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{body}\n</tbody></table></div></div>'
    )
