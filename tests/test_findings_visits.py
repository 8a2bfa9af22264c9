"""Findings on visits: by an independent route, and on other data than the page's."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from math import comb, sqrt

import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data
from scipy import integrate, stats
from statsmodels.stats.rates import confint_poisson

from relations_lib.findings import collect

START = date(1993, 1, 7)
ENDS = {"to_2012": date(2012, 12, 31), "to_2013": date(2013, 12, 31), "to_page": date(2020, 3, 1)}
DAYS = [
    [START + timedelta(i) for i in range(25)],
    [date(1995, 11, 1) + timedelta(i) for i in range(30)],
    [date(2000, 6, 1) + timedelta(i) for i in range(30)],
    [date(2007, 9, 12)],
]
T = {name: ((end - START).days + 1) / 365.25 for name, end in ENDS.items()}


@pytest.fixture(scope="module")
def data():
    return frozen_data()


def found(data) -> pd.DataFrame:
    return collect(data, ["visits"])[0].set_index("key")


@pytest.fixture(scope="module")
def results(frozen_findings):
    return frozen_findings[frozen_findings["notebook"] == "01"]


def expected() -> dict[str, tuple]:
    """Return what the findings must be, from the dates alone, by loops and other libraries."""
    gaps = np.array([np.diff([d.toordinal() for d in days]) for days in product(*DAYS)])
    cv = stats.variation(gaps, axis=1)
    share = stats.binomtest(2, 4).proportion_ci(method="exact")
    tosses = [comb(4, k) / 16 for k in range(5)]
    orders = [(a, b) for a in range(4) for b in range(a)]
    ahead = (ENDS["to_page"] - ENDS["to_2013"]).days / 365.25
    posterior = stats.gamma(4.5, scale=1 / T["to_2013"])

    def predictive(time):
        return integrate.quad(lambda r: posterior.pdf(r) * np.exp(-r * time), 0, 3, epsabs=1e-12)[0]

    width = [confint_poisson(k, 1, method="exact-c") for k in range(1, 60)]
    ratio = [high / low for low, high in width]
    values = {
        "visits.count": (4,),
        "visits.rate_without_founding.to_2013": rate(3, "to_2013"),
        "visits.rate_one_direction.to_2013": rate(2, "to_2013"),
        "visits.rate_jeffreys.to_2013": rate(4, "to_2013", "jeff"),
        "visits.events_for_twofold_interval": (1 + next(i for i, r in enumerate(ratio) if r <= 2),),
        "visits.events_for_half_log_width": (
            1 + next(i for i, r in enumerate(ratio) if r <= sqrt(ratio[3])),
        ),
        "visits.direction.ratio": (1, *(p / (1 - p) for p in share)),
        "visits.direction.p": (1,),
        "visits.direction.smallest_possible_p": (tosses[0] + tosses[4],),
        "visits.direction.order_p": (2 * sum(o == (1, 0) for o in orders) / len(orders),),
        "visits.gaps.date_combinations": (len(gaps),),
        "visits.gaps.increasing_share": (np.mean([a < b < c for a, b, c in gaps]),),
        "visits.gaps.increasing_p": (1 / 6,),
        "visits.gap_cv": (cv.mean(), cv.min(), cv.max()),
        "visits.next.p_within_one_year.to_2013": (1 - predictive(1),),
        "visits.silence.p_none_2014_to_page": (predictive(ahead),),
        "visits.agreements.documents": (1,),
    }
    for i, column in enumerate(gaps.T, 1):
        values[f"visits.gap_days.{i}"] = (column.mean(), column.min(), column.max())
    for name, end in ENDS.items():
        length = (end - START).days + 1
        values[f"window.{name}.days"] = (length,)
        values[f"visits.rate.{name}"] = rate(4, name)
        values[f"visits.open_gap_days.{name}"] = ((end - date(2007, 9, 12)).days,)
        sums = np.array([sum((d - START).days for d in days) for days in product(*DAYS)])
        totals = np.array([sums.mean() + 4 * 0.5, sums.min(), sums.max() + 4])
        u = (totals / 4 - length / 2) / (length / sqrt(48))
        values[f"visits.trend.laplace.{name}"] = (*u,)
        p = (2 * irwin_hall_4(total / length) for total in totals)  # all are below one half
        values[f"visits.trend.laplace_p.{name}"] = (*p,)
    return values


def rate(count, window, method="exact-c"):
    bounds = confint_poisson(count, T[window], method=method)
    return (count / T[window], *bounds)


def irwin_hall_4(x):
    return sum((-1) ** k * comb(4, k) * max(x - k, 0) ** 4 for k in range(5)) / 24


@pytest.mark.parametrize(("key", "values"), expected().items(), ids=expected().keys())
def test_a_finding_agrees_with_an_independent_route(results, key, values):
    row = results.loc[key, ["value", "low", "high"]][: len(values)]
    assert row.tolist() == pytest.approx(values, rel=1e-8, abs=1e-9)


def test_every_finding_is_defined_and_rests_on_rows_that_exist(data, results):
    for key, rests in results["rests_on"].items():
        assert results.loc[key, "notebook"] == "01"
        for name, row in (part.split("#") for part in rests.split()):
            assert row == "*" or row in set(data[name]["id"])


def test_bounds_enclose_the_value(results):
    bounded = results.dropna(subset=["low", "high"])
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()


# --- Other data ---------------------------------------------------------------------------------


def replaced(data, **tables):
    return type(data)(data.path, data.schema, {**data.tables, **tables})


def test_fewer_visits_leave_out_what_they_cannot_give(data):
    none = found(replaced(data, visits=data.visits.iloc[:0]))
    assert none.loc["visits.count", "value"] == 0
    assert not any(key.startswith("visits.rate") for key in none.index)
    one = found(replaced(data, visits=data.visits.iloc[:1]))
    assert "visits.gap_cv" not in one.index
    assert "visits.direction.order_p" not in one.index
    two = found(replaced(data, visits=data.visits.iloc[1:3]))
    assert "visits.rate_without_founding.to_2013" not in two.index
    assert two.loc["visits.gap_days.1", "low"] == 1645
    assert "visits.gap_cv" not in two.index


def test_no_meetings_and_one_window_are_enough(data):
    table = found(replaced(data, meetings=data.meetings.iloc[:0], windows=data.windows.iloc[:1]))
    assert "visits.rate.to_2012" in table.index
    assert not any("silence" in key for key in table.index)
    none = found(replaced(data, windows=data.windows.iloc[:0])).index
    counts = ["visits.count", "visits.others", "visits.undated"]
    assert none.tolist() == [*counts, "visits.events_for_twofold_interval"]


def test_an_undated_visit_counts_and_is_left_out_of_rates(data):
    undated = data.visits.iloc[:1].assign(id="v-undated", date=None)
    table = found(replaced(data, visits=pd.concat([data.visits, undated], ignore_index=True)))
    assert table.loc["visits.count", "value"] == 5
    assert table.loc["visits.rate.to_2013", "n"] == 4


def test_of_many_year_precise_visits_those_of_the_pair_give_findings(data):
    rng = np.random.default_rng(2)
    n = 500
    rows = data.visits.iloc[[0] * n].reset_index(drop=True)
    states = np.array(["TJK", "KAZ", "KGZ"])
    visitor = rng.integers(0, 3, n)
    own = int((visitor == 0).sum())  # from the first to the second of the states
    rows = rows.assign(
        id=[f"x{i}" for i in range(n)],
        date=rng.integers(1993, 2013, n).astype(str),
        visitor=states[visitor],
        host=states[(visitor + 1) % 3],
    )
    table = found(replaced(data, visits=rows, agreements=data.agreements.iloc[:0]))
    assert table.loc["visits.rate.to_2013", "n"] == own
    assert table.loc["visits.others", "value"] == n - own
    assert "visits.gaps.date_combinations" not in table.index
    assert "visits.gap_cv" not in table.index


@pytest.mark.parametrize(("years", "share"), [((2016, 2027), 1.0), ((2008, 2009), 0.0)])
def test_combinations_too_many_to_list_are_counted_and_gaps_told_by_their_bounds(
    data, years, share
):
    """A month for each of the four, a year for each of two more: over ten million combinations."""
    more = data.visits.iloc[[-1, -1]].assign(id=["v8", "v9"], date=[str(year) for year in years])
    grown = pd.concat([data.visits.assign(date=data.visits["date"].str[:7]), more])
    table = found(replaced(data, visits=grown.reset_index(drop=True)))
    assert table.loc["visits.gaps.date_combinations", "value"] == 25 * 30**3 * 366 * 365
    assert table.loc["visits.gaps.increasing_share", "value"] == share


def test_a_changed_date_changes_what_rests_on_it(data, results):
    moved = data.visits.assign(date=data.visits["date"].replace("2000-06", "2001-06"))
    table = found(replaced(data, visits=moved))
    differing = table.index[(table["value"] - results["value"].reindex(table.index)).abs() > 1e-12]
    assert {"visits.gap_days.2", "visits.gap_days.3", "visits.gap_cv"} <= set(differing)
    assert "visits.gap_days.1" not in differing
