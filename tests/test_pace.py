"""Tests of a changing pace, held against brute force and other libraries."""

import contextlib
import datetime
import itertools
import math
import random
import time

import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from relations_lib import cadence, pace

LISTED = tuple(int(date) for date in frozen_data().meetings["date"])
MAIN = (1993, 2012)
SMALL = [((2001, 2003, 2004), (2001, 2006)), ((2002, 2005), (2001, 2005)), ((2006,), (2001, 2006))]
REAL = [*SMALL, (LISTED, MAIN)]
distinct = st.sets(st.integers(2001, 2009), min_size=1, max_size=6).map(sorted)
several = st.lists(st.integers(2001, 2006), min_size=1, max_size=5)
WINDOW = (2001, 2009)
WINDOWED = [
    pace.rank_sum, pace.tied_sum, pace.laplace, pace.power_law, pace.halves, pace.scan,
    pace.change_point, pace.laplace_statistic,
]  # fmt: skip


def sets(n, window):
    return itertools.combinations(range(window[0], window[1] + 1), n)


def two_sided(values, observed):
    values = np.asarray(list(values))
    return min(1, 2 * min((values <= observed).mean(), (values >= observed).mean()))


# --- is the pace changing


@pytest.mark.parametrize(("years", "window"), REAL)
def test_rank_sum_counts_all_sets_of_years(years, window):
    p = two_sided(map(sum, sets(len(years), window)), sum(years))
    assert pace.rank_sum(years, window).p == pytest.approx(p, rel=1e-12)
    others = sorted(set(range(window[0], window[1] + 1)) - set(years))
    referee = stats.mannwhitneyu(years, others, method="exact").pvalue
    assert pace.rank_sum(years, window).p == pytest.approx(referee, rel=1e-12)


def test_fixed_ends_leave_the_years_between():
    last = two_sided(map(sum, sets(8, (1993, 2011))), sum(LISTED[:-1]))
    both = two_sided(map(sum, sets(7, (1999, 2011))), sum(LISTED[1:-1]))
    first = two_sided(map(sum, sets(8, (1999, 2012))), sum(LISTED[1:]))
    assert pace.rank_sum(LISTED, MAIN, ["last"]).p == pytest.approx(last)
    assert pace.rank_sum(LISTED, MAIN, ["first", "last"]).p == pytest.approx(both)
    assert pace.rank_sum(LISTED, MAIN, ["first"]).p == pytest.approx(first)
    with pytest.raises(ValueError, match="left free"):
        pace.rank_sum([2001, 2003], (2001, 2003), ["first", "last"])


def test_a_fixed_end_is_the_first_or_the_last():
    for fixed in (["lsat"], "first"):
        with pytest.raises(ValueError, match="list of 'first' and 'last'"):
            pace.rank_sum(LISTED, MAIN, fixed)


@settings(max_examples=20)
@given(several)
def test_tied_sum_lists_all_ways(years):
    window = (2001, 2006)
    every = map(sum, itertools.product(range(2001, 2007), repeat=len(years)))
    found = pace.tied_sum(years, window).p
    assert found == pytest.approx(two_sided(every, sum(years)), rel=1e-9)


def test_laplace_places_dates_at_the_middles_and_bounds_its_p_by_their_years():
    times = np.array(LISTED) - 1993
    each = {}
    for at, shift in (("start", 0), ("middle", 0.5), ("end", 1)):
        tail = stats.irwinhall.cdf((times + shift).sum() / 20, 9)
        each[at] = 2 * min(tail, 1 - tail)
    found = pace.laplace(LISTED, MAIN)
    statistic = pace.laplace_statistic(LISTED, MAIN)
    u = ((times + 0.5).mean() - 10) / (20 / math.sqrt(12 * 9))
    assert found.statistic == statistic.value == pytest.approx(u)
    half_a_year = math.sqrt(12 * 9) / 20 / 2
    assert statistic[1:3] == pytest.approx((u - half_a_year, u + half_a_year))
    assert found.p == pytest.approx(each["middle"], rel=1e-9)
    assert found.bounds == pytest.approx((each["end"], each["start"]), rel=1e-9)


def test_laplace_needs_two_years_and_no_second_look_at_the_dates():
    assert pace.laplace(iter(LISTED), MAIN) == pace.laplace(LISTED, MAIN)
    with pytest.raises(ValueError, match="no window of 2"):
        pace.laplace(["2000"], (2000, 2000))


def test_no_instants_lie_outside_the_bounds_of_a_test_of_instants():
    dates, window = ["2001", "2002-07", "2002", "2004-12"], (2001, 2004)
    span = cadence.placed(dates, window).span
    low, high = pace.laplace(dates, window).bounds
    rng = np.random.default_rng(1)
    days = np.datetime64("2001-01-01")
    for _ in range(200):
        times = rng.uniform(*span.T)
        found = pace.laplace([str(days + int(t * 365.25)) for t in times], window).p
        assert low * 0.99 - 0.002 <= found <= high * 1.01 + 0.002


@pytest.mark.parametrize("run", [pace.power_law, pace.laplace, pace.halves, pace.tied_sum])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_smallest_p_is_the_least_of_all_lists(run, n):
    window = (2001, 2005)
    every = [run(one, window).p for one in itertools.product(range(2001, 2006), repeat=n)]
    for one in ([2001] * n, [2003] * n):
        assert run(one, window).smallest_p == pytest.approx(min(every), rel=1e-9)


def test_power_law_says_that_its_p_is_asymptotic():
    assert pace.power_law([2008], (2001, 2008)).method == "asymptotic: chi-squared, 1 df"


@settings(max_examples=20)
@given(several)
def test_power_law_is_the_greatest_likelihood(years):
    total, k = 6, np.array(years) - 2001

    def minus(b):
        return -np.log(((k + 1) / total) ** b - (k / total) ** b).sum()

    found = pace.power_law(years, (2001, 2006))
    if found.statistic in (0, math.inf):
        assert set(years) in ({2001}, {2006})
        best = 0
    else:
        referee = optimize.minimize_scalar(minus, bounds=(1e-6, 60), method="bounded")
        assert found.statistic == pytest.approx(referee.x, rel=1e-4)
        best = referee.fun
    assert found.p == pytest.approx(stats.chi2.sf(2 * (minus(1) - best), 1), rel=1e-5)


@pytest.mark.parametrize(("years", "window"), [*REAL, ((2001, 2002, 2003), (2001, 2005))])
def test_halves_are_a_binomial_test(years, window):
    n, total = len(years), window[1] - window[0] + 1
    share = (total // 2) / total
    early = sum(year < window[0] + total // 2 for year in years)
    chances = stats.binom.pmf(range(n + 1), n, share)
    p = chances[chances <= chances[early] * (1 + 1e-7)].sum()
    assert pace.halves(years, window).p == pytest.approx(p)
    assert pace.halves(years, window).statistic == early
    assert type(pace.halves(years, window).p) is float


def split_ratio(years, window):
    def fit(part, span):
        met = sum(year in years for year in range(*span))
        size = span[1] - span[0]
        return sum(x * math.log(x / size) for x in (met, size - met) if x)

    first, last = window
    whole = fit(years, (first, last + 1))
    return [
        fit(years, (first, cut)) + fit(years, (cut, last + 1)) - whole
        for cut in range(first + 1, last + 1)
    ]


@settings(max_examples=15)
@given(distinct)
def test_scan_counts_all_sets_whose_best_split_is_as_good(years):
    best = [max(split_ratio(chosen, WINDOW)) for chosen in sets(len(years), WINDOW)]
    seen = split_ratio(years, WINDOW)
    found = pace.scan(years, WINDOW)
    assert found.p == pytest.approx(np.mean(np.array(best) >= max(seen) - 1e-9))
    assert found.statistic == pytest.approx(max(seen), abs=1e-9)
    assert seen[found.at - WINDOW[0]] == pytest.approx(max(seen), abs=1e-9)


@pytest.mark.parametrize("years", [(2002, 2003, 2007), (2004, 2008, 2009)])
def test_scan_counts_equal_splits_as_equal_though_rounding_parts_them(years):
    window = (2001, 2010)
    best = np.array([max(split_ratio(chosen, window)) for chosen in sets(3, window)])
    seen = np.array(split_ratio(years, window))
    found = pace.scan(years, window)
    assert found.p == pytest.approx((best >= seen.max() - 1e-9).mean())
    assert found.at == 2001 + np.flatnonzero(seen >= seen.max() - 1e-9)[0]


@pytest.mark.thorough
def test_scan_of_the_list_against_all_its_sets():
    chosen = np.array(list(sets(9, MAIN))) - 1993
    met = np.zeros((len(chosen), 20))
    np.put_along_axis(met, chosen, 1, axis=1)
    early, before = met.cumsum(axis=1)[:, :-1], np.arange(1, 20)

    def fit(x, n):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(x * np.log(x / n)) + np.nan_to_num((n - x) * np.log(1 - x / n))

    best = (fit(early, before) + fit(9 - early, 20 - before)).max(axis=1)
    row = np.flatnonzero((chosen == np.array(LISTED) - 1993).all(axis=1))[0]
    found = pace.scan(LISTED, MAIN)
    assert found.p == pytest.approx((best >= best[row] - 1e-9).mean(), rel=1e-12)
    assert found.at == 2005


def test_change_point_by_plain_beta_functions():
    def beta(a, b):
        return math.factorial(a) * math.factorial(b) / math.factorial(a + b + 1)

    weights = []
    for cut in range(1, 20):
        early = sum(year < 1993 + cut for year in LISTED)
        late = 9 - early
        weights.append(beta(early, cut - early) * beta(late, 20 - cut - late) / beta(9, 11))
    factor, posterior = pace.change_point(LISTED, MAIN)
    assert factor == pytest.approx(np.mean(weights), rel=1e-10)
    assert posterior.sum() == pytest.approx(1)
    assert posterior.loc[2005] == pytest.approx(weights[12] / sum(weights))


def tilted(n, years, growth):
    ranks = np.array(list(itertools.combinations(range(years), n)))
    weights = growth ** (ranks.sum(axis=1) / (years - 1))
    return ranks.sum(axis=1), weights / weights.sum()


def test_more_than_eight_gaps_are_counted_over_all_their_orders():
    gaps = [1, 1, 1, 1, 1, 1, 1, 5, 9]
    sums = [4 * a + 8 * b for a, b in itertools.permutations(range(9), 2)]
    off = np.abs(np.array([4 * 7 + 8 * 8, *sums]) - np.mean(sums))
    found = pace.renewal(gaps)
    assert found.method.startswith("exact")
    assert found.p == pytest.approx((off[1:] >= off[0]).mean())
    near = pace.renewal(np.array(gaps) * 1.0001)
    assert near.method == "asymptotic: normal"
    assert near.p == pytest.approx(found.p, abs=0.03)


@pytest.mark.parametrize(("n", "years", "growth"), [(3, 9, 4.0), (4, 10, 0.2), (1, 5, 9.0)])
def test_power_by_listing_all_sets(n, years, growth):
    sums, equal = tilted(n, years, 1.0)
    p = np.array([two_sided(sums, seen) for seen in sums])
    _, chances = tilted(n, years, growth)
    assert pace.power(n, years, growth) == pytest.approx(chances[p <= 0.05 + 1e-9].sum())
    assert equal.sum() == pytest.approx(1)


def test_growth_for_power_is_where_the_power_is_reached():
    growth = pace.growth_for_power(9, 20)
    assert pace.power(9, 20, growth) == pytest.approx(0.8, abs=1e-9)
    assert pace.growth_for_power(1, 5) == math.inf


@pytest.mark.parametrize("number", [1, 2, 3])
def test_meetings_added_anywhere_before_bound_the_p(number):
    years, window = (2003, 2006, 2008), (2001, 2009)
    free = [2001, 2002, 2004]  # 2005 is free, but not before 2005
    every = [
        pace.rank_sum((*years, *more), window).p for more in itertools.combinations(free, number)
    ]
    found = pace.with_added(years, window, number, 2005)
    assert found.low == pytest.approx(min(every))
    assert max(every) - 1e-12 <= found.high <= 1
    with pytest.raises(ValueError, match="4 cannot be added: 3 years"):
        pace.with_added(years, window, 4, 2005)
    with pytest.raises(ValueError, match="cannot be added"):
        pace.with_added(years, window, -number, 2005)


# --- everything side by side


def test_a_window_takes_the_dates_within_it_and_leaves_a_later_one_out():
    longer = [*LISTED, "2013"]
    assert cadence.within(longer, MAIN) == [*LISTED]
    pd.testing.assert_frame_equal(
        pace.all_choices(longer, [MAIN]), pace.all_choices(LISTED, [MAIN])
    )


def test_all_choices_agree_with_the_single_tests_and_stand_once():
    table = pace.all_choices(LISTED, [MAIN, (1993, 2013)])
    assert not table.duplicated(["test", "given", "p"]).any()
    free = table[(table["test"] == "rank sum") & (table["given"] == "")]
    expected = [pace.rank_sum(LISTED, (1993, last)).p for last in (2012, 2013)]
    assert free["p"].tolist() == pytest.approx(expected)
    gaps = table.loc[table["test"] == "order of gaps", "p"]
    assert gaps.tolist() == pytest.approx([pace.renewal(np.diff(LISTED)).p])
    exact = table["method"].str.startswith("exact")
    assert (exact == (table["test"] != "power law")).all()


def test_a_test_that_cannot_run_keeps_its_row_and_its_reason():
    table = pace.all_choices([2001, "200X"], [(2001, 2005)])
    missing = table[table["p"].isna()]
    (tied,) = table[table["test"] == "sum of years"].itertuples()
    assert (tied.low, tied.high) == pace.tied_sum([2001, "200X"], (2001, 2005)).bounds
    assert set(missing["test"]) == {name for name, *_ in pace.CHOICES} - {"sum of years"}
    assert missing["method"].str.startswith("not run: ").all()
    with pytest.raises(ValueError, match="no window"):
        pace.all_choices([2001], [])


def calls(years, window):
    gaps = np.diff(sorted(years))
    texts = [str(year) for year in years]
    single = [cadence.spans, cadence.meeting_gaps, cadence.cv_bounds, cadence.evenness]
    yield from (lambda run=run: run(texts) for run in single)
    spaced = [cadence.gap_cv, pace.renewal, cadence.survival]
    yield from (lambda run=run: run(gaps) for run in spaced)
    yield from (lambda run=run: run(texts, window) for run in WINDOWED)
    total = window[1] - window[0] + 1
    yield lambda: pace.with_added(texts, window, 3, window[1])
    yield lambda: pace.change_point_required(texts, window, (years[0], years[-1]), 1)
    yield lambda: pace.power(len(years), total, 8.0)
    yield lambda: pace.growth_for_power(len(years), total)
    yield lambda: cadence.distinct_years_p(len(years), total)
    yield lambda: pace.all_choices(texts, [window])


def shuffled(years, seed):
    return random.Random(seed).sample(years, len(years))


def check(found):
    if isinstance(found, cadence.Result):
        assert 0 <= found.smallest_p <= found.p + 1e-12 <= 1 + 1e-9
        assert any(way in found.method for way in ("exact", "asymptotic", "Monte Carlo"))
        drawn = "Monte Carlo" in found.method
        assert (found.error > 0) == (found.seed is not None) == drawn
        if found.bounds:
            assert 0 <= found.bounds[0] <= found.p + 1e-12 <= found.bounds[1] + 2e-12
    elif isinstance(found, cadence.Interval):
        assert found.low <= found.high + 1e-9
    elif isinstance(found, float):
        assert found >= 0


LISTS = {
    "one": [2000],
    "two": [1995, 2012],
    "two in one year": [2000, 2000],
    "ten, all even": list(range(1995, 2015, 2)),
    "ten in one burst": [2003] * 10,
    "twenty, every year": list(range(1993, 2013)),
    "twelve": shuffled(range(1990, 2030), 1)[:12],
    "fifty": shuffled(range(1941, 2041), 2)[:50],
    "fifty with ties": sorted(random.Random(3).choices(range(1941, 2041), k=50)),
    "sixty bursty": list(range(1901, 1931)) + list(range(2001, 2031)),
}


@pytest.mark.parametrize("name", LISTS)
def test_any_list_gets_an_answer_or_a_clear_error_within_seconds(name):
    years = LISTS[name]
    window = (min(1993, *years), max(2012, *years))
    for run in calls(years, window):
        begin = time.process_time()
        with contextlib.suppress(ValueError):
            check(run())
        assert time.process_time() - begin < 8


@settings(max_examples=15)
@given(distinct, st.integers(0, 5))
def test_unsorted_is_sorted(years, seed):
    mixed = [str(year) for year in shuffled(years, seed)]
    for run in (
        pace.rank_sum,
        pace.tied_sum,
        pace.laplace,
        pace.scan,
        pace.power_law,
    ):
        assert run(mixed, WINDOW) == run(years, WINDOW)
    assert (cadence.spans(mixed) == cadence.spans(years)).all()


@settings(max_examples=15)
@given(distinct)
def test_a_mirrored_list_has_the_same_two_sided_p(years):
    mirror = [sum(WINDOW) - year for year in years]
    for run in (pace.rank_sum, pace.tied_sum, pace.laplace):
        assert run(mirror, WINDOW).p == pytest.approx(run(years, WINDOW).p, rel=1e-9)
    assert pace.scan(mirror, WINDOW).p == pytest.approx(pace.scan(years, WINDOW).p)


# --- any grid, any number, any precision


@pytest.mark.parametrize("window", [(1993.0, 2012.0), None, 1993, (1, 2, 3), ("1993", "2012-05")])
def test_a_window_is_a_pair_of_years_months_or_days(window):
    texts = ["1998", "2001", "2005"]
    for run in WINDOWED:
        with pytest.raises(ValueError, match="is no window: give its first and last year"):
            run(texts, window)
    for windows in ([window], window):
        with pytest.raises(ValueError, match="no window"):
            pace.all_choices(texts, windows)


def test_a_window_of_whole_years_may_be_written_as_text():
    assert pace.rank_sum(LISTED, ("1993", "2012")) == pace.rank_sum(LISTED, MAIN)


def test_dates_may_be_days_and_time_stamps_as_for_visits():
    days = [pd.Timestamp("1998-05-01"), datetime.datetime(2001, 2, 3, 4), datetime.date(2004, 1, 1)]
    texts = ["1998-05-01", "2001-02-03", "2004-01-01"]
    assert (cadence.spans(days) == cadence.spans(texts)).all()
    pd.testing.assert_frame_equal(pace.all_choices(days, [MAIN]), pace.all_choices(texts, [MAIN]))


def test_on_a_grid_of_months_the_tests_are_those_of_as_many_years():
    months = ["2001-03", "2001-07", "2002-02", "2002-03"]
    years = [3, 7, 14, 15]
    named = [2000 + year for year in years]
    for run in (pace.rank_sum, pace.tied_sum, pace.halves, pace.power_law):
        fine, coarse = run(months, ("2001-01", "2002-06")), run(named, (2001, 2018))
        assert fine[:3] == pytest.approx(coarse[:3])
    found = pace.scan(months, ("2001-01", "2002-06"))
    coarse = pace.scan(named, (2001, 2018))
    assert found.at == str(np.datetime64("2000-12") + coarse.at - 2000)
    assert found.p == pytest.approx(coarse.p)


def test_a_second_date_in_a_cell_counts_where_dates_count_and_is_said_where_cells_do():
    twice, once = [2001, 2003, 2003], [2001, 2003]
    assert pace.rank_sum(twice, WINDOW).p == pace.rank_sum(once, WINDOW).p
    assert pace.rank_sum(twice, WINDOW).method.startswith("3 dates in 2 years; exact: ")
    assert pace.scan(twice, WINDOW).p == pace.scan(once, WINDOW).p
    assert pace.change_point(twice, WINDOW)[0] == pace.change_point(once, WINDOW)[0]
    assert pace.tied_sum(twice, WINDOW).p != pace.tied_sum(once, WINDOW).p


@pytest.mark.thorough
@settings(max_examples=25)
@given(
    st.lists(
        st.sampled_from(["2001", "2001-02", "2001-05", "2002", "2002-03", "2001-03/2001-05"]),
        min_size=1,
        max_size=4,
    )
)
def test_imprecise_dates_bound_the_p_over_all_their_datings(dates):
    window = ("2001-01", "2002-04")
    found = cadence.placed(dates, window)
    ranges = [range(a, b + 1) for a, b in zip(found.early, found.late, strict=True)]
    label = found.grid.label

    def each_p(run, datings):
        return [run([label(cell) for cell in dating], window).p for dating in datings]

    unlike = {tuple(sorted(dating)) for dating in itertools.product(*ranges)}
    every = each_p(pace.tied_sum, random.Random(1).sample(sorted(unlike), min(len(unlike), 150)))
    tied = pace.tied_sum(dates, window)
    low, high = tied.bounds or (tied.p, tied.p)
    assert low <= min(every) + 1e-9
    assert high >= max(every) - 1e-9
    own = [dating for dating in unlike if len(set(dating)) == len(dating)]
    if len(set(dates)) == len(dates) and own:
        every = each_p(pace.rank_sum, random.Random(1).sample(sorted(own), min(len(own), 150)))
        ranked = pace.rank_sum(dates, window)
        low, high = ranked.bounds or (ranked.p, ranked.p)
        assert low - 1e-9 <= min(every) <= max(every) <= high + 1e-9


def test_bounds_of_the_tied_sum_are_reached():
    dates, window = ["2001", "2002-01", "2002"], ("2001-01", "2002-12")
    low, high = pace.tied_sum(dates, window).bounds
    found = cadence.placed(dates, window)
    label = found.grid.label
    ranges = [range(a, b + 1) for a, b in zip(found.early, found.late, strict=True)]
    every = [
        pace.tied_sum([label(cell) for cell in dating], window).p
        for dating in itertools.product(*ranges)
    ]
    assert (low, high) == pytest.approx((min(every), max(every)))


def test_dates_that_cannot_take_cells_of_their_own_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match="months of their own: take tied_sum"):
        pace.rank_sum(["2001", "2001", "2001"], ("2001-01", "2001-02"))
    with pytest.raises(ValueError, match="every date's cell is known"):
        pace.rank_sum(["200X", "2009"], WINDOW, ["last"])


def test_a_date_that_may_lie_in_two_cells_is_refused_where_its_cell_must_be_known():
    for run in (pace.scan, pace.change_point, pace.power_law, pace.halves):
        with pytest.raises(ValueError, match="take a coarser grid than months"):
            run(["2001", "2001-02"], ("2001-01", "2002-12"))


# --- any size


def test_the_rank_sum_of_many_days_is_normal():
    days = [str(np.datetime64("2001-01-01") + day) for day in range(300, 1300, 2)]
    window = ("2001-01-01", "2004-12-31")
    found = pace.rank_sum(days, window)
    others = set(range(1461)) - set(range(300, 1300, 2))
    referee = stats.mannwhitneyu(range(300, 1300, 2), list(others), method="asymptotic")
    assert found.p == pytest.approx(referee.pvalue)
    assert found.method == "asymptotic: normal"


def test_a_bayes_factor_beyond_what_a_number_holds_is_finite():
    days = [str(np.datetime64("2001-01-01") + day) for day in range(3000)]
    factor, chances = pace.change_point(days, ("2001-01-01", "2020-12-31"))
    assert factor == pytest.approx(np.finfo(float).max)
    assert chances.idxmax() == days[-1]


@pytest.mark.thorough
def test_a_p_too_small_to_tell_is_never_shown_as_zero():
    late = ["2019-12-31"] * 4000
    gaps = [*range(9, 0, -1)] * 30
    found = pace.renewal(sorted(gaps))
    assert 0 < found.p <= 1e-8
    assert found.method.startswith("p below 1e-08, the least that can be told")
    burst = [f"2019-{month:02d}" for month in range(1, 13)] * 300
    assert pace.tied_sum(burst, ("1950-01", "2019-12")).method.startswith("p below")
    assert pace.laplace(late, ("1950-01-01", "2019-12-31")).p > 0


def test_what_would_take_long_is_refused_at_once_with_an_estimate_and_a_remedy():
    days = [str(np.datetime64("1900-01-01") + 3 * day) for day in range(10_000)]
    window = ("1900-01-01", "1999-12-31")
    for run, remedy in ((pace.tied_sum, "laplace"), (pace.scan, "change_point")):
        begin = time.process_time()
        with pytest.raises(ValueError, match=rf"are many[:;] .*{remedy}"):
            run(days, window)
        assert time.process_time() - begin < 2
    with pytest.raises(ValueError, match=r"lists of 36,524 cells are many"):
        pace.change_point_required(days, window, ("1950-01-01", "1950-01-01"), 3)


# --- what the numbered sessions require


def test_a_required_change_weighs_every_list_that_the_numbers_allow():
    years, window = [2003, 2006, 2007, 2008], (2001, 2009)
    every = []
    for more in itertools.combinations([2001, 2002], 1):
        for fewer in itertools.combinations([2006, 2007, 2008], 2):
            kept = [year for year in years if year not in fewer]
            every.append(pace.change_point([*kept, *more], window)[0])
    found = pace.change_point_required(years, window, (2003, 2009), 1, dropped=2)
    assert found[:3] == pytest.approx((np.median(every), min(every), max(every)))
    assert found.method == "exact: all 6 lists"
    with pytest.raises(ValueError, match="too few to add or drop"):
        pace.change_point_required(years, window, (2003, 2008), 3)


def test_the_listed_years_and_the_sessions_required_give_the_published_range():
    found = pace.change_point_required(LISTED, MAIN, (2006, 2012), 3, dropped=2)
    assert (round(found.low, 2), round(found.high, 1)) == (0.65, 3.6)


def test_another_prior_moves_the_bayes_factor():
    from scipy.special import beta

    factor, _ = pace.change_point([2002], (2001, 2002), prior=0.5)
    split = beta(0.5, 1.5) * beta(1.5, 0.5)
    assert factor == pytest.approx(split / beta(1.5, 1.5) / beta(0.5, 0.5))
    with pytest.raises(ValueError, match="prior is above 0"):
        pace.change_point([2002], (2001, 2002), prior=0)


def test_more_sets_of_cells_than_a_float_holds_are_counted_all_the_same():
    months = [f"{1900 + k // 12}-{k % 12 + 1:02}" for k in range(0, 1392, 2)]
    found = pace.scan(months, ("1900-01", "2015-12"))
    assert found.method == "exact: 2.3e+417 sets of months counted"
    assert found.p == 1


# --- What a statistician found -------------------------------------------------------------------


@pytest.mark.parametrize("run", [pace.rank_sum, pace.tied_sum])
def test_time_turned_around_gives_the_same_p(run):
    window = ("2001-01", "2002-12")
    assert run(["2001"], window).p == pytest.approx(run(["2002"], window).p)


def test_beyond_eight_gaps_the_smallest_p_is_that_of_the_sorted_gaps():
    rising = pace.renewal(np.arange(1, 10))
    assert rising.smallest_p == rising.p == pytest.approx(2 / math.factorial(9))
    assert pace.renewal(np.full(9, 2.0)).smallest_p == 1


def test_cells_are_named_in_the_unit_of_the_window_and_within_it():
    with pytest.raises(ValueError, match="give a year"):
        pace.with_added([1998, 2001, 2005], (1993, 2012), 1, "1998-01")
    for numbered in (("2003-01", "2005-12"), (1999, 2005), (2003, 2009)):
        with pytest.raises(ValueError, match="two years of the window"):
            pace.change_point_required([2003, 2005], (2001, 2008), numbered, 1)


def test_a_prior_that_numbers_cannot_tell_from_a_steady_pace_is_refused():
    assert pace.change_point([1993, 1995], (1990, 1999), 1e6)[0] == pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match="at most 1,000,000"):
        pace.change_point([1993, 1995], (1990, 1999), 1e15)


def test_a_missing_date_is_no_date_outside():
    with pytest.raises(ValueError, match="row 1 has no date"):
        pace.all_choices([1998, None, 2001], [(1993, 2012)])
