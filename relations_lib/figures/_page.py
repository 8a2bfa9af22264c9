"""The page as a page: a row a paragraph, a bar a sentence; and a reader's copy, marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from itertools import accumulate, pairwise

import pandas as pd
from matplotlib.axes import Axes

from relations_lib import sources
from relations_lib.figures._marks import canvas, note, rows_axes, wrapped
from relations_lib.figures._show import WIDTHS, Figure, Look, emit
from relations_lib.figures._story import pair_names, roles, table
from relations_lib.figures._texts import figure, nothing
from relations_lib.tables import Data

# What a sentence became, by the tables that rest on it: the first that applies.
KINDS = {
    "dated": ("visits", "meetings", "milestones", "agreements", "legal_base"),
    "names and lists": ("institutions", "organizations_named", "sectors", "goods"),
    "praise, hope or description": ("statements", "areas"),
    "title and date": ("page", "windows"),
}
NOTHING = "nothing coded"
COLORS = {"dated": "ink", "names and lists": "other", "title and date": "other", NOTHING: "ground"}


def _kind(coded_as: str) -> str:
    """Return what a sentence became: the first of KINDS whose tables rest on it."""
    own = set(coded_as.split())
    for kind, tables in KINDS.items():
        if own.intersection(tables):
            return kind
    return NOTHING


def _told(data: Data, gists: Mapping[int, str]) -> pd.DataFrame:
    """Return every sentence with its kind, its role (the color) and its paragraph's gist."""
    told = sources.sentence_coverage(data)
    told["kind"] = told["coded_as"].map(_kind)
    visits = data["locators"].query("table == 'visits'").drop_duplicates("sentence")
    visitors = data["visits"].set_index("id")["visitor"]
    visitor = visits.set_index("sentence")["row"].map(visitors)
    colors = told["kind"].map(COLORS).fillna("tint")
    meets = told["coded_as"].str.contains("meetings")
    colors = colors.mask(meets, "pair")
    home_or_partner = visitor.map(roles(data))
    told["role"] = told["id"].map(home_or_partner).fillna(colors)
    said = data["sentences"].groupby("paragraph")["paraphrase"]
    paraphrases = said.first().fillna("").to_dict()
    told["gist"] = told["paragraph"].map(paraphrases | dict(gists))
    return told


def _draw_rows(look: Look, told: pd.DataFrame) -> Axes:
    across = 110 if look.narrow else 300
    room = WIDTHS[look.width] - across - 38
    gists = told.groupby("paragraph")["gist"].first()
    lines = gists.map(lambda text: wrapped(text, room, look.size))
    talls = (lines.str.count("\n") + 1) * look.size * 1.25 + 8
    middles = talls.cumsum() - talls / 2
    ax = canvas(look, talls.sum() + 8, margins=(2, 4, 2, 4))
    rows_axes(ax)
    ax.set_xlim(0, WIDTHS[look.width] - 4)
    ax.axis("off")
    lengths = told.groupby("paragraph")["length"]
    scale = across / lengths.sum().max()
    right = scale * lengths.cumsum()
    wide = (scale * told["length"] - 2).clip(lower=1)
    row = told["paragraph"].map(middles)
    colors = told["role"].map(look.color)
    edges = colors.mask(told["role"].isin(["tint", "ground"]), look.color("other"))
    ax.barh(row, wide, 13, right - wide, color=colors, ec=edges, lw=1)
    for paragraph, text in lines.items():
        note(ax, text, (across + 24, middles[paragraph]), linespacing=1.25)
    return ax


def page_rows(data: Data, gists: Mapping[int, str] | None = None) -> Figure:
    """Return the figure of the page as a page: what its sentences tell of, paragraph by paragraph.

    Parameters
    ----------
    data
        A package with an index of the page's sentences.
    gists
        Paragraph -> what it says in a few words; by default the paraphrase of its first sentence.
    """
    if table(data, "sentences").empty:
        return nothing("page_rows")
    told = _told(data, gists or {})
    counts = told["kind"].value_counts()
    names = pair_names(data)
    facts = names | {
        "dated": counts.get("dated", 0),
        "total": len(told),
        "praise": counts.get("praise, hope or description", 0),
        "paragraphs": told["paragraph"].nunique(),
        "empty": " Empty bars: nothing is coded." if NOTHING in counts else "",
    }
    visits = {role: f"visits from {name}" for role, name in names.items()}
    told["kind"] = told["role"].map(visits | {"pair": "meetings"}).fillna(told["kind"])
    values = told[["paragraph", "id", "kind", "length", "gist"]]
    values = values.rename(columns={"length": "characters"})
    return figure("page_rows", partial(_draw_rows, told=told), values, facts)


def page_html(located: pd.DataFrame, text: str) -> str:
    """Return a reader's copy of the page as HTML, every coded span marked with its rows.

    Parameters
    ----------
    located
        As ``sources.reanchor`` gives it for this text.
    text
        The copy.
    """
    known = located.dropna(subset="at")
    rows = known["table"] + "#" + known["row"]
    page = sources.normalize(text)
    breaks = set(accumulate(len(paragraph) + 1 for paragraph in sources.paragraphs(text)))
    cuts = sorted({0, *breaks, *known["at"], *known["to"]})
    paragraphs = [""]
    for start, end in pairwise(cuts):
        words = escape(page[start:end])
        marking = rows[(known["at"] <= start) & (known["to"] >= end)]
        title = escape(" ".join(marking.unique()))
        paragraphs[-1] += f'<mark title="{title}">{words}</mark>' if title else words
        if end in breaks:
            paragraphs.append("")
    return "".join(f"<p>{marked}</p>" for marked in paragraphs if marked)


def show_page(data: Data, text: str) -> None:
    """Show a reader's copy of the page with its coded spans marked."""
    located = sources.reanchor(data, text)
    plain = f"The page, {located['at'].count()} of {len(located)} spans marked"
    emit(page_html(located, text), plain)
