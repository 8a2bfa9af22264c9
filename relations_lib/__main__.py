"""Command line: ``python -m relations_lib`` lists the commands."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from relations_lib import doctor

try:
    from relations_lib import coding, sources, versions
    from relations_lib.tables import Data, DataError, default_path, load
except KeyboardInterrupt:  # pandas takes a second
    print("Stopped.", file=sys.stderr)
    sys.exit(130)
except ImportError:  # half an environment
    print(*doctor.find_problems(Path.cwd()), sep="\n", file=sys.stderr)
    sys.exit(1)

_STOPPED = 130  # the exit code of a command that was interrupted
_LONGEST = 300  # characters of a detail


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _folder(args: argparse.Namespace, writes: bool = False) -> Path:
    """Return the folder of the package that a command reads, and say it on standard error."""
    here = "." if Path("datapackage.json").is_file() else ""
    named = args.data or here
    if writes and not named:
        raise coding.MisuseError(
            "no datapackage.json in this folder: name a package with --data FOLDER"
        )
    folder = Path(named or default_path())
    if folder.name == "datapackage.json":
        folder = folder.parent
    own = "" if named else ", this project's own (another: --data FOLDER)"
    _say(f"Data: {folder.resolve()}{own}")
    return folder


def _validate(args: argparse.Namespace) -> int:
    data = load(_folder(args))
    for name, table in data.items():
        print(f"{name:22}{len(table):5} rows")
    print(_totals(data))
    print(f"All {len(data)} tables are valid.")
    for row in sources.other_dates(data).itertuples():
        print(f"Read again: {row.row} is dated {row.date}, its places on the page say {row.told}.")
    missing = ", ".join(data.about.missing())
    if missing:
        print(f"Still to declare in datapackage.json, under about: {missing}.")
    return 0


def _totals(data: Data) -> str:
    """Return what the page states as totals, kept apart from the rows that were coded."""
    lines = []
    if "legal_base" not in data or "agreements" not in data:
        return "The package has no table of totals, or none of the documents that the page names."
    for row in data.legal_base.itertuples():
        number = "documents without a number"
        if row.qualifier != "not_stated":
            number = f"{row.qualifier.replace('_', ' ')} {row.documents} documents"
        period = f" signed in {row.period}" if isinstance(row.period, str) else ""
        lines.append(
            f"The page states {number}{period}; it names {len(data.agreements)} (single documents "
            "or sets), which are rows of agreements. The total is never rows."
        )
    return "\n".join(lines) or "The page states no total."


def _findings(args: argparse.Namespace) -> int:
    from relations_lib import findings

    try:
        old = findings.read(args.diff) if args.diff else None
    except ValueError as error:
        _say(str(error))
        return 2
    table, missing = findings.collect(load(_folder(args)))
    for reason, keys in missing.groupby("reason", sort=False)["key"]:
        _say(f"Not computed: {', '.join(keys.unique())}. Reason: {reason}")
    if old is not None:
        table, missing = findings.diff(old, table), None
        _say(f"{len(table)} numbers and texts differ from {args.diff}")
    as_json = args.format == "json"
    print(findings.to_json(table, missing) if as_json else findings.to_csv(table), end="")
    return 0


def _verify(args: argparse.Namespace) -> int:
    data = load(_folder(args))
    mismatches = sources.verify(data, sources.read_page(args.page))
    for row in mismatches.itertuples():
        rests = f" (rests on it: {row.rows})" if row.rows else ""
        detail = textwrap.shorten(row.detail, _LONGEST, placeholder=" ...")
        print(f"{row.place}: {row.problem}{rests}\n    {detail}")
    counts = f"{len(data.sentences)} sentences and {len(data.locators)} locators"
    if mismatches.empty:
        print(f"All {counts} agree.")
        return 0
    print(f"Mismatches: {len(mismatches)}, in {counts}.")
    return 1


def _new(args: argparse.Namespace) -> int:
    folder = Path(args.folder)
    unknown = coding.new_package(load(_folder(args)), folder, args.pair, args.title)
    print(f"{folder}: a valid package without rows, and your_pair.ipynb to see what it gives.")
    if unknown:
        print(f"To make it valid, give {' and '.join(unknown)} a row in context/states.csv.")
    return 0


def _index(args: argparse.Namespace) -> int:
    text = sources.read_page(args.page)
    sentences, places = coding.index_page(_folder(args, writes=True), text)
    whole = sources.normalize(text)
    paragraphs = sentences["paragraph"].nunique()
    print(f"For page.csv: length {len(whole)}, paragraphs {paragraphs},")
    print(f"sha256 {sources.sha256(whole)}")
    print(f"{len(sentences)} sentences and {len(places)} places indexed. After every change of")
    print("worklist.csv or places.csv run this again, then `validate`: it says what is left.")
    return 0


def _locate(args: argparse.Namespace) -> int:
    text = sources.read_page(args.page)
    folder = _folder(args, writes=True)
    found = coding.add_place(folder, text, args.row, args.words, args.sentence, args.states)
    print(f"{args.row} rests on {found} too. Run `validate`: it says what is left.")
    return 0


def _copy(args: argparse.Namespace) -> int:
    folder = _folder(args, writes=True)
    source = load(args.source)
    counts = coding.copy_organizations(source, folder, args.ids, args.pair_only)
    for name, count in counts.items():
        print(f"{name:22}{count:5} rows added")
    return 0


def _doctor(args: argparse.Namespace) -> int:
    problems = doctor.find_problems(Path.cwd())
    for problem in problems:
        print(problem)
    if not problems:
        print(f"All is well: Python {sys.version.split()[0]}, {versions()}.")
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="relations_lib", description="Data on a page, checked.")
    parser.add_argument("--version", action="store_true", help="print what is installed")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "--data",
            metavar="FOLDER",
            help="the data package (default: the one in this folder; "
            "without one, the project's own, which is only read)",
        )
        command.set_defaults(run=run)
        return command

    add("validate", _validate, "check every table against the schema; print what the page totals")
    command = add("findings", _findings, "print every published result on standard output")
    command.add_argument("--format", choices=["csv", "json"], default="csv")
    command.add_argument(
        "--diff",
        metavar="OLD",
        help="print only what differs from this earlier export (CSV or JSON)",
    )
    command = add("verify", _verify, "check every locator against your own copy of the page")
    _add_page(command)
    _add_tools(add)
    add("doctor", _doctor, "say what is wrong with the set-up")
    return parser


def _add_tools(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands for who codes a page."""
    command = add("new", _new, "write an empty data package and a notebook, for your own pair")
    command.add_argument("folder", metavar="FOLDER", help="the folder to create")
    command.add_argument(
        "--pair",
        nargs=2,
        default=(),
        metavar=("OWN", "OTHER"),
        help="codes of the two states, that of the page first, such as AZE TJK",
    )
    command.add_argument("--title", default="", help="what the package is called")
    command = add("index", _index, "number the sentences of a page, and find what rows rest on")
    _add_page(command)
    command = add("locate", _locate, "add one place of the page on which a row rests")
    _add_page(command)
    command.add_argument("row", metavar="TABLE#ID", help="the row, such as visits#v2001")
    command.add_argument("words", metavar="WORDS", help="the words of the page, in quotation marks")
    command.add_argument("--sentence", default="", help="which sentence, if several hold the words")
    command.add_argument("--states", default="mention", help="what is said there: date 2001-06")
    command = add("copy", _copy, "copy organizations and their members from another package")
    command.add_argument("ids", nargs="*", metavar="ID", help="default: those of both states")
    command.add_argument("--from", dest="source", metavar="FOLDER", help="default: this project's")
    command.add_argument("--pair-only", action="store_true", help="no members but the two states")


def _add_page(command: argparse.ArgumentParser) -> None:
    command.add_argument("page", metavar="PAGE.txt", help="the page as plain text, UTF-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something was found wrong, 2 on misuse."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.version:
        print(versions())
        return 0
    if args.command is None:
        parser.print_help()
        return 0
    try:
        code = args.run(args)
        sys.stdout.flush()
        return code
    except DataError as error:
        _say(str(error))
        return 1
    except coding.MisuseError as error:
        _say(str(error))
        return 2
    except BrokenPipeError:
        _close_output()
        return 1
    except OSError as error:
        _close_output()
        _say(doctor.advice(error))
        return 2
    except KeyboardInterrupt:
        _say("Stopped.")
        return _STOPPED
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        told = [*str(error).split(), *getattr(error, "__notes__", [])]
        _say(f"These data cannot be analyzed: {' '.join(told)}")
        return 1


def _close_output() -> None:
    """Keep Python from writing once more, at its end, to an output that takes nothing."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run() -> None:
    """Run one command as a program of its own: an end asked for from outside is quiet."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())


if __name__ == "__main__":
    run()
