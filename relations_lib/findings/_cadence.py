"""Findings on the commission's meetings: how often, how evenly, with what trend, when next.

Windows are those of the table ``windows`` in whole calendar years (a last year that is not over
does not count), by their ends: the first is the main one, the last the silent one, and all but
the last can be defended. What a test cannot say of other data is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from relations_lib import cadence, pace, sources
from relations_lib.findings._record import Finding
from relations_lib.poisson import garwood, laplace_u
from relations_lib.tables import Data

LISTED = "meetings#*"
Rows = Iterator[tuple]  # key, number of observations, function, its arguments


def whole_year_windows(data: Data) -> dict[str, cadence.Window]:
    """Return each window as its first and last whole calendar year, by id, earliest end first."""
    windows = data.windows.sort_values("end_earliest", kind="stable")
    ends = windows["end_latest"]
    last = ends.dt.year - ~((ends.dt.month == 12) & (ends.dt.day == 31))
    pairs = zip(windows["start_earliest"].dt.year.tolist(), last.tolist(), strict=True)
    return dict(zip(windows["id"], pairs, strict=True))


def missing_before(data: Data) -> tuple[int, int, int]:
    """Return how many meetings must and can be missing before the first numbered; its year."""
    numbered = sources.numbered_sessions(data)
    audit = sources.ordinal_audit(numbered, sources.day_spans(data.meetings))
    if audit.missing_before is None:
        raise ValueError("the numbers reported elsewhere exclude each other: see ordinal_audit")
    first = numbered[numbered["certain"]].nsmallest(1, "number")
    return *audit.missing_before, int(first["earliest"].dt.year.iloc[0])


def findings(data: Data) -> Iterator[Finding]:
    """Yield the findings of this section."""
    yield Finding("meetings.count", len(data.meetings), n=len(data.meetings), rests_on=LISTED)
    windows, dated = whole_year_windows(data), data.meetings.dropna(subset="date")
    given = {f" windows#{id}": (_inside(dated, span), span) for id, span in windows.items()}
    if not windows or not all(dates for dates, _ in given.values()):
        return
    *defended, silent = given if len(given) > 1 else [*given] * 2
    main, newest, spans = defended[0], defended[-1], [given[id][1] for id in defended]
    sections = [
        *((_by_window(*given[id]), id) for id in defended),
        (_own_window(given[main][0], spans), ""),
        (_spacing(dated["date"].tolist()), ""),
        (_trend(*given[main]), main),
        (_all_choices(given[main][0], spans), "".join(defended)),
        (_pace(*given[silent], "rate_with_silent_years", "trend.silent_years_p"), silent),
        (_added(*given[main], data), f"{main} sessions_elsewhere#*"),
        (_open_gap(*given[newest]), newest),
    ]
    for rows, rests in sections:
        with suppress(ValueError):  # the section as a whole cannot be given
            for key, n, *run in rows:
                yield from _finding(f"meetings.{key}", n, LISTED + rests, *run)


def _inside(dated: pd.DataFrame, window: cadence.Window) -> list[str]:
    early, late = dated["date_earliest"].dt.year, dated["date_latest"].dt.year
    return dated.loc[(early >= window[0]) & (late <= window[1]), "date"].tolist()


def _finding(key: str, n: int, rests: str, run: Callable, *given: Any) -> Iterator[Finding]:
    """Yield the finding, or nothing if the data cannot give it."""
    with suppress(ValueError):
        found = run(*given)
        if isinstance(found, cadence.Result):
            spread = 1.96 * found.error
            found = (found.p, found.p - spread, found.p + spread) if spread else found.p
        value, low, high = found[:3] if isinstance(found, tuple) else (found, None, None)
        yield Finding(key, value, low, high, n, rests)


def _rate(dates: list[str], window: cadence.Window) -> tuple[float, ...]:
    count, years = len(cadence.calendar_years(dates, window)), cadence.grid_of(window).cells
    return (count / years, *map(float, garwood(count, years)))


def _laplace(dates: list[str], window: cadence.Window) -> tuple[float, ...]:
    grid, span = cadence.instants(dates, window)
    middle, early, late = span.mean(axis=1), *span.T
    return tuple(laplace_u(times, grid.cells) for times in (middle, early, late))


def _by_window(dates: list[str], window: cadence.Window) -> Rows:
    n, name, given = len(dates), "{}_{}".format(*window), (dates, window)
    yield f"rate.{name}", n, _rate, *given
    yield f"quiet_years.{name}", n, lambda: len(pace.quiet_years(*given))
    yield f"trend.rank_sum_p.{name}", n, pace.rank_sum, *given
    yield f"trend.first_fixed_p.{name}", n - 1, pace.rank_sum, *given, ["first"]
    yield f"trend.ties_p.{name}", n, pace.tied_sum, *given
    yield f"trend.odds_growth.{name}", n, pace.odds_growth, *given
    yield f"trend.power_law_beta.{name}", n, lambda: pace.power_law(*given).statistic
    yield f"trend.power_law_p.{name}", n, pace.power_law, *given
    yield f"trend.laplace.{name}", n, _laplace, *given
    yield f"trend.laplace_p.{name}", n, pace.laplace, *given


def _pace(dates: list[str], window: cadence.Window, rate: str, trend: str) -> Rows:
    yield rate, len(dates), _rate, dates, window
    yield trend, len(dates), pace.rank_sum, dates, window


def _own_window(dates: list[str], defended: list[cadence.Window]) -> Rows:
    first, *_, last = cadence.calendar_years(dates) * 2
    if (first, last) not in defended:
        name = f"{first}_{last}"
        yield from _pace(dates, (first, last), f"rate.{name}", f"trend.rank_sum_p.{name}")


def _spacing(dates: list[str]) -> Rows:
    gaps = np.diff(cadence.calendar_years(dates))
    m, bounds, cv = len(gaps), cadence.meeting_gaps(dates), partial(cadence.gap_cv, gaps)
    for name in ("mean", "median", "min", "max"):
        yield f"gap_years.{name}", m, getattr(np, name), gaps
    off = bounds[["low", "high"]].sub(bounds["years"], axis=0).abs()
    yield "gap_years.error", m, off.to_numpy().max
    yield "gap_cv", m, lambda: (cv(), *cadence.cv_bounds(dates)[1:3])
    yield "burstiness", m, lambda: cadence.burstiness(cv())
    yield "evenness_p", m, cadence.evenness, dates
    yield "trend.renewal_p", m, pace.renewal, gaps


def _trend(dates: list[str], window: cadence.Window) -> Rows:
    n, given = len(dates), (dates, window)
    sizes = (n, cadence.grid_of(window).cells)
    yield "distinct_years_p", n, cadence.distinct_years_p, *sizes
    yield "trend.rank_sum_p.last_fixed", n - 1, pace.rank_sum, *given, ["last"]
    yield "trend.rank_sum_p.ends_fixed", n - 2, pace.rank_sum, *given, ["first", "last"]
    yield "trend.halves_p", n, pace.halves, *given
    yield "trend.scan_p", n, lambda: pace.scan(*given)[1]
    yield "trend.scan_year", n, lambda: pace.scan(*given)[0]
    yield "trend.split_after_looking_p", n, pace.fisher_split, *given, 2003
    yield "trend.change_point_bayes_factor", n, lambda: pace.change_point(*given)[0]
    yield "trend.change_point_top_probability", n, lambda: max(pace.change_point(*given)[1])
    for growth in (2, 4, 8, 16):
        yield f"power.odds_x{growth}", n, pace.power, *sizes, growth
    yield "power.odds_for_80_percent", n, pace.growth_for_power, *sizes


def _all_choices(dates: list[str], windows: list[cadence.Window]) -> Rows:
    p, n = pace.all_choices(dates, windows)["p"].dropna(), len(dates)
    yield "trend.choices", n, len, p
    yield "trend.choices_at_most_5_percent", n, (p <= 0.05).sum
    yield "trend.choices_p", n, lambda: (p.median(), p.min(), p.max())


def _added(dates: list[str], window: cadence.Window, data: Data) -> Rows:
    n, (least, most, year) = len(dates), missing_before(data)
    added = partial(pace.with_added, dates, window, before=year)
    yield "trend.rank_sum_with_missing_p", n, added, least
    yield "trend.rank_sum_with_most_missing_p", n, lambda: (added(most).low, *added(most)[1:3])


def _open_gap(dates: list[str], window: cadence.Window) -> Rows:
    years = cadence.calendar_years(dates)
    waited = window[1] - years[-1]
    yield "open_gap_years", 1, lambda: (waited, waited, waited + 1)
