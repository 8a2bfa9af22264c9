"""Findings on visits: how often, in which direction, how far apart, and what may follow."""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial, prod, sqrt

import numpy as np
import pandas as pd

from relations_lib import cadence, poisson, visits
from relations_lib.dates import window_days
from relations_lib.findings import _declared as declared
from relations_lib.findings._record import Value, View, made_once
from relations_lib.tables import Data

MONTH = pd.Timedelta(days=31)
NARROW = 2  # the ratio of bounds that counts as a narrow interval


# --- What records are made for -------------------------------------------------------------------


def each_package(data: Data) -> Iterator[View]:
    """Yield all visits between the two states."""
    between = declared.between(data, data.visits)
    yield View(
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
    begins = declared.windows(data)["start_earliest"].min()
    days = visits.first_days(table)
    early = (days["earliest"] <= begins + MONTH) & (days["latest"] >= begins - MONTH)
    yield View(
        visits=table,
        n=len(table),
        begins=begins.date().isoformat(),
        founding=_told(days[early]),
        later=table.loc[days.index[~early]],
        outward=table[table["visitor"] == data.about.home],
    )


def each_constant(data: Data) -> Iterator[View]:
    """Yield one view for what rests on no datum."""
    yield View(narrow=NARROW)


def each_window(data: Data) -> Iterator[View]:
    """Yield every window with the dated visits."""
    (dated,) = made_once(each_dated, data)
    for view in made_once(each_length, data):
        yield _counted_in(dated, view)


def each_length(data: Data) -> Iterator[View]:
    """Yield every window by itself."""
    for row in declared.windows(data).itertuples():
        yield _window(data.windows[data.windows["id"] == row.id])


def each_main(data: Data) -> Iterator[View]:
    """Yield the main window with the dated visits."""
    (dated,) = made_once(each_dated, data)
    yield _counted_in(dated, _window(declared.window(data)))


def each_silence(data: Data) -> Iterator[View]:
    """Yield the main window with the time from its end to the end of the silent one."""
    (main,) = made_once(each_main, data)
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
    (dated,) = made_once(each_dated, data)
    row = declared.directions(dated.visits, data.about.home)
    in_time = visits.first_days(dated.visits)
    yield dated.but(
        row=row,
        one=row.one,
        other=row.other,
        one_name=declared.called(data.states, row.one),
        other_name=declared.called(data.states, row.other),
        ratio=Value(row.ratio, row.low, row.high),
        order=declared.brief(in_time["visitor"]),
    )


def each_gap(data: Data) -> Iterator[View]:
    """Yield every gap between two visits, dates clipped to the start of the windows."""
    (dated,) = made_once(each_dated, data)
    found = visits.first_days(dated.visits, dated.begins)
    for row in visits.visit_gaps(dated.visits, dated.begins).itertuples():
        around = found.iloc[row.number - 1 : row.number + 1]
        one, other = around["id"]
        view = dated.but(
            number=row.number,
            told=f"{_told(around)}, not before {dated.begins}",
            gap=Value(row.mean, row.least, row.greatest, n=2),
            how="mean over all days that the two dates allow",
            rests=f"visits#{one} visits#{other}",
        )
        if np.isnan(row.mean):
            middle = (row.least + row.greatest) / 2
            view = view.but(
                told=f"{row.number} and next in time, whichever they are: the order is open",
                gap=Value(middle, row.least, row.greatest, n=2),
                how="middle of the bounds",
                rests=declared.each_row(dated.visits, "visits"),
            )
        yield view


def each_combined(data: Data) -> Iterator[View]:
    """Yield the visits with all days that they may have begun on."""
    (dated,) = made_once(each_dated, data)
    found = visits.first_days(dated.visits, dated.begins)
    yield dated.but(found=found, gaps=len(found) - 1, told=_told(found))


def each_agreements(data: Data) -> Iterator[View]:
    """Yield the agreements that the page ties to a visit."""
    (dated,) = made_once(each_dated, data)
    signed = data.agreements[data.agreements["visit"].isin(dated.visits["id"])]
    yield dated.but(
        agreements=len(signed),
        documents=int(signed["documents"].sum()),
        rests=declared.each_row(signed, "agreements"),
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


def _counted_in(dated: View, window: View) -> View:
    """Return visits in a window: how many, its years and the rate."""
    years = window.days / 365.25
    rate = declared.visit_rate(dated.visits, window.frame)
    dates = visits.first_days(dated.visits, window.start, window.end)["date"].tolist()
    span = (window.start, window.end)
    return window.but(**vars(dated)).but(inside=rate.n, T=years, rate=rate, dates=dates, span=span)


def _told(found: pd.DataFrame) -> str:
    """Return the visits with the days on which each may begin, in words."""
    told = []
    for row in found.itertuples():
        first = row.earliest.date().isoformat()
        last = row.latest.date().isoformat()
        days = f"on {first}" if first == last else f"in {first} to {last}"
        told.append(f"{row.id} {days}")
    return declared.brief(told, ", ")


# --- What is computed ----------------------------------------------------------------------------


def open_gap(view: View) -> Value:
    """Return the days from the last visit to the end of a window."""
    least, greatest = visits.open_gap(view.visits, view.end)
    if least == greatest:
        return Value(least, n=1)
    return Value((least + greatest) / 2, least, greatest, n=1)


def rate_one_direction(view: View) -> Value:
    """Return the rate of the visits from the page's own state."""
    return declared.visit_rate(view.outward, view.frame)


def rate_without_founding(view: View) -> Value:
    """Return the rate without the visits of the first month."""
    if not view.founding:
        raise ValueError(f"no visit may begin within 31 days of {view.begins}")
    return declared.visit_rate(view.later, view.frame)


def rate_jeffreys(view: View) -> Value:
    """Return the rate with Jeffreys' interval."""
    low, high = poisson.jeffreys(view.inside, view.T)
    return Value(view.inside / view.T, low, high)


def years_per_visit(view: View) -> Value:
    """Return the years per visit."""
    if not view.inside:
        raise ValueError("no visit in this window")
    return Value(1 / view.rate.value, 1 / view.rate.high, 1 / view.rate.low)


def next_within_one_year(view: View) -> float:
    """Return the predictive chance of a visit within a year."""
    return 1 - poisson.p_none(view.inside, view.T, 1)


def _width(count: int) -> float:
    low, high = poisson.garwood(count)
    return high / low


def interval_ratio(view: View) -> float:
    """Return how many times the lower bound the upper one is."""
    return _width(view.n)


def events_for_half_log_width(view: View) -> int:
    """Return the count whose interval is half as wide on the logarithmic scale."""
    return poisson.count_for_ratio(sqrt(_width(view.n)))


def years_for_twofold_interval(view: View) -> float:
    """Return the years until as many visits as make a narrow interval, at the main rate."""
    return poisson.count_for_ratio(NARROW) * years_per_visit(view).value


def date_combinations(view: View) -> int:
    """Return how many combinations of days the dates allow: the product of their days."""
    days = (view.found["latest"] - view.found["earliest"]).dt.days + 1
    count = prod(days.tolist())
    if count >= 10**300:
        raise ValueError(f"a number of {len(str(count))} digits")
    return count


def _combined_gaps(view: View) -> np.ndarray:
    """Return the gaps of every combination of days, one row each."""
    if view.gaps < 2:
        raise ValueError("fewer than three visits have no two gaps to compare")
    days = visits.date_combinations(view.visits, view.begins)
    return np.diff(np.sort(days.astype(int), axis=1))


def increasing_share(view: View) -> float:
    """Return the share of combinations in which each gap is longer than the one before.

    It is 0 or 1 where the bounds of the gaps decide, however many the combinations are.
    """
    gaps = visits.visit_gaps(view.visits, view.begins)
    least = gaps["least"].to_numpy()
    greatest = gaps["greatest"].to_numpy()
    if view.gaps > 1 and (greatest[:-1] < least[1:]).all():
        return 1.0
    if (least[:-1] >= greatest[1:]).any():
        return 0.0
    return float((np.diff(_combined_gaps(view)) > 0).all(axis=1).mean())


def increasing_p(view: View) -> float:
    """Return the chance that exchangeable gaps increase."""
    if view.gaps < 2:
        raise ValueError("fewer than three visits have no two gaps to compare")
    return 1 / factorial(view.gaps)


def gap_cv(view: View) -> Value:
    """Return the coefficient of variation of the gaps, over all combinations."""
    every = cadence.gap_cv(_combined_gaps(view))
    return Value(every.mean(), every.min(), every.max())
