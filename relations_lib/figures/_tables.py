"""Tables as a reader sees them, and codes as the words that they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from numbers import Integral, Real
from typing import Any

import pandas as pd

from relations_lib.figures._words import date_words

Spec = str | Callable[[Any], str] | None

# How a column is set, also where no style sheet comes along.
_SET = {
    "number": "text-align:right;white-space:nowrap",
    "date": "text-align:left;white-space:nowrap",
    "long": "text-align:left;min-width:14rem",
    "": "text-align:left",
}
_DATE = re.compile(r"\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?")
_DAYS = re.compile(r"\d{4}-\d\d(-\d\d)?|\d{4}(-\d\d){0,2}/\d{4}(-\d\d){0,2}")
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
# Codes whose words are more than the code without its underscores.
CODE_WORDS = {
    "chairman_supreme_soviet": "chairman of the Supreme Soviet",
    "founder_without_charter": "founder without the Charter",
}
DASH = "–"
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def words_of(value: Any, names: Mapping[str, str]) -> Any:
    """Return a code or a date as words, a name for an id that has one, else the value itself.

    Examples
    --------
    >>> [words_of(v, {"XX": "Exland"}) for v in ("not_stated", "1993-01-07", "XX", "1998", 3)]
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
    if _DAYS.fullmatch(value):
        return date_words(value)
    return value


def readable(frame: pd.DataFrame, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return a table with codes and dates as words, ready to be shown.

    Parameters
    ----------
    frame
        Any table.
    names
        What to call ids, such as those of states: ``data.states.set_index("id")["name"]``.

    Examples
    --------
    >>> readable(pd.DataFrame({"state": ["XX"], "since": ["1998-04"]}), {"XX": "Exland"})
        state       since
    0  Exland  April 1998
    """
    found = dict(names) if names is not None else {}
    return frame.map(lambda value: words_of(value, found))


def _kind(values: pd.Series) -> str:
    """Return how a column is set: numbers, dates that must not break, long or short text."""
    known = values.dropna()
    if len(known) and all(isinstance(v, Real) and not isinstance(v, bool) for v in known):
        return "number"
    texts = [str(value) for value in known if str(value)]
    if texts and all(isinstance(v, pd.Timestamp) or _DATE.fullmatch(str(v)) for v in known):
        return "date"
    longest = max(map(len, texts), default=0)
    return "long" if longest > 35 else ""


def _cell(value: Any, spec: Spec) -> str:
    if hasattr(value, "__html__"):  # such as a citation with its link: safe as it is
        return value.__html__()
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return DASH
    if callable(spec):
        return escape(spec(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, Real):
        return _number(value, spec)
    return escape(str(value))


def _number(value: Real, spec: Spec) -> str:
    if isinstance(spec, str):
        return format(float(value), spec)
    if isinstance(value, Integral):
        return str(value)
    return short(float(value))


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


def _look(kind: str, label: str = "") -> str:
    """Return the attributes of a column's cells."""
    named = f' class="{kind}"' if kind else ""
    labeled = f' data-label="{label}"' if label else ""
    return f'{named}{labeled} style="{_SET[kind]};vertical-align:top"'


def table_html(
    frame: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Spec] | None = None,
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
        Per column a format specification (``".2f"``) or a function from value to text; without
        one, whole numbers stand as they are and others as ``short`` writes them. Missing values
        show as a dash.
    """
    specs = [(formats or {}).get(name) for name in frame.columns]
    kinds = [_kind(frame.iloc[:, place]) for place in range(frame.shape[1])]
    names = [escape(str(name).replace("_", " ")) for name in frame.columns]
    head = "".join(
        f'<th scope="col" role="columnheader"{_look(kind)}>{name}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    looks = [_look(kind, name) for kind, name in zip(kinds, names, strict=True)]
    rows = [
        _row([_cell(value, spec) for value, spec in zip(row, specs, strict=True)], looks)
        for row in frame.itertuples(index=False, name=None)
    ]
    body = "\n".join(rows)
    title = escape(caption)
    return (
        '<div class="relations-table mathjax_ignore tex2jax_ignore">\n'
        f'<p class="table-caption" aria-hidden="true">{title}</p>\n'
        '<div class="table-scroll" style="overflow-x:auto;position:relative">'
        '<table class="relations" role="table" style="width:auto">\n'
        f'<caption class="visually-hidden" style="{HIDDEN}">{title}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{body}\n</tbody></table></div></div>'
    )


def _row(texts: list[str], looks: list[str]) -> str:
    cells = []
    for text, look in zip(texts, looks, strict=True):
        cells.append(f'<td role="cell"{look}>{text}</td>')
    cells[0] = f'<th scope="row" role="rowheader"{looks[0]}>{texts[0]}</th>'
    return f'<tr role="row">{"".join(cells)}</tr>'
