"""Loading and validating: every rule of the schema is proven on a broken copy of the data."""

import json
from pathlib import Path

import pandas as pd
import pytest
from frozen import copied

from relations_lib import DataError, NotDeclaredError, load
from relations_lib import visits as rates

VISITS, MEETINGS, SENTENCES = "page/visits.csv", "page/meetings.csv", "page/sentences.csv"
LOCATORS, MEMBERS, WINDOWS = "page/locators.csv", "context/memberships.csv", "page/windows.csv"
PAGE, LEGAL, SESSIONS = "page/page.csv", "page/legal_base.csv", "context/sessions_elsewhere.csv"
CIS, OFFICES, CHECKS = (
    "context/cis_legal_dates.csv",
    "context/offices.csv",
    "context/page_checks.csv",
)


@pytest.fixture
def copy(tmp_path) -> Path:
    return copied(tmp_path / "a copy of the data")


def faults(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(DataError) as error:
        load(folder)
    for fault in error.value.faults:
        assert fault.found
        assert fault.allowed
        assert str(fault) in str(error.value)
    return [(fault.file, fault.line, fault.column) for fault in error.value.faults]


def replace(folder: Path, file: str, line: int, old: str, new: str) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").split("\n")
    assert old in lines[line - 1], lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8")


CELLS = {
    "a month that does not exist": (VISITS, 2, "1993-01", "1993-13", "date"),
    "a date in words": (VISITS, 3, "1995-11", "November 1995", "date"),
    "a day that does not exist": (VISITS, 3, "1995-11", "1995-11-31", "date"),
    "an interval that runs backwards": (
        *(VISITS, 5, "2007-09-12/2007-09-13", "2007-09-13/2007-09-12", "date"),
    ),
    "an open interval": (VISITS, 5, "2007-09-12/2007-09-13", "2007-09-12/..", "date"),
    "an empty date": (VISITS, 2, "1993-01", "", "date"),
    "a date long before relations began": (VISITS, 3, "1995-11", "1895-11", "date"),
    "a date after the page": (MEETINGS, 2, ",1998,", ",2021,", "date"),
    "a code outside its list": (VISITS, 4, "official", "offical", "kind"),
    "a state that does not exist": (VISITS, 4, "KAZ,TJK", "KZA,TJK", "visitor"),
    "a state in lower case": (VISITS, 4, "KAZ,TJK", "kaz,TJK", "visitor"),
    "a visit to oneself": (VISITS, 4, "KAZ,TJK", "TJK,TJK", "host"),
    "an id used twice": (VISITS, 3, "v1995", "v1993", "id"),
    "an id with a blank inside": (VISITS, 3, "v1995", "v 1995", "id"),
    "a blank at the end of a cell": (VISITS, 3, "working", "working ", "kind"),
    "a foreign key to nowhere": (MEETINGS, 2, "i-commission", "i-comission", "institution"),
    "a missing-value code that the column has not": (
        *(VISITS, 3, "TJK,KAZ", "not_stated,KAZ", "visitor"),
    ),
    "text where a number belongs": (SENTENCES, 2, ",0,39,", ",0,thirty,", "end"),
    "a decimal where a whole number belongs": (SENTENCES, 2, ",0,39,", ",0,39.0,", "end"),
    "a negative position": (SENTENCES, 2, ",0,39,", ",-1,39,", "start"),
    "a hash cut short": (SENTENCES, 2, ",39,", ",39,0", "sha256"),
    "a locator to an unknown sentence": (LOCATORS, 2, "p00s1", "p99s1", "sentence"),
    "an end before its start": (WINDOWS, 2, "2012-12-31", "1992-12-31", "end"),
    "a status outside its list": (MEMBERS, 2, ",full,", ",member,", "status"),
    "an organization that does not exist": (MEMBERS, 2, ",CIS,", ",CSI,", "organization"),
    "a number beyond 64 bits": (LEGAL, 2, ",75,", ",9223372036854775808,", "documents"),
    "a number of thousands of digits": (LOCATORS, 2, ",0,39,", f",{'9' * 5000},39,", "start"),
    "digits of another script": (LEGAL, 2, ",75,", ",٧٥,", "documents"),
    "a number with a plus sign": (LEGAL, 2, ",75,", ",+75,", "documents"),
    "a number with a leading zero": (LEGAL, 2, ",75,", ",075,", "documents"),
    "a session below the first": (SESSIONS, 2, ",7,", ",0,", "number"),
    "a place in a list given twice": ("page/sectors.csv", 3, ",2,", ",1,", "position"),
    "a window that begins in a month": (WINDOWS, 3, ",1993-01-07,", ",1993-01,", "start"),
    "a year far off": ("context/visits_elsewhere.csv", 2, "2000-07-05", "3000", "date"),
    "a founding in the future": ("page/institutions.csv", 5, "not_stated", "2050", "founded"),
    "a date after what the table covers": (VISITS, 5, "2007-09-12/2007-09-13", "2021-09", "date"),
    "a document after what the page covers": (
        *("page/agreements.csv", 6, "2007-09-12/2007-09-13", "2018", "date"),
    ),
    "a period that begins too early": (LEGAL, 2, "1993/2013", "1900/2013", "period"),
    "a third state": (VISITS, 2, "TJK,KAZ", "TJK,USA", "host"),
    "a state that its key contradicts": (CIS, 2, "ARM,ARM", "ARM,AZE", "state"),
    "a key that its state contradicts": (MEMBERS, 6, "CIS-KAZ-1", "CIS-KGZ-2", "id"),
    "a member before its organization": (MEMBERS, 6, "1991-12-21", "1985", "start"),
    "a member after its organization": (MEMBERS, 17, "2015-01-01", "2017", "end"),
    "an open end that denotes something": (MEMBERS, 5, "2009-08-18", "open", "end"),
    "an end that denotes nothing": (MEMBERS, 6, ",open,signature", ",2010,signature", "end"),
    "no match, with a meeting": (SESSIONS, 2, ",yes,", ",no,", "page_match"),
    "an office before the other ends": (OFFICES, 6, "2019-03-20,open", "2015,open", "start"),
    "a check that ends before it begins": (CHECKS, 3, "2007-03,open", "2007-03,1999", "valid_to"),
    "a charter before the signature": (CIS, 2, "1994-03-16", "1990", "charter_ratified"),
    "an anchor that is too long": (LOCATORS, 2, "Relations", "Relations" * 9, "anchor"),
    "a cell of a book's length": (VISITS, 2, "Only", "Only" * 50000, "note"),
    "an organization named twice": (
        *("page/organizations_named.csv", 3, "CIS,CIS", "CIS,UN", "organization"),
    ),
    "a concern that is no row": ("page/areas.csv", 8, "a-economic-1995", "a-1995", "concerns"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_faulty_cell_is_named_by_file_line_and_column(copy, case):
    file, line, old, new, column = CELLS[case]
    replace(copy, file, line, old, new)
    assert (file, line, column) in faults(copy)


@pytest.mark.parametrize(
    ("date", "remedy"),
    [
        ("1995-11?", '"doubt" of the resource in datapackage.json'),
        ("1995~/1996", '"doubt" of the resource'),
        ("1995-11/..", "write the bound"),
        ("1995-11/", "write the bound"),
    ],
)
def test_a_date_without_exact_bounds_is_refused_with_what_to_write(copy, date, remedy):
    replace(copy, VISITS, 3, "1995-11", date)
    with pytest.raises(DataError) as error:
        load(copy)
    fault = next(fault for fault in error.value.faults if fault.column == "date")
    assert (fault.file, fault.line) == (VISITS, 3)
    assert remedy in fault.allowed


@pytest.mark.parametrize("mark", ["?", "~", "%"])
def test_a_qualified_date_keeps_its_mark_where_the_schema_says_how_far_it_may_be_off(copy, mark):
    replace(copy, VISITS, 3, "1995-11", f"1995-11{mark}")
    file = copy / "datapackage.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    visits(schema)["doubt"] = 31
    file.write_text(json.dumps(schema), encoding="utf-8")
    table = load(copy).visits
    assert table["date"].tolist()[1] == f"1995-11{mark}"
    assert table.loc[table["date_flag"] != "", "id"].tolist() == ["v1995"]
    assert table.loc[1, "date_flag"] == mark
    days = table.loc[1, ["date_earliest", "date_latest"]]
    assert [f"{day:%F}" for day in days] == ["1995-10-01", "1995-12-31"]
    told = rates.visit_gaps(table)
    plain = table.assign(date=table["date"].map(str))
    pd.testing.assert_frame_equal(told, rates.visit_gaps(plain, doubt=31), check_dtype=False)
    with pytest.raises(ValueError, match="give doubt"):
        rates.visit_gaps(plain)


LENGTH = f",{load().page['length'].iloc[0]},"  # of today's page
LOCATED = {
    "a span longer than its sentence": (LOCATORS, 2, ",0,39,", ",0,390,", "end"),
    "a locator to an unknown row": (LOCATORS, 2, "page,page,", "page,pages,", "row"),
    "a sentence that overlaps the one before": (SENTENCES, 3, ",40,56,", ",38,56,", "start"),
    "a gap between sentences": (SENTENCES, 2, ",0,39,", ",0,38,", "end"),
    "a paragraph that its key contradicts": (SENTENCES, 4, ",2,1,", ",3,1,", "paragraph"),
    "a sentence that its key contradicts": (SENTENCES, 4, ",2,1,", ",2,2,", "sentence"),
    "a page longer than its sentences": (PAGE, 2, LENGTH, ",9999,", "length"),
    "a page of fewer paragraphs": (PAGE, 2, ",19,", ",18,", "paragraphs"),
    "a whole sentence with another hash": (LOCATORS, 10, "2456403c", "00000000", "sha256"),
    "a hash for a shorter span": (LOCATORS, 10, ",0,123,", ",0,122,", "end"),
    "a sentence coded as what it is not": (SENTENCES, 2, ",page,", ",visits,", "coded_as"),
    "a coded sentence with a reason not to be": (
        *(SENTENCES, 2, "not_applicable", "heading", "reason"),
    ),
}


@pytest.mark.parametrize("case", LOCATED)
def test_evidence_that_does_not_fit_is_named(copy, case):
    file, line, old, new, column = LOCATED[case]
    replace(copy, file, line, old, new)
    assert (file, line, column) in faults(copy)


def test_a_row_without_a_locator_is_named(copy):
    with (copy / MEETINGS).open("a+", encoding="utf-8") as file:
        file.write("m1994,1994,i-commission,\n")
        file.seek(0)
        last = len(file.readlines())
    assert faults(copy) == [(MEETINGS, last, "id")]


def test_a_row_that_loses_its_key_is_named_at_both_ends_beside_another_fault(copy):
    replace(copy, VISITS, 3, "v1995", "v1996")
    replace(copy, VISITS, 4, "official", "offical")
    named = {(VISITS, 3, "id"), (VISITS, 4, "kind"), (LOCATORS, 15, "row")}
    assert named <= set(faults(copy))


def test_a_sentence_that_is_dropped_with_its_coding_is_named(copy):
    for file in (SENTENCES, LOCATORS, "page/statements.csv"):
        lines = (copy / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (copy / file).write_text("".join(lines[:-1]), encoding="utf-8")
    assert (PAGE, 2, "length") in faults(copy)


def test_spells_that_overlap_are_named(copy):
    path = copy / MEMBERS
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines) if ",TKM,CIS,full," in text)
    lines[line] = lines[line].replace("2005-08-26", "2006-08-26")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert {(file, column) for file, _, column in faults(copy)} == {(MEMBERS, "start")}


def test_a_missing_renamed_or_doubled_column_is_named(copy):
    replace(copy, MEETINGS, 1, "date", "year")
    assert faults(copy)[:2] == [(MEETINGS, 1, "date"), (MEETINGS, 1, "year")]
    replace(copy, MEETINGS, 1, "year", "note")
    assert (MEETINGS, 1, "note") in faults(copy)


def test_columns_in_another_order_do_no_harm(copy):
    frame = pd.read_csv(copy / MEETINGS, dtype=str, keep_default_na=False)
    frame[frame.columns[::-1]].to_csv(copy / MEETINGS, index=False, lineterminator="\n")
    pd.testing.assert_frame_equal(load(copy).meetings, load().meetings)


def test_an_unclosed_quotation_mark_is_named_by_the_line_it_opens_on(copy):
    replace(copy, MEETINGS, 6, "m2007", '"m2007')
    assert (MEETINGS, 6, "") in faults(copy)


@pytest.mark.parametrize("cell", ['Emomali "Rahmon"', '"Emomali" Rahmon', 'Emomali Rahmon"'])
def test_a_stray_quotation_mark_is_named(copy, cell):
    replace(copy, VISITS, 3, "Emomali Rahmon", cell)
    assert faults(copy)[0] == (VISITS, 3, "")


def test_a_doubled_quotation_mark_is_one(copy):
    replace(copy, MEETINGS, 2, "i-commission,", 'i-commission,"a ""b"""')
    assert load(copy).meetings["note"].iloc[0] == 'a "b"'


def test_lines_are_counted_through_quoted_line_breaks(copy):
    replace(copy, VISITS, 2, "Only the month", "Only\nthe month")
    replace(copy, VISITS, 4, "working", "work")
    assert (VISITS, 4, "kind") in faults(copy)


def test_bytes_that_are_not_utf8_are_named(copy):
    data = (copy / MEETINGS).read_bytes().replace(b"m2007", b"m\xff007")
    for line_end in (b"\n", b"\r", b"\r\n"):
        (copy / MEETINGS).write_bytes(data.replace(b"\n", line_end))
        assert (MEETINGS, 6, "") in faults(copy)


def test_a_file_that_is_missing_is_named(copy):
    (copy / MEETINGS).unlink()
    assert (MEETINGS, 1, "") in faults(copy)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(copy):
    text = (copy / MEETINGS).read_text(encoding="utf-8").replace("\n", "\r\n")
    (copy / MEETINGS).write_bytes(b"\xef\xbb\xbf" + text.encode())
    pd.testing.assert_frame_equal(load(copy).meetings, load().meetings)


def test_all_faults_are_reported_at_once(copy):
    replace(copy, MEETINGS, 2, ",1998,", ",199,")
    replace(copy, VISITS, 4, "official", "offical")
    found = faults(copy)
    assert (MEETINGS, 2, "date") in found
    assert (VISITS, 4, "kind") in found


def test_a_schema_that_is_no_json_is_named_by_its_line(copy):
    replace(copy, "datapackage.json", 3, ",", "")
    assert faults(copy)[0][:2] == ("datapackage.json", 4)


def visits(schema: dict) -> dict:
    return next(r for r in schema["resources"] if r["name"] == "visits")


def column(schema: dict, name: str) -> dict:
    return next(c for c in visits(schema)["schema"]["fields"] if c["name"] == name)


def declare(folder: Path, **entries: object) -> None:
    file = folder / "datapackage.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["about"] |= entries
    file.write_text(json.dumps(schema, indent=2), encoding="utf-8")


def extra(name: str) -> str:
    return f"Additional properties are not allowed ('{name}' was unexpected)"


def declared(folder: Path) -> list[str]:
    with pytest.raises(DataError) as error:
        load(folder)
    faults = error.value.faults
    return [fault.found for fault in faults if fault.file == "datapackage.json"]


@pytest.mark.thorough
def test_the_own_package_says_what_it_is_about():
    about = load().about
    assert about.states == (about.home, about.partner) == ("TJK", "KAZ")
    assert about.need("body") in set(load().institutions["id"])
    assert about.need("window") in set(load().windows["id"])
    assert about.missing() == []


def test_what_is_not_declared_yet_is_listed_and_asked_for_by_name(copy):
    declare(copy, body="not_yet", window="not_yet")
    about = load(copy).about
    assert about.missing() == ["body", "window"]
    with pytest.raises(NotDeclaredError, match=r"body is not declared yet.*institutions"):
        about.need("body")
    assert about.need("window" if about.window else "page") == "page"


def test_a_choice_that_is_not_made_is_asked_for_by_name(copy):
    declare(copy, choices={})
    with pytest.raises(NotDeclaredError, match=r"split_after .* year"):
        load(copy).about.need("split_after")


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({"states": ["TJK", "KZA"]}, "about, states: 'KZA'"),
        ({"states": ["TJK", "TJK"]}, "about, states: ['TJK', 'TJK'] has non-unique elements"),
        ({"states": "TJK"}, "about, states: 'not_yet' was expected"),
        ({"body": "i-comission"}, "about, body: 'i-comission'"),
        ({"body": None}, "about, body: None is not of type 'string'"),
        ({"window": "to_2014"}, "about, window: 'to_2014'"),
        ({"page": "Page"}, "about, page: 'Page'"),
        ({"choices": {"split": 2003}}, f"about, choices: {extra('split')}"),
        (
            {"choices": {"split_after": "2003"}},
            "about, choices, split_after: '2003' is not of type 'integer'",
        ),
        ({"choices": {"pace_window": [2012, 1998]}}, "about, pace_window: [2012, 1998]"),
        (
            {"choices": {"telling_dates": []}},
            "about, choices, telling_dates: [] should be non-empty",
        ),
        ({"choices": {"silent_window": "x"}}, "about, silent_window: 'x'"),
        ({"choices": {"successors": {"CST": "x"}}}, "about, successors: 'x'"),
        ({"state": ["TJK", "KAZ"]}, f"about: {extra('state')}"),
    ],
)
def test_a_declaration_that_does_not_fit_is_named(copy, entries, found):
    declare(copy, **entries)
    assert declared(copy) == [found]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_fault_of_a_resource_is_at_its_line_though_its_name_stands_elsewhere_too(copy, indent):
    file = copy / "datapackage.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    states = next(r for r in schema["resources"] if r["name"] == "states")
    states["schema"]["fields"][0]["type"] = "text"
    lines = json.dumps(schema, indent=indent).splitlines()
    file.write_text("\n".join(lines), encoding="utf-8")
    (found,) = faults(copy)
    assert found[1] == next(n for n, line in enumerate(lines, 1) if '"type": "text"' in line)


@pytest.mark.parametrize("older", [{}, {"schemaVersion": "1"}])
def test_a_package_of_an_older_schema_is_told_once_what_to_add(copy, older):
    schema = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    del schema["schemaVersion"], schema["about"]
    schema |= older
    (copy / "datapackage.json").write_text(json.dumps(schema, indent=2), encoding="utf-8")
    with pytest.raises(DataError, match="older schema") as error:
        load(copy)
    (fault,) = error.value.faults
    for name in ("schemaVersion", "states", "body", "window", "page", "not_yet"):
        assert f'"{name}"' in fault.allowed


def test_a_package_of_a_newer_schema_is_refused(copy):
    replace(copy, "datapackage.json", 8, '"2"', '"3"')
    assert declared(copy) == ["schemaVersion: '2' was expected"]


SCHEMAS = {
    "no resources": (lambda s: s.pop("resources"), "resources"),
    "an empty list of resources": (
        lambda s: s.update(resources=[]),
        "resources: [] should be non-empty",
    ),
    "a resource without a schema": (
        lambda s: visits(s).pop("schema"),
        "visits: 'schema' is",
    ),
    "a table twice": (lambda s: visits(s).update(name="page"), "resource 'page' twice"),
    "a file twice": (
        lambda s: visits(s).update(path="page/page.csv"),
        "path 'page/page.csv' twice",
    ),
    "a column twice": (
        *(lambda s: column(s, "host").update(name="visitor"), "'visits', field 'visitor' twice"),
    ),
    "a path out of the package": (lambda s: visits(s).update(path="../visits.csv"), "visits, path"),
    "an absolute path": (lambda s: visits(s).update(path="/visits.csv"), "visits, path"),
    "an unknown property": (lambda s: visits(s).update(rulez=[]), f"visits: {extra('rulez')}"),
    "an unknown type": (
        lambda s: column(s, "note").update(type="text"),
        "note, type: 'text'",
    ),
    "an unknown evidence": (lambda s: visits(s).update(evidence="locator"), "visits, evidence"),
    "an unknown window": (lambda s: visits(s).update(coverage="to_2014"), "'to_2014'"),
    "a code that is no list": (
        *(lambda s: column(s, "kind").update(missingValues="not_stated"), "kind, missing"),
    ),
    "a constraint misspelled": (
        *(lambda s: column(s, "id")["constraints"].update(patern="x"), extra("patern")),
    ),
    "a pattern that is none": (
        lambda s: column(s, "id")["constraints"].update(pattern="["),
        "'id'",
    ),
    "years in the wrong order": (lambda s: s.update(dates="2100/1900"), "dates '2100/1900'"),
    "a doubt of less than nothing": (lambda s: visits(s).update(doubt=-1), "doubt: -1 is less"),
    "a rule that is none": (lambda s: visits(s)["rules"][0].update(rule="sorted"), "'sorted'"),
    "a rule on three columns": (
        *(lambda s: visits(s)["rules"][0]["fields"].append("date"), "'visitor', 'host', 'date'"),
    ),
    "a key that is no column": (
        *(lambda s: visits(s)["schema"]["foreignKeys"][0].update(fields="country"), "'country'"),
    ),
    "no locators": (
        *(lambda s: s.update(resources=[r for r in s["resources"] if r["name"] != "locators"]),),
        "visits, 'evidence: locators'",
    ),
    "dates that are none": (lambda s: s.update(dates="19"), "dates: '19' does not match"),
}


@pytest.mark.parametrize("case", SCHEMAS)
def test_a_schema_that_can_not_be_used_is_named_by_resource_and_property(copy, case):
    harm, named = SCHEMAS[case]
    schema = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    harm(schema)
    (copy / "datapackage.json").write_text(json.dumps(schema, indent=2), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load(copy)
    assert {fault.file for fault in error.value.faults} == {"datapackage.json"}
    assert any(named in fault.found for fault in error.value.faults), error.value


@pytest.mark.parametrize("text", ["[" * 100000, "null", "[1]", f'{{"a": {"9" * 5000}}}', "", "{}"])
def test_a_file_that_is_no_package_is_one_fault(copy, text):
    (copy / "datapackage.json").write_text(text, encoding="utf-8")
    assert faults(copy) == [("datapackage.json", 1, "")]


def test_a_path_written_with_escapes_does_no_harm(copy):
    file = copy / "datapackage.json"
    file.write_text(file.read_text(encoding="utf-8").replace("page/", "page\\/"), encoding="utf-8")
    assert len(load(copy).visits)


def test_what_is_allowed_is_said_once_and_with_its_unit(copy):
    replace(copy, VISITS, 4, "official", "offical")
    replace(copy, LOCATORS, 2, "Relations", "Relations" * 9)
    with pytest.raises(DataError) as error:
        load(copy)
    allowed = {fault.column: fault.allowed for fault in error.value.faults}
    assert allowed["kind"] == "one of official, working, state, other, not_stated"
    assert allowed["anchor"] == "60 characters or less"


def test_a_folder_without_a_package_says_what_is_missing(tmp_path):
    with pytest.raises(DataError, match=r"datapackage\.json"):
        load(tmp_path)


def test_the_country_code_na_is_text(copy):
    replace(copy, MEETINGS, 2, "i-commission,", "i-commission,NA")
    assert load(copy).meetings["note"].iloc[0] == "NA"


def test_text_keeps_its_codes_and_dates_become_days():
    visits = load().visits.set_index("id")
    assert visits.loc["v1993", "kind"] == "not_stated"
    assert visits.loc["v1995", "date_earliest"] == pd.Timestamp("1995-11-01")
    assert visits.loc["v1995", "date_latest"] == pd.Timestamp("1995-11-30")


def test_a_missing_number_or_date_keeps_its_reason_beside_it():
    data = load()
    agreements = data.agreements.set_index("id")
    assert pd.isna(agreements.loc["a-economic-1995", "documents"])
    assert agreements.loc["a-economic-1995", "documents_missing"] == "not_stated"
    still_in = data.memberships.query("state == 'TJK' and organization == 'SCO'")
    assert still_in["end"].isna().all()
    assert still_in["end_missing"].tolist() == ["open"]


def test_tables_are_reached_by_name_or_attribute():
    data = load()
    assert data.visits is data["visits"]
    assert set(data) >= {"visits", "windows", "memberships"}
    with pytest.raises(AttributeError, match="visits"):
        _ = data.vists


def test_the_data_are_found_from_any_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(load().visits)


def test_an_empty_file_and_one_in_utf_16_are_one_fault_each(copy):
    (copy / VISITS).write_text("\n", encoding="utf-8")
    (copy / LEGAL).write_text("id,documents\n", encoding="utf-16-le")
    with pytest.raises(DataError) as error:
        load(copy)
    told = {fault.file: (fault.found, fault.allowed) for fault in error.value.faults}
    assert told[VISITS][0] == "an empty file"
    assert "id,date,visitor" in told[VISITS][1]
    assert "UTF-16" in told[LEGAL][0]
    assert sum(fault.file in (VISITS, LEGAL) for fault in error.value.faults) == 2


def test_a_place_that_is_told_twice_is_a_fault(copy):
    file = copy / LOCATORS
    lines = file.read_text(encoding="utf-8").splitlines()
    twice = lines[-1].replace(lines[-1].partition(",")[0], "L999", 1)
    file.write_text("\n".join([*lines, twice, ""]), encoding="utf-8")
    with pytest.raises(DataError, match=f"stands on line {len(lines)} too"):
        load(copy)
