"""One record of how to cite the book, CITATION.cff, in the forms that readers and machines ask."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import yaml
from execute import ROOT

Record = dict[str, Any]


@cache
def citation() -> Record:
    """Return the citation record as it stands in CITATION.cff."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def authors() -> str:
    """Return who made this: one place, CITATION.cff."""
    names = [author.get("name", "") for author in citation()["authors"]]
    return ", ".join(names)


def year() -> str:
    """Return the year of the version."""
    return str(citation()["date-released"])[:4]


def reference(chapter: str = "") -> str:
    """Return the book, or a chapter of it, as one cites it."""
    record = citation()
    title = f"“{chapter}”, in {record['title']}" if chapter else record["title"]
    return f"{authors()} ({year()}): {title}. Version {record['version']}."


def bibtex() -> str:
    """Return the record for BibTeX."""
    record = citation()
    fields = {
        "author": f"{{{authors()}}}",
        "title": f"{{{record['title']}}}",
        "year": year(),
        "version": record["version"],
        "note": "Text, figures and data: CC BY 4.0; code: MIT License",
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return "@misc{relations,\n" + ",\n".join(lines) + "\n}"


def schema_org(description: str) -> str:
    """Return the record for search engines (schema.org), with a license for each part."""
    record = citation()
    author = {"@type": "Organization", "name": authors()}
    parts = [
        {
            "@type": "Dataset",
            "name": "Data, text and figures",
            "description": description,
            "license": "https://creativecommons.org/licenses/by/4.0/",
        },
        {
            "@type": "SoftwareSourceCode",
            "name": "Code",
            "license": "https://spdx.org/licenses/MIT",
        },
    ]
    whole = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "name": record["title"],
        "description": description,
        "version": str(record["version"]),
        "datePublished": str(record["date-released"]),
        "author": author,
        "keywords": record["keywords"],
        "hasPart": parts,
    }
    return json.dumps(whole, ensure_ascii=False).replace("</", "<\\/")


def meta_tags(title: str) -> list[tuple[str, str]]:
    """Return what reference managers read on a page."""
    return [
        ("citation_title", title),
        ("citation_author", authors()),
        ("citation_publication_date", str(citation()["date-released"]).replace("-", "/")),
        ("citation_inbook_title", citation()["title"]),
    ]
