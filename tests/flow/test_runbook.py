"""The runbook is run: each command from the situation it is for, and what it says to expect."""

import re
import shlex

import pytest

from tests.flow.conftest import ROOT, Api, Shell

PAGE = (ROOT / "docs/runbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def steps(section: str) -> list[tuple[list[str], str]]:
    """The arguments of each `lambent` of a section, and the words to expect of it."""
    lines = "".join(re.findall(r"^```bash\n(.*?)^```$", SECTIONS[section], re.M | re.S))
    parted = (line.partition(" # ") for line in lines.splitlines())
    return [(shlex.split(command)[1:], words.strip()) for command, _, words in parted]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.usefixtures("two_after_one")
def test_every_command_says_what_the_page_says(section: str, shell: Shell, penguins: Api) -> None:
    """From penguins@2 live, and penguins@1 before it."""
    assert steps(section)
    for arguments, words in steps(section):
        said = shell.lambent(*arguments)
        assert words in said.out + said.err, f"lambent {shlex.join(arguments)}: {said.out}"


def test_what_keeps_nobody_awake_is_left_out_and_every_alarm_is_in() -> None:
    """Those of a candidate stop its release, and call nobody to do anything."""
    template = (ROOT / "template.yaml").read_text()
    names = set(re.findall(r"AlarmName: !Sub lambent-\$\{ModelName\}-([a-z]+)$", template, re.M))
    assert {"errors", "latency", "fallbacks", "throttles", "judge"} <= names
    assert {name for name in names if f"`lambent-penguins-{name}`" not in PAGE} == set()
