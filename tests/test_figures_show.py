"""What a reader sees of a table or a figure, whatever the data."""

from __future__ import annotations

import pandas as pd
import pytest

from relations_lib import figures


def cells(value: object, spec: str | None = None) -> str:
    html = figures.table_html(pd.DataFrame({"first": ["x"], "v": [value]}), "Values", {"v": spec})
    return html.partition("<td")[2].partition(">")[2].partition("</td>")[0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2001.0, "2001"), (1030.5, "1030.5"), (999.96, "1000"), (0.04567, "0.0457"), (3.0, "3")],
)
def test_a_number_is_short_and_a_year_stays_a_year(value, shown):
    assert cells(value) == shown


def test_a_missing_value_is_a_dash_and_a_tiny_one_no_zero():
    assert [cells(value) for value in (None, float("nan"), pd.NA, pd.NaT)] == ["–"] * 4
    assert cells(6.9e-13) == "6.9e-13"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        (["1998", "2007-09-12/2007-09-13", None], "date"),
        ([pd.Timestamp("1998-01-01")], "date"),
        (["x" * 36, ""], "long"),
        (["in 1998", "2007-09"], None),
        ([True, False], None),
    ],
)
def test_a_column_is_set_by_what_it_holds(values, kind):
    html = figures.table_html(pd.DataFrame({"first": "x", "v": pd.Series(values)}), "Values")
    assert html.count(f'class="{kind}"') == (0 if kind is None else 1 + len(values))


def test_the_names_of_columns_are_words():
    html = figures.table_html(pd.DataFrame({"first_name": ["a_b"]}), "Values")
    assert ">first name<" in html
    assert ">a_b<" in html


def test_a_stated_format_is_kept():
    assert cells(1030.5, ".2f") == "1030.50"


def test_text_of_the_data_is_no_markup():
    assert "&lt;b&gt;" in cells("<b>")


@pytest.mark.parametrize(("alt", "caption"), [("", "a caption"), ("an alternative text", " ")])
def test_a_figure_without_words_is_refused(alt, caption):
    with pytest.raises(ValueError, match="alternative text and a caption"):
        figures.figure_html(figures.new_axes(), alt, caption)
