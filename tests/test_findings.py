"""Every finding says how many observations it has and on which rows it rests; any pair has them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from frozen import frozen_data

from relations_lib import findings, load
from relations_lib.findings._checks import SCOPES

# Pattern of keys -> n, and what they rest on. The first pattern counts; {0} is what its ``*``
# stands for; ``table#id`` are some rows of the table, of which more below. n is a number, the
# rows of a table (with a difference), a finding, a name in ``numbers``, or "value" itself.
VISITS = {
    "window.*.days": (None, "windows#{0}"),
    "visits.count": ("visits", "visits#*"),
    "visits.others": ("visits", "visits#*"),
    "visits.undated": ("visits", "visits#*"),
    "visits.rate.*": ("visits", "visits#* windows#{0}"),
    "visits.rate_jeffreys.*": ("visits", "visits#* windows#{0}"),
    "visits.rate_without_founding.*": ("visits-1", "visits#* windows#{0}"),
    "visits.rate_one_direction.*": ("one way", "visits#* windows#{0}"),
    "visits.open_gap_days.*": (1, "visits#* windows#{0}"),
    "visits.years_per_visit.*": ("visits", "visits#* windows#{0}"),
    "visits.trend.*.*": ("visits", "visits#* windows#{1}"),
    "visits.next.*.*": ("visits", "visits#* windows#{1}"),
    "visits.events_for_twofold_interval": (None, ""),
    "visits.interval_ratio": ("visits", "visits#*"),
    "visits.events_for_half_log_width": ("visits", "visits#*"),
    "visits.years_for_twofold_interval": ("visits", "visits#* windows#to_2013"),
    "visits.silence.*": ("visits", "visits#* windows#to_2013 windows#to_page"),
    "visits.direction.count.*": ("visits", "visits#*"),
    "visits.direction.*": ("visits", "visits#*"),
    "visits.gaps.date_combinations": ("visits", "visits#*"),
    "visits.gaps.*": ("visits-1", "visits#*"),
    "visits.gap_cv": ("visits-1", "visits#*"),
    "visits.gap_days.*": (2, "visits#id"),
    "visits.agreements.rows": ("visits", "agreements#id"),
    "visits.agreements.documents": ("agreements", "agreements#id"),
}
FIRST = "meetings#* windows#to_2012"
MEETINGS = {
    "meetings.count": ("meetings", "meetings#*"),
    "meetings.trend.first_fixed_p.1993_2012": ("meetings-1", FIRST),
    "meetings.trend.first_fixed_p.1993_2013": ("meetings-1", "meetings#* windows#to_2013"),
    "meetings.*.1998_2012": ("meetings", "meetings#*"),
    "meetings.*.1993_2012": ("meetings", FIRST),
    "meetings.*.1993_2013": ("meetings", "meetings#* windows#to_2013"),
    "meetings.gap_years.*": ("meetings-1", "meetings#*"),
    "meetings.gap_cv": ("meetings-1", "meetings#*"),
    "meetings.burstiness": ("meetings-1", "meetings#*"),
    "meetings.evenness_p": ("meetings-1", "meetings#*"),
    "meetings.trend.renewal_p": ("meetings-1", "meetings#*"),
    "meetings.trend.rank_sum_p.last_fixed": ("meetings-1", FIRST),
    "meetings.trend.rank_sum_p.ends_fixed": ("meetings-2", FIRST),
    "meetings.distinct_years_p": ("meetings", FIRST),
    "meetings.power.*": ("meetings", FIRST),
    "meetings.trend.bayes_factor_*": ("meetings", FIRST + " sessions_elsewhere#*"),
    "meetings.trend.silent_years_p": ("meetings", "meetings#* windows#to_page"),
    "meetings.trend.rank_sum_with_missing_p": ("meetings", FIRST + " sessions_elsewhere#*"),
    "meetings.trend.rank_sum_with_most_missing_p": ("meetings", FIRST + " sessions_elsewhere#*"),
    "meetings.trend.*": ("meetings", FIRST),
}
RULES = "memberships#* organizations#* cis_legal_dates#*"
NETWORK = {
    "network.world.states": (None, "memberships#*"),
    "network.null.sizes_fixed.p_shared_world": ("network.world.states", "memberships#*"),
    "network.pair.in_all.years": ("years shared", "memberships#id"),
    "network.pair.shared.*": (None, "memberships#id"),
    "network.rule.*": (None, RULES),
    "network_regional.at.*": (None, "memberships#*"),
    "network.*": ("network.states", "memberships#id"),
    "network_regional.*": ("network.states", "memberships#id"),
}
PAGE = {
    "page.share_of_characters_located": ("characters", "sentences#* locators#*"),
    "page.locators": ("locators", "sentences#* locators#*"),
    "page.sentences": ("sentences", "sentences#* locators#*"),
    "page.sentences_*": ("sentences", "sentences#* locators#*"),
    "page.rows.*": ("{0}", "{0}#* locators#*"),
    "page.mentions.*": ("{0}", "{0}#* locators#*"),
    "page.told_twice.*": ("{0}", "{0}#* locators#*"),
    "page.rows": ("value", "locators#*"),
    "page.rows_*": ("page.rows", "locators#*"),
    "page.dated_rows": ("value", "milestones#* visits#* meetings#* agreements#*"),
    "page.last_event_year": ("page.dated_rows", "milestones#* visits#* meetings#* agreements#*"),
    "page.different_dates": ("page.dated_rows", "milestones#* visits#* meetings#* agreements#*"),
    "page.precision.*": ("page.dated_rows", "milestones#* visits#* meetings#* agreements#*"),
    "page.statements.*": ("statements", "statements#*"),
    "page.documents_stated": ("legal_base", "legal_base#*"),
    "page.years_without_event": (
        "years to_page",
        "milestones#* visits#* meetings#* agreements#* legal_base#* institutions#* page#*",
    ),
    "page.*": (
        None,
        "milestones#* visits#* meetings#* agreements#* legal_base#* institutions#* page#*",
    ),
}
NUMBERED, BESIDE = "meetings#* sessions_elsewhere#id", "visits#* visits_elsewhere#*"
CHECKS = {
    "checks.ordinal.sessions": ("value", NUMBERED),
    "checks.ordinal.rate.sessions": ("checks.ordinal.sessions", NUMBERED + " windows#to_2012"),
    "checks.ordinal.rate.*": ("meetings", NUMBERED + " windows#to_2012"),
    "checks.ordinal.*": ("meetings", NUMBERED),
    "checks.pace.listed.before": ("listed before", NUMBERED + " windows#*"),
    "checks.pace.listed.after": ("listed after", NUMBERED + " windows#*"),
    "checks.pace.numbered.before": ("first number", NUMBERED + " windows#*"),
    "checks.pace.numbered.after": ("later numbers", NUMBERED + " windows#*"),
    "checks.pace.numbered.since": (9, NUMBERED),  # from the 10th to the 19th
    "checks.pace.ratio.since": (9 + 3, NUMBERED + " windows#*"),
    "checks.pace.ratio.numbered": ("checks.ordinal.sessions", NUMBERED + " windows#*"),
    "checks.pace.ratio.listed": ("meetings", NUMBERED + " windows#*"),
    "checks.words.*": (None, "page_checks#id"),
    "checks.visits.years_per_visit_*.to_2013": ("visits {0}", BESIDE + " windows#to_2013"),
    "checks.visits.absent": ("visits_elsewhere", BESIDE),
    "checks.visits.rate_*.to_2013": ("visits {0}", BESIDE + " windows#to_2013"),
    "checks.visits.direction_ratio.*": ("visits {0}", BESIDE),
    "checks.visits.gaps_increasing_share.*": ("visits {0}-1", BESIDE),
    "checks.visits.*.*": ("checks.visits.absent", BESIDE),
    "checks.verdict.*": ("page_checks", "page_checks#id"),
    "checks.organizations.years_since_end": (1, "organizations_named#* organizations#id"),
    "checks.organizations.shared_at_page": (
        "organizations_named",
        "organizations_named#* shared_elsewhere#*",
    ),
    "checks.organizations.not_named": (
        "organizations_named+shared_elsewhere",
        "organizations_named#* shared_elsewhere#*",
    ),
    "checks.claims.*": ("rival_claims", "rival_claims#*"),
    "checks.sources": ("sources", "sources#*"),
    "checks.sources.*": ("sources", "sources#*"),
    "checks.network.*": (9, RULES),  # rules
}
VOTES = "votes_partners#* votes_by_year#* windows#*"
BY_PERIOD = "votes_by_period#* windows#*"
BY_PAGE = "ministry_pages#* ministry_visits#*"
SERIES = "commission_numbers#* sessions_elsewhere#* windows#*"
MARGINS = "state_totals#* organization_sizes#*"
CALLS = 1829  # roll calls of 1993 to 2013
OTHERS = {
    "others.votes.share_of_all": (CALLS, VOTES),
    "others.votes.answered.*": (CALLS, "votes_by_year#* windows#*"),
    "others.votes.closer": ("others.votes.pairs", BY_PERIOD),
    "others.votes.share_closer": ("others.votes.pairs", BY_PERIOD),
    "others.votes.pairs": ("value", BY_PERIOD),
    "others.votes.world_mean": ("others.votes.pairs", "votes_world#* windows#*"),
    "others.votes.partners": ("value", VOTES),
    "others.votes.partner_rank*": ("others.votes.partners", VOTES),
    "others.votes.partner_rank": ("others.votes.partners", VOTES),
    "others.votes.partner.*": ("joint {0}", "votes_partners#* windows#*"),
    "others.votes.partner_kappa.*": ("joint {0}", "votes_partners#* windows#*"),
    "others.votes.issue.*": ("joint on {0}", "votes_by_issue#*"),
    "others.votes.*": ("others.votes.joint", VOTES),
    "others.organizations.shared": ("value", "shared#* shared_world#*"),
    "others.organizations.regional": ("others.organizations.shared", "shared#* shared_world#*"),
    "others.organizations.median": ("others.organizations.pairs", "shared_world#*"),
    "others.organizations.partner_rank": (194, "shared#* shared_partners#*"),
    "others.organizations.expected": (None, MARGINS),
    "others.organizations.p": (None, f"shared#* {MARGINS}"),
    "others.organizations.partner.*": (None, "shared_partners#*"),
    "others.organizations.partner_regional.*": (None, "shared_partners#*"),
    "others.organizations.*": ("others.organizations.pairs", "shared#* shared_world#*"),
    "others.visits.ratio.*": (None, BY_PAGE),
    "others.visits.ratio_p.*": (None, BY_PAGE),
    "others.visits.pages": ("visits read", BY_PAGE),
    "others.visits.pool.*": ("visits read", BY_PAGE),
    "others.visits.*.*": ("others.visits.count.{1}", BY_PAGE),
    "others.commission.rate.*": ("gaps {0}", SERIES),
    "others.commission.ratio.*": ("gaps {0}+gaps recent", SERIES),
    "others.claims.*": ("claims", "claims#*"),
}
EXPECTED = VISITS | MEETINGS | NETWORK | PAGE | CHECKS | OTHERS
# without a row that could be named: no datum needed, or a count that is 0
MAY_BE_EMPTY = (
    r"visits\.events_for_twofold_interval|visits\.agreements\.\w+|network\.pair\.shared\.\d+"
)


@pytest.fixture(scope="module")
def data():
    return frozen_data()


@pytest.fixture(scope="module")
def found(frozen_findings):
    return frozen_findings


def replaced(data, **tables):
    return type(data)(data.path, data.schema, {**data.tables, **tables})


def expected(key: str) -> tuple[str, object, str]:
    """Return the first pattern that has the key, with its parts filled in."""
    for pattern, (n, rests) in EXPECTED.items():
        if match := re.fullmatch(re.escape(pattern).replace(r"\*", "(.+)"), key):
            fill = [text.format(*match.groups()) if text else text for text in (str(n), rests)]
            return pattern, n if n is None else fill[0], fill[1]
    raise AssertionError(f"{key}: add its n and what it rests on")


def numbers(data, found) -> dict[str, int]:
    """Return what n may be called: rows of tables, values of findings, and a few counts."""
    windows = data.windows.set_index("id")
    spans = zip(windows["start_earliest"].dt.year, windows["end_latest"].dt.year, strict=True)
    first = data.visits[["visitor", "host"]].iloc[0]
    sessions, beside = data.sessions_elsewhere, data.visits_elsewhere
    held = sessions[sessions["held"].ne("planned")].dropna(subset=["number", "date"])
    first_year = held["date"].str[:4].min()
    within = held.loc[held["date"].str[:4] <= data.meetings["date"].max(), "number"]
    before = int((data.meetings["date"] <= first_year).sum())
    added = {name: beside[beside["in_scope"].isin(codes)] for name, codes in SCOPES.items()}
    return {
        **{name: len(table) for name, table in data.items()},
        **found["value"].to_dict(),
        **{f"years {id}": b - a + 1 for id, (a, b) in zip(windows.index, spans, strict=True)},
        "one way": int((data.visits[["visitor", "host"]] == first).all(axis=1).sum()),
        "years shared": int(found.index.str.startswith("network.pair.shared.").sum()),
        "characters": int((data.sentences["end"] - data.sentences["start"]).sum()),
        **{f"visits {name}": len(data.visits) + t["trip"].nunique() for name, t in added.items()},
        "first number": within.min(),
        "later numbers": within.max() - within.min(),
        "listed before": before,
        "listed after": len(data.meetings) - before,
    }


def numbers_of_others(data) -> dict[str, int]:
    """Return the counts behind findings on other pairs, by another way than the library's."""
    own = data.votes_partners.query("state == 'TJK'").set_index("partner")
    cells = own[[name for name in own if "_" in name and name != "partner_name"]]
    pair = "state_a == 'KAZ' and state_b == 'TJK'"
    issues = data.votes_by_issue.query(pair).set_index("issue").filter(regex="^(yes|abstain|no)_")
    slugs = {name.lower().replace(" ", "_"): n for name, n in issues.sum(axis=1).items()}
    read = data.ministry_pages.query("visits == 'read'")["id"]
    visits = data.ministry_visits.query("counted")
    numbered = data.commission_numbers.query("held != 'planned'").dropna(subset=["number", "date"])
    numbered = numbered[numbered["state_a"].eq("TJK")].groupby("state_b")["number"]
    gaps = (numbered.max() - numbered.min()).to_dict()
    return {
        **{f"joint {state}": n for state, n in cells.sum(axis=1).items()},
        **{f"joint on {issue}": n for issue, n in slugs.items()},
        **{f"gaps {state}": n for state, n in gaps.items()},
        "gaps recent": 2,
        "visits read": int(visits["page"].isin(read).sum()),
    }


def test_every_finding_has_its_number_of_observations(data, found):
    known, wrong = numbers(data, found) | numbers_of_others(data), {}
    for key, row in found.iterrows():
        _, name, _ = expected(key)
        parts = re.split(r"(?<=\w)(?=[-+]\w)", "" if name is None else name)
        n = [int(p) if p.lstrip("+-").isdigit() else known.get(p.lstrip("+")) for p in parts]
        want = None if name is None else row["value"] if name == "value" else sum(n)
        if (None if pd.isna(row["n"]) else row["n"]) != want:
            wrong[key] = (row["n"], name)
    assert wrong == {}


def test_every_finding_rests_on_the_rows_that_it_uses_and_every_rule_is_used(found):
    wrong, used = {}, set()
    for key, rests in found["rests_on"].items():
        pattern, _, names = expected(key)
        used.add(pattern)
        told = {
            entry if re.match(r"windows#|\w+#\*$", entry) else entry.split("#")[0] + "#id"
            for entry in rests.split()
        }
        if told != set(names.split()):
            wrong[key] = (rests, names)
    assert wrong == {}
    assert used == set(EXPECTED)


def test_a_gap_rests_on_the_two_visits_around_it(data, found):
    ids = data.visits.sort_values("date_earliest")["id"].tolist()
    gaps = {
        place: f"visits#{one} visits#{two}" for place, (one, two) in enumerate(pairwise(ids), 1)
    }
    own = found[found.index.str.match(r"visits\.gap_days")]["rests_on"]
    assert {key: gaps[int(key.rpartition(".")[2])] for key in own.index} == own.to_dict()


def test_selected_rows_are_those_that_were_counted(data, found):
    rests = found["rests_on"].map(str.split)
    verdicts = data.page_checks.groupby("verdict")["id"].agg(list)
    for verdict, ids in verdicts.items():
        assert rests[f"checks.verdict.{verdict}"] == [f"page_checks#{name}" for name in ids]
    assert len(rests["visits.agreements.rows"]) == found.loc["visits.agreements.rows", "value"]
    numbered = data.sessions_elsewhere.dropna(subset=["number", "date"])["id"]
    named = {f"sessions_elsewhere#{name}" for name in numbered}
    assert set(rests["checks.ordinal.sessions"]) == {"meetings#*", *named}
    assert len(rests["network.ties"]) == found.loc["network.ties", "value"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("agreements", "visits"),
        ("page_checks", "checks"),
        ("memberships", "network"),
        ("shared_elsewhere", "checks"),
    ],
)
def test_only_a_count_of_nothing_rests_on_nothing(data, name, section):
    less = replaced(data, **{name: data[name][:0]})
    table = findings.collect(less, [section])[0].set_index("key")
    bare = table.index[table["rests_on"] == ""]
    assert [key for key in bare if not re.fullmatch(MAY_BE_EMPTY, key)] == []
    counts = bare.drop("visits.events_for_twofold_interval", errors="ignore")
    assert (table.loc[counts, "value"] == 0).all()


RENAMED = {"TJK": "TJA", "KAZ": "KBB", "to_2013": "main"}  # the order of states stays the same


@pytest.mark.thorough
def test_another_pair_with_windows_of_other_names_gets_the_same_findings(data, found):
    tables = {name: table.replace(RENAMED) for name, table in data.items()}
    about = data.schema["about"] | {"states": ["TJA", "KBB"], "window": "main"}
    schema = data.schema | {"about": about}
    other = findings.compute(type(data)(data.path, schema, tables)).set_index("key")

    def renamed(text: str) -> str:
        return re.sub("|".join(RENAMED), lambda code: RENAMED[code[0]], text)

    same = found.rename(index=renamed)[["value", "low", "high", "n"]]
    pd.testing.assert_frame_equal(other[same.columns], same)
    windows = found["rests_on"].str.replace("windows#to_2013", "windows#main").tolist()
    assert other["rests_on"].tolist() == windows
    assert not other["definition"].str.contains("TJK|KAZ|to_2013").any()


def test_a_definition_begins_with_words_not_with_another_key(published):
    """A card shows it to a reader who has never seen a key."""
    keyed = published["definition"].str.match(r"(as |1 / |those of )?[a-z_]+\.[a-z_]")
    assert published.index[keyed].tolist() == []


def test_at_least_so_many_documents_is_no_exact_number(data):
    fewer = replaced(data, legal_base=data.legal_base.assign(qualifier="at_least"))
    stated = findings.collect(fewer, ["page"])[0].set_index("key").loc["page.documents_stated"]
    assert stated["low"] == stated["value"]
    assert pd.isna(stated["high"])
    assert "at least so many" in stated["definition"]


def test_a_start_not_stated_leaves_open_what_the_pair_shares(data):
    kept = {"start": None, "start_earliest": pd.NaT, "start_latest": pd.NaT}
    spells = data.memberships.copy()
    one = spells["state"].eq("TJK") & spells["organization"].eq("SCO")
    spells.loc[one, list(kept)] = list(kept.values())
    found = findings.collect(replaced(data, memberships=spells), ["network"])[0].set_index("key")
    row = found.loc["network.pair.shared.2013"]
    assert (row["value"], row["low"], row["high"]) == (4, 4, 5)
    years = found.loc["network.pair.in_all.years"]
    assert years["low"] == 0 < years["high"]


def test_a_choice_without_its_table_stops_only_what_rests_on_it(data):
    bare = {name: table for name, table in data.items() if name != "cis_legal_dates"}
    found, missing = findings.collect(type(data)(data.path, data.schema, bare), ["network"])
    assert "network.pair.shared" in set(found["key"])
    told = missing.set_index("key")["reason"]
    assert "no table cis_legal_dates" in told[told.index.str.startswith("network.rule.")].iloc[0]


def test_other_packages_rest_on_no_table_of_ours(data):
    about = data.schema["about"] | {"choices": {}}
    other = type(data)(data.path, data.schema | {"about": about}, data.tables)
    found = findings.collect(other, ["network"])[0]
    assert not found["rests_on"].str.contains("cis_legal_dates").any()


def test_every_number_that_a_claim_names_is_a_finding(published):
    named = set(" ".join(load().claims["findings"]).split())
    assert named
    assert named - set(published.index) == set()


@pytest.mark.thorough
def test_a_package_without_other_pairs_has_the_other_findings(data, found):
    bare = {name: t for name, t in data.items() if not is_beside(data, name)}
    table, missing = findings.collect(type(data)(data.path, data.schema, bare))
    own = found.index[~found.index.str.startswith("others.")]
    assert table["key"].tolist() == own.tolist()
    assert missing["key"].str.startswith("others.").all()
    assert missing["reason"].str.contains("nothing stands beside").all()


def is_beside(data, name):
    resource = next(r for r in data.schema["resources"] if r["name"] == name)
    return resource["path"].startswith("others/")


def test_every_key_that_was_promised_is_published(published):
    promised = (Path(__file__).parent / "published_keys.txt").read_text(encoding="utf-8").split()
    assert set(promised) - set(published.index) == set()
