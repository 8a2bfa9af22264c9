"""Figures of the network: what is drawn is what the tables say, and nothing collides."""

from itertools import combinations

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num

from relations_lib import figures, load, network
from relations_lib.figures import _network
from relations_lib.figures._show import figure_html

SPELLS = pd.DataFrame(
    [
        ("TJK", "CIS", "full", "1991-12-21", None),
        ("KAZ", "CIS", "associate", "1992", "2005-08-26"),
        ("KAZ", "SCO", "full", "2001-06-15", None),
        ("UZB", "SCO", "observer", "2001", "2004"),
        ("TJK", "CST", "full", "1992-05-15", "2002-10-07"),
        ("TJK", "CSTO", "full", "2002-10-07", None),
        ("UZB", "CSTO", "suspended", "2003-01-01", None),
        ("CHN", "SCO", "founder_without_charter", "2001-06-15", None),
    ],
    columns=["state", "organization", "status", "start", "end"],
)
COLUMNS = (["TJK", "KAZ"], ["CIS", "CSTO", "SCO"], ["UZB", "CHN", "MDA"])


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def graph():
    return network.membership_graph(SPELLS, "2003-06-01", statuses=network.STATUSES)


def ties(ax):
    return [line for line in ax.lines if len(line.get_xdata()) == 2]


def test_every_tie_is_a_line_from_its_state_to_its_organization(graph):
    ax = figures.two_mode(graph, *COLUMNS)
    places = _network._places(*COLUMNS)
    drawn = {tuple(np.round(line.get_ydata(), 6)) for line in ties(ax)}
    wanted = set()
    for one, other in graph.edges:
        state, club = (one, other) if one not in COLUMNS[1] else (other, one)
        if club in COLUMNS[1]:
            wanted.add(tuple(np.round((places[state][1], places[club][1]), 6)))
    assert drawn == wanted


def test_each_status_has_a_line_of_its_own_and_a_name(graph):
    looks = list(_network.LOOKS.values())
    assert len({str(look[1]) for look in looks}) == len(looks) == len(network.STATUSES)
    assert set(_network.LOOKS) == set(network.STATUSES)
    ax = figures.two_mode(graph, *COLUMNS)
    named = {text.get_text() for text in ax.get_legend().get_texts()}
    shown = {graph.edges[tie]["status"] for tie in graph.edges if "CST" not in tie}
    names = {status: _network.LOOKS[status][0] for status in shown}
    assert named == {s if s == "full member" else f"{s} ({s[0]})" for s in names.values()}
    assert len({_network.LOOKS[status][0][0] for status in network.OTHERS}) == len(looks) - 1


def letters(ax):
    return [text for text in ax.texts if len(text.get_text()) == 1]


def test_each_tie_that_is_not_full_carries_its_letter_on_its_line(graph):
    ax, places = figures.two_mode(graph, *COLUMNS), _network._places(*COLUMNS)
    expected = {}
    for state, (x, y) in places.items():
        for club in set(graph[state]) & set(COLUMNS[1]) if x != 1 and state in graph else ():
            if (status := graph.edges[state, club]["status"]) != "full":
                expected[round(y + 0.28 * (places[club][1] - y), 6)] = _network.LOOKS[status][0][0]
    assert len(expected) == 4
    assert {round(text.get_position()[1], 6): text.get_text() for text in letters(ax)} == expected


def test_letters_of_the_real_network_stay_apart():
    """The order of the right column is the notebook's: change both where this fails."""
    some = load().memberships.query("organization in ['CIS', 'EurAsEC', 'CSTO', 'SCO']")
    graph = network.membership_graph(some, "2013-12-31", statuses=network.STATUSES)
    right = ["TKM", "UKR", "MDA", "ARM", "UZB", "SRB", "AFG", "BLR", "IND", "PAK", "IRN", "MNG"]
    left = ["TJK", "KAZ", "KGZ", "RUS", "AZE", "CHN"]
    others = [tie for tie in graph.edges(data="status") if tie[2] != "full"]
    states = {node for node, kind in graph.nodes(data="kind") if kind == "state"}
    assert states == {*left, *right}
    assert not any(set(tie[:2]) & set(left) for tie in others)
    ax = figures.two_mode(graph, left, ["CIS", "EurAsEC", "CSTO", "SCO"], right)
    ax.figure.draw(renderer := ax.figure.canvas.get_renderer())
    boxes = [text.get_window_extent(renderer).padded(2) for text in letters(ax)]
    assert len(boxes) == len(others)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_the_description_names_every_tie_that_is_not_full(graph):
    text = figures.describe_two_mode(graph, "a day")
    assert text.endswith(
        "Not full members: associate in CIS KAZ; suspended in CSTO UZB; "
        "founder without Charter in SCO CHN; observer in SCO UZB."
    )
    full = network.membership_graph(SPELLS, "2003-06-01")
    assert "Not full" not in figures.describe_two_mode(full, "a day")


def test_a_node_without_ties_keeps_its_place_hollow(graph):
    dots = [line for line in figures.two_mode(graph, *COLUMNS).lines if line.get_marker() == "o"]
    hollow = [dot for dot in dots if dot.get_markerfacecolor() == "white"]
    place = _network._places(*COLUMNS)["MDA"]
    assert [(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in hollow] == [place]


def test_no_label_of_the_network_hits_another_or_leaves_the_figure(graph):
    names = {"UZB": "Uzbekistan", "CHN": "China", "KAZ": "Kazakhstan", "TJK": "Tajikistan"}
    ax = figures.two_mode(graph, *COLUMNS, names=names)
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.draw(renderer)
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert len(boxes) == 8 + 4  # nodes, and letters on ties
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(ax.figure.bbox.containsx(x) for box in boxes for x in (box.x0, box.x1))


def test_the_order_in_which_a_network_was_built_does_not_show(graph):
    again = nx.Graph()
    again.add_nodes_from(reversed(list(graph.nodes(data=True))))
    again.add_edges_from((b, a, tie) for a, b, tie in reversed(list(graph.edges(data=True))))
    pages = [
        figure_html(
            figures.two_mode(each, *COLUMNS), figures.describe_two_mode(each, "a day"), "Caption"
        )
        for each in (graph, again)
    ]
    assert pages[0] == pages[1]


def test_small_multiples_keep_every_node_in_its_place():
    graphs = {
        day: network.membership_graph(SPELLS, day)
        for day in ("1993-01-01", "2003-01-01", "2010-01-01")
    }
    first = figures.two_mode_series(graphs, *COLUMNS)
    panels = first.figure.axes
    assert [ax.get_title(loc="center") for ax in panels] == [*graphs, ""]
    assert panels[0].get_xlim() == panels[2].get_xlim()
    assert len(ties(panels[0])) < len(ties(panels[1]))
    assert all(day in figures.describe_two_mode_series(graphs) for day in graphs)


BLOCKS = {"CIS": ["CIS"], "CSTO, before it CST": ["CST", "CSTO"], "SCO": ["SCO"]}


def test_a_spell_is_a_bar_from_its_start_to_its_end():
    ax = figures.membership_spells(SPELLS, BLOCKS, years=(1991, 2010))
    bars = {(round(bar.get_x()), round(bar.get_x() + bar.get_width())) for bar in ax.patches}
    days = [
        ("1991-12-21", "2011-01-01"),
        ("1992-12-31", "2005-08-26"),
        ("2001-06-15", "2011-01-01"),
        ("2001-12-31", "2004-12-31"),
        ("1992-05-15", "2002-10-07"),
        ("2002-10-07", "2011-01-01"),
        ("2003-01-01", "2011-01-01"),
    ]
    assert bars == {tuple(round(date2num(np.datetime64(day))) for day in pair) for pair in days}
    assert len(ax.patches) == len(SPELLS)


def test_an_imprecise_start_is_a_line_as_long_as_what_it_leaves_open():
    ax = figures.membership_spells(SPELLS, BLOCKS)
    lengths = {round(np.ptp(date2num(line.get_xdata()))) for line in ax.lines}
    assert lengths == {0, 364, 365}  # a day; all of 2001; all of the leap year 1992


def test_what_is_no_full_membership_is_named_and_not_filled():
    ax = figures.membership_spells(SPELLS, BLOCKS)
    assert sorted(text.get_text().strip() for text in ax.texts) == sorted(
        ["associate", "observer", "CST", "suspended", "founder without Charter"]
    )
    filled = [bar for bar in ax.patches if bar.get_facecolor()[:3] != (1, 1, 1)]
    assert len(filled) == 3
    text = figures.describe_membership_spells(SPELLS, BLOCKS)
    assert "CSTO, before it CST: 2 states, 1 of them ever full members" in text


def test_the_triangle_shows_every_pair_once():
    matrix = network.membership_matrix(SPELLS, "2003-06-01", statuses=None)
    ax = figures.shared_pairs({"all": matrix})
    shown = sorted(int(text.get_text()) for text in ax.texts)
    assert shown == sorted(network.pair_table(matrix)["shared"])
    none = (network.pair_table(matrix)["shared"] == 0).sum()
    assert f"{none} of {len(shown)} pairs share none" in figures.describe_shared_pairs(
        {"all": matrix}
    )


def test_another_rule_is_drawn_only_where_it_differs():
    counts = pd.DataFrame({"a": [1, 2, 2], "b": [1, 3, 2]}, index=[2000, 2001, 2002])
    first, second = figures.shared_years(counts).lines
    assert list(first.get_ydata()) == [1, 2, 2]
    assert (list(second.get_xdata()), list(second.get_ydata())) == ([2001], [3])
    assert first.get_marker() != second.get_marker()
    assert "a: 1 from 2000, 2 from 2001; b differs in 1 years" in figures.describe_shared_years(
        counts
    )


def test_bars_of_the_nulls_are_their_probabilities_and_counts():
    chances = {"one": [0.25, 0.75], "two": [0.0, 1.0]}
    heights = [bar.get_height() for bar in figures.null_chances(chances, 1).patches]
    assert heights == [0.25, 0.75, 0.0, 1.0]
    assert "one 0.75; two 1" in figures.describe_null_chances(chances, 1)
    spread = {50: 3, 60: 2, 70: 1}
    dark = {
        bar.get_height()
        for bar in figures.null_spread(spread, 60, "NODF").patches
        if bar.get_facecolor() == plt.matplotlib.colors.to_rgba(figures.COLORS["blue"])
    }
    assert dark == {2, 1}
    assert "3 are at least as large as the observed 60.0" in figures.describe_null_spread(
        spread, 60, "NODF"
    )
