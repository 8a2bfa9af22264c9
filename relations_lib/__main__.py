"""Command line: ``python -m relations_lib validate | findings | verify | new | index``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from relations_lib.tables import Data, DataError, Fault, default_path, load

_GENERAL = (
    "$schema",
    "schemaVersion",
    "normalization",
    "missingValueCodes",
    "dates",
    "customProperties",
    "resources",
)
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")
_LISTS = {
    "worklist": ["id", "text", "coded_as", "reason", "paraphrase"],
    "places": ["table", "row", "sentence", "words", "states"],
}


def _validate(args: argparse.Namespace) -> int:
    data = load(args.data)
    for name, table in data.items():
        print(f"{name:22}{len(table):5} rows")
    print(_totals(data))
    print(f"All {len(data)} tables are valid.")
    if missing := data.about.missing():
        print(f"Still to declare in datapackage.json, under about: {', '.join(missing)}.")
    return 0


def _totals(data: Data) -> str:
    """Return what the page states as totals, kept apart from the rows that were coded."""
    named = len(data.agreements)
    lines = [
        f"The page states {row.documents} documents{_signed(row.period)}; it names {named} "
        "(single documents or sets), which are rows of agreements. The total is never rows."
        for row in data.legal_base.itertuples()
    ]
    return "\n".join(lines or ["The page states no total."])


def _signed(period: object) -> str:
    return f" signed in {period}" if isinstance(period, str) else ""


def _findings(args: argparse.Namespace) -> int:
    from relations_lib import findings

    try:
        old = findings.read(args.diff) if args.diff else None
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    table, missing = findings.collect(load(args.data))
    for reason, keys in missing.groupby("reason", sort=False)["key"]:
        print(f"Not computed: {', '.join(keys)}. Reason: {reason}", file=sys.stderr)
    as_json = args.format == "json"
    if old is None:
        text = findings.to_json(table, missing) if as_json else findings.to_csv(table)
    else:
        changes = findings.diff(old, table)
        text = findings.to_json(changes) if as_json else findings.to_csv(changes)
        print(f"{len(changes)} numbers and texts differ from {args.diff}", file=sys.stderr)
    print(text, end="")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from relations_lib import sources

    data = load(args.data)
    mismatches = sources.verify(data, Path(args.page).read_text(encoding="utf-8"))
    for row in mismatches.itertuples():
        rests = f" (rests on it: {row.rows})" if row.rows else ""
        print(f"{row.place}: {row.problem}{rests}\n    {row.detail}")
    counts = f"{len(data.sentences)} sentences and {len(data.locators)} locators"
    print(
        f"Mismatches: {len(mismatches)}, in {counts}."
        if len(mismatches)
        else f"All {counts} agree."
    )
    return 1 if len(mismatches) else 0


def _new(args: argparse.Namespace) -> int:
    """Write a package without rows (but states, and their sources), and a notebook for it."""
    data, folder, home = load(args.data), Path(args.folder), default_path().parent
    if folder.exists():
        print(f"{folder} exists, nothing was written: name a new folder.", file=sys.stderr)
        return 2
    kept = {"states": set(data.states["id"]), "sources": set(data.states["source"])}
    for resource in data.schema["resources"]:
        (folder / resource["path"]).parent.mkdir(parents=True, exist_ok=True)
        table = pd.read_csv(data.path / resource["path"], dtype=str, keep_default_na=False)
        table = table[table.iloc[:, 0].isin(kept.get(resource["name"], ()))]
        table.to_csv(folder / resource["path"], index=False, lineterminator="\n")
        resource |= {"coverage": "to_page"} if "coverage" in resource else {}
        for rule in resource.get("rules", []):
            rule.pop("among", None)
    schema: dict[str, Any] = {"name": "your-pair", "title": "One page on two states, coded"}
    schema |= {name: data.schema[name] for name in _GENERAL}
    schema["about"] = {
        "states": "not_yet",
        "body": "not_yet",
        "window": "not_yet",
        "page": "not_yet",
        "choices": {},
    }
    template = next(home.glob("your_pair.ipynb"), home / "notebooks/teaching/your_pair.ipynb")
    notebook = json.loads(template.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        else:  # pages beside the template are not in the new folder: keep the words of the links
            cell["source"] = _LINK.sub(r"\1", "".join(cell["source"]))
    for file, content in [("datapackage.json", schema), ("your_pair.ipynb", notebook)]:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    print(f"{folder}: a valid package without rows, and your_pair.ipynb to see what it gives.")
    return 0


def _index(args: argparse.Namespace) -> int:
    """Write the two lists to fill in, if they are missing; from them, sentences and locators."""
    from relations_lib import sources

    folder, text = Path(args.data or default_path()), Path(args.page).read_text(encoding="utf-8")
    lists, index = {name: folder / f"{name}.csv" for name in _LISTS}, sources.sentence_index(text)
    begun, made = any(file.exists() for file in lists.values()), folder / "page/sentences.csv"
    if not begun and len(made.read_text(encoding="utf-8").splitlines()) > 1:
        print(f"{made} is full, nothing was written: give --data FOLDER.", file=sys.stderr)
        return 2
    for name, file in lists.items():
        if not file.exists():
            table = index if name == "worklist" else index.head(0)
            table.reindex(columns=_LISTS[name]).to_csv(file, index=False, lineterminator="\n")
    work, places = (_read_list(file) for file in lists.values())
    if work["text"].tolist() != index["text"].tolist():
        allowed = "move it away, run this again, copy what you had written into the new one"
        found = f"other sentences than in {args.page}"
        raise DataError([Fault("worklist.csv", 1, "text", found, allowed)])
    whole = sources.normalize(text)
    print(f"For page.csv: length {len(whole)}, paragraphs {index['paragraph'].nunique()},")
    print(f"sha256 {sources.sha256(whole)}")
    locators = places[["table", "row"]].join(_spots(text, places))
    locators["id"] = [f"L{number:03d}" for number in range(1, len(places) + 1)]
    locators["states"] = places["states"]
    reason = work["reason"].where(work["reason"] != "", "not_applicable")
    work = work[["coded_as", "paraphrase"]].assign(reason=reason)
    for name, table in [("sentences", index.join(work)), ("locators", locators)]:
        header = pd.read_csv(folder / f"page/{name}.csv", nrows=0).columns
        table[header].to_csv(folder / f"page/{name}.csv", index=False, lineterminator="\n")
    print(f"{len(index)} sentences and {len(places)} places indexed. After every change of")
    print("worklist.csv or places.csv run this again, then `validate`: it says what is left.")
    return 0


def _read_list(file: Path) -> pd.DataFrame:
    """Return one of the lists to fill in; a spreadsheet may have saved it in another form."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if list(table) != _LISTS[file.stem]:
        allowed = f"the columns {', '.join(_LISTS[file.stem])}, with commas between"
        raise DataError([Fault(file.name, 1, "", ", ".join(map(str, table)), allowed)])
    return table


def _spots(text: str, places: pd.DataFrame) -> pd.DataFrame:
    """Return where the words of every place stand, or raise what keeps them from being found."""
    from relations_lib import sources

    spots, faults = [], []
    for line, place in enumerate(places.itertuples(index=False), start=2):
        try:
            found = sources.locate(text, place.words)
        except ValueError:
            allowed = "words copied from one sentence of the page"
            faults.append(Fault("places.csv", line, "words", repr(place.words), allowed))
            continue
        if (here := found[found["sentence"] == place.sentence]).empty:
            allowed = f"the sentence that holds the words: {', '.join(found['sentence'])}"
            faults.append(Fault("places.csv", line, "sentence", repr(place.sentence), allowed))
        spots.append(here.head(1))
    if faults:
        raise DataError(faults)
    columns = ["sentence", "start", "end", "sha256", "anchor"]
    return pd.concat([pd.DataFrame(columns=columns, dtype=object), *spots], ignore_index=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="relations_lib", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "--data", metavar="FOLDER", help="another data package (default: the package's own)"
        )
        command.set_defaults(run=run)
        return command

    add("validate", _validate, "check every table against the schema; print what the page totals")
    command = add("findings", _findings, "print every published result on standard output")
    command.add_argument("--format", choices=["csv", "json"], default="csv")
    command.add_argument(
        "--diff",
        metavar="OLD",
        help="print only what differs from this earlier export (.csv or .json)",
    )
    command = add("verify", _verify, "check every locator against your own copy of the page")
    command.add_argument("page", metavar="PAGE.txt", help="the page as plain text, UTF-8")
    command = add("new", _new, "write an empty data package and a notebook, for your own pair")
    command.add_argument("folder", metavar="FOLDER", help="the folder to create")
    command = add("index", _index, "number the sentences of a page, and find what rows rest on")
    command.add_argument("page", metavar="PAGE.txt", help="the page as plain text, UTF-8")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something was found wrong, 2 on misuse."""
    args = _parser().parse_args(arguments)
    try:
        return args.run(args)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"{error}\nGive the path of a readable UTF-8 file.", file=sys.stderr)
        return 2
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        print(f"These data cannot be analyzed: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
