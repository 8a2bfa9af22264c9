"""Rows, locators and sentences of the page: that each rests on the others."""

from __future__ import annotations

from collections.abc import Iterator

from relations_lib._cells import NUMBER, ids_of, is_unknown, repeats
from relations_lib._faults import Fault
from relations_lib._reader import Raw, Tables


def row_faults(raw: Raw, tables: Tables) -> Iterator[Fault]:
    """Yield rows without a locator."""
    locators = tables["locators"]
    if locators is None:
        return
    located = {place for _, place in locators.rows("table", "row")}
    for row, (key,) in raw.rows("id"):
        if (raw.resource["name"], key) not in located:
            yield raw.fault(row, "id", key, "a row with a locator in locators.csv")


def cite_faults(raw: Raw, tables: Tables) -> Iterator[Fault]:
    """Yield sources that a table as a whole rests on and that do not exist."""
    ids = ids_of(tables)
    for name in raw.resource["cites"].split():
        if raw.lines and is_unknown(ids, "sources", name):
            yield Fault(raw.file, 1, "", f"cites {name!r}", "ids of the table sources")


def _has_numbers(raw: Raw | None, names: list[str]) -> bool:
    """Tell whether a table was read, with whole numbers in these columns."""
    if raw is None:
        return False
    whole = NUMBER["integer"]
    return all(whole.fullmatch(cell) for name in names for cell in raw.columns[name])


def locator_faults(raw: Raw, tables: Tables) -> Iterator[Fault]:
    """Yield locators of no row, outside their sentence, or with a hash that another contradicts."""
    ids = ids_of(tables)
    yield from repeats(raw, ["table", "row", "sentence", "start", "end"])
    for row, (table, key) in raw.rows("table", "row"):
        if is_unknown(ids, table, key):
            yield raw.fault(row, "row", key, f"an id of the table {table}")
    sentences = tables["sentences"]
    whole = _has_numbers(raw, ["start", "end"]) and _has_numbers(sentences, ["start", "end"])
    if sentences and whole:
        yield from _span_faults(raw, sentences)


def _span_faults(raw: Raw, sentences: Raw) -> Iterator[Fault]:
    lengths: dict[str, int] = {}
    sizes: dict[str, int] = {}  # characters, by hash
    hashes: dict[tuple[str, int, int], str] = {}  # by span
    for _, (key, start, end, digest) in sentences.rows("id", "start", "end", "sha256"):
        length = int(end) - int(start)
        lengths[key] = length
        sizes[digest] = length
        hashes[key, 0, length] = digest
    for row, (key, start, end, digest) in raw.rows("sentence", "start", "end", "sha256"):
        if key not in lengths:
            continue
        first, last = int(start), int(end)
        if not 0 <= first < last <= lengths[key]:
            allowed = f"a span within the {lengths[key]} characters of {key}"
            yield raw.fault(row, "end", f"{start}-{end}", allowed)
        same = hashes.setdefault((key, first, last), digest)
        if digest != same:
            yield raw.fault(row, "sha256", digest, f"{same}, as elsewhere for this span")
        size = sizes.setdefault(digest, last - first)
        if last - first != size:
            allowed = f"a span of {size} characters, as for this hash elsewhere"
            yield raw.fault(row, "end", end, allowed)


def sentence_faults(raw: Raw, tables: Tables) -> Iterator[Fault]:
    """Yield sentences with gaps or overlaps, or whose coding does not match the locators."""
    locators = tables["locators"]
    numbers = ["paragraph", "sentence", "start", "end"]
    if locators is None or not _has_numbers(raw, numbers):
        return
    yield from _place_faults(raw)
    yield from _coding_faults(raw, locators)
    page = tables.get("page")
    if page:
        yield from _page_faults(raw, page)


def _place_faults(raw: Raw) -> Iterator[Fault]:
    places = [(0, 1)]
    last = -1
    for row, cells in raw.rows("paragraph", "sentence", "start", "end"):
        paragraph, number, start, end = map(int, cells)
        if (paragraph, number) not in places:
            allowed = "the next of its paragraph, or the first of the next paragraph"
            yield raw.fault(row, "sentence", f"{paragraph}, {number}", allowed)
        spaces = [1] if number == 1 else [1, 0]  # none between sentences in Chinese
        if start - last not in spaces or end <= start:
            yield raw.fault(row, "start", cells[2], f"{last + 1}, then a larger end")
            allowed = f"{start - 1}, before the next"
            yield raw.fault(max(row - 1, 0), "end", str(last), allowed)
        places = [(paragraph, number + 1), (paragraph + 1, 1)]
        last = end


def _coding_faults(raw: Raw, locators: Raw) -> Iterator[Fault]:
    coded: dict[str, set[str]] = {}
    for _, (table, key) in locators.rows("table", "sentence"):
        coded.setdefault(key, set()).add(table)
    for row, (key, said, reason) in raw.rows("id", "coded_as", "reason"):
        tables = coded.get(key, set())
        if set(said.split()) - {"nothing"} != tables:
            found = " ".join(sorted(tables)) or "nothing"
            yield raw.fault(row, "coded_as", said, f"what the locators say: {found}")
        if (said == "nothing") == (reason == "not_applicable"):
            allowed = "a reason where nothing is coded, and only there"
            yield raw.fault(row, "reason", reason, allowed)


def _page_faults(raw: Raw, page: Raw) -> Iterator[Fault]:
    """Yield totals of the page that its sentences do not reach."""
    end, paragraph = -1, -1
    for _, (last, number) in raw.rows("end", "paragraph"):
        end, paragraph = int(last), int(number)
    totals = [("length", "end", end), ("paragraphs", "paragraph", paragraph + 1)]
    for name, column, total in totals:
        for row, cell in enumerate(page.columns.get(name, ())):
            if cell != str(total):
                yield page.fault(row, name, cell, f"{total}, as in sentences.csv")
                if raw.lines:
                    yield raw.fault(-1, column, total, f"{cell} {name}")
