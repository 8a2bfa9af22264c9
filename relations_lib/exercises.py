"""Exercises that answer back, and how far two coders agree.

``check`` compares a reader's answer with what the data give at that moment; nothing is stored.
It says what it looked at and what it did not, has a hint for each listed mistake, and leaves an
unanswered exercise in peace, so that a whole notebook always runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
UNANSWERED = "Not answered yet: put your answer in place of the dots above, run both cells."


@dataclass(frozen=True)
class Feedback:
    """What a check says: ``right`` (None while unanswered) and a text, shown as it is."""

    right: bool | None
    text: str

    def __repr__(self) -> str:
        return self.text


def _plain(value: Any) -> Any:
    """Return a value for comparison: text without case, outer dots and doubled spaces."""
    if isinstance(value, str):
        return " ".join(value.split()).strip(" .)").casefold()
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Series):
        return sorted((_plain(item) for item in value), key=repr)
    return value.item() if isinstance(value, np.generic) else value


def _meets(answer: Any, wanted: Any, within: float) -> bool:
    """Tell whether an answer is the wanted value (numbers: within so much), or meets a test."""
    try:
        if callable(wanted):
            return bool(wanted(answer))
        one, other = _plain(answer), _plain(wanted)
        if isinstance(one, Real) and isinstance(other, Real) and not isinstance(one, bool):
            return abs(float(one) - float(other)) <= within * ROUNDING
        return type(one) is type(other) and one == other
    except Exception:  # whatever a reader writes, a notebook runs on
        return False


def _meant(answer: Any, right: Any) -> Any:
    """Return what an answer in another form may mean: what a list of one holds, a quoted number."""
    try:
        value = answer
        if np.ndim(value) and np.size(value) == 1:
            value = np.ravel(list(value))[0]
        if isinstance(value, str) and isinstance(right, bool | np.bool_):
            return {"true": True, "false": False}[_plain(value)]
        number = isinstance(value, str) and isinstance(right, Real)
        return float(value.strip(" %")) if number else value
    except Exception:  # it can't be read otherwise
        return answer


# A number halfway between two roundings is as far from either, but for the last binary digit.
ROUNDING = 1 + 1e-9
SLIPS = ((100, "percent"), (0.01, "a share"), (-1, "a number of the other sign"))


def _hint(answer: Any, right: Any, wrong: Iterable[tuple[Any, str]], within: float) -> str:
    """Return the hint for the first mistake that fits: a listed one, the form, a factor."""
    for value, hint in wrong:
        near = min(within, abs(float(value)) / 4) if isinstance(value, Real) else within
        if _meets(answer, value, near):
            return f" Hint: {hint}"
    if callable(right) or isinstance(answer, dict):
        return ""
    meant = _meant(answer, right)
    if meant is not answer and _meets(meant, right, within):
        return " Hint: the value is right, its form is not: no quotes, no list around it."
    numbers = isinstance(right, Real) and not isinstance(right, bool | np.bool_)
    for factor, name in SLIPS if numbers else ():
        if right and _meets(answer, factor * right, abs(factor) * within):
            return f" Hint: right but for the form, this would be {name}."
    return ""


def _shown(answer: Any) -> str:
    """Return an answer as it is quoted back, shortened, whatever it is."""
    try:
        text = f"{answer!r:.60}"
    except Exception:  # such as an integer of thousands of digits
        text = "an answer that can't be shown"
    return f" The data give something else than {text} ({type(answer).__name__})."


def check(
    answer: Any,
    right: Any,
    checked: str,
    unchecked: str,
    wrong: Iterable[tuple[Any, str]] = (),
    within: float = 1e-9,
) -> Feedback:
    """Return what to tell a reader about an answer.

    It never raises, whatever the answer.

    Parameters
    ----------
    answer
        What the reader wrote; ``...`` or None is no answer yet.
    right
        The right value, computed from the data, or a function from an answer to true or false.
        Text is compared without case and outer dots; lists and sets without order.
    checked, unchecked
        What this check looks at, and what it can't judge, each as the end of a sentence.
    wrong
        Pairs of a wrong value (or a function) and the hint for it; the first that fits counts.
        Without one that fits, a right value in the wrong form (quoted, in a list, as percent,
        with the other sign) gets a hint of its own.
    within
        Greatest distance at which two numbers count as equal: half a unit of the last digit
        asked for.

    Examples
    --------
    >>> check(4, 5, "the count", "the reason", wrong=[(4, "Count the last one too.")])
    Not yet. Hint: Count the last one too.
    Checked: the count. Not checked: the reason.
    >>> check("Two ", right="two", checked="the word", unchecked="nothing more").right
    True
    """
    if answer is None or answer is ...:
        return Feedback(None, UNANSWERED)
    done = _meets(answer, right, within)
    hint = "" if done else _hint(answer, right, wrong, within) or _shown(answer)
    verdict = "Right." if done else f"Not yet.{hint}"
    return Feedback(done, f"{verdict}\nChecked: {checked}. Not checked: {unchecked}.")


def check_sentence(
    sentence: Any, wrong: Sequence[tuple[Callable, str]], checked: str, unchecked: str
) -> Feedback:
    """Return what to tell a reader about a sentence: the first listed mistake that it makes.

    A sentence without a listed mistake may still be wrong, so the verdict says only that.

    Parameters
    ----------
    sentence, checked, unchecked
        As for ``check``.
    wrong
        Pairs of a test of the sentence (see ``says`` and ``claims``) and the hint for it.

    Examples
    --------
    >>> wrong = [(says("page", said=False), "Who says so?")]
    >>> check_sentence("They met often.", wrong, "the source", "the rest").right
    False
    """
    told = check(
        sentence, lambda text: not any(t(text) for t, _ in wrong), checked, unchecked, wrong
    )
    verdict = "None of the listed mistakes; this is no mark. Compare it with the explanation below."
    return Feedback(
        told.right, told.text.replace("Right.", verdict, 1) if told.right else told.text
    )


def says(pattern: str, said: bool = True) -> Callable[[str], bool]:
    """Return a test of whether a sentence says something, or (``said=False``) lacks it.

    Parameters
    ----------
    pattern
        A regular expression, in upper or lower case alike.

    Examples
    --------
    >>> says("four|4")("The page records four visits."), says("four|4", said=False)("Many.")
    (True, True)
    """
    return lambda sentence: (re.search(pattern, sentence, re.IGNORECASE) is not None) is said


DOUBT = (
    r"\b(whether|if|cannot|can't|not|\w+n't|nobody|no one|none|never|neither|nothing|nor|unclear"
    r"|unknown|too (few|short|little|small))\b"
)


def claims(pattern: str) -> Callable[[str], bool]:
    """Return a test of whether a sentence claims something: no word of doubt goes before it.

    Of several sentences each is judged alone: doubt in one does not undo the claim of the next.

    Parameters
    ----------
    pattern
        A regular expression, in upper or lower case alike.

    Examples
    --------
    >>> test = claims("more often")
    >>> test("They come more often."), test("Nobody can tell who comes more often.")
    (True, False)
    """

    def claimed(sentence: str) -> bool:
        for match in re.finditer(pattern, sentence, re.IGNORECASE):
            before = sentence[: match.start()]
            if not re.search(DOUBT, before, re.IGNORECASE):
                return True
        return False

    def test(text: str) -> bool:
        return any(claimed(sentence) for sentence in re.split(r"[.!?;]\s", text))

    return test


def in_words(count: int) -> str:
    """Return a small count as a word.

    Examples
    --------
    >>> in_words(4), in_words(40)
    ('four', '40')
    """
    return WORDS[count] if count < len(WORDS) else str(count)


def counts(count: int) -> str:
    """Return the pattern of a count in a sentence, in digits or as a word, for ``says``.

    Examples
    --------
    >>> says(counts(4))("Four visits."), says(counts(4))("four hundred visits")
    (True, False)
    """
    return rf"\b({count}|{in_words(count)})\b(?! (hundred|thousand|million)|[.,]\d)"


class Agreement(NamedTuple):
    """How far two coders agree; see ``agreement``."""

    units: int
    agreed: int
    share: float
    low: float
    high: float
    by_chance: float
    kappa: float
    caution: str


def agreement(codings_a: pd.Series, codings_b: pd.Series, level: float = 0.95) -> Agreement:
    """Return percent agreement and Cohen's kappa of two coders.

    The unit of observation is one thing that both coded, such as a sentence. Codes for missing
    values are codes like others: two coders who both find no date agree. A code of several words
    is a set of words: ``agreements visits`` and ``visits agreements`` agree.

    Parameters
    ----------
    codings_a, codings_b
        The code of every unit; the index names the unit, in any order.
    level
        Confidence level of the interval.

    Returns
    -------
    Agreement
        ``units``, ``agreed``, ``share`` with its exact (Clopper-Pearson) interval ``low`` to
        ``high``; ``by_chance``, the share expected if each kept the frequencies of their codes
        but dealt them out at random; ``kappa`` = (share - by_chance) / (1 - by_chance), NaN where
        chance agreement is certain; ``caution``, in words.

    Raises
    ------
    ValueError
        If the units are not the same, one is named twice or has no code, or there are none.

    References
    ----------
    Cohen, Educational and Psychological Measurement 20 (1960), 37-46.

    Examples
    --------
    >>> one, other = pd.Series(list("xxyy")), pd.Series(list("xxyx"))
    >>> found = agreement(one, other)
    >>> found.share, found.by_chance, found.kappa
    (0.75, 0.5, 0.5)
    """
    from scipy.stats import binomtest

    alone = codings_a.index.symmetric_difference(codings_b.index)
    unique = codings_a.index.is_unique and codings_b.index.is_unique
    if codings_a.empty or len(alone) or not unique:
        raise ValueError(f"both code the same units, each once; by one alone: {list(alone)[:5]}")
    one, other = codings_a, codings_b.reindex(codings_a.index)
    if one.isna().any() or other.isna().any():
        raise ValueError(f"no code for {one.index[one.isna() | other.isna()][0]!r}: give one")
    one, other = (
        codes.map(lambda code: " ".join(sorted(code.split())) if isinstance(code, str) else code)
        for codes in (one, other)
    )
    units, agreed = len(one), int((one == other).sum())
    shares = one.value_counts(normalize=True), other.value_counts(normalize=True)
    chance = float(shares[0].mul(shares[1], fill_value=0).sum().round(12))
    low, high = binomtest(agreed, units).proportion_ci(level)
    kappa = (agreed / units - chance) / (1 - chance) if chance < 1 else float("nan")
    step = f"about {1 / units / (1 - chance):.2f}" if chance < 1 else "any amount"
    caution = (
        f"{units} units: agreement on many more could be anything from {low:.0%} to {high:.0%}; "
        f"one unit more or less moves kappa by {step}."
    )
    return Agreement(units, agreed, agreed / units, low, high, chance, kappa, caution)
