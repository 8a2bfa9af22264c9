"""The page as a page: a row a paragraph, a bar a sentence; and a reader's copy, marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from itertools import pairwise

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


def _kind(coded_as: str) -> str:
    """Return what a sentence became: the first of KINDS whose tables rest on it."""
    own = set(coded_as.split())
    for kind, tables in KINDS.items():
        if own.intersection(tables):
            return kind
    return NOTHING


def _told(data: Data, gists: Mapping[int, str]) -> pd.DataFrame:
    """Return every sentence with its kind, its role (the color) and whether it states a date."""
    told = sources.sentence_coverage(data)
    told["kind"] = told["coded_as"].map(_kind)
    found = data["locators"]
    says = found["states"].fillna("")
    dated = says.str.contains(r"\d{4}") & ~says.str.contains("reference")
    dated &= found["table"].isin(KINDS["dated"])
    told["states_date"] = told["id"].isin(found.loc[dated, "sentence"])
    visits = found[found["table"] == "visits"].drop_duplicates("sentence")
    visited = visits.set_index("sentence")["row"]
    visitors = data["visits"].set_index("id")["visitor"]
    role = told["id"].map(visited).map(visitors).map(roles(data))
    meets = told["coded_as"].str.contains("meetings")
    rest = told["kind"].map({"dated": "ink", "names and lists": "other"})
    told["role"] = role.fillna(rest.mask(meets, "pair")).fillna("tint")
    paraphrases = table(data, "sentences").set_index("id")["paraphrase"]
    first = told.groupby("paragraph")["id"].transform("first")
    said = zip(told["paragraph"], first.map(paraphrases).fillna(""), strict=True)
    told["gist"] = [gists.get(paragraph, paraphrase) for paragraph, paraphrase in said]
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
    edges = colors.mask(told["role"] == "tint", look.color("other"))
    ax.barh(row, wide, 13, right - wide, color=colors, ec=edges, lw=1)
    dated = told["states_date"]
    ax.barh(row[dated], 3, 22, right[dated] - 3, color=look.color("ink"))
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
    facts = pair_names(data) | {
        "dated": counts.get("dated", 0),
        "total": len(told),
        "stated": int(told["states_date"].sum()),
        "praise": counts.get("praise, hope or description", 0),
        "paragraphs": told["paragraph"].nunique(),
        "visits": int(told["role"].isin(["home", "partner"]).sum()),
        "meetings": int(told["role"].eq("pair").sum()),
        "names": counts.get("names and lists", 0),
        "longest": told["length"].max(),
    }
    values = told[["paragraph", "id", "kind", "states_date", "length", "gist"]]
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
    parts = []
    offset = 0
    for paragraph in sources.paragraphs(text):
        end = offset + len(paragraph)
        cuts = {offset, end, *known["at"], *known["to"]}
        within = sorted(cut for cut in cuts if offset <= cut <= end)
        parts.append("<p>")
        for first, last in pairwise(within):
            over = known[(known["at"] <= first) & (known["to"] >= last)]
            words = escape(paragraph[first - offset : last - offset])
            names = dict.fromkeys(over["table"] + "#" + over["row"])
            title = escape(" ".join(names))
            parts.append(f'<mark title="{title}">{words}</mark>' if title else words)
        parts.append("</p>")
        offset = end + 1
    return "".join(parts)


def show_page(data: Data, text: str) -> None:
    """Show a reader's copy of the page with its coded spans marked."""
    located = sources.reanchor(data, text)
    found = located["at"].count()
    plain = f"The page, {found} of {len(located)} spans marked"
    emit(page_html(located, text), plain)
