"""What to show of sam's many words: a line per resource that is done, and what failed."""

import re

# A row of sam's event table. COLUMNS keeps sam from breaking names over lines.
COLUMNS = 400
_ROW = re.compile(
    r"(?P<status>[A-Z_]+_(?:COMPLETE|FAILED|SKIPPED))\s+(?P<type>AWS::\S+)\s+"
    r"(?P<name>\S+)\s+(?P<reason>.*?)\s*"
)
_DONE = {"CREATE_COMPLETE": "created", "UPDATE_COMPLETE": "updated", "DELETE_COMPLETE": "deleted"}
_UPLOAD = re.compile(r"\s*Uploading to (?P<key>\S+)\s.*\(100\.00%\)")


def telling(line: str) -> str | None:
    """The line as people should see it; None for what they need not see."""
    upload = _UPLOAD.fullmatch(line)
    if upload:
        return f"  uploaded  {upload['key']}"
    row = _ROW.fullmatch(line)
    if row is None:
        return None
    if row["status"] in _DONE:
        return f"  {_DONE[row['status']]}  {row['name']} ({row['type']})"
    if row["status"].endswith("_FAILED"):
        return f"  {row['status']}  {row['name']} ({row['type']}): {row['reason']}"
    return None
