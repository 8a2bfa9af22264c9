"""Findings on visits: how often, in which direction, how far apart, and what may follow."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, factorial, sqrt
from typing import Any

import numpy as np
import pandas as pd

from relations_lib import poisson, visits
from relations_lib.dates import window_days
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View
from relations_lib.tables import Data

MONTH = pd.Timedelta(days=31)
MOST_TOLD = 12  # dates that a definition lists
Z = 1.959963984540054  # two-sided 95% of the normal distribution
NARROW = 2  # the ratio of bounds that counts as a narrow interval


# --- What records are made for -------------------------------------------------------------------


def each_package(data: Data) -> Iterator[View]:
    """Yield all visits between the two states."""
    between = declared.between(data, data.visits)
    yield View(
        **declared.names(data),
        count=len(between),
        others=len(data.visits) - len(between),
        undated=int(between["date"].isna().sum()),
        rows=len(data.visits),
    )


def each_dated(data: Data) -> Iterator[View]:
    """Yield the visits that have a date, told apart by what they may have founded."""
    table = declared.between(data, data.visits).dropna(subset="date")
    if table.empty:
        raise ValueError("the page records no visit between the two states with a date")
    windows = declared.windows(data)
    begins = windows["start_earliest"].min()
    days = visits.first_days(table)
    early = (days["earliest"] - begins).abs() <= MONTH
    names = declared.names(data)
    yield View(
        **names,
        visits=table,
        n=len(table),
        windows=windows,
        begins=begins.date().isoformat(),
        founding=_told(days[early]),
        later=table.loc[days.index[~early]],
        outward=table[table["visitor"] == names["home"]],
    )


def each_constant(data: Data) -> Iterator[View]:
    """Yield one view for what rests on no datum."""
    yield View()


def each_window(data: Data) -> Iterator[View]:
    """Yield every window with the dated visits."""
    (dated,) = each_dated(data)
    for view in each_length(data):
        yield dated.but(**vars(view))


def each_length(data: Data) -> Iterator[View]:
    """Yield every window by itself."""
    for row in declared.windows(data).itertuples():
        yield _window(data.windows[data.windows["id"] == row.id])


def each_main(data: Data) -> Iterator[View]:
    """Yield the main window with the dated visits."""
    (dated,) = each_dated(data)
    yield dated.but(**vars(_window(declared.window(data))))


def each_told(data: Data) -> Iterator[View]:
    """Yield the main window, with the windows that do not run on into silence."""
    (main,) = each_main(data)
    silent = data.about.need("silent_window")
    yield main.but(silent=silent, windows=main.windows[main.windows["id"] != silent])


def each_silence(data: Data) -> Iterator[View]:
    """Yield the main window with the time from its end to the end of the silent one."""
    (main,) = each_main(data)
    silent = _window(declared.window(data, "silent_window"))
    if silent.last <= main.last:
        raise ValueError(f"the silent window ends on {silent.end}, not after {main.end}")
    yield main.but(
        silent=silent.window,
        silent_end=silent.end,
        after=main.last.year + 1,
        ahead=(silent.last - main.last).days / 365.25,
    )


def each_directions(data: Data) -> Iterator[View]:
    """Yield the visits there and back, the page's own state first."""
    (dated,) = each_dated(data)
    home_first = dated.visits["visitor"] != dated.home
    ordered = dated.visits.loc[home_first.sort_values(kind="stable").index]
    (row,) = visits.direction_tests(ordered).itertuples()
    called = {dated.home: dated.home_name, dated.partner: dated.partner_name}
    in_time = visits.first_days(dated.visits)
    yield dated.but(
        one=row.one,
        other=row.other,
        one_name=called[row.one],
        other_name=called[row.other],
        there=row.there,
        back=row.back,
        ratio=Value(row.ratio, row.low, row.high),
        p=row.p,
        smallest_p=row.smallest_p,
        order=" ".join(in_time["visitor"].head(MOST_TOLD)),
    )


def each_gap(data: Data) -> Iterator[View]:
    """Yield every gap between two visits, dates clipped to the start of the windows."""
    (dated,) = each_dated(data)
    yield from _gaps(dated, dated.begins)


def each_unclipped(data: Data) -> Iterator[View]:
    """Yield the gaps that clipping to the start of the windows changes, unclipped."""
    (dated,) = each_dated(data)
    clipped = visits.first_days(dated.visits, dated.begins)
    cut = set(clipped.loc[clipped["straddles"], "id"])
    for view in _gaps(dated, None):
        if view.one in cut or view.other in cut:
            yield view


def each_combined(data: Data) -> Iterator[View]:
    """Yield the visits with all days that they may have begun on."""
    (dated,) = each_dated(data)
    found = visits.first_days(dated.visits, dated.begins)
    yield dated.but(found=found, gaps=len(found) - 1, told=_told(found))


def each_kind(data: Data) -> Iterator[View]:
    """Yield every kind of visit with its count."""
    yield from _counted(data, "kind")


def each_place(data: Data) -> Iterator[View]:
    """Yield every code of place with its count."""
    yield from _counted(data, "place")


def each_agreements(data: Data) -> Iterator[View]:
    """Yield the agreements that the page ties to a visit."""
    (dated,) = each_dated(data)
    signed = data.agreements[data.agreements["visit"].isin(dated.visits["id"])]
    yield dated.but(
        agreements=len(signed),
        documents=int(signed["documents"].sum()),
        rests=declared.each_row(signed, "agreements"),
    )


def each_alignment(data: Data) -> Iterator[View]:
    """Yield the years with visits beside those with meetings of the declared body."""
    (dated,) = each_dated(data)
    body = data.about.need("body")
    met = data.meetings.loc[data.meetings["institution"] == body, "date"].dropna()
    window = declared.meetings_window(data)
    first = int(window["start_earliest"].iloc[0].year)
    last = int(window["end_latest"].iloc[0].year)
    found = visits.alignment(dated.visits["date"], met, first, last)
    yield dated.but(
        first=first,
        last=last,
        window=window["id"].iloc[0],
        body=declared.called(data.institutions, body),
        years=int(found["years"]),
        visit_years=found["one"],
        **found[["shared", "expected", "at_least", "at_most"]],
    )


def _window(frame: pd.DataFrame) -> View:
    (row,) = frame.itertuples()
    last = row.end_latest
    return View(
        window=row.id,
        frame=frame,
        start=row.start,
        end=row.end,
        last=last,
        days=window_days(row.start, row.end),
        years=last.year - row.start_earliest.year + 1,
    )


def _told(found: pd.DataFrame) -> str:
    """Return the visits with the days on which each may begin, in words."""
    told = []
    for row in found.head(MOST_TOLD).itertuples():
        first = row.earliest.date().isoformat()
        last = row.latest.date().isoformat()
        told.append(f"{row.id} on {first}" if first == last else f"{row.id} in {first} to {last}")
    more = len(found) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _gaps(dated: View, since: str | None) -> Iterator[View]:
    found = visits.first_days(dated.visits, since)
    for row in visits.visit_gaps(dated.visits, since).itertuples():
        number = int(row.number)
        one, other = found["id"].iloc[number - 1 : number + 1]
        yield dated.but(
            number=number,
            one=one,
            other=other,
            told=_told(found.iloc[number - 1 : number + 1]),
            gap=Value(row.mean, row.least, row.greatest, n=2),
        )


def _counted(data: Data, column: str) -> Iterator[View]:
    (dated,) = each_dated(data)
    for code, count in dated.visits[column].value_counts().items():
        yield dated.but(code=code, codes=count)


# --- What is computed ----------------------------------------------------------------------------


def _rate(table: pd.DataFrame, frame: pd.DataFrame) -> Value:
    (row,) = visits.visit_rate(table, frame).itertuples()
    return Value(row.rate, row.low, row.high, int(row.visits))


def _exposure(view: View) -> tuple[int, float]:
    """Return the visits in a window and its years."""
    (row,) = visits.visit_rate(view.visits, view.frame).itertuples()
    return int(row.visits), row.years


def rate(view: View) -> Value:
    """Return the rate of all visits."""
    return _rate(view.visits, view.frame)


def rate_without_founding(view: View) -> Value:
    """Return the rate without the visits of the first month."""
    if not view.founding:
        raise ValueError(f"no visit may begin within 31 days of {view.begins}")
    return _rate(view.later, view.frame)


def rate_one_direction(view: View) -> Value:
    """Return the rate of the visits of the page's own state."""
    return _rate(view.outward, view.frame)


def rate_jeffreys(view: View) -> Value:
    """Return the rate with Jeffreys' interval."""
    count, years = _exposure(view)
    low, high = poisson.jeffreys(count, years)
    return Value(count / years, low, high, count)


def years_per_visit(view: View) -> Value:
    """Return the years per visit."""
    (row,) = visits.visit_rate(view.visits, view.frame).itertuples()
    if not row.visits:
        raise ValueError("no visit in this window")
    return Value(1 / row.rate, 1 / row.high, 1 / row.low, row.visits)


def years_without(view: View) -> Value:
    """Return the calendar years of a window in which no visit begins."""
    begun = visits.first_days(view.visits, view.start, view.end)
    return Value(view.years - begun["earliest"].dt.year.nunique(), n=view.years)


def open_gap(view: View) -> Value:
    """Return the days from the last visit to the end of a window."""
    table = visits.open_gap(view.visits, view.end)
    if table.empty:
        raise ValueError("no visit before the end of this window")
    least, greatest = table.iloc[0]
    if least == greatest:
        return Value(least, n=1)
    return Value((least + greatest) / 2, least, greatest, n=1)


def _trend(view: View) -> Any:
    (row,) = visits.visit_trend(view.visits, view.frame).itertuples()
    if not row.visits:
        raise ValueError("no visit in this window")
    return row


def laplace(view: View) -> Value:
    """Return Laplace's statistic."""
    row = _trend(view)
    return Value(row.u, row.low, row.high, row.visits)


def laplace_p(view: View) -> Value:
    """Return its p."""
    row = _trend(view)
    return Value(row.p, row.p_low, row.p_high, row.visits)


def next_within_one_year(view: View) -> Value:
    """Return the predictive chance of a visit within a year."""
    count, years = _exposure(view)
    return Value(1 - poisson.p_none(count, years, 1), n=count)


def next_years(view: View) -> Value:
    """Return the predictive wait for the next visit."""
    count, years = _exposure(view)
    median, low, high = poisson.next_event(count, years, [0.5, 0.025, 0.975])
    return Value(median, low, high, count)


def silence_p_none(view: View) -> Value:
    """Return the predictive chance of no visit in the time ahead."""
    count, years = _exposure(view)
    return Value(poisson.p_none(count, years, view.ahead), n=count)


def silence_fixed_rate(view: View) -> Value:
    """Return the chance of no visit in the time ahead if the rate were known."""
    (row,) = visits.visit_rate(view.visits, view.frame).itertuples()
    value, low, high = (exp(-view.ahead * bound) for bound in (row.rate, row.high, row.low))
    return Value(value, low, high, row.visits)


def normal_interval(view: View) -> Value:
    """Return the rate with a normal interval, which four visits do not allow."""
    count, years = _exposure(view)
    half = Z * sqrt(count) / years
    return Value(count / years, count / years - half, count / years + half, count)


def normal_interval_one_direction(view: View) -> Value:
    """Return the same for the visits of the page's own state."""
    return normal_interval(view.but(visits=view.outward))


def window_to_last_visit(view: View) -> Value:
    """Return the rate in a window that ends with the last visit."""
    last = visits.first_days(view.visits, end=view.end)["earliest"].max()
    if not last > view.frame["start_earliest"].iloc[0]:
        raise ValueError("no visit begins after the first day of this window")
    return _rate(view.visits, view.frame.assign(end=last))


def _choices(view: View) -> pd.DataFrame:
    counted = {"all": view.visits}
    if view.founding:
        counted["later"] = view.later
    return visits.rate_choices(counted, view.windows)


def choices_rate(view: View) -> Value:
    """Return the rate, least and greatest over windows, visits counted and clocks."""
    table = _choices(view)
    return Value(rate(view).value, table["rate"].min(), table["rate"].max(), len(table))


def choices_interval(view: View) -> Value:
    """Return the rate with the least and the greatest bound over the same choices."""
    table = _choices(view)
    return Value(rate(view).value, table["low"].min(), table["high"].max(), len(table))


def _width(count: int) -> float:
    low, high = poisson.garwood(count)
    return high / low


def interval_ratio(view: View) -> float:
    """Return how many times the lower bound the upper one is."""
    return _width(view.n)


def events_for_half_log_width(view: View) -> int:
    """Return the count whose interval is half as wide on the logarithmic scale."""
    return poisson.count_for_ratio(sqrt(_width(view.n)))


def events_for_twofold_interval(view: View) -> int:
    """Return the count whose bounds are a factor of two apart."""
    return poisson.count_for_ratio(NARROW)


def years_for_twofold_interval(view: View) -> Value:
    """Return the years until so many visits are recorded at the rate of the main window."""
    found = years_per_visit(view)
    return Value(poisson.count_for_ratio(NARROW) * found.value, n=found.n)


def order_p(view: View) -> Value:
    """Return the p of direction against time order, with bounds where dates leave it open."""
    found = visits.order_test(view.visits)
    if found.low == found.high:
        return Value(found.p)
    return Value(found.p, found.low, found.high)


def date_combinations(view: View) -> int:
    """Return how many combinations of days the dates allow."""
    count = visits.count_combinations(view.visits, view.begins)
    if count >= 10**300:
        raise ValueError(f"a number of {len(str(count))} digits")
    return count


def _combined_gaps(view: View) -> np.ndarray:
    """Return the gaps of every combination of days, one row each."""
    if view.gaps < 2:
        raise ValueError("fewer than three visits have no two gaps to compare")
    days = visits.date_combinations(view.visits, view.begins)
    return np.diff(days.astype(int))


def increasing_share(view: View) -> float:
    """Return the share of combinations in which each gap is longer than the one before."""
    return float((np.diff(_combined_gaps(view)) > 0).all(axis=1).mean())


def increasing_p(view: View) -> float:
    """Return the chance that exchangeable gaps increase."""
    if view.gaps < 2:
        raise ValueError("fewer than three visits have no two gaps to compare")
    return 1 / factorial(view.gaps)


def gap_cv(view: View) -> Value:
    """Return the coefficient of variation of the gaps, over all combinations."""
    every = visits.gap_variation(_combined_gaps(view))
    return Value(every.mean(), every.min(), every.max())
