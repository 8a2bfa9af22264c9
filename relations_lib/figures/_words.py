"""Words in figures: dates, ordinals, directions, and their translation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel.dates import get_month_names
from babel.messages.pofile import read_po

from relations_lib.dates import bounds

LOCALE = Path(__file__).parents[1] / "locale"
CAPITALIZED = ("de", "en")  # languages that write months with a capital; Babel gives more
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
LEFT_TO_RIGHT = "\u200e"  # an invisible mark: what follows is ordered from left to right


@lru_cache
def _catalogue(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with path.open("rb") as lines:
        messages = [message for message in read_po(lines) if message.id]  # the head has none
    return {str(message.id): str(message.string) for message in messages if message.string}


@dataclass(frozen=True)
class Words:
    """What translates a figure's words into a language; what its catalogue lacks stays as it is.

    Parameters
    ----------
    language
        Its catalogue is ``locale/<language>/LC_MESSAGES/figures.po``; months are Babel's.

    Examples
    --------
    >>> Words("ru")("visit, on the page"), Words("en")("visit, on the page")
    ('визит, есть на странице', 'visit, on the page')
    """

    language: str

    def __call__(self, text: str) -> str:
        """Return a text in the language."""
        catalogue = _catalogue(LOCALE / self.language / "LC_MESSAGES" / "figures.po")
        return catalogue.get(text, text)


ENGLISH = Words("en")


def _month(number: str, language: str, context: Literal["format", "stand-alone"]) -> str:
    """Return a month's name: ``format`` beside a day, ``stand-alone`` without one."""
    name = get_month_names("wide", context, language)[int(number)]
    return name if language in CAPITALIZED else name.lower()


def _part_words(text: str, translate: Words, days: str = "") -> str:
    """Return a year, a month or a day as one says it; ``days`` may name several of the month."""
    year, *rest = text.split("-")
    if not rest:
        return year
    if len(rest) == 1:
        month = _month(rest[0], translate.language, "stand-alone")
        return translate("{month} {year}").format(month=month, year=year)
    month = _month(rest[0], translate.language, "format")
    day = days or int(rest[1])
    return translate("{day} {month} {year}").format(day=day, month=month, year=year)


def date_words(edtf: str, translate: Words = ENGLISH) -> str:
    """Return a date as one says it, exactly as precise as it is.

    Examples
    --------
    >>> [date_words(text) for text in ("1998", "1995-11", "1993-01-07", "2007-09-12/2007-09-13")]
    ['1998', 'November 1995', '7 January 1993', '12–13 September 2007']
    >>> date_words("2011-11/2012-10")
    'November 2011 to October 2012'
    """
    start, _, end = edtf.partition("/")
    if end in ("", start):
        return _part_words(start, translate)
    days = len(start) == len(end) == 10  # not months or years
    if days and start[:7] == end[:7]:
        first, last = bounds(edtf)
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


def legible(text: object) -> str:
    """Return a label whose arrow points to what follows it, also between right-to-left names.

    Examples
    --------
    >>> legible("A"), len(legible("א → ב")) - len("א → ב")
    ('A', 3)
    """
    label = str(text)
    if "→" not in label:
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
