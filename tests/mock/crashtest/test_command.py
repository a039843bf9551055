"""Clients as processes: whatever they do, the run goes on and nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from math import inf
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.crashtest import command, command_words, leftover_processes
from chatgptfree_mock.errors import SettingsError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_and_exit_code_are_kept_apart() -> None:
    seen = command.run(
        python("import sys; print('é👋', end=''); print('no', file=sys.stderr); sys.exit(3)"),
        seconds=20,
        expected_bytes=10,
    )
    assert (seen.status, seen.stdout, seen.stderr, seen.timed_out) == (3, "é👋", "no\n", False)


def test_bytes_that_are_not_text_are_reported() -> None:
    seen = command.run(python(r"import os; os.write(1, b'a\xff\xfeb')"), seconds=20, expected_bytes=4)
    assert seen.binary
    assert seen.stdout.startswith("a")


def test_a_client_that_prints_without_end_is_stopped() -> None:
    seen = command.run(python("while True: print('x' * 65536)"), seconds=60, expected_bytes=4)
    assert seen.too_much_output
    assert len(seen.stdout) < 3 * 1024 * 1024


def test_a_client_that_ignores_signals_is_ended(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('in', flush=True)\n"
        "open('it ignores them', 'w'); time.sleep(600)"
    )
    ignores = tmp_path / "it ignores them"
    seen = command.run(
        python(code), seconds=60, expected_bytes=4, folder=tmp_path, deadline=lambda: 0.0 if ignores.exists() else inf
    )
    assert seen.timed_out
    assert seen.stdout == "in\n"


def test_children_are_ended_too_also_those_that_leave_the_group(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    child = (
        "import os, time; os.setsid(); open({!r}, 'a').write(str(os.getpid()) + '\\n'); "
        "print(1, flush=True); time.sleep(600)"
    )
    code = (
        "import subprocess, sys\n"
        f"p = subprocess.Popen([sys.executable, '-c', {child.format(str(note))!r}], stdout=subprocess.PIPE)\n"
        "p.stdout.readline()\n"
    )
    seen = command.run(python(code), seconds=30, expected_bytes=4)
    assert seen.status == 0
    (pid,) = (int(line) for line in note.read_text().split())
    assert not _alive(pid)


def test_a_child_that_keeps_stdout_open_does_not_hold_the_run() -> None:
    child = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    code = f"import subprocess, sys; subprocess.Popen({child}); print('done')"
    seen = command.run(python(code), seconds=60, expected_bytes=4)
    assert (seen.status, seen.stdout, seen.timed_out) == (0, "done\n", False)


def test_a_client_has_no_terminal_and_no_standard_input() -> None:
    seen = command.run(
        python("import sys; print(sys.stdin.isatty(), repr(sys.stdin.read()))"), seconds=20, expected_bytes=4
    )
    assert seen.stdout == "False ''\n"


def test_a_client_killed_by_a_signal_is_reported() -> None:
    seen = command.run(python("import os; os.kill(os.getpid(), 11)"), seconds=20, expected_bytes=4)
    assert seen.status == -11


@pytest.mark.parametrize(
    ("word", "meant"), [("mesage", "message"), ("Message", "message"), ("URL", "url"), ("time_out", "timeout")]
)
def test_a_mistyped_placeholder_is_refused(word: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"no placeholder `{{{word}}}`; did you mean `{{{meant}}}`"):
        command_words.check_placeholders([sys.executable, "{url}", f"--text={{{word}}}"])


@pytest.mark.parametrize(
    ("word", "meant"), [("{msg}", "`{message}`"), ("{prompt}", "`{url}` or `{message}` or `{timeout}` or `{bot}`")]
)
def test_an_argument_that_is_a_word_in_braces_has_to_be_a_placeholder(word: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"no placeholder `{word}`; did you mean {meant}"):
        command_words.check_placeholders([sys.executable, "{url}", word])


@pytest.mark.parametrize(
    "word", ["{url}{message}{timeout}{bot}", "awk '{print}'", "${MESSAGE}", '{"message": 1}', "{}", "{ url }", "{0}"]
)
def test_other_braces_belong_to_the_command(word: str) -> None:
    command_words.check_placeholders([sys.executable, word])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param([], "no command", id="nothing"),
        pytest.param(["no-such-program-anywhere", "{url}"], "no such command", id="a program that does not exist"),
        pytest.param([sys.executable, "{url}", "\udcff"], "not valid UTF-8", id="bytes that are no text"),
        pytest.param([sys.executable, "{message}"], "never names `{url}`", id="a command that can't find the mock"),
    ],
)
def test_commands_that_can_not_work_are_refused_before_the_run(words: list[str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        command_words.check(words)


def test_only_known_names_are_filled_in() -> None:
    words = ["sh", "-c", 'f() { echo "${x}"; }; curl {url} -d {message}']
    assert command_words.fill(words, {"url": "http://h/", "message": "{url}"})[2] == (
        'f() { echo "${x}"; }; curl http://h/ -d {url}'
    )


VALUES = {"url": "http://h/", "message": "M", "timeout": "5", "bot": "b"}


@given(
    values=st.fixed_dictionaries({name: st.text() | st.sampled_from(["{url}", "{bot}{message}"]) for name in VALUES})
)
def test_values_are_never_filled_into_each_other(values: dict[str, str]) -> None:
    words = ["{url}", "a{message}b", "{timeout}{bot}", "{other}"]
    assert command_words.fill(words, values) == [
        values["url"],
        f"a{values['message']}b",
        values["timeout"] + values["bot"],
        "{other}",
    ]


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        pytest.param("x" * 5_000_000, "5000000 bytes", id="too long"),
        pytest.param("a\0b", "NUL", id="a NUL"),
        pytest.param("a\ud83d", "half a character", id="a lone surrogate"),
    ],
)
def test_what_cannot_be_an_argument_is_reported_in_a_sentence(argument: str, complaint: str) -> None:
    with pytest.raises(command.UnfitArgumentError, match=complaint):
        command.run([*python("pass"), argument], seconds=20, expected_bytes=4)


def test_a_file_that_is_not_a_program_is_reported_in_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "client"
    program.write_bytes(b"\x7fELF no program")
    program.chmod(0o755)
    with pytest.raises(SettingsError, match="can't start"):
        command.run([str(program)], seconds=20, expected_bytes=4)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state not in "ZX"


@pytest.mark.parametrize("few", [0, 2**22])
def test_a_stray_is_found_among_those_started_later_or_among_all_once_the_ids_began_anew(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftover_processes, "FEW", few)  # whether processes are listed, or asked for one by one
    mark = f"a-mark-of-{uuid4()}"  # another run of this test may be going on beside it
    client = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    marked = {**os.environ, leftover_processes.MARK: mark}
    stray = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=marked, bufsize=0)
    quoting = {**os.environ, "OTHER": f"{leftover_processes.MARK}={mark}"}
    innocent = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=quoting, bufsize=0)
    assert stray.stdin is not None is not stray.stdout
    assert innocent.stdin is not None is not innocent.stdout
    try:
        innocent.stdin.write(b"here\n")
        assert innocent.stdout.readline() == b"here\n"
        # The kernel shows the variables of a process a moment after `Popen` returns: once it answers they are there.
        stray.stdin.write(b"here\n")
        assert stray.stdout.readline() == b"here\n"
        assert leftover_processes.find(mark[:-2], after=client.pid) == [stray.pid]
        assert leftover_processes.find(mark[:-2], after=2**22) == [stray.pid]
        assert leftover_processes.find(mark[:-2]) == [stray.pid]
        assert leftover_processes.find("another" + mark, after=client.pid) == []
        leftover_processes.end(mark[:-2], after=client.pid)
        assert stray.wait() == -9
    finally:
        for process in (client, stray, innocent):
            process.communicate()


def test_the_guard_s_process_imports_little() -> None:
    # Each crash test starts one; with what the crash test itself needs it took three clients' time.
    code = "import sys; exec(open(sys.argv[1]).read(), {'__name__': 'guard'}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, leftover_processes.__file__],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"subprocess", "pathlib", "typing", "uuid", "re"}.isdisjoint(done.stdout.split())
