"""Few events in a known window: exact intervals, an exact trend test, what may follow.

Everything takes plain numbers or arrays, so that any count in any window can use it. An exposure
may have any unit (years, say); a rate is then per that unit.

Sources: Garwood, Biometrika 28 (1936), 437-442 (interval); Brown, Cai and DasGupta, Statistical
Science 16 (2001), 101-133, section 4.1.2, and Statistica Sinica 13 (2003), 19-49 (Jeffreys
interval); Cox and Lewis, The Statistical Analysis of Series of Events (1966), section 3.3
(Laplace's trend test); Irwin and Hall, both Biometrika 19 (1927).
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf, nan
from sys import float_info
from typing import Any, NamedTuple

import numpy as np

EXACT_UP_TO = 4000
TINY = float_info.min


def tail(level: float) -> float:
    """Return the probability that a central interval of this level leaves on each side.

    Raises
    ------
    ValueError
        If the level does not lie between 0 and 1.

    Examples
    --------
    >>> tail(0.5)
    0.25
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, found {level!r}: for 95% give 0.95")
    return (1 - level) / 2


def _require(values: np.ndarray, allowed: np.ndarray, rule: str, remedy: str) -> None:
    """Raise a ValueError that names the first value that is not allowed."""
    if not allowed.all():
        found = values[~allowed].flat[0]
        raise ValueError(f"{rule}, found {found:g}: {remedy}")


def _checked(count: Any, exposure: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and exposures as numbers, or raise a ValueError."""
    counts = np.asarray(count, dtype=float)
    exposures = np.asarray(exposure, dtype=float)
    whole = (counts >= 0) & (counts < inf) & (counts == np.floor(counts))
    _require(counts, whole, "a count is a whole number from 0 up", "count the events")
    above = (exposures > 0) & (exposures < inf)
    _require(exposures, above, "an exposure is above 0", "give the window's length")
    return counts, exposures


def garwood(count: Any, exposure: Any = 1.0, level: float = 0.95) -> tuple[Any, Any]:
    """Return the exact central confidence interval of a Poisson rate.

    It covers the true rate in at least ``level`` of all cases, whatever the rate.

    Parameters
    ----------
    count, exposure
        Events seen (numbers or arrays) and the time watched.
    level
        Confidence level.

    Returns
    -------
    tuple
        Lower and upper bound of the events per unit of exposure; the lower is 0 at count 0.

    Raises
    ------
    ValueError
        If a count is not a whole number from 0 up, an exposure not above 0, or a level not
        between 0 and 1.

    Examples
    --------
    >>> [round(float(bound), 4) for bound in garwood(4)]
    [1.0899, 10.2416]
    """
    from scipy.special import gammainccinv, gammaincinv

    counts, exposures = _checked(count, exposure)
    left = tail(level)
    low = np.nan_to_num(gammaincinv(counts, left))  # no quantile at count 0: 0
    high = gammainccinv(counts + 1, left)
    return low / exposures, high / exposures


def jeffreys(count: Any, exposure: Any = 1.0, level: float = 0.95) -> tuple[Any, Any]:
    """Return the equal-tailed interval of a Poisson rate under Jeffreys' prior, its ends mended.

    From 2 events up the ends are quantiles of Gamma(k + 1/2). At 0 and 1 the lower end is 0, at 0
    the upper end that of ``garwood``: Brown, Cai and DasGupta mend the binomial interval so, and
    without it no rate near 0 would be covered. At 95% it is never wider than ``garwood`` and covers
    the true rate in about 95% of all cases on average over rates, for some in as few as 92.3%.
    Parameters, return and errors as for ``garwood``.

    Examples
    --------
    >>> [round(float(bound), 4) for bound in jeffreys(4)]
    [1.3502, 9.5114]
    """
    from scipy.special import gammainccinv, gammaincinv

    counts, exposures = _checked(count, exposure)
    left = tail(level)
    low = np.where(counts <= 1, 0, gammaincinv(counts + 0.5, left))
    high = np.where(counts == 0, -np.log(left), gammainccinv(counts + 0.5, left))
    return low / exposures, high / exposures


class RateRatio(NamedTuple):
    """Ratio of two rates, its confidence interval, and the p-value of equal rates."""

    ratio: float
    low: float
    high: float
    p: float


def rate_ratio(
    count1: int, exposure1: float, count2: int, exposure2: float, level: float = 0.95
) -> RateRatio:
    """Return the ratio of two Poisson rates with its exact interval and test.

    Given the sum of the two counts, the first is binomial; its share under equal rates is
    ``exposure1 / (exposure1 + exposure2)``. The Clopper-Pearson interval of the share becomes
    that of the ratio; it covers the true ratio in at least ``level`` of all cases. The p-value
    adds up the chances of all counts that are no likelier than the one seen.

    Parameters
    ----------
    count1, count2
        Events seen of each kind.
    exposure1, exposure2
        Time watched for each, in the same unit.
    level
        Confidence level.

    Returns
    -------
    RateRatio
        ``ratio`` of the first rate to the second, ``low``, ``high`` and ``p``. Without an event
        of the second kind ratio and high are infinite; without any event nothing is known: the
        ratio is NaN, low 0, high infinite and p 1. A p that floating point cannot hold is given
        as 2.2e-308, which it is below.

    Raises
    ------
    ValueError
        As ``garwood``; also if a count or an exposure is a list.

    References
    ----------
    Przyborowski and Wilenski, Biometrika 31 (1940), 313-323; Clopper and Pearson, Biometrika 26
    (1934), 404-413. R's ``poisson.test`` computes the same.

    Examples
    --------
    >>> [round(value, 4) for value in rate_ratio(11, 800, 21, 3011)]
    [1.9715, 0.8584, 4.2773, 0.0797]
    """
    from scipy.stats import binomtest

    if any(np.ndim(value) for value in (count1, exposure1, count2, exposure2)):
        raise ValueError("a ratio is of two single rates: call it once for each pair")
    _checked([count1, count2], [exposure1, exposure2])
    left = tail(level)
    count = int(count1) + int(count2)
    if count == 0:
        return RateRatio(ratio=nan, low=0.0, high=inf, p=1.0)
    share = exposure1 / (exposure1 + exposure2)
    p = binomtest(int(count1), count, share).pvalue
    scale = exposure2 / exposure1
    ratio, low, high = inf, 0.0, inf
    if count1:
        low = scale * _odds_end(count1, count2 + 1, left)
    if count2:
        ratio = scale * count1 / count2
        high = scale * _odds_end(count1 + 1, count2, 1 - left)
    return RateRatio(ratio, low, high, p=max(float(p), TINY))


def _odds_end(one: int, other: int, chance: float) -> float:
    """Return Clopper and Pearson's bound of the odds of a share, a quantile of an F law."""
    from scipy.special import fdtri

    return one / other * float(fdtri(2 * one, 2 * other, chance))


def count_for_ratio(ratio: float, level: float = 0.95) -> int:
    """Return the smallest count whose exact interval has an upper bound within ``ratio`` x lower.

    Raises
    ------
    ValueError
        If the ratio is not at least 1.001, or the level not between 0 and 1.

    Examples
    --------
    >>> count_for_ratio(10)
    4
    """
    if not ratio >= 1.001:
        raise ValueError(f"a ratio of bounds is 1.001 or more, found {ratio!r}: give 2, say")

    def narrow(count: int) -> bool:
        low, high = garwood(count, level=level)
        return bool(high <= ratio * low)

    return 1 + bisect_left(range(1, 10**9), True, key=narrow)


def _times(times: Any, length: float) -> np.ndarray:
    array = np.asarray(times, dtype=float)
    if array.ndim != 1 or not array.size:
        raise ValueError("times must be a list of at least one number: give the events' times")
    least, most = array.min(), array.max()
    if not (0 <= least <= most <= length < inf and length > 0):
        found = f"{least} to {most} in a window of length {length!r}"
        raise ValueError(f"times lie in the window, found {found}: leave out what lies outside")
    return array


def laplace_u(times: Any, length: float) -> float:
    """Return Laplace's trend statistic of events in a window fixed beforehand.

    U = (mean time - length / 2) / (length / sqrt(12 n)). Under a constant rate it has mean 0
    and variance 1; above 0 the events come late in the window, below 0 early.

    Parameters
    ----------
    times
        Time of each event from the start of the window, one-dimensional.
    length
        Length of the window, in the unit of the times. It must not be chosen as the time of the
        last event.

    Raises
    ------
    ValueError
        If there is no event, the length is not above 0 and finite, or an event lies outside the
        window.

    Examples
    --------
    >>> laplace_u([1, 2, 3], 4)
    0.0
    """
    array = _times(times, length)
    spread = length / np.sqrt(12 * array.size)
    return float((array.mean() - length / 2) / spread)


def laplace_p(times: Any, length: float) -> float:
    """Return the exact two-sided p-value of Laplace's statistic, ``2 min(F, 1 - F)``.

    F is the Irwin-Hall distribution of the sum of as many uniform numbers as there are events.
    Above 4,000 events the normal distribution with its first correction (Edgeworth, kurtosis
    -1.2 / n) stands in for it, which is right to eight decimals: a p below 1e-8 is then given as
    1e-8. Up to 4,000 events a p that floating point cannot hold is given as 2.2e-308, which it is
    below. Parameters and errors as for ``laplace_u``.

    Examples
    --------
    >>> round(laplace_p([1.0], 4), 3)
    0.5
    """
    from scipy.stats import irwinhall, norm

    array = _times(times, length)
    n = array.size
    total = float((array / length).sum())
    if n <= EXACT_UP_TO:
        left = irwinhall.cdf(min(total, n - total), n)
        return min(1.0, max(2 * float(left), TINY))
    u = abs(laplace_u(array, length))
    correction = norm.pdf(u) * (u**3 - 3 * u) / (20 * n)
    p = 2 * (norm.sf(u) - correction)
    return min(1.0, max(float(p), 1e-8))


def p_none(count: Any, exposure: Any, ahead: Any) -> Any:
    """Return the predictive chance of no event in the time ahead, if the rate stays constant.

    Prior Gamma(1/2, 0) (Jeffreys): ``(T / (T + d)) ** (k + 1/2)`` for k events in T, d ahead.

    Parameters
    ----------
    count, exposure
        Events seen and the time watched.
    ahead
        Time ahead from the end of the exposure, in its unit, from 0 up.

    Raises
    ------
    ValueError
        If a count is not a whole number from 0 up, an exposure not above 0, or a time ahead
        below 0.

    Examples
    --------
    >>> round(float(p_none(4, 20, 5)), 4)
    0.3664
    """
    counts, exposures = _checked(count, exposure)
    time = np.asarray(ahead, dtype=float)
    _require(time, time >= 0, "time ahead is 0 or more", "give a length of time")
    return (exposures / (exposures + time)) ** (counts + 0.5)


def next_event(count: Any, exposure: Any, probability: Any) -> Any:
    """Return the time within which the next event comes with a given predictive probability.

    The inverse of ``1 - p_none(count, exposure, time)`` (a Lomax distribution). Parameters as
    there; ``probability`` lies from 0 to below 1.

    Raises
    ------
    ValueError
        As ``p_none``, and if a probability is not in [0, 1).

    Examples
    --------
    >>> round(float(next_event(4, 20, 1 - p_none(4, 20, 5))), 9)
    5.0
    """
    counts, exposures = _checked(count, exposure)
    chance = np.asarray(probability, dtype=float)
    within = (chance >= 0) & (chance < 1)
    _require(chance, within, "a probability lies in [0, 1)", "give 0.5, say")
    grown = np.expm1(-np.log1p(-chance) / (counts + 0.5))  # d / T
    return exposures * grown
