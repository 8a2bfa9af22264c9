"""What stands beside the pair: its partners by votes, visits and numbered sessions.

Functions from a package's tables on other pairs (folder ``others/``) to one row a partner. The
page's own state and its partner are those declared in ``about``; a package without such tables
raises a ValueError that says so.
"""

from __future__ import annotations

import pandas as pd

from relations_lib import pairs, poisson
from relations_lib.dates import day_bounds
from relations_lib.tables import Data


def table(data: Data, name: str) -> pd.DataFrame:
    """Return a table on other pairs, or raise a ValueError if the package has none."""
    found = data.get(name)
    if found is None or found.empty:
        raise ValueError("no tables on other pairs: nothing stands beside this one")
    return found


def of_pair(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the two states, whichever stands first."""
    states = data.about.need("states")
    first = rows["state_a"].isin(states)
    second = rows["state_b"].isin(states)
    return rows[first & second]


def window(data: Data) -> pd.Series:
    """Return the row of the main window."""
    found = data.windows[data.windows["id"] == data.about.need("window")]
    if found.empty:
        raise ValueError("windows has no row of the window declared: add it")
    return found.iloc[0]


def period(data: Data) -> str:
    """Return first and last year of the main window, as the tables of votes name a period."""
    main = window(data)
    return f"{main['start_earliest'].year}-{main['end_latest'].year}"


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
    years = table(data, "votes_by_year")
    first, last = period(data).split("-")
    chosen = years["year"].between(int(first), int(last))
    calls = years.loc[chosen, "roll_calls"].sum()
    enough = max(50, int(calls / 10))
    found = found[found["joint"] >= enough]
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
        One row per page: ``partner``, ``start``, ``end``, ``visits``, ``years`` and, per decade,
        ``rate``, ``low`` and ``high``; the highest rate first.
    """
    pages = table(data, "ministry_pages")
    end = until or pages["date_latest"].mode().iloc[0]
    read = pages[pages["visits"] == "read"].dropna(subset="relations_since_latest")
    rows = table(data, "ministry_visits")
    rows = rows[rows["counted"].astype(bool)]
    told = rows[rows["date_latest"] <= end]
    counts = told["page"].value_counts()
    start = read["relations_since_latest"]
    found = pd.DataFrame(
        {
            "partner": read["partner"],
            "start": start,
            "end": end,
            "visits": read["id"].map(counts).fillna(0).astype(int),
            "years": ((end - start).dt.days + 1) / pairs.DAYS_A_YEAR,
        }
    )
    low, high = poisson.garwood(found["visits"], found["years"])
    found["rate"] = 10 * found["visits"] / found["years"]
    found["low"] = 10 * low
    found["high"] = 10 * high
    return found.sort_values("rate", ascending=False, ignore_index=True)


def _numbered(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    """Return held sessions with a number and a date, none later than the report of it."""
    held = rows[rows["held"].isin(["held", "opened"])]
    held = held.dropna(subset=["number", "date_earliest"])
    reported = day_bounds(data.sources.set_index("id")["date"])["latest"]
    limits = held[["date_latest"]].assign(reported=held["source"].map(reported))
    return pd.DataFrame(
        {
            "number": held["number"],
            "earliest": held["date_earliest"],
            "latest": limits.min(axis=1),
        }
    )


def session_table(data: Data) -> pd.DataFrame:
    """Return how often commissions of the page's own state met, by the numbers of sessions.

    Returns
    -------
    DataFrame
        One row per partner, for the pair one per stretch (``early``: to the end of the main
        window, ``recent``: the years of the other series that begin later, ``middle``: between):
        ``state``, ``stretch`` (empty for others), what ``pairs.session_rate`` gives, and
        ``rate``, halfway between the slowest and the fastest.

    Raises
    ------
    ValueError
        If no commission has two numbered sessions.
    """
    rows = table(data, "commission_numbers")
    end = window(data)["end_latest"]
    found = []
    for sides, part in rows.groupby(["state_a", "state_b"]):
        series = _numbered(data, part)
        if data.about.home in sides and len(series) > 1:
            (state,) = set(sides) - {data.about.home}
            found.append({"state": state, "stretch": "", **pairs.session_rate(series)})
    begun = [row["start"] for row in found if row["start"] > end]
    own = _numbered(data, data.sessions_elsewhere).sort_values("number")
    early = own[own["latest"] <= end]
    recent = own[own["earliest"] >= min(begun, default=end)]
    middle = pd.concat([early.tail(1), recent.head(1)])
    for stretch, series in (("early", early), ("middle", middle), ("recent", recent)):
        if len(series) > 1:
            row = {"state": data.about.partner, "stretch": stretch}
            found.append(row | pairs.session_rate(series))
    if not found:
        raise ValueError("no commission has two sessions with numbers and dates: add them")
    result = pd.DataFrame(found)
    return result.assign(rate=result[["slowest", "fastest"]].mean(axis=1))
