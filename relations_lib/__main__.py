"""Command line: ``python -m relations_lib validate | findings | verify | new``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from relations_lib.tables import Data, DataError, default_path, load

_GENERAL = ("$schema", "normalization", "missingValueCodes", "customProperties", "resources")


def _validate(args: argparse.Namespace) -> int:
    data = load(args.data)
    for name, table in data.items():
        print(f"{name:22}{len(table):5} rows")
    print(_totals(data))
    print(f"All {len(data)} tables are valid.")
    return 0


def _totals(data: Data) -> str:
    """Return what the page states as totals, kept apart from the rows that were coded."""
    named = len(data.agreements)
    lines = [
        f"The page states {row.documents} documents signed in {row.period}; it names {named} "
        "(single documents or sets), which are rows of agreements. The total is never rows."
        for row in data.legal_base.itertuples()
    ]
    return "\n".join(lines or ["The page states no total."])


def _findings(args: argparse.Namespace) -> int:
    import pandas as pd

    from relations_lib import findings

    table = findings.compute(load(args.data))
    if args.diff:
        old = pd.read_json(args.diff) if args.diff.endswith(".json") else pd.read_csv(args.diff)
        changes = findings.diff(old, table)
        print(changes.to_csv(index=False, lineterminator="\n"), end="")
        print(f"{len(changes)} numbers differ from {args.diff}", file=sys.stderr)
        return 0
    text = findings.to_json(table) if args.format == "json" else findings.to_csv(table)
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
        f"{len(mismatches)} mismatches in {counts}." if len(mismatches) else f"All {counts} agree."
    )
    return 1 if len(mismatches) else 0


def _new(args: argparse.Namespace) -> int:
    """Write a package without rows (but states, and their sources), and a notebook for it."""
    import pandas as pd

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
        resource.pop("coverage", None)
    schema = {"name": "your-pair", "title": "One page on two states, coded"}
    schema |= {name: data.schema[name] for name in _GENERAL}
    template = next(home.glob("your_pair.ipynb"), home / "notebooks/teaching/your_pair.ipynb")
    notebook = json.loads(template.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell |= {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    for file, content in [("datapackage.json", schema), ("your_pair.ipynb", notebook)]:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    print(f"{folder}: a valid package without rows, and your_pair.ipynb to see what it gives.")
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
