"""Words in figures: dates, ordinals, directions, and their translation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from relations_lib.dates import bounds, precision

LOCALE = Path(__file__).parents[1] / "locale"
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
LEFT_TO_RIGHT = "\u200e"  # an invisible mark: what follows is ordered from left to right


@lru_cache
def _catalogue(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as lines:
        messages = read_po(lines)
    return {str(message.id): str(message.string) for message in messages if message.string}


@dataclass(frozen=True)
class Words:
    """What translates a figure's words into a language; what its catalogue lacks stays as it is."""

    language: str

    def __call__(self, text: str) -> str:
        """Return a text in the language."""
        catalogue = _catalogue(LOCALE / self.language / "LC_MESSAGES" / "figures.po")
        return catalogue.get(text, text)


def words(language: str) -> Words:
    """Return what translates a figure's words.

    Parameters
    ----------
    language
        Its catalogue is ``locale/<language>/LC_MESSAGES/figures.po``; months are Babel's.

    Examples
    --------
    >>> words("en")("visit, on the page")
    'visit, on the page'
    """
    return Words(language)


CAPITALIZED = ("de",)  # languages that write months with a capital; Babel gives more


def _month(
    number: int, translate: Callable[[str], str], context: Literal["format", "stand-alone"]
) -> str:
    """Return a month's name: ``format`` beside a day, ``stand-alone`` without one."""
    if not isinstance(translate, Words) or translate.language == "en":
        return MONTHS[number - 1]
    from babel import UnknownLocaleError
    from babel.dates import get_month_names

    try:
        name = get_month_names("wide", context, translate.language)[number]
    except UnknownLocaleError:
        return translate(MONTHS[number - 1])
    return name if translate.language in CAPITALIZED else name.lower()


def _part_words(text: str, translate: Callable[[str], str], days: str = "") -> str:
    """Return a year, a month or a day as one says it; ``days`` may name several of the month."""
    year, *rest = text.split("-")
    if not rest:
        return year
    number = int(rest[0])
    if not rest[1:]:
        month = _month(number, translate, "stand-alone")
        return translate("{month} {year}").format(month=month, year=year)
    month = _month(number, translate, "format")
    day = days or str(int(rest[1]))
    return translate("{day} {month} {year}").format(day=day, month=month, year=year)


def date_words(edtf: str, translate: Callable[[str], str] = str) -> str:
    """Return a date as one says it, exactly as precise as it is.

    Examples
    --------
    >>> [date_words(text) for text in ("1998", "1995-11", "1993-01-07", "2007-09-12/2007-09-13")]
    ['1998', 'November 1995', '7 January 1993', '12–13 September 2007']
    >>> date_words("2011-11/2012-10")
    'November 2011 to October 2012'
    """
    first, last = bounds(edtf)
    if "/" not in edtf:
        return _part_words(edtf, translate)
    start, end = edtf.split("/")
    same_month = (first.year, first.month) == (last.year, last.month)
    if precision(edtf) == "day":
        return _part_words(start, translate)
    if same_month and len(start) == len(end) == 10:
        return _part_words(end, translate, f"{first.day}–{last.day}")
    return translate("{first} to {last}").format(
        first=_part_words(start, translate),
        last=_part_words(end, translate),
    )


def count_word(count: int, none: str = "none") -> str:
    """Return a small number as a word.

    Examples
    --------
    >>> count_word(0), count_word(4), count_word(12)
    ('none', 'four', '12')
    """
    words = (none, *NUMBERS)
    return words[count] if count < len(words) else str(count)


def ordinal(number: int) -> str:
    """Return a number as an ordinal.

    Examples
    --------
    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    teen = number // 10 % 10 == 1
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if teen else endings.get(number % 10, "th")
    return f"{number}{ending}"


def legible(text: object) -> str:
    """Return a label whose arrow points to what follows it, also between right-to-left names.

    Examples
    --------
    >>> legible("A → B")
    'A → B'
    >>> len(legible("א → ב")) - len("א → ב")
    3
    """
    label = str(text)
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in label)
    if not turned or "→" not in label:
        return label
    return LEFT_TO_RIGHT + label.replace("→", f"{LEFT_TO_RIGHT}→{LEFT_TO_RIGHT}")


def joined(parts: list[str]) -> str:
    """Return a list as one says it: a, b and c.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = parts or ["none"]
    return f"{', '.join(most)} and {last}" if most else last
