"""Tests of what sets one pair beside others."""

import os
import runpy
from itertools import combinations
from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import gamma, nbinom

from relations_lib import load, pairs

# Hospital ward counts: events and exposures that differ more than one rate would make them.
COUNTS = [4, 1, 0, 6, 3, 12]
EXPOSURES = [20.15, 20.1, 18.57, 20.85, 20.39, 9.5]


def marginal(shape, mean, counts=COUNTS, exposures=EXPOSURES):
    ahead = mean * np.array(exposures)
    return nbinom.logpmf(counts, shape, shape / (shape + ahead)).sum()


# --- Partial pooling -----------------------------------------------------------------------------


def test_no_other_law_makes_the_counts_likelier():
    found = pairs.pool(COUNTS, EXPOSURES)
    searched = minimize(lambda x: -marginal(*np.exp(x)), np.zeros(2), tol=1e-12)
    assert not found.complete
    assert marginal(found.shape, found.mean) >= -searched.fun - 1e-9
    assert np.exp(searched.x) == pytest.approx([found.shape, found.mean], rel=1e-4)


def test_a_pooled_rate_is_the_mean_of_its_gamma_posterior():
    found = pairs.pool(COUNTS, EXPOSURES)
    for count, exposure, row in zip(COUNTS, EXPOSURES, found.table.itertuples(), strict=True):
        law = gamma(found.shape + count, scale=1 / (found.shape / found.mean + exposure))
        assert row.pooled == pytest.approx(law.mean())
        assert (row.low, row.high) == pytest.approx(law.interval(0.95))


def test_each_rate_is_drawn_toward_the_mean_of_all_and_never_past_it():
    found = pairs.pool(COUNTS, EXPOSURES)
    for row in found.table.itertuples():
        assert min(row.rate, found.mean) <= row.pooled <= max(row.rate, found.mean)


@pytest.mark.parametrize("counts", [[3, 3, 3], [2, 3, 4], [0, 0], [1, 0]])
def test_counts_no_more_unlike_than_chance_are_pooled_completely(counts):
    found = pairs.pool(counts, [10.0] * len(counts))
    assert found.complete
    assert found.shape == inf
    assert set(found.table["pooled"]) == {sum(counts) / (10 * len(counts))}
    if sum(counts):
        held = [marginal(shape, found.mean, counts, [10] * len(counts)) for shape in (1, 10, 1e4)]
        assert held == sorted(held), "the likelihood rises without end"


def test_a_law_of_ones_own_may_be_given():
    """Gelman and others, section 2.6: Gamma(3, 5), 3 events in 2.0: posterior Gamma(6, 7)."""
    found = pairs.pool([3], [2.0], law=(3, 5))
    assert found.table.loc[0, "pooled"] == pytest.approx(6 / 7)
    assert found.table.loc[0, "high"] == pytest.approx(gamma.ppf(0.975, 6, scale=1 / 7))


def test_one_case_alone_is_refused():
    with pytest.raises(ValueError, match="two or more"):
        pairs.pool([4], [20])


# --- Votes ---------------------------------------------------------------------------------------


def drawn(voters=7, rolls=60, seed=5):
    """Return random votes, some missing, some absent as rows."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "voter": np.repeat([f"V{name}" for name in range(voters)], rolls),
            "roll_call": np.tile(np.arange(rolls), voters),
            "vote": random.choice(["yes", "abstain", "no", None], voters * rolls),
        }
    )
    return table[random.random(len(table)) < 0.9].sample(frac=1, random_state=seed)


def joined(votes):
    """Return the cells as a merge of the votes with themselves counts them."""
    cast = votes.dropna()
    both = cast.merge(cast, on="roll_call", suffixes=("_a", "_b")).query("voter_a < voter_b")
    cell = both["vote_a"] + "_" + both["vote_b"]
    table = pd.crosstab([both["voter_a"], both["voter_b"]], cell)
    return table.reindex(columns=pairs.CELLS, fill_value=0)


def test_matrix_products_count_what_a_merge_counts():
    found = pairs.cells_of_all(drawn()).set_index(["voter_a", "voter_b"])
    assert found.index.tolist() == list(combinations([f"V{name}" for name in range(7)], 2))
    pd.testing.assert_frame_equal(found, joined(drawn()), check_dtype=False, check_names=False)


def test_voters_who_never_met_share_no_roll_call():
    votes = pd.DataFrame({"voter": ["A", "B"], "roll_call": [1, 2], "vote": "yes"})
    found = pairs.agreement(pairs.cells_of_all(votes)).iloc[0]
    assert found["joint"] == 0
    assert found[["as_vote", "half", "dropped", "kappa"]].isna().all()


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        ({"voter": ["A"], "roll_call": [1], "vote": ["aye"]}, "'aye'"),
        ({"voter": ["A", "A"], "roll_call": [1, 1], "vote": ["yes", "no"]}, "votes twice"),
        ({"voter": ["A", "A"], "roll_call": [1, 1], "vote": ["yes", "yes"]}, "votes twice"),
    ],
)
def test_votes_that_are_none_or_two_are_refused(votes, words):
    with pytest.raises(ValueError, match=words):
        pairs.cells_of_all(pd.DataFrame(votes))


def cells(*counts):
    return pd.DataFrame([counts], columns=pairs.CELLS)


def test_an_abstention_counts_as_a_vote_half_way_or_not():
    """10 roll calls: 4 yes-yes, 1 no-no, 1 abstain-abstain, 3 yes-abstain, 1 yes-no."""
    found = pairs.agreement(cells(4, 3, 1, 0, 1, 0, 0, 0, 1)).iloc[0]
    assert found[["joint", "identical", "opposite"]].tolist() == [10, 6, 1]
    assert found["as_vote"] == pytest.approx(6 / 10)
    assert found["half"] == pytest.approx((6 + 3 / 2) / 10)
    assert found["dropped"] == pytest.approx(5 / 6)


def test_kappa_is_that_of_published_examples():
    """Fleiss, Levin and Paik (2003), table 18.1: 0.676; two raters who always say one thing."""
    found = pairs.agreement(cells(75, 1, 4, 5, 4, 1, 0, 0, 10)).iloc[0]
    assert found["kappa"] == pytest.approx(0.676, abs=5e-4)
    assert found["as_vote"] == pytest.approx(0.89)
    assert isnan(pairs.agreement(cells(9, 0, 0, 0, 0, 0, 0, 0, 0)).iloc[0]["kappa"])


def test_kappa_is_the_formula_of_its_definition():
    votes = pairs.cells_of_all(drawn(3))
    found = pairs.agreement(votes)
    for place, row in votes.iterrows():
        table = row[pairs.CELLS].to_numpy(dtype=float).reshape(3, 3)
        shares = table / table.sum()
        chance = shares.sum(axis=0) @ shares.sum(axis=1)
        expected = (np.trace(shares) - chance) / (1 - chance)
        assert found.loc[place, "kappa"] == pytest.approx(expected)


def test_kappa_is_that_of_statsmodels():
    from statsmodels.stats.inter_rater import cohens_kappa

    votes = pairs.cells_of_all(drawn(4))
    for (_, row), kappa in zip(votes.iterrows(), pairs.agreement(votes)["kappa"], strict=True):
        table = row[pairs.CELLS].to_numpy(dtype=float).reshape(3, 3)
        assert kappa == pytest.approx(cohens_kappa(table).kappa)


def test_agreement_does_not_ask_who_comes_first():
    votes = pairs.cells_of_all(drawn(4))
    names = {cell: "_".join(reversed(cell.split("_"))) for cell in pairs.CELLS}
    turned = pairs.agreement(votes.rename(columns=names))
    pd.testing.assert_frame_equal(pairs.agreement(votes), turned)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="no_no"):
        pairs.agreement(cells(*range(9)).drop(columns="no_no"))


# --- Rank and sessions ---------------------------------------------------------------------------


def test_a_rank_is_the_number_above_and_one():
    assert pairs.rank(5, [9, 5, 5, 2, nan]) == 2
    assert pairs.rank(5, []) == 1
    with pytest.raises(ValueError, match="no place"):
        pairs.rank(nan, [1, 2])


def dated(*rows):
    table = pd.DataFrame(rows, columns=["number", "earliest", "latest"])
    for name in ("earliest", "latest"):
        table[name] = pd.to_datetime(table[name])
    return table


def test_a_rate_of_sessions_knows_how_well_its_dates_are_known():
    found = pairs.session_rate(
        dated((5, "2010-01-01", "2010-12-31"), (3, "2000-01-01", "2000-01-01"))
    )
    assert (found["first"], found["last"], found["gaps"]) == (3, 5, 2)
    assert found["slowest"] == pytest.approx(2 / 11, rel=1e-2)
    assert found["fastest"] == pytest.approx(2 / 10, rel=1e-2)
    assert found["low"] < found["slowest"] < found["fastest"] < found["high"]


def test_of_two_reports_of_one_session_either_may_be_right():
    others = [(1, "2000-01-01", "2000-01-01"), (2, "2004-01-01", "2004-01-01")]
    sooner, later = (9, "2010-01-01", "2010-01-01"), (9, "2015-01-01", "2015-01-01")
    both = pairs.session_rate(dated(*others, sooner, later))
    assert both["fastest"] == pairs.session_rate(dated(*others, sooner))["fastest"]
    assert both["slowest"] == pairs.session_rate(dated(*others, later))["slowest"]


def test_one_session_or_no_time_between_two_has_no_rate():
    with pytest.raises(ValueError, match="two numbered"):
        pairs.session_rate(dated((1, "2000-01-01", "2000-01-01")))
    with pytest.raises(ValueError, match="no time"):
        pairs.session_rate(dated((1, "2000-01-01", "2000-12-31"), (2, "2000-06-01", "2001-01-01")))
    with pytest.raises(ValueError, match="ends before it begins"):
        pairs.session_rate(dated((1, "2000-01-02", "2000-01-01"), (2, "2001-01-01", "2001-01-01")))


# --- The world -----------------------------------------------------------------------------------


def test_the_rank_of_a_pair_is_that_among_all_pairs_of_the_world():
    data = load()
    world = data.votes_world.query("measure == 'identical_share'")
    row = data.votes_by_period.query("period == '1993-2013'").iloc[0]
    share = row["identical"] / row["both_voted"]
    above = world.loc[world["low"] > share, "pairs"].sum()
    inside = world.loc[(world["low"] <= share) & (share < world["high"]), "pairs"].sum()
    assert above < row["rank_identical"] <= above + inside


@pytest.mark.slow
@pytest.mark.skipif(
    not {"RELATIONS_UNVOTES", "RELATIONS_COW"} & set(os.environ), reason="no original data set"
)
def test_the_tables_on_others_are_those_the_original_gives():
    compare = runpy.run_path(str(load().path / "rebuild.py"))["compare"]
    assert [name for name, alike in compare() if not alike] == []


# Shapes and exposures for which the profile of the likelihood has its maximum at infinity and a
# greater one elsewhere, or two maxima.
UNEVEN = [
    ([0, 2, 11, 1, 0], [5, 0.1, 50, 0.1, 0.7]),
    ([2, 10], [0.1, 30]),
    ([11, 2, 6, 20, 0], [4.661, 0.022, 6.866, 33.363, 0.66]),
    ([860, 940], [1, 1]),
]


@pytest.mark.parametrize(("counts", "exposures"), UNEVEN)
def test_no_law_on_a_grid_is_likelier_than_the_likeliest(counts, exposures):
    found = pairs.pool(counts, exposures)
    seen, watched = np.array(counts), np.array(exposures)

    def likelihood(shape, mean):
        return nbinom.logpmf(seen, shape, shape / (shape + mean * watched)).sum()

    assert not found.complete
    shapes = np.exp(np.arange(-5, 9, 0.5))
    means = np.exp(np.arange(-3, 8, 0.25))
    best = max(likelihood(shape, mean) for shape in shapes for mean in means)
    assert likelihood(found.shape, found.mean) >= best


def test_hardly_different_large_counts_are_pooled_completely():
    assert pairs.pool([869, 929], [1, 1]).complete


@pytest.mark.parametrize(
    ("counts", "exposures", "law"),
    [([4, 3, 5], [10], None), ([1], [1], (-1, 1)), ([1], [1], (0, 1)), ([1], [1], (inf, 1))],
)
def test_a_pool_needs_an_exposure_each_and_a_law_of_two_numbers(counts, exposures, law):
    with pytest.raises(ValueError, match=r"give one for each|above 0 and finite"):
        pairs.pool(counts, exposures, law)


@pytest.mark.parametrize("cell", [-5, 0.5, nan])
def test_a_count_of_votes_is_a_whole_number_from_zero_up(cell):
    table = pd.DataFrame([[cell, *[1] * 8]], columns=pairs.CELLS)
    with pytest.raises(ValueError, match="whole number"):
        pairs.agreement(table)


def test_a_vote_without_a_voter_and_sessions_of_one_number_are_refused():
    votes = pd.DataFrame({"voter": ["A", None], "roll_call": [1, 1], "vote": ["yes", "no"]})
    for wrong in (votes, votes.assign(vote=["yes", None])):
        with pytest.raises(ValueError, match="no voter"):
            pairs.cells_of_all(wrong)
    with pytest.raises(ValueError, match="only by case"):
        pairs.cells_of_all(votes.assign(voter=["A", "a"]))
    days = pd.to_datetime(["2001-01-01", "2003-01-01"])
    with pytest.raises(ValueError, match="the number 1"):
        pairs.session_rate(pd.DataFrame({"number": [1, 1], "earliest": days, "latest": days}))
