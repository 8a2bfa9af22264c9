"""Tools for who codes a page: sentences joined and split, places added, organizations copied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from relations_lib import DataError, coding, load, sources

PAGE = "A title\n01.02.2003\nOne came. Two left.\nSee Bull. 5 of 2001. It was 2001! All is well.\n"
ROWS = ["A title", "01.02.2003", "One came.", "Two left."]
LAST = ["See Bull.", "5 of 2001.", "It was 2001!", "All is well."]


@pytest.fixture
def own(tmp_path) -> Path:
    coding.new_package(load(), tmp_path / "own", ("AZE", "TJK"))
    coding.index_page(tmp_path / "own", PAGE)
    return tmp_path / "own"


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def write(folder: Path, name: str, rows: pd.DataFrame) -> None:
    rows.to_csv(folder / name, index=False)


def places(folder: Path, *rows: tuple[str, ...]) -> None:
    columns = ["table", "row", "sentence", "words", "states"]
    write(folder, "places.csv", pd.DataFrame(rows, columns=columns))


def indexed(folder: Path) -> dict[str, str]:
    """Return the text of every sentence by its id, from a new run on the page."""
    coding.index_page(folder, PAGE)
    table = read(folder, "page/sentences.csv")
    page = sources.normalize(PAGE)
    spans = zip(table["start"].astype(int), table["end"].astype(int), strict=True)
    return dict(zip(table["id"], [page[a:b] for a, b in spans], strict=True))


def test_the_program_cuts_where_it_can_not_know_better(own):
    assert list(indexed(own).values()) == ROWS + LAST


def test_a_sentence_wrongly_cut_is_joined_and_all_are_numbered_anew(own):
    places(own, ("visits", "v1", "p03s3", "2001", "x"), ("visits", "v2", "p03s2", "5 of", "x"))
    work = read(own, "worklist.csv").assign(coded_as=list("abcdefgh"))
    work.loc[4, "text"] = "See Bull. 5 of 2001."
    write(own, "worklist.csv", work.drop(index=5))
    assert list(indexed(own).items())[-3:] == [
        ("p03s1", "See Bull. 5 of 2001."),
        ("p03s2", "It was 2001!"),
        ("p03s3", "All is well."),
    ]
    again = read(own, "worklist.csv")
    assert again["id"].tolist()[-3:] == ["p03s1", "p03s2", "p03s3"]
    assert again["coded_as"].tolist() == list("abcdegh")
    assert read(own, "places.csv")["sentence"].tolist() == ["p03s2", "p03s1"]
    assert read(own, "page/locators.csv")["sentence"].tolist() == ["p03s2", "p03s1"]


def test_a_sentence_not_cut_is_split_by_a_row_without_an_id(own):
    places(own, ("visits", "v1", "p02s2", "left", "x"), ("visits", "v2", "p02s1", "came", "x"))
    work = read(own, "worklist.csv")
    first, second = work.loc[[2]].assign(text="One"), work.loc[[2]].assign(text="came.", id="")
    write(own, "worklist.csv", pd.concat([work.loc[:1], first, second, work.loc[3:]]))
    found = indexed(own)
    assert [found[key] for key in ("p02s1", "p02s2", "p02s3")] == ["One", "came.", "Two left."]
    assert read(own, "places.csv")["sentence"].tolist() == ["p02s3", "p02s2"]


def test_the_page_and_its_hash_do_not_change_with_the_cuts(own):
    before = read(own, "page/sentences.csv")
    work = read(own, "worklist.csv")
    work.loc[4, "text"] = "See Bull. 5 of 2001."
    write(own, "worklist.csv", work.drop(index=5))
    indexed(own)
    after = read(own, "page/sentences.csv")
    assert (before["end"].iloc[-1], len(before) - 1) == (after["end"].iloc[-1], len(after))
    data = {"sentences": after.astype({"start": int, "end": int}), "locators": pd.DataFrame()}
    data["locators"] = pd.DataFrame(columns=["id", "table", "row", "sentence", "start", "end"])
    data["page"] = pd.DataFrame({"sha256": [sources.sha256(sources.normalize(PAGE))]})
    assert sources.verify(data, PAGE).empty


def test_a_sorted_worklist_is_matched_by_its_ids(own):
    work = read(own, "worklist.csv").assign(paraphrase=list("abcdefgh"))
    write(own, "worklist.csv", work.sort_values("text", ascending=False))
    assert list(indexed(own).values()) == ROWS + LAST
    assert read(own, "page/sentences.csv")["paraphrase"].tolist() == list("abcdefgh")


@pytest.mark.parametrize(
    ("text", "changed", "line"),
    [
        ("One came.", "One come.", 4),
        ("One came.", "One cam", 4),
        ("One came.", "", 4),
        ("All is well.", "All is well. So it goes.", 9),
    ],
)
def test_the_first_sentence_that_differs_is_named_with_the_words_of_the_page(
    own, text, changed, line
):
    before = (own / "page/sentences.csv").read_bytes()
    write(own, "worklist.csv", read(own, "worklist.csv").replace({"text": {text: changed}}))
    with pytest.raises(DataError, match="1 fault") as error:
        coding.index_page(own, PAGE)
    (fault,) = error.value.faults
    assert (fault.file, fault.line, fault.column) == ("worklist.csv", line, "text")
    assert text in fault.allowed
    assert (own / "page/sentences.csv").read_bytes() == before


def test_a_row_too_many_is_named(own):
    work = read(own, "worklist.csv")
    write(own, "worklist.csv", pd.concat([work, work.tail(1).assign(text="More.")]))
    with pytest.raises(DataError, match=r"line 10, column text: found 'More.'; .*page ends before"):
        coding.index_page(own, PAGE)


def test_words_in_one_sentence_only_need_no_id(own):
    places(own, ("visits", "v1", "", "Two left", "x"))
    indexed(own)
    assert read(own, "page/locators.csv")["sentence"].tolist() == ["p02s2"]


# --- One place more ------------------------------------------------------------------------------

VISIT = "v1,2001,TJK,AZE,not_stated,not_stated,not_stated,not_stated,not_stated,\n"


def add_row(folder: Path) -> None:
    with (folder / "page/visits.csv").open("a", encoding="utf-8") as file:
        file.write(VISIT)


@pytest.mark.parametrize("lists", [True, False])
def test_a_place_is_added_and_its_sentence_coded(own, lists):
    add_row(own)
    if not lists:
        (own / "worklist.csv").unlink()
        (own / "places.csv").unlink()
    assert coding.add_place(own, PAGE, "visits#v1", "It was 2001", states="date 2001") == "p03s3"
    assert coding.add_place(own, PAGE, "visits#v1", "2001", "p03s2", "date 2001") == "p03s2"
    found = read(own, "page/locators.csv")
    expected = sources.locate(PAGE, "It was 2001")
    assert found.loc[0, ["sentence", "sha256"]].tolist() == [
        *expected.loc[0, ["sentence", "sha256"]],
    ]
    assert found["id"].tolist() == ["L001", "L002"]
    coded = read(own, "page/sentences.csv").set_index("id")["coded_as"]
    assert (coded["p03s3"], coded["p03s2"]) == ("visits", "visits")
    if lists:
        assert set(read(own, "worklist.csv")["reason"]) == {""}  # the coder's to fill


@pytest.mark.parametrize(
    ("row", "words", "sentence", "said"),
    [
        ("visits#v2", "It was 2001", "", "names no row"),
        ("trips#v1", "It was 2001", "", "no table 'trips'"),
        ("visits#v1", "2001", "", "p03s2, p03s3: name one with --sentence"),
        ("visits#v1", "It was 2002", "", "copy the words"),
        ("visits#v1", "2001", "p02s1", "p03s2, p03s3"),
    ],
)
def test_what_can_not_be_added_changes_nothing(own, row, words, sentence, said):
    add_row(own)
    before = {path: path.read_bytes() for path in own.rglob("*.csv")}
    with pytest.raises(coding.MisuseError, match=said):
        coding.add_place(own, PAGE, row, words, sentence)
    assert {path: path.read_bytes() for path in own.rglob("*.csv")} == before


def test_a_new_package_does_not_say_that_somebody_looked_elsewhere(tmp_path):
    assert load().looked_up
    coding.new_package(load(), tmp_path / "new", ("AZE", "TJK"))
    assert not load(tmp_path / "new").looked_up


# --- Organizations -------------------------------------------------------------------------------


@pytest.fixture
def new(tmp_path) -> Path:
    coding.new_package(load(), tmp_path / "new", ("AZE", "TJK"))
    return tmp_path / "new"


def test_the_organizations_of_a_pair_come_with_all_that_they_cite(new):
    counts = coding.copy_organizations(load(), new)
    data = load(new)
    assert counts["organizations"] == len(data.organizations) > 1
    both = data.memberships.groupby("organization")["state"].agg(set)
    assert all({"AZE", "TJK"} <= states for states in both)
    assert coding.copy_organizations(load(), new) == dict.fromkeys(counts, 0)


def test_the_spells_of_two_states_are_copied_alone_if_asked(new):
    coding.copy_organizations(load(), new, ["UN"], pair_only=True)
    assert set(load(new).memberships["state"]) == {"AZE", "TJK"}


def test_an_organization_that_is_not_there_is_named(new):
    with pytest.raises(coding.MisuseError, match="no organization NATO"):
        coding.copy_organizations(load(), new, ["UN", "NATO"])
    assert load(new).organizations.empty


def test_a_place_of_a_table_that_does_not_exist_is_refused_by_its_line(own):
    places(own, ("visit", "v1", "p03s3", "2001", "x"))
    with pytest.raises(DataError, match=r"places\.csv, line 2, column table: found 'visit'"):
        coding.index_page(own, PAGE)
