"""Findings on the page as a text: what its sentences became, how precise its dates are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from relations_lib import sources
from relations_lib.dates import precision
from relations_lib.findings._record import Finding
from relations_lib.tables import Data

DATED = ("milestones", "visits", "meetings", "agreements")
PRECISIONS = ("day", "interval", "month", "year")


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    table = sources.sentence_coverage(data)
    if table.empty:
        return
    n, every = len(table), "sentences#* locators#*"
    coded, length = table["coded_as"].ne("nothing"), table["length"].sum()
    talk = table["coded_as"].map(lambda names: set(names.split()) <= {"statements", "areas"})
    for name, value, total in [
        ("sentences", n, n),
        ("sentences_coded", coded.sum(), n),
        ("share_coded", coded.mean(), n),
        ("sentences_of_statements_only", (coded & talk).sum(), n),
        ("share_of_characters_located", table["located"].sum() / length, length),
        ("locators", len(data.locators), len(data.locators)),
    ]:
        yield Finding(f"page.{name}", value, n=total, rests_on=every)
    yield from _tables(data)
    yield from _dates(data)
    for kind, count in data.statements["kind"].value_counts().items():
        yield Finding(
            f"page.statements.{kind}", count, n=len(data.statements), rests_on="statements#*"
        )
    stated = data.legal_base["documents"].dropna()
    for count in stated.tail(1):
        yield Finding("page.documents_stated", count, n=len(stated), rests_on="legal_base#*")
    yield from _newest(data)


def _tables(data: Data) -> Iterator[Finding]:
    counts = sources.table_coverage(data)
    for row in counts.itertuples():
        rests = f"{row.table}#* locators#*"
        yield Finding(f"page.rows.{row.table}", row.rows, n=row.rows, rests_on=rests)
        yield Finding(f"page.mentions.{row.table}", row.mentions, n=row.rows, rests_on=rests)
        yield Finding(f"page.told_twice.{row.table}", row.told_twice, n=row.rows, rests_on=rests)
    total = int(counts["rows"].sum())
    yield Finding("page.rows", total, n=total, rests_on="locators#*")
    content = total - int(counts.loc[counts["table"].isin(["page", "windows"]), "rows"].sum())
    yield Finding("page.rows_of_content", content, n=total, rests_on="locators#*")
    yield Finding("page.rows_located", counts["located"].sum(), n=total, rests_on="locators#*")


def _dates(data: Data) -> Iterator[Finding]:
    events = pd.concat([data[name][["date"]].assign(table=name) for name in DATED]).dropna()
    kinds, rests = events["date"].map(precision), " ".join(f"{name}#*" for name in DATED)
    yield Finding("page.dated_rows", len(events), n=len(events), rests_on=rests)
    different = events["date"].nunique()
    yield Finding("page.different_dates", different, n=len(events), rests_on=rests)
    for kind in PRECISIONS:
        yield Finding(f"page.precision.{kind}", (kinds == kind).sum(), n=len(kinds), rests_on=rests)
    for (name, kind), count in kinds.groupby([events["table"], kinds]).size().items():
        total = int((events["table"] == name).sum())
        yield Finding(f"page.precision.{name}.{kind}", count, n=total, rests_on=f"{name}#*")


def _newest(data: Data) -> Iterator[Finding]:
    newest = max(
        [data[name]["date_latest"].max() for name in DATED]
        + [data.legal_base["period_latest"].max()]
    )
    printed = data.page["date_latest"].max()
    if pd.notna(newest) and pd.notna(printed) and len(data.windows):
        rests = " ".join(f"{name}#*" for name in (*DATED, "legal_base", "page"))
        yield Finding("page.newest_year", newest.year, rests_on=rests)
        yield Finding("page.silent_years", (printed - newest).days / 365.25, rests_on=rests)
        days = pd.concat([data[name][["date_earliest", "date_latest"]] for name in DATED]).dropna()
        first = data.windows["start_earliest"].min().year
        told = {year for a, b in days.to_numpy(object) for year in range(a.year, b.year + 1)}
        years = set(range(first, printed.year + 1))
        silent = len(years - told)
        yield Finding("page.years_without_event", silent, n=len(years), rests_on=rests)
