"""One style, and the one way in which figures and tables reach a reader."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import wraps
from html import escape
from io import BytesIO
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

P = ParamSpec("P")
R = TypeVar("R")

# Okabe and Ito (2008), safe for color blindness; yellow left out as too pale on white.
COLORS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "gray": "#6B6B6B",
    "light": "#D9D9D9",
    "black": "#1A1A1A",
}

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": COLORS["gray"],
    "axes.labelsize": 11,
    "axes.prop_cycle": plt.cycler(color=[COLORS[c] for c in ("blue", "vermilion", "green")]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "grid.color": "#E5E5E5",
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 170,
    "savefig.facecolor": "white",
    "svg.hashsalt": "relations",
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Return the drawing function so that it draws in the one style, and only there."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with plt.rc_context(STYLE):
            return draw(*args, **kwargs)

    return wrapper


@styled
def new_axes(width: float = 5.2, height: float = 3.0) -> Axes:
    """Return the Axes of a new figure; so wide it stays legible on a phone."""
    return plt.subplots(figsize=(width, height))[1]


# How a column is set, also where no style sheet comes along; ``class`` and ``style`` of its cells.
_SET = {
    "number": "text-align:right;white-space:nowrap",
    "date": "text-align:left;white-space:nowrap",
    "long": "text-align:left;min-width:14rem",
    "": "text-align:left",
}
_DATE = re.compile(r"\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?")


def _kind(values: pd.Series) -> str:
    """Return how a column is set: numbers, dates that must not break, long or short text."""
    known = values.dropna()
    if len(known) and all(isinstance(v, Real) and not isinstance(v, bool) for v in known):
        return "number"
    texts = [str(value) for value in known if str(value)]
    if texts and all(isinstance(v, pd.Timestamp) or _DATE.fullmatch(str(v)) for v in known):
        return "date"
    return "long" if max(map(len, texts), default=0) > 35 else ""


def _cell(value: Any, spec: str | Callable[[Any], str] | None) -> str:
    if hasattr(value, "__html__"):  # such as a citation with its link: safe as it is
        return value.__html__()
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "–"
    if callable(spec):
        return escape(spec(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, Real) and (spec or not isinstance(value, Integral)):
        return format(float(value), spec) if spec else _short(float(value))
    return escape(str(value))


def _short(number: float) -> str:
    """Return three significant figures; one decimal, not an exponent, where these are too few."""
    text = f"{number:.3g}"
    return f"{number:.1f}".removesuffix(".0") if "e+" in text else text


def table_html(
    frame: pd.DataFrame,
    caption: str,
    formats: dict[str, str | Callable[[Any], str]] | None = None,
) -> str:
    """Return an accessible HTML table: caption, column headers, first column as row headers.

    Parameters
    ----------
    frame
        What to show, ready made: one column per column, the index left out. Numbers stand to the
        right, dates never break, and an underscore in a column's name shows as a space.
    caption
        One line that names the table.
    formats
        Per column a format specification (``".2f"``) or a function from value to text; without
        one, whole numbers stand as they are and others have three significant figures (1,000
        and more: one decimal).
        Missing values show as a dash.
    """
    formats = formats or {}
    specs = [formats.get(name) for name in frame.columns]
    looks = [_look(_kind(frame.iloc[:, place])) for place in range(frame.shape[1])]
    names = [escape(str(name).replace("_", " ")) for name in frame.columns]
    head = "".join(f'<th scope="col"{x}>{n}</th>' for n, x in zip(names, looks, strict=True))
    rows = []
    for row in frame.itertuples(index=False, name=None):
        texts = (_cell(value, spec) for value, spec in zip(row, specs, strict=True))
        first, *rest = zip(texts, looks, strict=True)
        cells = "".join(f"<td{look}>{text}</td>" for text, look in rest)
        rows.append(f'<tr><th scope="row"{first[1]}>{first[0]}</th>{cells}</tr>')
    body, caption = "\n".join(rows), escape(caption)
    return (
        f'<div class="table-scroll" role="region" aria-label="{caption}" tabindex="0" '
        f'style="overflow-x:auto"><table class="relations">\n'
        f"<caption><span>{caption}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _look(kind: str) -> str:
    """Return the attributes of a column's cells."""
    return (f' class="{kind}"' if kind else "") + f' style="{_SET[kind]};vertical-align:top"'


@styled
def _png(ax: Axes) -> tuple[bytes, int, int]:
    figure = ax.figure.get_figure(root=True)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    width, height = (round(inches * 100) for inches in figure.get_size_inches())
    plt.close(figure)
    return buffer.getvalue(), width, height


def figure_html(ax: Axes, alt: str, caption: str, table: pd.DataFrame | None = None) -> str:
    """Return a figure as HTML: the picture with its alternative text, caption and values.

    Parameters
    ----------
    ax
        Any Axes of the figure; the figure is closed.
    alt
        Alternative text: kind of chart, axes with ranges, the point. Required.
    caption
        What the reader sees below the picture.
    table
        The values that the picture draws, shown folded beneath it.

    Raises
    ------
    ValueError
        If the alternative text or the caption is empty.
    """
    if not alt.strip() or not caption.strip():
        raise ValueError("a figure needs an alternative text and a caption: give both")
    data, width, height = _png(ax)
    picture = base64.b64encode(data).decode("ascii")
    values = ""
    if table is not None:
        values = (
            "<details><summary>Values in this figure</summary>"
            f"{table_html(table, 'Values: ' + caption)}</details>"
        )
    return (
        f'<figure class="relations"><img alt="{escape(alt)}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" src="data:image/png;base64,{picture}">\n'
        f"<figcaption>{escape(caption)}</figcaption></figure>{values}"
    )


def _emit(html: str, plain: str) -> None:
    from IPython.display import display

    display({"text/html": html, "text/plain": plain}, raw=True)


def show_figure(ax: Axes, alt: str, caption: str, table: pd.DataFrame | None = None) -> None:
    """Show a figure with alternative text, caption and the values it draws (see figure_html)."""
    _emit(figure_html(ax, alt, caption, table), f"Figure: {alt}")


def show_table(
    frame: pd.DataFrame,
    caption: str,
    formats: dict[str, str | Callable[[Any], str]] | None = None,
    folded: str = "",
) -> None:
    """Show a table with caption and headers (see table_html), folded under a line if one is given.

    The line says what is folded, for example how many rows.
    """
    html = table_html(frame, caption, formats)
    if folded:
        html = f"<details><summary>{escape(folded)}</summary>{html}</details>"
    _emit(html, f"Table: {caption}\n{frame.to_string(index=False)}")
