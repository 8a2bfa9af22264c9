"""Every public function answers, or refuses at once, lists and tables of any size.

python -m pytest -m slow tests/benchmarks/test_any_size.py
python tests/benchmarks/test_any_size.py cadence    (prints seconds and megabytes of each call)
"""

from __future__ import annotations

import inspect
import math
import multiprocessing
import resource
import sys
import warnings
from functools import cache
from itertools import chain
from time import perf_counter
from types import SimpleNamespace as Case

import numpy as np
import pandas as pd
import pytest
import scipy.fft
import scipy.optimize
import scipy.stats  # noqa: F401  what is imported where it is used, so that no call pays for it

from relations_lib import cadence, network, nulls, pace, poisson, visits
from relations_lib.dates import day_bounds

MODULES = (cadence, network, nulls, pace, poisson, visits)
MOST_SECONDS = 60  # on a busy machine; half a minute is what some refuse beyond
MOST_MEGABYTES = 1000
SIZES = (1, 2, 10, 1_000, 10_000, 100_000)
TABLES = ((1, 1), (2, 3), (10, 5), (50, 40), (200, 2_000), (2_000, 200), (100_000, 5), (5, 100_000))
UNITS = {"year": 4, "month": 7, "day": 10}
FIRST, LAST = "1950-01-01", "2019-12-31"


def listed(days: np.ndarray, unit: str, window: tuple, form: str) -> Case:
    n = len(days)
    random = np.random.default_rng(n)
    sides = random.permutation(["A", "B"] * n)[:n] if n > 2 else ["A", "B"][:n]
    dates = [str(day)[: UNITS[unit]] for day in days]
    if form == "mixed":
        cuts = random.choice([*UNITS.values()], n)
        dates = [date[:cut] for date, cut in zip(dates, cuts, strict=True)]
    other = {"A": "B", "B": "A"}
    table = {"visitor": sides, "host": [other[side] for side in sides], "date": dates}
    return Case(
        name=f"{n:,} {form}",
        n=n,
        unit=unit,
        window=tuple(str(end)[: UNITS[unit]] for end in window),
        middle=str(days[0])[: UNITS[unit]],
        dates=dates,
        visits=pd.DataFrame(table),
        gaps=np.diff(np.sort(days)).astype(float),
        years=(np.datetime64(window[0], "Y").astype(int) + 1970, 2019),
    )


@cache
def lists() -> list[Case]:
    """Dates on a grid of years, months or days; imprecise; in one cell; in a cell each."""
    found = []
    span = np.datetime64(LAST) - np.datetime64(FIRST)
    for n in SIZES:
        random = np.random.default_rng(n)
        days = np.datetime64(FIRST) + random.integers(0, span.astype(int) + 1, n)
        day_bounds(np.datetime_as_string(days))  # read once here, not in each call's process
        units = UNITS if n < max(SIZES) else ["day"]  # the largest takes long enough
        for unit in units:
            found.append(listed(days, unit, (FIRST, LAST), f"{unit}s"))
            found.append(listed(days[:1].repeat(n), unit, (FIRST, LAST), f"in one {unit}"))
        found.append(listed(days, "day", (FIRST, LAST), "mixed"))
        apart = np.datetime64("1700-01-01") + np.arange(n)
        found.append(listed(apart, "day", (apart[0], apart[-1]), "days in a row"))
        if n < max(SIZES):
            found.append(listed(apart, "day", (apart[0], apart[-1] + n + 1), "days early"))
    return found


@cache
def tables() -> list[Case]:
    """Zeros and ones of several shapes, thin and half full."""
    found = []
    for rows, columns in TABLES:
        for share in (0.02, 0.5):
            random = np.random.default_rng(rows)
            ties = (random.random((rows, columns)) < share).astype(int)
            states = [f"S{row}" for row in range(rows)]
            matrix = pd.DataFrame(ties, index=states)
            pair = (0, rows - 1)
            shared = int(ties[0] @ ties[-1])
            found.append(
                Case(
                    name=f"{rows:,} x {columns:,}, {share:.0%}",
                    n=rows * columns,
                    ties=ties,
                    matrix=matrix,
                    totals=ties.sum(axis=1),
                    sizes=ties.sum(axis=0),
                    pair=pair,
                    shared=shared,
                    states=(states[0], states[-1]),
                )
            )
    return found


@cache
def worlds() -> list[Case]:
    """Spells of few or many states."""
    found = []
    for n in SIZES:
        for states in (3, max(n // 20, 2), max(n // 2, 2)):
            random = np.random.default_rng(n)
            start = random.integers(1900, 2000, n)
            end = start + random.integers(1, 80, n)
            table = {
                "state": [f"S{state}" for state in random.integers(0, states, n)],
                "organization": [f"O{one}" for one in random.integers(0, 300, n)],
                "status": "full",
                "start": start.astype(str),
                "end": end.astype(str),
            }
            spells = pd.DataFrame(table)
            found.append(Case(name=f"{n:,} spells of {states}", n=n, spells=spells))
    return found


def windows(case: Case) -> pd.DataFrame:
    start, end = case.window

    ends = pd.DataFrame({"id": ["w"], "start": [start], "end": [end]})
    days = day_bounds(ends[["start", "end"]].iloc[0])
    return ends.assign(start=days["earliest"].iloc[0], end=days["latest"].iloc[1])


SPAN = ["id", "start_earliest", "end_latest"]
LISTS = {
    "cadence.grid_of": lambda c: cadence.grid_of(c.window),
    "cadence.whole_years": lambda c: cadence.whole_years(windows(c).set_axis(SPAN, axis=1)),
    "cadence.within": lambda c: cadence.within(c.dates, c.window),
    "cadence.placed": lambda c: cadence.placed(c.dates, c.window),
    "cadence.known_cells": lambda c: cadence.known_cells(c.dates, c.window),
    "cadence.calendar_years": lambda c: cadence.calendar_years(c.dates),
    "cadence.spans": lambda c: cadence.spans(c.dates),
    "cadence.meeting_gaps": lambda c: cadence.meeting_gaps(c.dates),
    "cadence.usable_gaps": lambda c: cadence.usable_gaps(c.gaps),
    "cadence.gap_cv": lambda c: cadence.gap_cv(c.gaps),
    "cadence.cv_bounds": lambda c: cadence.cv_bounds(c.dates),
    "cadence.burstiness": lambda c: cadence.burstiness(c.n),
    "cadence.evenness": lambda c: cadence.evenness(c.dates, c.unit),
    "cadence.distinct_years_p": lambda c: cadence.distinct_years_p(c.n, 2 * c.n),
    "cadence.survival": lambda c: survival(c),
    "cadence.lasting": lambda c: cadence.lasting(survival(c), 1),
    "pace.rank_sum": lambda c: pace.rank_sum(c.dates, c.window),
    "pace.tied_sum": lambda c: pace.tied_sum(c.dates, c.window),
    "pace.laplace": lambda c: pace.laplace(c.dates, c.window),
    "pace.laplace_statistic": lambda c: pace.laplace_statistic(c.dates, c.window),
    "pace.power_law": lambda c: pace.power_law(c.dates, c.window),
    "pace.renewal": lambda c: pace.renewal(c.gaps),
    "pace.halves": lambda c: pace.halves(c.dates, c.window),
    "pace.scan": lambda c: pace.scan(c.dates, c.window),
    "pace.change_point": lambda c: pace.change_point(c.dates, c.window),
    "pace.change_point_required": lambda c: pace.change_point_required(
        c.dates, c.window, (c.middle, c.window[1]), 1
    ),
    "pace.power": lambda c: pace.power(c.n, 2 * c.n, 8),
    "pace.growth_for_power": lambda c: pace.growth_for_power(c.n, 2 * c.n),
    "pace.with_added": lambda c: pace.with_added(c.dates, c.window, 1, c.middle),
    "pace.all_choices": lambda c: pace.all_choices(c.dates, [c.window]),
    "visits.first_days": lambda c: visits.first_days(c.visits, FIRST, LAST),
    "visits.visit_rate": lambda c: visits.visit_rate(c.visits, windows(c), by=["visitor", "host"]),
    "visits.direction_tests": lambda c: visits.direction_tests(c.visits),
    "visits.order_test": lambda c: visits.order_test(c.visits),
    "visits.visit_gaps": lambda c: visits.visit_gaps(c.visits),
    "visits.date_combinations": lambda c: visits.date_combinations(c.visits),
    "visits.open_gap": lambda c: visits.open_gap(c.visits, LAST),
    "poisson.tail": lambda c: poisson.tail(0.95),
    "poisson.garwood": lambda c: poisson.garwood(np.arange(c.n), 1.0),
    "poisson.jeffreys": lambda c: poisson.jeffreys(np.arange(c.n), 1.0),
    "poisson.rate_ratio": lambda c: poisson.rate_ratio(c.n, 1.0, 5 * c.n, 3.1),
    "poisson.count_for_ratio": lambda c: poisson.count_for_ratio(1 + 1 / c.n),
    "poisson.laplace_u": lambda c: poisson.laplace_u(np.arange(c.n), c.n),
    "poisson.laplace_p": lambda c: poisson.laplace_p(np.zeros(c.n), c.n),
    "poisson.p_none": lambda c: poisson.p_none(np.arange(c.n), 3.0, c.n),
    "poisson.next_event": lambda c: poisson.next_event(np.arange(c.n), 3.0, 0.5),
}
MATRICES = {
    "network.pair_table": lambda c: network.pair_table(c.matrix),
    "network.nodf": lambda c: network.nodf(c.ties),
    "network.nodf_exact": lambda c: float(network.nodf_exact(c.ties)),
    "nulls.zeros_and_ones": lambda c: nulls.zeros_and_ones(c.ties),
    "nulls.null_same_sizes": lambda c: nulls.null_same_sizes(c.sizes, len(c.ties)),
    "nulls.curveball": lambda c: max(t[0, 0] for t in nulls.curveball(c.ties, 100, 1)),
    "nulls.table_with_margins": lambda c: nulls.table_with_margins(c.totals, c.sizes),
    "nulls.tie_chances": lambda c: nulls.tie_chances(c.totals, c.sizes),
    "nulls.shared_by_entropy": lambda c: nulls.shared_by_entropy(
        c.totals, c.sizes, c.pair, c.shared
    ),
    "nulls.shared_by_curveball": lambda c: nulls.shared_by_curveball(
        c.totals, c.sizes, c.pair, c.shared, draws=100
    ),
    "nulls.null_same_margins": lambda c: nulls.null_same_margins(
        c.ties, lambda ties: int(ties[0] @ ties[-1])
    ),
}
SPELLS = {
    "network.counted_spells": lambda c: network.counted_spells(c.spells),
    "network.shared_memberships": lambda c: network.shared_memberships(c.spells, [1950, 1980]),
    "network.on_day": lambda c: network.on_day(c.spells, "1980-06-15"),
    "network.membership_matrix": lambda c: network.membership_matrix(c.spells, "1980-06-15"),
    "network.membership_graph": lambda c: network.membership_graph(c.spells, "1980-06-15"),
    "network.later_starts": lambda c: network.later_starts(c.spells, c.spells["start"]),
}
GROUPS = ((LISTS, lists), (MATRICES, tables), (SPELLS, worlds))
CALLS = {name: (run, cases) for calls, cases in GROUPS for name, run in calls.items()}
OPEN_BOUNDS = {  # what may be infinite or missing, as their docstrings say
    "cadence.survival",
    "network.counted_spells",
    "network.on_day",
    "network.pair_table",
    "pace.all_choices",
    "pace.growth_for_power",
    "pace.power_law",
    "visits.direction_tests",
    "visits.visit_gaps",
}


def survival(case: Case) -> pd.DataFrame:
    gaps = cadence.meeting_gaps(case.dates)
    return cadence.survival([*gaps["low"], 0.5], [*gaps["high"], math.inf])


def numbers(answer: object) -> list[float]:
    """Return all numbers of an answer."""
    if isinstance(answer, pd.DataFrame):
        found = answer.select_dtypes("number").to_numpy(dtype=float).ravel()
        return [found.sum()]
    if isinstance(answer, pd.Series | np.ndarray):
        return [] if answer.dtype.kind in "MOUT" else [float(np.asarray(answer, float).sum())]
    if isinstance(answer, dict):
        return numbers([*answer.values()])
    if isinstance(answer, list | tuple):
        return [*chain.from_iterable(map(numbers, answer))]
    return [answer] if isinstance(answer, float) else []


def outcome(name: str, place: int) -> tuple[str, float, float]:
    """Return what a call answers, its seconds and the megabytes that it held at most."""
    run, cases = CALLS[name]
    case = cases()[place]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    warnings.simplefilter("error")
    begin = perf_counter()
    try:
        answer = run(case)
        said = "answered"
    except ValueError as refusal:
        answer = None
        said = f"refused: {refusal}"
    seconds = perf_counter() - begin
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if name not in OPEN_BOUNDS and not np.isfinite(numbers(answer)).all():
        said = "not finite"
    return said, seconds, held / 1024


def _told(name: str, place: int, pipe) -> None:
    try:
        pipe.send(outcome(name, place))
    except Exception as error:
        pipe.send((f"failed: {type(error).__name__} {error}", 0.0, 0.0))


def in_time(name: str, place: int) -> tuple[str, float, float]:
    """Return the outcome of a call in a process of its own, which is ended when it takes long."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_told, args=(name, place, theirs))
    process.start()
    theirs.close()
    found = "not ended", MOST_SECONDS, 0.0
    try:
        if ours.poll(MOST_SECONDS):
            found = ours.recv()
    except EOFError:
        found = "died", 0.0, 0.0
    process.kill()
    process.join()
    return found


def public_functions() -> set[str]:
    return {
        f"{module.__name__.split('.')[-1]}.{name}"
        for module in MODULES
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


def test_no_public_function_is_forgotten():
    assert set(CALLS) == public_functions()


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_every_size_is_answered_or_refused_in_seconds_under_a_gigabyte(name):
    cases = CALLS[name][1]()
    wrong = {}
    for place, case in enumerate(cases):
        said, seconds, held = in_time(name, place)
        fine = said == "answered" or said.startswith("refused")
        if not fine or seconds > MOST_SECONDS or held > MOST_MEGABYTES:
            wrong[case.name] = said, seconds, held
    assert not wrong


def main(wanted: list[str]) -> None:
    for name, (_, cases) in CALLS.items():
        if name.startswith(tuple(wanted)):
            for place, case in enumerate(cases()):
                said, seconds, held = in_time(name, place)
                print(
                    f"{name} | {case.name} | {seconds:.2f} s | {held:.0f} MB | {said}", flush=True
                )


if __name__ == "__main__":
    main(sys.argv[1:] or [""])
