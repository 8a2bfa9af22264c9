"""From a number to the sentence it rests on, and the page held against other sources.

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
from itertools import chain, combinations, pairwise, product
from math import prod
from typing import NamedTuple

import numpy as np
import pandas as pd

from relations_lib.dates import as_date, day_bounds, years_between
from relations_lib.visits import FOREVER, spells_at

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


class OrdinalAudit(NamedTuple):
    """What numbers reported elsewhere allow of a list: see ``ordinal_audit``.

    ``missing_before`` and ``without_number`` are (least, greatest), or None if the certain
    reports exclude each other.
    """

    missing_before: tuple[int, int] | None
    without_number: tuple[int, int] | None
    contradictions: list[str]
    readings: pd.DataFrame


def ordinal_audit(
    numbered: pd.DataFrame, listed: pd.DataFrame, limit: int = 10_000
) -> OrdinalAudit:
    """Hold a list of events against reports that number some events of the same series.

    The events of the series are numbered 1, 2, 3, ... in order of time, one a day at most. A
    *reading* fixes whether each uncertain report came true and, where a date leaves several days
    open, when; every reading that can matter is enumerated. In each, as many listed events as
    possible are taken for events of the series, a reported number first: what then remains is
    the least that must be left over, not the most that may be.

    Parameters
    ----------
    numbered
        One row per report: ``number``, ``earliest`` and ``latest`` day, and ``certain``: false
        for an event only planned, which is read both as held and as not held then (without the
        column, all are certain).
    listed
        One row per listed event: ``earliest`` and ``latest`` day.
    limit
        Most readings to enumerate.

    Returns
    -------
    OrdinalAudit
        ``missing_before``: numbers below the lowest certain one that the list lacks: least, and
        most if no listed event before it is of the series. ``without_number``: listed events
        that must be left without a number, in the most generous and in the strictest reading.
        ``contradictions``: reports that exclude each other; stretches between certain numbers
        with more listed events than numbers. ``readings``: ``not_held`` (numbers), ``days``
        (first and last day of each number), and the two counts.

    Raises
    ------
    ValueError
        If a column is missing, no certain number is reported, a number is not whole and above 0,
        a date is missing or ends before it starts, or the readings are more than ``limit``.

    Examples
    --------
    >>> def years(*values):
    ...     first = pd.to_datetime([str(value) for value in values])
    ...     return pd.DataFrame({"earliest": first, "latest": first + pd.offsets.YearEnd()})
    >>> audit = ordinal_audit(years(2001, 2004).assign(number=[2, 3]), years(*range(2001, 2005)))
    >>> audit.missing_before, audit.without_number
    ((1, 1), (2, 2))
    >>> audit.contradictions
    ['between 2 and 3 there is room for 0, and the list has 2']
    """
    reports, spans = _reports(numbered), _spans(listed)
    certain = reports[reports["certain"]]
    first, faults, rows = int(certain["number"].min()), [], []
    planned = reports.index[~reports["certain"]]
    for left in chain.from_iterable(combinations(planned, n) for n in range(len(planned) + 1)):
        days = _in_order(reports.drop(index=list(left)))
        not_held = ", ".join(str(number) for number in reports.loc[list(left), "number"])
        if isinstance(days, str):
            faults.append(days + (f" (not held as planned: {not_held})" if not_held else ""))
            continue
        pieces = [_pieces(span, spans) for span in days.values()]
        if prod(map(len, pieces)) << len(planned) > limit:
            raise ValueError(f"more than {limit:,} readings: give closer dates, fewer plans")
        for choice in product(*pieces):
            chosen = pd.DataFrame(choice, columns=["earliest", "latest"]).assign(number=list(days))
            if not isinstance(fixed := _in_order(chosen), str):
                rows.append((not_held, fixed, *_unmatched(fixed, spans, first)))
    readings = pd.DataFrame(rows, columns=["not_held", "days", "missing_before", "without_number"])
    if not rows:
        return OrdinalAudit(None, None, faults, readings)
    least, without = int(readings["missing_before"].min()), readings["without_number"]
    if not isinstance(days := _in_order(certain), str):
        faults += _crowded(days, spans)
    bounds = (int(without.min()), int(without.max()))
    return OrdinalAudit((least, first - 1), bounds, faults, readings)


def day_spans(events: pd.DataFrame, date: str = "date") -> pd.DataFrame:
    """Return events that have a date with the columns ``earliest`` and ``latest`` (its days)."""
    dated = events.dropna(subset=date)
    return dated.assign(**day_bounds(dated[date]))


def numbered_sessions(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the sessions with number and date for ``ordinal_audit``; a plan is uncertain."""
    sessions = day_spans(data["sessions_elsewhere"].dropna(subset="number"))
    return sessions.assign(certain=sessions["held"] != "planned")


def rooms(numbered: pd.DataFrame, listed: pd.DataFrame) -> list[tuple]:
    """Return how many sessions the numbers leave room for, and how many events are listed there.

    One tuple for the stretch before the lowest certain number, and one from there to the highest
    not later than the list: first day (None: unknown), last day, numbers and listed events
    strictly between. Parameters as for ``ordinal_audit``.
    """
    first, last = _ends(numbered, listed)
    early = int((listed["latest"] < first["earliest"]).sum())
    inside = (listed["earliest"] > first["latest"]) & (listed["latest"] < last["earliest"])
    between = int(last["number"] - first["number"] - 1)
    found = [(None, first["earliest"], int(first["number"] - 1), early)]
    return [*found, (first["latest"], last["earliest"], between, int(inside.sum()))][: between + 2]


def _ends(numbered: pd.DataFrame, listed: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the lowest certain number and the highest not later than the list."""
    sure = numbered[numbered["certain"] & (numbered["earliest"] <= listed["latest"].max())]
    if sure.empty:
        raise ValueError("no certain number lies within the list's dates: nothing to compare")
    sure = sure.sort_values("number")
    return sure.iloc[0], sure.iloc[-1]


def pace(numbered: pd.DataFrame, listed: pd.DataFrame, start: object) -> pd.DataFrame:
    """Return events before and after the first numbered one, as listed and as numbered.

    Parameters
    ----------
    numbered, listed
        As for ``ordinal_audit``.
    start
        First day of the series' window.

    Returns
    -------
    DataFrame
        ``part``: ``before`` (from the start to the lowest certain number, its day included) and
        ``after`` (to the highest certain one not later than the list); ``years``; ``listed`` and
        ``numbered`` events in it. A listed event that may be the first numbered one counts
        before.
    """
    first, last = _ends(numbered, listed)
    early = int((listed["earliest"] <= first["latest"]).sum())
    numbers = [int(first["number"]), int(last["number"] - first["number"])]
    days = [as_date(start), first["latest"].date(), last["latest"].date()]
    return pd.DataFrame(
        {
            "part": ["before", "after"],
            "years": [years_between(*pair) for pair in pairwise(days)],
            "listed": [early, len(listed) - early],
            "numbered": numbers,
        }
    )[: 1 + (numbers[1] > 0)]


def _spans(events: pd.DataFrame) -> np.ndarray:
    """Return the first and last day of every event as whole numbers, checked."""
    if lacking := [name for name in ("earliest", "latest") if name not in events]:
        raise ValueError(f"no column {', '.join(lacking)}: give each event its possible days")
    days = events[["earliest", "latest"]]
    wrong = days.isna().any(axis=1) | (days["latest"] < days["earliest"])
    if wrong.any():
        raise ValueError(f"row {wrong.idxmax()}: no date, or its end before its start: mend it")
    return days.to_numpy("datetime64[D]").astype(np.int64)


def _reports(numbered: pd.DataFrame) -> pd.DataFrame:
    """Return the reports with days as whole numbers, ``certain`` filled in, checked."""
    if "number" not in numbered:
        raise ValueError("no column number: give the number of each event")
    reports = pd.DataFrame(_spans(numbered), columns=["earliest", "latest"])
    numbers = pd.to_numeric(numbered["number"]).to_numpy(float, na_value=np.nan)
    if not ((numbers >= 1) & (numbers % 1 == 0)).all():
        raise ValueError("a number is whole and 1 or more: leave out events without one")
    certain = numbered.get("certain", pd.Series(True, index=numbered.index)).to_numpy(bool)
    if not certain.any():
        raise ValueError("no certain number: report at least one event that was held")
    return reports.assign(number=numbers.astype(int), certain=certain)


def _in_order(reports: pd.DataFrame) -> dict[int, tuple[int, int]] | str:
    """Return the days left for each number when numbers follow in time, or what forbids it."""
    groups = reports.groupby("number")
    table = pd.DataFrame({"low": groups["earliest"].max(), "high": groups["latest"].min()})
    if (table["low"] > table["high"]).any():
        return f"number {(table['low'] > table['high']).idxmax()} is reported for different days"
    steps = table.index.to_numpy()
    low = np.maximum.accumulate(table["low"] - steps) + steps
    high = np.minimum.accumulate((table["high"] - steps)[::-1])[::-1] + steps
    if (low > high).any():
        return f"number {(low > high).idxmax()} finds no day between the numbers around it"
    return {int(n): (int(a), int(b)) for n, a, b in zip(steps, low, high, strict=True)}


def _pieces(span: tuple[int, int], spans: np.ndarray) -> list[tuple[int, int]]:
    """Return the stretches of a span within which no listed event begins or ends."""
    cuts = np.unique([spans[:, 0], spans[:, 0] + 1, spans[:, 1], spans[:, 1] + 1])
    starts = [span[0], *(int(cut) for cut in cuts if span[0] < cut <= span[1])]
    return list(zip(starts, [*(start - 1 for start in starts[1:]), span[1]], strict=True))


def _unmatched(days: dict[int, tuple[int, int]], spans: np.ndarray, first: int) -> tuple[int, int]:
    """Return the numbers below ``first`` and the listed events left over by the best matching."""
    from scipy.optimize import linear_sum_assignment

    (low, high), n = spans.T, len(spans)
    places: list[np.ndarray] = []
    below: list[bool] = []
    last, day = 0, -(10**9)
    for number, (start, _) in [*days.items(), (10**9, (10**9, 0))]:
        room = min(number - last - 1, n)
        places += [(high > day) & (low < start)] * room + [2 * ((low <= start) & (high >= start))]
        below += [number <= first] * room + [number < first]
        last, day = number, start
    worth = np.array(places).T.astype(int)
    score = np.where(worth > 0, 8 * n + 2 * worth + np.array(below), 0)
    used = linear_sum_assignment(score, maximize=True)
    taken = score[used] > 0
    return first - 1 - int(np.array(below)[used[1]][taken].sum()), n - int(taken.sum())


def _crowded(days: dict[int, tuple[int, int]], spans: np.ndarray) -> Iterator[str]:
    """Yield stretches between certain numbers that hold more listed events than numbers."""
    found: list[tuple[int, int]] = []
    for a, b in sorted(combinations({0: (0, -(10**9))} | days, 2), key=lambda p: p[1] - p[0]):
        start = days[a][1] if a else -(10**9)
        inside = int(((spans[:, 0] > start) & (spans[:, 1] < days[b][0])).sum())
        if inside > b - a - 1 and not any(a <= c and d <= b for c, d in found):
            found.append((a, b))
            where = f"between {a} and {b}" if a else f"before {b}"
            yield f"{where} there is room for {b - a - 1}, and the list has {inside}"


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


# --- The page held against the world -------------------------------------------------------------


def capital_at(capitals: pd.DataFrame, state: str, day: object) -> tuple[str, ...]:
    """Return the names that a state's capital may have borne on a date.

    More than one where the date or a boundary is imprecise; ``unknown`` where no spell, or
    perhaps none, covers the date. A spell without an end goes on.

    Parameters
    ----------
    capitals
        One row per spell: ``state``, ``city``, ``start``, ``end`` (EDTF).
    state, day
        The state's code; a day, month or year (EDTF).

    Examples
    --------
    >>> spells = pd.DataFrame({"state": ["A", "A"], "city": ["Old", "New"],
    ...                        "start": ["1990", "1995"], "end": ["1995", None]})
    >>> [capital_at(spells, "A", day) for day in ("1993-05", "1995-03-01", "1980")]
    [('Old',), ('Old', 'New'), ('unknown',)]
    """
    return _at(capitals, capitals["city"], state, day)


def office_at(offices: pd.DataFrame, who: str, day: object) -> tuple[str, ...]:
    """Return name and office of a head of state on a date, as ``capital_at`` does for a city.

    Parameters
    ----------
    offices
        One row per spell: ``state``, ``person``, ``name_used``, ``office``, ``start``, ``end``.
    who
        A state's code or a person, as in the column ``person``.
    day
        A day, month or year (EDTF).
    """
    if who not in set(offices["state"]):
        offices = offices.assign(state=offices["person"])
    return _at(offices, offices["name_used"] + ", " + offices["office"], who, day)


def _at(spells: pd.DataFrame, label: pd.Series, who: str, day: object) -> tuple[str, ...]:
    asked = pd.DataFrame({"date": [day], "who": [who]})
    spells = spells.assign(label=label, end=spells["end"].astype(object)).sort_values("start")
    held = spells_at(asked, spells, "who")
    sure = False
    if len(held) and (held["end"].iloc[:-1].array == held["start"].iloc[1:].array).all():
        whole = held.iloc[[0]].drop(columns=asked).assign(end=held["end"].iloc[[-1]].to_numpy())
        sure = spells_at(asked, whole, "who")["certain"].all()
    return (*dict.fromkeys(held["label"]), *(() if sure or held["certain"].any() else ("unknown",)))


def holds_at(
    table: pd.DataFrame, day: object, start: str = "valid_from", end: str = "valid_to"
) -> pd.Series:
    """Return whether statements with a period of validity were true on a date.

    Parameters
    ----------
    table
        One row per statement; the EDTF columns ``start`` and ``end`` (the first day on which it
        no longer held) and, as ``load`` gives them, ``<end>_missing`` with the code ``open``
        where it goes on.
    day
        A day, month or year (EDTF).

    Returns
    -------
    Series
        ``yes``, ``no``, ``perhaps`` (date or boundary is imprecise) or ``unknown`` (a boundary that
        decides is missing) for each row.
    """
    span = day_bounds([day]).iloc[0]
    first = day_bounds(table[start])
    goes_on = table.get(f"{end}_missing", table[end].map(lambda v: "open" if pd.isna(v) else ""))
    last = day_bounds(table[end].mask(goes_on.eq("open"), FOREVER))
    no = (first["earliest"] > span["latest"]) | (last["latest"] <= span["earliest"])
    yes = (first["latest"] <= span["earliest"]) & (last["earliest"] > span["latest"])
    known = first["earliest"].notna() & last["latest"].notna()
    answers = np.select([no, yes, known], ["no", "yes", "perhaps"], "unknown")
    return pd.Series(answers, index=table.index)


def not_listed(elsewhere: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return visits attested elsewhere that no listed one can be.

    Parameters
    ----------
    elsewhere, listed
        One row per visit: ``visitor``, ``host``, ``date`` (EDTF). A listed visit can be one
        attested elsewhere if its direction is the same and the dates have a day in common.
    """
    pairs = (
        day_spans(elsewhere)
        .reset_index()
        .merge(day_spans(listed), on=["visitor", "host"], suffixes=("", "_listed"))
    )
    meet = (pairs["earliest"] <= pairs["latest_listed"]) & (
        pairs["earliest_listed"] <= pairs["latest"]
    )
    return elsewhere[~elsewhere.index.isin(pairs.loc[meet, "index"])]


def word_uses(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return each date at which the page uses words whose period of validity is known.

    Words about a visit are used of its date, others of the date printed on the page; words that
    have become ambiguous are used of both.

    Returns
    -------
    DataFrame
        One row per check and use: ``id``, ``page_says``, ``verdict``, ``valid_from``,
        ``valid_to``, ``used`` (EDTF) and ``holds`` (as ``holds_at``).
    """
    checks, printed = data["page_checks"], data["page"]["date"].iloc[0]
    dates = dict(zip("visits#" + data["visits"]["id"], data["visits"]["date"], strict=True))
    parts = []
    for place in checks.index[checks[["valid_from", "valid_to"]].notna().any(axis=1)]:
        row = checks.loc[[place]]
        used = [dates[name] for name in row["page_rows"].iloc[0].split() if name in dates]
        if not used or row["verdict"].iloc[0] == "ambiguous_today":
            used.append(printed)
        parts += [row.assign(used=day, holds=holds_at(row, day)) for day in used]
    columns = ["id", "page_says", "verdict", "valid_from", "valid_to", "used", "holds"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
