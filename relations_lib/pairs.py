"""One pair beside others: rates pooled, votes compared, ranks.

General for any pair, any table of votes and any counts with their exposures. Sources: Gelman and
others, Bayesian Data Analysis (3rd ed. 2013), sections 2.6 and 5.1 (Gamma-Poisson); Lijphart,
American Political Science Review 57 (1963), 902-917 (agreement of votes); Cohen, Educational and
Psychological Measurement 20 (1960), 37-46 (kappa).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from relations_lib.dates import DAYS_A_YEAR
from relations_lib.poisson import garwood
from relations_lib.tables import require_codes

TOLD_APART = 1e-6  # of a log likelihood: what is less is the rounding of large counts
VOTES = ("yes", "abstain", "no")
CELLS = [f"{one}_{other}" for one, other in product(VOTES, repeat=2)]


class Pooling(NamedTuple):
    """Rates pooled in part: the gamma law of the rates, and the table of single rates.

    Attributes
    ----------
    shape, mean
        Of the gamma law that the true rates follow: its shape, infinite where pooling is
        complete, and its mean, events per unit of exposure. Its rate is shape / mean.
    table
        ``rate`` seen, ``pooled`` (posterior mean) with ``low`` and ``high``; where pooling is
        complete, the common rate with its exact interval.
    """

    shape: float
    mean: float
    table: pd.DataFrame

    @property
    def complete(self) -> bool:
        """Whether no finite shape is likelier than one common rate.

        The counts then differ no more than those of one common rate would, and every rate is
        estimated by that one.
        """
        return self.shape == inf


def _likeliest(counts: np.ndarray, exposures: np.ndarray) -> tuple[float, float]:
    """Return shape and mean of the gamma law with the greatest marginal likelihood."""
    from scipy.optimize import brentq
    from scipy.special import betaln, digamma, gammaln

    common = counts.sum() / exposures.sum()
    if common == 0:
        return inf, common
    highest = (counts / exposures).max()

    def mean_for(shape: float) -> float:
        def slope(mean: float) -> float:
            ahead = mean * exposures
            return float(((counts - ahead) / (shape + ahead)).sum())

        return float(brentq(slope, 0, highest, xtol=1e-15))

    def likelihood(log_shape: float) -> float:
        shape = np.exp(log_shape)
        ahead = mean_for(shape) * exposures / shape
        some = np.maximum(counts, 1)
        ways = np.where(counts > 0, gammaln(some) - betaln(shape, some), 0)
        waiting = (shape + counts) * np.log1p(ahead)
        return float((ways + counts * np.log(ahead) - waiting).sum())

    def slope(log_shape: float) -> float:
        shape = np.exp(log_shape)
        events = digamma(shape + counts) - digamma(shape)
        waiting = np.log1p(mean_for(shape) * exposures / shape)
        return float((events - waiting).sum())

    # There may be several maxima: the greatest is near the highest of these places.
    places = np.arange(-13.0, 16.0, 0.25)
    heights = [likelihood(place) for place in places[1:-1]]
    best = 1 + int(np.argmax(heights))
    in_one = float((counts * np.log(common * exposures)).sum() - counts.sum())
    if max(heights) - in_one <= TOLD_APART:
        return inf, common
    shape = float(np.exp(brentq(slope, places[best - 1], places[best + 1], xtol=1e-14)))
    return shape, mean_for(shape)


def pool(
    counts: Iterable[int],
    exposures: Iterable[float],
    law: tuple[float, float] | None = None,
) -> Pooling:
    """Return rates pooled in part: each drawn toward the mean of all, the more the less it says.

    Counts are Poisson, their rates follow a gamma law. Its shape and rate are those with the
    greatest marginal (negative binomial) likelihood. Where no finite shape has a greater one than
    one common rate has (by 1e-6 of its logarithm), pooling is complete.

    Parameters
    ----------
    counts, exposures
        Events seen and time watched, one of each a case.
    law
        Shape and rate of a gamma law to take instead of the likeliest.

    Raises
    ------
    ValueError
        As ``garwood``; also if counts and exposures are not equally many, there are fewer than
        two cases and no law, or the law is not of two finite numbers above 0.

    References
    ----------
    Levin and Reeds, Annals of Statistics 5 (1977), 79-87, on finite maxima for equal exposures.

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
    if len(seen) != len(watched):
        raise ValueError(f"{len(watched)} exposures for {len(seen)} counts: give one for each")
    garwood(seen, watched)  # for what it refuses
    if law is None and len(seen) < 2:
        raise ValueError("one case has nothing to be pooled with: give two or more, or a law")
    if law is None:
        shape, mean = _likeliest(seen, watched)
    else:
        shape, rate = law
        if not (0 < shape < inf and 0 < rate < inf):
            raise ValueError(f"a law is a shape and a rate, above 0 and finite; found {law}")
        mean = shape / rate
    table = pd.DataFrame({"rate": seen / watched})
    if shape == inf:
        low, high = garwood(seen.sum(), watched.sum())
        return Pooling(shape, mean, table.assign(pooled=mean, low=low, high=high))
    events = shape + seen
    time = shape / mean + watched
    low, high = gamma.interval(0.95, events, scale=1 / time)
    return Pooling(shape, mean, table.assign(pooled=events / time, low=low, high=high))


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
        If a column is missing, or a count is no whole number from 0 up.

    Examples
    --------
    >>> table = pd.DataFrame([[20, 5, 0, 10, 15, 0, 0, 0, 0]], columns=CELLS)
    >>> agreement(table)[["as_vote", "half", "kappa"]].round(3).iloc[0].tolist()
    [0.7, 0.85, 0.4]
    """
    lacking = [name for name in CELLS if name not in cells]
    if lacking:
        raise ValueError(f"no column {', '.join(lacking)}: give a count for each of {CELLS}")
    counts = cells[CELLS].astype(float)
    whole = counts.ge(0) & (counts % 1).eq(0)
    if not whole.all(axis=None):
        raise ValueError(f"a count is a whole number from 0 up, found {counts[~whole].min().min()}")
    square = counts.to_numpy().reshape(-1, 3, 3)
    by_chance = (square.sum(axis=1) * square.sum(axis=2)).sum(axis=1)
    joint = counts.sum(axis=1)
    alike = counts["yes_yes"] + counts["no_no"]
    identical = alike + counts["abstain_abstain"]
    opposite = counts["yes_no"] + counts["no_yes"]
    beside = joint - identical - opposite
    chance = by_chance / joint**2
    shares = {
        "as_vote": identical / joint,
        "half": (identical + beside / 2) / joint,
        "dropped": alike / (alike + opposite),
        "kappa": (identical / joint - chance) / (1 - chance),
    }
    found = pd.DataFrame({"joint": joint, "identical": identical, "opposite": opposite})
    return found.astype(int).assign(**shares)


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
        If a vote is none of the three, a voter votes twice in one roll call or is written in two
        ways, a row has no voter, or a vote no roll call.

    Examples
    --------
    >>> table = pd.DataFrame({"voter": ["A", "B"], "roll_call": 1, "vote": ["yes", "no"]})
    >>> cells_of_all(table).query("yes_no == 1")[["voter_a", "voter_b"]].to_numpy().tolist()
    [['A', 'B']]
    """
    cast = votes.dropna(subset="vote")
    if votes["voter"].isna().any() or cast["roll_call"].isna().any():
        raise ValueError("a row has no voter, or a vote no roll call: leave it out")
    require_codes(votes["voter"])
    answers = pd.Index(VOTES).get_indexer(cast["vote"])
    if (answers < 0).any():
        strange = cast["vote"].iloc[answers.argmin()]
        raise ValueError(f"found a vote {strange!r}: write {VOTES}")
    if cast.duplicated(["voter", "roll_call"]).any():
        raise ValueError("a voter votes twice in one roll call: keep one vote")
    voters = pd.Index(votes["voter"].unique()).sort_values()
    table = cast.assign(answer=answers).pivot_table("answer", "voter", "roll_call", "first")
    table = table.reindex(voters)
    said = [table.eq(place).to_numpy(np.float32) for place in range(len(VOTES))]
    one, other = np.triu_indices(len(voters), 1)
    together = [(here @ there.T)[one, other] for here, there in product(said, repeat=2)]
    found = pd.DataFrame({"voter_a": voters[one], "voter_b": voters[other]})
    found[CELLS] = np.transpose(together).astype(int)
    return found


def rank(value: float, others: Iterable[float]) -> int:
    """Return the place of a value among others: 1 and the number of those strictly higher.

    Raises
    ------
    ValueError
        If the value is missing; missing ones among the others are passed over.

    Examples
    --------
    >>> rank(3, [5, 3, 1, 1])
    2
    """
    if value != value:
        raise ValueError("a missing value has no place among others: leave it out")
    return 1 + sum(other > value for other in others)


def session_rate(sessions: pd.DataFrame) -> dict[str, Any]:
    """Return how often a body met, from the first and the last of its numbered sessions.

    Parameters
    ----------
    sessions
        One row per report of a numbered session of one body: ``number``, ``earliest`` and
        ``latest`` day. Of two reports of one number either may be right.

    Returns
    -------
    dict
        ``first`` and ``last`` number, ``start`` and ``end`` (earliest and latest day), ``gaps``
        between them, ``slowest`` and ``fastest`` rate a year that the dates allow; ``years``
        between the middles of the two dates and the ``rate`` over these; ``low``, ``high`` (exact
        95%: the longest span for the lower bound, the shortest for the upper).

    Raises
    ------
    ValueError
        If fewer than two sessions are given, all have one number, one ends before it begins, or
        the dates leave no time between them.
    """
    if len(sessions) < 2:
        raise ValueError("one session has no gap: give two numbered ones or more")
    if (sessions["latest"] < sessions["earliest"]).any():
        raise ValueError("a session ends before it begins: mend its dates")
    days = {"earliest": "min", "latest": "max"}
    order = sessions.groupby("number", as_index=False).agg(days)
    first, last = order.iloc[0], order.iloc[-1]
    gaps = int(last["number"] - first["number"])
    if not gaps:
        raise ValueError(f"all sessions have the number {first['number']}: give two numbers")
    longest = (last["latest"] - first["earliest"]).days / DAYS_A_YEAR
    shortest = (last["earliest"] - first["latest"]).days / DAYS_A_YEAR
    if shortest <= 0:
        raise ValueError("the dates leave no time between the sessions: give closer dates")
    slowest, fastest = gaps / longest, gaps / shortest
    years = (longest + shortest) / 2
    return {
        "first": int(first["number"]),
        "last": int(last["number"]),
        "start": first["earliest"],
        "end": last["latest"],
        "gaps": gaps,
        "slowest": slowest,
        "fastest": fastest,
        "rate": gaps / years,
        "years": years,
        "low": float(garwood(gaps, longest)[0]),
        "high": float(garwood(gaps, shortest)[1]),
    }
