"""What the documentation promises is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CITATION = re.compile(
    r"fault[ _]rows?[ _]((?:\d+(?:(?:[-\u2013]|_to_)\d+)?(?:, | and |,|_and_|_)?)+)", re.IGNORECASE
)
THREAT = re.compile(
    r"threats?[ _:]+((?:(?:API|ML)\d+(?: to | and |,|_| )*|personal[ _]data)+)", re.I
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def all_tests() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")))


def rows_of(citation: str) -> set[int]:
    rows: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:(?:[-\u2013]|_to_)(\d+))?", citation):
        rows |= set(range(int(first), int(last or first) + 1))
    return rows


def cited_rows() -> set[int]:
    return set().union(*(rows_of(found) for found in CITATION.findall(all_tests())))


def promised_rows() -> set[int]:
    page = (ROOT / "docs/faults.md").read_text()
    return {int(row) for row in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}


def test_every_fault_row_of_the_docs_is_cited_by_a_test() -> None:
    assert promised_rows()
    assert promised_rows() - cited_rows() == set()


def test_every_threat_of_the_docs_is_cited_by_a_test() -> None:
    page = (ROOT / "docs/threats.md").read_text()
    promised = set(re.findall(r"^\| ((?:API|ML)\d+|personal data) \|", page, re.MULTILINE))
    cited = " ".join(THREAT.findall(all_tests())).replace("_", " ").upper()
    assert promised
    assert {threat for threat in promised if threat.upper() not in cited} == set()


def test_every_relative_link_of_the_docs_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in pages
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
