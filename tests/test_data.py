"""The committed data: what they hold, that all of it is accounted for, and that referees agree."""

import json
import re
import runpy
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package
from frozen import copied, frozen_data
from test_changed_rows import a_meeting

from relations_lib import load
from relations_lib.dates import day_bounds

# Exact figures, stated once; whoever adds a row changes them here.
ROWS = {
    "page": 1,
    "windows": 3,
    "sentences": 36,
    "locators": 124,
    "milestones": 4,
    "visits": 4,
    "institutions": 4,
    "meetings": 9,
    "agreements": 5,
    "legal_base": 1,
    "organizations_named": 5,
    "sectors": 7,
    "goods": 9,
    "areas": 39,
    "statements": 25,
    "states": 193,
    "sources": 258,
    "organizations": 6,
    "memberships": 252,
    "cis_legal_dates": 12,
    "visits_elsewhere": 59,
    "sessions_elsewhere": 8,
    "documents_elsewhere": 4,
    "capitals": 6,
    "offices": 5,
    "rival_claims": 80,
    "page_checks": 17,
    "shared_elsewhere": 6,
    "ministry_pages": 22,
    "ministry_visits": 21,
    "ministry_organizations": 22,
    "us_visits": 498,
    "commission_numbers": 40,
    "votes": 6699,
    "votes_by_issue": 246,
    "votes_by_period": 246,
    "votes_partners": 384,
    "votes_by_year": 28,
    "votes_world": 153,
    "shared": 5544,
    "shared_by_year": 24,
    "shared_partners": 388,
    "shared_world": 128,
    "organization_sizes": 316,
    "state_totals": 195,
    "shared_organizations": 48,
    "claims": 18,
}

KEY = ["state_a", "state_b"]
WORDS = ("yes", "abstain", "no")
SAME = [f"{word}_{word}" for word in WORDS]


@pytest.fixture(scope="module")
def data():
    return load()


def test_every_table_has_the_rows_it_is_known_to_have(data):
    found = {name: len(table) for name, table in data.items()}
    faults = [
        f"{name}: {found.get(name, 0)} rows, {ROWS.get(name, 0)} stated in ROWS"
        for name in sorted({*found, *ROWS})
        if found.get(name) != ROWS.get(name)
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_every_file_in_the_data_folder_is_a_table_of_the_schema(data):
    files = {p.relative_to(data.path).as_posix() for p in data.path.rglob("*.csv")}
    files = {name for name in files if not name.startswith("releases/")}
    assert files == {resource["path"] for resource in data.schema["resources"]}


def test_the_codebook_is_what_the_schema_says():
    data = load()
    codebook = runpy.run_path(str(data.path / "codebook.py"))["codebook"]
    written = (data.path / "README.md").read_text(encoding="utf-8")
    assert written == codebook(data.schema), "run: make codebook"
    data.schema["resources"][0]["description"] += " Changed."
    assert written != codebook(data.schema)


def test_every_column_is_described_and_every_code_explained(data):
    for resource in data.schema["resources"]:
        assert resource["description"].startswith("One row is"), resource["name"]
        for column in resource["schema"]["fields"]:
            where = f"{resource['name']}.{column['name']}"
            assert len(column["description"]) > 10, where
            codes = column.get("constraints", {}).get("enum", [])
            assert set(codes) == set(column.get("codes", {})) or column["type"] != "string", where
            assert set(column.get("missingValues", [])) <= set(data.schema["missingValueCodes"])


def test_every_table_rests_on_the_page_or_on_a_source(data):
    infrastructure = {"windows", "sentences", "locators", "states", "sources"}
    for resource in data.schema["resources"]:
        inside = resource["path"].startswith("page/")
        allowed = {"locators"} if inside else {"source", "table"}
        assert resource.get("evidence") in allowed or resource["name"] in infrastructure
        assert ("cites" in resource) == (resource.get("evidence") == "table"), resource["name"]


def test_every_table_on_others_states_its_terms_and_how_to_rebuild_it(data):
    for resource in data.schema["resources"]:
        if resource["path"].startswith("others/"):
            assert len(resource["terms"]) > 40, resource["name"]
            assert len(resource["rebuild"]) > 20, resource["name"]
    restricted = [r for r in data.schema["resources"] if "cow-igo-v3" in r.get("cites", "")]
    assert len(restricted) == 7
    for resource in restricted:
        assert resource["terms"].startswith("Facts only, citation required")


def test_the_index_covers_the_page_from_its_first_to_its_last_character(data):
    sentences, page = data.sentences, data.page.iloc[0]
    assert sentences["start"].iloc[0] == 0
    assert sentences["end"].iloc[-1] == page["length"]
    assert (sentences["start"].iloc[1:].to_numpy() == sentences["end"].iloc[:-1] + 1).all()
    assert sentences["paragraph"].nunique() == page["paragraphs"]
    ids = (
        "p"
        + sentences["paragraph"].astype(str).str.zfill(2)
        + "s"
        + sentences["sentence"].astype(str)
    )
    assert (ids == sentences["id"]).all()


def test_a_visit_told_twice_is_one_row_with_two_dated_mentions(data):
    told = data.locators.query("table == 'visits' and row == 'v2007'")
    assert told["states"].tolist() == ["date 2007-09", "date 2007-09-12/2007-09-13"]
    assert data.visits["id"].is_unique


def test_no_date_is_more_precise_than_the_mention_it_rests_on(data):
    """Each dated row has a locator that states exactly the date of the row."""
    for name in ("milestones", "visits", "meetings", "agreements"):
        said = data.locators[data.locators["table"] == name]
        for row in data[name].itertuples():
            states = said.loc[said["row"] == row.id, "states"].str.cat(sep=" ")
            assert row.date in states, (name, row.id)


def test_the_stated_total_is_stored_as_stated_and_never_as_rows(data):
    assert data.legal_base["documents"].tolist() == [75]
    assert data.legal_base["period"].tolist() == ["1993/2013"]
    named = data.agreements["documents"].fillna(1).sum()
    assert named < data.legal_base["documents"].sum()
    assert not any(len(table) == data.legal_base["documents"].iloc[0] for table in data.values())


def test_the_documents_named_are_signed_within_the_period_of_the_total(data):
    base = data.legal_base.iloc[0]
    assert data.agreements["date_earliest"].ge(base["period_earliest"]).all()
    assert data.agreements["date_latest"].le(base["period_latest"]).all()


def test_anchors_are_a_few_words_only(data):
    assert data.locators["anchor"].str.removesuffix(" ...").str.split().str.len().max() <= 4


def test_every_source_is_cited_and_every_citation_has_a_source(data):
    cited = {
        entry
        for table in data.values()
        for column in {"source", "also"} & set(table.columns)
        for cell in table[column]
        for entry in cell.split()
        if entry != "not_applicable"
    }
    cited.update(*(r.get("cites", "").split() for r in data.schema["resources"]))
    assert cited == set(data.sources["id"])


CELLS = [f"{one}_{other}" for one in WORDS for other in WORDS]


def both(table, first, second):
    """Return the rows of a pair of states, whichever stands first."""
    return table[table["state_a"].eq(min(first, second)) & table["state_b"].eq(max(first, second))]


def test_the_votes_of_the_pair_add_up_to_the_known_totals(data):
    pair = both(data.votes, "TJK", "KAZ")
    for years, joint, alike in (((1992, 2020), 1840, 1670), ((1993, 2013), 1297, 1162)):
        chosen = pair[pair["year"].between(*years)]
        assert chosen[CELLS].to_numpy().sum() == joint
        assert chosen[SAME].to_numpy().sum() == alike


def test_tables_of_votes_that_count_the_same_thing_agree(data):
    """By year, by period, by partner: one count, made three times."""
    years = data.votes[data.votes["year"].between(1993, 2013)].groupby(KEY)[CELLS].sum()
    period = data.votes_by_period.query("period == '1993-2013'").set_index(KEY)
    shared = years.loc[period.index]
    assert shared.sum(axis=1).tolist() == period["both_voted"].tolist()
    assert shared[SAME].sum(axis=1).tolist() == period["identical"].tolist()
    for row in data.votes_partners.itertuples():
        if (row.state, row.partner) in years.index:
            assert [getattr(row, cell) for cell in CELLS] == years.loc[
                (row.state, row.partner)
            ].tolist()


def test_pairs_of_states_stand_in_the_order_of_their_codes_and_once_each(data):
    for name in ("votes", "shared"):
        table = data[name]
        assert (table["state_a"] < table["state_b"]).all()
        assert len(table.drop_duplicates(KEY)) == 231
        assert len(set(table["state_a"]) | set(table["state_b"])) == 22


def test_the_world_of_2013_has_the_known_pairs(data):
    votes, shared = data.votes_world, data.shared_world
    assert votes.groupby("measure")["pairs"].sum().unique().tolist() == [18145]
    assert shared.groupby("organizations")["pairs"].sum().unique().tolist() == [18915]
    ranked = both(data.votes_by_period.query("period == '1993-2013'"), "TJK", "KAZ").iloc[0]
    assert (ranked["pairs_ranked"], ranked["rank_identical"], ranked["rank_kappa"]) == (
        18145,
        3584,
        1470,
    )
    year = both(data.shared.query("year == 2013"), "TJK", "KAZ").iloc[0]
    columns = ["shared", "shared_regional", "rank_shared", "rank_regional"]
    assert year[columns].tolist() == [45, 12, 2840, 401]
    memberships = dict(zip(("KAZ", "TJK"), year[["memberships_a", "memberships_b"]], strict=True))
    assert memberships == {"TJK": 47, "KAZ": 57}


def test_a_rank_among_organizations_is_the_number_of_pairs_above_and_one(data):
    counts = data.shared_world.query("organizations == 'all'")
    for row in data.shared.query("year == 2013").itertuples():
        assert counts.loc[counts["shared"] > row.shared, "pairs"].sum() + 1 == row.rank_shared


def test_both_margins_of_the_memberships_of_2013_have_one_sum(data):
    sizes, totals = data.organization_sizes["members"], data.state_totals["memberships"]
    assert sizes.sum() == totals.sum() == 12642
    own = data.state_totals.set_index("state")["memberships"]
    assert (own["TJK"], own["KAZ"]) == (47, 57)
    states = set(data.states["id"])
    assert sorted(set(data.state_totals["state"]) - states) == ["TWN", "XKX"]


def test_the_organizations_shared_in_2013_are_those_counted(data):
    table = data.shared_organizations
    alive = table[table["first_year"].le(2013) & table["last_year"].ge(2013)]
    assert (len(alive), int(alive["regional"].sum())) == (45, 12)


def test_a_page_of_the_ministry_that_was_not_read_gives_no_number():
    data = frozen_data()
    pages = data.ministry_pages
    unseen = pages[pages["extent"] == "not_found"]
    for part in ("visits", "commission", "organizations"):
        assert set(unseen[part]) == {"unread"}
    assert unseen["documents"].isna().all()
    assert set(pages.loc[pages["visits"] == "read", "partner"]) == {
        "KAZ",
        "MDA",
        "GEO",
        "UKR",
        "ARM",
    }
    counted = data.ministry_visits.query("counted")["page"].value_counts()
    named = pages.set_index("id")["partner"]
    found = {named[page]: count for page, count in counted.items()}
    assert found == {"UKR": 6, "KAZ": 4, "ARM": 3, "AZE": 2, "BLR": 2, "MDA": 1, "TKM": 1}


def test_the_visits_of_the_page_stand_alike_among_those_of_the_ministry(data):
    own = data.ministry_visits[data.ministry_visits["source"] == "mfa-tj-138"]
    assert own["date"].tolist() == data.visits["date"].tolist(), (
        "others/ministry_visits.csv: it has the page's own visits too, in the same order"
    )


def test_every_verdict_is_one_of_five_kinds(data):
    kinds = {}
    for name in ("page_checks", "claims"):
        resource = next(r for r in data.schema["resources"] if r["name"] == name)
        column = next(c for c in resource["schema"]["fields"] if c["name"] == "verdict")
        kinds[name] = column["codes"]
    assert kinds["page_checks"] == kinds["claims"]
    assert len(kinds["claims"]) == 5


def test_a_claim_that_no_data_touch_or_that_could_not_fail_is_not_said_to_hold(data):
    claims = data.claims
    empty = claims[(claims["tested"] == "no") | ~claims["could_differ"].astype(bool)]
    assert len(empty) > 0
    assert set(empty["verdict"]) == {"no_test"}


def test_every_un_member_has_one_admission(data):
    un = data.memberships.query("organization == 'UN'")
    assert sorted(un["state"]) == sorted(data.states["id"])


@pytest.mark.thorough
def test_frictionless_agrees_that_the_package_is_valid(data):
    report = Package(str(data.path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("page/visits.csv", "official", "offical"),
        ("page/meetings.csv", "i-commission", "i-comission"),
        ("page/locators.csv", "L002", "L001"),
        ("page/sentences.csv", ",0,39,", ",0,x,"),
        ("context/memberships.csv", ",TJK,", ",TJ,"),
        ("context/states.csv", "Kazakhstan", ""),
    ],
)
def test_frictionless_and_load_refuse_the_same_fault(tmp_path, file, old, new):
    folder = copied(tmp_path / "data")
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match="found") as error:
        load(folder)
    ours = {(f.file, f.line) for f in error.value.faults}
    file_of = folder / "datapackage.json"
    schema = json.loads(file_of.read_text(encoding="utf-8"))
    near = [r for r in schema["resources"] if not r["path"].startswith("others/")]
    file_of.write_text(json.dumps({**schema, "resources": near}), encoding="utf-8")  # for speed
    report = Package(str(file_of)).validate()
    theirs = {
        (task.place, row)
        for task in report.tasks
        for (row,) in task.flatten(["rowNumber"])
        if row is not None
    }
    assert theirs, "the referee sees no fault"
    assert {(Path(place).as_posix(), row) for place, row in theirs} & ours


def test_the_schema_is_a_data_package_descriptor(data):
    assert {"name", "title", "licenses", "sources", "resources"} <= set(data.schema)
    text = json.dumps(data.schema)
    assert not re.search(r"(?<![\w.:])/(?:root|home|tmp|work)/", text)


def test_a_lane_says_until_when_it_was_looked_up(data):
    searched = {"visits_elsewhere", "sessions_elsewhere", "documents_elsewhere", "memberships"}
    assert set(data.looked_up) == searched
    met = data.sources.set_index("id")["date_latest"]
    for name in searched:
        told = data[name]["source"].map(met).max()
        assert told <= bounds_of(data.looked_up[name]), name


def bounds_of(edtf: str):
    return day_bounds(pd.Series([edtf]))["latest"].iloc[0]


def test_a_visit_whose_year_is_inferred_is_no_certain_omission(data):
    inferred = data.visits_elsewhere.query("evidence == 'attended_year_inferred'")
    assert len(inferred) == 2
    assert not inferred["in_scope"].eq("yes").any()
    assert inferred["doubt"].str.contains("inferred").all()


def test_rows_of_one_trip_are_of_one_traveler_within_a_week(data):
    for trip, rows in data.visits_elsewhere.groupby("trip"):
        assert len(set(rows["visitor"])) == 1, trip
        span = rows["date_earliest"].max() - rows["date_latest"].min()
        assert span.days <= 7, trip


def test_the_treaty_s_day_lies_within_the_month_of_the_page(data):
    told = data.documents_elsewhere.merge(
        data.agreements, left_on="agreement", right_on="id", suffixes=("", "_page")
    )
    assert told["date"].tolist() == ["1993-01-13"]
    assert told["date_earliest"].ge(told["date_earliest_page"]).all()
    assert told["date_latest"].le(told["date_latest_page"]).all()


# --- Rows that speak of others -------------------------------------------------------------------

LISTS = ("visits", "meetings", "organizations_named", "sectors")  # which others tell as a whole
TEXTS = {"page_checks": "page_says", "claims": "claim"}  # of the tables that do


def list_faults(data) -> list[str]:
    """Return the cells that name three rows or more of a list, and lack few of it."""
    faults = []
    for name, text in TEXTS.items():
        for row in data[name].itertuples():
            named = set(row.page_rows.split())
            for table in LISTS:
                listed = set(f"{table}#" + data[table]["id"])
                left = sorted(listed - named)
                told = len(listed & named)
                if left and told > 2 and 2 * len(left) <= told:
                    says = getattr(row, text)
                    faults.append(
                        f"{name}.csv, {row.id}: page_rows lacks {' '.join(left)}; add it if the "
                        f"row speaks of the whole list, and read whether it is still true: {says!r}"
                    )
    return faults


def session_faults(data) -> list[str]:
    """Return the sessions told elsewhere that are not matched with the meetings of their time."""
    faults = []
    meetings = data.meetings
    for session in data.sessions_elsewhere.dropna(subset=["number", "date"]).itertuples():
        begun = meetings["date_earliest"] <= session.date_latest
        not_over = meetings["date_latest"] >= session.date_earliest
        near = meetings.loc[begun & not_over, "id"].tolist()
        alone = session.page_match == "no"
        if near if alone else session.page_meeting not in near:
            faults.append(
                f"sessions_elsewhere.csv, {session.id}: in {session.date} the page lists "
                f"{' '.join(near) or 'no meeting'}; read page_match ({session.page_match}), "
                f"page_meeting ({session.page_meeting}) and note again"
            )
    return faults


def test_a_row_that_speaks_of_a_whole_list_names_all_its_rows(data):
    faults = list_faults(data)
    assert not faults, "\n".join(faults)


def test_a_numbered_session_is_matched_with_the_page_s_meetings_of_its_time(data):
    faults = session_faults(data)
    assert not faults, "\n".join(faults)


def test_rows_that_a_new_meeting_makes_false_are_named(data):
    changed = a_meeting(data)
    lists = [fault for fault in list_faults(changed) if "meetings#m2010" in fault]
    told = [fault.partition(":")[0] for fault in lists]
    assert told == ["page_checks.csv, C6", "page_checks.csv, C7", "claims.csv, CL06"]
    (fault,) = [fault for fault in session_faults(changed) if "m2010" in fault]
    assert fault.startswith("sessions_elsewhere.csv, S08: in 2010-11 the page lists m2010")
