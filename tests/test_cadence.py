"""Methods on year-precise dates, held against brute force and other libraries."""

import contextlib
import datetime
import itertools
import math
import random
import time
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from relations_lib import cadence, load
from relations_lib.dates import day_bounds
from relations_lib.findings import _cadence as published

LISTED = tuple(int(date) for date in load().meetings["date"])
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
        (["1998"], (1000, 2012), "no window of 1 to 200 years"),
        (["1998/2001"], None, "two calendar years"),
        (["98"], None, "not an EDTF date"),
        ([float("nan")], None, "not an EDTF date"),
    ],
)
def test_impossible_input_is_named(dates, window, says):
    with pytest.raises(ValueError, match=says):
        cadence.calendar_years(dates, window)


def test_dates_may_be_days_and_time_stamps_as_for_visits():
    days = [pd.Timestamp("1998-05-01"), datetime.datetime(2001, 2, 3, 4), datetime.date(2004, 1, 1)]
    texts = ["1998-05-01", "2001-02-03", "2004-01-01"]
    assert (cadence.spans(days) == cadence.spans(texts)).all()
    pd.testing.assert_frame_equal(
        cadence.all_choices(days, [MAIN]), cadence.all_choices(texts, [MAIN])
    )


WINDOWED = [
    cadence.rank_sum, cadence.tied_sum, cadence.laplace, cadence.power_law, cadence.halves,
    cadence.power_law_drawn, cadence.scan, cadence.change_point, cadence.odds_growth,
    cadence.steady_band, cadence.event_truncated, cadence.kendall_asymptotic,
    cadence.quiet_years,
]  # fmt: skip


@pytest.mark.parametrize("window", [(1993.0, 2012.0), ("1993", "2012"), None, 1993, (1, 2, 3)])
def test_a_window_is_a_pair_of_whole_numbers(window):
    texts = ["1998", "2001", "2005"]
    for run in WINDOWED:
        with pytest.raises(ValueError, match="is no window: give two whole numbers"):
            run(texts, window)
    for windows in ([window], window):
        with pytest.raises(ValueError, match="no window"):
            cadence.all_choices(texts, windows)


def test_dates_whose_order_is_unknown_are_refused():
    with pytest.raises(ValueError, match="unknown order"):
        cadence.spans(["1998", "1998-06"])
    assert len(cadence.spans(["1998", "1998", "1998-01"])) == 3


def test_a_whole_year_gap_is_good_to_a_year_either_way():
    gaps = cadence.meeting_gaps(map(str, LISTED))
    assert gaps["years"].tolist() == np.diff(LISTED).tolist()
    assert (gaps["high"] - gaps["years"]).tolist() == [1] * 8
    assert (gaps["years"] - gaps["low"]).tolist() == [1] * 8
    twice = cadence.meeting_gaps(["1998", "1998"]).iloc[0]
    assert (twice["low"], twice["high"]) == (0, 1)


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


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(2001, 2015), min_size=3, max_size=7).map(sorted))
def test_cv_bounds_are_the_extremes_over_all_datings(years):
    value, low, high, _ = cadence.cv_bounds(years)
    assert high == pytest.approx(brute_greatest_cv(years), abs=1e-9)
    assert low == pytest.approx(referee_least_cv(years), abs=1e-5)
    assert low - 1e-9 <= value <= high + 1e-9


def test_cv_bounds_of_the_list():
    value, low, high, _ = cadence.cv_bounds(LISTED)
    assert value == pytest.approx(stats.variation(np.diff(LISTED)))
    assert high == pytest.approx(brute_greatest_cv(LISTED), abs=1e-12)
    assert low == pytest.approx(referee_least_cv(LISTED), abs=1e-6)


def test_cv_bounds_hold_the_value_to_the_last_digit():
    value, low, _, _ = cadence.cv_bounds(["2000", "2001", "2002", "2003"])
    assert low <= value == 0


def test_the_middles_of_one_year_have_no_variation_but_bounds():
    value, low, high, _ = cadence.cv_bounds(["2000"] * 3)
    assert math.isnan(value)
    assert (low, high) == pytest.approx((0, 1))


def test_the_least_cv_follows_its_gradient(monkeypatch):
    found, minimize = [], optimize.minimize

    def spy(*given, **options):
        found.append(minimize(*given, **options))
        return found[0]

    monkeypatch.setattr(optimize, "minimize", spy)
    cadence.cv_bounds(map(str, LISTS["fifty"]))
    assert found[0].nfev < 100


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(2001, 2004), min_size=3, max_size=6).map(sorted), st.integers(0, 9))
def test_no_dating_lies_outside_the_cv_bounds_when_years_repeat(years, seed):
    _, low, high, _ = cadence.cv_bounds(years)
    rng = np.random.default_rng(seed)
    times = np.sort(np.array(years) + rng.random((2000, len(years))), axis=1)
    cvs = stats.variation(np.diff(times, axis=1), axis=1)
    assert low - 1e-9 <= cvs.min() <= cvs.max() <= high + 1e-9
    vertices = np.array(list(itertools.product(*[(year, year + 1) for year in years])))
    gaps = np.diff(np.sort(vertices, axis=1), axis=1)
    gaps = gaps[gaps.sum(axis=1) > 0]
    assert high == pytest.approx(stats.variation(gaps, axis=1).max(), abs=1e-9)


def test_toy_lists_have_known_regularity():
    assert cadence.gap_cv([2, 2, 2]) == 0
    assert cadence.burstiness(0) == cadence.burstiness_finite(0, 9) == -1
    one_burst = cadence.gap_cv([0, 0, 0, 0, 0, 0, 0, 9])
    assert one_burst == pytest.approx(math.sqrt(7))
    assert cadence.burstiness_finite(math.sqrt(8), 9) == pytest.approx(1)
    assert cadence.cv_bounds(["2000", "2002", "2004"]).low == pytest.approx(0, abs=1e-7)
    with pytest.raises(ValueError, match="2 or more gaps, found 1"):
        cadence.gap_cv([3])
    with pytest.raises(ValueError, match="not all 0"):
        cadence.gap_cv([0, 0])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=3, max_size=6))
def test_memory_and_renewal_are_shares_of_all_orders(gaps):
    orders = [np.array(order) for order in set(itertools.permutations(gaps))]
    weights = np.arange(len(gaps))[::-1]
    totals = [sum(np.cumsum(order)[:-1]) for order in orders]
    assert totals == [order @ weights for order in orders]
    middle, seen = np.mean(totals), sum(np.cumsum(gaps)[:-1])
    far = np.mean([abs(total - middle) >= abs(seen - middle) - 1e-9 for total in totals])
    assert cadence.renewal(gaps).p == pytest.approx(far)
    varied = [o for o in orders if len(set(o[:-1])) > 1 and len(set(o[1:])) > 1]
    if len(set(gaps[:-1])) < 2 or len(set(gaps[1:])) < 2:
        with pytest.raises(ValueError, match="hardly vary"):
            cadence.memory(gaps)
        return
    each = [stats.pearsonr(order[:-1], order[1:])[0] for order in varied]
    seen = stats.pearsonr(gaps[:-1], gaps[1:])[0]
    assert cadence.memory(gaps).statistic == pytest.approx(seen)
    assert cadence.memory(gaps).p == pytest.approx(np.mean([r >= seen - 1e-9 for r in each]))


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(2001, 2014), min_size=3, max_size=8).map(sorted))
def test_evenness_counts_the_sets_of_years_between_fixed_ends(years):
    first, *_, last = years
    inner = itertools.combinations(range(first + 1, last), len(years) - 2)
    sums = np.array([(np.diff([first, *chosen, last]) ** 2).sum() for chosen in inner])
    seen = (np.diff(years) ** 2).sum()
    assert cadence.evenness(years).p == pytest.approx((sums <= seen).mean(), rel=1e-12)
    assert cadence.evenness(years).smallest_p == pytest.approx((sums == sums.min()).mean())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.01, 3), min_size=4, max_size=6),
    st.sampled_from([1e-9, 1e-5, 1, 1e5]),
    st.booleans(),
)
def test_memory_and_renewal_hold_for_gaps_of_any_size(gaps, scale, repeat):
    gaps = [*gaps[:-1], gaps[0]] if repeat else gaps
    orders = np.array(list(itertools.permutations(gaps)))
    far = np.abs(
        orders @ np.arange(len(gaps))[::-1] / (np.mean(gaps) * len(gaps)) - (len(gaps) - 1) / 2
    )
    renewal = cadence.renewal(scale * np.array(gaps))
    assert (far > far[0] + 1e-7).mean() - 1e-9 <= renewal.p <= (far >= far[0] - 1e-7).mean() + 1e-9
    assert renewal.p >= renewal.smallest_p >= 1 / len(orders) - 1e-12
    with contextlib.suppress(ValueError):
        memory = cadence.memory(scale * np.array(gaps))
        assert memory.statistic == pytest.approx(stats.pearsonr(gaps[:-1], gaps[1:])[0], abs=1e-6)
        assert memory.p >= memory.smallest_p >= 1 / len(orders) - 1e-12


def test_gaps_that_are_no_whole_numbers_are_among_their_own_orders():
    gaps = [0.012359484582923685, 0.2462099020548516, 0.25632098081959276, 0.7884771119157818,
            1.1056714984515712, 1.7611330342638207, 2.1951632857828427]  # fmt: skip
    assert cadence.renewal(gaps).p == pytest.approx(2 / math.factorial(7))
    gaps = [0.22134540749156484, 0.920765221920234, 0.9340951031616113, 1.0356476901701122]
    assert cadence.memory(gaps).p == pytest.approx(2 / math.factorial(4))
    small = cadence.memory([1e-5, 2e-5, 4e-5, 3e-5])
    assert small[:3] == pytest.approx(cadence.memory([1, 2, 4, 3])[:3])


def test_a_drawn_p_of_one_is_not_free_of_error():
    found = cadence.power_law_drawn(["2001"], (2001, 2002))
    assert found.p == 1
    assert found.error > 0


def test_few_meetings_in_thousands_of_years_are_drawn_in_little_memory():
    tracemalloc.start()
    found = cadence.evenness(["0001", "5000", "9999"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert found.p < 0.001
    gaps = [4000, 5998]
    share = np.mean([k**2 + (9998 - k) ** 2 <= sum(g**2 for g in gaps) for k in range(1, 9998)])
    found = cadence.evenness(["0001", "4001", "9999"])
    assert found.p == pytest.approx(share, abs=5 * found.error)


def test_drawn_answers_carry_seed_and_error_and_agree_with_exact_ones(monkeypatch):
    gaps = np.diff(LISTED)
    exact = [cadence.memory(gaps), cadence.renewal(gaps), cadence.evenness(LISTED)]
    monkeypatch.setattr(cadence, "MOST_ORDERS", 1)
    monkeypatch.setattr(cadence, "MOST_STEPS", 1)
    drawn = [cadence.memory(gaps), cadence.renewal(gaps), cadence.evenness(LISTED)]
    for true, guess in zip(exact, drawn, strict=True):
        assert true.method.startswith("exact")
        assert guess.method.startswith("Monte Carlo")
        assert guess.seed == cadence.SEED
        assert 0 < guess.error < 0.01
        assert abs(guess.p - true.p) < 5 * guess.error


def test_a_drawn_p_counts_the_observed_among_the_draws_and_is_never_zero():
    assert cadence.evenness_continuous([1] * 40).p == 1 / (cadence.DRAWS + 1)


def test_measures_of_what_is_not_finite_are_refused():
    for run, numbers in (
        (cadence.burstiness_finite, (math.inf, 9)),
        (cadence.burstiness_finite, (0.5, math.inf)),
        (cadence.power, (9, 20, math.inf)),
        (cadence.rank_sums, (2, 3, math.nan)),
        (cadence.rank_sums, (2, 3, math.inf)),
    ):
        with pytest.raises(ValueError, match="finite"):
            run(*numbers)


def test_continuous_evenness_of_two_gaps_has_a_closed_form():
    found = cadence.evenness_continuous([1, 3])
    assert found.p == pytest.approx(0.5, abs=5 * found.error)


@pytest.mark.parametrize(("events", "years"), [(1, 1), (2, 3), (3, 4), (3, 2)])
def test_distinct_years_by_listing_all(events, years):
    every = list(itertools.product(range(years), repeat=events))
    share = sum(len(set(case)) == events for case in every) / len(every)
    assert cadence.distinct_years_p(events, years) == pytest.approx(share)


def test_distinct_years_do_not_overflow():
    expected = cadence.distinct_years_p(30, 60)
    assert cadence.distinct_years_p(np.int64(30), np.int64(60)) == expected > 0


# --- is the pace changing


@pytest.mark.parametrize(("years", "window"), REAL)
def test_rank_sum_counts_all_sets_of_years(years, window):
    p = two_sided(map(sum, sets(len(years), window)), sum(years))
    assert cadence.rank_sum(years, window).p == pytest.approx(p, rel=1e-12)
    others = sorted(set(cadence.years_of(window)) - set(years))
    referee = stats.mannwhitneyu(years, others, method="exact").pvalue
    assert cadence.rank_sum(years, window).p == pytest.approx(referee, rel=1e-12)


def test_fixed_ends_leave_the_years_between():
    last = two_sided(map(sum, sets(8, (1993, 2011))), sum(LISTED[:-1]))
    both = two_sided(map(sum, sets(7, (1999, 2011))), sum(LISTED[1:-1]))
    first = two_sided(map(sum, sets(8, (1999, 2012))), sum(LISTED[1:]))
    assert cadence.rank_sum(LISTED, MAIN, ["last"]).p == pytest.approx(last)
    assert cadence.rank_sum(LISTED, MAIN, ["first", "last"]).p == pytest.approx(both)
    assert cadence.rank_sum(LISTED, MAIN, ["first"]).p == pytest.approx(first)
    with pytest.raises(ValueError, match="left free"):
        cadence.rank_sum([2001, 2003], (2001, 2003), ["first", "last"])


def test_a_fixed_end_is_the_first_or_the_last():
    for fixed in (["lsat"], "first"):
        with pytest.raises(ValueError, match="list of 'first' and 'last'"):
            cadence.rank_sum(LISTED, MAIN, fixed)


@settings(max_examples=20, deadline=None)
@given(several)
def test_tied_sum_lists_all_ways(years):
    window = (2001, 2006)
    every = map(sum, itertools.product(range(2001, 2007), repeat=len(years)))
    found = cadence.tied_sum(years, window).p
    assert found == pytest.approx(two_sided(every, sum(years)), rel=1e-9)


def test_laplace_places_dates_within_their_year():
    times = np.array(LISTED) - 1993
    for at, shift in (("start", 0), ("middle", 0.5), ("end", 1)):
        found = cadence.laplace(LISTED, MAIN, at)
        u = ((times + shift).mean() - 10) / (20 / math.sqrt(12 * 9))
        assert found.statistic == pytest.approx(u)
        tail = stats.irwinhall.cdf((times + shift).sum() / 20, 9)
        assert found.p == pytest.approx(2 * min(tail, 1 - tail), rel=1e-9)


def test_laplace_needs_two_years_a_known_place_and_no_second_look_at_the_dates():
    assert cadence.laplace(iter(LISTED), MAIN) == cadence.laplace(LISTED, MAIN)
    with pytest.raises(ValueError, match="no window of 2"):
        cadence.laplace(["2000"], (2000, 2000), "start")
    with pytest.raises(ValueError, match="start, middle, end, found 'mid'"):
        cadence.laplace(LISTED, MAIN, "mid")


@pytest.mark.parametrize("run", [cadence.power_law, cadence.laplace, cadence.halves])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_smallest_p_is_the_least_of_all_lists(run, n):
    window = (2001, 2005)
    every = [run(one, window).p for one in itertools.product(range(2001, 2006), repeat=n)]
    for one in ([2001] * n, [2003] * n):
        assert run(one, window).smallest_p == pytest.approx(min(every), rel=1e-9)


@pytest.mark.parametrize("at", ["start", "middle", "end"])
def test_the_smallest_laplace_p_knows_how_precise_the_dates_are(at):
    lists = itertools.product(["2001", "2005"], ["2001-01", "2003-05", "2005-12"])
    every = [cadence.laplace(one, (2001, 2005), at) for one in lists]
    assert every[0].smallest_p == pytest.approx(min(found.p for found in every), rel=1e-2)
    assert all(found.smallest_p <= found.p for found in every)


def test_the_smallest_drawn_p_is_that_of_the_draws_or_of_few_lists():
    assert cadence.power_law_drawn([2003], (1993, 2012)).smallest_p == pytest.approx(2 / 20)
    assert cadence.power_law_drawn([2003, 2003], (1993, 2012)).smallest_p == pytest.approx(2 / 400)
    assert cadence.power_law_drawn(LISTED, MAIN).smallest_p == pytest.approx(1 / 100_001)


@pytest.mark.parametrize("years", [[2006], [2001, 2006], [2004, 2006, 2006], [2005, 2006, 2006]])
def test_power_law_drawn_tends_to_the_share_of_all_lists(years):
    window = (2001, 2006)
    lists = itertools.product(range(2001, 2007), repeat=len(years))
    every = np.array([cadence.power_law(one, window).p for one in lists])
    share = (every <= cadence.power_law(years, window).p + 1e-9).mean()
    found = cadence.power_law_drawn(years, window)
    assert found.p == pytest.approx(share, abs=5 * found.error)


def test_power_law_is_asymptotic_and_too_small_for_one_meeting():
    found = cadence.power_law([2008], (2001, 2008)).p
    assert found < 0.05 < cadence.power_law_drawn([2008], (2001, 2008)).p


@settings(max_examples=20, deadline=None)
@given(several)
def test_power_law_is_the_greatest_likelihood(years):
    total, k = 6, np.array(years) - 2001

    def minus(b):
        return -np.log(((k + 1) / total) ** b - (k / total) ** b).sum()

    found = cadence.power_law(years, (2001, 2006))
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
    assert cadence.halves(years, window).p == pytest.approx(p)
    assert cadence.halves(years, window).statistic == early


@pytest.mark.parametrize(("split", "table"), [(2002, [[1, 1], [2, 2]]), (2003, [[2, 1], [1, 2]])])
def test_a_split_counts_its_own_year_as_before(split, table):
    found = cadence.fisher_split([2001, 2003, 2005], (2001, 2006), split)
    assert (found.statistic, found.p) == (table[0][0], stats.fisher_exact(table).pvalue)


@pytest.mark.parametrize("split", [2001, 2003, 2005])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_smallest_p_of_a_split_is_the_least_of_all_tables(split, n):
    window = (2001, 2006)
    every = [cadence.fisher_split(chosen, window, split) for chosen in sets(n, window)]
    least = min(found.p for found in every)
    assert [found.smallest_p for found in every] == pytest.approx([least] * len(every))
    assert cadence.fisher_split(["1997"], (1994, 1998), 1994).smallest_p == pytest.approx(0.2)


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


@settings(max_examples=15, deadline=None)
@given(distinct)
def test_scan_counts_all_sets_whose_best_split_is_as_good(years):
    best = [max(split_ratio(chosen, WINDOW)) for chosen in sets(len(years), WINDOW)]
    seen = split_ratio(years, WINDOW)
    year, found = cadence.scan(years, WINDOW)
    assert found.p == pytest.approx(np.mean(np.array(best) >= max(seen) - 1e-9))
    assert found.statistic == pytest.approx(max(seen), abs=1e-9)
    assert seen[year - WINDOW[0]] == pytest.approx(max(seen), abs=1e-9)


@pytest.mark.parametrize("years", [(2002, 2003, 2007), (2004, 2008, 2009)])
def test_scan_counts_equal_splits_as_equal_though_rounding_parts_them(years):
    window = (2001, 2010)
    best = np.array([max(split_ratio(chosen, window)) for chosen in sets(3, window)])
    seen = np.array(split_ratio(years, window))
    year, found = cadence.scan(years, window)
    assert found.p == pytest.approx((best >= seen.max() - 1e-9).mean())
    assert year == 2001 + np.flatnonzero(seen >= seen.max() - 1e-9)[0]


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
    year, found = cadence.scan(LISTED, MAIN)
    assert found.p == pytest.approx((best >= best[row] - 1e-9).mean(), rel=1e-12)
    assert year == 2005


def test_change_point_by_plain_beta_functions():
    def beta(a, b):
        return math.factorial(a) * math.factorial(b) / math.factorial(a + b + 1)

    weights = []
    for cut in range(1, 20):
        early = sum(year < 1993 + cut for year in LISTED)
        late = 9 - early
        weights.append(beta(early, cut - early) * beta(late, 20 - cut - late) / beta(9, 11))
    factor, posterior = cadence.change_point(LISTED, MAIN)
    assert factor == pytest.approx(np.mean(weights), rel=1e-10)
    assert posterior.sum() == pytest.approx(1)
    assert posterior.loc[2005] == pytest.approx(weights[12] / sum(weights))


def test_odds_growth_agrees_with_conditional_logistic_regression():
    from statsmodels.discrete.conditional_models import ConditionalLogit

    met = np.isin(range(1993, 2013), LISTED).astype(float)
    model = ConditionalLogit(met, np.arange(20.0)[:, None], groups=np.zeros(20))
    found = cadence.odds_growth(LISTED, MAIN)
    assert math.log(found.value) == pytest.approx(model.fit(disp=0).params[0] * 19, abs=1e-4)


def tilted(n, years, growth):
    ranks = np.array(list(itertools.combinations(range(years), n)))
    weights = growth ** (ranks.sum(axis=1) / (years - 1))
    return ranks.sum(axis=1), weights / weights.sum()


def test_odds_growth_interval_leaves_two_and_a_half_percent_on_each_side():
    years, window = (2003, 2004, 2006), (2001, 2007)
    found = cadence.odds_growth(years, window)
    seen = sum(years) - 3 * 2001
    sums, chances = tilted(3, 7, found.low)
    assert chances[sums >= seen].sum() == pytest.approx(0.025)
    sums, chances = tilted(3, 7, found.high)
    assert chances[sums <= seen].sum() == pytest.approx(0.025)
    assert cadence.odds_growth((2006, 2007), window)[2] == math.inf
    assert cadence.odds_growth((2006, 2007), window)[0] == math.inf
    assert cadence.odds_growth((2001, 2002), window)[1] == 0


@pytest.mark.parametrize("run", [cadence.odds_growth, cadence.steady_band])
def test_a_level_lies_between_0_and_1(run):
    with pytest.raises(ValueError, match="level lies between"):
        run(LISTED, MAIN, level=95)


@pytest.mark.parametrize(("n", "years", "growth"), [(3, 9, 4.0), (4, 10, 0.2), (1, 5, 9.0)])
def test_power_by_listing_all_sets(n, years, growth):
    sums, equal = tilted(n, years, 1.0)
    p = np.array([two_sided(sums, seen) for seen in sums])
    _, chances = tilted(n, years, growth)
    assert cadence.power(n, years, growth) == pytest.approx(chances[p <= 0.05 + 1e-9].sum())
    assert equal.sum() == pytest.approx(1)


def test_growth_for_power_is_where_the_power_is_reached():
    growth = cadence.growth_for_power(9, 20)
    assert cadence.power(9, 20, growth) == pytest.approx(0.8, abs=1e-9)
    assert cadence.growth_for_power(1, 5) == math.inf


@pytest.mark.parametrize("number", [1, 2, 3])
def test_meetings_added_anywhere_before_bound_the_p(number):
    years, window = (2003, 2006, 2008), (2001, 2009)
    free = [2001, 2002, 2004]  # 2005 is free, but not before 2005
    every = [
        cadence.rank_sum((*years, *more), window).p for more in itertools.combinations(free, number)
    ]
    found = cadence.with_added(years, window, number, 2005)
    assert (found.low, found.high) == (pytest.approx(min(every)), pytest.approx(max(every)))
    with pytest.raises(ValueError, match="only 3 years"):
        cadence.with_added(years, window, 4, 2005)
    with pytest.raises(ValueError, match="0 or more"):
        cadence.with_added(years, window, -number, 2005)


def test_a_steady_band_holds_the_middle_of_all_lists():
    years, window = (2002, 2003, 2006), (2001, 2006)
    counts = np.array(
        [[sum(y <= end for y in s) for end in range(2001, 2007)] for s in sets(3, window)]
    )
    band = cadence.steady_band(years, window)
    assert band["so_far"].tolist() == [0, 1, 2, 2, 2, 3]
    for place, row in band.iterrows():
        assert (counts[:, place] < row["low"]).mean() < 0.025
        assert (counts[:, place] <= row["low"]).mean() >= 0.025
        assert (counts[:, place] <= row["high"]).mean() >= 0.975


# --- the open gap and the next


def test_survival_agrees_with_another_library_and_counts_the_open_gap():
    from statsmodels.duration.survfunc import SurvfuncRight

    gaps = np.diff(LISTED)
    table = cadence.survival(gaps, [1])
    referee = SurvfuncRight([*gaps, 1], [1] * 8 + [0])
    assert table["survival"].tolist()[1:] == pytest.approx(referee.surv_prob.tolist())
    assert table["fraction"].tolist() == ["1", "5/9", "5/18", "0"]


@pytest.mark.parametrize(
    ("gaps", "still_open"),
    [([1, math.nan], []), ([1], [math.nan]), ([None], []), ([-1], []), ([], [])],
)
def test_survival_needs_numbers(gaps, still_open):
    with pytest.raises(ValueError, match="each a number from 0 up"):
        cadence.survival(gaps, still_open)


def test_a_watch_that_ends_with_the_last_event_keeps_to_the_window():
    with pytest.raises(ValueError, match="1990 lies outside"):
        cadence.event_truncated(["1990", "2001"], MAIN)


def test_a_median_on_a_step_at_one_half_is_an_interval():
    assert cadence.median_gap(cadence.survival([1, 1, 2, 3])) == (1, 2)
    assert cadence.median_gap(cadence.survival([1, 2, 3])) == (2, 2)
    assert cadence.median_gap(cadence.survival([1], [2, 2])) == (math.inf, math.inf)


def test_the_next_gap_has_f_quantiles():
    gaps = np.diff(LISTED)
    quantiles = gaps.mean() * stats.f.ppf([0.5, 0.025, 0.975], 2, 16)
    assert cadence.next_gap(gaps)[:3] == pytest.approx(tuple(quantiles))
    assert cadence.next_gap(gaps, still_open=2).value > cadence.next_gap(gaps).value


def test_quiet_years_are_those_without_a_date():
    assert cadence.quiet_years(["1998", "2000"], (1998, 2001)) == [1999, 2001]


# --- everything side by side


def test_all_choices_agree_with_the_single_tests_and_stand_once():
    table = cadence.all_choices(LISTED, [MAIN, (1993, 2013)])
    assert not table.duplicated(["test", "first", "last", "first_fixed", "last_fixed"]).any()
    free = table[(table["test"] == "rank sum") & ~table["first_fixed"] & ~table["last_fixed"]]
    expected = [cadence.rank_sum(LISTED, (1993, last)).p for last in (2012, 2013)]
    assert free["p"].tolist() == pytest.approx(expected)
    gaps = table.loc[table["test"] == "order of gaps", "p"]
    assert gaps.tolist() == pytest.approx([cadence.renewal(np.diff(LISTED)).p])
    assert table.loc[~table["exact"], "test"].unique().tolist() == ["power law"]


def test_a_test_that_cannot_run_keeps_its_row_and_its_reason():
    table = cadence.all_choices([2001, 2001, 2004], [(2001, 2005)])
    missing = table[table["p"].isna()]
    assert set(missing["test"]) == {"rank sum", "scan of all splits"}
    assert missing["method"].str.contains("stands twice").all()
    with pytest.raises(ValueError, match="no window"):
        cadence.all_choices([2001], [])


def calls(years, window):
    gaps = np.diff(sorted(years))
    texts = [str(year) for year in years]
    single = [cadence.spans, cadence.meeting_gaps, cadence.cv_bounds, cadence.evenness]
    yield from (lambda run=run: run(texts) for run in single)
    spaced = [cadence.gap_cv, cadence.memory, cadence.renewal, cadence.evenness_continuous]
    yield from (lambda run=run: run(gaps) for run in [*spaced, cadence.next_gap, cadence.survival])
    yield from (lambda run=run: run(texts, window) for run in WINDOWED)
    total = window[1] - window[0] + 1
    yield lambda: cadence.fisher_split(texts, window, years[0])
    yield lambda: cadence.with_added(texts, window, 3, window[1])
    yield lambda: cadence.power(len(years), total, 8.0)
    yield lambda: cadence.growth_for_power(len(years), total)
    yield lambda: cadence.distinct_years_p(len(years), total)
    yield lambda: cadence.all_choices(texts, [window])


def shuffled(years, seed):
    return random.Random(seed).sample(years, len(years))


def check(found):
    if isinstance(found, cadence.Result):
        assert 0 <= found.smallest_p <= found.p + 1e-12 <= 1 + 1e-9
        assert found.method.startswith("exact") or found.seed or "asymptotic" in found.method
    elif isinstance(found, cadence.Interval):
        assert 0 <= found.low <= found.high + 1e-9
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


@settings(max_examples=15, deadline=None)
@given(distinct, st.integers(0, 5))
def test_unsorted_is_sorted(years, seed):
    mixed = [str(year) for year in shuffled(years, seed)]
    for run in (
        cadence.rank_sum,
        cadence.tied_sum,
        cadence.laplace,
        cadence.scan,
        cadence.power_law,
    ):
        assert run(mixed, WINDOW) == run(years, WINDOW)
    assert (cadence.spans(mixed) == cadence.spans(years)).all()


@settings(max_examples=15, deadline=None)
@given(distinct)
def test_a_mirrored_list_has_the_same_two_sided_p(years):
    mirror = [sum(WINDOW) - year for year in years]
    for run in (cadence.rank_sum, cadence.tied_sum, cadence.laplace):
        assert run(mirror, WINDOW).p == pytest.approx(run(years, WINDOW).p, rel=1e-9)
    assert cadence.scan(mirror, WINDOW)[1].p == pytest.approx(cadence.scan(years, WINDOW)[1].p)


# --- what is published


def test_every_finding_has_its_definition_and_a_key_of_its_own():
    from relations_lib.findings import define

    found = list(published.findings(load()))
    keys = [finding.key for finding in found]
    assert len(keys) == len(set(keys))
    assert all(define(key)["notebook"] == "02" for key in keys)
    assert all(
        f.low - 1e-9 <= f.value <= f.high + 1e-9
        for f in found
        if f.low is not None and f.key != "meetings.next_gap_in_range"
    )


@pytest.mark.parametrize(
    "dates",
    [[], ["1998"], ["1998", "1998"], ["2001", "2004", "2016"], ["1998/2001", "2004", "2006"]],
)
def test_other_data_leave_out_what_they_cannot_give(dates):
    data = load()
    meetings = data.meetings.head(len(dates)).assign(date=dates)
    meetings[["date_earliest", "date_latest"]] = day_bounds(meetings["date"])
    other = type(data)(data.path, data.schema, {**data.tables, "meetings": meetings})
    keys = [finding.key for finding in published.findings(other)]
    assert "meetings.count" in keys
    assert ("meetings.gap_cv" in keys) == (len(dates) > 2 and dates[0] == "2001")


def test_a_last_year_that_is_not_over_does_not_count():
    ends = ["2013-12-31", "2013-12-30", "2013-12-15", "2013-10-31", "2014-01-01"]
    windows = pd.DataFrame({"id": ends, "start_earliest": pd.Timestamp("1993-01-07")})
    windows["end_earliest"] = windows["end_latest"] = pd.to_datetime(ends)
    found = published.whole_year_windows(SimpleNamespace(windows=windows))
    last = {"2013-12-31": 2013, "2014-01-01": 2013}
    assert found == {end: (1993, last.get(end, 2012)) for end in sorted(ends)}
    assert list(found) == sorted(ends)


def test_missing_sessions_before_the_first_numbered_one():
    assert published.missing_before(load()) == (3, 6, 2006)
