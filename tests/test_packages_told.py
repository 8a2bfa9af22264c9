"""What is told of packages unlike ours: each case once gave a false number, title or silence."""

from __future__ import annotations

import pandas as pd
import pytest
from frozen import frozen_data

from relations_lib import checks, figures, findings, nulls, timeline
from relations_lib.dates import Doubtful, day_bounds


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
    assert "Only elsewhere, later: 0 visits" in figures.start(last).alt
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
    assert "order being open" in gap["definition"]


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
