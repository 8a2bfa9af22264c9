"""The figures of the pair beside others: complete, legible, true to what was read."""

from __future__ import annotations

import pytest
from test_figures import collisions

from relations_lib import Data, figures, load, others
from relations_lib.figures._beside import MEASURES


@pytest.fixture(scope="module")
def data() -> Data:
    return load()


@pytest.fixture(scope="module")
def made(data) -> dict[str, figures.Figure]:
    words = "A point is made", "What it rests on."
    drawn = {name: figures.partners(data, [name], *words) for name in MEASURES}
    drawn["organizations"] = figures.partners(data, ["organizations"], *words, expected=29)
    return drawn | {"all": figures.partners(data, list(MEASURES), *words)}


@pytest.mark.parametrize("look", figures.LOOKS[::2], ids=lambda look: look.width)
@pytest.mark.parametrize("name", ["all", *MEASURES])
def test_no_text_hides_another_or_leaves_the_drawing(made, name, look):
    assert collisions(made[name].draw(look)) == []


def test_every_measure_has_the_same_states_in_the_same_order_the_pair_first(data):
    table = figures.beside(data)
    orders = table.groupby("measure")["state"].agg(list)
    assert all(order == orders["votes"] for order in orders)
    assert orders["votes"][0] == data.about.partner


def test_what_was_not_read_has_no_value_and_says_so(data):
    table = figures.beside(data).set_index(["measure", "state"])
    assert table.loc[("visits", "RUS"), "text"] == "unread"
    unread = table[table["kind"] == "unread"]
    assert unread["value"].isna().all()
    georgia = table.loc[("visits", "GEO")]
    assert (georgia["kind"], georgia["value"]) == ("known", 0)


def test_a_list_that_was_cut_is_a_lower_bound(data):
    table = figures.beside(data).set_index(["measure", "state"])
    assert table.loc[("visits", "BLR"), ["kind", "text"]].tolist() == ["floor", "2 or more"]
    assert "BLR" not in set(others.visit_table(data)["partner"])


def test_the_phone_shows_all_measures_two_beside_each_other(made):
    drawn = made["all"].draw(figures.Look("narrow")).figure.get_figure(root=True)
    titles = [axes.get_title("left") for axes in drawn.axes]
    assert titles[:2] == ["UN votes alike", "Organizations"]
    assert titles[2:] == ["Visits a decade", "Sessions a year"]
    upper, lower = drawn.axes[0], drawn.axes[2]
    assert upper.get_position().y0 > lower.get_position().y1


def test_alternative_texts_are_short_and_begin_with_the_point(made):
    for figure in made.values():
        assert len(figure.alt) <= 300
        assert figure.alt.startswith("A point is made")


def test_a_package_without_other_pairs_says_so(data):
    bare = {name: t for name, t in data.items() if name != "votes_partners"}
    with pytest.raises(ValueError, match="nothing stands beside"):
        figures.beside(Data(data.path, data.schema, bare))


def test_sessions_of_other_years_are_marked_as_not_to_be_ranked(data):
    table = figures.beside(data).query("measure == 'sessions'").set_index("state")
    assert set(table.index[table["kind"] == "years"]) == {"CHN", "UZB", "PAK"}
