"""How many organizations two states would share by chance: nulls with sizes and totals fixed.

A table of zeros and ones stands for states (rows) by organizations (columns); ``totals`` are its
row sums, ``sizes`` its column sums. Three nulls: only the sizes are known; sizes and totals hold
in every table, all of which are listed or some drawn; sizes and totals hold on average.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from relations_lib.poisson import TINY

MOST_TRIED = 2_000_000
MOST_TRADED = 400_000_000


def zeros_and_ones(matrix: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Return the table as whole numbers, or say what is wrong with it."""
    ties = np.asarray(matrix)
    if ties.ndim != 2 or not ((ties == 0) | (ties == 1)).all():
        raise ValueError("a table of zeros and ones, states by organizations, is needed")
    return ties.astype(np.int64)


def null_same_sizes(sizes: Iterable[int], states: int) -> np.ndarray:
    """Return the chances that two given states share 0, 1, 2, ... organizations.

    The null fixes only how large each organization is: its members are drawn, each organization
    for itself, among all states alike. Both states are in one of size c with the chance
    c (c - 1) / (N (N - 1)).

    Parameters
    ----------
    sizes
        Members of each organization.
    states
        How many states there are to draw from, N.

    Returns
    -------
    ndarray
        The chance of sharing exactly k, for k from 0 to the number of organizations.

    Raises
    ------
    ValueError
        If there are fewer than two states, or a size is no whole number from 0 to theirs.

    Examples
    --------
    >>> null_same_sizes([2, 4], 4).tolist()
    [0.0, 0.8333333333333334, 0.16666666666666666]
    """
    if states < 2:
        raise ValueError(f"{states} states share nothing: give two or more")
    both = []
    for size in sizes:
        if not 0 <= size <= states or size % 1:
            raise ValueError(f"{size} members among {states} states: give sizes from 0 to states")
        both.append(size * (size - 1) / (states * (states - 1)))
    return _successes(both)


def _successes(chances: Iterable[float]) -> np.ndarray:
    """Return the chances of 0, 1, 2, ... successes in independent tries with these chances."""
    spread = np.array([1.0])
    for chance in chances:
        spread = np.convolve(spread, [1 - chance, chance])
    return spread


def _each_same_margins(ties: np.ndarray, most_tried: int) -> Iterator[np.ndarray]:
    """Yield every labelled 0/1 table with the row and column sums of the given one, once.

    Row after row; one is only taken where the rows below are enough to fill every column. Raises
    a ValueError where more cells would have to be tried (a row's own, and one for each above it).
    """
    sums = ties.sum(axis=1)
    tried = 0
    begun: list[tuple[list[np.ndarray], np.ndarray]] = [([], ties.sum(axis=0))]
    while begun:
        rows, rooms = begun.pop()
        if len(rows) == len(ties):
            yield np.reshape(rows, ties.shape)
            continue
        below = len(ties) - len(rows) - 1
        for ones in combinations(np.flatnonzero(rooms), sums[len(rows)]):
            tried += len(rooms) + len(rows)
            if tried > most_tried:
                raise ValueError(f"over {most_tried:,} cells to try: draw tables by curveball")
            row = np.zeros_like(rooms)
            row[list(ones)] = 1
            rest = rooms - row
            if rest.max(initial=0) <= below:
                begun.append(([*rows, row], rest))


def curveball(matrix: pd.DataFrame | np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Yield random 0/1 tables with the row and column sums of the given one.

    Two rows trade what only one of them has; between two draws all rows are paired off at
    random and trade five times (global trades). The given table takes a random place in the
    chain of draws: those before it come from a chain that runs backwards from it, which for such
    trades is the same as forwards. So the given table and the draws are exchangeable if it is
    itself a random one, and (hits + 1) / (draws + 1) is an exact p however slowly tables mix.

    Raises
    ------
    ValueError
        If the table holds anything but zeros and ones, or so many draws of it take more than
        some half a minute; the message says how many do not.

    References
    ----------
    Besag, J. and Clifford, P. (1989). Generalized Monte Carlo significance tests. Biometrika 76,
    633-642 (the serial method).

    Carstens, C. J., Berger, A. and Strona, G. (2016). Curveball: a new generation of sampling
    algorithms for graphs with different degree sequences. arXiv:1609.05137.

    Strona, G., Nappo, D., Boccacci, F., Fattorini, S. and San-Miguel-Ayanz, J. (2014). A fast
    and unbiased procedure to randomize ecological binary matrices with fixed row and column
    totals. Nature Communications 5, 4114.
    """
    given = zeros_and_ones(matrix)
    _need_few_draws(draws, given)
    random = np.random.default_rng(seed)
    before = int(random.integers(draws + 1))
    for length in (before, draws - before):
        ties = given.copy()
        for _ in range(length):
            _trade(ties, random)
            yield ties.copy()


def _need_few_draws(draws: int, ties: np.ndarray) -> None:
    """Raise a ValueError if so many draws of such a table take more than some half a minute."""
    rows, columns = ties.shape
    most = MOST_TRADED // (max(rows, 1) * (500 + columns))
    if draws > most:
        size = f"{rows:,} x {columns:,}"
        raise ValueError(f"{draws:,} draws of a table of {size} take long: draw at most {most:,}")


def _trade(ties: np.ndarray, random: np.random.Generator, times: int = 5) -> None:
    """Let all rows, paired off at random, trade what only one of the two has, in place."""
    for _ in range(times):
        places = random.permutation(len(ties))
        pairs = zip(places[::2], places[1::2], strict=False)
        for one, other in pairs:
            unlike = np.flatnonzero(ties[one] != ties[other])
            traded = random.permutation(ties[one, unlike])
            ties[one, unlike] = traded
            ties[other, unlike] = 1 - traded


def table_with_margins(totals: Iterable[int], sizes: Iterable[int]) -> np.ndarray:
    """Return one 0/1 table with these row totals and column sizes (Gale and Ryser's).

    Raises
    ------
    ValueError
        If one is no whole number, or no table has them.

    Examples
    --------
    >>> table_with_margins([2, 1], [1, 1, 1]).sum(axis=0).tolist()
    [1, 1, 1]
    """
    wanted = np.array([*totals], dtype=float)
    left = np.array([*sizes], dtype=float)
    if (wanted % 1).any() or (left % 1).any():
        raise ValueError("totals and sizes are whole numbers: found others")
    wanted = wanted.astype(np.int64)
    left = left.astype(np.int64)
    ties = np.zeros((len(wanted), len(left)), dtype=np.int64)
    for row in np.argsort(-wanted, kind="stable"):
        most = np.argsort(-left, kind="stable")[: wanted[row]]
        ties[row, most] = 1
        left = left - ties[row]
    if left.any() or (ties.sum(axis=1) != wanted).any():
        raise ValueError("no table of zeros and ones has these totals and sizes: check both")
    return ties


SEARCH = {"gtol": 1e-7, "maxiter": 1000}  # for the likeliest chances


def tie_chances(totals: Iterable[int], sizes: Iterable[int]) -> np.ndarray:
    """Return the chance of every tie if only totals and sizes are known, each on average.

    The bipartite configuration model of maximum entropy: the chance of a tie of state i and
    organization j is ``x y / (1 + x y)``, x of the state, y of the organization, so that the
    expected totals and sizes are the given ones (to 1e-6).

    Raises
    ------
    ValueError
        If sums differ, a total or size lies outside the table, or no table has them.

    References
    ----------
    Saracco, F., Di Clemente, R., Gabrielli, A. and Squartini, T. (2015). Randomizing bipartite
    networks: the case of the World Trade Web. Scientific Reports 5, 10595.

    Examples
    --------
    >>> tie_chances([2, 1, 1], [2, 2]).round(3).tolist()
    [[1.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    """
    from scipy.optimize import minimize
    from scipy.special import expit, logit

    wanted = np.array([*totals]), np.array([*sizes])
    table_with_margins(*wanted)
    (rows, of_row, row_times), (columns, of_column, column_times) = (
        np.unique(each, return_inverse=True, return_counts=True) for each in wanted
    )
    many = np.outer(row_times, column_times)
    ones = np.concatenate([rows * row_times, columns * column_times])

    def log_odds(logs: np.ndarray) -> np.ndarray:
        of_rows, of_columns = np.split(logs, [len(rows)])
        return of_rows[:, None] + of_columns

    def chances(logs: np.ndarray) -> np.ndarray:
        return expit(log_odds(logs))

    def cost(logs: np.ndarray) -> float:
        lost = many * np.logaddexp(0, log_odds(logs))
        return float(lost.sum() - ones @ logs)

    def slope(logs: np.ndarray) -> np.ndarray:
        expected = many * chances(logs)
        return np.concatenate([expected.sum(axis=1), expected.sum(axis=0)]) - ones

    def curvature(logs: np.ndarray) -> np.ndarray:
        found = chances(logs)
        spread = many * found * (1 - found)
        of_rows = np.diag(spread.sum(axis=1))
        of_columns = np.diag(spread.sum(axis=0))
        return np.block([[of_rows, spread], [spread.T, of_columns]])

    density = wanted[0].sum() / (len(wanted[0]) * len(wanted[1]))
    start = np.full(len(ones), logit(np.clip(density, 1e-9, 1 - 1e-9)) / 2)
    found = minimize(cost, start, jac=slope, hess=curvature, method="trust-exact", options=SEARCH)
    if (np.abs(slope(found.x)) > 1e-6 * np.maximum(ones, 1)).any():
        raise ValueError(f"no chances found for these totals and sizes: {found.message}")
    return chances(found.x)[of_row][:, of_column]


class SharedNull(NamedTuple):
    """What totals and sizes alone say of how many organizations two states share.

    ``expected`` number, its ``error`` (Monte Carlo standard error; 0 where computed), ``p`` of
    at least as many as observed with its ``p_error``, ``method``, ``draws`` and ``seed``.
    """

    method: str
    expected: float
    error: float
    p: float
    p_error: float
    draws: int | None = None
    seed: int | None = None


def shared_by_entropy(
    totals: Iterable[int], sizes: Iterable[int], pair: tuple[int, int], observed: int
) -> SharedNull:
    """Return what two states share under ``tie_chances``: totals and sizes kept on average.

    Parameters
    ----------
    totals, sizes
        Organizations of each state, members of each organization.
    pair
        Places of the two states among the totals, from 0.
    observed
        How many the two share.

    Examples
    --------
    >>> round(shared_by_entropy([2, 1, 1], [2, 2], (0, 1), 1).expected, 3)
    1.0
    """
    chances = tie_chances(totals, sizes)
    _need_two(pair, len(chances))
    both = chances[pair[0]] * chances[pair[1]]
    p = float(_successes(both)[max(observed, 0) :].sum())
    p = min(max(p, TINY), 1.0)
    return SharedNull("maximum entropy", float(both.sum()), 0.0, p, 0.0)


def shared_by_curveball(
    totals: Iterable[int],
    sizes: Iterable[int],
    pair: tuple[int, int],
    observed: int,
    *,
    draws: int = 2_000,
    seed: int = 2013,
) -> SharedNull:
    """Return what two states share in random tables with exactly these totals and sizes.

    Trades begin at any table with these margins and go on for 100 draws before the first that
    counts. Errors come from the means of 20 stretches of the chain. Parameters as for
    ``shared_by_entropy``; seed and draws as for ``curveball``.

    Raises
    ------
    ValueError
        As ``table_with_margins``; also if the pair is not of two states, with fewer than 100
        draws, or as ``curveball``.
    """
    if draws < 100:
        raise ValueError(f"{draws} draws tell no error: give 100 or more")
    ties = table_with_margins(totals, sizes)
    _need_two(pair, len(ties))
    _need_few_draws(draws, ties)
    random = np.random.default_rng(seed)
    _trade(ties, random, 500)
    shared = np.empty(draws)
    for place in range(draws):
        _trade(ties, random)
        shared[place] = ties[pair[0]] @ ties[pair[1]]
    as_many = shared >= observed
    p = float(as_many.sum() + 1) / (draws + 1)
    p_error = max(_chain_error(as_many), 1 / (draws + 1))
    mean = float(shared.mean())
    return SharedNull("curveball", mean, _chain_error(shared), p, p_error, draws, seed)


def _need_two(pair: tuple[int, int], states: int) -> None:
    """Raise a ValueError unless the pair names two places among so many states."""
    if len({*pair}) != 2 or not {*pair} <= {*range(states)}:
        raise ValueError(f"the pair is {pair}: give two places from 0 to {states - 1}")


def _chain_error(values: np.ndarray) -> float:
    """Return the standard error of the mean of a chain, from 20 stretches of it."""
    means = [stretch.mean() for stretch in np.array_split(values, 20)]
    return float(np.std(means, ddof=1) / np.sqrt(len(means)))


class SameMargins(NamedTuple):
    """What a null model with fixed row and column sums says of one statistic.

    ``method`` is ``exact`` (all tables) or ``curveball`` (``draws`` random ones from ``seed``);
    ``p`` the chance of a value at least as large as ``observed``, ties counted; ``matrices`` the
    number of all labelled tables, None where they were not listed.
    """

    method: str
    observed: Any
    p: float
    matrices: int | None
    draws: int | None
    seed: int | None


def null_same_margins(
    matrix: pd.DataFrame | np.ndarray,
    statistic: Callable[[np.ndarray], Any],
    *,
    most_tried: int = MOST_TRIED,
    draws: int = 2_000,
    seed: int = 2013,
) -> SameMargins:
    """Test a statistic against all tables with the same row and column sums.

    The null keeps how many organizations each state belongs to and how many states each
    organization has. All such tables are listed where that is quick; otherwise ``draws`` of them
    are drawn by the curveball, and ``method`` says so.

    Parameters
    ----------
    matrix
        Zeros and ones, states by organizations.
    statistic
        From a table (array) to a number; whole numbers or fractions compare exactly, as
        ``network.nodf_exact`` does, where rounded ones may miss ties.
    most_tried
        Cells that are tried at most to list all tables; with 0 they are always drawn.
    draws, seed
        Random tables and their seed where not all are listed.

    Returns
    -------
    SameMargins
        ``p`` is the share of all tables with a value at least as large; of drawn ones
        (hits + 1) / (draws + 1), which is exact for the chain of draws (see ``curveball``).

    Raises
    ------
    ValueError
        If the table holds anything but zeros and ones, the statistic of it is no number, or drawing
        takes long (see ``curveball``).

    Examples
    --------
    >>> null_same_margins(np.eye(3, dtype=int), lambda table: int(table[0, 0])).p
    0.3333333333333333
    """
    ties = zeros_and_ones(matrix)
    observed = statistic(ties.copy())
    if observed != observed:
        raise ValueError("the statistic of the given table is no number: take another")
    try:
        tables = [*_each_same_margins(ties, most_tried)]
        exact = True
    except ValueError:
        tables = [*curveball(ties, draws, seed)]
        exact = False
    values = [*map(statistic, tables)]
    hits = sum(value >= observed for value in values)
    if exact:
        return SameMargins("exact", observed, hits / len(tables), len(tables), None, None)
    p = (hits + 1) / (draws + 1)
    return SameMargins("curveball", observed, p, None, draws, seed)
