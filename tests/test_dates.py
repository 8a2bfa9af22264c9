"""Imprecise dates: bounds against the calendar and against an independent EDTF parser."""

from datetime import date, datetime
from itertools import product

import edtf
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relations_lib import dates


def part(precision: str):
    days = st.dates(date(1000, 1, 1), date(9999, 12, 31))
    cut = {"year": 4, "month": 7, "day": 10}[precision]
    return days.map(lambda day: day.isoformat()[:cut])


parts = st.one_of(part("year"), part("month"), part("day"))


@pytest.mark.thorough
@given(parts)
def test_bounds_agree_with_the_edtf_package(text):
    referee = edtf.parse_edtf(text)
    first, last = dates.bounds(text)
    assert first.timetuple()[:3] == referee.lower_strict()[:3]
    assert last.timetuple()[:3] == referee.upper_strict()[:3]


@given(parts, parts)
def test_an_interval_runs_from_first_to_last_unless_it_ends_before_it_begins(one, two):
    (a, _), (_, b_end) = dates.bounds(one), dates.bounds(two)
    if b_end < a:
        with pytest.raises(ValueError, match="ends before it begins"):
            dates.bounds(f"{one}/{two}")
    else:
        assert dates.bounds(f"{one}/{two}") == (a, b_end)


# Examples of the specification (levels 0 and 1) and of the tests of public implementations
# (edtf-validate, python-edtf, undate), with the days that they mean.
EXACT = {
    "1985-04-12": ("1985-04-12", "1985-04-12"),
    "1985-04": ("1985-04-01", "1985-04-30"),
    "1985-04-12T23:20:30": ("1985-04-12", "1985-04-12"),
    "1985-04-12T23:20:30Z": ("1985-04-12", "1985-04-12"),
    "1985-04-12T23:20:30-04": ("1985-04-12", "1985-04-12"),
    "1985-04-12T23:20:30+04:30": ("1985-04-12", "1985-04-12"),
    "1964/2008": ("1964-01-01", "2008-12-31"),
    "2004-06/2006-08": ("2004-06-01", "2006-08-31"),
    "2004-02-01/2005-02": ("2004-02-01", "2005-02-28"),
    "2005/2006-02": ("2005-01-01", "2006-02-28"),
    "1111-01-01/1111": ("1111-01-01", "1111-12-31"),
    "201X": ("2010-01-01", "2019-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "2004-XX": ("2004-01-01", "2004-12-31"),
    "1985-04-XX": ("1985-04-01", "1985-04-30"),
    "1985-XX-XX": ("1985-01-01", "1985-12-31"),
    "2004-06-XX/2004-07-03": ("2004-06-01", "2004-07-03"),
    "198X/199X": ("1980-01-01", "1999-12-31"),
}
QUALIFIED = [
    *("1984?", "2004-06~", "2004-06-11%", "201X?", "1984~/2004-06", "1984/2004-06~", "1984?/2004%"),
    *("2004-06~/2004-06-11%", "1984-06-02?/", "../1984~"),
]
ONE_BOUND = {
    "1985-04-12/..": "end (open)",
    "1985/..": "end (open)",
    "1985-04-12/": "end (unknown)",
    "../1985-04": "start (open)",
    "/1985": "start (unknown)",
}
REFUSED = {
    "a year outside 0001 to 9999": ["-1985", "Y170000002", "Y-170000002", "-2004-06-01/", "Y17E7"],
    "not in four digits without sign and Y": ["Y9999", "Y1702", "-04"],
    "not in the calendar": ["0000", "1960-06-31", "2016-02-39", "2016-13-08", "1993-00", "000X"],
    "seasons": ["2001-21", "2003-22", "2001-34", "1923-21/1924"],
    "level 2": ["2004?-06-11", "2004-06~-11", "2004-?06", "1984?~", "2004-06-~01/2004-06-~20"],
    "others are level 2": [
        "156X-12-25",
        "1560-XX-25",
        "XXXX-12-XX",
        "1984-1X",
        "1993-XX-XX-XX",
        "2XXX",
        "1XXX~",
    ],
    "significant digits": ["1950S2"],
    "a set of dates": ["[1667, 1760-12]", "{1960, 1961-12}", "[..1760-12-03]"],
    "a time is that of a whole day": [
        *("1993-01-07T10:10", "2012-10-10T1:10:10", "2012-10-10T25:10:10"),
        *("2012-10-10T10:10:10Z10", "1985-04-12T23:20:30/1986", "1985T10:10:10"),
        *("20XXT10:10:10", "1985-04-XXT10:10:10", "2016-05-02T12:00:00+15"),
        *("2016-05-02T12:00:00-00:00", "2016-05-02T12:00:00+14:01"),
    ],
    "ends before it begins": ["2012/2011", "0001/0000-01", "2007-09-13/2007-09-12"][::2],
    "more than two dates": ["1993/1994/1995", "2012///4444"],
    "no bound on either side": ["/", "../..", "../"],
    "not an EDTF date": [
        *(
            "",
            " ",
            "93",
            "197?",
            "19~",
            "1993-1",
            "January 1993",
            "last May?",
            "1993-01-07 ",
            "1863- 03-29",
        ),
        *("１９９３", "20070912", "199u", "unknown/2006", "2004-01-01/open", "y2006", "+2006"),
        *("2012-10-10t10:10:10", "2000/12-12", "Yesterday", "Xmas 1993", ".."),
    ],
}


@pytest.mark.parametrize("text", EXACT)
def test_what_has_exact_bounds_is_read(text):
    assert [day.isoformat() for day in dates.bounds(text)] == [*EXACT[text]]


@pytest.mark.parametrize("text", [text for text in EXACT if "T" not in text])
def test_the_edtf_package_reads_the_same_days(text):
    referee = edtf.parse_edtf(text)
    first, last = dates.bounds(text)
    assert first.timetuple()[:3] == referee.lower_strict()[:3]
    assert last.timetuple()[:3] == referee.upper_strict()[:3]


@pytest.mark.parametrize("text", QUALIFIED)
def test_a_qualified_date_is_kept_and_not_computed_with_until_its_doubt_is_said(text):
    window = ("1900-01-01", "2020-12-31")
    assert any(part.flag for part in dates.parse(text))
    for run in (dates.bounds, dates._start):
        with pytest.raises(ValueError, match=r"no exact bounds.*give doubt") as error:
            run(text, window, None)
        assert repr(text) in str(error.value)
        run(text, window, 30)


def test_a_doubt_widens_only_the_side_that_is_qualified():
    assert dates.bounds("1984~/2004-06", doubt=31) == (date(1983, 12, 1), date(2004, 6, 30))
    assert dates.bounds("1984/2004-06~", doubt=1) == (date(1984, 1, 1), date(2004, 7, 1))
    assert dates.bounds("1984", doubt=31) == dates.bounds("1984")
    assert dates.bounds("0001?", doubt=99)[0] == date.min
    for doubt in (-1, 1.5):
        with pytest.raises(ValueError, match="whole number of days"):
            dates.bounds("1984?", doubt=doubt)


def test_gaps_need_an_earliest_and_a_later_end_of_every_event():
    for earliest, latest in (([5, 1], [2, 3]), ([1, 2], [2, np.nan]), ([1, 2], [3])):
        with pytest.raises(ValueError, match="give both"):
            dates.gap_bounds(np.array(earliest), np.array(latest))


@pytest.mark.parametrize("text", ONE_BOUND)
def test_a_side_without_a_bound_is_bounded_by_a_window_only(text):
    with pytest.raises(ValueError, match="give a window") as error:
        dates.bounds(text)
    assert ONE_BOUND[text] in str(error.value)
    first, last = dates.bounds(text, window=("1980-02-01", "1999-03-01"))
    assert (first == date(1980, 2, 1)) is ("start" in ONE_BOUND[text])
    assert (last == date(1999, 3, 1)) is ("end" in ONE_BOUND[text])


def test_a_window_never_turns_a_date_around():
    assert dates.bounds("../1985-04-12", ("1990-01-01", None)) == (date(1985, 4, 12),) * 2
    assert dates.bounds("1985-04-12/", (None, "1980-01-01")) == (date(1985, 4, 12),) * 2


def test_open_and_unknown_sides_are_kept_apart():
    assert dates.parse("1985/..")[1].precision == "open"
    assert dates.parse("1985/")[1].precision == "unknown"
    assert dates.parse("/1985")[0].precision == "unknown"


REASONS = [(reason, text) for reason, texts in REFUSED.items() for text in texts]


@pytest.mark.parametrize(("reason", "text"), REASONS)
def test_what_is_not_read_is_refused_for_its_true_reason(reason, text):
    for run in (dates.parse, dates.bounds):
        with pytest.raises(ValueError, match="is no date") as error:
            run(text)
        assert repr(text) in str(error.value)
        assert reason in str(error.value)


def test_a_duration_begins_in_its_first_part_and_no_later_than_it_ends():
    texts = ["2007-09-12/2007-09-13", "1995/1995-03", "1995-11", "1995-11/..", "1995-11/"]
    found = dates.start_bounds(texts)
    assert found["earliest"].dt.strftime("%F").tolist() == [
        *("2007-09-12", "1995-01-01", "1995-11-01", "1995-11-01", "1995-11-01")
    ]
    assert found["latest"].dt.strftime("%F").tolist() == [
        *("2007-09-12", "1995-03-31", "1995-11-30", "1995-11-30", "1995-11-30")
    ]
    with pytest.raises(ValueError, match=r"row 0: '\.\./1995' has no bound at its start"):
        dates.start_bounds(["../1995"])
    opened = dates.start_bounds(["../1995"], ("1993-01-07", None))
    assert opened.iloc[0].dt.strftime("%F").tolist() == ["1993-01-07", "1995-12-31"]


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=2, max_size=5)


@given(SPANS)
def test_gap_bounds_are_those_of_all_datings_however_dates_overlap(pairs):
    earliest, latest = [a for a, _ in pairs], [a + w for a, w in pairs]
    ranges = [range(a, b + 1) for a, b in zip(earliest, latest, strict=True)]
    gaps = np.diff(np.sort([*product(*ranges)], axis=1), axis=1)
    least, greatest = dates.gap_bounds(np.array(earliest), np.array(latest))
    assert least.tolist() == gaps.min(axis=0).tolist()
    assert greatest.tolist() == gaps.max(axis=0).tolist()


def test_one_event_has_no_gap():
    assert [len(gaps) for gaps in dates.gap_bounds(np.array([1]), np.array([3]))] == [0, 0]


def test_a_window_counts_its_first_and_its_last_day():
    assert dates.window_days("2001-01-01", "2001-01-31") == 31
    assert dates.window_days("2001-01-01", "2001-01-01") == 1
    with pytest.raises(ValueError, match="swap the two"):
        dates.window_days("2001-01-02", "2001-01-01")


@pytest.mark.parametrize("value", [2007, None, b"2007", 2007.0])
@pytest.mark.parametrize("run", [dates.bounds, dates.precision])
def test_what_is_no_text_is_refused_by_name(run, value):
    with pytest.raises(ValueError, match=f"{value!r} is no date: not a text"):
        run(value)


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
    with pytest.raises(ValueError, match=r"row 0: .*20070912"):
        dates.day_bounds(pd.Series([20070912]))


@pytest.mark.parametrize("kind", [float, np.float32])
def test_a_year_that_became_a_float_is_refused_with_the_remedy(kind):
    with pytest.raises(ValueError, match=r'row 0: .*1998\.0.*astype\("Int64"\)'):
        dates.day_bounds(pd.Series([1998, None], dtype=kind))


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


def test_years_between_are_days_over_365_and_a_quarter():
    assert dates.years_between("1993-01-07", "1997-01-07") == 1461 / 365.25
