"""A row more or less stops no notebook and makes no hint of an exercise a right answer."""

from __future__ import annotations

from functools import reduce

import execute
import pytest
from test_changed_rows import (
    a_later_meeting,
    a_sixth_organization,
    a_spell,
    a_visit,
    no_visit,
    with_organization,
    with_row,
)
from test_exercises import SHOWN, Book

from relations_lib import findings, load
from relations_lib.tables import Data

MORE = (a_visit, a_later_meeting, a_spell, a_sixth_organization)
pytestmark = pytest.mark.slow


def more_rows(data: Data) -> Data:
    """Return the data with rows more, and for the visit a place and a row of the ministry's."""
    data = with_row(data, "locators", "L014", id="L900", row="v2013")
    data = with_row(data, "ministry_visits", "SV03", id="SV22", date="2013-05")
    return reduce(lambda so_far, change: change(so_far), MORE, data)


def fewer_rows(data: Data) -> Data:
    """Return the data without a visit, and without what names it."""
    told = data.ministry_visits[data.ministry_visits["id"] != "SV02"]
    rows = data.claims["page_rows"].str.replace("visits#v1995 ", "")
    tables = {"ministry_visits": told, "claims": data.claims.assign(page_rows=rows)}
    return no_visit(Data(data.path, data.schema, data.tables | tables))


def other_organizations(data: Data) -> Data:
    """Return the data with a second universal organization named, and with the treaty of 1992."""
    data = with_row(data, "organizations_named", "o-sco", id="o-cst", organization="CST")
    return with_organization(data, "ITU", "UN", "1994-02-24")


CHANGES = [more_rows, fewer_rows, other_organizations]


@pytest.fixture(scope="module", params=CHANGES, ids=lambda change: change.__name__)
def changed(request):
    """Yield changed data as those of the project, with their findings computed once."""
    data = request.param(load())
    found = findings.compute(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("relations_lib.load", lambda *at: load(*at) if at else data)
        patch.setattr("relations_lib.findings.compute", lambda _: found.copy())
        for shown in ("IPython.display.display", *SHOWN):  # drawn by other tests
            patch.setattr(shown, lambda *_, **__: None)
        yield data


@pytest.mark.parametrize("path", execute.every_notebook(), ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_exercises_check_what_they_ask(changed, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    book = Book(path)
    for key in book.exercises:
        number = key[-1]
        assert book.answer(key, book.names[f"solution_{number}"]).right is True, key
        for answer, hint in book.names[f"wrong_{number}"]:
            if not callable(answer):
                assert book.answer(key, answer).right is False, (key, answer, hint)
