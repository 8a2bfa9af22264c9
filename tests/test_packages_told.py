"""What is told of packages unlike ours: each case once gave a false number, title or silence."""

from __future__ import annotations

import pandas as pd
import pytest
from frozen import frozen_data

from relations_lib import checks, figures, findings, nulls, sources, timeline
from relations_lib.dates import Doubtful, day_bounds
from relations_lib.figures._marks import mark_ends


@pytest.fixture(scope="module")
def data():
    return frozen_data()


def rows(like: pd.DataFrame, *changes: dict) -> pd.DataFrame:
    """Return copies of a table's first row, each with some cells changed and the days of dates."""
    table = pd.DataFrame([like.iloc[0].to_dict() | change for change in changes])
    for name in [name for name in table if f"{name}_earliest" in table]:
        days = day_bounds(table[name])
        table[f"{name}_earliest"], table[f"{name}_latest"] = days["earliest"], days["latest"]
    return table.astype({"number": "Int64"}) if "number" in table else table


def package(data, *, looked=True, **tables: list[dict]):
    """Return the package with other rows in some tables, and nothing found elsewhere."""
    changed = {name: rows(data[name], *changes) for name, changes in tables.items()}
    bare = {name: data[name][:0] for name in ("visits_elsewhere", "sessions_elsewhere")}
    schema = data.schema
    if not looked:
        parts = [
            {name: value for name, value in part.items() if not name.startswith("lookedUp")}
            for part in schema["resources"]
        ]
        schema = schema | {"resources": parts}
    return type(data)(data.path, schema, data.tables | bare | changed)


def collected(package, section: str) -> tuple[pd.DataFrame, pd.Series]:
    table, missing = findings.collect(package, [section])
    return table.set_index("key"), missing.set_index("key")["reason"]


# --- Figures and lists ---------------------------------------------------------------------------


def test_the_last_event_of_a_page_is_no_later_visit_elsewhere(data):
    last = package(data, visits=[{"id": "v", "date": "2013-05-01"}])
    assert "Only elsewhere, later: visits 0" in figures.start(last).alt
    assert "go on" not in figures.start(last).title


def test_where_nobody_looked_no_figure_says_that_nothing_was_found(data):
    unread = package(data, looked=False)
    for made in (figures.visits(unread), figures.start(unread)):
        assert "Nobody has looked elsewhere." in made.alt
        assert "searched" not in made.caption
    assert "Left out: none" in figures.visits(package(data)).alt


def test_a_visit_whose_id_is_that_of_a_trip_elsewhere_is_drawn(data):
    named_alike = package(
        data,
        visits=[{"id": "T01", "date": "2010-02"}, {"id": "T02", "date": "2005"}],
        visits_elsewhere=[{"id": "E1", "trip": "T01", "date": "2008", "kind": "official"}],
    )
    told = figures.visits(named_alike).values  # noqa: PD011
    assert told["date"].tolist() == ["2005", "2008", "2010-02"]


def test_an_agreement_of_no_visit_stands_on_the_timeline_and_ends_the_silence(data):
    signed = {"id": "a", "date": "2015-06-01", "visit": "not_applicable", "title": "Treaty"}
    alone = package(data, agreements=[signed])
    assert "agreements#a" in set(timeline.entries(alone)["row"])
    assert "2015-06-01" in set(figures.timeline(alone).values["date"])  # noqa: PD011
    assert "of 2015" in figures.start(alone).title
    assert not any(row.startswith("agreements#") for row in timeline.entries(data)["row"])


def test_a_rise_that_hangs_on_one_meeting_is_no_title(data):
    sessions = [
        {"id": "S1", "number": 5, "date": "2005-03-01", "held": "held"},
        {"id": "S2", "number": 6, "date": "2009-06-01", "held": "held"},
    ]
    few = [{"id": f"m{year}", "date": str(year)} for year in (1995, 2005, 2009)]
    assert (
        "denser"
        not in figures.commission(package(data, meetings=few, sessions_elsewhere=sessions)).title
    )
    assert "denser" in figures.commission(data).title


# --- Findings ------------------------------------------------------------------------------------


def test_a_trip_of_which_one_day_is_on_the_page_is_not_missing_from_it(data):
    day = {"visitor": "TJK", "host": "KAZ"}
    two_days = package(
        data,
        visits=[day | {"id": "v", "date": "2005-05-01"}],
        visits_elsewhere=[
            day | {"id": "E1", "trip": "T1", "date": "2005-05-01", "in_scope": "yes"},
            day | {"id": "E2", "trip": "T1", "date": "2005-05-02", "in_scope": "yes"},
        ],
    )
    assert checks.not_listed(two_days.visits_elsewhere, two_days.visits).empty
    table, _ = collected(two_days, "checks")
    assert table.loc["checks.visits.rate_in_scope.to_2013", "n"] == 1


def test_meetings_left_out_are_those_for_which_the_numbers_leave_no_room(data):
    def required(*numbers):
        sessions = [
            {"id": f"S{number}", "number": number, "date": day, "held": "held"}
            for number, day in numbers
        ]
        years = (2001, 2003, 2006, 2008, 2010)
        met = [{"id": f"m{year}", "date": str(year)} for year in years]
        return collected(package(data, meetings=met, sessions_elsewhere=sessions), "cadence")

    key = "meetings.trend.bayes_factor_required"
    _, missing = required((1, "2005-03-01"), (4, "2010-06-01"))
    assert missing[key] == "2 meetings listed before 2005 are more than the numbers allow"
    table, _ = required((3, "2005-03-01"), (5, "2010-06-01"))
    assert "any 1 of the meetings" in table.loc[key, "definition"]
    _, missing = required((3, "2003/2006"), (5, "2010-06-01"))
    assert "no certain year" in missing[key]


def test_two_uses_of_a_word_on_one_date_are_one_finding(data):
    visits = [{"id": "v1", "date": "2001"}, {"id": "v2", "date": "2001"}]
    check = {"page_rows": "visits#v1 visits#v2", "valid_from": "2005", "subject": "office"}
    table, _ = collected(package(data, visits=visits, page_checks=[check]), "checks")
    assert table.index.str.startswith("checks.words.years_off").sum() == 1


def test_a_doubt_that_the_schema_declares_reaches_findings_and_figures(data):
    visits = data.visits.assign(date=data.visits["date"].astype(object))
    visits.loc[2, "date"] = Doubtful("2000?", 400)
    doubtful = type(data)(data.path, data.schema, data.tables | {"visits": visits})
    table, missing = collected(doubtful, "visits")
    assert missing.empty
    assert "1998-11-27 to 2002-02-04" in table.loc["visits.gap_days.2", "definition"]
    for maker in (figures.visits, figures.start, figures.timeline):
        maker(doubtful).draw()


def test_a_null_that_takes_long_costs_no_count(data, monkeypatch):
    monkeypatch.setattr(nulls, "MOST_TRADED", 0)
    monkeypatch.setattr(nulls, "MOST_TRIED", 0)
    monkeypatch.setitem(nulls.null_same_margins.__kwdefaults__, "most_tried", 0)
    table, missing = collected(data, "network")
    assert {"network.states", "network.nodf", "network.pair.jaccard"} <= set(table.index)
    assert "take long" in missing["network.null.margins_fixed.p_shared"]


@pytest.mark.parametrize(
    ("name", "section"),
    [("memberships", "network"), ("milestones", "page"), ("windows", "visits")],
)
def test_a_table_that_is_not_there_is_the_reason_for_what_needs_it(data, name, section):
    tables = {kept: table for kept, table in data.items() if kept != name}
    without = type(data)(data.path, data.schema, tables)
    _, missing = findings.collect(without, [section])
    assert missing["reason"].str.contains(f"no table '{name}'").any()


def test_years_shared_go_on_to_the_end_of_the_windows(data):
    spells = [
        {"id": f"CIS-{state}-1", "state": state, "organization": "CIS", "start": start, "end": None}
        for state, start in (("TJK", "1995"), ("KAZ", "1999"))
    ]
    named = [{"id": "o", "organization": "CIS"}]
    table, _ = collected(package(data, memberships=spells, organizations_named=named), "network")
    assert table.loc["network.pair.in_all.years", ["value", "n"]].tolist() == [22, 26]


def test_the_page_s_own_year_is_no_negative_silence(data):
    table, _ = collected(package(data, milestones=[{"id": "m", "date": "2020"}]), "page")
    assert table.loc["page.silent_years", "value"] == 0


def test_a_decade_is_an_event_in_one_of_its_years(data):
    empty = {name: [] for name in ("milestones", "meetings", "agreements")}
    bare = {name: data[name][:0] for name in empty}
    years = range(data.windows["start_earliest"].min().year, 2021)

    def without_event(*dates):
        one = package(data, visits=[{"id": f"v{date}", "date": date} for date in dates])
        found, _ = collected(type(data)(one.path, one.schema, one.tables | bare), "page")
        return found.loc["page.years_without_event", ["value", "low", "high"]].tolist()

    assert without_event("200X") == [len(years) - 1] * 3
    assert without_event("200X", "2001") == [len(years) - 1, len(years) - 2, len(years) - 1]


def test_a_total_without_a_period_says_so(data):
    table, _ = collected(package(data, legal_base=[{"period": None}]), "page")
    assert "of a period not stated" in table.loc["page.documents_stated", "definition"]


def test_a_gap_whose_order_is_open_has_its_bounds(data):
    dates = ("1995", "1995-06", "2001")
    visits = [{"id": f"v{date}", "date": date} for date in dates]
    table, _ = collected(package(data, visits=visits), "visits")
    gap = table.loc["visits.gap_days.1"]
    assert gap["low"] == 0
    assert gap["value"] == (gap["low"] + gap["high"]) / 2
    assert "the order is open" in gap["definition"]


def test_sessions_dated_to_years_give_no_pace(data):
    sessions = [
        {"id": "S3", "number": 3, "date": "2003/2009", "held": "held"},
        {"id": "S9", "number": 9, "date": "2010-06-01", "held": "held"},
    ]
    table, missing = collected(package(data, sessions_elsewhere=sessions), "checks")
    assert "dated to within 7.0 years" in missing["checks.pace.numbered.after"]
    assert "checks.ordinal.room.between" in table.index


def test_a_long_list_says_how_much_of_it_a_definition_leaves_out(data):
    met = [{"id": f"m{year}", "date": str(year)} for year in range(1993, 2008)]
    table, _ = collected(package(data, meetings=met), "cadence")
    assert "2004 and 3 more" in table.loc["meetings.gap_years.mean", "definition"]


# --- Found by a second reading -------------------------------------------------------------------


def held(*numbers: tuple[int, str]) -> list[dict]:
    return [
        {"id": f"S{place}", "number": number, "date": day, "held": "held"}
        for place, (number, day) in enumerate(numbers)
    ]


def met(*dates: str) -> list[dict]:
    return [{"id": f"m{place}", "date": date} for place, date in enumerate(dates)]


def test_numbers_later_than_the_list_take_no_other_finding_away(data):
    later = package(
        data, meetings=met("1995", "1999", "2003"), sessions_elsewhere=held((12, "2017-03-01"))
    )
    table, missing = collected(later, "cadence")
    assert "meetings.rate.1993_2012" in table.index
    assert "number no session to 2012" in missing["meetings.trend.bayes_factor_required"]


def test_every_listed_meeting_is_among_those_that_the_numbers_allow(data):
    def allowed(dates, *numbers):
        one = package(data, meetings=met(*dates), sessions_elsewhere=held(*numbers))
        return collected(one, "checks")[0].loc["checks.ordinal.meetings_allowed", "value"]

    assert allowed(("1995", "1999", "2003", "2006"), (2, "1999-03-01")) == 4
    assert allowed(("1995", "1999", "2003"), (5, "1999-03-01")) == 6


def test_a_number_later_than_a_list_of_days_is_said_to_be_so(data):
    days = met("1995-02-01", "1999-02-01", "2005-03-01")
    sessions = held((2, "1999-02-01"), (7, "2005-09-01"))
    table, _ = collected(package(data, meetings=days, sessions_elsewhere=sessions), "checks")
    number = table.loc["checks.ordinal.sessions"]
    assert number["value"] == 2
    assert "not later than the last day of the list's dates" in number["definition"]


@pytest.mark.parametrize(
    "sessions",
    [
        held((5, "2005-03-01"), (5, "2005-03-01")),
        held((2, "1991-06-01"), (4, "1996-03-01")),
        held((4, "1996-03-01"), (2, "2001-06-01")),
    ],
    ids=["one number twice", "before the window", "against their dates"],
)
def test_numbers_that_leave_no_pace_are_drawn(data, sessions):
    dates = met("1995", "2005", "2009")
    figures.commission(package(data, meetings=dates, sessions_elsewhere=sessions)).draw()


def test_a_gap_beside_visits_of_open_order_rests_on_all(data):
    visits = [{"id": f"v{date}", "date": date} for date in ("1995", "1995-06", "2001")]
    table, _ = collected(package(data, visits=visits), "visits")
    gap = table.loc["visits.gap_days.2"]
    assert gap["rests_on"] == "visits#v1995 visits#v1995-06 visits#v2001"
    assert "the order is open" in gap["definition"]


def test_two_decades_fill_two_years_and_one_year_takes_one_event(data):
    bare = {name: data[name][:0] for name in ("milestones", "meetings", "agreements")}

    def without_event(*dates):
        visits = [{"id": f"v{place}", "date": date} for place, date in enumerate(dates)]
        one = package(data, visits=visits)
        found, _ = collected(type(data)(one.path, one.schema, one.tables | bare), "page")
        return found.loc["page.years_without_event", ["value", "low", "high"]].tolist()

    assert without_event("200X", "201X") == [26, 26, 26]
    known = [f"{year}-05-01" for year in range(2000, 2010) if year != 2003]
    assert without_event(*known, "200X", "200X") == [19, 18, 19]


def test_what_a_page_dates_after_itself_is_its_newest_year(data):
    table, _ = collected(package(data, milestones=[{"id": "m", "date": "2025"}]), "page")
    assert table.loc["page.newest_year", "value"] == 2025
    assert table.loc["page.silent_years", "value"] == 0


def test_a_word_that_may_have_been_true_is_not_called_true(data):
    def title(start, end, *dates):
        visits = [{"id": f"v{date}", "date": date} for date in dates]
        word = {"valid_from": start, "valid_to": end, "valid_to_missing": None, "subject": "office"}
        word["page_rows"] = " ".join(f"visits#v{date}" for date in dates)
        made = figures.true_when(package(data, visits=visits, page_checks=[word]))
        return made.title, made.alt

    assert "Of no statement is it sure" in title("2000-06-01", "2005-06-01", "2000", "2005")[0]
    _, alt = title("2000-01-01", "2005-01-01", "1995-05-01", "2010-05-01")
    assert "4.7 years too early, 5.3 years too late" in alt


def test_sessions_found_elsewhere_are_told_where_nobody_looked_for_visits(data):
    later = package(data, looked=False, sessions_elsewhere=held((5, "2017-03-01")))
    assert "sessions 1" in figures.start(later).alt


def test_an_interval_of_one_visit_is_what_its_definition_says(data):
    table, _ = collected(package(data, visits=[{"id": "v", "date": "2001"}]), "visits")
    rate = table.loc["visits.rate_jeffreys.to_2013"]
    assert rate["low"] == 0
    assert "low = 0 at 0 and 1 visits" in rate["definition"]


def test_an_empty_table_of_others_is_named_and_keeps_the_rest(data):
    empty = {"commission_numbers": data.commission_numbers[:0]}
    less = type(data)(data.path, data.schema, data.tables | empty)
    assert "alike 89.6%" in figures.partners(less, ["votes"], "Votes", "All").alt
    table, missing = collected(less, "others")
    assert "others.votes.share" in table.index
    assert "commission_numbers" in missing["others.commission.rate.*"]


def test_votes_of_some_years_give_no_share_of_all(data):
    few = data.votes_by_year[data.votes_by_year["year"] >= 2005]
    less = type(data)(data.path, data.schema, data.tables | {"votes_by_year": few})
    _, missing = collected(less, "others")
    assert "lacks 1993" in missing["others.votes.share_of_all"]


def test_the_end_of_an_organization_needs_no_table_of_others(data):
    tables = {name: table for name, table in data.items() if name != "shared_elsewhere"}
    table, _ = collected(type(data)(data.path, data.schema, tables), "checks")
    assert table.loc["checks.organizations.years_since_end", "value"] > 5


def test_years_in_titles_are_those_that_a_decade_allows(data):
    decade = package(data, visits=[{"id": "v", "date": "200X"}])
    bare = {name: data[name][:0] for name in ("meetings", "milestones", "agreements")}
    decade = type(data)(data.path, data.schema, decade.tables | bare)
    assert "of 2000–2009" in figures.start(decade).title


# --- Found by a newcomer with a page of his own --------------------------------------------------


def test_a_visit_known_to_a_year_or_decade_is_drawn_as_wide_as_that(data):
    visits = [{"id": "v1", "date": "199X"}, {"id": "v2", "date": "2004"}]
    ends = mark_ends(package(data, visits=visits).visits["date"])
    years = (ends["end"] - ends["start"]).dt.days / 365.25
    assert years.round().tolist() == [10, 1]
    day = mark_ends(pd.Series(["2004-05"]))
    assert (day["start"] == day["end"]).all()


def test_a_pair_without_full_members_is_drawn(data):
    rows = [
        {"id": f"CIS-{state}-1", "state": state, "organization": "CIS", "status": "observer"}
        for state in ("TJK", "KAZ")
    ]
    observers = package(data, memberships=rows)
    for maker in (figures.organizations, figures.timeline, figures.visit_map):
        maker(observers).draw()


def test_an_entry_into_force_not_stated_bounds_the_years_shared(data):
    bodies = data.organizations.assign(in_force=None, in_force_missing="not_stated")
    open_dates = type(data)(data.path, data.schema, data.tables | {"organizations": bodies})
    table, _ = collected(open_dates, "network")
    years = table.loc["network.rule.in_force.pair_years"]
    sure = table.loc["network.rule.signature.pair_years", "value"]
    assert years["low"] == years["value"] < years["high"] <= sure
    assert table.loc["checks.network.in_all_years", "low"] == 0


def test_a_date_that_its_place_on_the_page_does_not_give_is_told(data):
    assert sources.other_dates(data).empty
    spoilt = data.visits.assign(date=data.visits["date"].replace("1995-11", "1995-11-01"))
    changed = type(data)(data.path, data.schema, data.tables | {"visits": spoilt})
    told = sources.other_dates(changed)
    assert told.to_numpy().tolist() == [["visits#v1995", "1995-11-01", "1995-11"]]


def test_a_caption_tells_of_the_ends_only_of_rows_that_are_drawn(data):
    parts = [part | {} for part in package(data, looked=False).schema["resources"]]
    for part in parts:
        if part["name"] == "memberships":
            part["lookedUpUntil"] = "2024-12"
    only = type(data)(data.path, data.schema | {"resources": parts}, data.tables)
    assert "searched" in figures.timeline(only).caption
    assert "searched" not in figures.start(only).caption
