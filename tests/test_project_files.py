"""The files that other tools read (the GitHub Action, the hooks, the Dockerfile …), and lists that the docs repeat."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatgptfree_mock.replay.fault_words import WORDS

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
RECORDING = next((ROOT / "cassettes" / "recorded").glob("*/stream_ok.yaml"))
CLIENT = ROOT / "examples" / "curl_loop.sh"


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("action.yml", "vendor.github-actions"),
        ("examples/watch.yml", "vendor.github-workflows"),
        ("CITATION.cff", "vendor.citation-file-format"),
    ],
)
def test_a_file_fits_the_schema_of_its_reader(name: str, schema: str) -> None:
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, ROOT / name], capture_output=True, check=False, text=True
    )
    assert checked.returncode == 0, checked.stdout


def steps_of(name: str) -> list[dict[str, Any]]:
    """Return the steps of the workflow *name*, job after job."""
    return [step for job in load(name)["jobs"].values() for step in job["steps"]]


def test_the_workflow_is_as_actionlint_wants_it() -> None:
    whole = (ROOT / "examples/watch.yml").read_text()
    steps = steps_of("examples/watch.yml")
    assert set(load("examples/watch.yml")[True]) == {"schedule", "workflow_dispatch"}  # YAML reads `on` as a boolean
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    for step in steps:
        script = re.sub(r"\$\{\{.*?\}\}", "x", step.get("run", ""))
        checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, check=False, text=True)
        assert (checked.returncode, checked.stderr) == (0, "")
    # What a condition reads was written by a step before it.
    for number, step in enumerate(steps):
        for variable in re.findall(r"\benv\.(\w+)", step.get("if", "")):
            assert any(f'echo "{variable}=' in before.get("run", "") for before in steps[:number]), variable
    for written in re.findall(r"\$\{\{(.*?)\}\}", whole):
        assert re.fullmatch(r"\s*(github|env|secrets|steps|inputs)\.[\w.-]+\s*", written), written


@pytest.mark.parametrize(("answer", "code"), [("changed", 1), ("same", 0), ("gone", 2)])
def test_the_step_of_the_workflow_keeps_code_and_report(answer: str, code: int, tmp_path: Path) -> None:
    step = next(each for each in steps_of("examples/watch.yml") if "chatgptfree-mock watch" in each.get("run", ""))
    program = tmp_path / "chatgptfree-mock"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > words\necho {answer}; exit {code}\n')
    program.chmod(0o755)
    environment = {"GITHUB_ENV": str(tmp_path / "env"), "GITHUB_SERVER_URL": "https://github.com"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **environment, "GITHUB_REPOSITORY": "me/mine", "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0
    assert (tmp_path / "env").read_text() == f"code={code}\n"
    assert (tmp_path / "report.md").read_text() == f"{answer}\n"
    words = (tmp_path / "words").read_text().split()
    assert words[:2] == ["watch", "https://chatgptfree.ai"]
    assert words[words.index("--contact") + 1] == "https://github.com/me/mine"


def test_the_dockerfile_is_clean_for_hadolint() -> None:
    checked = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, check=False, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_image_gets_all_that_the_package_is_built_from() -> None:
    copied = {word for line in (ROOT / "Dockerfile").read_text().splitlines() for word in line.split()[1:-1]}
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert let_through <= copied
    assert {"client", "mock_server", "cassettes", "pyproject.toml", "README.md", "LICENSE"} == let_through


@pytest.mark.parametrize("hook", load(".pre-commit-hooks.yaml"), ids=lambda hook: str(hook["id"]))
def test_a_hook_checks_the_files_that_it_is_given(hook: dict[str, Any], tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean.yaml", tmp_path / "dirty.yaml"
    clean.write_bytes(RECORDING.read_bytes())
    dirty.write_bytes(RECORDING.read_bytes().replace(b"status:", b"statsu:"))
    command = [str(BIN / shlex.split(hook["entry"])[0]), *shlex.split(hook["entry"])[1:]]
    assert subprocess.run([*command, clean], capture_output=True, check=False).returncode == 0
    refused = subprocess.run([*command, clean, dirty], capture_output=True, check=False, text=True)
    assert refused.returncode != 0
    assert "dirty.yaml" in refused.stdout + refused.stderr


def run_action(tmp_path: Path, arguments: str, command: str = "crashtest") -> tuple[int, str, str]:
    """Run the last step of the action as a runner does; return exit code, job summary and outputs."""
    step = next(each for each in load("action.yml")["runs"]["steps"] if each.get("id") == "run")
    (tmp_path / "chatgptfree").mkdir()
    (tmp_path / "chatgptfree" / "bin").symlink_to(BIN)
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    files = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **files, "SUBCOMMAND": command, "ARGUMENTS": arguments},
        capture_output=True,
        check=False,
        text=True,
        cwd=tmp_path,
    )
    printed, named = (file.read_text() if file.exists() else done.stdout for file in (summary, outputs))
    return done.returncode, printed, named


def test_the_action_reports_a_client_that_loses_text(tmp_path: Path) -> None:
    careless = f"--plugin 1.8.93 --scenario stream/half-an-event -- sh '{CLIENT}' {{url}} {{message}}"
    code, summary, outputs = run_action(tmp_path, careless)
    assert code == 1
    assert "- **silent loss**" in summary
    assert outputs.splitlines() == ["exit-code=1", f"report={tmp_path}/chatgptfree-crashtest.txt"]


def test_the_action_hands_on_bad_input_as_such(tmp_path: Path) -> None:
    code, _, outputs = run_action(tmp_path, "--scenario 'no/such' -- true {url}")
    assert (code, outputs.splitlines()[0]) == (2, "exit-code=2")


def test_the_action_names_arguments_that_are_not_words(tmp_path: Path) -> None:
    code, printed, outputs = run_action(tmp_path, "--scenario 'text/*")
    assert (code, outputs) == (2, "exit-code=2\n")
    assert "::error::the input arguments is not a list of shell words" in printed


def test_the_action_runs_no_other_command(tmp_path: Path) -> None:
    code, printed, _ = run_action(tmp_path, "--port 0", command="serve")
    assert code == 2
    assert "::error::the input command is 'serve'; it can be crashtest or watch" in printed


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / ".ci" / "release", *arguments], capture_output=True, check=False, text=True
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of the files that a release changes."""
    (tmp_path / ".ci").mkdir()
    for name in (".ci/release", "CHANGELOG.md", "pyproject.toml", "CITATION.cff"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    for words in (
        ["init", "-q"],
        ["config", "user.name", "Tester"],
        ["config", "user.email", "tester@example.org"],
        ["add", "-A"],
        ["commit", "-qm", "All"],
    ):
        subprocess.run(["git", "-C", tmp_path, *words], check=True)
    return tmp_path


def test_a_release_dates_the_changelog_and_writes_its_version_everywhere(checkout: Path) -> None:
    done = release(checkout, "9.8.7", "--tag")
    assert done.returncode == 0, done.stderr
    changelog = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    today = re.search(r"## \[Unreleased\]\n\n## \[9\.8\.7\] - (\d{4}-\d\d-\d\d)\n", changelog)
    assert today
    assert tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == "9.8.7"
    citation = yaml.safe_load((checkout / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == "9.8.7"
    git = ["git", "-C", str(checkout)]
    assert subprocess.check_output([*git, "tag"], text=True).split() == ["v9.8.7"]
    assert not subprocess.check_output([*git, "status", "--porcelain"])
    again = release(checkout, "9.8.8")
    assert (again.returncode, again.stderr) == (1, "CHANGELOG.md has no entries under `## [Unreleased]`\n")


@pytest.mark.parametrize(
    ("version", "dirty", "words"),
    [
        ("1.0", False, "`1.0` is not a version such as 0.1.0"),
        ("1.0.0", True, "the checkout has changes that are not committed"),
        ("1.0.0", False, "v2.0.0 is tagged already"),
    ],
)
def test_a_release_that_cannot_be_made_changes_nothing(checkout: Path, version: str, dirty: bool, words: str) -> None:
    subprocess.run(["git", "-C", checkout, "tag", "v2.0.0"], check=True)
    if dirty:
        (checkout / "new.txt").write_text("new")
    before = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    done = release(checkout, version)
    assert done.returncode == 1
    assert done.stderr.startswith(words)
    assert (checkout / "CHANGELOG.md").read_text(encoding="utf-8") == before


def test_every_python_that_is_declared_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert project["requires-python"] == f">={declared[0]}"
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    short = [each.replace(".", "") for each in declared]
    assert tox["tox"]["labels"] == f"pythons = {', '.join(f'py{each}' for each in short)}"
    wheels = f"wheel-py3{{{','.join(each[1:] for each in short)}}}"
    assert tox["tox"]["env_list"].endswith(f", {wheels}")
    assert f"testenv:{wheels}" in tox


def test_the_docs_list_and_count_every_fault() -> None:
    settings = (ROOT / "docs" / "how-to" / "settings.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `fault` \|(.*)\|$", settings, re.MULTILINE)
    assert sorted(re.findall(r"`([^`]+)`", row)) == sorted(WORDS)
    assert f"[{len(WORDS)} faults](docs/how-to/settings.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
