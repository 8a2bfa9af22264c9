"""How the functions on dates, visits and rates grow from 10 to 100,000 events, beside peers.

python -m pytest -m slow tests/benchmarks/test_growth_visits.py
python tests/benchmarks/test_growth_visits.py    (writes the table visits.md)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import perf_counter

import edtf
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats import rates

from relations_lib import dates, poisson, visits

SIZES = (10, 100, 1_000, 10_000, 100_000)
START, END = "1950-01-01", "2019-12-31"
WINDOWS = pd.DataFrame(
    {"id": ["all", "half"], "start": [START, "1980-06-15"], "end": [END, "2010-06-14"]}
)
PAIR = ["visitor", "host"]
STATES = [f"S{i:02d}" for i in range(60)]
FORMS = {"days": [10], "mixed": [4, 7, 10]}


@cache
def many(n: int, form: str) -> pd.DataFrame:
    """Visits on made-up days; all of them day-precise, or cut to a year or month as it comes."""
    rng = np.random.default_rng(n)
    visitor = rng.integers(0, 60, n)
    host = (visitor + rng.integers(1, 60, n)) % 60
    days = np.datetime64(START) + rng.integers(0, 25_566, n)
    cut = rng.choice(FORMS[form], n)
    texts = [str(day)[:length] for day, length in zip(days, cut, strict=True)]
    names = np.array(STATES)
    return pd.DataFrame({"visitor": names[visitor], "host": names[host], "date": texts})


def two_sides(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(visitor=np.where(table["visitor"] < "S30", "A", "B"))


@cache
def earliest(n: int, form: str) -> np.ndarray:
    days = dates.day_bounds(many(n, form)["date"])["earliest"].to_numpy()
    return (days.astype("datetime64[D]") - np.datetime64(START)).astype(int)


def days_of(table: pd.DataFrame) -> np.ndarray:
    form = "days" if table["date"].str.len().eq(10).all() else "mixed"
    return earliest(len(table), form)


def side_days(table: pd.DataFrame) -> list[np.ndarray]:
    first = (table["visitor"] < "S30").to_numpy()
    return [days_of(table)[first], days_of(table)[~first]]


OURS = {
    "dates.day_bounds": lambda t: dates.day_bounds(t["date"]),
    "visits.first_days": lambda t: visits.first_days(t, START, END),
    "visits.visit_rate": lambda t: visits.visit_rate(t, WINDOWS),
    "visits.visit_rate by pair": lambda t: visits.visit_rate(t, WINDOWS, by=PAIR),
    "visits.direction_tests": visits.direction_tests,
    "visits.order_test": lambda t: visits.order_test(two_sides(t)),
    "visits.visit_gaps": visits.visit_gaps,
    "visits.open_gap": lambda t: visits.open_gap(t, END),
    "poisson.garwood": lambda t: poisson.garwood(np.arange(len(t)), 1.0),
    "poisson.jeffreys": lambda t: poisson.jeffreys(np.arange(len(t)), 1.0),
    "poisson.rate_ratio": lambda t: poisson.rate_ratio(len(t), 3.0, len(t) + 9, 3.1),
    "poisson.laplace_p": lambda t: poisson.laplace_p(days_of(t), 25_567),
    "poisson.next_event": lambda t: poisson.next_event(np.arange(len(t)), 1.0, 0.5),
}
PEERS = {
    "dates.day_bounds": ("edtf", lambda t: [edtf.parse_edtf(d).lower_strict() for d in t["date"]]),
    "visits.order_test": ("scipy", lambda t: stats.mannwhitneyu(*side_days(t))),
    "visits.visit_gaps": ("pandas", lambda t: pd.to_datetime(t["date"]).sort_values().diff()),
    "poisson.garwood": (
        "statsmodels",
        lambda t: rates.confint_poisson(np.arange(len(t)), 1.0, method="exact-c"),
    ),
    "poisson.rate_ratio": (
        "statsmodels",
        lambda t: rates.test_poisson_2indep(len(t), 3.0, len(t) + 9, 3.1, method="exact-cond"),
    ),
    "poisson.laplace_p": (
        "scipy",
        lambda t: stats.irwinhall.cdf(days_of(t).sum() / 25_567, len(t)),
    ),
}


def seconds(run, table: pd.DataFrame) -> float:
    begin = perf_counter()
    run(table)
    return perf_counter() - begin


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_what_is_too_large_to_list_is_refused_at_once(form):
    table = many(100_000, form)
    begin = perf_counter()
    with pytest.raises(ValueError, match="combinations of 200,000 days"):
        visits.date_combinations(pd.concat([table, table.assign(date="1950")]))
    assert perf_counter() - begin < 10


@pytest.mark.slow
def test_dates_that_overlap_in_every_way_still_have_gap_bounds_in_seconds():
    n = 100_000
    day = np.arange(n) // 2
    wide = np.arange(n) % 2 == 0
    begin = perf_counter()
    dates.gap_bounds(np.where(wide, 0, day), np.where(wide, n, day))
    assert perf_counter() - begin < 10


def best(run, n: int, form: str) -> str:
    table = many(n, form)
    days_of(table)
    times = []
    for _ in range(2):
        dates.parse.cache_clear()
        times.append(seconds(run, table))
    return f"{min(times):.3f}"


def rows():
    for name, run in OURS.items():
        yield f"| `{name}` | {' | '.join(best(run, n, 'mixed') for n in SIZES)} |"
        if name in PEERS:
            peer, other = PEERS[name]
            form = "days" if peer == "pandas" else "mixed"
            slow = {"edtf": 1_000, "scipy": 10_000}.get(peer, 100_000)
            cells = [best(other, n, form) if n <= slow else "–" for n in SIZES]
            yield f"| {peer} instead | {' | '.join(cells)} |"


def main() -> None:
    head = "\n".join(
        [
            "# Dates, visits and rates, from 10 to 100,000 events",
            "",
            "Seconds (better of two runs, nothing kept from the first) for lists of made-up visits",
            "among 60 states, dated to the day, month or year as it comes. A peer stands below",
            "what it does instead; – where it was not waited for. Peers do one part: `edtf` reads",
            "the earliest day only, `pandas` takes differences of precise days (no bounds),",
            "`scipy` one p without bounds.",
            "",
            f"| function | {' | '.join(f'{n:,}' for n in SIZES)} |",
            f"|---|{'---|' * len(SIZES)}",
        ]
    )
    table = "\n".join([head, *rows(), ""])
    Path(__file__).with_name("visits.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
