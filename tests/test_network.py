"""Two-mode networks: dates and statuses, counts of pairs, nulls, measures, export."""

import time
from fractions import Fraction
from itertools import combinations, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data
from hypothesis import given, settings
from hypothesis import strategies as st

from relations_lib import network, nulls
from relations_lib.dates import bounds
from relations_lib.findings import _network as section
from relations_lib.findings import collect

COLUMNS = ["state", "organization", "status", "start", "end"]


def spells(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


TWO = spells(
    ("A", "X", "full", "1990-05-01", None),
    ("B", "X", "full", "1991-01-01", "1993-12-31"),
    ("B", "Y", "full", "1992", None),
    ("A", "Y", "associate", "1992", None),
)


@st.composite
def dated(draw):
    year, month = draw(st.integers(1990, 1995)), draw(st.integers(1, 12))
    day = draw(st.integers(1, 28))
    return draw(
        st.sampled_from([f"{year}", f"{year}-{month:02d}", f"{year}-{month:02d}-{day:02d}"])
    )


@st.composite
def many_spells(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from("ABCD"),
                st.sampled_from("XYZ"),
                st.sampled_from(["full", "full", "observer"]),
                dated(),
                st.one_of(st.none(), st.just(""), dated()),
            ),
            max_size=12,
        )
    )
    rows = [r for r in rows if not r[4] or bounds(r[4])[1] >= bounds(r[3])[0]]
    return spells(("A", "X", "full", "1989", None), *rows)


def by_hand(table, day, statuses, side):
    """Return pair -> organizations shared on the day, from sets, one spell after another."""
    members = {}
    for state, organization, status, start, end in table.itertuples(index=False):
        begun = bounds(start)[side] <= day
        if (
            status in statuses
            and begun
            and not (isinstance(end, str) and end and bounds(end)[side] <= day)
        ):
            members.setdefault(state, set()).add(organization)
    pairs = {p: len(members[p[0]] & members[p[1]]) for p in combinations(sorted(members), 2)}
    return {pair: count for pair, count in pairs.items() if count}


@pytest.mark.thorough
@settings(max_examples=100)
@given(many_spells(), st.booleans(), st.booleans())
def test_counts_equal_those_made_by_hand(table, first_day, observers):
    statuses = ("full", "observer") if observers else ("full",)
    counted = network.shared_memberships(
        table,
        range(1989, 1998),
        statuses=statuses,
        imprecise="earliest" if first_day else "latest",
    )
    for year in range(1989, 1998):
        rows = counted[counted["year"] == year]
        found = {(a, b): n for a, b, _, n in rows.itertuples(index=False)}
        day = pd.Timestamp(year, 12, 31).date()
        assert found == by_hand(table, day, statuses, 0 if first_day else 1)


@pytest.mark.thorough
@settings(max_examples=60)
@given(many_spells(), dated())
def test_matrix_graph_and_projection_tell_the_same_as_the_counts(table, text):
    day = bounds(text)[0].isoformat()
    counted = network.shared_memberships(table, dates=[day])
    triples = counted[["state_a", "state_b", "shared"]].itertuples(index=False)
    counts = {(a, b): n for a, b, n in triples}
    matrix = network.membership_matrix(table, day)
    pairs = network.pair_table(matrix)
    assert counts == {
        (a, b): n for a, b, n in pairs[["state_a", "state_b", "shared"]].to_numpy() if n
    }
    graph = network.membership_graph(table, day)
    assert matrix.to_numpy().sum() == graph.number_of_edges()
    states = matrix.index.tolist()
    if states:
        referee = nx.bipartite.weighted_projected_graph(graph, states)
        assert {frozenset(e[:2]): e[2] for e in referee.edges(data="weight")} == {
            frozenset(pair): count for pair, count in counts.items()
        }
    for pair in pairs.itertuples():
        one, other = (set(matrix.columns[matrix.loc[s] == 1]) for s in (pair.state_a, pair.state_b))
        assert pair.jaccard == len(one & other) / len(one | other)


def test_a_spell_is_gone_on_the_day_it_ends():
    counted = network.shared_memberships(TWO, range(1990, 1995))
    assert counted["year"].tolist() == [1991, 1992]
    days = network.shared_memberships(TWO, dates=["1993-12-30", pd.Timestamp("1993-12-31")])
    assert days["date"].tolist() == [pd.Timestamp("1993-12-30")]
    assert days["year"].tolist() == [1993]


def test_an_imprecise_start_counts_from_its_last_day_or_by_choice_its_first():
    day = {"date": "1992-06-30", "organizations": ["Y"], "states": ["B"]}
    assert network.membership_matrix(TWO, **day).loc["B", "Y"] == 0
    assert network.membership_matrix(TWO, **day, imprecise="earliest").loc["B", "Y"] == 1


def test_statuses_are_a_switch():
    rule = {"years": [1993], "dates": None}
    assert network.shared_memberships(TWO, **rule).empty
    assert network.shared_memberships(TWO, **rule, statuses=None)["shared"].tolist() == [1]
    assert network.shared_memberships(TWO, [1992], statuses=("full", "associate"))[
        "shared"
    ].tolist() == [2]


def test_overlapping_and_repeated_spells_count_once():
    twice = pd.concat([TWO, TWO, TWO.assign(start="1991-06-01")], ignore_index=True)
    years = range(1991, 1994)
    pd.testing.assert_frame_equal(
        network.shared_memberships(twice, years), network.shared_memberships(TWO, years)
    )


def test_dates_may_be_time_stamps_and_columns_categorical():
    stamped = TWO.assign(
        start=pd.to_datetime(["1990-05-01", "1991-01-01", "1992-12-31", "1992-12-31"]),
        end=pd.to_datetime([None, "1993-12-31", None, None]),
        state=TWO["state"].astype(pd.CategoricalDtype(["B", "A"])),
        organization=TWO["organization"].astype("category"),
    )
    expected = network.shared_memberships(TWO, range(1990, 1995))
    pd.testing.assert_frame_equal(network.shared_memberships(stamped, range(1990, 1995)), expected)
    text = TWO.assign(**{c: TWO[c].astype("category") for c in ("start", "end")})
    pd.testing.assert_frame_equal(network.shared_memberships(text, range(1990, 1995)), expected)


def test_each_pair_stands_once_in_order_with_compact_columns():
    counted = network.shared_memberships(TWO.iloc[::-1], [1991])
    assert counted.iloc[0].tolist() == ["A", "B", 1991, 1]
    assert counted.columns.tolist() == ["state_a", "state_b", "year", "shared"]
    assert isinstance(counted["state_a"].dtype, pd.CategoricalDtype)


def test_years_run_by_default_from_the_first_start_to_the_last_date():
    again = pd.concat([TWO, spells(("B", "X", "full", "1995-01-01", None))], ignore_index=True)
    by_default = network.shared_memberships(again)
    assert by_default["year"].tolist() == [1991, 1992, 1995]
    pd.testing.assert_frame_equal(by_default, network.shared_memberships(again, range(1980, 1996)))


def test_the_matrix_of_the_day_on_which_a_spell_ends_is_without_it():
    for day, tie in (("1993-12-30", 1), ("1993-12-31", 0)):
        assert network.membership_matrix(TWO, day, states=["B"]).at["B", "X"] == tie


def test_more_organizations_than_fit_in_a_word_are_all_counted():
    clubs = [f"{number:03d}" for number in range(200)]
    table = spells(
        *(("A", club, "full", "1990", None) for club in clubs),
        *(("B", club, "full", "1991", None) for club in clubs[1:]),
    )
    assert network.shared_memberships(table, [1990, 1991])["shared"].tolist() == [199]


def test_a_table_without_spells_gives_a_table_without_rows():
    empty = TWO.iloc[:0]
    assert network.shared_memberships(empty).empty
    assert network.shared_memberships(empty, [1990]).columns.tolist()[-1] == "shared"
    assert network.membership_matrix(empty, "1990-01-01").shape == (0, 0)
    assert len(network.membership_graph(empty, "1990-01-01")) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": 1990}, "holds numbers"),
        ({"end": 1995.0}, "holds numbers"),
        ({"state": None}, "row 0: state is empty"),
        ({"status": "member"}, "found member"),
        ({"start": "1995", "end": "1994"}, "row 0: the spell ends before it starts"),
        ({"start": "May 1995"}, "'May 1995' is no"),
    ],
)
def test_what_is_no_spell_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        network.shared_memberships(TWO.assign(**change), [1990])


def test_missing_columns_rules_and_double_dates_are_refused():
    with pytest.raises(ValueError, match="no column end"):
        network.shared_memberships(TWO.drop(columns="end"))
    with pytest.raises(ValueError, match="take one of earliest, latest, least, most"):
        network.shared_memberships(TWO, imprecise="middle")
    with pytest.raises(ValueError, match="both years and dates"):
        network.shared_memberships(TWO, [1990], dates=["1990-01-01"])
    with pytest.raises(ValueError, match="is not one day"):
        network.membership_matrix(TWO, "1990")


def test_a_graph_tells_kinds_statuses_and_starts():
    graph = network.membership_graph(TWO, "1993-01-01", statuses=None)
    assert nx.bipartite.is_bipartite(graph)
    assert graph.nodes["A"] == {"kind": "state", "bipartite": 0}
    assert graph.edges["A", "Y"] == {"status": "associate", "start": "1992-12-31"}


def test_of_two_statuses_at_once_the_fuller_one_is_kept():
    table = spells(("A", "X", "observer", "1990", None), ("A", "X", "full", "1991", None))
    for statuses in (("full", "observer"), ("observer", "full")):
        for order in (table, table.iloc[::-1]):
            graph = network.membership_graph(order, "1995-01-01", statuses=statuses)
            assert graph.edges["A", "X"]["status"] == "full"


def test_one_name_for_a_state_and_an_organization_is_refused():
    with pytest.raises(ValueError, match="A: state and organization"):
        network.membership_graph(spells(("A", "A", "full", "1990", None)), "1991-01-01")


@st.composite
def tables(draw, rows=5, columns=4):
    shape = draw(st.integers(2, rows)), draw(st.integers(2, columns))
    return np.array(
        draw(
            st.lists(st.integers(0, 1), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        )
    ).reshape(shape)


def nodf_by_hand(table):
    total, pairs = Fraction(0), 0
    for lines in (table.tolist(), table.T.tolist()):
        for one, other in combinations(lines, 2):
            pairs += 1
            less, more = sorted((one, other), key=sum)
            if 0 < sum(less) < sum(more):
                total += Fraction(sum(a * b for a, b in zip(one, other, strict=True)), sum(less))
    return 100 * total / pairs


@given(tables(), st.randoms())
def test_nodf_equals_the_sum_over_pairs_and_ignores_order(table, random):
    assert network.nodf_exact(table) == nodf_by_hand(table)
    rows, columns = list(range(table.shape[0])), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    assert network.nodf(table[rows][:, columns]) == network.nodf(table)


def test_nodf_is_100_for_a_staircase_and_0_where_all_totals_tie():
    assert network.nodf(np.tril(np.ones((4, 4), dtype=int))) == 100
    assert network.nodf(np.eye(4, dtype=int)) == 0
    assert network.nodf(np.ones((3, 2), dtype=int)) == 0
    with pytest.raises(ValueError, match="no pair"):
        network.nodf(np.ones((1, 1), dtype=int))
    with pytest.raises(ValueError, match="zeros and ones"):
        network.nodf(np.full((2, 2), 2))


def all_tables(shape):
    for cells in product((0, 1), repeat=shape[0] * shape[1]):
        yield np.array(cells).reshape(shape)


@settings(max_examples=25)
@given(tables(4, 3))
def test_enumeration_finds_each_labelled_table_once(table):
    margins = [table.sum(axis=axis).tolist() for axis in (0, 1)]
    expected = {
        other.tobytes()
        for other in all_tables(table.shape)
        if [other.sum(axis=axis).tolist() for axis in (0, 1)] == margins
    }
    found = [other.tobytes() for other in nulls._each_same_margins(table, 10**6)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_p_values_compare_exactly_and_count_ties():
    table = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [1, 0, 1]])
    result = nulls.null_same_margins(table, network.nodf_exact)
    same = [
        other
        for other in all_tables(table.shape)
        if (other.sum(0) == table.sum(0)).all() and (other.sum(1) == table.sum(1)).all()
    ]
    hits = sum(nodf_by_hand(other) >= nodf_by_hand(table) for other in same)
    assert (result.method, result.matrices) == ("exact", len(same))
    assert result.p == hits / len(same)


@pytest.mark.thorough
def test_beyond_the_limit_the_curveball_is_used_and_says_so():
    table = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 1], [0, 0, 1, 1]])

    def shared(other):
        return int(other[0] @ other[1])

    exact = nulls.null_same_margins(table, shared)
    drawn = nulls.null_same_margins(table, shared, most_tried=10, draws=2000, seed=7)
    assert (drawn.method, drawn.seed, drawn.draws) == ("curveball", 7, 2000)
    assert drawn.matrices is None
    assert drawn.p == pytest.approx(exact.p, abs=4 * (exact.p * (1 - exact.p) / 2000) ** 0.5)
    assert drawn == nulls.null_same_margins(table, shared, most_tried=10, draws=2000, seed=7)
    assert drawn != nulls.null_same_margins(table, shared, most_tried=10, draws=2000, seed=8)


def test_the_curveball_keeps_margins_and_reaches_every_table_alike():
    from scipy.stats import chisquare

    table = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 1]])
    index = {other.tobytes(): 0 for other in nulls._each_same_margins(table, 10**6)}
    for other in nulls.curveball(table, 4000, seed=1):
        index[other.tobytes()] += 1  # a KeyError would be a table with other margins
    assert chisquare(list(index.values())).pvalue > 0.001


def test_one_draw_of_the_curveball_already_reaches_every_table_alike():
    from scipy.stats import chisquare

    table = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 1]])
    index = {other.tobytes(): 0 for other in nulls._each_same_margins(table, 10**6)}
    for seed in range(3000):
        index[next(nulls.curveball(table, 1, seed)).tobytes()] += 1
    assert chisquare(list(index.values())).pvalue > 0.001


@pytest.mark.thorough
def test_a_p_from_the_chain_of_trades_is_exact_though_it_begins_at_the_data():
    """Of all tables taken as given in turn, at most a share a has a p up to a, after few trades."""
    table = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 1]])
    every = list(nulls._each_same_margins(table, 10**6))
    weights = np.random.default_rng(1).permutation(len(every))
    worth = {other.tobytes(): weight for other, weight in zip(every, weights, strict=True)}

    def p_of(other, seed):
        values = [worth[draw.tobytes()] for draw in nulls.curveball(other, 9, seed)]
        hits = sum(value >= worth[other.tobytes()] for value in values)
        return (hits + 1) / 10

    found = np.array([p_of(other, seed) for seed in range(15) for other in every])
    for level in (0.1, 0.2, 0.5):
        assert (found <= level + 1e-9).mean() <= level + 3 * (level / len(found)) ** 0.5


def test_chances_of_ties_are_found_for_large_and_sparse_tables_too():
    assert nulls.tie_chances([5] * 2000, [5] * 2000)[0, 0] == pytest.approx(5 / 2000)
    drawn = (np.random.default_rng(0).random((600, 600)) < 0.02).astype(int)
    chances = nulls.tie_chances(drawn.sum(axis=1), drawn.sum(axis=0))
    assert np.allclose(chances.sum(axis=0), drawn.sum(axis=0), atol=1e-3)


def test_a_status_that_nobody_asked_for_and_none_knows_is_refused_by_name():
    spells = TWO.assign(status="full")
    strange = pd.concat([spells, spells[:1].assign(status="chair")], ignore_index=True)
    with pytest.raises(ValueError, match=r"row \d+: status 'chair' is none of full"):
        network.counted_spells(strange)
    assert len(network.counted_spells(strange, statuses=("full", "chair"))) == len(strange)


@given(tables())
def test_a_table_with_given_margins_has_them(table):
    made = nulls.table_with_margins(table.sum(axis=1), table.sum(axis=0))
    assert made.sum(axis=1).tolist() == table.sum(axis=1).tolist()
    assert made.sum(axis=0).tolist() == table.sum(axis=0).tolist()


def test_margins_that_no_table_has_are_refused():
    for totals, sizes in (([3], [1, 1]), ([1, 1], [2, 1]), ([2, 2, 0], [3, 1])):
        with pytest.raises(ValueError, match="no table of zeros and ones"):
            nulls.table_with_margins(totals, sizes)
        with pytest.raises(ValueError, match="no table of zeros and ones"):
            nulls.tie_chances(totals, sizes)


@settings(max_examples=25)
@given(tables())
def test_chances_of_ties_keep_totals_and_sizes_and_are_odds_of_two_factors(table):
    chances = nulls.tie_chances(table.sum(axis=1), table.sum(axis=0))
    assert chances.sum(axis=1) == pytest.approx(table.sum(axis=1), abs=1e-6)
    assert chances.sum(axis=0) == pytest.approx(table.sum(axis=0), abs=1e-6)
    if ((chances > 1e-3) & (chances < 1 - 1e-3)).all():
        odds = np.log(chances / (1 - chances))
        assert odds - odds[:1] - odds[:, :1] + odds[0, 0] == pytest.approx(0 * odds, abs=1e-3)


def test_what_two_states_share_by_entropy_agrees_with_draws_of_every_tie():
    totals, sizes = [3, 2, 2, 1, 2], [4, 3, 2, 1]
    found = nulls.shared_by_entropy(totals, sizes, (0, 1), 2)
    chances = nulls.tie_chances(totals, sizes)
    drawn = np.random.default_rng(3).random((40_000, 5, 4)) < chances
    shared = (drawn[:, 0] & drawn[:, 1]).sum(axis=1)
    assert found.expected == pytest.approx(shared.mean(), abs=0.02)
    assert found.p == pytest.approx((shared >= 2).mean(), abs=0.02)


def test_what_two_states_share_by_trades_agrees_with_all_tables():
    table = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 1, 0]])
    shared = [int(other[0] @ other[1]) for other in nulls._each_same_margins(table, 10**6)]
    margins = table.sum(axis=1), table.sum(axis=0)
    found = nulls.shared_by_curveball(*margins, (0, 1), 2, draws=4000, seed=5)
    assert found.expected == pytest.approx(np.mean(shared), abs=4 * found.error)
    p = np.mean(np.array(shared) >= 2)
    assert 1 / 4001 <= found.p_error < 0.05
    assert found.p == pytest.approx(p, abs=4 * found.p_error)
    assert (found.draws, found.seed) == (4000, 5)
    with pytest.raises(ValueError, match="100 or more"):
        nulls.shared_by_curveball(*margins, (0, 1), 2, draws=10)


@pytest.mark.parametrize("table", [np.tril(np.ones((30, 30), dtype=int)), np.ones((60, 40))])
def test_a_table_that_is_its_own_null_does_not_hang(table):
    found = nulls.null_same_margins(table, network.nodf_exact, draws=20)
    assert found.p == 1


@pytest.mark.thorough
def test_a_large_table_goes_to_the_curveball_without_listing():
    table = (np.random.default_rng(5).random((60, 40)) < 0.3).astype(int)
    begin = time.process_time()
    result = nulls.null_same_margins(table, lambda t: int(t[0] @ t[1]), draws=20)
    assert (result.method, result.matrices) == ("curveball", None)
    assert time.process_time() - begin < 30


@pytest.mark.parametrize(("sizes", "states"), [([2, 3], 4), ([1, 4, 3], 4), ([2, 2, 2], 5)])
def test_sizes_alone_give_the_chances_that_all_draws_of_members_give(sizes, states):
    draws = list(product(*(combinations(range(states), size) for size in sizes)))
    counts = np.zeros(len(sizes) + 1)
    for draw in draws:
        counts[sum({0, 1} <= set(members) for members in draw)] += 1
    assert nulls.null_same_sizes(sizes, states) == pytest.approx(counts / len(draws))
    with pytest.raises(ValueError, match="5 members among 4"):
        nulls.null_same_sizes([5], 4)


def test_a_later_date_moves_a_start_and_drops_what_is_over_by_then():
    table = spells(
        ("A", "X", "full", "1991-12-21", None),
        ("B", "X", "full", "1995", None),
        ("C", "X", "full", "1991", "1992"),
    )
    moved = network.later_starts(table, pd.Series(["1993-06", "1993-06", "1993-06"]))
    assert moved["start"].tolist() == ["1993-06", "1995"]
    ends = spells(*(("A", "X", "full", "1991", end) for end in ("1993-06-30", "1993-07-01")))
    left = network.later_starts(ends, pd.Series(["1993-06", "1993-06"]))
    assert left["end"].tolist() == ["1993-07-01"]
    same = network.later_starts(table, pd.Series([None, None], index=[0, 2], dtype=object))
    assert same["start"].tolist() == table["start"].tolist()


def awkward_graph():
    table = spells(
        ("Côte d'Ivoire", 'A "quoted", comma', "full", "1990-01-01", None),
        ("NA", 'A "quoted", comma', "observer", "1991", None),
        ("null", "Y", "full", "1991-02", None),
    )
    return network.membership_graph(table, "1995-01-01", statuses=None)


@pytest.mark.parametrize("name", ["network.graphml", "network.csv"])
def test_igraph_finds_a_node_by_its_name_and_its_ties(tmp_path, name):
    """Written by networkx as appendix 6 does, and read by another library."""
    igraph = pytest.importorskip("igraph")
    graph = awkward_graph()
    if name.endswith(".csv"):
        nx.to_pandas_edgelist(graph, "Source", "Target").to_csv(tmp_path / name, index=False)
        edges = pd.read_csv(tmp_path / name, keep_default_na=False)
        read = igraph.Graph.DataFrame(edges, directed=False, use_vids=False)
    else:
        nx.set_node_attributes(graph, {node: node for node in graph}, "name")
        nx.write_graphml(graph, tmp_path / name)
        read = igraph.Graph.Read_GraphML(str(tmp_path / name))
    for state in ("Côte d'Ivoire", "NA"):
        found = read.vs.find(name=state)
        assert {read.vs[n]["name"] for n in read.neighbors(found)} == set(graph[state])
    tie = read.es[read.get_eid("NA", 'A "quoted", comma')]
    assert tie["status"] == "observer"


def test_what_is_written_is_read_back_the_same(tmp_path):
    """As appendix 6 writes and reads it."""
    graph = awkward_graph()
    nx.write_graphml(graph, tmp_path / "network.graphml")
    again = nx.read_graphml(tmp_path / "network.graphml")
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert again.adj == graph.adj
    edges = nx.to_pandas_edgelist(graph, "Source", "Target")
    edges.to_csv(tmp_path / "network.csv", index=False)
    read = pd.read_csv(tmp_path / "network.csv", keep_default_na=False)
    ties = nx.from_pandas_edgelist(read, "Source", "Target", edge_attr=True)
    assert ties.adj == graph.adj
    pd.testing.assert_frame_equal(read, edges)


# --- The findings, by another route ---------------------------------------------------------------

FIVE = ["UN", "CIS", "EurAsEC", "CSTO", "SCO"]


@pytest.fixture(scope="module")
def data():
    return frozen_data()


@pytest.fixture(scope="module")
def network_findings(frozen_findings):
    return frozen_findings[frozen_findings.index.str.match(r"(checks\.)?network")]


@pytest.fixture(scope="module")
def found(network_findings):
    return network_findings["value"].to_dict()


def replaced(data, **tables):
    """Return the data with a few of their tables replaced."""
    return type(data)(data.path, data.schema, {**data.tables, **tables})


def members_by_hand(data, day, statuses=("full",)):
    """Return organization -> states, from the text of the rows."""
    inside = {name: set() for name in FIVE}
    for row in data.memberships.fillna("").itertuples():
        begun = bounds(row.start)[1].isoformat() <= day
        over = row.end and bounds(row.end)[1].isoformat() <= day
        if row.organization in inside and row.status in statuses and begun and not over:
            inside[row.organization].add(row.state)
    return inside


def free_cells(table):
    """Return all tables with the margins of this one, by filling it cell by cell."""
    found, rows, columns = [], table.sum(axis=1), table.sum(axis=0)

    def fill(place, cells, left):
        if place == len(rows):
            found.append(np.array(cells))
            return
        for row in product((0, 1), repeat=len(columns)):
            rest = left - row
            if (
                sum(row) == rows[place]
                and (rest >= 0).all()
                and (rest <= len(rows) - place - 1).all()
            ):
                fill(place + 1, [*cells, row], rest)

    fill(0, [], columns)
    return [t for t in found if (t.sum(axis=0) == columns).all()]


@pytest.mark.parametrize(("prefix", "clubs"), [("network", FIVE), ("network_regional", FIVE[1:])])
def test_findings_of_the_tables_agree_with_sets_and_networkx(data, found, prefix, clubs):
    inside = members_by_hand(data, "2013-12-31")
    states = sorted(set().union(*(inside[name] for name in FIVE[1:])))
    profile = {s: {name for name in clubs if s in inside[name]} for s in states}
    pairs = [(profile[a], profile[b]) for a, b in combinations(states, 2)]
    graph = nx.Graph([(s, name) for s in states for name in profile[s]])
    table = np.array([[int(name in profile[s]) for name in clubs] for s in states])
    expected = {
        "states": len(states),
        "ties": graph.number_of_edges(),
        "density": nx.bipartite.density(graph, states),
        "pair.shared": len(profile["TJK"] & profile["KAZ"]),
        "pair.jaccard": len(profile["TJK"] & profile["KAZ"]) / len(profile["TJK"] | profile["KAZ"]),
        "states_in_all": sum(len(p) == len(clubs) for p in profile.values()),
        "pairs_identical": sum(a == b for a, b in pairs),
        "pair_mean_jaccard": sum(len(a & b) / len(a | b) for a, b in pairs) / len(pairs),
        "pair_mean_shared": sum(len(a & b) for a, b in pairs) / len(pairs),
        "projection_density": sum(bool(a & b) for a, b in pairs) / len(pairs),
        "strength.TJK": nx.bipartite.weighted_projected_graph(graph, states).degree(
            "TJK", weight="weight"
        ),
        "nodf": float(nodf_by_hand(table)),
    }
    tables = free_cells(table)
    tjk, kaz = states.index("TJK"), states.index("KAZ")
    shared = [int(t[tjk] @ t[kaz]) for t in tables]
    expected["null.margins_fixed.matrices"] = len(tables)
    expected["null.margins_fixed.p_shared"] = sum(
        n >= expected["pair.shared"] for n in shared
    ) / len(tables)
    expected["null.margins_fixed.p_nodf"] = sum(
        nodf_by_hand(t) >= nodf_by_hand(table) for t in tables
    ) / len(tables)
    for name, value in expected.items():
        assert found[f"{prefix}.{name}"] == pytest.approx(value, abs=1e-12), name


def test_findings_of_the_years_agree_with_the_rows(data, found):
    for year in range(1991, 2025):
        inside = members_by_hand(data, f"{year}-12-31")
        both = sum({"TJK", "KAZ"} <= states for states in inside.values())
        assert found[f"network.pair.shared.{year}"] == both


def test_every_status_counted_makes_the_larger_table(data, found):
    inside = members_by_hand(data, "2013-12-31", network.STATUSES)
    states = set().union(*(inside[name] for name in FIVE[1:]))
    assert found["network.rule.all_statuses.states"] == len(states)
    ties = sum(len(inside[name] & states) for name in FIVE)
    assert found["network.rule.all_statuses.ties"] == ties


def test_the_weaker_null_is_the_product_over_organizations(data, found):
    inside = members_by_hand(data, "2013-12-31")
    states = set().union(*(inside[name] for name in FIVE[1:]))
    for key, population in (("p_shared", states), ("p_shared_world", inside["UN"])):
        chance, n = Fraction(1), len(population)
        for name in FIVE:
            size = len(inside[name] & population)
            chance *= Fraction(size * (size - 1), n * (n - 1))
        assert found[f"network.null.sizes_fixed.{key}"] == pytest.approx(float(chance), rel=1e-9)


def test_the_data_say_which_pair_organizations_day_and_years_are_looked_at(data):
    about = section.scope(data)
    assert about.pair == ("TJK", "KAZ")
    assert about.named == FIVE
    assert about.regional == FIVE[1:]
    assert about.day == pd.Timestamp("2013-12-31")
    assert (about.years, about.page_years) == (range(1991, 2025), range(1991, 2021))


def test_without_visits_the_pair_is_the_declared_one(data):
    assert section.scope(replaced(data, visits=data.visits[:0])).pair == ("TJK", "KAZ")


@pytest.mark.parametrize("name", ["windows", "organizations_named", "memberships"])
def test_a_table_without_rows_leaves_nothing_to_look_at_and_says_why(data, name):
    less = replaced(data, **{name: data[name][:0]})
    table, missing = collect(less, ["network"])
    assert table.empty
    assert missing["reason"].ne("").all()


def test_a_pair_that_only_observes_leaves_nothing_to_look_at(data):
    rows = data.memberships[~data.memberships["state"].isin(["TJK", "KAZ"])]
    seen = data.memberships.query("state == 'TJK'").assign(status="observer")
    only = replaced(data, memberships=pd.concat([rows, seen], ignore_index=True))
    table, missing = collect(only, ["network"])
    assert table.empty
    assert set(missing["reason"]) == {
        "memberships has no full member of the pair in an organization named"
    }


def test_what_the_prose_says_of_statuses_and_of_the_treaty_holds(data):
    by_status = members_by_hand(data, "2013-12-31", network.STATUSES)
    everywhere = set.intersection(*by_status.values())
    assert everywhere == {"TJK", "KAZ", "KGZ", "RUS", "BLR", "UZB"}
    suspended = data.memberships.query("status == 'suspended'")
    assert suspended[["state", "organization"]].to_numpy().tolist() == [
        ["UZB", "EurAsEC"],
        ["UZB", "CSTO"],
    ]
    treaty = {
        year: set(
            network.on_day(data.memberships, f"{year}-12-31").query("organization == 'CST'").state
        )
        for year in (1993, 2001)
    }
    assert members_by_hand(data, "1993-12-31")["CIS"] - treaty[1993] == {"MDA", "TKM"}
    assert treaty[2001] == {"ARM", "BLR", "KAZ", "KGZ", "RUS", "TJK"}


def test_findings_rest_on_rows_that_exist(data, network_findings):
    ids = set(data.memberships["id"])
    for rests_on in network_findings["rests_on"]:
        for name in rests_on.split():
            table, row = name.split("#")
            assert row == "*" or (table == "memberships" and row in ids)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "keep",
    [
        lambda rows: rows.iloc[:0],
        lambda rows: rows[rows["status"].ne("full")],
        lambda rows: rows[rows["state"].ne("TJK")],
        lambda rows: rows[rows["organization"].ne("UN")],
        lambda rows: rows[rows["organization"].eq("UN")],
        lambda rows: rows[rows["state"].eq("TJK")],
    ],
)
def test_a_section_leaves_out_what_the_data_cannot_give(data, frozen_findings, keep):
    less = replaced(data, memberships=keep(data.memberships))
    table, missing = collect(less, ["network"])
    assert table["value"].notna().all()
    assert set(table["key"]) < set(frozen_findings.index)
    assert len(missing)


# --- What a careless call must not get -----------------------------------------------------------


def rows_of(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["state", "organization", "status", "start", "end"])


PLAIN = rows_of(("A", "X", "full", "1990", None), ("B", "X", "full", "1991", None))


@pytest.mark.parametrize(
    "options",
    [
        *({"years": years} for years in (1992, "1992", [1992.0], [True])),
        *({"dates": dates} for dates in (1992, "1992-12-31", [1992])),
    ],
)
def test_years_and_dates_of_another_kind_are_refused(options):
    with pytest.raises(ValueError, match=r"give|no date|not one day"):
        network.shared_memberships(PLAIN, **options)


def test_a_year_asked_twice_is_counted_once():
    table = network.shared_memberships(PLAIN, [1993, 1992, 1993])
    assert table["year"].tolist() == [1993, 1992]


def test_a_number_is_no_day():
    for function in (network.membership_matrix, network.membership_graph):
        with pytest.raises(ValueError, match="1992"):
            function(PLAIN, 1992)


def test_a_statistic_may_change_its_own_table():
    ties = np.array([[1, 0, 1], [0, 1, 1], [1, 0, 0], [0, 0, 1]])
    assert nulls.null_same_margins(ties, lambda t: (t.sort(axis=1), 0)[1]).matrices == 8


def test_a_status_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="asociate"):
        network.counted_spells(PLAIN, ("full", "asociate"))
    assert len(network.counted_spells(PLAIN, ("full", "associate"))) == 2


def test_of_several_spells_a_tie_keeps_the_first_status_and_the_earliest_start():
    both = rows_of(
        ("A", "X", "full", "1985-01-01", None),
        ("A", "X", "full", "1990-01-01", None),
        ("A", "X", "observer", "1980-01-01", None),
    )
    for statuses in (("full", "observer"), {"observer", "full"}, iter(["full", "observer"]), None):
        tie = network.membership_graph(both, "1995-01-01", statuses=statuses)["A"]["X"]
        assert tie == {"status": "full", "start": "1985-01-01"}


# --- dates not stated, spellings, sizes


UNSTATED = rows_of(
    ("A", "X", "full", None, "1995-06"), ("B", "X", "full", "1991", None),
    ("A", "Y", "full", "1990", None), ("B", "Y", "full", "", None),
)  # fmt: skip


def test_a_start_not_stated_counts_never_by_the_last_day_and_always_by_the_first():
    years = range(1990, 1997)
    none = network.shared_memberships(UNSTATED, years)
    most = network.shared_memberships(UNSTATED, years, imprecise="earliest")
    assert none.empty
    by_year = most.set_index("year")["shared"]
    assert by_year.to_dict() == dict.fromkeys(range(1990, 1991), 1) | dict.fromkeys(
        range(1991, 1995), 2
    ) | {1995: 1, 1996: 1}


@pytest.mark.thorough
@settings(max_examples=40)
@given(many_spells(), st.integers(0, 99))
def test_the_least_and_the_most_bound_what_any_dating_shares(table, seed):
    random = np.random.default_rng(seed)

    def any_day(text):
        first, last = bounds(text)
        return str(np.datetime64(first) + int(random.integers((last - first).days + 1)))

    dated = table.assign(
        start=table["start"].map(any_day),
        end=[any_day(end) if isinstance(end, str) and end else None for end in table["end"]],
    )
    dated = dated[~(dated["end"].notna() & (dated["end"] < dated["start"]))]
    years = range(1989, 1998)

    def counts(spells, rule):
        found = network.shared_memberships(spells, years, imprecise=rule)
        keys = found[["state_a", "state_b", "year"]].astype({"state_a": str, "state_b": str})
        return dict(zip(keys.itertuples(index=False, name=None), found["shared"], strict=True))

    least, some, most = counts(table, "least"), counts(dated, "latest"), counts(table, "most")
    kept = len(dated) == len(table)
    assert all(some.get(key, 0) >= number for key, number in least.items()) or not kept
    assert all(most.get(key, 0) >= number for key, number in some.items())


def test_a_tie_without_a_stated_start_says_so_in_the_graph():
    graph = network.membership_graph(UNSTATED, "1994-01-01", imprecise="earliest")
    assert graph.edges["A", "X"]["start"] == "not stated"


def test_an_entry_into_force_that_is_not_stated_leaves_the_start_not_stated():
    moved = network.later_starts(PLAIN, pd.Series(["not_stated", None], dtype=object))
    assert moved["start"].isna().tolist() == [True, False]
    assert network.shared_memberships(moved, [1995]).empty
    assert len(network.shared_memberships(moved, [1995], imprecise="most")) == 1


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [("status", "Full", "'Full' .* differs from 'full'"), ("status", "full ", "from 'full'"),
     ("state", "A ", "'A ' .* differs from 'A'"), ("organization", "x", "'x' .* from 'X'")],
)  # fmt: skip
def test_names_that_differ_only_by_case_or_spaces_are_refused_by_name(column, value, says):
    table = PLAIN.copy()
    table.loc[1, column] = value
    if column == "state":
        table.loc[0, "state"] = "A"
    with pytest.raises(ValueError, match=says):
        network.shared_memberships(table, [1992])


def test_more_states_than_pairs_can_be_held_are_refused_at_once():
    many = pd.DataFrame({"X": np.ones(20_000, dtype=int)})
    with pytest.raises(ValueError, match=r"20,000 states make 199,990,000 pairs"):
        network.pair_table(many)
    assert network.nodf(many) == 0
    spells_of_many = pd.DataFrame(
        {"state": [f"S{i}" for i in range(20_000)], "organization": "X", "status": "full",
         "start": "1990", "end": None}
    )  # fmt: skip
    with pytest.raises(ValueError, match="too many: choose fewer states"):
        network.shared_memberships(spells_of_many, [1991])
    with pytest.raises(ValueError, match="take long: draw at most 39"):
        next(nulls.curveball(many, 2000, 1))
    assert network.membership_matrix(spells_of_many, "1991-01-01").shape == (20_000, 1)


def test_an_unknown_status_does_not_stand_before_a_full_one():
    spells = pd.DataFrame(
        {
            "state": ["A", "A"],
            "organization": ["X", "X"],
            "status": ["full", "guest"],
            "start": ["1990", "1995"],
            "end": [None, None],
        }
    )
    graph = network.membership_graph(spells, "2000-01-01", statuses=None)
    assert graph.edges["A", "X"]["status"] == "full"


def test_second_dates_of_other_rows_are_refused():
    spells = pd.DataFrame({"state": ["A"], "organization": ["X"], "start": ["1990"], "end": [None]})
    with pytest.raises(ValueError, match="by its index"):
        network.later_starts(spells, pd.Series(["1999"], index=[7]))


def test_nulls_refuse_what_is_no_table_pair_or_number():
    eye = np.eye(3, dtype=int)
    refused = [
        lambda: nulls.null_same_margins(eye, lambda table: np.nan),
        lambda: nulls.shared_by_entropy([2, 2, 1, 1], [3, 3], (1, 1), 1),
        lambda: nulls.shared_by_curveball([2, 2, 1, 1], [3, 3], (0, 7), 1),
        lambda: nulls.null_same_sizes([], 1),
        lambda: nulls.null_same_sizes([2.5], 4),
        lambda: nulls.tie_chances([1.5, 1.5], [1.5, 1.5]),
    ]
    for run in refused:
        with pytest.raises(ValueError, match=r"give|take another|whole numbers"):
            run()
    assert nulls.shared_by_entropy([2, 1, 1], [2, 2], (0, 1), -1).p == 1
    assert [table.shape for table in nulls.curveball(np.zeros((0, 3)), 2, 1)] == [(0, 3)] * 2
