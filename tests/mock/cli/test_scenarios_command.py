"""``chatgptfree-mock scenarios``: the list, one scenario, and JSON; what only this project's tests use is not shown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.support.crashtest import library

from chatgptfree_mock.cli import run

ROW = re.compile(r"\b[A-Z][0-9]{2}\b")
"""A row of the list of edge cases (`tests/mock/scenario/test_catalogue.py`)."""


def test_the_list_has_a_name_and_a_title_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == library().names
    assert [line.split(maxsplit=1)[1] for line in lines] == [entry.scenario.title for entry in library()]
    assert [line for line in lines if ROW.search(line)] == []


def test_one_scenario_is_shown_with_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    entry = library()["nonce/expired-403"]
    assert run(["scenarios", entry.name]) == 0
    head, _, file = capsys.readouterr().out.partition("\n\n")
    assert [line.split()[0] for line in head.splitlines()] == ["nonce/expired-403:", "expect", "address", "file"]
    assert file == entry.file.read_text(encoding="utf-8")


def test_json_leaves_out_the_rows_of_the_projects_own_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios", "nonce", "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert {"name", "file", "title", "site", "expect"} <= set(found[0])
    assert [each["name"] for each in found if "cases" in each] == []
