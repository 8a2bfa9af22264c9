"""Imprecise dates: bounds against the calendar and against an independent EDTF parser."""

from datetime import date, datetime

import edtf
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relations_lib import dates


def part(precision: str):
    days = st.dates(date(1000, 1, 1), date(9999, 12, 31))
    cut = {"year": 4, "month": 7, "day": 10}[precision]
    return days.map(lambda day: day.isoformat()[:cut])


parts = st.one_of(part("year"), part("month"), part("day"))


@settings(deadline=None)  # the referee is slow
@given(parts)
def test_bounds_agree_with_the_edtf_package(text):
    referee = edtf.parse_edtf(text)
    first, last = dates.bounds(text)
    assert first.timetuple()[:3] == referee.lower_strict()[:3]
    assert last.timetuple()[:3] == referee.upper_strict()[:3]


@given(parts, parts)
def test_an_interval_runs_from_first_to_last_or_is_refused(one, two):
    (a, a_end), (b, b_end) = dates.bounds(one), dates.bounds(two)
    if b < a or b_end < a_end:
        with pytest.raises(ValueError, match="backwards"):
            dates.bounds(f"{one}/{two}")
    else:
        assert dates.bounds(f"{one}/{two}") == (a, b_end)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "93", "1993-1", "1993-13", "1993-00", "1993-02-29", "1995-11-31", "0000"),
        *("1993/", "/1993", "1993/..", "../1993", "1993/1994/1995", "2007-09-13/2007-09-12"),
        *("January 1993", "1993-01-07T10:10", "1993~", "199X", "1993-01-07 ", "１９９３", "-1993"),
    ],
)
def test_what_is_no_plain_date_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is no date") as error:
        dates.bounds(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("value", [2007, None, b"2007", 2007.0])
@pytest.mark.parametrize("run", [dates.bounds, dates.precision])
def test_what_is_no_text_is_refused_by_name(run, value):
    with pytest.raises(ValueError, match=f"{value!r} is no date: not a text"):
        run(value)


def test_a_leap_day_ends_february():
    assert dates.bounds("2000-02")[1] == date(2000, 2, 29)
    assert dates.bounds("1900-02")[1] == date(1900, 2, 28)


def test_precision_says_how_wide_a_date_is():
    texts = ["1993-01-07", "1995-11", "1998", "2007-09-12/2007-09-13", "1998-01-01/1998-01-01"]
    assert [dates.precision(t) for t in texts] == ["day", "month", "year", "interval", "day"]


def test_day_bounds_keep_the_index_and_what_is_missing():
    series = pd.Series(["1998", None, pd.Timestamp("2001-05-04 12:00")], index=[7, 8, 9])
    table = dates.day_bounds(series)
    assert table.index.tolist() == [7, 8, 9]
    assert table.loc[7].dt.strftime("%F").tolist() == ["1998-01-01", "1998-12-31"]
    assert table.loc[8].isna().all()
    assert (table.loc[9] == pd.Timestamp("2001-05-04")).all()


def test_a_whole_number_is_a_year_and_no_other_number_is_a_date():
    table = dates.day_bounds(pd.Series([1998, 2001]))
    assert table["latest"].dt.strftime("%F").tolist() == ["1998-12-31", "2001-12-31"]
    for number in (20070912, 1998.0):
        with pytest.raises(ValueError, match=f"row 0: .*{number}"):
            dates.day_bounds(pd.Series([number]))


def test_day_bounds_name_the_row_that_is_wrong():
    with pytest.raises(ValueError, match=r"row 1: '1998-13' is no date"):
        dates.day_bounds(["1998", "1998-13"])


@pytest.mark.parametrize("value", [b"2001", ["2001"], ("2001",), {"year": 2001}])
def test_day_bounds_name_the_row_of_a_cell_that_is_no_date(value):
    with pytest.raises(ValueError, match=r"row 2: .*2001.* is no date"):
        dates.day_bounds([None, "1998", value, pd.Timestamp("1999-05-04"), 2000])


@pytest.mark.parametrize(
    "value",
    [
        *(date(1993, 1, 7), datetime(1993, 1, 7, 10), "1993-01-07", pd.Timestamp("1993-01-07")),
        *(np.datetime64("1993-01-07"), np.datetime64("1993-01-07T10:00"), "1993-01-07/1993-01-07"),
    ],
)
def test_a_day_is_a_day_in_every_form(value):
    assert dates.as_date(value) == date(1993, 1, 7)


@pytest.mark.parametrize("value", ["1993", pd.NaT, None])
def test_what_is_less_than_a_day_is_refused(value):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        dates.as_date(value)


@pytest.mark.parametrize(
    "value", ["2007", 2007, np.int64(2007), 2007.0, True, np.datetime64("2007")]
)
def test_a_number_is_no_day(value):
    with pytest.raises(ValueError, match="is not one day: give YYYY-MM-DD"):
        dates.as_date(value)


@pytest.mark.parametrize("value", [b"2007", ["2007-01-01"], np.True_])
def test_a_day_of_no_known_kind_is_refused(value):
    with pytest.raises(ValueError, match="is no date"):
        dates.as_date(value)


def test_years_are_days_over_365_and_a_quarter():
    assert dates.years_between("1993-01-07", "1997-01-07") == 1461 / 365.25
