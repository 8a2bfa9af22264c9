"""Agreement of all pairs of voters, by matrix products against the merge a user would write.

200 voters and 6,000 roll calls, a tenth of the votes missing. Run it by name:

    pytest -s tests/benchmarks/bench_pairs.py
"""

from time import perf_counter

import numpy as np
import pandas as pd

from relations_lib import pairs

LONGEST = 2.0  # seconds for all pairs


def generated_votes(voters=200, rolls=6000, seed=1946):
    """Return one row per vote."""
    random = np.random.default_rng(seed)
    votes = pd.DataFrame(
        {
            "voter": np.repeat([f"V{name:03}" for name in range(voters)], rolls),
            "roll_call": np.tile(np.arange(rolls), voters),
            "vote": random.choice(["yes", "abstain", "no"], voters * rolls, p=[0.8, 0.12, 0.08]),
        }
    )
    return votes[random.random(len(votes)) < 0.9]


def merged(votes):
    """Return the identical share of all pairs, one voter after the other merged with all."""
    shares = {}
    for voter, own in votes.groupby("voter"):
        both = own.merge(votes[votes["voter"] > voter], on="roll_call")
        alike = both["vote_x"] == both["vote_y"]
        for other, share in alike.groupby(both["voter_y"]).mean().items():
            shares[voter, other] = share
    return pd.Series(shares)


def test_all_pairs_take_under_two_seconds_and_agree_with_the_merge():
    votes = generated_votes()
    times = []
    for _ in range(3):  # the least: a busy machine only adds
        begun = perf_counter()
        cells = pairs.cells_of_all(votes)
        found = pairs.agreement(cells)["as_vote"]
        times.append(perf_counter() - begun)
    ours = min(times)
    some = votes[votes["voter"] < "V040"]
    begun = perf_counter()
    theirs = merged(some)
    merge = perf_counter() - begun
    print(f"\n200 voters by products {ours:.2f} s; 40 voters by merges {merge:.1f} s")
    few = cells["voter_b"] < "V040"
    np.testing.assert_allclose(found[few], theirs, rtol=1e-12)
    assert ours < LONGEST
