"""Few events in a known window, against other libraries and by brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, factorial, floor, inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from statsmodels.stats import rates

from relations_lib import poisson

COUNTS = st.integers(0, 400)
LENGTHS = st.floats(0.01, 500)
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@given(COUNTS, LENGTHS, LEVELS)
def test_the_exact_interval_agrees_with_statsmodels(count, exposure, level):
    expected = rates.confint_poisson(count, exposure, method="exact-c", alpha=1 - level)
    assert poisson.garwood(count, exposure, level) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("count", [1, 2, 4, 30])
def test_each_bound_of_the_exact_interval_leaves_its_tail(count):
    low, high = poisson.garwood(count, level=0.9)
    assert stats.poisson.sf(count - 1, low) == pytest.approx(0.05)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.05)


def test_no_event_still_bounds_the_rate_from_above():
    low, high = poisson.garwood(0, 10)
    assert low == 0
    assert high == pytest.approx(-np.log(0.025) / 10)


def test_counts_may_be_an_array():
    low, high = poisson.garwood([0, 4], [2, 20])
    assert (low[1], high[1]) == poisson.garwood(4, 20)
    assert (low[0], high[0]) == poisson.garwood(0, 2)


@given(st.integers(2, 400), LENGTHS, LEVELS)
def test_jeffreys_interval_agrees_with_statsmodels(count, exposure, level):
    expected = rates.confint_poisson(count, exposure, method="jeff", alpha=1 - level)
    assert poisson.jeffreys(count, exposure, level) == pytest.approx(expected, rel=1e-9)


def test_the_ends_of_jeffreys_interval_are_mended_at_no_and_at_one_event():
    low, high = poisson.jeffreys([0, 1], 10)
    assert low.tolist() == [0, 0]
    assert high.tolist() == pytest.approx([-np.log(0.025) / 10, stats.gamma(1.5).ppf(0.975) / 10])


def test_the_mended_interval_covers_every_rate_as_often_as_its_docstring_says():
    counts = np.arange(150)
    low, high = poisson.jeffreys(counts)
    ends = np.concatenate([low, high])
    close = np.concatenate([ends * (1 - 1e-9), ends * (1 + 1e-9)])
    means = np.concatenate([[1e-9, 1e-4], close, np.linspace(0.01, 60, 6000)])
    means = means[(means > 0) & (means <= 60)]
    covered = (low[:, None] <= means) & (means <= high[:, None])
    coverage = (stats.poisson.pmf(counts[:, None], means) * covered).sum(axis=0)
    assert coverage.min() == pytest.approx(0.923, abs=5e-4)
    assert coverage[-6000:].mean() == pytest.approx(0.95, abs=0.003)


def test_the_count_for_a_narrow_interval_is_the_smallest_that_gives_it():
    def ratio(k):
        low, high = poisson.garwood(k)
        return high / low if low else inf

    for wanted in (1.5, 2, 3.07, 9.4, 50):
        found = poisson.count_for_ratio(wanted)
        assert ratio(found) <= wanted < ratio(found - 1)
    with pytest.raises(ValueError, match="ratio"):
        poisson.count_for_ratio(1)


@pytest.mark.parametrize(
    ("count", "exposure", "level", "said"),
    [
        (-1, 1, 0.95, "count"),
        (1.5, 1, 0.95, "count"),
        (np.nan, 1, 0.95, "count"),
        (4, 0, 0.95, "exposure"),
        (4, np.inf, 0.95, "exposure"),
        (4, 1, 95, "level"),
    ],
)
@pytest.mark.parametrize("interval", [poisson.garwood, poisson.jeffreys])
def test_impossible_input_is_named(interval, count, exposure, level, said):
    with pytest.raises(ValueError, match=said):
        interval(count, exposure, level)


# --- Two rates ----------------------------------------------------------------------------------


def test_the_ratio_of_two_rates_is_that_of_the_published_example_in_r():
    """Miller, Fleiss and Breslow and Day: the second example of R's poisson.test."""
    found = poisson.rate_ratio(11, 800, 6 + 8 + 7, 1083 + 1050 + 878)
    expected = (1.971488, 0.8584264, 4.2772659, 0.07967)
    assert found == pytest.approx(expected, rel=2e-5)


@given(st.integers(0, 60), LENGTHS, st.integers(1, 60), LENGTHS)
def test_the_ratio_of_two_rates_agrees_with_statsmodels(one, here, other, there):
    found = poisson.rate_ratio(one, here, other, there)
    referee = rates.test_poisson_2indep(one, here, other, there, method="exact-cond")
    assert found.ratio == pytest.approx((one / here) / (other / there))
    assert found.p == pytest.approx(referee.pvalue, rel=1e-6)


@given(st.integers(1, 60), LENGTHS, st.integers(0, 60), LENGTHS)
def test_at_each_end_of_a_ratio_the_count_seen_has_its_tail(one, here, other, there):
    found = poisson.rate_ratio(one, here, other, there, level=0.9)
    share = found.low * here / (found.low * here + there)
    assert stats.binom.sf(one - 1, one + other, share) == pytest.approx(0.05, rel=1e-6)
    if other:
        share = found.high * here / (found.high * here + there)
        assert stats.binom.cdf(one, one + other, share) == pytest.approx(0.05, rel=1e-6)
    else:
        assert found.high == found.ratio == inf


def test_two_zeros_say_nothing_about_a_ratio():
    found = poisson.rate_ratio(0, 10, 0, 20)
    assert np.isnan(found.ratio)
    assert found[1:] == (0, inf, 1)


def test_the_ratio_of_the_other_order_is_the_inverse():
    one, other = poisson.rate_ratio(3, 10, 7, 25), poisson.rate_ratio(7, 25, 3, 10)
    inverse = [1 / other.ratio, 1 / other.high, 1 / other.low, other.p]
    assert list(one) == pytest.approx(inverse)


@pytest.mark.parametrize(
    ("given", "said"),
    [((-1, 1, 2, 1), "count"), ((1, 0, 2, 1), "exposure"), ((1, 1, 0.5, 1), "count")],
)
def test_a_ratio_of_impossible_rates_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        poisson.rate_ratio(*given)


# --- Trend --------------------------------------------------------------------------------------


def irwin_hall(x: float, n: int) -> float:
    """The textbook's alternating sum, in exact fractions."""
    x = Fraction(x)
    terms = ((-1) ** k * comb(n, k) * (x - k) ** n for k in range(floor(x) + 1))
    return float(sum(terms) / factorial(n))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_exact_trend_p_agrees_with_the_sum_in_fractions(times):
    total = float(np.sum(times))
    cdf = irwin_hall(total, len(times))
    assert poisson.laplace_p(times, 1) == pytest.approx(2 * min(cdf, 1 - cdf), abs=1e-12)


def test_laplace_statistic_of_one_event_at_the_end_is_the_square_root_of_three():
    assert poisson.laplace_u([8.0], 8.0) == pytest.approx(3**0.5)


def test_laplace_statistic_agrees_with_its_definition_by_simulation():
    times = np.random.default_rng(7).uniform(0, 5, (4000, 6))
    us = np.array([poisson.laplace_u(row, 5) for row in times])
    assert us.mean() == pytest.approx(0, abs=0.05)
    assert us.var() == pytest.approx(1, abs=0.07)
    ps = [poisson.laplace_p(row, 5) for row in times[:1000]]
    assert stats.kstest(ps, "uniform").pvalue > 0.001


@pytest.mark.parametrize("shift", [0.0, 0.004, 0.01, 0.02])
def test_the_normal_approximation_joins_the_exact_distribution(shift, monkeypatch):
    times = np.linspace(0.001 + shift, 0.999, 3000)
    exact = poisson.laplace_p(times, 1)
    monkeypatch.setattr(poisson, "EXACT_UP_TO", 100)
    assert poisson.laplace_p(times, 1) == pytest.approx(exact, abs=3e-8)
    normal = 2 * stats.norm.sf(abs(poisson.laplace_u(times, 1)))
    assert shift == 0 or abs(normal - exact) > 1e-7


def test_a_p_too_small_to_hold_is_given_as_what_it_is_below():
    assert poisson.laplace_p(np.full(1000, 0.01), 1) == poisson.TINY
    assert poisson.laplace_p([1.0], 1) == poisson.TINY
    assert poisson.laplace_p(np.full(10_000, 0.1), 1) == 1e-8
    assert 0 < poisson.laplace_p(np.full(100, 0.01), 1) == pytest.approx(2 / factorial(100))


def test_a_window_that_ends_before_an_event_is_refused():
    for times, length in (([1, 5], 4), ([-1], 4), ([], 4), ([1], 0), ([[1]], 4), ([1], inf)):
        with pytest.raises(ValueError, match="times"):
            poisson.laplace_u(times, length)


# --- What may follow ----------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "exposure", "ahead"), [*product([0, 4, 9], [20.98], [1, 6.2])])
def test_the_chance_of_silence_is_the_posterior_mean_of_poisson_silence(count, exposure, ahead):
    posterior = stats.gamma(count + 0.5, scale=1 / exposure)
    mean = integrate.quad(lambda rate: posterior.pdf(rate) * np.exp(-rate * ahead), 0, 5)[0]
    assert poisson.p_none(count, exposure, ahead) == pytest.approx(mean, rel=1e-6)
    law = stats.nbinom(count + 0.5, exposure / (exposure + ahead))
    assert poisson.p_none(count, exposure, ahead) == pytest.approx(law.pmf(0))


@given(COUNTS, LENGTHS, st.floats(0, 0.99))
def test_the_wait_for_the_next_event_inverts_the_chance_of_silence(count, exposure, chance):
    wait = poisson.next_event(count, exposure, chance)
    assert 1 - poisson.p_none(count, exposure, wait) == pytest.approx(chance, abs=1e-9)


def test_the_wait_agrees_with_a_root_search():
    root = optimize.brentq(lambda t: poisson.p_none(4, 20, t) - 0.5, 0, 100)
    assert poisson.next_event(4, 20, 0.5) == pytest.approx(root)


def test_a_refusal_names_the_value_and_prints_no_table():
    table = pd.Series([1.0, -2.0, 3.0])
    for run in (
        lambda: poisson.garwood(table),
        lambda: poisson.garwood(1, table),
        lambda: poisson.p_none(4, 20, table),
        lambda: poisson.next_event(4, 20, table / 4),
    ):
        with pytest.raises(ValueError, match=r"found -(2|0\.5): ") as error:
            run()
        assert "dtype" not in str(error.value)
        assert "\n" not in str(error.value)


def test_time_ahead_and_probability_are_checked():
    with pytest.raises(ValueError, match="ahead"):
        poisson.p_none(4, 20, -1)
    with pytest.raises(ValueError, match="probability"):
        poisson.next_event(4, 20, 1)


def test_a_ratio_of_lists_is_refused():
    with pytest.raises(ValueError, match="once for each pair"):
        poisson.rate_ratio([1, 2], 1, 3, 1)
