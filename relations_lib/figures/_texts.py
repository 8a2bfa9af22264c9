"""Figures with their words: templates from ``texts.toml``, filled and translated."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from pandas.api.types import is_numeric_dtype

from relations_lib.figures._marks import empty
from relations_lib.figures._show import Figure, Look
from relations_lib.figures._words import Words, date_words

Translate = Callable[[str], str]
LONGEST = 300  # characters of an alternative text


@lru_cache
def texts() -> dict[str, dict[str, Any]]:
    """Return the texts of every figure by its name."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def figure(
    name: str,
    drawing: Callable[[Look], Axes],
    values: pd.DataFrame,
    facts: Mapping[str, Any],
    *,
    title: str = "title",
    drawn: Mapping[str, Any] | None = None,
    translate: Translate = str,
) -> Figure:
    """Return a figure with the words of its name, filled with facts.

    Parameters
    ----------
    facts
        What the templates' fields become; ``title`` and ``caption`` may be given ready made.
    title
        Which of the figure's titles it has.
    drawn
        Whether that is drawn on which entries of the key depend, by the names given there.
    """
    own = texts()[name]
    made = dict(facts)
    for part in ("title", "caption", "alt"):
        template = own.get(title if part == "title" else part, "")
        if part not in made:
            made[part] = translate(template).format(**made).strip()
    key = []
    for mark, words, *needed in own["key"]:
        if not needed or (drawn or {}).get(needed[0]):
            key.append((mark, translate(words).format(**made)))
    alt = made["alt"] if len(made["alt"]) <= LONGEST else made["alt"][: LONGEST - 1] + "…"
    found = Figure(drawing, made["title"], alt, made["caption"], key, values)
    if not isinstance(translate, Words) or translate.language == "en":
        return found
    shown = _translated(values, translate)
    fold, listed = translate(found.fold), translate(found.listed)
    return replace(found, values=shown, fold=fold, listed=listed)


def _translated(values: pd.DataFrame, translate: Translate) -> pd.DataFrame:
    """Return a figure's values with names of columns, words and dates in its language."""
    found = values.copy()
    for column in found:
        if column == "date":
            found[column] = [date_words(date, translate) for date in found[column]]
        elif not is_numeric_dtype(found[column]):
            found[column] = [translate(text) if text else text for text in found[column]]
    return found.rename(columns=translate)


def nothing(name: str, translate: Translate = str) -> Figure:
    """Return the figure of this name that says why nothing is drawn."""
    words = translate(texts()[name].get("nothing", "There are no rows to draw"))
    return Figure(lambda look: empty(look, words), words, words, words)
