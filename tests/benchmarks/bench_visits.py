"""Cost of the functions on visits, up to 100,000 visits among 60 states.

    python -m pytest tests/benchmarks/bench_visits.py

Named so that the default run leaves it out. ``test_cost_grows_no_faster_than_linearly`` compares
the best times at 100,000 and 25,000 visits; four times the visits may take six times as long.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from relations_lib import poisson, visits

START, END = "1950-01-01", "2019-12-31"
WINDOWS = pd.DataFrame(
    {"id": ["all", "half"], "start": [START, "1980-06-15"], "end": [END, "2010-06-14"]}
)
PAIR = ["visitor", "host"]


@cache
def many(n: int, precise: bool) -> pd.DataFrame:
    """Visits on made-up days; all of them day-precise, or cut to a year or month as it comes."""
    rng = np.random.default_rng(n)
    visitor = rng.integers(0, 60, n)
    host = (visitor + rng.integers(1, 60, n)) % 60
    days = np.datetime64(START) + rng.integers(0, 25_566, n)
    cut = np.full(n, 10) if precise else rng.choice([4, 7, 10], n)
    dates = [str(day)[:length] for day, length in zip(days, cut, strict=True)]
    names = np.array([f"S{i:02d}" for i in range(60)])
    return pd.DataFrame({"visitor": names[visitor], "host": names[host], "date": dates})


def two_sides(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(visitor=np.where(table["visitor"] < "S30", "A", "B"))


def midway(table: pd.DataFrame) -> np.ndarray:
    days = visits.first_days(table)["earliest"].to_numpy().astype("datetime64[D]")
    return (days - np.datetime64(START)).astype(int)


SPELLS = pd.DataFrame(
    [
        {"state": f"S{i:02d}", "city": str(y), "start": str(y), "end": str(y + 10)}
        for i in range(60)
        for y in range(1950, 2020, 10)
    ]
)
LINEAR = {
    "first_days": lambda t: visits.first_days(t, START, END),
    "visit_rate": lambda t: visits.visit_rate(t, WINDOWS),
    "visit_rate by pair": lambda t: visits.visit_rate(t, WINDOWS, by=PAIR),
    "rate_choices": lambda t: visits.rate_choices({"all": t}, WINDOWS),
    "direction_tests": visits.direction_tests,
    "order_test": lambda t: visits.order_test(two_sides(t)),
    "visit_gaps": visits.visit_gaps,
    "visit_gaps by pair": lambda t: visits.visit_gaps(t, START, END, by=PAIR),
    "count_combinations": visits.count_combinations,
    "sample_dates": lambda t: visits.sample_dates(t, size=20),
    "gap_variation": lambda t: visits.gap_variation(np.diff(midway(t))),
    "open_gap": lambda t: visits.open_gap(t, END, by=PAIR),
    "visit_trend": lambda t: visits.visit_trend(t, WINDOWS),
    "alignment": lambda t: visits.alignment(t["date"], ["1960", "1970"], 1950, 2019),
    "spells_at": lambda t: visits.spells_at(t, SPELLS, of="host"),
    "laplace_p": lambda t: poisson.laplace_p(midway(t), 25_566),
}


@pytest.mark.parametrize("precise", [True, False], ids=["days", "mixed"])
@pytest.mark.parametrize("n", [1_000, 10_000, 100_000])
@pytest.mark.parametrize("name", LINEAR)
def test_time(benchmark, name, n, precise):
    table = many(n, precise)
    benchmark.group = name
    benchmark.pedantic(LINEAR[name], (table,), rounds=2, warmup_rounds=n < 100_000)


@pytest.mark.parametrize("precise", [True, False], ids=["days", "mixed"])
@pytest.mark.parametrize("name", LINEAR)
def test_cost_grows_no_faster_than_linearly(name, precise):
    def best(n: int) -> float:
        table, times = many(n, precise), []
        for _ in range(4):
            begin = perf_counter()
            LINEAR[name](table)
            times.append(perf_counter() - begin)
        return min(times)

    assert best(100_000) <= 6 * best(25_000)


def test_an_enumeration_too_large_is_refused_at_once():
    table = many(100_000, False)
    begin = perf_counter()
    with pytest.raises(ValueError, match="combinations"):
        visits.date_combinations(table)
    assert perf_counter() - begin < 3
