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


def sentence_kinds(sentences: pd.DataFrame) -> pd.Series:
    """Return what each sentence became: the first of KINDS whose tables rest on it.

    Parameters
    ----------
    sentences
        As ``sources.sentence_coverage`` gives it.
    """

    def kind(coded_as: str) -> str:
        own = set(coded_as.split())
        found = [name for name, tables in KINDS.items() if own.intersection(tables)]
        return found[0] if found else NOTHING

    return sentences["coded_as"].map(kind)


def _told(data: Data) -> pd.DataFrame:
    """Return every sentence with its kind, its role (the color) and whether it states a date."""
    told = sources.sentence_coverage(data)
    told["kind"] = sentence_kinds(told)
    found = data["locators"]
    says = found["states"].fillna("")
    dated = says.str.contains(r"\d{4}") & ~says.str.contains("reference")
    dated &= found["table"].isin(KINDS["dated"])
    told["states_date"] = told["id"].isin(found.loc[dated, "sentence"])
    visitors = data["visits"].set_index("id")["visitor"]
    rows = found[found["table"].eq("visits")].assign(who=lambda f: f["row"].map(visitors))
    first = rows.drop_duplicates("sentence").set_index("sentence")["who"]
    told["role"] = told["id"].map(first).map(roles(data))
    meets = told["coded_as"].str.contains("meetings") & told["role"].isna()
    told.loc[meets, "role"] = "pair"
    rest = {"dated": "ink", "names and lists": "other"}
    told["role"] = told["role"].fillna(told["kind"].map(rest)).fillna("tint")
    return told


def _gists(data: Data, told: pd.DataFrame, gists: Mapping[int, str] | None) -> dict[int, str]:
    """Return what each paragraph says: as given, else the first paraphrase of its sentences."""
    paraphrases = table(data, "sentences").set_index("id")["paraphrase"]
    first = told.drop_duplicates("paragraph")
    found = dict(zip(first["paragraph"], first["id"].map(paraphrases).fillna(""), strict=True))
    return {**found, **(gists or {})}


def _draw_rows(look: Look, told: pd.DataFrame, gists: Mapping[int, str]) -> Axes:
    scale = 110 if look.narrow else 300
    beside = scale + 24
    room = WIDTHS[look.width] - beside - 14
    line = look.size * 1.25
    lines = {place: wrapped(text, room, look.size) for place, text in gists.items()}
    tall = {place: max(1, text.count("\n") + 1) * line + 8 for place, text in lines.items()}
    height = sum(tall.values()) + 8
    ax = canvas(look, height, margins=(2, 4, 2, 4))
    rows_axes(ax)
    ax.set_xlim(0, WIDTHS[look.width] - 4)
    ax.axis("off")
    longest = told.groupby("paragraph")["length"].sum().max()
    top = 0.0
    for place, sentences in told.groupby("paragraph"):
        middle = top + tall[place] / 2
        at = 0.0
        for row in sentences.itertuples():
            wide = row.length / longest * (scale - 2 * (len(sentences) - 1))
            _draw_sentence(ax, look, (at, middle, wide), row.role, row.states_date)
            at += wide + 2
        note(ax, lines[place], (beside, middle), linespacing=1.25)
        top += tall[place]
    return ax


def _draw_sentence(ax: Axes, look: Look, place: tuple, role: str, dated: bool) -> None:
    at, middle, wide = place
    edge = look.color("other") if role == "tint" else look.color(role)
    inset = 0.5 if role == "tint" else 0
    bar = {"height": 14 - 2 * inset, "left": at + inset, "lw": 2 * inset}
    ax.barh(middle, wide - 2 * inset, color=look.color(role), ec=edge, **bar)
    if dated:
        tick = {"height": 22, "left": at + wide - 3, "lw": 0}
        ax.barh(middle, 3, color=look.color("ink"), **tick)


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
    told = _told(data)
    lines = _gists(data, told, gists)
    told["gist"] = told["paragraph"].map(lines)
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
    return figure("page_rows", partial(_draw_rows, told=told, gists=lines), values, facts)


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
    for paragraph in filter(None, map(sources.normalize, text.splitlines())):
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
    found = int(located["at"].notna().sum())
    emit(page_html(located, text), f"The page, {found} of {len(located)} spans marked")
