"""Tools for who codes a page: a new package, its sentences and places, rows of another package.

The coder writes two lists. ``worklist.csv`` has a row for each sentence, and says where sentences
end: rows can be joined or split as long as together they hold the words of the page.
``places.csv`` says on which words each row of a table rests. ``index_page`` makes the tables
``sentences`` and ``locators`` of both.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from relations_lib import _about, sources
from relations_lib._about import NOT_YET, TABLES
from relations_lib._reader import read
from relations_lib._schema import read_schema
from relations_lib.tables import Data, DataError, Fault, default_path

_LISTS = {
    "worklist.csv": ["id", "text", "coded_as", "reason", "paraphrase"],
    "places.csv": ["table", "row", "sentence", "words", "states"],
}
_GENERAL = (
    "$schema",
    "schemaVersion",
    "normalization",
    "missingValueCodes",
    "dates",
    "customProperties",
)
_CODE = re.compile("[A-Z]{3}")
_SPOT = ["sentence", "start", "end", "sha256", "anchor"]
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")
_UNCUT = tuple("。！？」』")  # after these a sentence may follow without a space


class MisuseError(ValueError):
    """What was asked for cannot be done; the message says what to ask for instead."""


# --- Files ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Package:
    """The tables of a package as they are written, and the two lists beside them."""

    folder: Path
    schema: dict[str, Any]

    def resource(self, name: str) -> dict[str, Any]:
        """Return what the schema says of a table, or raise if it has none of that name."""
        if name in _LISTS:
            fields = [{"name": column} for column in _LISTS[name]]
            return {"path": name, "schema": {"fields": fields}}
        known = {part["name"]: part for part in self.schema["resources"]}
        if name not in known:
            raise MisuseError(f"no table {name!r}; there are: {', '.join(known)}")
        return known[name]

    def has(self, name: str) -> bool:
        """Tell whether a table or a list has been written."""
        return (self.folder / self.resource(name)["path"]).exists()

    def read(self, name: str) -> pd.DataFrame:
        """Return a table as written, by line, or raise what keeps it from being read."""
        faults: list[Fault] = []
        raw = read(self.folder, self.resource(name), faults)
        if faults:
            raise DataError(faults)
        return pd.DataFrame(raw.columns, index=raw.lines, dtype="str")

    def chosen(self, name: str, ids: Iterable[str]) -> pd.DataFrame:
        """Return the rows of some ids."""
        table = self.read(name)
        return table[table["id"].isin(set(ids))]

    def write(self, name: str, table: pd.DataFrame) -> None:
        """Write a table with the columns that it should have."""
        resource = self.resource(name)
        header = [column["name"] for column in resource["schema"]["fields"]]
        text = table.reindex(columns=header).to_csv(index=False, lineterminator="\n")
        _write(self.folder / resource["path"], text)


def _opened(folder: Path) -> _Package:
    return _Package(folder, read_schema(folder))


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


# --- A new package -------------------------------------------------------------------------------


def new_package(
    template: Data, folder: Path, pair: Sequence[str] = (), title: str = ""
) -> list[str]:
    """Write a package without rows but the states and their sources, and a notebook on it.

    Parameters
    ----------
    template
        The package whose tables, columns and codes the new one has.
    folder
        What to create: whole, or not at all.
    pair
        The codes of the two states, that of the page first; a code that is not in the template's
        table of states needs a row there. Without a pair, it is still to declare.
    title
        What the package is called.

    Returns
    -------
    list of str
        The codes that have no row in the table of states yet.

    Raises
    ------
    MisuseError
        If the pair is not of two different states.
    FileExistsError
        If the folder exists.
    """
    if pair and not (len(set(pair)) == 2 and all(map(_CODE.fullmatch, pair))):
        raise MisuseError(f"{' '.join(pair)} are no two codes of ISO 3166-1, such as AZE and TJK")
    own = _Package(template.path, template.schema)
    states = own.read("states")
    known = dict(zip(states["id"], states["name"], strict=True))
    names = [known.get(code, code) for code in pair]
    schema = _blank_schema(template, list(pair))
    schema["title"] = title or f"Relations of {' with '.join(names) or 'two states'}"
    rows = {"states": states, "sources": own.chosen("sources", states["source"])}
    if folder.exists():
        raise FileExistsError(17, "the folder exists, nothing was written", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as place:
        made = _Package(Path(place) / "whole", schema)
        for resource in schema["resources"]:
            name = resource["name"]
            made.write(name, rows.get(name, pd.DataFrame()))
        _write(made.folder / "datapackage.json", _json(schema))
        _write(made.folder / "your_pair.ipynb", _json(_blank_notebook()))
        made.folder.rename(folder)
    return [code for code in pair if code not in known]


def _blank_schema(template: Data, codes: list[str]) -> dict[str, Any]:
    """Return the template's schema without what is said of its own pair only."""
    schema: dict[str, Any] = {"name": "-".join(["relations", *codes]).lower(), "title": ""}
    schema |= {name: template.schema[name] for name in _GENERAL}
    schema["about"] = dict.fromkeys(TABLES, NOT_YET) | {"choices": {}}
    if codes:
        schema["about"]["states"] = codes
    resources = [part for part in template.schema["resources"] if not part.get("ownPair")]
    schema["resources"] = deepcopy(resources)
    for resource in schema["resources"]:
        fields = resource["schema"]["fields"]
        resource["schema"]["fields"] = [part for part in fields if not part.get("ownPair")]
        if "coverage" in resource:
            resource["coverage"] = "to_page"
        for looked in ("lookedUpFrom", "lookedUpUntil", "lookedUpHow"):  # nobody has yet
            resource.pop(looked, None)
    return schema


def _blank_notebook() -> dict[str, Any]:
    """Return the notebook that shows what a package gives, for the package beside it."""
    home = default_path().parent
    places = [home / "your_pair.ipynb", home / "notebooks/teaching/your_pair.ipynb"]
    file = next(place for place in places if place.exists())
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            source = re.sub(r"^folder = .*", 'folder = "."', source)
        else:  # pages beside the template are not in the new folder: keep the words of the links
            source = _LINK.sub(r"\1", source)
        cell["source"] = source
    return notebook


# --- Sentences and places ------------------------------------------------------------------------


def index_page(folder: Path, text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the two lists to fill in, if they are missing; from them, sentences and locators.

    Sentences that the coder joined or split are numbered anew, in both lists too.

    Returns
    -------
    tuple of DataFrame
        The sentences and the places.

    Raises
    ------
    DataError
        If the worklist does not hold the words of the page, or words of places are not found.
    MisuseError
        If the package was indexed by other means.
    """
    package = _opened(folder)
    _begin_lists(package, text)
    work = _in_order(package.read("worklist.csv"))
    places = package.read("places.csv")
    index = sources.sentence_index(text, _cuts(text, work))
    work = work.assign(former=work["id"]).set_index(index.index)
    work["id"] = index["id"]
    located = [part for part in package.schema["resources"] if part.get("evidence") == "locators"]
    spots = _spots(index, work, places, [part["name"] for part in located])
    reason = work["reason"].replace("", "not_applicable")
    sentences = index.join(work[["coded_as", "paraphrase"]]).assign(reason=reason)
    numbers = [f"L{number:03d}" for number in range(1, len(places) + 1)]
    locators = spots.assign(id=numbers, **places[["table", "row", "states"]].reset_index())
    if (work["id"] != work["former"]).any():
        places = places.assign(sentence=spots["sentence"].to_numpy())
        package.write("worklist.csv", work)
        package.write("places.csv", places)
    package.write("sentences", sentences)
    package.write("locators", locators)
    return sentences, places


def _begin_lists(package: _Package, text: str) -> None:
    """Write the lists that are missing, unless the package was indexed without them."""
    missing = [name for name in _LISTS if not package.has(name)]
    if len(missing) == len(_LISTS) and len(package.read("sentences")):
        raise MisuseError(
            f"{package.folder / 'page/sentences.csv'} has rows, and there is no worklist: nothing "
            "was written. To add one place of a row, use the command `locate`; to index another "
            "page, leave sentences.csv and locators.csv their first lines only"
        )
    index = sources.sentence_index(text)
    for name in missing:
        package.write(name, index if name == "worklist.csv" else index.head(0))


def _in_order(work: pd.DataFrame) -> pd.DataFrame:
    """Return the worklist in the order of its ids; a row without one follows the row before."""
    number = work["id"].str.extract(r"^p(?P<paragraph>\d+)s(?P<place>\d+)").astype(float)
    known = work.join(number.ffill().fillna(0))
    return known.sort_values(["paragraph", "place"])


def _cuts(text: str, work: pd.DataFrame) -> list[list[str]]:
    """Return the sentences of each paragraph as the worklist cuts them."""
    end = max(work.index, default=1) + 1
    rows = iter([*work["text"].items(), (end, "")])
    line, written = next(rows)
    cuts = []
    for rest in sources.paragraphs(text):
        sentences = []
        while rest:
            sentence = sources.normalize(written)
            if not sentence or not _begins(rest, sentence):
                words = repr(rest[: len(sentence) + 60])
                raise _misfit(
                    line, written, f"the page's next words, {words}, in one row or several"
                )
            sentences.append(sentence)
            rest = rest[len(sentence) :].strip()
            line, written = next(rows)
        cuts.append(sentences)
    if line != end:
        raise _misfit(line, written, "no further row: the page ends before it")
    return cuts


def _misfit(line: int, written: str, allowed: str) -> DataError:
    """Return what is wrong with a row of the worklist."""
    return DataError([Fault("worklist.csv", line, "text", repr(written), allowed)])


def _begins(rest: str, sentence: str) -> bool:
    """Tell whether a text begins with a sentence, and not only with a part of its last word."""
    following = rest[len(sentence) :]
    ended = following[:1] in ("", " ") or sentence.endswith(_UNCUT)
    return rest.startswith(sentence) and ended


def _spots(
    index: pd.DataFrame, work: pd.DataFrame, places: pd.DataFrame, tables: Sequence[str]
) -> pd.DataFrame:
    """Return where the words of every place stand, or raise what keeps them from being found."""
    spots = []
    faults = []
    for place in places.itertuples():
        if place.table not in tables:
            allowed = ", ".join(tables)
            faults.append(Fault("places.csv", place.Index, "table", repr(place.table), allowed))
            continue
        try:
            found = sources.locate(index, place.words)
        except ValueError:
            allowed = "words copied from one sentence of the page"
            faults.append(Fault("places.csv", place.Index, "words", repr(place.words), allowed))
            continue
        meant = found[found["sentence"].isin(_now(work, place.sentence))]
        if len(found) == 1 and not place.sentence:
            meant = found
        if meant.empty:
            allowed = f"the sentence that holds the words: {', '.join(found['sentence'])}"
            found_here = repr(place.sentence)
            faults.append(Fault("places.csv", place.Index, "sentence", found_here, allowed))
        spots.append(meant.head(1))
    if faults:
        raise DataError(faults)
    none = pd.DataFrame(columns=_SPOT, dtype=object)
    return pd.concat([none, *spots], ignore_index=True)


def _now(work: pd.DataFrame, former: str) -> set[str]:
    """Return the ids that a sentence of the worklist has now, joined or split as it may be."""
    match = re.match(r"p(\d+)s(\d+)", former)
    if not match:
        return set()
    paragraph, place = map(int, match.groups())
    own = work[(work["paragraph"] == paragraph) & (work["place"] <= place)]
    return set(own.loc[own["place"] == own["place"].max(), "id"])


def add_place(
    folder: Path, text: str, row: str, words: str, sentence: str = "", states: str = "mention"
) -> str:
    """Add one place on which a row rests to a package, and return the sentence that holds it.

    Parameters
    ----------
    folder
        The package, made with lists or without.
    text
        The page.
    row
        What rests on it, as ``table#id``.
    words
        The words of the page; where several sentences hold them, ``sentence`` names one.
    states
        What this mention contributes.

    Raises
    ------
    DataError, MisuseError
        If there is no such row, or the words do not stand in one sentence.
    """
    package = _opened(folder)
    table, _, key = row.partition("#")
    if package.chosen(table, [key]).empty:
        raise MisuseError(f"{row!r} names no row: write table#id of a row that is there")
    sentences = package.read("sentences").astype({"start": int, "end": int})
    page = sources.mend(text, set(sentences["sha256"]))
    index = sources.find_sentences(sentences, page)
    place = _one_spot(index, words, sentence).assign(table=table, row=key, states=states)
    found = place["sentence"].iloc[0]
    lists = package.has("places.csv")
    coded, located = ("worklist.csv", "places.csv") if lists else ("sentences", "locators")
    none = "" if lists else "not_applicable"  # the coder leaves it empty, the table doesn't
    known = package.read(located)
    if lists:
        place["words"] = words
    else:
        last = max([0, *known["id"].str[1:].astype(int)])
        place["id"] = f"L{last + 1:03d}"
    package.write(coded, _coded(package.read(coded), found, table, none))
    package.write(located, pd.concat([known, place]))
    if lists:
        index_page(folder, text)
    return found


def _one_spot(index: pd.DataFrame, words: str, sentence: str) -> pd.DataFrame:
    """Return the one place where words stand, in the sentence named if one is."""
    try:
        found = sources.locate(index, words)
    except ValueError as error:
        raise MisuseError(str(error)) from None
    meant = found[found["sentence"] == sentence] if sentence else found
    if len(meant) != 1:
        held = ", ".join(found["sentence"].unique())
        raise MisuseError(
            f"the words stand in {held}: name one with --sentence, or give more words"
        )
    return meant


def _coded(sentences: pd.DataFrame, key: str, table: str, none: str) -> pd.DataFrame:
    """Return sentences of which one is coded as a table too, and has no reason to be left out."""
    coded = sentences.set_index("id", drop=False)
    names = {*coded.at[key, "coded_as"].split(), table} - {"nothing"}
    coded.loc[key, ["coded_as", "reason"]] = [" ".join(sorted(names)), none]
    return coded


# --- Rows of another package ---------------------------------------------------------------------


def copy_organizations(
    source: Data, folder: Path, ids: Sequence[str] = (), pair_only: bool = False
) -> dict[str, int]:
    """Copy organizations, their spells, and the sources and states named in them, to a package.

    Parameters
    ----------
    source
        The package to copy from.
    folder
        The package to copy into; what it has is left as it is.
    ids
        The organizations; without them all in which both states of the pair have a spell.
    pair_only
        Copy the spells of the two states only: the network then has two states.

    Returns
    -------
    dict
        How many rows each table got.
    """
    package = _opened(folder)
    pair = _about.read(package.schema).need("states")
    other = _Package(source.path, source.schema)
    spells = other.read("memberships")
    if not ids:
        held = spells[spells["state"].isin(pair)].groupby("organization")["state"].nunique()
        ids = list(held.index[held == 2])
    unknown = set(ids).difference(source.organizations["id"])
    if unknown or not len(ids):
        which = ", ".join(sorted(unknown)) or "with a spell of both states"
        there = ", ".join(source.organizations["id"])
        raise MisuseError(f"no organization {which} in {source.path}: it has {there}")
    spells = spells[spells["organization"].isin(ids)]
    if pair_only:
        spells = spells[spells["state"].isin(pair)]
    bodies = other.chosen("organizations", ids)
    states = other.chosen("states", spells["state"])
    citing = pd.concat([bodies, spells, states]).fillna("")
    cited = (citing["source"] + " " + citing["also"]).str.split().explode()
    wanted = {
        "sources": other.chosen("sources", cited),
        "states": states,
        "organizations": bodies,
        "memberships": spells,
    }
    counts = {}
    for name, rows in wanted.items():
        there = package.read(name)
        added = rows[~rows["id"].isin(there["id"])]
        package.write(name, pd.concat([there, added]))
        counts[name] = len(added)
    return counts
