"""Index and locators against copies of a page: harm is reported at its place, harmless is not."""

import os
from pathlib import Path

import pandas as pd
import pytest

from relations_lib import DataError, load, sources

PAGE = """Two towns and their bridge

05.06.2011 12:00

The towns of Upper and Lower Ford signed a treaty in May, 1990. N. Brook opened “Unity”, a bridge.

Ferries ran twice – in 1991 and 1993. Since then nobody’s ferry runs. All is well.
"""
SPANS = {
    "t1": "signed a treaty in May, 1990",
    "b1": "N. Brook opened",
    "f1": "1991",
    "f2": "1993",
}


@pytest.fixture
def coded() -> dict[str, pd.DataFrame]:
    places = pd.concat([sources.locate(PAGE, words) for words in SPANS.values()])
    locators = places.assign(id=[f"L{n:03d}" for n in range(1, 5)], table="events", row=list(SPANS))
    page = pd.DataFrame({"sha256": [sources.sha256(sources.normalize(PAGE))]})
    return {"page": page, "sentences": sources.sentence_index(PAGE), "locators": locators}


def check(coded, old="", new="") -> list[tuple[str, str, str]]:
    assert old in PAGE
    found = sources.verify(coded, PAGE.replace(old, new, 1))
    return list(found[["place", "problem", "rows"]].itertuples(index=False, name=None))


def test_initials_do_not_end_a_sentence(coded):
    assert coded["sentences"]["id"].tolist() == [
        *("p00s1", "p01s1", "p02s1", "p02s2", "p03s1", "p03s2", "p03s3"),
    ]


def test_the_page_itself_agrees(coded):
    assert check(coded) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("“Unity”", '"Unity"'),
        ("“Unity”", "«Unity»"),
        ("twice – in", "twice - in"),
        ("nobody’s", "nobody's"),
        ("\n\nFerries", "\nFerries"),
        ("The towns of", "The  towns\u00a0of"),
        ("treaty in", "treaty\nin"),
        ("bridge", "brid\u00adge"),
        ("05.06.2011 12:00\n", "05.06.2011 12:00\r\n"),
    ],
)
def test_white_space_quotation_marks_and_dashes_do_no_harm(coded, old, new):
    assert check(coded, old, new) == []


def test_a_changed_date_is_reported_with_the_row_that_rests_on_it(coded):
    assert check(coded, "May, 1990", "May, 1989") == [
        ("p02s1", "sentence changed", "events#t1"),
        ("L001 in p02s1", "span not found", "events#t1"),
    ]


def test_a_change_beside_a_span_leaves_the_span_found(coded):
    assert check(coded, "Ferries ran", "Boats ran") == [
        ("p03s1", "sentence changed", "events#f1 events#f2"),
    ]


def test_a_dropped_sentence_is_reported_at_its_place(coded):
    assert check(coded, "Since then nobody’s ferry runs. ") == [("p03s2", "sentence missing", "")]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("Since then", "Then came 1995. Since then", "after p03s1"),
        ("Two towns", "Menu Home Two towns", "start of the copy"),
        ("All is well.\n", "All is well. So it goes.", "after p03s3"),
        ("All is well.", "All is well. All is well.", "after p03s3"),
    ],
)
def test_an_added_sentence_is_reported_at_its_place(coded, old, new, place):
    assert check(coded, old, new) == [(place, "text not in the index", "")]


def test_a_line_break_after_a_hyphen_does_no_harm(coded):
    page = PAGE.replace("and their bridge", "and their toll-free bridge")
    again = coded | {"sentences": sources.sentence_index(page), "locators": coded["locators"][:0]}
    again["page"] = pd.DataFrame({"sha256": [sources.sha256(sources.normalize(page))]})
    assert sources.verify(again, page.replace("toll-free", "toll-\nfree")).empty


def test_a_change_does_not_hide_the_same_words_added_elsewhere(coded):
    text = PAGE.replace("May, 1990", "June, 1990") + "\nUpper\n"
    found = sources.verify(coded, text)
    assert ("after p03s3", "Upper") in set(zip(found["place"], found["detail"], strict=True))


def test_one_of_two_neighbors_dropped_and_the_other_changed_is_not_decided(coded):
    text = PAGE.replace("Since then nobody’s ferry runs. All is well.", "All was well.")
    found = sources.verify(coded, text)
    assert found["place"].tolist() == ["p03s2", "p03s3"]
    assert set(found["problem"]) == {"sentence changed or missing"}


@pytest.mark.parametrize("text", ["", "Another page.\n"])
def test_a_text_that_holds_nothing_of_the_page_is_one_mismatch(coded, text):
    assert sources.verify(coded, text)["problem"].tolist() == ["nothing of the page was found"]


def test_sentences_in_another_order_are_reported(coded):
    moved = "Since then nobody’s ferry runs. Ferries ran twice – in 1991 and 1993."
    found = check(
        coded, "Ferries ran twice – in 1991 and 1993. Since then nobody’s ferry runs.", moved
    )
    assert [(place, problem) for place, problem, _ in found] == [("p03s2", "sentence moved")]


def test_a_wrong_span_in_the_locators_is_reported(coded):
    coded["locators"] = coded["locators"].assign(start=coded["locators"]["start"] + 1)
    assert {problem for _, problem, _ in check(coded)} == {"span not found"}


def test_a_wrong_hash_of_the_page_is_reported(coded):
    coded["page"] = coded["page"].assign(sha256="0" * 64)
    assert check(coded) == [("page", "hash of the whole page differs", "page#page")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("signed", "sig-\nned"),
        ("signed", "sig\u00ad\nned"),
        ("Ferries ran twice – in 1991", "Fer-\nries ran twice – in １９９１"),
        ("Two towns", "Two to-\r\nwns"),
    ],
)
def test_what_pdf_and_word_processors_do_to_words_does_no_harm(coded, old, new):
    assert check(coded, old, new) == []


def test_a_ligature_is_the_letters_it_joins():
    page = "Title\nAn official office of five official officers."
    data = {
        "page": pd.DataFrame({"sha256": [sources.sha256(sources.normalize(page))]}),
        "sentences": sources.sentence_index(page),
        "locators": sources.locate(page, "five").assign(id="L1", table="events", row="a"),
    }
    copy = page.replace("ffi", "ﬃ").replace("fi", "ﬁ")
    assert copy != page
    assert sources.verify(data, copy).empty


def test_a_hyphen_of_the_page_at_a_line_s_end_is_kept_beside_a_word_broken_there(coded):
    page = PAGE.replace("and their bridge", "and their toll-free bridge")
    again = coded | {"sentences": sources.sentence_index(page), "locators": coded["locators"][:0]}
    again["page"] = pd.DataFrame({"sha256": [sources.sha256(sources.normalize(page))]})
    copy = page.replace("toll-free", "toll-\nfree").replace("bridge\n", "bri-\ndge\n")
    assert sources.verify(again, copy).empty


def test_a_word_changed_beside_a_broken_one_is_still_reported(coded):
    found = check(coded, "signed a treaty", "sig-\nned a pact")
    assert ("p02s1", "sentence changed", "events#t1") in found


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("H.E. Mr. A. Person came. He left.", ["H.E. Mr. A. Person came.", "He left."]),
        ("Gen. Person came on Jan. 5, 2002.", ["Gen. Person came on Jan. 5, 2002."]),
        ("See Art. 5. It ends.", ["See Art. 5.", "It ends."]),
        ("Подписано 75 док., ст. 5. Всё.", ["Подписано 75 док., ст. 5.", "Всё."]),
        ("两国建交。签署了条约！好", ["两国建交。", "签署了条约！", "好"]),
        ("هل تم؟ نعم تم", ["هل تم؟", "نعم تم"]),
    ],
)
def test_common_abbreviations_do_not_end_a_sentence_and_foreign_marks_do(paragraph, sentences):
    assert sources.split_sentences(paragraph) == sentences


def test_of_two_equal_sentences_in_a_row_each_has_its_own_place():
    page = "A title\nYes. Yes. No."
    index = sources.sentence_index(page)
    found = sources.find_sentences(index, page)
    starts = found["at"].tolist()
    assert starts == sorted(set(starts))


def test_sentences_without_a_space_between_are_found_where_they_stand():
    index = sources.sentence_index("题目\n两国建交。签署了条约！")
    assert index[["id", "start", "end"]].to_numpy().tolist() == [
        ["p00s1", 0, 2],
        ["p01s1", 3, 8],
        ["p01s2", 8, 14],
    ]
    page = pd.DataFrame(
        {"sha256": [sources.sha256(sources.normalize("题目\n两国建交。签署了条约！"))]}
    )
    locators = sources.locate(index, "条约").assign(id="L1", table="events", row="a")
    data = {"page": page, "sentences": index, "locators": locators}
    assert sources.verify(data, "题目\n\n两国建交。签署了条约！\n").empty


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (b"<!DOCTYPE html><html><p>Two towns</p>", "HTML"),
        (b"Two towns<br>and their bridge", "HTML"),
        ("Two towns".encode("utf-16"), "byte 0xff"),
        ("тест".encode("cp1251"), "byte 0x"),
        (b"word " * 1_000_000, "5,000,000 characters"),
    ],
)
def test_a_file_that_is_no_page_in_plain_text_is_refused_in_one_fault(tmp_path, content, found):
    (tmp_path / "page.txt").write_bytes(content)
    with pytest.raises(DataError, match="1 fault") as error:
        sources.read_page(tmp_path / "page.txt")
    assert found in str(error.value)
    assert "open it in a browser" in str(error.value)


def test_words_that_stand_nowhere_are_refused():
    with pytest.raises(ValueError, match="copy the words"):
        sources.locate(PAGE, "a tunnel")


@pytest.mark.skipif(
    not os.environ.get("RELATIONS_PAGE"),
    reason="RELATIONS_PAGE is unset: name your own copy of the page to check the data against it",
)
def test_the_coded_data_agree_with_the_readers_copy_of_the_page():
    text = Path(os.environ["RELATIONS_PAGE"]).read_text(encoding="utf-8")
    data = load()
    assert sources.verify(data, text).empty
    index = sources.sentence_index(text).drop(columns="text")
    pd.testing.assert_frame_equal(index, data.sentences[index.columns], check_dtype=False)
