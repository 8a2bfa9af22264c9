"""What a reader can take along: notebooks, data, findings, the site, the whole project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from _cite import citation
from _rows import DATA, exports
from execute import ROOT, every_notebook, write
from hatchling.builders.sdist import SdistBuilder

STATED = "VERSION.txt"
SUMS = "SHA256SUMS"
SPHINX = {".buildinfo", ".buildinfo.bak", "objects.inv"}  # its own notes


def zip_files(files: Iterable[tuple[str, bytes]], target: Path) -> None:
    """Write an archive: in the order given and without dates, so that bytes repeat."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            information = ZipInfo(f"{target.stem}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            executable = content.startswith(b"#!")
            information.external_attr = (0o755 if executable else 0o644) << 16
            archive.writestr(information, content, ZIP_DEFLATED)


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder, sorted, by their names in it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file.read_bytes()


def git(*arguments: str) -> str:
    """Return what git says of this project, or nothing where there is no git or no history."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def stated() -> str:
    """Return commit and date: git's, or those written into an archive of the project."""
    written = ROOT / STATED
    if written.exists():
        return written.read_text(encoding="utf-8").splitlines()[1]
    commit = git("log", "-1", "--format=commit %h of %cs") or "undated"
    changed = git("status", "--porcelain", "--untracked-files=no")
    return f"{commit}, with changes" if changed else commit


def edition() -> str:
    """Return what an archive says of itself: version, then commit and date."""
    return f"version {citation()['version']}\n{stated()}\n"


def project_files() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the project that git would keep, and what version they are."""
    files = SdistBuilder(str(ROOT)).recurse_included_files()
    for name in sorted(file.relative_path for file in files):
        if name != STATED:
            yield name, (ROOT / name).read_bytes()
    yield STATED, edition().encode()


def write_downloads(site: Path) -> None:
    """Put notebooks, data, findings, the whole project and the whole site beside the pages."""
    folder = site / "downloads"
    shutil.rmtree(folder, ignore_errors=True)
    for notebook in every_notebook():
        write(folder / notebook.relative_to(ROOT / "notebooks"), notebook.read_bytes())
    shutil.copytree(DATA, folder / "data")
    for name, text in exports().items():
        write(folder / name, text)
    zip_files(files_of(DATA), folder / "data.zip")
    zip_files(project_files(), folder / "book.zip")
    pages = [(name, content) for name, content in files_of(site) if name not in SPHINX]
    zip_files(pages, folder / "site.zip")


# --- A release -----------------------------------------------------------------------------------


def released() -> Path:
    """Return the file that keeps the findings of this version."""
    return DATA / f"releases/findings-{citation()['version']}.csv"


def check_findings() -> None:
    """Stop where this version's findings are not kept as they are."""
    kept = released()
    if kept.exists() and kept.read_text(encoding="utf-8") == exports()["findings.csv"]:
        return
    name = kept.relative_to(ROOT)
    sys.exit(
        f"{name} does not hold today's findings. Those of a version that is out stay as they are: "
        f"raise it in CITATION.cff. Then run: python -m relations_lib findings > {name}"
    )


def build_packages(folder: Path) -> None:
    """Build wheel and source archive, with the commit's time, so that bytes repeat."""
    time = git("log", "-1", "--format=%ct") or "315532800"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": time}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def release(folder: Path) -> None:
    """Write wheel, source archive, project, data package and checksums into a folder."""
    check_findings()
    folder.mkdir(parents=True, exist_ok=True)
    build_packages(folder)
    zip_files(project_files(), folder / "book.zip")
    zip_files(files_of(DATA), folder / "data.zip")
    sums = [f"{sha256(content).hexdigest()}  {name}\n" for name, content in files_of(folder)]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8", newline="\n")
    print(f"{folder.relative_to(ROOT)}: {', '.join(edition().splitlines())}; sums in {SUMS}.")


if __name__ == "__main__":
    release(ROOT / "dist")
