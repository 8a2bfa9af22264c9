"""Findings of packages that are not ours: no text, number or silence of another package."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from frozen import frozen_data

from relations_lib import findings, load, network, pace, poisson, visits
from relations_lib.__main__ import main
from relations_lib.dates import day_bounds
from relations_lib.findings import _network, _record, _visits

OURS = r"TJK|KAZ|Tajik|Kazakh|EurAsEC|CSTO|SCO|\bCIS\b|i-commission|Trade and Economic|to_201"
CITED = r"(Garwood|Barabasi|Almeida-Neto)[^;:]*?(1936|2008)"


@pytest.fixture(scope="module")
def ours():
    return load()


def dated(rows: list[dict], columns: list[str], like: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a table of the package has them, its dates with their days beside them."""
    table = pd.DataFrame(rows, columns=list(like)).astype(like.dtypes.to_dict())
    for name in columns:
        days = day_bounds(table[name])
        table[f"{name}_earliest"], table[f"{name}_latest"] = days["earliest"], days["latest"]
    return table


def package(ours, seed: int, **changed):
    """Return an invented package of the years 1931 to 1959, with states and windows of its own."""
    random = np.random.default_rng(seed)
    few = {"visits": 5, "bodies": 1, "meetings": 6, "windows": 2, "organizations": 3} | changed
    years = range(1932, 1950)
    trips = [
        {"date": f"{year}-{month:02}", "visitor": "QAA", "host": "QBB"}
        for year, month in zip(
            random.choice(years, 9, False), random.integers(1, 13, 9), strict=True
        )
    ]
    for trip in trips[::2]:
        trip |= {"visitor": "QBB", "host": "QAA"}
    trips = [
        {"id": f"t{n}", "kind": "official", "place": "capital"} | t for n, t in enumerate(trips)
    ]
    ends = ["1950-12-31", "1955-06-30", "1959-12-31"][: few["windows"]]
    spans = [{"id": f"w{n}", "start": "1931-01-05", "end": day} for n, day in enumerate(ends)]
    bodies = [{"id": f"b{n}", "name": f"Board {n}"} for n in range(few["bodies"])]
    met = [
        {"id": f"{body['id']}-{n}", "date": str(year), "institution": body["id"]}
        for body in bodies
        for n, year in enumerate(random.choice(years, few["meetings"], False))
    ]
    clubs = ["OX", "OY", "OZ"][: few["organizations"]]
    spells = [
        {"id": f"{club}-{state}", "state": state, "organization": club, "status": "full"}
        | {"start": str(1933 + n)}
        for n, club in enumerate(clubs)
        for state in ("QAA", "QBB", "QCC", "QDD")[: 4 - n]
    ]
    tables = {name: table[:0] for name, table in ours.items()}
    tables["visits"] = dated(trips[: few["visits"]], ["date"], ours.visits)
    tables["windows"] = dated(spans, ["start", "end"], ours.windows)
    tables["meetings"] = dated(met, ["date"], ours.meetings)
    tables["memberships"] = dated(spells, ["start", "end"], ours.memberships)
    for name, rows in {
        "institutions": bodies,
        "states": [{"id": f"Q{c}{c}", "name": f"Land {c}"} for c in "ABCD"],
        "organizations": [{"id": c, "name": c, "kind": "regional_economic"} for c in clubs],
        "organizations_named": [{"id": c, "organization": c} for c in clubs],
    }.items():
        tables[name] = pd.DataFrame(rows, columns=list(ours[name]))
    about = {"states": ["QAA", "QBB"], "body": "b0", "window": "w0", "page": "p"}
    about |= {"choices": {"silent_window": "w1", "split_after": 1940}}
    about |= few.get("about", {})
    return type(ours)(ours.path, ours.schema | {"about": about}, tables)


CASES = {
    "five visits": {},
    "one visit": {"visits": 1},
    "no visits": {"visits": 0},
    "no meetings": {"meetings": 0},
    "one meeting": {"meetings": 1},
    "two bodies": {"bodies": 2},
    "one window": {"windows": 1},
    "three windows": {"windows": 3},
    "no organizations": {"organizations": 0},
    "no body yet": {"about": {"body": "not_yet"}},
    "no window yet": {"about": {"window": "not_yet"}},
}


@pytest.fixture(scope="module", params=CASES, ids=lambda name: name.replace(" ", "-"))
def other(request, ours):
    return package(ours, seed=len(request.param), **CASES[request.param])


@pytest.fixture(scope="module")
def found(other):
    table, missing = findings.collect(other)
    return table.set_index("key"), missing.set_index("key")["reason"]


def test_no_text_names_what_is_another_package_s(found):
    table, missing = found
    texts = [*table["definition"], *table["rests_on"], *table.index, *missing, *missing.index]
    told = re.sub(CITED, "", "\n".join(texts))
    assert re.findall(OURS, told) == []
    years = {int(year) for year in re.findall(r"\b(?:1[89]|20)\d\d\b", told)}
    assert years <= set(range(1931, 1960))


def test_every_promise_is_kept_or_answered_with_a_reason(found):
    table, missing = found
    assert table["value"].notna().all()
    assert missing.str.len().gt(10).all()
    kept = [*table.index, *missing.index]
    for section in _record.SECTIONS:
        for record in _record.register(section):
            if record.each in ("package", "dated", "window", "main", "spaced", "listed", "whole"):
                key = re.sub(r"\\{\w+\\}", ".*", re.escape(record.key))
                assert any(re.fullmatch(key, name) for name in kept), record.key


def test_rates_and_intervals_are_the_library_s_functions_called_by_hand(other, found):
    table, missing = found
    rows = other.visits
    for window in other.windows.itertuples():
        frame = other.windows[other.windows["id"] == window.id]
        key = f"visits.rate.{window.id}"
        if rows.empty:
            assert "no visit" in missing["visits.rate.*"]
            continue
        (rate,) = visits.visit_rate(rows, frame).itertuples()
        assert table.loc[key, ["value", "low", "high"]].tolist() == [rate.rate, rate.low, rate.high]
        dates = visits.first_days(rows, window.start, window.end)["date"]
        trend = pace.laplace(dates, (window.start, window.end))
        assert table.loc[f"visits.trend.laplace_p.{window.id}", "value"] == trend.p
    if len(rows):
        (row,) = visits.direction_tests(rows).itertuples()
        assert table.loc["visits.direction.p", "value"] == row.p
    for name, own in (("", "b0"), ("b1.", "b1")):
        dates = other.meetings.loc[other.meetings["institution"] == own, "date"].astype(int)
        key = f"meetings.{name}rate.1931_1950"
        if key in table.index:
            inside = int(dates.between(1931, 1950).sum())
            low, high = poisson.garwood(inside, 20)
            assert table.loc[key, ["value", "low", "high"]].tolist() == [inside / 20, low, high]


def test_two_bodies_are_kept_apart_and_the_declared_one_has_the_plain_keys(ours):
    both = findings.collect(package(ours, 1, bodies=2), ["cadence"])[0].set_index("key")
    alone = findings.collect(package(ours, 1), ["cadence"])[0].set_index("key")
    plain = both[~both.index.str.startswith("meetings.b1.")]
    pd.testing.assert_frame_equal(
        plain[["value", "low", "high", "n"]], alone[["value", "low", "high", "n"]]
    )
    twin = both[both.index.str.startswith("meetings.b1.")]
    assert len(twin) >= len(plain) - 3  # the numbers of sessions are the declared body's
    assert twin["definition"].str.contains("Board 0").sum() == 0


def test_meetings_that_share_a_year_count_once_where_a_test_takes_years(ours):
    data = package(ours, 1)
    again = data.meetings.tail(1).assign(id="b0-again")
    more = data.tables | {"meetings": pd.concat([data.meetings, again], ignore_index=True)}
    once = findings.collect(data, ["cadence"])[0].set_index("key")
    found, missing = findings.collect(type(data)(data.path, data.schema, more), ["cadence"])
    twice = found.set_index("key")
    of_years = twice.filter(
        regex=r"rank_sum_p|scan_p|bayes_factor|evenness_p|power\.", axis="index"
    )
    assert len(of_years) > 10
    same = ["value", "n", "definition"]
    pd.testing.assert_frame_equal(of_years[same], once.loc[of_years.index, same])
    assert (twice.loc["meetings.count", "n"], once.loc["meetings.count", "n"]) == (7, 6)
    assert "share one" in missing.set_index("key")["reason"]["meetings.distinct_years_p"]


def test_a_window_without_a_meeting_leaves_the_others_alone(ours):
    data = package(ours, 2)
    early = dated(
        [{"id": "w9", "start": "1931-01-05", "end": "1931-12-31"}], ["start", "end"], data.windows
    )
    more = data.tables | {"windows": pd.concat([data.windows, early], ignore_index=True)}
    before, _ = findings.collect(data, ["cadence"])
    after, missing = findings.collect(type(data)(data.path, data.schema, more), ["cadence"])
    same = after[after["key"].isin(before["key"])]
    assert same["key"].tolist() == before["key"].tolist()
    told = missing.set_index("key")["reason"]
    assert told["meetings.rate.1931_1931"] == "Board 0 has no meeting dated in 1931 to 1931"


def test_an_empty_table_of_visits_elsewhere_is_no_search_that_found_nothing(ours):
    nobody = [dict(part) for part in ours.schema["resources"]]
    for part in nobody:
        part.pop("lookedUpUntil", None)
    tables = dict(ours) | {"visits_elsewhere": ours.visits_elsewhere.head(0)}
    searched = findings.collect(type(ours)(ours.path, ours.schema, tables), ["checks"])[0]
    assert searched.set_index("key").loc["checks.visits.absent", "value"] == 0
    unread = ours.schema | {"resources": nobody}
    found, missing = findings.collect(type(ours)(ours.path, unread, tables), ["checks"])
    assert not found["key"].str.startswith("checks.visits").any()
    reasons = missing.set_index("key")["reason"]
    assert "nobody has looked" in reasons["checks.visits.absent"]


def test_an_entry_into_force_that_is_not_stated_gives_no_certain_member(ours):
    tables = dict(ours)
    name = ours.organizations_named["organization"].iloc[-1]
    bodies = ours.organizations
    here = bodies["id"] == name
    tables["organizations"] = bodies.assign(
        in_force=bodies["in_force"].mask(here),
        in_force_missing=bodies["in_force_missing"].mask(here, "not_stated"),
    )
    changed = type(ours)(ours.path, ours.schema, tables)
    rules = _network.rules(changed, _network.scope(changed))
    (spells,) = [rule.spells for rule in rules if rule.name == "in_force"]
    assert spells.loc[spells["organization"] == name, "start"].isna().all()


def test_a_start_that_is_not_stated_bounds_the_size_of_the_network(ours):
    sure = findings.collect(ours, ["network"])[0].set_index("key")
    about = _network.scope(ours)
    held = network.on_day(ours.memberships, about.date)
    named = held["organization"].isin(about.regional)
    others = held[named & ~held["state"].isin(ours.about.states)]
    one = others.index[0]
    unstated = ours.memberships.copy()
    unstated.loc[[one], ["start", "start_earliest", "start_latest"]] = pd.NA
    changed = type(ours)(ours.path, ours.schema, {**ours, "memberships": unstated})
    found = findings.collect(changed, ["network"])[0].set_index("key")
    for key in ("network.ties", "network.rule.signature.ties"):
        ties = sure.loc[key, "value"]
        assert found.loc[key, ["value", "low", "high"]].tolist() == [ties - 1, ties - 1, ties]
    for key in ("network.states", "network.pair.jaccard"):
        assert "1 more ties may hold" in found.loc[key, "definition"]
    assert "may hold" not in sure.loc["network.states", "definition"]


def test_what_is_not_declared_is_named_to_those_who_need_it(ours):
    bare = package(ours, 3, about={"body": "not_yet", "choices": {}})
    table, missing = findings.collect(bare)
    told = missing.set_index("key")["reason"]
    assert "body is not declared yet" in told["meetings.count"]
    assert "silent_window is not declared yet" in told["visits.silence.p_none_*_*"]
    assert "visits.rate.w0" in set(table["key"])
    assert "meetings.b0.count" in set(table["key"])
    bare = package(ours, 3, about={"window": "not_yet"})
    told = findings.collect(bare, ["visits"])[1].set_index("key")["reason"]
    assert "window is not declared yet" in told["visits.years_for_twofold_interval"]


# --- Definitions ---------------------------------------------------------------------------------


def test_templates_hold_no_name_year_or_count_of_their_own(ours):
    """What stands outside the braces is a constant of a method, or the year of a citation."""
    constants = {"0", "1", "2", "3", "4", "12", "31", "100", "95", "97.5", "2.5", "5", "80"}
    constants |= {"0.05", "365.25", "1.96", "1936", "2008", "8", "16", "30"}
    for section in _record.SECTIONS:
        text = Path(_record.__file__).with_name(f"{section}.toml").read_text(encoding="utf-8")
        for key, entry in tomllib.loads(text).items():
            told = "" if key == "notebook" else re.sub(r"\{.*?\}", "", f"{key} {entry['text']}")
            assert re.findall(OURS, told) == [], key
            assert set(re.findall(r"\d+(?:\.\d+)?", told)) <= constants, key


def test_a_fifth_visit_makes_no_definition_false():
    ours = frozen_data()
    fifth = ours.visits.iloc[:1].assign(id="v2015", date="2015-09-14")
    fifth[["date_earliest", "date_latest"]] = day_bounds(fifth["date"])
    more = pd.concat([ours.visits, fifth], ignore_index=True)
    data = type(ours)(ours.path, ours.schema, ours.tables | {"visits": more})
    table = findings.collect(data, ["visits", "checks"])[0].set_index("key")
    text = table["definition"]
    assert "for 3 of 5, " in text["visits.direction.ratio"]
    assert "binomial p of 3 against 2" in text["visits.direction.p"]
    assert "(5 against 0)" in text["visits.direction.smallest_possible_p"]
    assert "chance that 4 exchangeable gaps" in text["visits.gaps.increasing_p"]
    assert "v2015 on 2015-09-14" in text["visits.gap_cv"]
    assert table.loc[["visits.rate.to_2013", "visits.rate.to_page"], "n"].tolist() == [4, 5]
    assert not text.str.contains("same in every window|three|four").any()
    assert table.at["checks.visits.rate_in_scope.to_2013", "n"] == 5  # that of 2015 is later


def test_a_trip_after_the_window_is_not_added_in_it():
    ours = frozen_data()
    key = "checks.visits.direction_ratio.with_multilateral"
    trip = ours.visits_elsewhere.tail(1).assign(
        id="VE99", trip="T99", date="2019-05", in_scope="no_multilateral"
    )
    trip[["date_earliest", "date_latest"]] = day_bounds(trip["date"])
    more = pd.concat([ours.visits_elsewhere, trip], ignore_index=True)
    data = type(ours)(ours.path, ours.schema, ours.tables | {"visits_elsewhere": more})
    counts = [
        findings.collect(one, ["checks"])[0].set_index("key").at[key, "n"] for one in (ours, data)
    ]
    assert counts[0] == counts[1]


# --- Files ---------------------------------------------------------------------------------------


def test_what_cannot_be_computed_is_in_the_json_and_on_standard_error(ours, tmp_path, capsys):
    new = tmp_path / "new"
    assert main(["new", str(new)]) == 0
    capsys.readouterr()
    assert main(["findings", "--data", str(new), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    records = json.loads(out)
    reasons = {row["key"]: row["reason"] for row in records if row["value"] is None}
    assert "states is not declared yet" in reasons["visits.rate.*"]
    assert all(key in err and reason in err for key, reason in reasons.items())


def test_a_mistake_in_the_function_of_a_finding_is_told_with_its_key(monkeypatch, capsys):
    monkeypatch.setattr(_visits, "gap_cv", lambda view: view.visits["leader"])
    assert main(["findings"]) == 1
    said = capsys.readouterr().err
    assert "'leader' (KeyError in the finding visits.gap_cv of visits.toml)" in said


def test_diff_compares_units_and_definitions_and_rounds_as_an_export():
    row = ["a.b", 1 / 3, None, None, "share", 4, "one thing", "", "01"]
    old = pd.DataFrame([row], columns=findings.COLUMNS).astype({"low": float, "high": float})
    new = old.assign(value=2 / 3, unit="percent", definition="another thing")
    told = findings.diff(old, new)
    assert told[["column", "old", "new"]].to_numpy().tolist() == [
        ["value", 0.333333333333, 0.666666666667],
        ["unit", "share", "percent"],
        ["definition", "one thing", "another thing"],
    ]
    assert json.loads(findings.to_json(told))[0]["new"] == 0.666666666667


def test_an_infinite_number_is_written_and_read(tmp_path):
    row = ["a.b", np.inf, 0.5, np.inf, "ratio", 2, "one thing", "", "01"]
    table = pd.DataFrame([row], columns=findings.COLUMNS)
    (tmp_path / "old.csv").write_text(findings.to_csv(table), encoding="utf-8")
    assert findings.diff(findings.read(tmp_path / "old.csv"), table).empty
    assert "Infinity" not in findings.to_json(table)
