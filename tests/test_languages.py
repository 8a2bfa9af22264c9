"""Figures and pages in other languages: every text is there, and says as much as ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from test_figures import collisions

from relations_lib import figures, load
from relations_lib.figures import _map, _timeline, _words

PAGES = Path(__file__).parents[1] / "notebooks/site/languages"
LANGUAGES = sorted(folder.name for folder in _words.LOCALE.iterdir())
PAGES_IN = sorted(page.stem for page in PAGES.glob("*.md"))
MAKERS = {"start": figures.start, "timeline": figures.timeline, "map": figures.visit_map}
FIELDS = re.compile(r"\{\w+\}")


def catalogue(language: str) -> dict[str, str]:
    with (_words.LOCALE / language / "LC_MESSAGES" / "figures.po").open("rb") as lines:
        return {str(entry.id): str(entry.string) for entry in read_po(lines) if entry.id}


@pytest.fixture(scope="module")
def data():
    return load()


@pytest.fixture(scope="module")
def asked(data) -> set[str]:
    """All texts that the figures ask for, wide and narrow."""
    found = set()

    class Heard(_words.Words):
        def __call__(self, text: str) -> str:
            found.add(text)
            return super().__call__(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_timeline, "Words", Heard)
        patch.setattr(_map, "Words", Heard)
        for maker in MAKERS.values():
            made = maker(data, language="ru")
            for look in figures.LOOKS[::2]:
                made.draw(look)
    return {text for text in found if re.search(r"[A-Za-z]", FIELDS.sub("", text))}


def missing(known: dict[str, str], texts: set[str]) -> list[str]:
    return sorted(text for text in texts if not known.get(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_figures_is_missing(asked, language):
    assert len(asked) > 60
    assert missing(catalogue(language), asked) == []


def test_a_text_that_is_missing_is_named(asked):
    known = catalogue("ru") | {"visit, on the page": ""}
    known.pop("Dushanbe")
    assert missing(known, asked) == ["Dushanbe", "visit, on the page"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_ours_does(language):
    for ours, theirs in catalogue(language).items():
        assert set(FIELDS.findall(theirs)) == set(FIELDS.findall(ours)), ours


@pytest.mark.parametrize("language", ["kk", "ru", "tg"])  # all written in Cyrillic
@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_alternative_texts_are_whole_and_in_the_language(data, maker, language):
    alt = maker(data, language=language).alt
    assert not alt.endswith("…")
    assert not re.search(r"[A-Za-z]{2}", alt)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("look", figures.LOOKS[::2], ids=lambda look: look.width)
def test_no_label_of_a_translated_map_hides_another_or_is_cut(data, language, look):
    assert collisions(figures.visit_map(data, language=language).draw(look)) == []


def test_an_empty_text_stays_empty_in_every_language():
    assert [figures.Words(language)("") for language in LANGUAGES] == [""] * len(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("ru", "1 марта 2020 г.", "март 2020 г."),
        ("tg", "1 марти соли 2020", "марти соли 2020"),
        ("kk", "2020 жылғы 1 наурыз", "2020 жылғы наурыз"),
        ("en", "1 March 2020", "March 2020"),
    ],
)
def test_dates_are_said_as_the_language_says_them(language, day, month):
    translate = figures.Words(language)
    assert figures.date_words("2020-03-01", translate) == day
    assert figures.date_words("2020-03", translate) == month


def test_a_range_of_days_stays_in_one_place():
    said = figures.date_words("2007-09-12/2007-09-13", figures.Words("kk"))
    assert said == "2007 жылғы 12–13 қыркүйек"


@pytest.mark.parametrize("language", PAGES_IN)
def test_a_page_of_each_language_names_it_and_rests_on_the_same_findings(language):
    text = (PAGES / f"{language}.md").read_text(encoding="utf-8")
    ours = (PAGES / "en.md").read_text(encoding="utf-8")
    assert text.startswith(f"---\nlang: {language}\n")
    assert sorted(tags(text)) == sorted(tags(ours))
    assert set(re.findall(r"\]\((\w\w)\.md\)", text)) == {*PAGES_IN} - {language}


def tags(text: str) -> set[str]:
    return set(re.findall(r"<!--(.*?)-->", text)) - {"fixed"}
