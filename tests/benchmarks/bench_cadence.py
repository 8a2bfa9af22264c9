"""Growth of the functions on lists, gaps and tables, from 10 to 100,000 events.

    python -m pytest -s tests/benchmarks/bench_cadence.py

Named so that the default run leaves it out; ``test_any_size.py`` holds every function to seconds
and 1 GB. Peers stand beside where one exists. The table of one run is ``cadence.md``.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from relations_lib import cadence, nulls, pace

SIZES = (10, 100, 1_000, 10_000, 100_000)
DAYS = ("1950-01-01", "2019-12-31")
MOST_SECONDS = 30


@cache
def days(n: int) -> tuple[str, ...]:
    """Made-up days of seventy years, several in one for long lists."""
    random = np.random.default_rng(n)
    found = np.datetime64(DAYS[0]) + np.sort(random.integers(0, 25_567, n))
    return tuple(found.astype(str))


def years(n: int) -> list[str]:
    return [day[:4] for day in days(n)]


@cache
def gaps(n: int) -> pd.DataFrame:
    return cadence.meeting_gaps(days(n))


def censored(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(n)
    ended, watched = random.exponential(size=n), random.exponential(3, size=n)
    low = np.minimum(ended, watched)
    return low, np.where(ended <= watched, low, np.inf)


def apart(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(n)
    middle = random.exponential(size=n)
    return (middle - random.random(n)).clip(0), middle + random.random(n)


CALLS = {
    "meeting_gaps": lambda n: cadence.meeting_gaps(days(n)),
    "cv_bounds": lambda n: cadence.cv_bounds(days(n)),
    "evenness, years": lambda n: cadence.evenness(years(n)),
    "evenness, days": lambda n: cadence.evenness(days(n), "day"),
    "survival, open gaps": lambda n: cadence.survival(*censored(n)),
    "survival, bounds": lambda n: cadence.survival(*apart(n)),
    "rank_sum, years": lambda n: pace.rank_sum(years(n), (1950, 2019)),
    "rank_sum, days": lambda n: pace.rank_sum(days(n), DAYS),
    "tied_sum, years": lambda n: pace.tied_sum(years(n), (1950, 2019)),
    "tied_sum, days": lambda n: pace.tied_sum(days(n), DAYS),
    "laplace": lambda n: pace.laplace(days(n), DAYS),
    "power_law": lambda n: pace.power_law(days(n), DAYS),
    "halves": lambda n: pace.halves(days(n), DAYS),
    "renewal": lambda n: pace.renewal(gaps(n)["years"]),
    "scan, years": lambda n: pace.scan(years(n), (1950, 2019)),
    "scan, days": lambda n: pace.scan(days(n), DAYS),
    "change_point": lambda n: pace.change_point(days(n), DAYS),
    "with_added": lambda n: pace.with_added(years(n), (1900, 2019), 3, 1950),
    "all_choices": lambda n: pace.all_choices(days(n), [DAYS]),
    "null_same_sizes": lambda n: nulls.null_same_sizes([5] * n, 200),
}


def kaplan_meier(n: int) -> object:
    from statsmodels.duration.survfunc import SurvfuncRight

    low, high = censored(n)
    return SurvfuncRight(low, np.isfinite(high).astype(int))


def mann_whitney(n: int) -> object:
    met = np.unique([int(year) for year in years(n)])
    return stats.mannwhitneyu(met, np.setdiff1d(np.arange(1950, 2020), met), method="exact")


PEERS = {
    "survival, open gaps": ("statsmodels SurvfuncRight", kaplan_meier),
    "rank_sum, years": ("scipy mannwhitneyu, exact", mann_whitney),
    "meeting_gaps": ("pandas diff", lambda n: pd.Series(pd.to_datetime(list(days(n)))).diff()),
}


def timed(run, n: int) -> tuple[float, str]:
    begin = perf_counter()
    try:
        run(n)
    except ValueError as reason:
        return perf_counter() - begin, f"refused ({reason})"
    return perf_counter() - begin, ""


@pytest.mark.parametrize("name", CALLS)
def test_every_call_answers_or_refuses_in_seconds_at_any_size(name, capsys):
    taken = []
    for n in SIZES:
        days(n), gaps(n)
        seconds, refused = timed(CALLS[name], n)
        assert seconds < MOST_SECONDS
        taken.append("refused" if refused else f"{seconds:.2f}")
    row = f"| `{name}` | {' | '.join(taken)} |"
    if name in PEERS:
        peer, run = PEERS[name]
        with np.errstate(all="ignore"):
            row += f"\n| {peer} | " + " | ".join(f"{timed(run, n)[0]:.2f}" for n in SIZES) + " |"
    with capsys.disabled():
        print("\n" + row)
