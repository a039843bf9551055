"""Every code block of the README is executed, section by section, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.readme import ROOT, Block, NobodyRunsThisError, reader, sections

SETUP = "Two commands"
SECTIONS = sections()
_WHOLE_CRASH_TEST = re.compile(r"(chatgptfree-mock crashtest --cassette \S+ --base /v1)(?= -- )")
"""A crash test with a stall: the client waits for ever, so its limit may as well be short."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("title", [title for title in SECTIONS if title != SETUP])
def test_the_examples_of_a_section_run(title: str, tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for block in SECTIONS[title]:
            somebody.follow(replace(block, code=_WHOLE_CRASH_TEST.sub(r"\1 --stall 0.1", block.code)))


def test_a_block_that_nothing_runs_is_a_failure(tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for language in ("", "text", "js", "yaml"):
            with pytest.raises(NobodyRunsThisError):
                somebody.follow(Block(language=language, code="something: else\n"))


def test_no_block_hides_from_the_test() -> None:
    fences = re.findall(r"^\s*(?:```|~~~)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * sum(len(blocks) for blocks in SECTIONS.values())


def test_ci_runs_the_second_command() -> None:
    _, second = SECTIONS[SETUP]
    assert second.code in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.set_up
@pytest.mark.timeout(900)
def test_the_first_command_sets_up_and_shows_the_demo(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes((ROOT / name).read_bytes())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    first, _ = SECTIONS[SETUP]
    done = subprocess.run(
        ["bash", "-ec", first.code], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 of 6 right" in done.stdout
