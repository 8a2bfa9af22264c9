"""What stands beside the pair: its partners by votes, visits and numbered sessions.

Functions from a package's tables on other pairs (folder ``others/``) to one row a partner. The
page's own state and its partner are those declared in ``about``; a package without such tables
raises a ValueError that says so.
"""

from __future__ import annotations

import pandas as pd

from relations_lib import pairs, poisson
from relations_lib.dates import DAYS_A_YEAR
from relations_lib.tables import Data


def table(data: Data, name: str) -> pd.DataFrame:
    """Return a table on other pairs, or raise a ValueError if the package has none."""
    found = data.get(name)
    if found is None or found.empty:
        raise ValueError(
            f"no tables on other pairs with rows of {name}: nothing stands beside this one"
        )
    return found


def of_pair(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the two states, whichever stands first."""
    states = data.about.need("states")
    return rows[rows[["state_a", "state_b"]].isin(states).all(axis=1)]


def window(data: Data) -> pd.Series:
    """Return the row of the main window."""
    found = data.windows[data.windows["id"] == data.about.need("window")]
    if found.empty:
        raise ValueError("windows has no row of the window declared: add it")
    return found.iloc[0]


def period(data: Data) -> tuple[int, int]:
    """Return first and last year of the main window."""
    main = window(data)
    return main["start_earliest"].year, main["end_latest"].year


def voting_years(data: Data) -> pd.DataFrame:
    """Return the years of the main window in the table of votes by year."""
    years = table(data, "votes_by_year")
    first, last = period(data)
    found = years[years["year"].between(first, last)]
    lacking = set(range(first, last + 1)).difference(found["year"])
    if lacking:
        raise ValueError(f"votes_by_year lacks {min(lacking)} of the main window, {first}–{last}")
    return found


def vote_partners(data: Data) -> pd.DataFrame:
    """Return how far the page's own state agrees with each partner that can be ranked.

    Ranked are those that answered 50 roll calls of the main window together with it, and a tenth
    of all.

    Returns
    -------
    DataFrame
        One row per partner, the closest first: ``partner``, ``name``, the columns of
        ``pairs.agreement``, ``rank`` by identical share and ``rank_kappa``.
    """
    rows = table(data, "votes_partners")
    own = rows[rows["state"] == data.about.home].reset_index(drop=True)
    found = own[["partner"]].assign(name=own["partner_name"])
    found = found.join(pairs.agreement(own))
    calls = voting_years(data)["roll_calls"].sum()
    found = found[found["joint"] >= max(50, int(calls / 10))]
    for name, column in (("rank", "as_vote"), ("rank_kappa", "kappa")):
        places = found[column].rank(method="min", ascending=False)
        found[name] = places.astype(int)
    return found.sort_values("as_vote", ascending=False, ignore_index=True)


def visit_table(data: Data, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return the visits on those pages of the ministry whose list was read whole.

    Parameters
    ----------
    until
        Day to which visits and years count; by default the date that most pages bear.

    Returns
    -------
    DataFrame
        One row per page: ``partner``, ``end``, ``visits``, ``years`` and, per decade,
        ``rate``, ``low`` and ``high``; the highest rate first.
    """
    pages = table(data, "ministry_pages")
    end = until or pages["date_latest"].mode().iloc[0]
    read = pages[pages["visits"] == "read"].dropna(subset="relations_since_latest")
    rows = table(data, "ministry_visits")
    told = rows[rows["counted"].astype(bool) & (rows["date_latest"] <= end)]
    found = pd.DataFrame(
        {
            "partner": read["partner"],
            "end": end,
            "visits": read["id"].map(told["page"].value_counts()).fillna(0).astype(int),
            "years": ((end - read["relations_since_latest"]).dt.days + 1) / DAYS_A_YEAR,
        }
    )
    decades = found["years"] / 10
    low, high = poisson.garwood(found["visits"], decades)
    found = found.assign(rate=found["visits"] / decades, low=low, high=high)
    return found.sort_values("rate", ascending=False, ignore_index=True)


def _numbered(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    """Return held sessions with a number and a date, none later than the report of it."""
    held = rows[rows["held"].isin(["held", "opened"])]
    held = held.dropna(subset=["number", "date_earliest"])
    reported = held["source"].map(data.sources.set_index("id")["date_latest"])
    later = reported.where(reported >= held["date_earliest"])  # not one of a day announced
    latest = held[["date_latest"]].assign(reported=later).min(axis=1)
    days = {"number": held["number"], "earliest": held["date_earliest"], "latest": latest}
    return pd.DataFrame(days)


def session_table(data: Data) -> pd.DataFrame:
    """Return how often commissions of the page's own state met, by the numbers of sessions.

    Returns
    -------
    DataFrame
        One row per partner: ``state``, and what ``pairs.session_rate`` gives; for the pair of
        its recent sessions, those since the first series begins after the main window.

    Raises
    ------
    ValueError
        If no commission has two numbered sessions.
    """
    end = window(data)["end_latest"]
    rates = {}
    for sides, rows in table(data, "commission_numbers").groupby(["state_a", "state_b"]):
        numbered = _numbered(data, rows)
        if data.about.home in sides and len(numbered) > 1:
            (state,) = set(sides) - {data.about.home}
            rates[state] = pairs.session_rate(numbered)
    begun = [rate["start"] for rate in rates.values() if rate["start"] > end]
    own = _numbered(data, data.sessions_elsewhere)
    recent = own[own["earliest"] >= min(begun, default=end)]
    if len(recent) > 1:
        rates[data.about.partner] = pairs.session_rate(recent)
    if not rates:
        raise ValueError("no commission has two sessions with numbers and dates: add them")
    return pd.DataFrame(rates.values()).assign(state=list(rates))
