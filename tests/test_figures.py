"""The figures of the story: on this page, on other packages, with nothing and with one visit."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pandas as pd
import pytest
from frozen import frozen_data
from matplotlib import colors
from matplotlib.text import Text

from relations_lib import Data, cadence, figures, load
from relations_lib.figures import _story, _timeline
from relations_lib.figures._story import visits_told

MAKERS = (
    figures.page_rows,
    figures.visits,
    figures.commission,
    figures.organizations,
    figures.true_when,
    figures.start,
    figures.timeline,
    figures.visit_map,
)
NAMES = [maker.__name__ for maker in MAKERS]
THEIRS = {"TJK": "AZE", "KAZ": "MDA", "AZE": "TJK", "MDA": "KAZ"}


@pytest.fixture(scope="module")
def data() -> Data:
    return load()


def changed(data: Data, **tables: pd.DataFrame) -> Data:
    return Data(data.path, data.schema, data.tables | tables)


def emptied(data: Data, *kept: str) -> Data:
    """Return the package without a row, but for its page, its windows and the tables named."""
    keep = {"page", "windows", "states", "institutions", *kept}
    tables = {name: frame if name in keep else frame[:0] for name, frame in data.tables.items()}
    return Data(data.path, data.schema, tables)


@pytest.fixture(scope="module")
def other_pair(data: Data) -> Data:
    """Return the same rows told of two other states."""
    about = data.schema["about"] | {"states": ["AZE", "MDA"]}
    tables = {name: frame.replace(THEIRS) for name, frame in data.tables.items()}
    tables["states"] = data.states
    return Data(data.path, data.schema | {"about": about}, tables)


def ticks(axes) -> list[Text]:
    """Return the labels of ticks that are seen."""
    if not axes.axison:
        return []
    (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    across = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    upward = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    seen = [label for at, label in upward if low <= at <= high]
    if not hasattr(axes, "set_functions"):  # a second axis has labels at its one side
        seen += [label for at, label in across if left <= at <= right]
    return seen


def all_texts(ax) -> list[Text]:
    each = list(ax.figure.get_figure(root=True).axes)
    each += [second for axes in each for second in axes.child_axes]
    found = [text for axes in each for text in (*axes.texts, *ticks(axes))]
    return [text for text in found if text.get_text().strip()]


def collisions(ax) -> list[tuple[str, str]]:
    """Return pairs of texts that overlap, and texts that leave the drawing."""
    root = ax.figure.get_figure(root=True)
    root.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in all_texts(ax)]
    pairs = [
        (one, other)
        for (one, first), (other, second) in combinations(boxes, 2)
        if first.shrunk(0.85, 0.7).overlaps(second.shrunk(0.85, 0.7))
    ]
    edge = root.bbox
    out = [(text, "edge") for text, box in boxes if box.x0 < edge.x0 - 1 or box.x1 > edge.x1 + 1]
    return pairs + out


@pytest.mark.parametrize("look", figures.LOOKS[::2], ids=["wide", "narrow"])
@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_no_label_hides_another_or_is_cut(data, maker, look):
    assert collisions(maker(data).draw(look)) == []


@pytest.mark.parametrize("look", figures.LOOKS[1:3], ids=["wide-dark", "narrow-light"])
@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_text_is_large_enough_and_marks_have_the_colors_of_their_theme(data, maker, look):
    ax = maker(data).draw(look)
    assert min(text.get_fontsize() for text in all_texts(ax)) >= (11.5 if look.narrow else 13)
    width = ax.figure.get_figure(root=True).get_size_inches()[0] * 72
    assert round(width) == 358 if look.narrow else 380 <= width <= 1008
    assert all(text.get_color() != "black" for text in all_texts(ax))


@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_words_around_a_figure_fit_and_say_the_point_first(data, maker):
    made = maker(data)
    assert len(made.title) <= 90
    assert len(made.alt) <= 300
    assert made.alt.startswith(made.title) or maker is figures.visit_map
    codes = {"TJK", "KAZ", "not_stated", "to_2013", "v1993"}
    assert not any(code in made.title + made.alt + made.caption for code in codes)
    assert len(made.values)


@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_a_package_without_rows_has_a_figure_that_says_so(data, maker):
    bare = emptied(data)
    made = maker(bare)
    for look in figures.LOOKS[::2]:
        assert collisions(made.draw(look)) == []
    assert made.title
    assert "Rahmon" not in made.alt + made.caption


@pytest.mark.parametrize("maker", [figures.visits, figures.start, figures.timeline])
def test_one_visit_is_drawn(data, maker):
    bare = changed(emptied(data), visits=data.visits[:1])
    made = maker(bare)
    drawn = made.values  # noqa: PD011
    assert "1993" in made.alt + drawn.to_string()
    for look in figures.LOOKS[::2]:
        assert collisions(made.draw(look)) == []


@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_another_pair_gets_its_own_names(other_pair, maker):
    made = maker(other_pair)
    made.draw()
    words = " ".join([made.title, made.alt, *(word for _, word in made.key)])
    assert "Tajikistan" not in words.replace("and so do Tajikistan", "")
    assert {"Azerbaijan", "Moldova"}.isdisjoint(words.split()) or "Azerbaijan" in words


@pytest.mark.parametrize("maker", MAKERS, ids=NAMES)
def test_long_names_wrap_or_shrink(data, maker):
    long = "Plurinational State of Bolivia and of the Mountains beyond the Great Lake"
    names = data.states["name"].mask(data.states["id"].eq("TJK"), long)
    titles = data.milestones.assign(kind="relations_established_" + "very_" * 30 + "long")
    renamed = changed(data, states=data.states.assign(name=names), milestones=titles)
    made = maker(renamed)
    if maker is not figures.visit_map:  # its labels stand where its data say
        assert [hit for hit in collisions(made.draw(figures.LOOKS[2])) if hit[1] == "edge"] == []


def test_many_organizations_are_named_across(data):
    more = pd.concat([data.organizations_named] * 3, ignore_index=True)
    more["organization"] = [f"ORG-{place:02}" for place in range(len(more))]
    spells = data.memberships[data.memberships["organization"].eq("SCO")]
    each = [spells.assign(organization=club) for club in more["organization"]]
    many = changed(data, organizations_named=more, memberships=pd.concat(each, ignore_index=True))
    for look in figures.LOOKS[::2]:
        ax = figures.organizations(many).draw(look)
        assert {label.get_rotation() for label in ax.get_xticklabels()} == {90}


@pytest.mark.parametrize("look", figures.LOOKS[::2], ids=["wide", "narrow"])
def test_a_third_year_at_an_arrow_of_the_map_hides_nothing(data, look):
    third = data.visits[1:2].assign(id="v2015", date="2015-04", date_earliest=pd.NaT)
    more = changed(data, visits=pd.concat([data.visits, third], ignore_index=True))
    ax = figures.visit_map(more).draw(look)
    assert {"1993\n1995\n2015", "2006"} <= {text.get_text() for text in ax.texts}
    assert collisions(ax) == []


def test_a_visit_more_moves_the_title():
    data = frozen_data()
    fifth = data.visits[:1].assign(id="v2011", date="2011-04", date_earliest=pd.NaT)
    more = changed(data, visits=pd.concat([data.visits, fifth], ignore_index=True))
    assert figures.visits(more).title.startswith("The page tells of five visits")


def test_a_trip_is_drawn_once_and_a_visit_stands_for_it(data):
    told = visits_told(data)
    trips = data.visits_elsewhere["trip"].nunique()
    assert len(told) == len(data.visits) + trips
    official = told[told["date"].eq("2018-03-14")]
    assert official["kind"].tolist() == ["visit"]
    may = told[told["date"].eq("2008-05")]
    assert may["sure"].tolist() == [False]


def test_only_what_is_in_scope_and_sure_is_called_left_out(data):
    assert figures.visits(data).title.endswith("and leaves out one")
    doubtful = data.visits_elsewhere.assign(evidence="announced")
    assert "leaves out" not in figures.visits(changed(data, visits_elsewhere=doubtful)).title


def test_the_numbers_that_must_lie_between_are_a_band_each(data):
    from relations_lib.figures import _story

    gaps = _story.unknown_numbers(_story.sessions(data), pd.Timestamp("1993-01-07"))
    assert gaps["label"].tolist() == ["1–6", "11–16", "18"]


def test_a_session_between_may_fall_as_early_as_the_known_one_before_it():
    days = pd.to_datetime(["2012-10-29", "2023-01-01", "2025-08-08"])
    latest = pd.to_datetime(["2012-10-29", "2023-12-31", "2025-08-08"])
    known = pd.DataFrame({"number": [10, 12, 14], "earliest": days, "latest": latest})
    (_, after) = _story.unknown_numbers(known, days[0]).query("first > 10").itertuples()
    assert (after.label, after.start, after.end) == ("13", days[1], days[2])


def test_a_row_says_for_which_time_anybody_looked(data):
    texts = [text.get_text() for text in figures.visits(data).draw().texts]
    since = data.looked_up_from["visits_elsewhere"]
    assert len([text for text in texts if text.startswith(f"looked up: {since} to ")]) == 2


def test_the_timeline_counts_visits_in_doubt_apart_and_names_all_it_draws(data):
    made = figures.timeline(data)
    visits = visits_told(data).query("kind == 'visit'")
    year, page, before, later, doubtful = map(int, re.findall(r"\d+", made.title))
    sure = visits[visits["sure"]]
    assert doubtful == len(visits) - len(sure)
    assert page == len(data.visits)
    assert later == (sure["date"].str[:4].astype(int) > year).sum()
    assert page + before + later == len(sure)
    assert set(data.milestones["date"]) <= set(made.values["date"])  # noqa: PD011


def test_members_are_filled_and_others_rings(data):
    made = figures.organizations(data)
    assert made.values.set_index("state").loc["Belarus"].sum() == 4  # noqa: PD011
    texts = [text.get_text() for text in made.draw().texts]
    assert texts.count("observer") == 2
    assert texts.count("suspended") == 2


def test_members_are_drawn_where_every_one_is_full(data):
    full = data.memberships.query("status == 'full'")
    made = figures.organizations(changed(data, memberships=full))
    assert not [text for text in made.draw().texts if text.get_text()]


def test_spells_of_all_members_stand_under_their_organization_the_pair_first(data):
    made = figures.membership_spells(data, ["SCO", "CST"], "Who came when", (1991, 2024))
    spells = pd.DataFrame(made.values)
    rows = [name.get_text() for name in made.draw().get_yticklabels()]
    states = spells.groupby("organization")["state"].nunique()
    assert rows[:3] == ["SCO", "Tajikistan", "Kazakhstan"]
    assert rows.index("CST") == states["SCO"] + 1
    assert len(rows) == states.sum() + 2
    assert "hatched" in made.alt
    assert f"{len(spells)} spells of {spells['state'].nunique()} states" in made.alt
    assert spells["end"].max() == pd.Timestamp("2024-12-31")


def test_spells_of_an_organization_nobody_knows_are_said_to_be_unknown(data):
    assert "No membership" in figures.membership_spells(data, ["X"], "None", (1991, 2024)).title


def test_others_are_named_only_beside_a_pair_that_shares_all(data):
    assert "all five organizations, and so do Kyrgyzstan" in figures.organizations(data).title
    without = data.memberships[data.memberships["state"] != "RUS"]
    one = figures.organizations(changed(data, memberships=without))
    assert one.title.endswith("all five organizations, and so does Kyrgyzstan")
    spells = data.memberships[data.memberships["state"] != data.about.partner]
    alone = figures.organizations(changed(data, memberships=spells))
    assert alone.title.endswith("the two share none of the five organizations")


def test_the_distance_of_untrue_words_is_written_beside_them(data):
    texts = [text.get_text() for text in figures.true_when(data).draw().texts]
    assert {"22 months too early", "14 and 11 years too early", "5.2 years too late"} <= set(texts)


def test_one_untrue_statement_is_one(data):
    alone = changed(data, page_checks=data.page_checks.query("id == 'C1'"))
    title = figures.true_when(alone).title
    assert title == "One statement of the page fits only another time"


def test_a_reader_s_own_words_may_stand_beside_the_page(data):
    made = figures.page_rows(data, {9: "75 documents $1 <b>"})
    assert "75 documents $1 <b>" in [text.get_text() for text in made.draw().texts]


def test_a_sentence_of_which_nothing_is_coded_is_no_praise(data):
    assert "nothing is coded" not in figures.page_rows(data).caption
    left_out = data.sentences.assign(coded_as="nothing")
    made = figures.page_rows(changed(data, sentences=left_out))
    assert made.caption.endswith(" Empty bars: nothing is coded.")
    look = figures.Look()
    drawn = {bar.get_facecolor() for bar in made.draw().patches}
    assert colors.to_rgba(look.color("ground")) in drawn
    assert colors.to_rgba(look.color("tint")) not in drawn


def test_a_visit_after_the_window_shortens_the_silence_and_is_of_the_map_s_years():
    data = frozen_data()
    last = data.visits.tail(1).assign(id="v2015", date="2015-09")
    later = changed(data, visits=pd.concat([data.visits, last], ignore_index=True))
    assert _story.silence(data)[0] == pd.Timestamp("2014-01-01")
    assert _story.silence(later)[0] == pd.Timestamp("2015-10-01")
    assert figures.visit_map(data).title == "Who went where, 1993 to 2013"
    assert figures.visit_map(later).title == "Who went where, 1993 to 2015"


def test_names_and_days_of_the_map_are_translated(data, tmp_path, monkeypatch):
    from relations_lib.figures import _words

    place = tmp_path / "eo" / "LC_MESSAGES"
    place.mkdir(parents=True)
    catalogue = 'msgid ""\nmsgstr ""\n\nmsgid "Kazakhstan"\nmsgstr "Qazaqstan"\n'
    (place / "figures.po").write_text(catalogue, encoding="utf-8")
    monkeypatch.setattr(_words, "LOCALE", tmp_path)
    drawn = figures.visit_map(data, language="eo")
    assert "Qazaqstan" in drawn.alt
    assert "Qazaqstan" in [text.get_text() for text in drawn.draw().texts]


# --- Plain figures of any table ------------------------------------------------------------------


def test_a_range_is_drawn_from_bound_to_bound(data):
    gaps = cadence.meeting_gaps(data.meetings["date"])
    table = gaps.assign(label=gaps["start"].astype(str), value=gaps["years"])
    ax = figures.ranges(table, "Gaps", "years", "Gaps.").draw()
    ((_, _, (ranges,)),) = ax.containers
    drawn = [segment[:, 0].tolist() for segment in ranges.get_segments()]
    assert drawn == gaps[["low", "high"]].to_numpy().tolist()
    assert collisions(ax) == []


def test_wrong_beside_right_is_called_wrong():
    table = pd.DataFrame(
        {
            "label": ["right $1", "mistake"],
            "value": [0.2, 0.9],
            "low": [0.1, 0.5],
            "high": [0.4, 1.3],
            "mark": ["", "wrong"],
        }
    )
    made = figures.ranges(table, "Not like with like", "a year", "Two.", log=True, rule=0.5)
    for look in figures.LOOKS:
        texts = [text.get_text() for text in made.draw(look).texts]
        assert texts == ["right $1: 0.2 (0.1 to 0.4)", "mistake: 0.9 (0.5 to 1.3), wrong"]


def test_every_table_without_rows_has_a_figure_that_says_so():
    empty = pd.DataFrame({"label": [], "value": [], "low": [], "high": []})
    assert (
        "no rows" in figures.ranges(empty, "Nothing", "a year", "None.").draw().texts[0].get_text()
    )


def test_the_shapes_of_the_map_are_small_name_their_source_and_agree_with_the_capitals(data):
    path = data.path / "map" / "outlines.geojson"
    text = path.read_text(encoding="utf-8")
    assert len(text) < 40_000
    assert "Natural Earth" in text
    assert "GeoNames" in text
    drawn = [feature["properties"] for feature in json.loads(text)["features"]]
    kinds = [facts["kind"] for facts in drawn]
    assert kinds.count("state") == 2
    assert kinds.count("land") == 1
    (almaty,) = data.capitals.query("city == 'Almaty'")["end"]
    assert f"Almaty\n(to {almaty[:4]})" in {facts.get("city") for facts in drawn}


def test_a_package_without_a_row_for_its_page_is_told_so_by_every_figure_in_time(data):
    unpaged = Data(data.path, data.schema, data.tables | {"page": data["page"].head(0)})
    for draw in (figures.visits, figures.timeline, figures.start):
        with pytest.raises(ValueError, match="page has no row"):
            draw(unpaged).draw()


def test_steps_that_name_no_state_are_drawn(data):
    both = data["milestones"].assign(state=None)
    unnamed = Data(data.path, data.schema, data.tables | {"milestones": both})
    texts = [text.get_text() for text in figures.timeline(unnamed).draw().texts]
    assert any("relations established" in text for text in texts)


def test_a_membership_whose_start_nobody_states_has_no_bar(data):
    spells = data["memberships"]
    home = spells["state"].eq(data.about.home) & spells["organization"].eq("CIS")
    vague = spells.assign(start=spells["start"].mask(home))
    unknown = Data(data.path, data.schema, data.tables | {"memberships": vague})
    texts = [text.get_text() for text in figures.timeline(unknown).draw().texts]
    assert "CIS" not in texts


def test_many_visits_are_counted_in_the_title(data):
    days = [f"{year}-{month:02}-01" for year in range(1994, 2012) for month in (2, 9)]
    many = data["visits"].iloc[[0] * len(days)].assign(date=days, id=range(len(days)))
    full = Data(data.path, data.schema, data.tables | {"visits": many})
    assert figures.visits(full).title.startswith("The page tells of 36 visits")


def test_a_day_has_a_block_that_can_be_seen_and_the_list_its_name(data):
    days = ["2009-05-12", "2019-09-20"]
    met = data.meetings.head(2).assign(date=days)
    for side in ("earliest", "latest"):
        met[f"date_{side}"] = pd.to_datetime(days)
    own = Data(data.path, data.schema, data.tables | {"meetings": met})
    for look in figures.LOOKS[::2]:
        ax = figures.commission(own).draw(look)
        widths = [part.get_window_extent().width for part in ax.collections[:2]]
        assert min(widths) > 3
        (name,) = [text for text in ax.texts if text.get_text() == "the page's list"]
        assert name.get_window_extent().x1 <= ax.figure.bbox.width


def test_a_figure_of_too_many_spells_is_refused(data):
    with pytest.raises(ValueError, match="name fewer organizations"):
        figures.membership_spells(data, ["UN"], "All", (1990, 2022))


def test_an_unnamed_visitor_has_no_name_in_a_figure(data):
    own = data.visits.assign(person="not_stated")
    told = visits_told(Data(data.path, data.schema, data.tables | {"visits": own}))
    assert "not_stated" not in set(told["name"])


def test_time_together_in_an_organization_ends_when_one_leaves_and_begins_anew(data):
    spell = {"organization": "SCO", "status": "full"}
    rows = [
        {**spell, "state": "TJK", "start": "2001-06-15", "end": "2004-01-01"},
        {**spell, "state": "TJK", "start": "2010-01-01", "end": None},
        {**spell, "state": "KAZ", "start": "2002-01-01", "end": "2012-01-01"},
    ]
    own = Data(data.path, data.schema, data.tables | {"memberships": pd.DataFrame(rows)})
    shared = _timeline._shared_spans(own, pd.Timestamp("2026-01-01"))
    assert shared["label"].tolist() == ["SCO", "SCO"]
    assert shared["start"].dt.year.tolist() == [2002, 2010]
    assert shared["end"].dt.year.tolist() == [2004, 2012]
