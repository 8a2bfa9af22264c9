"""All pairs of states of a world, year by year, all at once against networkx.

The world is generated, of the size of the best known data on intergovernmental organizations:
217 states, 534 organizations, 199 years. Run it by name, it is no part of the default run:

    pytest tests/benchmarks/bench_network.py

``test_all_at_once_is_fifty_times_faster`` measures both routes, result table included, in one
run; the table of results is ``network.md`` beside this file.
"""

import tracemalloc
from time import perf_counter

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from relations_lib.network import counted_spells, shared_memberships

YEARS = range(1816, 2015)


def generated_world(states=217, organizations=534, seed=1816):
    """Return spells of a growing world: few states and organizations first, then many."""
    random = np.random.default_rng(seed)
    anchors = [1816, 1850, 1900, 1920, 1945, 1960, 1975, 1992, 2014]
    at = np.interp(np.arange(states) + 0.5, [23, 40, 44, 57, 62, 90, 138, 184, 217], anchors)
    born = np.where(np.arange(states) < 23, 1816, at.astype(int))
    died = np.full(states, 2015)
    died[random.choice(np.arange(states - 20), 22, replace=False)] = random.integers(1860, 1992, 22)
    died = np.where(died <= born, 2015, died)
    founded = np.sort(1816 + (198 * random.beta(4.2, 1.25, organizations)).astype(int))
    founded[0] = 1816
    ended = np.where(
        random.random(organizations) < 0.3, founded + random.integers(5, 60, organizations), 9999
    )
    reach = random.beta(0.7, 1.6, organizations)
    reach[0] = 0.9
    rows = []
    for organization in range(organizations):
        inside = random.random(states) < reach[organization]
        inside[
            random.choice(np.flatnonzero((born <= founded[organization]) & (died == 2015)), 2)
        ] = 1
        for state in np.flatnonzero(inside):
            start = max(born[state], founded[organization]) + int(random.exponential(3))
            end = min(died[state], ended[organization])
            if start < end and start < 2015:
                day = f"{start}-{random.integers(1, 13):02d}" if random.random() < 0.5 else start
                rows.append((f"S{state:03d}", f"O{organization:03d}", "full", str(day), end))
    world = pd.DataFrame(rows, columns=["state", "organization", "status", "start", "end"])
    world["end"] = [str(year) if year < 2015 else None for year in world["end"]]
    return world, (born, died)


def by_networkx(spells, years=YEARS):
    """Return the same table by networkx's weighted projection, one graph a year."""
    spells = counted_spells(spells)
    rows = []
    for year in years:
        day = pd.Timestamp(year, 12, 31)
        now = spells[(spells["start"] <= day) & ~(spells["end"] <= day)]
        if now.empty:
            continue
        graph = nx.Graph()
        graph.add_edges_from(zip(now["state"], now["organization"], strict=True))
        shared = nx.bipartite.weighted_projected_graph(graph, now["state"].unique())
        rows += [(*sorted((a, b)), year, tie) for a, b, tie in shared.edges(data="weight")]
    table = pd.DataFrame(rows, columns=["state_a", "state_b", "year", "shared"])
    return table.sort_values(["year", "state_a", "state_b"], ignore_index=True)


@pytest.fixture(scope="module")
def world():
    return generated_world()[0]


def test_the_world_has_the_size_it_should():
    world, (born, died) = generated_world()
    alive = [int(((born <= year) & (year < died)).sum()) for year in YEARS]
    assert (world["state"].nunique(), world["organization"].nunique()) == (217, 534)
    assert 850_000 < sum(n * (n - 1) // 2 for n in alive) < 950_000


def test_all_pairs_of_all_years(benchmark, world):
    table = benchmark(shared_memberships, world, YEARS)
    assert len(table) > 800_000


def test_all_at_once_is_fifty_times_faster(world, capsys):
    shared_memberships(world, [2000])
    start = perf_counter()
    ours = shared_memberships(world, YEARS)
    middle = perf_counter()
    theirs = by_networkx(world)
    ratio = (perf_counter() - middle) / (middle - start)
    with capsys.disabled():
        print(f"\n{len(ours)} rows: {middle - start:.2f} s, networkx {ratio:.0f} times that")
    pd.testing.assert_frame_equal(ours.astype({"state_a": str, "state_b": str}), theirs)
    assert ratio > 50


def test_memory_stays_below_a_gigabyte_and_a_half(world):
    tracemalloc.start()
    shared_memberships(world, YEARS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5e9
