"""Methods on year-precise dates, held against brute force and other libraries."""

import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from relations_lib import cadence
from relations_lib.dates import day_bounds
from relations_lib.findings import collect
from relations_lib.visits import visit_gaps

LISTED = tuple(int(date) for date in frozen_data().meetings["date"])
MAIN = (1993, 2012)
SMALL = [((2001, 2003, 2004), (2001, 2006)), ((2002, 2005), (2001, 2005)), ((2006,), (2001, 2006))]
REAL = [*SMALL, (LISTED, MAIN)]
distinct = st.sets(st.integers(2001, 2009), min_size=1, max_size=6).map(sorted)
several = st.lists(st.integers(2001, 2006), min_size=1, max_size=5)
WINDOW = (2001, 2009)


def sets(n, window):
    return itertools.combinations(range(window[0], window[1] + 1), n)


def two_sided(values, observed):
    values = np.asarray(list(values))
    return min(1, 2 * min((values <= observed).mean(), (values >= observed).mean()))


# --- dates and gaps


def test_a_year_is_a_year_wide_and_a_day_a_day():
    assert cadence.spans(["2001", "1998"]).tolist() == [[1998, 1999], [2001, 2002]]
    ((start, end),) = cadence.spans(["2000-03-01"])
    assert (end - start) == pytest.approx(1 / 366)
    assert start == pytest.approx(2000 + 60 / 366)


@pytest.mark.parametrize(
    ("dates", "window", "says"),
    [
        ([], None, "no dates"),
        (["1998"], (1999, 2012), "outside"),
        (["1998"], (2012, 1993), "no window"),
        (["199X"], None, "two or more years"),
        (["98"], None, "not an EDTF date"),
        ([float("nan")], None, "row 0 has no date"),
        (["1998"], (1993.5, 2012), "no window"),
    ],
)
def test_impossible_input_is_named(dates, window, says):
    with pytest.raises(ValueError, match=says):
        cadence.known_cells(dates, window or (1990, 2010))


def test_a_whole_year_gap_is_good_to_a_year_either_way():
    gaps = cadence.meeting_gaps(map(str, LISTED))
    assert gaps["years"].tolist() == np.diff(LISTED).tolist()
    assert (gaps["high"] - gaps["years"]).tolist() == [1] * 8
    assert (gaps["years"] - gaps["low"]).tolist() == [1] * 8
    twice = cadence.meeting_gaps(["1998", "1998"]).iloc[0]
    assert (twice["low"], twice["high"]) == (0, 1)


def test_a_meeting_of_several_days_counts_on_its_first_as_a_visit_does():
    dates = ["2000-01-01/2000-01-10", "2000-02-01", "2000-02-01"]
    visits = pd.DataFrame({"visitor": "A", "host": "B", "date": dates})
    apart = visit_gaps(visits)
    assert apart[["least", "greatest"]].to_numpy().tolist() == [[31, 31], [0, 0]]
    days = cadence.meeting_gaps(dates)[["years", "low", "high"]] * 366
    assert days.to_numpy() == pytest.approx(np.array([[31, 31, 31], [0, 0, 0]]))


# --- how regular


def brute_greatest_cv(years):
    vertices = np.array(list(itertools.product(*[(year, year + 1) for year in years])))
    gaps = np.diff(vertices, axis=1)
    gaps = gaps[(gaps >= 0).all(axis=1) & (gaps.sum(axis=1) > 0)]
    return (gaps.std(axis=1) / gaps.mean(axis=1)).max()


def referee_least_cv(years):
    """Turn the ray of gaps nearest to equal gaps: bounded least squares at each scale."""
    steps = np.diff(np.eye(len(years)), axis=0)
    low = np.array(years, float) - years[0]

    def sine(scale):
        limits = (scale * low, scale * (low + 1))
        return 2 * optimize.lsq_linear(steps, np.ones(len(steps)), limits, tol=1e-14).cost

    found = optimize.minimize_scalar(
        sine, bounds=(1e-3, 2), method="bounded", options={"xatol": 1e-10}
    )
    share = found.fun / len(steps)
    return math.sqrt(max(share / (1 - share), 0))


@pytest.mark.thorough
@settings(max_examples=20)
@given(st.sets(st.integers(2001, 2015), min_size=3, max_size=7).map(sorted))
def test_cv_bounds_are_the_extremes_over_all_datings(years):
    value, low, high, _ = cadence.cv_bounds(years)
    assert high == pytest.approx(brute_greatest_cv(years), abs=1e-9)
    assert low == pytest.approx(referee_least_cv(years), abs=1e-5)
    assert low - 1e-9 <= value <= high + 1e-9


def test_the_least_spread_is_found_where_a_quick_descent_stops_early():
    years = [2001, 2002, 2007, 2009, 2010, 2011, 2013]
    assert cadence.cv_bounds(years).low == pytest.approx(0.3922322702763681, abs=1e-8)


def test_cv_bounds_of_the_list():
    value, low, high, _ = cadence.cv_bounds(LISTED)
    assert value == pytest.approx(stats.variation(np.diff(LISTED)))
    assert high == pytest.approx(brute_greatest_cv(LISTED), abs=1e-12)
    assert low == pytest.approx(referee_least_cv(LISTED), abs=1e-6)


def test_cv_bounds_hold_the_value_to_the_last_digit():
    value, low, _, _ = cadence.cv_bounds(["2000", "2001", "2002", "2003"])
    assert low <= value == 0


def test_nothing_is_known_of_the_gaps_between_dates_with_one_middle():
    with pytest.raises(ValueError, match="not all 0"):
        cadence.cv_bounds(["2000"] * 3)


@settings(max_examples=25)
@given(st.lists(st.integers(2001, 2004), min_size=3, max_size=6).map(sorted), st.integers(0, 9))
def test_no_dating_lies_outside_the_cv_bounds_when_years_repeat(years, seed):
    assume(len(set(years)) > 1)
    _, low, high, _ = cadence.cv_bounds(years)
    rng = np.random.default_rng(seed)
    times = np.sort(np.array(years) + rng.random((2000, len(years))), axis=1)
    cvs = stats.variation(np.diff(times, axis=1), axis=1)
    assert low - 1e-7 <= cvs.min() <= cvs.max() <= high + 1e-9
    vertices = np.array(list(itertools.product(*[(year, year + 1) for year in years])))
    gaps = np.diff(np.sort(vertices, axis=1), axis=1)
    gaps = gaps[gaps.sum(axis=1) > 0]
    assert high == pytest.approx(stats.variation(gaps, axis=1).max(), abs=1e-9)


def test_toy_lists_have_known_regularity():
    assert cadence.gap_cv([2, 2, 2]) == 0
    assert cadence.burstiness(0) == -1
    one_burst = cadence.gap_cv([0, 0, 0, 0, 0, 0, 0, 9])
    assert one_burst == pytest.approx(math.sqrt(7))
    assert cadence.cv_bounds(["2000", "2002", "2004"]).low == pytest.approx(0, abs=1e-7)
    with pytest.raises(ValueError, match="2 or more gaps, found 1"):
        cadence.gap_cv([3])
    with pytest.raises(ValueError, match="not all 0"):
        cadence.gap_cv([0, 0])


@settings(max_examples=25)
@given(st.sets(st.integers(2001, 2014), min_size=3, max_size=8).map(sorted))
def test_evenness_counts_the_sets_of_years_between_fixed_ends(years):
    first, *_, last = years
    inner = itertools.combinations(range(first + 1, last), len(years) - 2)
    sums = np.array([(np.diff([first, *chosen, last]) ** 2).sum() for chosen in inner])
    seen = (np.diff(years) ** 2).sum()
    assert cadence.evenness(years).p == pytest.approx((sums <= seen).mean(), rel=1e-12)
    assert cadence.evenness(years).smallest_p == pytest.approx((sums == sums.min()).mean())


def test_what_takes_long_to_count_is_drawn_and_agrees_with_what_is_counted(monkeypatch):
    gaps = [4000, 5998]
    share = np.mean([k**2 + (9998 - k) ** 2 <= sum(g**2 for g in gaps) for k in range(1, 9998)])
    exact = {("0001", "4001", "9999"): share, tuple(LISTED): cadence.evenness(LISTED).p}
    monkeypatch.setattr(cadence, "MOST_STEPS", 1)
    for dates, p in exact.items():
        found = cadence.evenness(dates)
        error = np.sqrt(p * (1 - p) / cadence.DRAWS)
        assert (found.error, found.seed) == (pytest.approx(error, rel=0.2), 1993)
        assert found.method.startswith("Monte Carlo: 2,000 random sets, seed 1993, standard error")
        assert abs(found.p - p) < 4 * error


def test_a_drawn_p_of_one_still_has_an_error():
    found = cadence.evenness([*range(1901, 1931), *range(2001, 2031)])
    assert found.p == 1
    assert found.error == 1 / (cadence.DRAWS + 1)


def test_what_takes_long_is_refused_at_once_with_a_remedy():
    days = np.datetime64("1950-01-01") + np.random.default_rng(1).integers(0, 25_000, 20_000)
    with pytest.raises(ValueError, match=r"20,000 dates are many .*: their middles have a spread"):
        cadence.cv_bounds([str(day) for day in days])


def test_the_spread_of_hundreds_of_dates_has_bounds_in_seconds():
    days = np.datetime64("1950-01-01") + np.random.default_rng(1).integers(0, 25_000, 500)
    begin = time.process_time()
    found = cadence.cv_bounds([str(day) for day in days])
    assert time.process_time() - begin < 20
    assert found.low < found.value < found.high


@pytest.mark.parametrize(("events", "years"), [(1, 1), (2, 3), (3, 4), (3, 2)])
def test_distinct_years_by_listing_all(events, years):
    every = list(itertools.product(range(years), repeat=events))
    share = sum(len(set(case)) == events for case in every) / len(every)
    assert cadence.distinct_years_p(events, years) == pytest.approx(share)


def test_distinct_years_do_not_overflow():
    expected = cadence.distinct_years_p(30, 60)
    assert cadence.distinct_years_p(np.int64(30), np.int64(60)) == expected > 0


# --- the open gap and the next


# --- any precision, any order, any unit


def test_dates_of_unlike_precision_are_put_by_their_middles():
    table = cadence.spans(["1996", "1995-11", "1995"])
    assert table[:, 0].round(2).tolist() == [1995, 1995.83, 1996]
    gaps = cadence.meeting_gaps(["1996", "1995-11", "1995"])
    assert (gaps["high"] >= gaps["low"]).all()


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from(["2001", "2001-03", "2001/2002", "2002", "2002-11-05", "2004"]),
        min_size=2,
        max_size=5,
    ),
    st.integers(0, 9),
)
def test_no_dating_in_any_order_lies_outside_the_bounds_of_gaps_and_their_spread(dates, seed):
    dates = ["2004", *dates]
    assume(len(set(dates)) > 1)
    table = cadence.spans(dates)
    gaps = cadence.meeting_gaps(dates)
    found = cadence.cv_bounds(dates)
    random = np.random.default_rng(seed)
    times = np.sort(random.uniform(*table.T, (500, len(table))), axis=1)
    ends = np.sort(np.where(random.random(times.shape) < 0.5, *table.T), axis=1)
    for drawn in (np.diff(times, axis=1), np.diff(ends, axis=1)):
        assert (drawn >= gaps["low"].to_numpy() - 1e-9).all()
        assert (drawn <= gaps["high"].to_numpy() + 1e-9).all()
        some = drawn[drawn.sum(axis=1) > 1e-9]
        spread = some.std(axis=1) / some.mean(axis=1)
        assert (spread >= found.low - 1e-7).all()
        assert (spread <= found.high + 1e-9).all()
    nested = (np.sort(table, axis=0) != table).any()
    assert found.method == ("bounds: order open" if nested else "exact: all datings")


def test_evenness_may_be_asked_of_months():
    months = ["2001-01", "2001-05", "2001-09", "2002-01"]
    found = cadence.evenness(months, "month")
    assert found.p == pytest.approx(cadence.evenness([2001, 2005, 2009, 2013]).p)
    assert found.p == pytest.approx(1 / math.comb(11, 2))
    assert cadence.evenness([2001, 2005, 2005, 2009]).statistic == 32
    with pytest.raises(ValueError, match="two or more months"):
        cadence.evenness(["2001", "2001-05", "2003-01"], "month")
    with pytest.raises(ValueError, match="unit is one of"):
        cadence.evenness(months, "week")


def test_a_list_of_trips_by_day_needs_no_cutting_to_years():
    trips = ["2014-06-15", "2014-07-13", "2014-08-03", "2014-11-25", "2015-03-10", "2015-03-11"]
    gaps = cadence.meeting_gaps(trips)
    assert (gaps["years"] * 365).round().tolist() == [28, 21, 114, 105, 1]
    assert cadence.placed(trips, ("2014-01", "2015-12")).early.tolist() == [5, 6, 7, 10, 14, 14]


# --- how long gaps last

INF = math.inf
# Finkelstein and Wolfe, Biometrics 41 (1985): months to retraction, radiotherapy alone.
COSMESIS = [
    (45, INF), (6, 10), (0, 7), (46, INF), (46, INF), (7, 16), (17, INF), (7, 14), (37, 44),
    (0, 8), (4, 11), (15, INF), (11, 15), (22, INF), (46, INF), (46, INF), (25, 37), (46, INF),
    (26, 40), (46, INF), (27, 34), (36, 44), (46, INF), (36, 48), (37, INF), (40, INF), (17, 25),
    (46, INF), (11, 18), (38, INF), (5, 12), (37, INF), (0, 5), (18, INF), (24, INF), (36, INF),
    (5, 11), (19, 35), (17, 25), (24, INF), (32, INF), (33, INF), (19, 26), (37, INF), (34, INF),
    (36, INF),
]  # fmt: skip


def test_turnbulls_estimate_is_the_published_one_of_the_cosmesis_data():
    """As the R package interval (Fay and Shaw 2010) prints it."""
    table = cadence.survival(*zip(*COSMESIS, strict=True))
    assert table[["low", "high"]].to_numpy().tolist() == [
        [4, 5], [6, 7], [7, 8], [11, 12], [24, 25], [33, 34], [38, 40], [46, 48],
    ]  # fmt: skip
    published = [0.0463, 0.0334, 0.0887, 0.0708, 0.0926, 0.0818, 0.1209, 0.4656]
    assert table["mass"].round(4).tolist() == published


def slow_survival(rows):
    """Return mass by (low, high] from plain expectation and maximization over unit cells."""
    points = sorted({end for row in rows for end in row})
    cells = [(a, b) for a, b in itertools.pairwise(points)]
    inside = np.array([[low <= a and b <= high for a, b in cells] for low, high in rows])
    mass = np.full(len(cells), 1 / len(cells))
    for _ in range(20_000):
        share = inside * mass
        mass = (share / share.sum(axis=1, keepdims=True)).mean(axis=0)
    return cells, mass


@pytest.mark.thorough
@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from([1, 2, 3, INF])), min_size=1, max_size=9)
)
def test_turnbulls_estimate_agrees_with_a_slow_one(rows):
    rows = [(low, low + width) for low, width in rows]
    table = cadence.survival(*zip(*rows, strict=True))
    cells, mass = slow_survival(rows)
    ends = np.array([end for _, end in cells])
    for row in table.itertuples():
        slow = 1 - mass[ends <= row.high].sum()
        assert row.survival == pytest.approx(slow, abs=2e-4)


def test_with_known_and_open_gaps_it_is_the_kaplan_meier_estimate():
    from statsmodels.duration.survfunc import SurvfuncRight

    gaps = np.diff(LISTED).astype(float)
    low, high = [*gaps, 1.0, 2.0], [*gaps, INF, INF]
    table = cadence.survival(low, high)
    referee = SurvfuncRight(low, [1] * 8 + [0, 0])
    assert table["low"].tolist() == referee.surv_times.tolist()
    assert table["survival"].tolist() == pytest.approx(referee.surv_prob.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high"),
    [([1, math.nan], None), ([None], None), ([-1], None), ([], []), ([2], [1]), ([INF], [INF])],
)
def test_survival_needs_bounds_of_each_gap(low, high):
    with pytest.raises(ValueError, match="low a number from 0 up"):
        cadence.survival(low, high)


def test_a_share_that_lasts_longer_has_bounds_where_gaps_have():
    table = cadence.survival([0, 1, 2], [2, 3, 4])
    known = cadence.survival([1, 2, 3])
    assert cadence.lasting(known, 2) == pytest.approx((1 / 3, 1 / 3))
    low, high = cadence.lasting(table, 1.5)
    assert low < high
    mixed = pd.DataFrame({"low": [1.0, 2.0], "high": [3.0, 2.0], "mass": [0.5, 0.5]})
    assert cadence.lasting(mixed, 2) == (0, 0.5)


def test_many_unlike_bounds_find_the_likeliest_lasting_too():
    """The slope of the likelihood is at most the number of gaps in every cell (its certificate)."""
    random = np.random.default_rng(8)
    gaps = random.exponential(3, 400).round(2)
    low = (gaps - random.uniform(0, 1.5, 400)).clip(0)
    high = gaps + random.uniform(0, 1.5, 400)
    table = cadence.survival(low, high)
    inside = (low[:, None] <= table["low"].to_numpy()) & (table["high"].to_numpy() <= high[:, None])
    chance = inside @ table["mass"].to_numpy()
    cells = np.linspace(0, 20, 4000)
    slopes = (((low[:, None] < cells) & (cells <= high[:, None])) / chance[:, None]).mean(axis=0)
    assert slopes.max() <= 1 + 1e-6
    assert table["mass"].sum() == pytest.approx(1)


def test_a_hundred_thousand_gaps_with_bounds_last_in_seconds():
    random = np.random.default_rng(100_000)
    gaps = random.exponential(size=100_000)
    low, high = (gaps - random.random(100_000)).clip(0), gaps + random.random(100_000)
    begin = time.process_time()
    table = cadence.survival(low, high)
    assert time.process_time() - begin < 20
    assert table["mass"].sum() == pytest.approx(1, abs=1e-9)


def test_a_hundred_thousand_gaps_last_as_the_sorted_share_says():
    gaps = np.random.default_rng(2).exponential(size=100_000)
    begin = time.process_time()
    table = cadence.survival(gaps)
    assert time.process_time() - begin < 5
    assert table["survival"].tolist() == pytest.approx(
        (1 - np.arange(1, 100_001) / 100_000).tolist(), abs=1e-8
    )


# --- what is published


@pytest.mark.parametrize(
    "dates",
    [[], ["1998"], ["1998", "1998"], ["2001", "2004", "2016"], ["199X", "2004", "2006"]],
)
def test_other_data_leave_out_what_they_cannot_give(dates):
    data = frozen_data()
    meetings = data.meetings.head(len(dates)).assign(date=dates)
    meetings[["date_earliest", "date_latest"]] = day_bounds(meetings["date"])
    other = type(data)(data.path, data.schema, {**data.tables, "meetings": meetings})
    table, missing = collect(other, ["cadence"])
    keys = table["key"].tolist()
    assert "meetings.count" in keys
    assert ("meetings.gap_cv" in keys) == (len(dates) > 2)
    assert ("meetings.gap_cv" in set(missing["key"])) == ("meetings.gap_cv" not in keys)


def test_a_last_year_that_is_not_over_does_not_count():
    ends = ["2013-12-31", "2013-12-30", "2013-12-15", "2013-10-31", "2014-01-01"]
    windows = pd.DataFrame({"id": ends, "start_earliest": pd.Timestamp("1993-01-07")})
    windows["end_earliest"] = windows["end_latest"] = pd.to_datetime(ends)
    found = cadence.whole_years(windows)
    last = {"2013-12-31": 2013, "2014-01-01": 2013}
    assert found == {end: (1993, last.get(end, 2012)) for end in ends}


def test_a_first_year_that_lacks_over_a_month_does_not_count():
    starts = ["1993-01-01", "1993-01-31", "1993-02-01", "1993-12-31"]
    windows = pd.DataFrame({"id": starts, "end_latest": pd.Timestamp("2000-12-31")})
    windows["start_earliest"] = pd.to_datetime(starts)
    firsts = [first for first, _ in cadence.whole_years(windows).values()]
    assert firsts == [1993, 1993, 1994, 1994]


def test_a_date_that_may_lie_outside_a_window_is_named_where_it_is_left_out():
    table, _ = collect(meetings_of(frozen_data(), ["1998", "2001", "201X"]), ["cadence"])
    rates = table.set_index("key").filter(like="meetings.rate.", axis=0)
    named = rates["definition"].str.contains("perhaps outside: 201X")
    assert named[rates["n"] == 2].all()
    assert not named[rates["n"] == 3].any()
    assert set(rates["n"]) == {2, 3}


def meetings_of(data, dates):
    """Return the package with other meetings of its declared body."""
    rows = [
        {"id": f"m{at}", "institution": data.about.body, "date": d} for at, d in enumerate(dates)
    ]
    days = day_bounds(dates).set_axis(["date_earliest", "date_latest"], axis=1)
    table = pd.DataFrame(rows).join(days)
    return type(data)(data.path, data.schema, data.tables | {"meetings": table})


def test_meetings_known_to_the_day_have_gaps_of_days():
    dates = ["2001-01-05", "2002-12-28", "2003-01-03", "2004-12-30"]
    found = collect(meetings_of(frozen_data(), dates), ["cadence"])[0].set_index("key")
    cv = found.loc["meetings.gap_cv"]
    assert cv["low"] <= cv["value"] <= cv["high"]
    assert found.at["meetings.gap_years.min", "value"] == pytest.approx(6 / 365, abs=1e-3)


def test_a_meeting_over_new_year_counts_where_it_begins():
    dates = ["1996-05-02", "2001-05-02", "2012-12-30/2013-01-02"]
    found = collect(meetings_of(frozen_data(), dates), ["cadence"])[0].set_index("key")
    assert found.at["meetings.rate.1993_2012", "n"] == 3


def test_an_audit_of_a_body_rests_on_its_own_meetings():
    data = frozen_data()
    other = data.meetings.head(1).assign(id="m_other", institution="another")
    both = pd.concat([data.meetings, other])
    package = type(data)(data.path, data.schema, data.tables | {"meetings": both})
    table, _ = collect(package, ["checks"])
    audits = table[table["rests_on"].str.contains("sessions_elsewhere#")]
    own = [f"meetings#{name}" for name in data.meetings["id"]]
    assert len(audits)
    for rests_on in audits["rests_on"]:
        assert [row for row in rests_on.split() if row.startswith("meetings#")] == own


def test_gaps_with_bounds_for_some_and_lasting_for_no_number_are_refused():
    with pytest.raises(ValueError, match="2 low and 1 high"):
        cadence.survival([1, 2], [1])
    with pytest.raises(ValueError, match="is missing"):
        cadence.lasting(cadence.survival([1, 2]), math.nan)
