"""From numbers to evidence, and lists against numbers: known answers, brute force, broken input."""

from __future__ import annotations

import json
import os
import random
import re
from itertools import chain, combinations, pairwise, product
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data

from relations_lib import checks, figures, sources
from relations_lib.findings import collect

DAY = pd.Timedelta(days=1)
ZERO = pd.Timestamp("2000-01-01")


@pytest.fixture(scope="module")
def data():
    return frozen_data()


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found(frozen_findings):
    return frozen_findings


# --- The ordinal audit ---------------------------------------------------------------------------


def spans(*pairs: tuple[int, int], **columns) -> pd.DataFrame:
    """Return events whose dates leave the days of each pair open, counted from ZERO."""
    days = [[ZERO + low * DAY, ZERO + high * DAY] for low, high in pairs]
    return pd.DataFrame(days, columns=["earliest", "latest"]).assign(**columns)


def years(*values: int, **columns) -> pd.DataFrame:
    first = pd.to_datetime([str(value) for value in values])
    last = first + pd.offsets.YearEnd()
    return pd.DataFrame({"earliest": first, "latest": last}).assign(**columns)


KNOWN = {
    "numbers and list agree": (years(2001, 2003, number=[1, 3]), years(2001, 2002, 2003), 0, 0, 0),
    "two missing before": (years(2005, number=[4]), years(2001, 2005), 2, 0, 0),
    "nothing before is listed": (years(2005, number=[4]), years(2005, 2006), 3, 0, 0),
    "no room between": (years(2001, 2004, number=[1, 2]), years(2002, 2003), 0, 2, 2),
    "room for one of three": (years(2001, 2005, number=[1, 3]), years(2002, 2003, 2004), 0, 2, 2),
    "more before than numbers": (years(2005, number=[2]), years(2001, 2002, 2005), 0, 1, 1),
    "after the last number there is room": (years(2001, number=[1]), years(2002, 2003), 0, 0, 0),
    "an empty list": (years(2001, number=[3]), years(), 2, 0, 0),
    "a day at the end of both dates": (
        spans((5, 6), number=[1]),
        spans((4, 6), (5, 6)),
        0,
        0,
        1,
    ),
    "one report, dates that meet in a month": (
        pd.concat([years(2001, number=[1]), spans((366, 396), number=[1])]),
        spans((380, 390)),
        0,
        0,
        1,
    ),
}


@pytest.mark.parametrize(
    ("numbered", "listed", "missing", "low", "high"), KNOWN.values(), ids=KNOWN
)
def test_the_audit_of_an_invented_list_has_its_known_answer(numbered, listed, missing, low, high):
    audit = checks.ordinal_audit(numbered, listed)
    assert audit.missing_before == (missing, int(numbered["number"].min()) - 1)
    assert audit.without_number == (low, high)


def test_a_plan_is_read_as_held_and_as_not_held():
    reports = years(2001, 2005, 2007, number=[1, 2, 3], certain=[True, False, True])
    audit = checks.ordinal_audit(reports, years(2003))
    assert audit.without_number == (0, 1)
    assert audit.readings["not_held"].tolist() == ["", "2"]


def test_an_undated_session_has_its_whole_interval():
    reports = pd.concat([years(2001, number=[1]), years(2003, number=[2])], ignore_index=True)
    reports.loc[1, "latest"] = pd.Timestamp("2004-12-31")
    audit = checks.ordinal_audit(reports, years(2002, 2003))
    assert audit.without_number == (1, 2)


@pytest.mark.parametrize(
    ("numbered", "words"),
    [
        (years(2001, 2002, number=[1, 1]), "number 1 is reported for different days"),
        (years(2005, 2002, number=[1, 2]), "finds no day"),
        (spans((5, 5), (6, 6), number=[1, 3]), "finds no day"),
    ],
)
def test_reports_that_exclude_each_other_give_no_bounds(numbered, words):
    audit = checks.ordinal_audit(numbered, years(2003))
    assert audit.missing_before is None
    assert audit.without_number is None
    assert words in audit.contradictions[0]
    assert audit.readings.empty


def test_a_plan_that_contradicts_is_left_out_and_named():
    reports = years(2001, 2000, 2005, number=[1, 2, 3], certain=[True, False, True])
    audit = checks.ordinal_audit(reports, years(2003))
    assert audit.without_number == (0, 0)
    assert ["no day" in text for text in audit.contradictions] == [True]


def test_reports_that_exclude_each_other_do_so_whatever_becomes_of_a_plan():
    reports = years(2001, 2002, 2009, number=[1, 1, 8], certain=[True, True, False])
    assert checks.ordinal_audit(reports, years(2003)).contradictions == [
        "number 1 is reported for different days",
        "number 1 is reported for different days (not held as planned: 8)",
    ]


def test_crowded_stretches_are_named_by_their_innermost_numbers():
    reports = years(2001, 2004, 2009, number=[3, 4, 7])
    listed = years(1997, 1998, 1999, 2002, 2005)
    assert checks.ordinal_audit(reports, listed).contradictions == [
        "between 3 and 4 there is room for 0, and the list has 1",
        "before 3 there is room for 2, and the list has 3",
    ]


@pytest.mark.parametrize(
    ("numbered", "words"),
    [
        (years(2001), "no column number"),
        (years(2001, number=[1]).drop(columns="latest"), "no column latest"),
        (years(2001, number=[0]), "whole and 1 or more"),
        (years(2001, number=[1.5]), "whole and 1 or more"),
        (years(2001, number=pd.array([pd.NA], dtype="Int64")), "whole and 1 or more"),
        (years(2001, number=[1], certain=[False]), "no certain number"),
        (years(number=[]), "no certain number"),
        (spans((3, 2), number=[1]), "end before its start"),
        (years(2001, number=[1], latest=pd.NaT), "no date"),
        (years(*range(2001, 2021), number=range(1, 21), certain=[True] + [False] * 19), "readings"),
    ],
)
def test_input_that_cannot_be_audited_is_refused(numbered, words):
    with pytest.raises(ValueError, match=words):
        checks.ordinal_audit(numbered, years(2003))


def brute_force(numbered: pd.DataFrame, listed: pd.DataFrame) -> tuple | None:
    """Return the bounds by trying every day of every report and every assignment of numbers."""
    reports = [
        (row.number, (row.earliest - ZERO).days, (row.latest - ZERO).days, row.certain)
        for row in numbered.itertuples()
    ]
    events = [((r.earliest - ZERO).days, (r.latest - ZERO).days) for r in listed.itertuples()]
    first = min(number for number, *_, certain in reports if certain)
    plans = [i for i, report in enumerate(reports) if not report[3]]
    found = []
    for left in chain.from_iterable(combinations(plans, n) for n in range(len(plans) + 1)):
        kept = [report for i, report in enumerate(reports) if i not in left]
        for days in product(*(range(low, high + 1) for _, low, high, _ in kept)):
            at: dict[int, set[int]] = {}
            for (number, *_), day in zip(kept, days, strict=True):
                at.setdefault(number, set()).add(day)
            order = sorted((number, *own) for number, own in at.items())
            if any(len(own) > 1 for own in at.values()) or any(
                b[1] - a[1] < b[0] - a[0] for a, b in pairwise(order)
            ):
                continue
            found.append(best(dict(order), events, first))
    if not found:
        return None
    without = [left for _, left in found]
    return (min(before for before, _ in found), first - 1), (min(without), max(without))


def best(days: dict[int, int], events: list[tuple[int, int]], first: int) -> tuple[int, int]:
    """Return numbers missing below the first and events left over, over all assignments."""
    top = max(days) + len(events)

    def fits(number: int, low: int, high: int) -> bool:
        if number in days:
            return low <= days[number] <= high
        after = max((day for n, day in days.items() if n < number), default=-(10**6))
        before = min((day for n, day in days.items() if n > number), default=10**6)
        return high > after and low < before

    best_score, best_answer = (-1, -1, -1), (0, 0)
    choices = [[None, *(n for n in range(1, top + 1) if fits(n, *event))] for event in events]
    for choice in product(*choices):
        used = [number for number in choice if number is not None]
        if len(set(used)) == len(used):
            score = (len(used), sum(n in days for n in used), sum(n < first for n in used))
            if score > best_score:
                missing = first - 1 - score[2]
                best_score, best_answer = score, (missing, len(events) - len(used))
    return best_answer


@pytest.mark.parametrize("seed", range(60))
def test_the_bounds_are_those_of_trying_everything(seed):
    pick = random.Random(seed)

    def random_span(width: int) -> tuple[int, int]:
        start = pick.randint(0, 9)
        return start, start + pick.randint(0, width)

    count = pick.randint(1, 3)
    certain = [True] + [pick.random() < 0.6 for _ in range(count - 1)]
    numbers = pick.sample(range(1, 5), count)
    numbered = spans(*(random_span(3) for _ in range(count)), number=numbers, certain=certain)
    listed = spans(*(random_span(4) for _ in range(pick.randint(1, 4))))
    audit = checks.ordinal_audit(numbered, listed)
    expected = brute_force(numbered, listed)
    found = None if audit.without_number is None else (audit.missing_before, audit.without_number)
    assert found == expected


def test_the_commission_lacks_three_sessions_and_has_two_to_four_meetings_too_many(data):
    audit = checks.ordinal_audit(checks.numbered_sessions(data), checks.day_spans(data.meetings))
    by_outcome = audit.readings.assign(eighth=audit.readings["not_held"].str.contains(r"\b8\b"))
    assert audit.missing_before == (3, 6)
    assert by_outcome.groupby("eighth")["without_number"].agg(
        ["min", "max"]
    ).to_numpy().tolist() == [
        [3, 4],
        [2, 3],
    ]


def test_pace_counts_up_to_the_first_number_and_from_there_to_the_last(data):
    table = checks.pace(
        checks.numbered_sessions(data), checks.day_spans(data.meetings), "1993-01-07"
    )
    assert table[["listed", "numbered"]].to_numpy().tolist() == [[4, 7], [5, 3]]
    days = [(pd.Timestamp("2006-04-24") - pd.Timestamp("1993-01-07")).days + 1]
    days += [(pd.Timestamp("2012-10-29") - pd.Timestamp("2006-04-24")).days]
    assert table["years"].tolist() == pytest.approx([n / 365.25 for n in days])


def free(numbered, listed) -> list[list[int]]:
    """Return the numbers free in each stretch, and the events listed there."""
    table = checks.pace(numbered, listed, "1990-01-01")
    return table[["room", "inside"]].to_numpy().tolist()


def test_rooms_are_the_numbers_between_and_the_meetings_listed_there(data):
    reports, listed = checks.numbered_sessions(data), checks.day_spans(data.meetings)
    assert free(reports, listed) == [[6, 3], [2, 4]]
    assert free(years(2004, number=[5], certain=[True]), years(2001, 2004, 2005)) == [[4, 1]]
    with pytest.raises(ValueError, match="no certain number lies"):
        free(years(2004, number=[5], certain=[False]), years(2004))


def test_events_on_the_very_day_of_a_number_stand_in_no_room_and_count_before():
    numbered = spans((5, 5), (10, 10), number=[2, 5], certain=[True, True])
    listed = spans((0, 4), (0, 5), (5, 5), (5, 6), (6, 9), (6, 10), (10, 12))
    assert free(numbered, listed) == [[1, 1], [2, 1]]
    assert checks.pace(numbered, listed, ZERO)["listed"].tolist() == [4, 3]


@pytest.mark.parametrize(("last", "numbers"), [(9, [2]), (10, [2, 3])])
def test_a_number_on_the_last_day_of_the_list_is_not_later_than_the_list(last, numbers):
    numbered = spans((5, 5), (10, 10), number=[2, 5], certain=[True, True])
    table = checks.pace(numbered, spans((5, 5), (6, last)), ZERO)
    assert table["numbered"].tolist() == numbers


def test_as_many_readings_as_the_limit_are_allowed():
    numbered = years(2001, 2003, number=[1, 2], certain=[True, False])
    many = len(checks.ordinal_audit(numbered, years(2002, 2003)).readings)
    assert many == 4  # the plan not held, or held on the first, some or the last day of 2003
    checks.ordinal_audit(numbered, years(2002, 2003), limit=many)
    for fewer in range(many):
        with pytest.raises(ValueError, match="readings"):
            checks.ordinal_audit(numbered, years(2002, 2003), limit=fewer)


# --- From a number to its evidence ---------------------------------------------------------------


def test_every_finding_leads_to_sentences_or_sources(data, found):
    for rests_on in found["rests_on"].unique():
        if rests_on:
            held = sources.evidence(data, rests_on)
            own = held["table"].map(
                {r["name"]: r.get("evidence") for r in data.schema["resources"]}
            )
            assert held.loc[own.eq("locators"), "sentence"].notna().all()
            assert held.loc[own.eq("source"), "source"].notna().all()


def test_evidence_of_a_visit_told_twice_is_two_places(data):
    found = sources.evidence(data, "visits#v2007 visits#v2007")
    assert found["sentence"].tolist() == ["p06s1", "p15s1"]
    assert found["states"].tolist() == ["date 2007-09", "date 2007-09-12/2007-09-13"]


@pytest.mark.parametrize("entry", ["visits#v1999", "trips#t1", "visits", "#v2007"])
def test_evidence_of_no_row_is_refused(data, entry):
    with pytest.raises(ValueError, match="names no row"):
        sources.evidence(data, entry)


def test_coverage_counts_every_sentence_and_every_row_by_another_route(data):
    held: dict[str, list] = {}
    for row in data.locators.itertuples():
        held.setdefault(row.sentence, []).append((row.start, row.end))
    for row in sources.sentence_coverage(data).itertuples():
        own = held[row.id]
        assert row.located == sum(any(a <= i < b for a, b in own) for i in range(row.length))
    tables = sources.table_coverage(data)
    assert (tables["rows"] == tables["located"]).all()
    assert tables["mentions"].sum() == len(data.locators)
    twice = tables.set_index("table")["told_twice"]
    assert twice[["visits", "institutions", "meetings"]].tolist() == [2, 1, 0]


def test_a_row_that_loses_its_locator_is_seen(data):
    broken = dict(data) | {"locators": data.locators[data.locators["row"] != "v1995"]}
    tables = sources.table_coverage(broken).set_index("table")
    assert tables.loc["visits", ["rows", "located"]].tolist() == [4, 3]
    coverage = sources.sentence_coverage(broken).set_index("id")
    assert coverage.loc["p04s3", "located"] < data.sentences.set_index("id").loc["p04s3", "end"]


def test_a_citation_has_publisher_date_and_link(data):
    cited = sources.cite(data.sources, "asiaplus-2006-04-25 kazyna-capital asiaplus-2006-04-25")
    url = data.sources.set_index("id").loc["asiaplus-2006-04-25", "url"]
    assert str(cited).startswith("Asia-Plus, 2006-04-25; ")
    assert cited.__html__().count("<a href") == 1
    assert url in cited.__html__()
    frame = pd.DataFrame({"source": [cited]})
    assert cited.__html__() in figures.table_html(frame, "Sources")
    assert "Asia-Plus, 2006-04-25" in frame.to_string()


def test_a_citation_is_safe_html():
    table = pd.DataFrame(
        {
            "id": ["a"],
            "title": ["t"],
            "publisher": ["<b>A & B</b>"],
            "date": ["1999"],
            "url": ['https://example.org/?a="1"&b=2'],
        }
    )
    found = sources.cite(table, "a").__html__()
    assert "<b>" not in found
    assert '?a="1"' not in found


def test_an_unknown_source_is_refused(data):
    with pytest.raises(ValueError, match="no source nowhere"):
        sources.cite(data.sources, "nowhere")


def test_every_row_of_context_can_be_cited(data):
    for resource in data.schema["resources"]:
        if resource.get("evidence") == "source":
            table = data[resource["name"]]
            cited = sources.citations(table, data.sources)
            looked_for = table["source"].eq("not_applicable")
            assert all(str(text) or unread for text, unread in zip(cited, looked_for, strict=True))


# --- A reader's own copy -------------------------------------------------------------------------

PAGE = "A title\n\nThe two towns met in May, 1990. N. Brook came.\n\nAll is well.\n"


@pytest.fixture
def coded() -> dict[str, pd.DataFrame]:
    places = pd.concat([sources.locate(PAGE, words) for words in ("met in May, 1990", "May, 1990")])
    locators = places.assign(id=["L1", "L2"], table="events", row=["met", "date"])
    page = pd.DataFrame({"sha256": [sources.sha256(sources.normalize(PAGE))]})
    return {"page": page, "sentences": sources.sentence_index(PAGE), "locators": locators}


def test_spans_are_found_again_in_another_copy(coded):
    copy = "Menu\n" + PAGE.replace("two towns", "two\u00a0 towns")
    found = sources.reanchor(coded, copy)
    assert [
        sources.normalize(copy)[a:b] for a, b in zip(found["at"], found["to"], strict=True)
    ] == [
        *("met in May, 1990", "May, 1990"),
    ]


def test_the_page_is_shown_with_spans_marked_where_they_overlap(coded):
    text = PAGE.replace("All is", "<All> is")
    html = figures.page_html(sources.reanchor(coded, text), text)
    assert '<mark title="events#met">met in </mark>' in html
    assert '<mark title="events#met events#date">May, 1990</mark>.' in html
    assert "&lt;All&gt;" in html
    assert html.count("<p>") == 3


def test_a_span_whose_sentence_changed_is_missing(coded):
    found = sources.reanchor(coded, PAGE.replace("1990", "1991"))
    assert found[["at", "to"]].isna().all(axis=None)


def test_a_span_that_does_not_match_its_hash_is_missing(coded):
    shifted = coded["locators"].assign(start=[3, 14], end=[19, 23])
    found = sources.reanchor(coded | {"locators": shifted}, PAGE)
    assert found[["at", "to"]].isna().all(axis=None)


# --- What held on a day --------------------------------------------------------------------------

CITIES = pd.DataFrame(
    [
        ("A", "Old", "1990", "1995-03"),
        ("A", "New", "1995-03", "2001-05-10"),
        ("A", "Newest", "2002-01-01", None),
        ("B", "Only", "1990", None),
    ],
    columns=["state", "city", "start", "end"],
)


@pytest.mark.parametrize(
    ("state", "day", "names"),
    [
        ("A", "1992-06-01", ("Old",)),
        ("A", "1990-06-01", ("Old", "unknown")),
        ("A", "1989-12-31", ("unknown",)),
        ("A", "1995-03-15", ("Old", "New")),
        ("A", "1995", ("Old", "New")),
        ("A", "2001-05-09", ("New",)),
        ("A", "2001-05-10", ("unknown",)),
        ("A", "2001-05", ("New", "unknown")),
        ("A", "2001/2002", ("New", "Newest", "unknown")),
        ("A", "2030", ("Newest",)),
        ("B", "2030", ("Only",)),
        ("C", "2000", ("unknown",)),
    ],
)
def test_the_capital_at_a_date_is_as_sure_as_its_boundaries(state, day, names):
    assert checks.capital_at(CITIES, state, day) == names


def test_name_and_office_at_a_date_are_those_of_the_time(data):
    def at(state, day):
        return checks.office_at(data.offices, state, day)

    assert at("TJK", "1993-01") == ("Rahmonov, chairman_supreme_soviet",)
    assert at("TJK", "2007-03-05") == ("Rahmonov, president", "Rahmon, president")
    assert at("KAZ", "2020-03-01") == ("Tokayev, president",)


def holds(since, until, day) -> list[str]:
    return checks.holds_at(pd.Series(since), pd.Series(until), day).tolist()


def test_words_hold_within_their_period_only():
    since = ["2000-01-01", "2000-01-01", "2010", None, "2000-01-01", "1999", "2000"]
    until = ["2005-01-01", "9999", "9999", "2005-01-01", None, "2000/2001", "9999"]
    then = ["yes", "yes", "no", "unknown", "unknown", "perhaps", "perhaps"]
    assert holds(since, until, "2000-06-15") == then
    assert holds(["2000"], ["2005"], None) == ["unknown"]
    assert holds(since, until, "2005-01-01") == ["no", "yes", "no", "no", "unknown", "no", "yes"]
    assert holds(since, until, "2004-12/2005-02")[0] == "perhaps"


@pytest.mark.parametrize(
    ("day", "found"),
    [
        *(("1999-12-31", "no"), ("2000-01-01", "perhaps"), ("2000-12-30", "perhaps")),
        *(("2000-12-31", "yes"), ("2004-12-31", "yes"), ("2005-01-01", "perhaps")),
        *(("2005-12-30", "perhaps"), ("2005-12-31", "no")),
    ],
)
def test_the_first_and_last_possible_days_of_a_boundary_are_those_of_its_year(day, found):
    assert holds(["2000"], ["2005"], day) == [found]


def test_words_are_judged_at_the_date_they_are_used_of(data):
    uses = checks.word_uses(data).set_index("id")
    assert uses.loc["C1", ["used", "holds"]].tolist() == ["1993-01", "no"]
    assert uses.loc["C3", "holds"].tolist() == ["yes", "no"]
    assert uses.loc["C5", ["used", "holds"]].tolist() == ["2020-03-01", "no"]
    assert set(uses.loc["C13", "holds"]) == {"yes"}


def test_a_visit_on_the_page_is_not_missing_from_it(data):
    listed = data.visits
    for last in ("2007-09-12", "2007-09-13", "2007-09-13/2007-09-20"):
        same = listed.assign(date=["1993-01-13", "1995-11", "2000-06-15", last])
        assert checks.not_listed(same, listed).empty
    turned = same.rename(columns={"visitor": "host", "host": "visitor"})
    assert len(checks.not_listed(turned, listed)) == len(listed)
    assert len(checks.not_listed(data.visits_elsewhere, listed)) == len(data.visits_elsewhere)


# --- Findings hold for other data ----------------------------------------------------------------


class Watched(dict):
    """Tables that remember which of them were read."""

    def __init__(self, tables: dict):
        super().__init__(tables)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().__getitem__(name)


@pytest.mark.slow
@pytest.mark.parametrize("section", ["page", "checks"])
def test_the_sections_leave_out_what_other_data_cannot_give(data, section):
    def rows(tables: dict) -> int:
        return len(collect(type(data)(data.path, data.schema, tables), [section])[0])

    tables = Watched(data.tables)
    whole = rows(tables)
    sessions = data.sessions_elsewhere
    shorter = [{name: data[name].iloc[:n]} for name in sorted(tables.read) for n in (0, 1)]
    others = [
        {"sessions_elsewhere": sessions[sessions["held"] == "planned"]},
        {"sessions_elsewhere": sessions[sessions["id"].isin(["S17", "S19"])]},
        {"sessions_elsewhere": sessions.assign(number=sessions["number"].to_numpy()[::-1])},
    ]
    assert len(tables.read) > 10
    for changed in shorter + others:
        assert 0 < rows(data.tables | changed) <= whole


def test_published_counts_are_those_of_the_tables(data, found):
    value = found["value"]
    assert value["checks.visits.rate_in_scope.to_2013"] == pytest.approx(5 / (7664 / 365.25))
    assert value["checks.ordinal.rate.allowed"] == pytest.approx(12 / 20)
    assert value["page.share_of_characters_located"] < 1
    most = value["checks.ordinal.sessions"] + len(data.meetings)
    assert value["checks.ordinal.meetings_at_most"] == most == 20 * 0.95
    assert value["checks.ordinal.rate.at_most"] == pytest.approx(0.95)
    rules = found.loc[["checks.network.states_in_all", "checks.network.in_all_years"]]
    assert rules[["value", "low", "high"]].to_numpy().tolist() == [[4, 4, 6], [13, 12, 14]]


def test_a_body_that_has_ended_is_not_shared_on_the_page_s_date(data, found):
    def by_key(tables: dict) -> pd.DataFrame:
        other = type(data)(data.path, data.schema, tables)
        return collect(other, ["checks"])[0].set_index("key")

    def shared(table: pd.DataFrame) -> float:
        found = by_key(data.tables | {"shared_elsewhere": table})
        return found.at["checks.organizations.shared_at_page", "high"]

    first = data.organizations_named["organization"].iloc[0]
    printed, bodies = data.page["date_latest"].iloc[0], data.organizations
    day = bodies["dissolved_latest"].mask(bodies["id"].eq(first), printed)
    gone = data.tables | {"organizations": bodies.assign(dissolved_latest=day)}
    for tables, ended in ((data.tables, 1), (gone, 2)):  # one that ends on the day is no more
        now = by_key(tables)
        left = len(data.organizations_named) - ended
        assert now.at["checks.organizations.years_since_end", "n"] == ended
        row = now.loc["checks.organizations.shared_at_page"]
        assert (row.value, row.low, row.high) == (left, left, left + 5)

    others = data.shared_elsewhere
    assert others.loc[others["ended"].notna(), ["id", "ended"]].to_numpy().tolist() == [
        ["CAEC", "2006"]
    ]
    assert set(others["ended_missing"].dropna()) == {"open"}
    assert shared(others) == found.loc["checks.organizations.shared_at_page", "high"] == 9
    assert shared(others.assign(ended_latest=pd.NaT)) == 10
    assert shared(others.assign(ended_latest=pd.Timestamp("2020-12-31"))) == 10


# --- The notebooks on the page --------------------------------------------------------------------

ROOT = Path(__file__).parents[1]
CHECKED = [ROOT / "notebooks" / f"{name}.ipynb" for name in ("00_the_page", "04_checking_the_page")]
READINGS = {"https://programminghistorian.org/", "https://www.loc.gov/standards/datetime/"}


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: path.stem)
def test_every_link_in_prose_is_that_of_a_source(data, path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    links = set(re.findall(r"\]\((https?://(?:[^()\s]|\([^()\s]*\))+)\)", prose))
    assert links
    assert links - READINGS <= {
        *data.sources["url"],
        *data.page["url"],
        *data.page["url_alternate"],
    }


@pytest.mark.skipif(not os.environ.get("RELATIONS_PAGE"), reason="RELATIONS_PAGE is unset")
def test_no_nine_words_of_the_page_stand_in_the_package():
    def runs(path: Path) -> set[tuple[str, ...]]:
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text(encoding="utf-8"))
        words = re.findall(r"[^\W\d_]+", sources.normalize(text).lower())
        return set(zip(*(words[start:] for start in range(9)), strict=False))

    page = runs(Path(os.environ["RELATIONS_PAGE"]))
    assert page
    for path in [*CHECKED, *(ROOT / "data").rglob("*.*"), *(ROOT / "relations_lib").rglob("*.py")]:
        assert not page & runs(path), path.name


def sure_days(*days: str) -> pd.DataFrame:
    known = pd.to_datetime([*days])
    return pd.DataFrame({"earliest": known, "latest": known})


def test_of_events_on_one_known_day_one_at_most_is_of_the_series():
    same = sure_days("2000-02-01", "2000-02-01", "2000-02-01")
    audit = checks.ordinal_audit(sure_days("2000-01-01").assign(number=[1]), same)
    assert audit.without_number == (2, 2)


def test_numbers_against_their_dates_have_no_pace():
    numbered = sure_days("2001-01-01", "2004-01-01").assign(number=[3, 2])
    with pytest.raises(ValueError, match="number 3 is before number 2"):
        checks.pace(numbered, sure_days("2000-01-01", "2004-05-05"), "2000-01-01")


@pytest.mark.parametrize("index", [[0, 0], pd.Index([5, 6], name="id")])
def test_visits_that_are_not_listed_are_found_by_their_place(index):
    columns = {"visitor": ["A", "A"], "host": ["B", "B"], "date": ["1998", "2005"]}
    elsewhere = pd.DataFrame(columns, index=index)
    listed = pd.DataFrame({"visitor": ["A"], "host": ["B"], "date": ["1998-05"]})
    assert checks.not_listed(elsewhere, listed)["date"].tolist() == ["2005"]


def test_a_visit_elsewhere_is_listed_if_one_of_its_direction_shares_a_day_with_it():
    random = np.random.default_rng(5)

    def visits(count):
        first = pd.Timestamp("2000-01-01") + pd.to_timedelta(random.integers(0, 90, count), "D")
        last = first + pd.to_timedelta(random.integers(0, 9, count), "D")
        states = random.choice(["A", "B"], (count, 2))
        dates = first.strftime("%Y-%m-%d") + "/" + last.strftime("%Y-%m-%d")
        return pd.DataFrame(states, columns=["visitor", "host"]).assign(date=dates)

    elsewhere, listed = visits(60), visits(20)
    absent = []
    for row, visit in elsewhere.iterrows():
        same = listed[listed["visitor"].eq(visit["visitor"]) & listed["host"].eq(visit["host"])]
        first, last = visit["date"].split("/")
        starts, ends = same["date"].str[:10], same["date"].str[11:]
        if not ((starts <= last) & (ends >= first)).any():
            absent.append(row)
    assert 0 < len(absent) < 60
    assert checks.not_listed(elsewhere, listed).index.tolist() == absent
    with pytest.raises(ValueError, match="only by case"):
        checks.not_listed(elsewhere.replace("A", "a"), listed)


def test_a_long_list_is_held_against_numbers_in_seconds():
    days = pd.date_range("1990-01-01", periods=1000, freq="7D")
    listed = pd.DataFrame({"earliest": days, "latest": days})
    numbered = listed.assign(number=range(1, 1001))
    numbered.loc[500:, "number"] += 1
    extra = pd.DataFrame({"earliest": days[400:402] + pd.Timedelta(days=1)})
    listed = pd.concat([listed, extra.assign(latest=extra["earliest"])])
    started = perf_counter()
    audit = checks.ordinal_audit(numbered, listed)
    assert perf_counter() - started < 3
    assert audit.without_number == (2, 2)
    assert audit.contradictions == [
        f"between {number} and {number + 1} there is room for 0, and the list has 1"
        for number in (401, 402)
    ]


def test_dates_of_other_spells_hold_for_none():
    begun, ended = pd.Series(["1990"]), pd.Series(["1995"])
    with pytest.raises(ValueError, match="one date for each"):
        checks.holds_at(begun, ended, pd.Series(["1993"], index=[5]))
