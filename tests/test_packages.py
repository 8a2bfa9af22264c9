"""Packages that are not ours: one answer with the standard, one fault a thing, an end soon."""

import csv
import json
import os
import time
import zipfile
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package
from frozen import copied

from relations_lib import DataError, _schema, load
from relations_lib.tables import default_path, require_codes

UNDECLARED = dict.fromkeys(("states", "body", "window", "page"), "not_yet") | {"choices": {}}
VISITS, MEMBERS = "page/visits.csv", "context/memberships.csv"


def write(folder: Path, fields: list[dict], rows: list[list[str]], **schema: object) -> Path:
    """Write a package of one table and return its folder."""
    resource = {
        "name": "things",
        "path": "things.csv",
        "type": "table",
        "schema": {"fields": fields, **schema},
    }
    package = {"name": "made", "schemaVersion": "2", "about": UNDECLARED, "resources": [resource]}
    folder.mkdir(exist_ok=True)
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with (folder / "things.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field["name"] for field in fields])
        writer.writerows(rows)
    return folder


def found(folder: Path) -> list[tuple[str, int, str]]:
    """Return the faults of a package, none if it is valid."""
    try:
        load(folder)
    except DataError as error:
        return [(fault.file, fault.line, fault.column) for fault in error.faults]
    return []


def by_standard(folder: Path) -> set[tuple[int, str]]:
    report = Package(str(folder / "datapackage.json")).validate()
    errors = [error for task in report.tasks for error in task.errors]
    return {(error.row_number, getattr(error, "field_name", "")) for error in errors}


# --- One answer with the standard ----------------------------------------------------------------

CELLS = ["", "not_stated", "a", "abcd", "1", "12", "-3", "1.5", "true", "false"]
LIMITS = {
    "string": [{}, {"minLength": 1}, {"maxLength": 2}, {"pattern": "[a-c]+"}, {"enum": ["a", "1"]}],
    "integer": [{}, {"minimum": 2}, {"maximum": 2}, {"enum": [1, 12]}],
    "number": [{}, {"minimum": 1.5}, {"maximum": 1.5}],
    "boolean": [{}],
}
MISSING = [None, [""], ["not_stated"], ["", "not_stated"], ["not_stated", "1"]]


def every_kind_of_field() -> list[dict]:
    fields: list[dict] = []
    for kind, limits in LIMITS.items():
        for limit, missing, required in product(limits, MISSING, (False, True)):
            field = {"name": f"f{len(fields)}", "type": kind, "constraints": dict(limit)}
            if required:
                field["constraints"]["required"] = True
            if missing is not None:
                field["missingValues"] = missing
            fields.append(field)
    return fields


def test_every_cell_is_judged_as_the_standard_judges_it(tmp_path):
    fields = [{"name": "key", "type": "string"}, *every_kind_of_field()]
    rows = [[f"k{n}", *[cell] * (len(fields) - 1)] for n, cell in enumerate(CELLS)]
    folder = write(tmp_path / "made", fields, rows)
    ours = {(line, column) for _, line, column in found(folder)}
    theirs = by_standard(folder)
    kinds = {field["name"]: field for field in fields}
    differing = [(line, kinds[name], CELLS[line - 2]) for line, name in ours ^ theirs]
    assert not differing
    assert len(ours) > 300


@pytest.mark.parametrize(
    "resource",
    json.loads((default_path() / "datapackage.json").read_text("utf-8"))["resources"],
    ids=lambda r: r["name"],
)
def test_a_missing_code_is_allowed_by_both_or_by_neither(tmp_path, resource):
    """Each of our tables on its own, with every code in every column that has it."""
    fields = resource["schema"]["fields"]
    table = pd.read_csv(default_path() / resource["path"], dtype=str, keep_default_na=False)
    row = table.iloc[0].to_dict()
    codes = [(f["name"], code) for f in fields for code in f.get("missingValues", [])]
    rows = [list((row | {name: code}).values()) for name, code in codes]
    plain = [
        {k: v for k, v in f.items() if k not in ("edtf", "interval", "references")} for f in fields
    ]
    for field in plain:
        field.get("constraints", {}).pop("unique", None)
    folder = write(tmp_path / "made", plain, rows or [list(row.values())])
    assert found(folder) == []
    assert by_standard(folder) == set()


def test_a_missing_code_fills_no_required_cell(tmp_path):
    field = {"name": "url", "missingValues": ["none"], "constraints": {"required": True}}
    folder = write(tmp_path / "made", [{"name": "id"}, field], [["a", "none"], ["b", "x"]])
    assert found(folder) == [("things.csv", 2, "url")]
    assert by_standard(folder) == {(2, "url")}


@pytest.mark.parametrize("keys", [["a", "b", "a"], ["a", "b", "c"]])
def test_a_key_used_twice_is_refused_by_both(tmp_path, keys):
    folder = write(tmp_path / "made", [{"name": "id"}], [[key] for key in keys], primaryKey="id")
    assert bool(found(folder)) == bool(by_standard(folder)) == (len(set(keys)) < 3)


# --- One thing is one fault ----------------------------------------------------------------------

FIELDS = [{"name": name, "type": "string"} for name in ("id", "word", "note")]
ROWS = [["a", "x, y", ""], ["b", "z", ""]]


def as_text(tmp_path: Path, text: str | bytes) -> list:
    folder = write(tmp_path / "made", FIELDS, ROWS)
    content = text.encode() if isinstance(text, str) else text
    (folder / "things.csv").write_bytes(content)
    with pytest.raises(DataError) as error:
        load(folder)
    return error.value.faults


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ('id;word;note\na;"x, y";\nb;z;\n', 1, "semicolons"),
        ('"id";"word";"note"\n"a";"x";""\n', 1, "semicolons"),
        ("id\tword\tnote\na\tx\t\n", 1, "tabs"),
        ("sep=;\nid;word;note\na;x;\n", 1, "sep=;"),
        ("id,word,note\na,x,\n,,\n,,\n,,\n", 3, "3 blank rows, from here to line 5"),
        ("id,word,note\na,x,\n\nb,z,\n", 3, "a blank row"),
        ("id,word,note\na,x, y,\nb,z,\n", 2, "4 cells"),
        ("id,word,note\na,x\nb,z,\n", 2, "2 cells"),
        (b"id,word,note\na,x,\nb,caf\xe9,\n", 3, "byte 0xe9"),
        ("id,word,note\na,\x00,\n", 2, "'\\x00'"),
    ],
)
def test_what_a_spreadsheet_does_is_one_fault_at_its_line(tmp_path, text, line, named):
    (fault,) = as_text(tmp_path, text)
    assert (fault.file, fault.line) == ("things.csv", line)
    assert named in fault.found
    assert fault.allowed


def test_an_extra_comma_says_how_many_cells_are_expected(tmp_path):
    (fault,) = as_text(tmp_path, "id,word,note\na,x, y,\n")
    assert "3 cells" in fault.allowed
    assert "quotation marks" in fault.allowed


def test_keys_that_differ_only_by_case_are_refused(tmp_path):
    folder = write(tmp_path / "made", [{"name": "id"}], [["v1"], ["V1"]], primaryKey="id")
    assert found(folder) == [("things.csv", 3, "id")]


# --- What real pages say -------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path) -> Path:
    return copied(tmp_path / "copy")


def change(folder: Path, path: str, row: int, **cells: str) -> None:
    file = folder / path
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for column, cell in cells.items():
        table.loc[row, column] = cell
    table.to_csv(file, index=False, lineterminator="\n")


ORGANIZATION = {
    "cow_code": "not_applicable",
    "founding_instrument": "Joint Declaration",
    "signed": "not_stated",
    "in_force": "not_stated",
    "dissolved": "open",
    "predecessor": "not_stated",
    "successor": "not_stated",
    "kind": "cross_regional",
    "source": "un-org-1469-fr",
    "also": "",
    "doubt": "",
    "note": "",
}


@pytest.mark.parametrize("name", ["G77", "D8", "G20", "UN-HABITAT"])
def test_an_organization_may_have_digits_a_hyphen_and_no_stated_day(copy, name):
    added = ORGANIZATION | {"id": name, "name": name}
    last = len(load(copy).organizations)
    change(copy, "context/organizations.csv", last, **added)
    spell = {"start": "not_stated", "start_denotes": "not_stated", "status": "participating"}
    change(copy, MEMBERS, 0, id=f"{name}-ARM-1", organization=name, **spell)
    data = load(copy)
    spell = data.memberships.iloc[0]
    assert spell["organization"] == name
    assert pd.isna(spell["start"])
    assert spell["start_missing"] == "not_stated"
    assert pd.isna(spell["start_earliest"])
    assert pd.isna(spell["start_latest"])


def test_a_total_may_be_a_bound_or_not_stated(copy):
    change(copy, "page/legal_base.csv", 0, documents="30", qualifier="at_least")
    assert load(copy).legal_base[["documents", "qualifier"]].iloc[0].tolist() == [30, "at_least"]
    change(copy, "page/legal_base.csv", 0, documents="not_stated", qualifier="not_stated")
    assert pd.isna(load(copy).legal_base["documents"].iloc[0])
    change(copy, "page/legal_base.csv", 0, qualifier="about")
    assert ("page/legal_base.csv", 2, "qualifier") in found(copy)
    change(copy, "page/legal_base.csv", 0, documents="more than 30", qualifier="at_least")
    assert found(copy) == [("page/legal_base.csv", 2, "documents")]


def test_text_may_hold_the_joiners_of_persian_but_no_other_unseen_character(copy):
    name = "نور\u200cمحمد \u200d"[:-1].strip()
    change(copy, VISITS, 0, person=name)
    assert load(copy).visits["person"].iloc[0] == name
    change(copy, VISITS, 0, person="Rahmon\u200b")
    assert found(copy) == [(VISITS, 2, "person")]


def test_a_state_outside_the_declared_pair_is_named(copy):
    change(copy, VISITS, 0, host="KGZ")
    assert found(copy) == [(VISITS, 2, "host")]


# --- Where it is, and an end soon ----------------------------------------------------------------


def test_a_package_one_level_up_is_pointed_at(copy, monkeypatch):
    (copy.parent / "notebooks").mkdir()
    monkeypatch.chdir(copy.parent / "notebooks")
    with pytest.raises(DataError) as error:
        load("copy")
    (fault,) = error.value.faults
    assert str(copy.parent / "notebooks" / "copy") in fault.found
    assert '"../copy"' in fault.allowed
    assert len(load("../copy").visits)


def test_a_zipped_package_says_to_unpack_it(copy):
    file = copy.parent / "copy.zip"
    with zipfile.ZipFile(file, "w") as package:
        package.write(copy / "datapackage.json", "datapackage.json")
    with pytest.raises(DataError, match=r"zipped.*python -m zipfile -e copy\.zip copy"):
        load(file)


def ends_soon(folder: Path) -> list:
    begun = time.monotonic()
    with pytest.raises(DataError) as error:
        load(folder)
    assert time.monotonic() - begun < 30
    return error.value.faults


def test_a_pattern_without_an_end_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(_schema, "_SECONDS", 2)
    fields = [
        {"name": "id", "constraints": {"pattern": "[a-z]+"}},
        {"name": "word", "constraints": {"pattern": "(a+)+b"}},
    ]
    (fault,) = ends_soon(write(tmp_path / "made", fields, [["x", "a" * 60]]))
    assert "field word, pattern '(a+)+b'" in fault.found


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes")
def test_a_pipe_or_a_device_is_no_file(tmp_path):
    folder = write(tmp_path / "made", FIELDS, ROWS)
    (folder / "things.csv").unlink()
    os.mkfifo(folder / "things.csv")
    assert "pipe" in ends_soon(folder)[0].found
    (folder / "things.csv").unlink()
    (folder / "things.csv").symlink_to("/dev/zero")
    assert "device" in ends_soon(folder)[0].found


def test_a_line_without_an_end_is_one_fault(tmp_path):
    folder = write(tmp_path / "made", FIELDS, ROWS)
    (folder / "things.csv").write_text("id,word,note\n" + "a" * 5_000_000, encoding="utf-8")
    (fault,) = ends_soon(folder)
    assert fault.line == 2


# --- Plain tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (["full", "Full"], r"'Full' \(row 1\) is not known, but 'full'"),
        (["full "], "'full ' .* but 'full'"),
        (["fool"], "'fool' .* allowed: full, observer"),
    ],
)
def test_a_code_that_is_not_known_is_refused_by_name(codes, named):
    with pytest.raises(ValueError, match=named):
        require_codes(pd.Series(codes, name="status"), ["full", "observer"])


@pytest.mark.parametrize("other", ["tjk", "TJK ", " Tjk"])
def test_one_state_in_two_spellings_is_refused(other):
    with pytest.raises(ValueError, match="differs from 'TJK'"):
        require_codes(pd.Series(["TJK", other], name="visitor"))
    require_codes(pd.Series(["TJK", "KAZ", None, "TJK"], name="visitor"))
