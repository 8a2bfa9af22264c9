"""One list of everything dated: nothing lost, nothing twice, each with who tells it."""

from dataclasses import replace

import pandas as pd

from relations_lib import load, timeline

DATA = load()


def test_everything_dated_is_in_the_list_once():
    found = timeline.entries(DATA)
    counted = sum(DATA[name]["date"].notna().sum() for name in ("milestones", "visits", "meetings"))
    trips = DATA.visits_elsewhere.dropna(subset="date")["trip"].nunique()
    named = ("sessions_elsewhere", "documents_elsewhere")
    others = sum(DATA[name]["date"].notna().sum() for name in named)
    assert len(found) == counted + trips + others
    assert found["row"].is_unique


def test_the_list_runs_in_time():
    assert timeline.entries(DATA)["latest"].is_monotonic_increasing


def test_only_what_was_seen_held_is_without_doubt():
    found = timeline.entries(DATA).set_index("row")
    rows = DATA.visits_elsewhere.set_index("id")
    seen_first = rows[~rows["trip"].duplicated()]
    for row in seen_first.index[seen_first["evidence"] != "attended"]:
        assert found.loc[f"visits_elsewhere#{row}", "doubt"], row


def test_a_package_without_other_sources_has_a_list_of_its_own():
    own = {k: t for k, t in DATA.tables.items() if not k.endswith("_elsewhere")}
    found = timeline.entries(replace(DATA, tables=own))
    assert set(found["told_by"]) == {"the page"}


def test_an_undated_row_is_left_out():
    visits = DATA.visits.assign(date=pd.array([None] * len(DATA.visits), dtype="str"))
    found = timeline.entries(replace(DATA, tables={**DATA.tables, "visits": visits}))
    assert not [row for row in found["row"] if row.startswith("visits#")]
