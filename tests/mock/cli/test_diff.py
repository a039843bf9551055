"""The command `diff`: the changes between two recordings, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import cassette_folder, recorded_file


def folder(release: str) -> str:
    return str(cassette_folder() / "recorded" / release)


def test_the_same_is_0_and_what_differs_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", folder("2.3.93"), folder("2.3.93")]) == 0
    assert capsys.readouterr().out.endswith("38 compared: 0 differ, 38 are the same on the wire\n")
    assert run(["diff", folder("1.8.84"), folder("1.8.91")]) == 1
    assert "status        200 → 403" in capsys.readouterr().out


def test_two_files_of_any_name_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(recorded_file("1.8.93", "msg_ok_s")), str(recorded_file("1.8.93", "up_401_s"))]) == 1
    printed = capsys.readouterr().out
    assert "msg_ok_s.yaml #1 ↔ up_401_s.yaml #1" in printed
    assert "the reference client delivers text → raises upstream" in printed


def test_colours_are_for_terminals_and_odd_names_are_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd\x1b[31m.yaml"
    odd.write_bytes(recorded_file("1.8.93", "msg_ok_s").read_bytes())
    assert run(["diff", str(odd), str(recorded_file("1.8.93", "up_401_s"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"--- {tmp_path}/odd\\x1b[31m.yaml"
    assert lines[3].startswith("odd\\x1b[31m.yaml #1 ↔ up_401_s.yaml #1  POST ")
    assert [line for line in [*lines[1:3], *lines[4:]] if "x1b" in line] == []


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", folder("1.8.84"), folder("1.8.91"), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["differs"] is True
    found = {pair["before"]: [finding["sentence"] for finding in pair["findings"]] for pair in printed["pairs"]}
    assert "200 → 403" in found["nonce_bad_s.yaml #1"]


def test_notes_are_printed_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["diff", str(recorded_file("1.8.93", "msg_ok_s")), str(recorded_file("1.8.93", "up_burst_s"))]
    assert run([*arguments]) == 0
    assert "chunks" not in capsys.readouterr().out
    assert run([*arguments, "--notes"]) == 0
    assert "chunks → " in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [None, b"\x00\xff\xfe", b"interactions: 1\n"], ids=["missing", "binary", "no cassette"]
)
def test_bad_input_is_2(tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.yaml"
    if content is not None:
        file.write_bytes(content)
    assert run(["diff", str(file), folder("1.8.84")]) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"chatgptfree-mock: {file}")
    assert complaint.count("\n") == 1


def test_an_empty_folder_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(tmp_path), folder("1.8.84")]) == 2
    assert "no cassettes or HARs in this folder" in capsys.readouterr().err
