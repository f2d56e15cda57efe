"""The README is run: its commands in order, its model as it stands there."""

import json
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.flow.conftest import BIN, ROOT, Said, Shell, find_api

README = (ROOT / "README.md").read_text()
OWN_MODEL = "Your own model in ten lines"
BIRD = {"species": "Gentoo", "sex": "male", "flipper_length_mm": 221}


def blocks(section: str, language: str) -> list[str]:
    """The fenced blocks of a language under a heading."""
    text = README.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(shell: Shell, script: str, folder: Path, **extra: str) -> Said:
    """A block as somebody pastes it into bash; it must succeed."""
    said = shell.run("bash", "-euo", "pipefail", "-c", f"cd '{folder}'\n{script}", **extra)
    assert said.code == 0, said.err + said.out
    return said


def test_the_two_commands_are_what_demo_and_ci_run(shell: Shell) -> None:
    demo, test = blocks("Two commands", "bash")
    assert test.strip() in (ROOT / ".ci/run").read_text()
    assert "make demo DEMO=once" in README
    told = run(shell, f"{demo.strip()} DEMO=once", ROOT)
    assert "Ask once more: the very next answer is version 1's" in told.out


def test_the_demo_of_bad_releases_ends_with_the_good_version(shell: Shell) -> None:
    assert "make demo-safety" in README
    told = run(shell, "make demo-safety DEMO=once", ROOT)
    assert "Ask once more: the very next answer is version 2's" in told.out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


def test_your_own_model_is_deployed_asked_and_rolled_back(shell: Shell, folder: Path) -> None:
    setup, deploy, ask = blocks(OWN_MODEL, "bash")
    run(shell, setup, ROOT)
    model = "\n".join(blocks(OWN_MODEL, "python"))
    (folder / "my_model.py").write_text(model)
    told = run(shell, deploy, folder).out
    api = find_api(shell, "body-mass")
    assert api.url in told
    assert api.key in told
    answer = json.loads(run(shell, ask, folder, URL=api.url, KEY=api.key).out)
    (prediction,) = answer["predictions"]
    assert prediction["decision"] == "model"
    assert 4500 < prediction["value"] < 6500
    (client,) = blocks("Clients that exist already", "python")
    said = shell.run(BIN / "python", "-c", client, URL=api.url, KEY=api.key)
    _, same, _ = api.ask([{"species": "Gentoo", "flipper_length_mm": 221}])
    assert f"[{same['predictions'][0]['value']}] ['model']" in said.out, said.err

    (folder / "my_model.py").write_text(model.replace('version="1"', 'version="2"'))
    run(shell, deploy.replace("body-mass/1", "body-mass/2").replace("@1", "@2"), folder)
    (rollback,) = blocks("Rolling back", "bash")
    assert "odd answers" not in run(shell, "lambent status body-mass", folder).out
    run(shell, rollback, folder)
    assert "odd answers" in run(shell, "lambent status body-mass", folder).out
    answer = json.loads(run(shell, ask, folder, URL=api.url, KEY=api.key).out)
    assert answer["model"]["version"] == "1"


def test_a_model_of_ones_own_takes_ten_lines() -> None:
    _, added = blocks(OWN_MODEL, "python")
    assert len([line for line in added.splitlines() if line.strip()]) == 10


def test_the_commands_for_a_real_account_run_on_the_embedded_one(
    shell: Shell, folder: Path
) -> None:
    (commands,) = blocks("A real account", "bash")
    run(shell, commands, folder)
    site = re.findall(r"--cors-origin (\S+)", commands)[0]
    status, _, headers = find_api(shell, "body-mass").ask([BIRD], origin=site)
    assert (status, headers["access-control-allow-origin"]) == (200, site)


def test_every_command_of_the_table_does_what_its_row_says(shell: Shell, folder: Path) -> None:
    """In the order of the table, which ends with the command that takes the model off the air."""
    models, show, verify, sign, diff, report, explain, plan, size, *more = table_commands()
    openapi, status, history, invoke, shadow, compare, no_shadow, on, off, *more = more
    popular, logs, prune, destroy = more
    assert "body-mass" in run(shell, models, folder).out
    assert "flipper_length_mm" in run(shell, show, folder).out
    assert "verified" in run(shell, verify, folder).out
    assert "signed" in run(shell, sign, folder).out
    assert "compatible" in run(shell, diff, folder).out
    assert "body-mass-1.html" in run(shell, report, folder).out
    assert (folder / "body-mass-1.html").read_text().startswith("<!doctype html>")
    assert "With the model switched off, fallbacks answer" in run(shell, explain, folder).out
    assert "lambent deploy body-mass@1" in run(shell, plan, folder).out
    assert "fits" in run(shell, size, folder).out
    assert "/v1/predictions" in run(shell, openapi, folder).out
    assert "live: 1 since" in run(shell, status, folder).out
    assert "as it was written" in run(shell, history, folder).out
    answer = json.loads(run(shell, invoke, folder).out)
    assert answer["model"]["version"] == "1"
    assert answer["predictions"][0]["decision"] == "model"
    assert "are copied" in run(shell, shadow.replace("@1", "@2"), folder).out
    assert "nothing yet" in run(shell, compare, folder).out
    run(shell, no_shadow, folder)
    assert "switched off" in run(shell, on, folder).out
    assert "FALLBACK ONLY" in run(shell, status, folder).out
    run(shell, off, folder)
    assert "live: 1 since" in run(shell, status, folder).out
    (folder / "usual.txt").write_text("Gentoo\nAdelie\n")
    assert "2 items, the first 'Gentoo'" in run(shell, popular, folder).out
    assert re.match(r"\d{4}-\d\d-\d\dT\S+ +\S", first_line(shell, logs))
    assert "stays: live" in run(shell, prune, folder).out
    run(shell, f"echo y | {destroy}", folder)
    assert "body-mass" in run(shell, models, folder).out
    assert "not live; deploy it" in run(shell, status, folder).out


def table_commands() -> list[str]:
    """The first column of the table, with the model of the README in place of what varies."""
    column = "".join(re.findall(r"^\| (`lambent .+?) \|", README, re.MULTILINE))
    given = {
        "NAME LIST FILE": "birds usual usual.txt",  # the model of the README answers numbers
        "NAME": "body-mass",
        "[--version V]": "--version 1",
        "VERSION": "1",
        "{…}": json.dumps(BIRD),
    }
    for placeholder, value in given.items():
        column = column.replace(placeholder, value)
    return re.findall(r"`(lambent [^`]+)`", column)


def first_line(shell: Shell, command: str) -> str:
    """Of a command that goes on until Ctrl-C, which is how it is ended."""
    following = subprocess.Popen(
        shlex.split(command),
        env=shell.environment,
        stdout=subprocess.PIPE,
        text=True,
        # What runs in the background of a script ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with following:
        assert following.stdout is not None
        line = following.stdout.readline()
        following.send_signal(signal.SIGINT)
    assert following.returncode == 0
    return line


def test_every_command_of_the_readme_has_a_help_text(shell: Shell) -> None:
    named = set(re.findall(r"\blambent ([a-z]+)", README)) - {"local"}
    for command in sorted(named):
        said = shell.lambent(command, "--help")
        assert "Usage" in said.out, command
