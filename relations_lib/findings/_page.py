"""Findings on the page as a text: what its sentences became, how precise its dates are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from relations_lib import sources
from relations_lib.dates import precision, years_between
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

DATED = ("milestones", "visits", "meetings", "agreements")
OWN = ("page", "windows")  # tables that say nothing of the relations


def each_package(data: Data) -> Iterator[View]:
    """Yield the sentences of the page and what they became."""
    table = sources.sentence_coverage(data)
    if table.empty:
        raise ValueError("sentences has no row: number the sentences of the page with `index`")
    coded = table["coded_as"] != "nothing"
    talk = table["coded_as"].map(lambda names: set(names.split()) <= {"statements", "areas"})
    length = int(table["length"].sum())
    yield View(
        n=len(table),
        coded=int(coded.sum()),
        talk=int((coded & talk).sum()),
        length=length,
        located=table["located"].sum() / length,
        locators=len(data.locators),
    )


def each_table(data: Data) -> Iterator[View]:
    """Yield every table of the page."""
    for row in sources.table_coverage(data).itertuples():
        yield View(**row._asdict())


def each_total(data: Data) -> Iterator[View]:
    """Yield the tables of the page together."""
    counts = sources.table_coverage(data)
    own = counts["table"].isin(OWN)
    yield View(
        rows=int(counts["rows"].sum()),
        content=int(counts.loc[~own, "rows"].sum()),
        located=int(counts["located"].sum()),
    )


def _events(data: Data) -> pd.DataFrame:
    """Return the dated rows of the page: table, date and how precise it is."""
    columns = ["date", "date_earliest", "date_latest"]
    rows = pd.concat([data[name][columns].assign(table=name) for name in DATED])
    events = rows.dropna(subset="date")
    return events.assign(precision=events["date"].map(precision))


def each_dated(data: Data) -> Iterator[View]:
    """Yield the dated rows together."""
    events = _events(data)
    yield View(n=len(events), different=events["date"].nunique())


def each_precision(data: Data) -> Iterator[View]:
    """Yield every precision of a date."""
    return declared.counted(View(), _events(data)["precision"])


def each_statement(data: Data) -> Iterator[View]:
    """Yield every kind of statement."""
    return declared.counted(View(), data.statements["kind"])


def each_stated(data: Data) -> Iterator[View]:
    """Yield the last total that the page states."""
    totals = data.legal_base.dropna(subset="documents")
    if totals.empty:
        raise ValueError("the page states no total of documents: legal_base, documents")
    last = totals.iloc[-1]
    count = last["documents"]
    floor = last["qualifier"] == "at_least"
    yield View(
        stated=Value(count, low=count) if floor else Value(count),
        qualifier=last["qualifier"].replace("_", " "),
        period="a period not stated" if pd.isna(last["period"]) else last["period"],
        n=len(totals),
    )


def _filled(wide: pd.DataFrame, empty: set[int]) -> tuple[int, int]:
    """Return how many empty years events of some year within many can fill, least and most.

    Of events by their last years: the fewest years that fall in each span of empty ones, and the
    most years of which each takes an event of its own.
    """
    spans = sorted(zip(wide["date_latest"].dt.year, wide["date_earliest"].dt.year, strict=True))
    met: list[int] = []
    for last, first in spans:
        years = range(first, last + 1)
        if empty.issuperset(years) and not set(met).intersection(years):
            met.append(last)
    filled = 0
    for year in sorted(empty):
        fitting = [span for span in spans if span[1] <= year <= span[0]]
        if fitting:
            spans.remove(fitting[0])
            filled += 1
    return len(met), filled


def each_newest(data: Data) -> Iterator[View]:
    """Yield the end of what the page dates, beside its own date."""
    events = _events(data)
    other = data.legal_base["period_latest"], data.institutions["founded_latest"]
    newest = pd.concat([events["date_latest"], *other]).max()
    printed = data.page["date_latest"].max()
    if pd.isna(newest) or pd.isna(printed):
        raise ValueError("the page has no date, or dates nothing")
    begins = declared.windows(data)["start_earliest"].min()
    years = range(begins.year, printed.year + 1)
    wide = events["precision"].isin(["decade", "century"])
    told = events[~wide]
    start, end = told["date_earliest"].dt.year, told["date_latest"].dt.year
    empty = [year for year in years if not ((start <= year) & (year <= end)).any()]
    least, most = _filled(events[wide], set(empty))
    highest = len(empty) - least
    yield View(
        printed=printed.date().isoformat(),
        newest=newest.date().isoformat(),
        year=newest.year,
        last_event=events["date_latest"].max().year,
        dated=len(events),
        silent=max(years_between(newest, printed), 0),
        first=begins.year,
        last=printed.year,
        years=len(years),
        empty=Value(highest, len(empty) - most, highest) if most else Value(highest),
    )
