"""Findings on visits: how often, in which direction, how far apart, and what may follow.

Windows are those of the table ``windows``, by their ends; the last but one is the main one (all
windows, if there is one only), the last runs on into silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import factorial, sqrt
from typing import Any

import numpy as np
import pandas as pd

from relations_lib import poisson, visits
from relations_lib.dates import window_days, years_between
from relations_lib.findings._record import Finding
from relations_lib.tables import Data

ALL = "visits#*"
MONTH = pd.Timedelta(days=31)
Z = 1.959963984540054  # two-sided 95% of the normal distribution
Groups = Iterator[tuple[str, int | None, Mapping[str, Any] | pd.Series]]


def main_window(windows: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the window that ends last but one (of the only one)."""
    return windows.sort_values("end_earliest", kind="stable").iloc[-2:].iloc[:1]


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    windows = data.windows.sort_values("end_earliest", kind="stable")
    for row in windows.itertuples():
        days = window_days(row.start, row.end)
        yield Finding(f"window.{row.id}.days", days, rests_on=f"windows#{row.id}")
    for rests, n, values in _groups(data, windows):
        for key, found in values.items():
            value, low, high = found if isinstance(found, tuple) else (found, None, None)
            yield Finding(f"visits.{key}", value, low, high, n, rests)


def _groups(data: Data, windows: pd.DataFrame) -> Groups:
    """Yield the rows that findings rest on, their n, and by key a value or (value, low, high)."""
    yield ALL, len(data.visits), {"count": len(data.visits)}
    table = data.visits.dropna(subset="date")
    if len(table) and len(windows):
        sets = _sets(table, windows["start_earliest"].min())
        for _, window in windows.groupby("id", sort=False):
            yield from _window(sets, window)
        yield from _main(sets, windows, main_window(windows))
        yield from _directions(table)
        yield from _gaps(table, windows["start"].min())
        yield from _context(data, table, windows.iloc[0])


def _sets(table: pd.DataFrame, start: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Return visits in one direction, those without any of the first month (if any), and all."""
    begins, one_way = visits.first_days(table)["earliest"], table[["visitor", "host"]].iloc[:1]
    later = begins.index[(begins - start).abs() > MONTH]
    founded = {"rate_without_founding": table.loc[later]} if len(later) < len(table) else {}
    return {"rate_one_direction": table.merge(one_way), **founded, "rate": table}


def _window(sets: dict[str, pd.DataFrame], window: pd.DataFrame) -> Groups:
    table, (id, start, end) = sets["rate"], window[["id", "start", "end"]].iloc[0]
    rests, years = f"{ALL} windows#{id}", int(end[:4]) - int(start[:4]) + 1
    for name, rows in sets.items():
        (row,) = visits.visit_rate(rows, window).itertuples()
        yield rests, row.visits, {f"{name}.{id}": (row.rate, row.low, row.high)}
    n, length = row.visits, row.years
    begun = visits.first_days(table, start, end)["earliest"].dt.year.nunique()
    yield rests, years, {f"years_without.{id}": years - begun}
    yield rests, n, {f"rate_jeffreys.{id}": (row.rate, *poisson.jeffreys(n, length))}
    if n:
        (trend,) = visits.visit_trend(table, window).itertuples()
        low, high = visits.open_gap(table, end).iloc[0]
        bounds = (low, high) if low < high else (None, None)
        yield rests, 1, {f"open_gap_days.{id}": ((low + high) / 2, *bounds)}
        yield (
            rests,
            n,
            {
                f"years_per_visit.{id}": (1 / row.rate, 1 / row.high, 1 / row.low),
                f"trend.laplace.{id}": (trend.u, trend.low, trend.high),
                f"trend.laplace_p.{id}": (trend.p, trend.p_low, trend.p_high),
                f"next.p_within_one_year.{id}": 1 - poisson.p_none(n, length, 1),
                f"next.years.{id}": (*poisson.next_event(n, length, [0.5, 0.025, 0.975]),),
            },
        )


def _main(sets: dict[str, pd.DataFrame], windows: pd.DataFrame, main: pd.DataFrame) -> Groups:
    n, (id, end), silent = len(sets["rate"]), main[["id", "end"]].iloc[0], windows.iloc[-1]
    for name in ("rate_one_direction", "rate"):
        (row,) = visits.visit_rate(sets[name], main).itertuples()
        half, key = Z * sqrt(row.visits) / row.years, name.replace("rate", "normal_interval")
        found = {f"mistake.{key}": (row.rate, row.rate - half, row.rate + half)}
        yield f"{ALL} windows#{id}", row.visits, found
    last = visits.first_days(sets["rate"])["earliest"].max()
    if last > main["start_earliest"].iloc[0]:
        (cut,) = visits.visit_rate(sets["rate"], main.assign(end=last)).itertuples()
        yield (
            f"{ALL} windows#{id}",
            cut.visits,
            {"mistake.window_to_last_visit": (cut.rate, cut.low, cut.high)},
        )
    choices = visits.rate_choices(sets, windows).query("counted != 'rate_one_direction'")
    told = choices[choices["window"] != silent["id"]]
    for name, kept in (("choices", choices), ("choices_told", told)):
        for part, low, high in (("rate", "rate", "rate"), ("interval", "low", "high")):
            bounds = (row.rate, kept[low].min(), kept[high].max())
            yield f"{ALL} windows#*", len(kept), {f"{name}.{part}": bounds} if len(kept) else {}
    (low, high), twofold = poisson.garwood(n), poisson.count_for_ratio(2)
    halved = poisson.count_for_ratio(sqrt(high / low))
    yield "", None, {"events_for_twofold_interval": twofold}
    yield ALL, n, {"interval_ratio": high / low, "events_for_half_log_width": halved}
    if row.rate:
        yield f"{ALL} windows#{id}", n, {"years_for_twofold_interval": twofold / row.rate}
    if silent["end"] > end:
        ahead, after = years_between(end, silent["end"]), f"{int(end[:4]) + 1}_{silent['id']}"
        yield (
            f"{ALL} windows#{id} windows#{silent['id']}",
            row.visits,
            {
                f"silence.p_none_{after}": poisson.p_none(row.visits, row.years, ahead),
                "silence.fixed_rate": (*np.exp(-ahead * np.array([row.rate, row.high, row.low])),),
            },
        )


def _directions(table: pd.DataFrame) -> Groups:
    row = next(visits.direction_tests(table).itertuples())
    yield (
        ALL,
        len(table),
        {
            f"direction.count.{row.one}_to_{row.other}": row.there,
            f"direction.count.{row.other}_to_{row.one}": row.back,
            "direction.ratio": (row.ratio, row.low, row.high),
            "direction.p": row.p,
            "direction.smallest_possible_p": row.smallest_p,
        },
    )
    if table["visitor"].nunique() == 2:
        order = visits.order_test(table)
        bounds = (order.low, order.high) if order.low < order.high else (None, None)
        yield ALL, len(table), {"direction.order_p": (order.p, *bounds)}


def _gaps(table: pd.DataFrame, start: str) -> Groups:
    table, count = visits.first_days(table, start), visits.count_combinations(table, start)
    if count < 10**300:
        yield ALL, len(table), {"gaps.date_combinations": count}
    for key, since in (("gap_days", start), ("gap_days_unclipped", None)):
        for row in visits.visit_gaps(table, since).dropna(subset="mean").itertuples():
            pair = table.iloc[row.number - 1 : row.number + 1]
            if since or pair["straddles"].any():
                found = {f"{key}.{row.number}": (row.mean, row.least, row.greatest)}
                yield " ".join("visits#" + pair["id"]), 2, found
    if len(table) > 2 and count * len(table) <= visits.LIMIT:
        gaps = np.diff(visits.date_combinations(table, start).astype(int))
        n, rising = gaps.shape[1], (np.diff(gaps) > 0).all(axis=1)
        yield ALL, n, {"gaps.increasing_share": rising.mean()}
        yield ALL, n, {"gaps.increasing_p": 1 / factorial(n)}
        if gaps.sum(axis=1).all():
            cv = visits.gap_variation(gaps)
            yield ALL, n, {"gap_cv": (cv.mean(), cv.min(), cv.max())}


def _context(data: Data, table: pd.DataFrame, first: pd.Series) -> Groups:
    for name in ("kind", "place"):
        yield ALL, len(table), table[name].value_counts().add_prefix(f"{name}.")
    signed = data.agreements[data.agreements["visit"].isin(table["id"])]
    rests = " ".join("agreements#" + signed["id"])
    yield rests, len(table), {"agreements.rows": len(signed)}
    yield rests, len(signed), {"agreements.documents": signed["documents"].sum()}
    span = (first["start_earliest"].year, first["end_latest"].year)
    found = visits.alignment(table["date"], data.meetings["date"].dropna(), *span)
    rests, n = f"{ALL} meetings#* windows#{first['id']}", int(found["years"])
    found = found.rename({"one": "visit_years"}).drop(["years", "other"])
    yield rests, n, found.add_prefix("alignment.")
