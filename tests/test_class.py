"""Paper for a class and the book on paper, made of the rendered site: what stands on it."""

from __future__ import annotations

import re
from pathlib import Path

import _class
import _pdf
import pytest
from bs4 import BeautifulSoup

CHAPTERS = _class.chapters()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHAPTERS, reason="no site here: run make first"),
]


def words(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def page_count(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf.read_bytes()))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_five_exercises_to_print(chapter):
    numbers = [words(str(task))[:2] for task in _class.exercises(chapter)]
    assert numbers == [f"{n}." for n in range(1, 6)]


def test_each_exercise_has_room_to_write_and_no_solution():
    html = _pdf.on_paper(_class.worksheets())
    sheet = BeautifulSoup(html, "html.parser")
    tasks = sheet.select(".exercise")
    assert len(tasks) == 5 * len(CHAPTERS)
    assert all(len(task.select(".room hr")) == _class.LINES for task in tasks)
    assert not sheet.select("details, form, .try")
    for chapter in CHAPTERS:
        for told in _class.solutions(chapter).find_all("p"):
            assert words(str(told)) not in words(html)


def test_the_coding_sheet_has_a_row_for_each_sentence_and_no_trap():
    sheet = BeautifulSoup(_class.coding_sheet(), "html.parser")
    names = [row.td.get_text() for row in sheet.select(".form tr") if row.td]
    assert names[0] == "p00s1"
    assert len(names) == len(set(names)) == len(sheet.blockquote.select("code"))
    assert "defensible" not in sheet.get_text()


def test_every_chapter_has_explained_solutions():
    sheets = BeautifulSoup(_class.answers(), "html.parser").select(".sheet")
    assert all(len(part.find_all("summary")) == 5 for part in sheets[: len(CHAPTERS)])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_printed_solution_of_a_closed_question_names_the_answer(chapter):
    folds = _class.solutions(chapter).select("details[open] summary")
    *closed, sentence = [fold.get_text() for fold in folds]
    assert all(re.search(r": \w", heading) for heading in closed)
    assert ":" not in sentence


def test_the_slides_tell_three_lessons_and_describe_every_figure():
    slides = BeautifulSoup(_class.slides(), "html.parser")
    assert len(slides.select("h1")) == 3
    images = slides.select("img")
    assert images
    assert all(image["alt"].strip() for image in images)


def test_every_slide_has_something_to_show_below_its_heading():
    for slide in BeautifulSoup(_class.slides(), "html.parser").select(".sheet"):
        assert slide.select("h1 ~ p, img, td, blockquote p, h2 ~ p, section p"), slide.get_text()


def test_a_link_to_a_heading_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"guide.html has no heading with the address #nothing"):
        _class.target("#nothing", "")


def test_a_question_stands_on_a_slide_of_its_own_before_its_answer():
    slides = BeautifulSoup(_class.slides(), "html.parser").select(".sheet")
    asked = [slide for slide in slides if slide.h2 and "?" in slide.h2.text]
    assert asked
    for question, answer in zip(asked[::2], asked[1::2], strict=True):
        assert question.h2 == answer.h2
        assert not question.select("img, table")
        assert answer.select("img, table, blockquote, h2 ~ p")


def test_a_slide_has_the_exercises_that_its_row_names():
    names = _class.named_exercises(CHAPTERS[1], "Exercises one, four and five of it")
    assert [words(str(task))[:2] for task in names] == ["1.", "4.", "5."]
    assert len(_class.named_exercises(CHAPTERS[1], "Exercises one to four of it")) == 4


def test_links_within_the_book_and_code_do_not_reach_paper():
    links = '<a href="a.html#b">here</a>, <a href="https://example.org">there</a>'
    code = '<details class="admonition hide">1 + 1</details>'
    assert _pdf.on_paper(links + code) == links.replace('<a href="a.html#b">here</a>', "here")


def test_the_whole_book_carries_its_figures_and_leads_nowhere_outside_of_it():
    book = BeautifulSoup(_pdf.whole(_pdf.SITE), "html.parser")
    titles = [heading.get_text() for heading in book.select("article h1")]
    assert len(titles) == len(set(titles)) > 2 * len(CHAPTERS)
    assert all(image["src"].startswith("data:image/svg") for image in book.select("img"))
    assert not [link for link in book.select("a[href]") if "://" not in link["href"]]


def test_without_a_browser_the_papers_are_pages_to_print_from_any_other(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(_class, "browser", lambda: "")
    assert _class.print_papers(tmp_path) == 1
    said = capsys.readouterr().err
    assert "Chromium" in said
    assert said.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.html" for name in _class.PAPERS}


@pytest.mark.browser
def test_the_papers_print_and_the_method_card_is_one_page(tmp_path):
    if not _class.browser():
        pytest.skip("needs a Chromium")
    assert _class.print_papers(tmp_path) == 0
    assert {path.stem for path in tmp_path.glob("*.pdf")} == set(_class.PAPERS)
    assert page_count(tmp_path / "method_card.pdf") == 1
    site = tmp_path / "from the site.pdf"
    _pdf.print_page(_pdf.SITE / "teaching/method_card.html", site)
    assert page_count(site) == 1
    slides = len(BeautifulSoup(_class.slides(), "html.parser").select(".sheet"))
    assert page_count(tmp_path / "slides.pdf") == slides
