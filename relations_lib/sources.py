"""From a number to the sentence it rests on.

A locator names a sentence of the page by its hash and a span within it. Positions are code
points in the normalized page (see ``normalize``): paragraphs are counted from 0 (title) and 1
(date line) on through the body, a span from the start of its sentence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from html import escape
from pathlib import Path

import pandas as pd

from relations_lib._reader import UnreadableError, text_of
from relations_lib.tables import Data, DataError, Fault

_FOLDED = str.maketrans("“”„‟«»″＂‘’‚‛′`´‐‑‒–—―−", '"' * 8 + "'" * 7 + "-" * 7)
_TITLES = (
    "Mr|Mrs|Ms|Dr|Prof|Gen|St|No|Nos|vs|cf|Art|Para|"
    "Jan|Feb|Apr|Aug|Sept|Sep|Oct|Nov|Dec|ст|им|док|гг"
)
_ABBREVIATION = re.compile(rf"(?:^|[\s(\"'])(?:(?:[^\W\d_]\.)*[^\W\d_]|{_TITLES})\.$")
_END = re.compile(
    r"[.!?…؟۔][\"')\]]*(?=\s+[\"'(\[]?[^\W_])"  # before a space and a word
    r"|[。！？][\"')\]」』]*(?=\s*\S)"  # no space follows in Chinese and Japanese
)
_LONGEST = 200_000  # characters of a page
_BROKEN = re.compile(r"(?<=\w)[-‐‑][ \t]*\r?\n[ \t]*(?=\w)")
_BROKEN_SOFTLY = re.compile("\u00ad[ \t]*\r?\n[ \t]*")
_JOINT = "\ue000"  # stands for a hyphen at a line's end: was it there before the line was broken?
_MANY = 8  # joints in one sentence
_LIGATURES = re.compile("[ﬀ-ﬆ！-～]+")  # ligatures and full-width forms
_HTML = re.compile(r"<!doctype html|<(br|p|div|body|html)\b|</[a-z]", re.I)


# --- Sentences of a page -------------------------------------------------------------------------


def read_page(file: str | Path) -> str:
    """Return the text of a page saved as plain text in UTF-8.

    Raises
    ------
    DataError
        If it is empty, HTML, in another encoding, or longer than any one page.
    """
    try:
        text = text_of(Path(file))
        _refuse_other_texts(text)
    except UnreadableError as error:
        line, found = error.args[:2]
        allowed = (
            "the page as plain text in UTF-8: open it in a browser, select what it says, "
            "paste it here"
        )
        raise DataError([Fault(str(file), line, "", found, allowed)]) from None
    return text


def _refuse_other_texts(text: str) -> None:
    """Raise where a text is none of a page."""
    if not text.strip():
        raise UnreadableError(1, "an empty file")
    if _HTML.search(text):
        raise UnreadableError(1, "HTML")
    if len(text) > _LONGEST:
        found = f"{len(text):,} characters, where one page has at most {_LONGEST:,}"
        raise UnreadableError(1, found)


def normalize(text: str) -> str:
    r"""Return text as locators count it, so that harmless differences of copies do not matter.

    Unicode NFC; invisible format characters dropped; quotation marks and dashes folded to
    ``"``, ``'`` and ``-``; every run of white space becomes one space; ends stripped.

    Examples
    --------
    >>> normalize("  “Treaty”\u00a0– of\n1993 ")
    '"Treaty" - of 1993'
    """
    composed = unicodedata.normalize("NFC", text)
    visible = [char for char in composed if unicodedata.category(char) != "Cf"]
    words = "".join(visible).translate(_FOLDED).split()
    return " ".join(words)


def sha256(text: str) -> str:
    """Return the SHA-256 of text in UTF-8, in hexadecimal; normalize first."""
    digest = hashlib.sha256(text.encode("utf-8"))
    return digest.hexdigest()


def paragraphs(text: str) -> list[str]:
    """Return the normalized paragraphs of a page; blank lines are ignored."""
    return list(filter(None, map(normalize, text.splitlines())))


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of a normalized paragraph; initials ("N. Surname") do not end one.

    Examples
    --------
    >>> split_sentences("President N. Surname came. He left.")
    ['President N. Surname came.', 'He left.']
    """
    sentences = []
    start = 0
    for match in _END.finditer(paragraph):
        sentence = paragraph[start : match.end()]
        if not _ABBREVIATION.search(sentence):
            sentences.append(sentence.strip())
            start = match.end()
    rest = paragraph[start:].strip()
    return [*sentences, rest] if rest else sentences


def sentence_index(text: str, cuts: Iterable[list[str]] | None = None) -> pd.DataFrame:
    r"""Return every sentence of a page, found by its place and its hash.

    Parameters
    ----------
    text
        The page as copied; one line or more per paragraph, blank lines ignored.
    cuts
        The sentences of each paragraph, where ``split_sentences`` does not cut as it should.

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
    rows = []
    begin = 0
    whole = paragraphs(text)
    pieces = map(split_sentences, whole) if cuts is None else cuts
    for number, (paragraph, sentences) in enumerate(zip(whole, pieces, strict=True)):
        at = 0
        for place, sentence in enumerate(sentences, start=1):
            start = begin + paragraph.index(sentence, at)
            end = start + len(sentence)
            at = end - begin
            key = f"p{number:02d}s{place}"
            rows.append((key, number, place, start, end, sha256(sentence), sentence))
        begin += len(paragraph) + 1
    columns = ["id", "paragraph", "sentence", "start", "end", "sha256", "text"]
    return pd.DataFrame(rows, columns=columns)


def locate(page: str | pd.DataFrame, words: str) -> pd.DataFrame:
    r"""Return where words stand on a page, as rows ready for ``locators.csv``.

    Parameters
    ----------
    page
        The page as copied, or its sentences (``id`` and ``text``).
    words
        What to find, within one sentence; normalized like the page.

    Returns
    -------
    DataFrame
        One row per place: ``sentence``, ``start``, ``end`` (code points from the start of the
        sentence), ``sha256`` of the span and ``anchor``, its first four words (``...``: there are
        more).

    Raises
    ------
    ValueError
        If the words stand nowhere on the page.

    Examples
    --------
    >>> locate("A title\nOne. Two and three.", "and three")[["sentence", "start", "end"]].values
    array([['p01s2', 4, 13]], dtype=object)
    """
    index = sentence_index(page) if isinstance(page, str) else page
    span = normalize(words)
    every_word = span.split()
    anchor = " ".join(every_word[:4])
    if len(every_word) > 4:
        anchor += " ..."
    rows = []
    for row in index.itertuples():
        for match in re.finditer(re.escape(span), row.text):
            rows.append((row.id, match.start(), match.end(), sha256(span), anchor))
    if not span or not rows:
        raise ValueError(f"{words!r} stands in no sentence of the page: copy the words from it")
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "sha256", "anchor"])


# --- A copy of the page held against the index ---------------------------------------------------


def mend(text: str, hashes: Collection[str]) -> str:
    r"""Return a normalized copy in which words are whole again where a sentence's hash tells so.

    Undone is what PDF and word processors do: words broken at a line's end by a hyphen or a soft
    hyphen, ligatures, full-width forms.

    Examples
    --------
    >>> mend("An o\ufb03cial co-\noperation.", {sha256("An official cooperation.")})
    'An official cooperation.'
    """
    marked = _BROKEN.sub(_JOINT, _BROKEN_SOFTLY.sub("", text))
    page = normalize(marked)
    for stretch in [*paragraphs(marked), page]:  # lines may be paragraphs, or parts of one
        for sentence in split_sentences(stretch):
            if _JOINT in sentence or _LIGATURES.search(sentence):
                page = page.replace(sentence, _known_reading(sentence, hashes))
    return page.replace(_JOINT, "-")


def _known_reading(piece: str, hashes: Collection[str]) -> str:
    """Return the reading of a piece that ends with a sentence of the index, or the piece."""
    first, *others = piece.split(_JOINT)
    signs = ["-", ""] if len(others) <= _MANY else ["-"]
    readings = [first]
    for part in others:
        readings = [f"{words}{sign}{part}" for words in readings for sign in signs]
    readings += [_LIGATURES.sub(_plain_letters, words) for words in readings]
    for words in readings:
        if any(sha256(words[start:]) in hashes for start in _word_starts(words)):
            return words
    return piece


def _plain_letters(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


@lru_cache(maxsize=8)
def _word_starts(page: str) -> list[int]:
    """Return where a sentence or a span can begin."""
    return [0, *(match.end() for match in re.finditer(r"\W", page))]


def _places(page: str, spans: pd.DataFrame) -> dict[str, list[int]]:
    """Return where stretches of a page begin, by their hash; each length is tried once."""
    places: dict[str, list[int]] = {}
    lengths = spans["end"] - spans["start"]
    for length, hashes in spans["sha256"].groupby(lengths):
        wanted = set(hashes)
        for start in _word_starts(page):
            digest = sha256(page[start : start + length])
            if digest in wanted:
                places.setdefault(digest, []).append(start)
    return places


def find_sentences(sentences: pd.DataFrame, page: str) -> pd.DataFrame:
    """Return the indexed sentences that a copy of the page holds, each the next after the last.

    Parameters
    ----------
    sentences
        The index: ``start``, ``end`` and ``sha256``.
    page
        The copy, normalized or mended.

    Returns
    -------
    DataFrame
        The rows found, with ``at`` (code points in the copy) and ``text``.
    """
    known = _places(page, sentences)
    found = sentences[sentences["sha256"].isin(known)]
    places = []
    texts = []
    last = 0
    for row in found.itertuples():
        starts = known[row.sha256]
        later = [start for start in starts if start >= last]
        place = min(later or starts)
        stop = place + row.end - row.start
        places.append(place)
        texts.append(page[place:stop])
        last = max(last, stop)
    return found.assign(at=places, text=texts)


def verify(data: Mapping[str, pd.DataFrame], text: str) -> pd.DataFrame:
    """Check sentence index and locators, both ways, against a copy of the page.

    A sentence is found by its hash wherever it stands, so that other white space, quotation
    marks or dashes do no harm, nor what ``mend`` undoes. Every index entry must be found in order
    in the copy, every span in its sentence, and every stretch of the copy must be in the index.

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
    locators = data["locators"]
    page = mend(text, set(sentences["sha256"]))
    found = find_sentences(sentences, page)
    texts = dict(zip(found["id"], found["text"], strict=True))
    mismatches = []
    if len(sentences) and found.empty:
        problem = "nothing of the page was found"
        mismatches.append(("page", "page#page", problem, f"{page[:60]!r} ..."))
    else:
        for place, problem, words in _differences(list(sentences["id"]), _pieces(page, found)):
            held = locators[locators["sentence"] == place]
            rows = held["table"] + "#" + held["row"]
            mismatches.append((place, " ".join(rows.unique()), problem, words))
            texts.setdefault(place, words)
        mismatches += _lost_spans(locators, texts, set(found["id"]))
    if not mismatches and sha256(page) not in set(data["page"]["sha256"]):
        problem = "hash of the whole page differs"
        mismatches.append(("page", "page#page", problem, sha256(page)))
    return pd.DataFrame(mismatches, columns=["place", "rows", "problem", "detail"])


def _pieces(page: str, found: pd.DataFrame) -> list[tuple[str, str]]:
    """Return a copy piece by piece: the id of a sentence, or none and text that is no sentence."""
    pieces = []
    last = 0
    for row in found.sort_values("at").itertuples():
        pieces += [("", page[last : row.at].strip()), (row.id, "")]
        last = max(last, row.at + len(row.text))
    pieces.append(("", page[last:].strip()))
    return [piece for piece in pieces if any(piece)]


def _differences(ids: list[str], pieces: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield where a copy differs from the index: the place, the problem, what stands there."""
    there = [key for key, _ in pieces]
    for same, low, high, start, end in SequenceMatcher(None, ids, there, False).get_opcodes():
        if same == "equal":
            continue
        words = " ".join(text for _, text in pieces[start:end] if text)
        lost = [key for key in ids[low:high] if key not in there]
        for key in ids[low:high]:
            if key in there:
                yield key, "sentence moved", "stands elsewhere in the copy"
            elif not words:
                yield key, "sentence missing", "nothing stands in its place"
            elif len(split_sentences(words)) < len(lost):
                yield key, "sentence changed or missing", words
            else:
                yield key, "sentence changed", words
        if words and not lost:
            before = [key for key in there[:start] if key]
            place = f"after {before[-1]}" if before else "start of the copy"
            yield place, "text not in the index", words


def _lost_spans(
    locators: pd.DataFrame, texts: Mapping[str, str], found: Collection[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield spans that are not in their sentence, or not in what stands in its place."""
    for row in locators.itertuples():
        text = texts[row.sentence]
        starts = [row.start] if row.sentence in found else _word_starts(text)
        length = row.end - row.start
        hashes = {sha256(text[start : start + length]) for start in starts}
        if row.sha256 not in hashes:
            place = f"{row.id} in {row.sentence}"
            rests = f"{row.table}#{row.row}"
            yield place, rests, "span not found", f"look for: {row.anchor}"


def reanchor(data: Mapping[str, pd.DataFrame], text: str) -> pd.DataFrame:
    """Return the locators with their place in a reader's own copy of the page.

    Returns
    -------
    DataFrame
        The table ``locators`` with ``at`` and ``to`` (code points in the normalized copy);
        missing where sentence or span was not found.
    """
    page = normalize(text)
    locators = data["locators"]
    sentence_at = find_sentences(data["sentences"], page).set_index("id")["at"]
    base = locators["sentence"].map(sentence_at).astype("Int64")
    places = locators.assign(at=base + locators["start"], to=base + locators["end"])
    lost = [
        pd.isna(place.at) or sha256(page[place.at : place.to]) != place.sha256
        for place in places.itertuples()
    ]
    places.loc[lost, ["at", "to"]] = pd.NA
    return places


# --- From a number to its evidence ---------------------------------------------------------------


@dataclass(frozen=True)
class Citation:
    """Sources as a reader sees them: publisher, date and address each (empty if there is none)."""

    parts: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        return "; ".join(f"{who}, {date}" for who, date, _ in self.parts)

    def __html__(self) -> str:
        texts = []
        for who, date, url in self.parts:
            text = escape(f"{who}, {date}")
            texts.append(f'<a href="{escape(url)}">{text}</a>' if url else text)
        return "; ".join(texts)


def cite(sources: pd.DataFrame, ids: str) -> Citation:
    """Return the citation of sources, ``publisher, date`` each, with a link in tables and HTML.

    A source without a stated publisher goes by its title, one without a date as undated.

    Parameters
    ----------
    sources
        One row per source: ``id``, ``title``, ``publisher``, ``date``, ``url``.
    ids
        Ids joined by spaces, each once.

    Raises
    ------
    ValueError
        If an id names no source.
    """
    table = sources.set_index("id")
    names = dict.fromkeys(ids.split())
    lost = [name for name in names if name not in table.index]
    if lost:
        raise ValueError(f"no source {', '.join(lost)}: name ids of the table sources")
    parts = []
    for row in table.loc[list(names)].itertuples():
        who = row.publisher
        if who == "not_stated":
            who = row.title.strip("[]")
        date = row.date if isinstance(row.date, str) else "undated"
        url = row.url if "://" in row.url else ""
        parts.append((who, date, url))
    return Citation(tuple(parts))


def citations(table: pd.DataFrame, sources: pd.DataFrame) -> list[Citation]:
    """Return the citation of every row: its ``source``, if any, then the ids in ``also``."""
    first = table["source"].replace("not_applicable", "")
    also = table.get("also", "")
    return [cite(sources, ids) for ids in first + " " + also]


def evidence(data: Data, rests_on: str) -> pd.DataFrame:
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
        rows that rest on other sources ``source``, the id of the first. A table that rests on a
        source as a whole is one row, ``*``.

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
    asked: dict[tuple[str, str], str | None] = {}
    cited = {part["name"]: part["cites"] for part in data.schema["resources"] if "cites" in part}
    for entry in rests_on.split():
        table, _, row = entry.partition("#")
        if row == "*" and table in cited:
            asked[table, row] = cited[table].split()[0]  # the schema names the others
            continue
        rows = data.get(table, pd.DataFrame({"id": []})).set_index("id")
        found = rows if row == "*" else rows[rows.index == row]
        if row != "*" and found.empty:
            raise ValueError(f"{entry!r} names no row: write table#id, or table#* for a table")
        for key in found.index:
            asked[table, key] = found.at[key, "source"] if "source" in found else None
    rows = [(table, row, source) for (table, row), source in asked.items()]
    wanted = pd.DataFrame(rows, columns=["table", "row", "source"])
    said = data["sentences"].set_index("id")["paraphrase"]
    places = data["locators"].join(said, on="sentence")
    columns = ["table", "row", "sentence", "start", "end", "anchor", "states", "paraphrase"]
    found = wanted.merge(places[columns], how="left", on=["table", "row"])
    return found[[*columns, "source"]]


def sentence_coverage(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what every sentence of the page became.

    Returns
    -------
    DataFrame
        The table ``sentences`` with ``length`` and ``located`` (code points, those within a
        span).
    """
    spots: dict[str, set[int]] = {}
    for place in data["locators"].itertuples():
        spots.setdefault(place.sentence, set()).update(range(place.start, place.end))
    table = data["sentences"]
    located = [len(spots.get(key, ())) for key in table["id"]]
    return table.assign(length=table["end"] - table["start"], located=located)


def other_dates(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return rows whose date is none of those that their places on the page give (``date …``).

    Returns
    -------
    DataFrame
        ``row`` (as ``visits#v1``), its ``date`` and what the places have ``told``, a row each.
    """
    places = data["locators"]
    said = places["states"].str.extract(r"^date ([\dX][\dX/-]*)$")[0]
    rows = places["table"] + "#" + places["row"]
    told = said.groupby(rows).unique()
    found = []
    for name in places["table"].unique():
        if name in data and "date" in data[name]:
            table = data[name]
            found.append(table["date"].set_axis(name + "#" + table["id"]))
    dates = pd.concat(found) if found else pd.Series(dtype=object)
    differing = []
    for row, date in dates.dropna().items():
        dated = [text for text in told.get(row, []) if isinstance(text, str)]
        if dated and date not in dated:
            differing.append((row, date, " and ".join(dated)))
    return pd.DataFrame(differing, columns=["row", "date", "told"])


def table_coverage(data: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return, per table of the page, its rows, those with a locator, mentions and sentences."""
    locators = data["locators"]
    held = locators.groupby("table", sort=False)
    counts = held.agg(
        located=("row", "nunique"),
        mentions=("id", "size"),
        sentences=("sentence", "nunique"),
    )
    places = locators.groupby(["table", "row"], sort=False)["sentence"].nunique()
    counts["told_twice"] = (places > 1).groupby("table").sum()
    counts.insert(0, "rows", [len(data[name]) for name in counts.index])
    return counts.reset_index()
