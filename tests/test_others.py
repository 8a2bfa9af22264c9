"""Tests of what stands beside the pair, as tables of its partners."""

from __future__ import annotations

import pandas as pd
import pytest

from relations_lib import Data, load, others, pairs


@pytest.fixture(scope="module")
def data() -> Data:
    return load()


def seen_from(data: Data, home: str, partner: str) -> Data:
    about = data.schema["about"] | {"states": [home, partner]}
    return Data(data.path, data.schema | {"about": about}, data.tables)


def test_the_rows_of_a_pair_are_found_whichever_state_stands_first(data):
    rows = others.of_pair(data, data.votes)
    assert set(rows["state_a"]) | set(rows["state_b"]) == {"TJK", "KAZ"}
    turned = seen_from(data, "KAZ", "TJK")
    pd.testing.assert_frame_equal(others.of_pair(turned, turned.votes), rows)


def test_two_states_agree_as_much_from_either_side(data):
    one = others.vote_partners(data).set_index("partner").loc["KAZ"]
    other = others.vote_partners(seen_from(data, "KAZ", "TJK")).set_index("partner").loc["TJK"]
    columns = ["joint", "identical", "opposite", "as_vote", "half", "dropped", "kappa"]
    assert one[columns].tolist() == pytest.approx(other[columns].tolist())


def test_a_partner_seldom_met_is_not_ranked(data):
    partners = others.vote_partners(data)
    met = data.votes_partners.query("state == 'TJK'")
    joint = met[pairs.CELLS].sum(axis=1)
    assert set(met.loc[joint < 182, "partner"]).isdisjoint(partners["partner"])
    assert len(partners) == (joint >= 182).sum() == 190


def test_only_visits_until_the_day_count_and_the_last_day_is_one_of_the_years(data):
    early = others.visit_table(data, pd.Timestamp("2001-07-06")).set_index("partner")
    assert (early.loc["UKR", "visits"], early.loc["KAZ", "visits"]) == (1, 3)
    assert early.loc["KAZ", "years"] == pytest.approx(3103 / 365.25)


def test_a_session_is_not_later_than_the_report_of_it(data):
    recent = others.session_table(data).query("state == 'KAZ'").iloc[0]
    assert (recent["first"], recent["last"]) == (17, 19)
    reported = pd.Timestamp("2023-05-02")  # of the 17th, dated to the year alone
    shortest = (pd.Timestamp("2025-08-08") - reported).days / 365.25
    assert recent["fastest"] == pytest.approx(2 / shortest)


def test_a_report_of_the_day_before_makes_no_session_end_before_it_begins(data):
    rates = others.session_table(data).set_index("state")
    day = data.commission_numbers.set_index("id").loc["CN021", "date_latest"]
    assert rates.loc["IRN", "end"] == day > pd.Timestamp("2023-12-27")
    assert (rates["slowest"] <= rates["fastest"]).all()


def test_single_sessions_are_told_to_give_no_rate(data):
    alone = data.commission_numbers.head(1)
    few = {"commission_numbers": alone, "sessions_elsewhere": data.sessions_elsewhere.head(0)}
    with pytest.raises(ValueError, match="no commission has two sessions"):
        others.session_table(Data(data.path, data.schema, data.tables | few))


MAKERS = {
    "votes_partners": others.vote_partners,
    "ministry_pages": others.visit_table,
    "commission_numbers": others.session_table,
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_package_without_a_table_is_told_that_nothing_stands_beside(data, name):
    bare = Data(data.path, data.schema, {n: t for n, t in data.items() if n != name})
    with pytest.raises(ValueError, match="no tables on other pairs"):
        MAKERS[name](bare)
