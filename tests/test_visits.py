"""Visits with imprecise dates, against brute force and other libraries."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import confint_poisson

from relations_lib import load, visits
from relations_lib.dates import bounds

PAIR = pd.DataFrame(
    {
        "visitor": ["A", "A", "B", "B"],
        "host": ["B", "B", "A", "A"],
        "date": ["1993-01", "1995-11", "2000-06", "2007-09-12/2007-09-13"],
    }
)
WINDOWS = pd.DataFrame(
    {
        "id": ["short", "long"],
        "start": ["1993-01-07", "1993-01-07"],
        "end": ["2012-12-31", "2020-03-01"],
    }
)
EPOCH = date(2000, 1, 1)


def spans(earliest, latest):
    """A table of visits that each begin on one of some days around the year 2000."""
    days = [
        [(EPOCH + timedelta(int(d))).isoformat() for d in pair]
        for pair in zip(earliest, latest, strict=True)
    ]
    return pd.DataFrame({"earliest": [a for a, _ in days], "latest": [b for _, b in days]})


def dated(*dates, **columns):
    """A table of visits with these dates."""
    return pd.DataFrame({"date": [*dates], **columns})


def many(n, seed=5, states=12, precise=True):
    """Many visits among several states on made-up days."""
    rng = np.random.default_rng(seed)
    names = np.array([f"S{i:02d}" for i in range(states)])
    visitor = rng.integers(0, states, n)
    host = (visitor + rng.integers(1, states, n)) % states
    days = [(EPOCH + timedelta(int(d))).isoformat() for d in rng.integers(0, 9000, n)]
    cut = [10] * n if precise else rng.choice([4, 7, 10], n)
    dates = [day[:k] for day, k in zip(days, cut, strict=True)]
    return pd.DataFrame({"visitor": names[visitor], "host": names[host], "date": dates})


# --- First days ---------------------------------------------------------------------------------


def test_a_visit_of_two_days_begins_on_the_first():
    days = visits.first_days(PAIR)
    assert (days["earliest"].iloc[-1], days["latest"].iloc[-1]) == (pd.Timestamp("2007-09-12"),) * 2


def test_a_date_that_straddles_the_window_is_clipped_and_says_so():
    days = visits.first_days(PAIR, "1993-01-07", "2000-06-15")
    assert days["earliest"].dt.strftime("%m-%d").tolist() == ["01-07", "11-01", "06-01"]
    assert days["latest"].dt.strftime("%m-%d").tolist() == ["01-31", "11-30", "06-15"]
    assert days["straddles"].tolist() == [True, False, True]


def test_both_end_days_of_a_window_belong_to_it():
    table = pd.DataFrame({"date": ["2000-01-01", "2000-12-31", "1999-12-31", "2001-01-01"]})
    assert len(visits.first_days(table, "2000-01-01", "2000-12-31")) == 2


def test_the_order_of_rows_does_not_matter():
    shuffled = PAIR.iloc[[2, 0, 3, 1]]
    assert visits.first_days(shuffled)["date"].tolist() == PAIR["date"].tolist()
    pd.testing.assert_frame_equal(visits.visit_gaps(shuffled), visits.visit_gaps(PAIR))
    assert visits.order_test(shuffled) == visits.order_test(PAIR)


@pytest.mark.parametrize("convert", [pd.to_datetime, lambda c: pd.to_datetime(c).dt.date])
def test_days_may_be_texts_dates_or_time_stamps(convert):
    texts = many(50)
    other = texts.assign(date=convert(texts["date"]))
    for run in (lambda table: visits.visit_rate(table, WINDOWS), visits.visit_gaps):
        numbers = [run(table).select_dtypes("number") for table in (texts, other)]
        pd.testing.assert_frame_equal(*numbers)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"when": ["1993"]}), "no column date"),
        (pd.DataFrame({"date": ["1993", None]}), "row 1 has no date"),
        (pd.DataFrame({"date": ["1993", "last May"]}), "row 1.*last May"),
    ],
)
def test_a_table_without_usable_dates_is_refused_with_the_place(table, said):
    with pytest.raises(ValueError, match=said):
        visits.first_days(table)


@pytest.mark.parametrize("text", ["2007-09-13/2007-09-12", "2007/2006", "2007-05/2007-04"])
def test_a_visit_may_not_end_before_it_begins(text):
    with pytest.raises(ValueError, match=f"row 1: '{text}' is no date"):
        visits.first_days(dated("2001", text))


def test_a_visit_counts_on_its_first_day_whatever_is_known_of_its_end():
    days = visits.first_days(dated("2007-05/..", "2007-06/", "1995/1995-03"))
    assert days["earliest"].dt.strftime("%F").tolist() == ["1995-01-01", "2007-05-01", "2007-06-01"]
    assert days["latest"].dt.strftime("%F").tolist() == ["1995-03-31", "2007-05-31", "2007-06-30"]
    assert not days["straddles"].any()


def test_a_start_without_a_bound_is_the_windows_and_says_that_it_straddles():
    table = dated("../1995-03", "/1995-03")
    with pytest.raises(ValueError, match="no bound at its start"):
        visits.first_days(table)
    days = visits.first_days(table, start="1993-01-07")
    assert days["earliest"].dt.strftime("%F").tolist() == ["1993-01-07"] * 2
    assert days["straddles"].all()
    rates = visits.visit_rate(table, WINDOWS)
    assert (rates["certain"].tolist(), rates["visits"].tolist()) == ([0, 0], [2, 2])
    assert visits.first_days(table, start="1996-01-01").empty


def test_a_qualified_date_needs_its_doubt_in_every_function():
    table = PAIR.assign(date=["1993-02?", "1995-11~", "2000-06%", "2007"])
    ways = {
        "visit_rate": lambda **kw: visits.visit_rate(table, WINDOWS, **kw),
        "order_test": lambda **kw: visits.order_test(table, **kw),
        "visit_gaps": lambda **kw: visits.visit_gaps(table, **kw),
        "date_combinations": lambda **kw: visits.date_combinations(table[1:2], **kw),
        "open_gap": lambda **kw: visits.open_gap(table, "2013-12-31", **kw),
    }
    for run in ways.values():
        with pytest.raises(ValueError, match=r"row \d: '.*' has no exact bounds.*give doubt"):
            run()
        run(doubt=40)
    assert visits.first_days(table, doubt=2)["latest"].iloc[0] == pd.Timestamp("1993-03-02")


def test_dates_of_any_century_stand_in_an_open_window():
    table = dated("0005-01-01", "1600", "1677-09-20", "9999-12-31")
    days = visits.first_days(table)
    assert days["earliest"].dt.year.tolist() == [5, 1600, 1677, 9999]
    assert not days["straddles"].any()
    late = visits.first_days(table, start="1600-02-01")
    assert late["straddles"].tolist() == [True, False, False]
    assert visits.first_days(table, end="1600-02-01")["straddles"].tolist() == [False, True]
    assert visits.open_gap(dated("1600-01-01"), "1700-01-01") == (36525, 36525)
    whole = (date(9999, 12, 31) - date(5, 1, 1)).days
    assert visits.open_gap(table[:1], "9999-12-31") == (whole, whole)
    gaps = visits.visit_gaps(table)["least"]
    assert gaps.tolist() == [(date(1600, 1, 1) - date(5, 1, 1)).days, 28022, 3039649]


@pytest.mark.parametrize(
    ("table", "by", "said"),
    [
        (PAIR, "visitor", "no column v"),
        (PAIR, ["xx"], "no column xx"),
        (PAIR.iloc[:1], ["xx"], "no column xx"),
        (PAIR.assign(host=["A", "B", None, None]), ["visitor", "host"], "row 2 has no host .2 in"),
        (PAIR.assign(visits=1), ["visits"], "column visits of its own"),
        (PAIR.assign(window=1), ["window"], "column window of its own"),
    ],
)
def test_groups_need_a_list_of_columns_without_a_gap_or_a_name_of_the_result(table, by, said):
    with pytest.raises(ValueError, match=said):
        visits.visit_rate(table, WINDOWS, by=by)


def test_windows_need_a_row_and_three_columns():
    with pytest.raises(ValueError, match="no window"):
        visits.visit_rate(PAIR, WINDOWS.iloc[:0])
    for name in WINDOWS:
        with pytest.raises(ValueError, match=f"no column {name}"):
            visits.visit_rate(PAIR, WINDOWS.drop(columns=name))


def test_a_window_that_runs_backwards_is_refused():
    with pytest.raises(ValueError, match="swap"):
        visits.first_days(PAIR, "2000-01-01", "1999-01-01")


# --- How often ----------------------------------------------------------------------------------


def test_rates_agree_with_a_loop_and_statsmodels():
    table = many(400, precise=False)
    windows = pd.DataFrame({"id": ["w"], "start": ["2003-05-17"], "end": ["2011-08-03"]})
    rates = visits.visit_rate(table, windows, by=["visitor"]).set_index("visitor")
    first, last = date(2003, 5, 17), date(2011, 8, 3)
    years = ((last - first).days + 1) / 365.25
    for state, mine in table.groupby("visitor"):
        spans = [bounds(text) for text in mine["date"]]
        inside = [(a, b) for a, b in spans if b >= first and a <= last]
        wholly = [1 for a, b in inside if first <= a and b <= last]
        low, high = confint_poisson(len(inside), years, method="exact-c")
        expected = [len(inside), len(wholly), len(inside) / years, low, high]
        columns = ["visits", "certain", "rate", "low", "high"]
        assert rates.loc[state, columns].tolist() == pytest.approx(expected)


def test_a_pair_without_visits_in_a_window_has_a_zero_with_an_upper_bound():
    windows = pd.DataFrame({"id": ["w"], "start": ["1990-01-01"], "end": ["1996-12-31"]})
    rates = visits.visit_rate(PAIR, windows, by=["visitor", "host"])
    assert rates["visits"].tolist() == [2, 0]
    assert rates["low"].tolist()[1] == 0
    assert rates["high"].tolist()[1] == pytest.approx(-np.log(0.025) / rates["years"][1])


# --- Direction ----------------------------------------------------------------------------------


def test_directions_agree_with_scipy_pair_by_pair():
    table = many(250, states=6)
    found = visits.direction_tests(table)
    assert found[["there", "back"]].to_numpy().sum() == 250
    for row in found.itertuples():
        there = ((table["visitor"] == row.one) & (table["host"] == row.other)).sum()
        back = ((table["visitor"] == row.other) & (table["host"] == row.one)).sum()
        test = stats.binomtest(int(there), int(there + back))
        share = test.proportion_ci(method="exact")
        assert (row.there, row.back) == (there, back)
        assert row.p == pytest.approx(test.pvalue)
        assert [row.low, row.high] == pytest.approx([p / (1 - p) for p in share])
        assert row.smallest_p == pytest.approx(stats.binomtest(0, int(there + back)).pvalue)


def test_a_table_without_visits_has_the_columns_of_any_other():
    assert [*visits.direction_tests(PAIR[:0])] == [*visits.direction_tests(PAIR)]
    assert [*visits.visit_gaps(PAIR[:0])] == [*visits.visit_gaps(PAIR)]
    assert [*visits.visit_rate(PAIR[:0], WINDOWS)] == [*visits.visit_rate(PAIR, WINDOWS)]


def test_one_sided_traffic_has_an_infinite_ratio_with_a_finite_lower_bound():
    table = pd.DataFrame({"visitor": "A", "host": "B", "date": ["2001"] * 4})
    row = visits.direction_tests(table).iloc[0]
    assert (row["ratio"], row["high"]) == (np.inf, np.inf)
    share = stats.binomtest(4, 4).proportion_ci(method="exact").low
    assert row["low"] == pytest.approx(share / (1 - share))
    assert row["p"] == row["smallest_p"] == 0.125


def test_the_first_visitor_of_a_pair_gives_the_ratio_its_direction():
    row = visits.direction_tests(PAIR.iloc[[2, 0, 1]]).iloc[0]
    assert (row["one"], row["there"], row["back"], row["ratio"]) == ("B", 1, 2, 0.5)


def test_a_visit_without_visitor_or_host_is_refused():
    gap = PAIR.assign(visitor=["A", "A", None, "B"])
    for run in (visits.direction_tests, visits.order_test):
        with pytest.raises(ValueError, match="row 2 has no visitor"):
            run(gap)
    with pytest.raises(ValueError, match="row 0 has no host"):
        visits.direction_tests(PAIR.assign(host=[np.nan, "B", "A", "A"]))


def test_a_state_that_visits_itself_is_refused():
    with pytest.raises(ValueError, match="row 2: B visits itself"):
        visits.direction_tests(PAIR.assign(host=["B", "B", "B", "A"]))


def orders_p(orders):
    """The exact p of each order by hand: twice the smaller tail over all orders of visitors."""
    statistic = lambda order: sum(i for i, v in enumerate(order) if v == "A")  # noqa: E731
    sums = np.array([statistic(order) for order in set(permutations(orders[0]))])
    seen = [statistic(order) for order in orders]
    return [min(1, 2 * min((sums <= s).mean(), (sums >= s).mean())) for s in seen]


@given(st.permutations("AAABBBB"))
@settings(max_examples=40)
def test_the_order_test_counts_orders(visitors):
    dates = [f"{1990 + i}" for i in range(len(visitors))]
    found = visits.order_test(pd.DataFrame({"visitor": list(visitors), "date": dates}))
    assert found[:3] == pytest.approx(orders_p([visitors]) * 3)
    assert found.method == "exact"


def _in(order, pairs):
    return enumerate(pairs[i] for i in order)


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 5)), min_size=5, max_size=5))
@settings(max_examples=60)
def test_the_order_tests_bounds_are_those_of_all_orders_that_the_dates_allow(pairs):
    orders = {
        "".join("AABBB"[i] for i in order)
        for order in permutations(range(5))
        if all(b + w >= max(pairs[i][0] for i in order[: k + 1]) for k, (b, w) in _in(order, pairs))
    }
    expected = orders_p([*orders])
    table = spans([a for a, _ in pairs], [a + width for a, width in pairs])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits, "first_days", _given_days)
        found = visits.order_test(table.assign(visitor=[*"AABBB"], date="x"))
    assert [found.low, found.high] == pytest.approx([min(expected), max(expected)])
    assert found.low <= found.p <= found.high


def test_the_order_of_years_and_days_is_left_open_where_the_dates_leave_it_open():
    dates = ["2000", "2001", "2000-12-01", "2001-12-01"]
    found = visits.order_test(pd.DataFrame({"visitor": list("AABB"), "date": dates}))
    assert found[:3] == pytest.approx((2 / 3, 2 / 3, 1))


def test_the_order_test_of_many_visits_says_that_it_is_asymptotic():
    table = many(3000, states=2)
    found = visits.order_test(table)
    days = pd.to_datetime(table["date"]).astype("int64")
    one, other = (days[table["visitor"] == state] for state in ("S00", "S01"))
    expected = stats.mannwhitneyu(one, other, method="asymptotic").pvalue
    assert found.p == pytest.approx(expected, rel=0.01)
    assert found.method == "asymptotic: normal"
    with pytest.raises(ValueError, match="3 visitors"):
        visits.order_test(many(50, states=3))


def test_a_p_too_small_to_tell_is_not_given_as_zero():
    days = [*pd.date_range("1950-01-01", periods=2000), *pd.date_range("1990-01-01", periods=2000)]
    table = pd.DataFrame({"visitor": ["A"] * 2000 + ["B"] * 2000, "date": days})
    found = visits.order_test(table)
    assert found[:3] == (1e-8, 1e-8, 1e-8)


# --- Gaps ---------------------------------------------------------------------------------------

SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=2, max_size=5)


@given(SPANS)
@settings(max_examples=50)
def test_gaps_are_those_of_all_combinations_however_dates_overlap(pairs):
    earliest, latest = [a for a, _ in pairs], [a + w for a, w in pairs]
    ranges = [range(a, b + 1) for a, b in zip(earliest, latest, strict=True)]
    gaps = np.diff(np.sort([*product(*ranges)], axis=1), axis=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits, "first_days", _given_days)
        found = visits.visit_gaps(spans(earliest, latest))
    assert found["least"].tolist() == gaps.min(axis=0).tolist()
    assert found["greatest"].tolist() == gaps.max(axis=0).tolist()
    means, known = gaps.mean(axis=0), found["mean"].notna().to_numpy()
    assert found["mean"][known].tolist() == pytest.approx(means[known].tolist())


def _given_days(table, start=None, end=None, doubt=None):
    found = table.assign(date="x", straddles=False)
    found = found.astype({"earliest": "datetime64[s]", "latest": "datetime64[s]"})
    return found.sort_values(["earliest", "latest"], kind="stable")


def test_a_single_visit_has_no_gap():
    assert visits.visit_gaps(PAIR.iloc[:1]).empty
    assert visits.visit_gaps(PAIR.iloc[:0]).empty
    assert "least" in visits.visit_gaps(PAIR.iloc[:1])


def test_gaps_of_day_precise_dates_are_plain_differences():
    table = many(3264)
    days = np.sort(pd.to_datetime(table["date"]).to_numpy().astype("datetime64[D]"))
    found = visits.visit_gaps(table)
    for name in ("least", "mean", "greatest"):
        assert found[name].tolist() == np.diff(days).astype(int).tolist()


def test_combinations_are_all_days_and_each_once():
    found = visits.date_combinations(PAIR, "1993-01-07")
    ranges = [bounds(text.split("/")[0]) for text in PAIR["date"]]
    ranges[0] = (date(1993, 1, 7), ranges[0][1])
    listed = product(*([a + timedelta(i) for i in range((b - a).days + 1)] for a, b in ranges))
    assert [tuple(row) for row in found.tolist()] == [*listed]


def test_too_many_combinations_are_refused_with_their_number_and_a_way_out():
    with pytest.raises(ValueError, match=r"about 10\^\d.*over 10,000,000: visit_gaps"):
        visits.date_combinations(many(2000, precise=False))


def test_few_combinations_of_many_visits_are_refused_before_they_fill_the_memory():
    months = ["2001-01", "2001-03", "2001-05", "2001-07"]
    with pytest.raises(ValueError, match=r"about 10\^6.0 combinations of 504 days"):
        visits.date_combinations(dated(*months, *["2002-01-01"] * 500))
    tracemalloc.start()
    found = visits.date_combinations(dated(*months[:3], *["2002-01-01"] * 100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * found.nbytes


def test_thousands_of_precise_dates_are_one_combination():
    assert visits.date_combinations(many(3264)).shape == (1, 3264)


def test_the_open_gap_runs_from_the_last_visit_to_the_end():
    assert visits.open_gap(PAIR, "2013-12-31") == (2302, 2302)
    assert visits.open_gap(PAIR, "2001-01-01") == (185, 214)
    with pytest.raises(ValueError, match="no visit begins by 2001-01-01"):
        visits.open_gap(PAIR.iloc[:0], "2001-01-01")


def test_a_window_of_one_day_works():
    windows = pd.DataFrame({"id": ["w"], "start": ["2001-05-04"], "end": ["2001-05-04"]})
    table = dated("2001-05-04", "2001")
    assert visits.visit_rate(table, windows)["years"].tolist() == [1 / 365.25]
    assert visits.open_gap(table, "2001-05-04") == (0, 0)


# --- Any table ----------------------------------------------------------------------------------


def test_a_long_list_of_visits_to_one_host_runs_through_everything():
    table = many(3264, states=90).assign(host="HOST")
    windows = pd.DataFrame({"id": ["w"], "start": ["2000-01-01"], "end": ["2024-12-31"]})
    rates = visits.visit_rate(table, windows, by=["visitor"])
    assert rates["visits"].sum() == 3264
    tests = visits.direction_tests(table)
    assert (tests["back"] == 0).all()
    assert tests["there"].sum() == 3264
    assert len(visits.visit_gaps(table)) == 3263


def test_the_schema_says_which_intervals_are_durations():
    fields = {
        f"{resource['name']}.{field['name']}"
        for resource in load().schema["resources"]
        for field in resource["schema"]["fields"]
        if field.get("interval") == "duration"
    }
    assert {"visits.date", "meetings.date", "visits_elsewhere.date"} <= fields
    assert "sessions_elsewhere.date" not in fields


@pytest.mark.parametrize("other", ["tjk", "TJK ", " TJK"])
def test_a_state_in_two_spellings_is_refused_and_not_counted_apart(other):
    table = pd.DataFrame({"visitor": ["TJK", other], "host": "KAZ"})
    with pytest.raises(ValueError, match="differs from 'TJK'"):
        visits.direction_tests(table)


def test_directions_need_no_dates():
    table = pd.DataFrame({"visitor": ["A", "A", "B"], "host": ["B", "B", "A"]})
    assert visits.direction_tests(table)[["there", "back"]].to_numpy().tolist() == [[2, 1]]


@pytest.mark.parametrize("name", ["earliest", "latest", "straddles"])
def test_a_column_that_is_made_anew_splits_no_visits(name):
    table = pd.DataFrame({"date": ["1993", "1995"], name: ["x", "y"]})
    window = pd.DataFrame({"id": ["w"], "start": ["1990-01-01"], "end": ["1999-12-31"]})
    with pytest.raises(ValueError, match=f"column {name} of its own"):
        visits.visit_rate(table, window, by=[name])


def test_categorical_states_are_compared_as_text():
    table = pd.DataFrame({"visitor": list("AAB"), "host": list("BCA")})
    found = visits.direction_tests(table.astype("category"))
    pd.testing.assert_frame_equal(found, visits.direction_tests(table))


def test_a_state_written_in_two_ways_is_refused():
    table = pd.DataFrame({"visitor": ["A", "a"], "host": ["B", "B"], "date": ["1998", "1999"]})
    window = pd.DataFrame({"id": ["w"], "start": ["1990-01-01"], "end": ["2000-12-31"]})
    with pytest.raises(ValueError, match="only by case"):
        visits.order_test(table)
    with pytest.raises(ValueError, match="only by case"):
        visits.visit_rate(table, window, by=["visitor"])
