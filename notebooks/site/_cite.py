"""One record of how to cite the book, CITATION.cff, in the forms that readers and machines ask."""

from __future__ import annotations

import json
from functools import cache
from string import Template
from typing import Any

import yaml
from execute import ROOT

BIBTEX = Template("""@misc{relations,
  author = {{$author}},
  title = {{$title}},
  year = {$year},
  version = {$version},
  note = {Text, figures and data: CC BY 4.0; code: MIT License}
}""")
SCHEMA_ORG = Template("""{
  "@context": "https://schema.org",
  "@type": "CreativeWork",
  "name": $title,
  "description": $abstract,
  "version": $version,
  "datePublished": $date,
  "author": {"@type": "Organization", "name": $author},
  "keywords": $keywords,
  "hasPart": [
    {
      "@type": "Dataset",
      "name": "Data, text and figures",
      "description": $abstract,
      "license": "https://creativecommons.org/licenses/by/4.0/"
    },
    {
      "@type": "SoftwareSourceCode",
      "name": "Code",
      "license": "https://spdx.org/licenses/MIT"
    }
  ]
}""")
REFERENCE = Template("$author ($year): $title. Version $version.")


@cache
def citation() -> dict[str, Any]:
    """Return the citation record of CITATION.cff, with its author and year."""
    record = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    record["author"] = ", ".join(author["name"] for author in record["authors"])
    record["year"] = str(record["date-released"])[:4]
    return record


def reference() -> str:
    """Return the book as one cites it."""
    return REFERENCE.substitute(citation())


def bibtex() -> str:
    """Return the record for BibTeX."""
    return BIBTEX.substitute(citation())


def schema_org() -> str:
    """Return the record for search engines (schema.org), with a license for each part."""
    record = {name: json.dumps(value, default=str) for name, value in citation().items()}
    return SCHEMA_ORG.substitute(record, date=record["date-released"]).replace("</", "<\\/")
