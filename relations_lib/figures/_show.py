"""How a figure looks, what it consists of, and the one way in which it reaches a reader."""

from __future__ import annotations

import base64
import hashlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes

from relations_lib.figures._keys import COLORS, key_html
from relations_lib.figures._tables import readable, table_html

THEMES = {
    "light": {
        "ground": "#FDFCFA",
        "ink": "#22272B",
        "tint": "#E9EBEC",
        "grid": "#E6E1D7",
        "home": "#12639A",
        "partner": "#8F4E08",
        "pair": "#6F3F87",
        "other": "#56606A",
    },
    "dark": {
        "ground": "#14191C",
        "ink": "#DDE2E5",
        "tint": "#263036",
        "grid": "#2D373D",
        "home": "#5DB3EC",
        "partner": "#E79A45",
        "pair": "#C08FD6",
        "other": "#A5B0B7",
    },
}
WIDTHS = {"wide": 590, "narrow": 358}
SIZES = {"wide": 13.0, "narrow": 11.5}
# Fonts asked, if they are installed, for what the bundled one lacks (Chinese, for example).
MORE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Zen Hei",
)
LACKING = (
    "labels hold characters that no font here can draw, and show as boxes: "
    "install the free font Noto Sans CJK (or Noto Sans SC, Microsoft YaHei, PingFang SC, "
    "WenQuanYi Zen Hei) and start Python again"
)


@dataclass(frozen=True)
class Look:
    """How a figure is drawn: for which width and theme.

    Parameters
    ----------
    width
        ``wide`` (590 to 1008 pixels, text of 13) or ``narrow`` (358 pixels, text of 11.5).
    theme
        ``light`` or ``dark``.

    Examples
    --------
    >>> Look("narrow").size, Look(theme="dark").color("home"), Look(theme="dark").word("home")
    (11.5, '#2193E0', '#5DB3EC')
    """

    width: str = "wide"
    theme: str = "light"

    @property
    def narrow(self) -> bool:
        """Return whether the drawing is for a phone."""
        return self.width == "narrow"

    @property
    def size(self) -> float:
        """Return the size of the text in pixels."""
        return SIZES[self.width]

    def color(self, role: str) -> str:
        """Return the color of a mark: home, partner, pair, other, ink, tint, grid or ground."""
        return COLORS.get(role) or THEMES[self.theme][role]

    def word(self, role: str) -> str:
        """Return the color of text in a role, legible on this theme's ground."""
        return THEMES[self.theme][role]


LOOKS = tuple(Look(width, theme) for width in WIDTHS for theme in THEMES)


def style(look: Look) -> Any:
    """Return what a look changes of matplotlib's own defaults; a point is a pixel."""
    ink = look.color("ink")
    muted = look.word("other")
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    more = [font for font in MORE_FONTS if font in installed]
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": muted,
        "axes.facecolor": "none",
        "axes.labelcolor": muted,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": look.size,
        "figure.facecolor": "none",
        "font.family": ["DejaVu Sans", *more],
        "font.size": look.size,
        "grid.color": look.color("grid"),
        "grid.linewidth": 1,
        "hatch.color": muted,
        "lines.linewidth": 2.5,
        "svg.hashsalt": "relations",
        "text.color": ink,
        "text.parse_math": False,
        "xtick.color": muted,
        "xtick.major.size": 4,
        "ytick.color": muted,
        "ytick.major.size": 0,
    }


@contextmanager
def styled(look: Look) -> Iterator[None]:
    """Draw in a look, whatever a user's own configuration of matplotlib says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style(look))
        yield


@dataclass(frozen=True)
class Figure:
    """One figure: how to draw it, and all the words and values around it.

    Parameters
    ----------
    drawing
        Draws in a look and returns the Axes.
    title
        The point, as a sentence with a verb.
    alt
        Alternative text: the point first, then kind and axes; at most 300 characters.
    caption
        What stands below the picture.
    key
        Marks and what they mean (see ``key_html``).
    values
        What the picture draws, as a table.
    fold, listed
        What stands on the fold that holds this table, and what the table is called.

    Examples
    --------
    ``figure.draw()`` gives Axes for whoever wants to go on; ``show_figure(figure)`` shows all.
    """

    drawing: Callable[[Look], Axes]
    title: str
    alt: str
    caption: str
    key: Sequence[tuple[str, str]] = ()
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    fold: str = "Values in this figure"
    listed: str = "Values: {title}"

    def __post_init__(self) -> None:
        """Refuse a figure without its words."""
        if not all(text.strip() for text in (self.title, self.alt, self.caption)):
            raise ValueError("a figure needs a title, an alternative text and a caption: give all")

    def draw(self, look: Look | None = None) -> Axes:
        """Return the Axes of the drawing in a look (wide and light unless one is given)."""
        look = look or Look()
        with styled(look):
            return self.drawing(look)


def picture(figure: Figure, look: Look, form: str = "svg") -> bytes:
    """Return a figure as a file: SVG without ground, or PNG at twice the size with it.

    The same data give the same bytes. Characters that no font has give one warning.
    """
    forms: dict[str, Any] = {
        "svg": {"metadata": {"Date": None, "Creator": None}},
        "png": {"metadata": {"Software": None}, "dpi": 144, "facecolor": look.color("ground")},
    }
    buffer = BytesIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with styled(look):
            drawn = figure.drawing(look).figure.get_figure(root=True)
            drawn.savefig(buffer, format=form, **forms[form])
    for text in {_advice(str(warning.message)) for warning in caught}:
        warnings.warn(text, stacklevel=2)
    data = buffer.getvalue()
    return data.replace(b'pt"', b'px"', 2) if form == "svg" else data  # its width and height


def _advice(warning: str) -> str:
    return LACKING if warning.startswith("Glyph ") else warning


def _write_pictures(figure: Figure, start: Path) -> None:
    start.parent.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        path = start.with_name(f"{start.name}-{look.width}-{look.theme}.svg")
        path.write_bytes(picture(figure, look))


def figure_html(figure: Figure) -> str:
    """Return a figure as HTML: title, key, picture with alternative text, caption, values.

    Where the environment variable ``RELATIONS_FIGURES`` names a folder, the drawings for two
    widths and two themes are written there as SVG, named by ``data-figure`` of the HTML.
    """
    data = picture(figure, Look(), "png")
    digest = hashlib.sha256(data).hexdigest()[:16]
    folder = os.environ.get("RELATIONS_FIGURES")
    if folder:
        _write_pictures(figure, Path(folder, digest))
    width, height = (int.from_bytes(data[at : at + 4]) // 2 for at in (16, 20))
    source = base64.b64encode(data).decode("ascii")
    parts = [
        f'<figure class="relations mathjax_ignore tex2jax_ignore" data-figure="{digest}">',
        f'<p class="figure-title"><strong>{escape(figure.title)}</strong></p>',
        key_html(figure.key),
        f'<img alt="{escape(figure.alt)}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" src="data:image/png;base64,{source}">',
        f"<figcaption>{escape(figure.caption)}</figcaption>",
    ]
    if len(figure.values):
        table = table_html(readable(figure.values), figure.listed.format(title=figure.title))
        parts.append(f"<details><summary>{escape(figure.fold)}</summary>{table}</details>")
    return "\n".join([*filter(None, parts), "</figure>"])


def emit(html: str, plain: str) -> None:
    """Make HTML the output of a notebook's cell, with plain text for who sees no HTML.

    A figure's picture stands beside it once more, for exports that know no HTML (LaTeX, Word).
    """
    from IPython.display import display

    data = {"text/html": html, "text/plain": plain}
    _, found, rest = html.partition("data:image/png;base64,")
    if found:
        data["image/png"] = rest.partition('"')[0]
    display(data, raw=True)


def show_figure(figure: Figure) -> None:
    """Show a figure with its title, key, alternative text, caption and values (figure_html)."""
    emit(figure_html(figure), f"Figure: {figure.title}\n{figure.alt}")


def show_table(
    frame: pd.DataFrame,
    caption: str,
    formats: dict[str, str] | None = None,
    folded: str = "",
) -> None:
    """Show a table with caption and headers (see table_html), folded under a line if one is given.

    The line says what is folded, for example how many rows.
    """
    html = table_html(frame, caption, formats)
    if folded:
        html = f"<details><summary>{escape(folded)}</summary>{html}</details>"
    emit(html, f"Table: {caption}\n{frame.to_string(index=False)}")
