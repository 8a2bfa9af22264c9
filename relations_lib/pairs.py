"""One pair beside others: rates pooled, votes compared, ranks.

General for any pair, any table of votes and any counts with their exposures. Sources: Gelman and
others, Bayesian Data Analysis (3rd ed. 2013), sections 2.6 and 5.1 (Gamma-Poisson); Lijphart,
American Political Science Review 57 (1963), 902-917 (agreement of votes); Cohen, Educational and
Psychological Measurement 20 (1960), 37-46 (kappa).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations_with_replacement
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from relations_lib.poisson import garwood, tail

VOTES = ("yes", "abstain", "no")
CELLS = [f"{one}_{other}" for one in VOTES for other in VOTES]
DAYS_A_YEAR = 365.25


class Pooling(NamedTuple):
    """Rates pooled in part: the gamma law of the rates, and the table of single rates.

    Attributes
    ----------
    shape, rate
        Of the gamma law that the true rates follow; both infinite where pooling is complete.
    mean
        Its mean, events per unit of exposure.
    complete
        True where the marginal likelihood has no finite maximum: the counts differ no more than
        those of one common rate would, and every rate is estimated by that one.
    table
        ``rate`` seen, ``pooled`` (posterior mean) with ``low`` and ``high``; where pooling is
        complete, the common rate with its exact interval.
    """

    shape: float
    rate: float
    mean: float
    complete: bool
    table: pd.DataFrame


def _mean_for(shape: float, counts: np.ndarray, exposures: np.ndarray) -> float:
    """Return the mean rate that is likeliest for a shape."""
    from scipy.optimize import brentq

    def slope(mean: float) -> float:
        ahead = mean * exposures
        weight = (shape + counts) / (shape + ahead)
        return float((counts - ahead * weight).sum())

    rates = counts / exposures
    return float(brentq(slope, rates.max() * 1e-9, rates.max(), xtol=1e-15))


def _likeliest(counts: np.ndarray, exposures: np.ndarray) -> tuple[float, float]:
    """Return shape and mean of the gamma law with the greatest marginal likelihood."""
    from scipy.optimize import brentq
    from scipy.special import digamma

    common = counts.sum() / exposures.sum()
    surplus = (counts - common * exposures) ** 2 - counts
    if surplus.sum() <= 0:
        return inf, common

    def slope(log_shape: float) -> float:
        shape = np.exp(log_shape)
        ahead = _mean_for(shape, counts, exposures) * exposures
        events = digamma(shape + counts) - digamma(shape)
        waiting = np.log1p(ahead / shape)
        balance = (ahead - counts) / (shape + ahead)
        return float((events - waiting + balance).sum())

    shape = float(np.exp(brentq(slope, -12.0, 12.0, xtol=1e-14)))
    return shape, _mean_for(shape, counts, exposures)


def pool(
    counts: Iterable[int],
    exposures: Iterable[float],
    law: tuple[float, float] | None = None,
) -> Pooling:
    """Return rates pooled in part: each drawn toward the mean of all, the more the less it says.

    Counts are Poisson, their rates follow a gamma law. Its shape and rate are those with the
    greatest marginal (negative binomial) likelihood. It has no finite maximum where the sum of
    ``(k - m t)**2 - k`` over all counts k with exposures t is not above 0, m being the common
    rate: then pooling is complete.

    Parameters
    ----------
    counts, exposures
        Events seen and time watched, one of each a case.
    law
        Shape and rate of a gamma law to take instead of the likeliest.

    Raises
    ------
    ValueError
        As ``garwood``; and if there are fewer than two cases and no law.

    References
    ----------
    Levin and Reeds, Annals of Statistics 5 (1977), 79-87, on when there is a finite maximum.

    Examples
    --------
    >>> found = pool([0, 10, 2], [10, 10, 10])
    >>> [round(float(value), 3) for value in found.table["pooled"]]
    [0.053, 0.92, 0.227]
    >>> pool([4, 3, 5], [10, 10, 10]).complete
    True
    """
    from scipy.stats import gamma

    seen = np.asarray(list(counts), dtype=float)
    watched = np.asarray(list(exposures), dtype=float)
    garwood(seen, watched)
    if law is None and len(seen) < 2:
        raise ValueError("one case has nothing to be pooled with: give two or more, or a law")
    if law is None:
        shape, mean = _likeliest(seen, watched)
    else:
        shape, rate = law
        mean = shape / rate
    complete = shape == inf
    if complete:
        events, time = seen.sum(), watched.sum()
        low, high = garwood(events, time)
        table = pd.DataFrame({"rate": seen / watched}).assign(pooled=mean, low=low, high=high)
        return Pooling(inf, inf, mean, complete, table)
    rate = shape / mean
    events, time = shape + seen, rate + watched
    side = tail(0.95)
    table = pd.DataFrame(
        {
            "rate": seen / watched,
            "pooled": events / time,
            "low": gamma.ppf(side, events) / time,
            "high": gamma.isf(side, events) / time,
        }
    )
    return Pooling(shape, rate, mean, complete, table)


def leave_one_out(counts: Iterable[int], exposures: Iterable[float]) -> pd.DataFrame:
    """Return what the others say of each case: the law of their rates, and the count expected.

    Returns
    -------
    DataFrame
        One row per case left out: ``shape``, ``mean`` and ``complete`` of the law of the others,
        ``expected`` count, and ``at_least``, the chance of the count seen or a greater one.
    """
    from scipy.stats import nbinom, poisson

    seen = np.asarray(list(counts))
    watched = np.asarray(list(exposures), dtype=float)
    rows = []
    for place, (count, exposure) in enumerate(zip(seen, watched, strict=True)):
        others = pool(np.delete(seen, place), np.delete(watched, place))
        ahead = others.mean * exposure
        law = poisson(ahead)
        if not others.complete:
            law = nbinom(others.shape, others.shape / (others.shape + ahead))
        rows.append((others.shape, others.mean, others.complete, ahead, law.sf(count - 1)))
    return pd.DataFrame(rows, columns=["shape", "mean", "complete", "expected", "at_least"])


def agreement(cells: pd.DataFrame) -> pd.DataFrame:
    """Return how far two voters agree, from how often they gave each pair of answers.

    Parameters
    ----------
    cells
        One row per pair of voters, the nine columns of ``CELLS``: ``yes_abstain`` counts the
        roll calls in which the first said yes and the second abstained. Roll calls that one of
        the two missed are not counted.

    Returns
    -------
    DataFrame
        The same rows: ``joint`` roll calls, ``identical`` and ``opposite`` (yes against no)
        ones; the share of agreement with an abstention ``as_vote`` (identical over joint),
        ``half`` way between yes and no (an abstention against a vote counts one half), or
        ``dropped``; and Cohen's ``kappa``: agreement beyond what the two would reach by chance
        with the same shares of yes, abstention and no. A share of nothing is missing, and so is
        kappa where chance alone gives full agreement.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> table = pd.DataFrame([[20, 5, 0, 10, 15, 0, 0, 0, 0]], columns=CELLS)
    >>> agreement(table)[["as_vote", "half", "kappa"]].round(3).iloc[0].tolist()
    [0.7, 0.85, 0.4]
    """
    if lost := [name for name in CELLS if name not in cells]:
        raise ValueError(f"no column {', '.join(lost)}: give a count for each of {CELLS}")
    counts = cells[CELLS].to_numpy(dtype=float).reshape(-1, 3, 3)
    joint = counts.sum(axis=(1, 2))
    identical = counts.trace(axis1=1, axis2=2)
    voted = counts[:, ::2, ::2].sum(axis=(1, 2))
    alike = counts[:, 0, 0] + counts[:, 2, 2]
    beside = joint - identical - (voted - alike)
    habits = counts.sum(axis=1) * counts.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = identical / joint
        chance = habits.sum(axis=1) / joint**2
        return pd.DataFrame(
            {
                "joint": joint.astype(int),
                "identical": identical.astype(int),
                "opposite": (voted - alike).astype(int),
                "as_vote": share,
                "half": (identical + beside / 2) / joint,
                "dropped": alike / voted,
                "kappa": (share - chance) / (1 - chance),
            },
            index=cells.index,
        )


def cells_of_all(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the nine counts of ``agreement`` for every pair of voters, by matrix products.

    Parameters
    ----------
    votes
        One row per vote: ``voter``, ``roll_call`` and ``vote`` (yes, abstain or no). An absence
        has no row, or a missing vote.

    Returns
    -------
    DataFrame
        One row per pair: ``voter_a`` and ``voter_b`` in the order of their names, and ``CELLS``;
        pairs without a joint roll call too.

    Raises
    ------
    ValueError
        If a vote is none of the three, or a voter votes twice in one roll call.

    Examples
    --------
    >>> table = pd.DataFrame({"voter": ["A", "B"], "roll_call": 1, "vote": ["yes", "no"]})
    >>> cells_of_all(table).query("yes_no == 1")[["voter_a", "voter_b"]].to_numpy().tolist()
    [['A', 'B']]
    """
    answer = pd.Index(VOTES).get_indexer(votes["vote"])
    absent = votes["vote"].isna().to_numpy()
    if (unknown := (answer < 0) & ~absent).any():
        strange = votes["vote"][unknown].iloc[0]
        raise ValueError(f"found a vote {strange!r}: write {VOTES}")
    voter, names = pd.factorize(votes["voter"], sort=True)
    roll, rolls = pd.factorize(votes["roll_call"])
    voter = voter[~absent]
    roll = roll[~absent]
    answer = answer[~absent]
    cast = np.zeros((len(names), len(rolls)), dtype=bool)
    cast[voter, roll] = True
    if cast.sum() < len(voter):
        raise ValueError("a voter votes twice in one roll call: keep one vote")
    said = np.zeros((3, *cast.shape), dtype=np.float32)
    said[answer, voter, roll] = 1
    one, other = np.triu_indices(len(names), 1)
    table = pd.DataFrame(0, index=range(len(one)), columns=["voter_a", "voter_b", *CELLS])
    table["voter_a"] = names[one]
    table["voter_b"] = names[other]
    for first, second in combinations_with_replacement(range(3), 2):
        together = (said[first] @ said[second].T).astype(int)
        here, there = VOTES[first], VOTES[second]
        table[f"{here}_{there}"] = together[one, other]
        table[f"{there}_{here}"] = together[other, one]
    return table


def rank(value: float, others: Iterable[float]) -> int:
    """Return the place of a value among others: 1 and the number of those strictly higher.

    Examples
    --------
    >>> rank(3, [5, 3, 1, 1])
    2
    """
    return 1 + sum(other > value for other in others)


def session_rate(sessions: pd.DataFrame) -> dict[str, Any]:
    """Return how often a body met, from the first and the last of its numbered sessions.

    Parameters
    ----------
    sessions
        One row per numbered session of one body: ``number``, ``earliest`` and ``latest`` day.

    Returns
    -------
    dict
        ``first`` and ``last`` number, ``start`` and ``end`` (earliest and latest day), ``gaps``
        between them, ``slowest`` and ``fastest`` rate a year that the dates allow, ``low``,
        ``high`` (exact 95%: the longest span for the lower bound, the shortest for the upper).

    Raises
    ------
    ValueError
        If fewer than two sessions are given or the dates leave no time between them.
    """
    order = sessions.sort_values("number")
    if len(order) < 2:
        raise ValueError("one session has no gap: give two numbered ones or more")
    first, last = order.iloc[0], order.iloc[-1]
    longest = (last["latest"] - first["earliest"]).days / DAYS_A_YEAR
    shortest = (last["earliest"] - first["latest"]).days / DAYS_A_YEAR
    if shortest <= 0:
        raise ValueError("the dates leave no time between the sessions: give closer dates")
    gaps = int(last["number"] - first["number"])
    return {
        "first": int(first["number"]),
        "last": int(last["number"]),
        "start": first["earliest"],
        "end": last["latest"],
        "gaps": gaps,
        "slowest": gaps / longest,
        "fastest": gaps / shortest,
        "low": float(garwood(gaps, longest)[0]),
        "high": float(garwood(gaps, shortest)[1]),
    }
