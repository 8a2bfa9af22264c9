"""A row more or less makes sentences false: each is named, and refresh renews its numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from prose import prose_faults, renewed
from test_prose import PROSE, all_faults, cells

from relations_lib import findings, load
from relations_lib.dates import day_bounds
from relations_lib.tables import Data

OWN = ["visits", "cadence", "network", "page", "checks"]  # sections that rest on the rows changed
EACH_WAY = "each way<!--is visits.direction.count.TJK_to_KAZ = visits.direction.count.KAZ_to_TJK-->"
pytestmark = pytest.mark.slow


def with_row(data: Data, table: str, like: str, **cells_of: str) -> Data:
    """Return the data with one row more, like another but for some cells."""
    rows = data[table]
    row = rows[rows["id"] == like].assign(**cells_of)
    assert len(row) == 1, f"{table} has no row {like} to take for a model: name another"
    for name in {"date", "start"} & set(cells_of):
        bounds = day_bounds(row[name])
        row[f"{name}_earliest"] = bounds["earliest"]
        row[f"{name}_latest"] = bounds["latest"]
    longer = pd.concat([rows, row], ignore_index=True)
    return Data(data.path, data.schema, data.tables | {table: longer})


def a_visit(data: Data) -> Data:
    return with_row(data, "visits", "v2000", id="v2013", date="2013-05")


def a_late_visit(data: Data) -> Data:
    return with_row(data, "visits", "v1995", id="v2015", date="2015-09")


def no_visit(data: Data) -> Data:
    rows = data.visits[data.visits["id"] != "v1995"].reset_index(drop=True)
    return Data(data.path, data.schema, data.tables | {"visits": rows})


def a_meeting(data: Data) -> Data:
    return with_row(data, "meetings", "m2009", id="m2010", date="2010")


def a_later_meeting(data: Data) -> Data:
    return with_row(data, "meetings", "m2012", id="m2013", date="2013")


def a_spell(data: Data) -> Data:
    spell = {"id": "SCO-BLR-1", "state": "BLR", "start": "2010-06-11"}
    return with_row(data, "memberships", "SCO-UZB-1", **spell)


def with_organization(data: Data, name: str, like: str, start: str) -> Data:
    """Return the data with one organization more that the page names, and four members of it."""
    row = {"id": f"o-{name.lower()}", "organization": name}
    data = with_row(data, "organizations_named", "o-sco", **row)
    data = with_row(data, "organizations", like, id=name, cow_code=name)
    for state in ("TJK", "KAZ", "KGZ", "UZB"):
        spell = {"id": f"{name}-{state}-1", "state": state, "organization": name}
        data = with_row(data, "memberships", "SCO-UZB-1", start=start, **spell)
    return data


def a_sixth_organization(data: Data) -> Data:
    return with_organization(data, "OIC", "SCO", "1995-12-12")


CHANGES = {
    a_visit: ("visits.count", "went each way"),
    a_late_visit: ("page.newest_year", "tells of nothing after 2013"),
    no_visit: ("visits.count", "Each gap is longer than the one before"),
    a_meeting: ("meetings.count", "Neither settles it"),
    a_later_meeting: ("meetings.count", "weak evidence at best"),
    a_spell: ("network.states_in_all", "Kyrgyzstan and Russia"),
    a_sixth_organization: ("page.rows.organizations_named", "**No"),
}


def numbers(data: Data, sections: list[str]) -> dict[str, dict[str, float]]:
    """Return the numbers of every finding of some sections."""
    table = findings.collect(data, sections)[0].set_index("key")[["value", "low", "high", "n"]]
    return table.astype(float).to_dict("index")


@pytest.fixture(scope="module")
def beside(published) -> dict[str, dict[str, float]]:
    others = published[published.index.str.startswith("others.")]
    return others[["value", "low", "high", "n"]].astype(float).to_dict("index")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_sentence_that_became_false_is_named_and_its_number_renewed(change, beside):
    known = numbers(change(load()), OWN) | beside
    faults = all_faults(PROSE, known)
    texts = {place: text for path in PROSE for place, text in cells(path).items()}
    key, words = CHANGES[change]
    assert [fault for fault in faults if "no longer true" in fault and words in fault]
    counting = [place for place, text in texts.items() if f"<!--{key}-->" in text]
    assert counting, f"no prose names {key}"
    unnamed = [place for place in counting if not any(key in f for f in faults if place in f)]
    assert unnamed == []
    left = [
        f"{place}: {fault}"
        for place, text in texts.items()
        for fault in prose_faults(renewed(text, known)[0], known)
    ]
    by_hand = ("no longer true", "names no finding")  # words of claims; numbers that are gone
    assert [fault for fault in left if not any(words in fault for words in by_hand)] == []


def test_words_that_a_visit_makes_false_are_named_and_left_to_the_author():
    assert prose_faults(EACH_WAY, numbers(load(), ["visits"])) == []
    known = numbers(a_visit(load()), ["visits"])
    assert "no longer true" in prose_faults(EACH_WAY, known)[0]
    text, told = renewed(EACH_WAY, known)
    assert text == EACH_WAY
    assert len(told) == 1
