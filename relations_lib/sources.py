"""From a number to the sentence it rests on.

A locator names a sentence of the page by its hash and a span within it. Positions are code
points in the normalized page (see ``normalize``): paragraphs are counted from 0 (title) and 1
(date line) on through the body, a span from the start of its sentence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from relations_lib.checks import capital_at as capital_at  # the names of release 0.1
from relations_lib.checks import day_spans as day_spans
from relations_lib.checks import holds_at as holds_at
from relations_lib.checks import not_listed as not_listed
from relations_lib.checks import numbered_sessions as numbered_sessions
from relations_lib.checks import office_at as office_at
from relations_lib.checks import ordinal_audit as ordinal_audit
from relations_lib.checks import pace as pace
from relations_lib.checks import rooms as rooms
from relations_lib.checks import word_uses as word_uses

_QUOTES = dict.fromkeys(map(ord, "“”„‟«»″＂"), '"') | dict.fromkeys(map(ord, "‘’‚‛′`´"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_INITIAL = re.compile(r"(?:^|[\s(\"'])(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|cf|e\.g|i\.e)\.$")
_END = re.compile(r"[.!?…][\"')\]]*(?=\s+[\"'(\[]?[^\W_])")


def normalize(text: str) -> str:
    r"""Return text as locators count it, so that harmless differences of copies do not matter.

    Unicode NFC; invisible format characters dropped; quotation marks and dashes folded to
    ``"``, ``'`` and ``-``; every run of white space becomes one space; ends stripped.

    Examples
    --------
    >>> normalize("  “Treaty”\u00a0– of\n1993 ")
    '"Treaty" - of 1993'
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(text.translate(_QUOTES | _DASHES).split())


def sha256(text: str) -> str:
    """Return the SHA-256 of text in UTF-8, in hexadecimal; normalize first."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of a normalized paragraph; initials ("N. Surname") do not end one.

    Examples
    --------
    >>> split_sentences("President N. Surname came. He left.")
    ['President N. Surname came.', 'He left.']
    """
    sentences, start = [], 0
    for match in _END.finditer(paragraph):
        if not _INITIAL.search(paragraph[start : match.end()]):
            sentences.append(paragraph[start : match.end()].strip())
            start = match.end()
    return [*sentences, paragraph[start:].strip()] if paragraph[start:].strip() else sentences


def sentence_index(text: str) -> pd.DataFrame:
    r"""Return every sentence of a page, found by its place and its hash.

    Parameters
    ----------
    text
        The page as copied; one line or more per paragraph, blank lines ignored.

    Returns
    -------
    DataFrame
        One row per sentence: ``id``, ``paragraph``, ``sentence``, ``start``, ``end`` (code points
        in the normalized page), ``sha256`` and ``text``.

    Examples
    --------
    >>> sentence_index("A title\nOne. Two.")[["id", "start", "end"]].values.tolist()
    [['p00s1', 0, 7], ['p01s1', 8, 12], ['p01s2', 13, 17]]
    """
    rows, end = [], -1
    paragraphs = filter(None, map(normalize, text.splitlines()))
    for number, paragraph in enumerate(paragraphs):
        for place, sentence in enumerate(split_sentences(paragraph), start=1):
            start = end + 1
            end = start + len(sentence)
            key = f"p{number:02d}s{place}"
            rows.append((key, number, place, start, end, sha256(sentence), sentence))
    columns = ["id", "paragraph", "sentence", "start", "end", "sha256", "text"]
    return pd.DataFrame(rows, columns=columns)


def locate(text: str, words: str) -> pd.DataFrame:
    r"""Return where words stand on a page, as rows ready for ``locators.csv``.

    Parameters
    ----------
    text
        The page as copied.
    words
        What to find, within one sentence; normalized like the page.

    Returns
    -------
    DataFrame
        One row per place: ``sentence``, ``start``, ``end`` (code points from the start of the
        sentence), ``sha256`` of the span and ``anchor``, its first four words.

    Raises
    ------
    ValueError
        If the words stand nowhere on the page.

    Examples
    --------
    >>> locate("A title\nOne. Two and three.", "and three")[["sentence", "start", "end"]].values
    array([['p01s2', 4, 13]], dtype=object)
    """
    span = normalize(words)
    rows = [
        (row.id, match.start(), match.end(), sha256(span), " ".join(span.split()[:4]))
        for row in sentence_index(text).itertuples()
        for match in re.finditer(re.escape(span), row.text)
    ]
    if not span or not rows:
        raise ValueError(f"{words!r} stands in no sentence of the page: copy the words from it")
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "sha256", "anchor"])


def _positions(page: str, length: int, digest: str) -> list[int]:
    """Return where a stretch of the given length and hash begins, at the start of a word."""
    starts = [0, *(match.end() for match in re.finditer(" ", page))]
    return [a for a in starts if sha256(page[a : a + length]) == digest]


def _anchor(page: str, sentences: pd.DataFrame) -> dict[str, int]:
    """Return the position of every sentence found, the nearest after the one found before."""
    found: dict[str, int] = {}
    last = 0
    for row in sentences.itertuples():
        places = _positions(page, row.end - row.start, row.sha256)
        if places:
            found[row.id] = next((place for place in places if place >= last), places[0])
            last = max(last, found[row.id])
    return found


def _gaps(page: str, spans: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """Return the stretches of text between sentences found, each with its position."""
    gaps, last = [], 0
    for start, end in [*sorted(spans), (len(page), len(page))]:
        if page[last:start].strip():
            gaps.append((last, page[last:start].strip()))
        last = max(last, end)
    return gaps


def verify(data: Mapping[str, pd.DataFrame], text: str) -> pd.DataFrame:
    """Check sentence index and locators, both ways, against a copy of the page.

    A sentence is found by its hash wherever it stands, so that other white space, quotation
    marks or dashes do no harm. Every index entry must be found in order in the copy, every
    span in its sentence, and every stretch of the copy must be in the index.

    Parameters
    ----------
    data
        Tables ``page``, ``sentences`` and ``locators``, as ``load`` gives them.
    text
        The reader's own copy of the page.

    Returns
    -------
    DataFrame
        One row per mismatch: ``place`` (sentence or position), ``rows`` (what rests on it, as
        ``table#id``), ``problem``, ``detail`` (what stands there). Empty when all agrees.
    """
    sentences = data["sentences"]
    page = normalize(re.sub(r"(?<=\w[-‐‑])[ \t]*\r?\n[ \t]*(?=\w)", "", text))
    found = _anchor(page, sentences)
    length = dict(zip(sentences["id"], sentences["end"] - sentences["start"], strict=True))
    gaps = _gaps(page, [(start, start + length[key]) for key, start in found.items()])
    lost = _lost(list(sentences["id"]), found, gaps)
    rows: list[tuple[str, str, str, str]] = [
        *_lost_sentences(data, lost),
        *_moved_sentences(data, found),
        *_unindexed(found, gaps, lost),
        *_broken_locators(data, page, found, lost),
    ]
    if len(sentences) and not found:
        rows = [("page", "page#page", "nothing of the page was found", f"{page[:60]!r} ...")]
    elif not rows and sha256(page) != data["page"]["sha256"].iloc[0]:
        rows.append(("page", "page#page", "hash of the whole page differs", sha256(page)))
    return pd.DataFrame(rows, columns=["place", "rows", "problem", "detail"])


def _resting(data: Mapping[str, pd.DataFrame], sentence: str) -> str:
    held = data["locators"].query("sentence == @sentence")
    return " ".join(dict.fromkeys(held["table"] + "#" + held["row"]))


def _lost(ids: list[str], found: dict[str, int], gaps: list[tuple[int, str]]) -> dict[str, dict]:
    """Return, for every sentence not found, the text by position that stands where it should."""
    lost = {}
    for place, key in enumerate(ids):
        if key not in found:
            low = max((found[i] for i in ids[:place] if i in found), default=-1)
            later = (found[i] for i in ids[place:] if i in found)
            high = min((start for start in later if start > low), default=10**9)
            lost[key] = {start: text for start, text in gaps if low < start < high}
    return lost


def _lost_sentences(
    data: Mapping[str, pd.DataFrame], lost: dict[str, dict]
) -> Iterator[tuple[str, str, str, str]]:
    there = {key: " ".join(texts.values()) for key, texts in lost.items()}
    for key, text in there.items():
        few = len(split_sentences(text)) < list(there.values()).count(text)
        problem = "changed or missing" if text and few else "changed" if text else "missing"
        detail = text or "nothing stands in its place"
        yield key, _resting(data, key), f"sentence {problem}", detail


def _moved_sentences(
    data: Mapping[str, pd.DataFrame], found: dict[str, int]
) -> Iterator[tuple[str, str, str, str]]:
    last, last_key = -1, ""
    for key, start in found.items():
        if start < last:
            yield key, _resting(data, key), "sentence moved", f"stands before {last_key}"
        last, last_key = max((last, last_key), (start, key))


def _unindexed(
    found: dict[str, int], gaps: list[tuple[int, str]], lost: dict[str, dict]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield text of the copy that no entry of the index explains."""
    explained = {start for texts in lost.values() for start in texts}
    for start, text in gaps:
        if start not in explained:
            before = max(((at, key) for key, at in found.items() if at < start), default=(0, ""))[1]
            place = f"after {before}" if before else "start of the copy"
            yield place, "", "text not in the index", text


def _broken_locators(
    data: Mapping[str, pd.DataFrame], page: str, found: dict[str, int], lost: dict[str, dict]
) -> Iterator[tuple[str, str, str, str]]:
    for row in data["locators"].itertuples():
        where = (f"{row.id} in {row.sentence}", f"{row.table}#{row.row}")
        if row.sentence in found:
            start = found[row.sentence]
            span = page[start + row.start : start + row.end]
            if sha256(span) != row.sha256:
                yield *where, "span differs", span
        else:
            there = " ".join(lost[row.sentence].values())
            if not _positions(there, row.end - row.start, row.sha256):
                yield *where, "span not found", f"look for: {row.anchor}"


# --- From a number to its evidence ---------------------------------------------------------------


@dataclass(frozen=True)
class Citation:
    """Sources as a reader sees them: publisher, date and address each (empty if there is none).

    Several of one publisher stand together, its name once.
    """

    parts: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        return "; ".join(f"{who}, {date}" for who, date, _ in self.parts)

    def __html__(self) -> str:
        groups: dict[str, list[tuple[str, str]]] = {}
        for who, date, url in self.parts:
            groups.setdefault(who, []).append((date, url))
        return "; ".join(
            _link(f"{who}, {own[0][0]}", own[0][1])
            if len(own) == 1
            else f"{escape(who)}: " + ", ".join(_link(date, url, who) for date, url in own)
            for who, own in groups.items()
        )


def _link(text: str, url: str, who: str = "") -> str:
    """Return text as a link if there is an address; ``who`` is said where it is not shown."""
    label = f' aria-label="{escape(f"{who}, {text}")}"' if who else ""
    return f'<a href="{escape(url)}"{label}>{escape(text)}</a>' if url else escape(text)


def cite(sources: pd.DataFrame, ids: str | Iterable[str]) -> Citation:
    """Return the citation of sources, ``publisher, date`` each, with a link in tables and HTML.

    Parameters
    ----------
    sources
        One row per source: ``id``, ``title``, ``publisher``, ``date``, ``url``.
    ids
        Ids joined by spaces, or a list; each once.

    Raises
    ------
    ValueError
        If an id names no source.
    """
    table = sources.set_index("id")
    names = list(dict.fromkeys(ids.split() if isinstance(ids, str) else ids))
    if lost := [name for name in names if name not in table.index]:
        raise ValueError(f"no source {', '.join(lost)}: name ids of the table sources")
    parts = []
    for name in names:
        row = table.loc[name]
        who = row["title"].strip("[]") if row["publisher"] == "not_stated" else row["publisher"]
        date = row["date"] if isinstance(row["date"], str) else "undated"
        parts.append((who, date, row["url"] if "://" in row["url"] else ""))
    return Citation(tuple(parts))


def citations(table: pd.DataFrame, sources: pd.DataFrame) -> list[Citation]:
    """Return the citation of every row: its ``source``, then the ids in ``also``."""
    also = table["also"] if "also" in table else [""] * len(table)
    return [
        cite(sources, f"{first} {more}") for first, more in zip(table["source"], also, strict=True)
    ]


def evidence(data: Mapping[str, pd.DataFrame], rests_on: str) -> pd.DataFrame:
    """Return the places of the page, or the sources, on which rows rest.

    Parameters
    ----------
    data
        The tables, as ``load`` gives them.
    rests_on
        Rows as ``table#id``, or whole tables as ``table#*``, joined by spaces: the column
        ``rests_on`` of the findings.

    Returns
    -------
    DataFrame
        One row per locator (or per row without one): ``table``, ``row``, ``sentence``, ``start``
        and ``end`` of the span in it, ``anchor``, ``states``, ``paraphrase`` of the sentence; for
        rows that rest on other sources ``source``, the id of the first.

    Raises
    ------
    ValueError
        If an entry names no row.

    Examples
    --------
    >>> from relations_lib import load
    >>> evidence(load(), "visits#v2007")["sentence"].tolist()
    ['p06s1', 'p15s1']
    """
    wanted: dict[tuple[str, str], str | None] = {}
    for entry in rests_on.split():
        name, _, row = entry.partition("#")
        rows = data[name].set_index("id", drop=False) if name in data else pd.DataFrame()
        if row != "*" and row not in rows.index:
            raise ValueError(f"{entry!r} names no row: write table#id, or table#* for a table")
        for key in rows.index if row == "*" else [row]:
            wanted[name, key] = rows.at[key, "source"] if "source" in rows else None
    asked = pd.DataFrame(list(wanted), columns=["table", "row"]).assign(
        source=list(wanted.values())
    )
    places = data["locators"].merge(
        data["sentences"][["id", "paraphrase"]].rename(columns={"id": "sentence"}), on="sentence"
    )
    columns = ["table", "row", "sentence", "start", "end", "anchor", "states", "paraphrase"]
    return asked.merge(places[columns], how="left", on=["table", "row"])[[*columns, "source"]]


def sentence_coverage(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what every sentence of the page became.

    Returns
    -------
    DataFrame
        One row per sentence: ``id``, ``paragraph``, ``sentence``, ``coded_as``, ``reason``,
        ``rows`` that rest on it, ``length`` and ``located`` (code points, those within a span).
    """
    table = data["sentences"]
    held = data["locators"].groupby("sentence")
    rows = (data["locators"]["table"] + "#" + data["locators"]["row"]).groupby(
        data["locators"]["sentence"]
    )
    within = {
        key: len(set().union(*map(range, spans["start"], spans["end"]))) for key, spans in held
    }
    located = pd.Series(within, dtype=int)
    return table[["id", "paragraph", "sentence", "coded_as", "reason"]].assign(
        rows=table["id"].map(rows.nunique()).fillna(0).astype(int),
        length=table["end"] - table["start"],
        located=table["id"].map(located).fillna(0).astype(int),
    )


def table_coverage(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return, per table of the page, its rows, those with a locator, mentions and sentences."""
    held = data["locators"].groupby("table", sort=False)
    counts = held.agg(located=("row", "nunique"), mentions=("id", "size"))
    counts = counts.assign(sentences=held["sentence"].nunique(), told_twice=0)
    times = data["locators"].groupby(["table", "row"], sort=False)["sentence"].nunique()
    counts["told_twice"] = (times > 1).groupby("table").sum()
    counts.insert(0, "rows", [len(data[name]) for name in counts.index])
    return counts.reset_index()


def reanchor(data: Mapping[str, pd.DataFrame], text: str) -> pd.DataFrame:
    """Return the locators with their place in a reader's own copy of the page.

    Returns
    -------
    DataFrame
        The table ``locators`` with ``at`` and ``to`` (code points in the normalized copy) and
        ``words`` (what stands there); missing where sentence or span was not found.
    """
    page, held = normalize(text), data["locators"]
    at = held["sentence"].map(_anchor(page, data["sentences"])).astype("Int64") + held["start"]
    there = held.assign(at=at, to=at + held["end"] - held["start"])
    words = [
        None
        if pd.isna(row.at) or sha256(page[row.at : row.to]) != row.sha256
        else page[row.at : row.to]
        for row in there.itertuples()
    ]
    lost = [word is None for word in words]
    return there.assign(words=words, at=there["at"].mask(lost), to=there["to"].mask(lost))
