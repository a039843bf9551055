"""`chatgptfree ask`, `chat` and `inspect`: what is on stdout, what on stderr, and the exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from tests.support.command_line import run_in_process
from tests.support.no_certificates import NO_CERTIFICATES
from tests.support.raw_server import CLOSE, HANG
from tests.support.raw_site import (
    EXPIRED_403,
    aipkit_page,
    buffered,
    chunk,
    delta,
    document,
    response,
    site,
    stream_head,
    streamed,
)

from chatgptfree.cli import main

HALF = stream_head() + chunk(delta("Hel"))


run = partial(run_in_process, main)


def start(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its users do; one test of each command is enough, for a start takes a second of CPU."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "chatgptfree", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env={**os.environ, **NO_CERTIFICATES, **environment},
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_ask_prints_the_answer_and_nothing_else() -> None:
    with site(streamed("Hel", "lo 👋\n")) as server:
        done = start("ask", "--url", server.url, "Hi", PYTHONIOENCODING="ascii")
    assert (done.stdout, done.stderr, done.returncode) == ("Hello 👋\n", "", 0)


def test_ask_reads_the_message_from_stdin() -> None:
    with site(buffered("Hello")) as server:
        assert run("ask", "--url", server.url, "-", stdin="From\nstdin").stdout == "Hello"
        assert server.requests[-1].fields["message"] == "From\nstdin"


def test_ask_keeps_what_came_before_a_failure() -> None:
    with site([HALF, CLOSE]) as server:
        done = run("ask", "--url", server.url, "Hi")
    assert (done.stdout, done.returncode) == ("Hel", 1)
    assert done.stderr.startswith("chatgptfree: interrupted: ")
    assert "Traceback" not in done.stderr


def test_ask_as_json_is_one_object_a_line() -> None:
    with site(streamed("Hel", "lo")) as server:
        done = run("ask", "--json", "--url", server.url, "Hi")
    *deltas, last = lines(done.stdout)
    assert deltas == [{"delta": "Hel"}, {"delta": "lo"}]
    assert last["reply"]["text"] == "Hello"
    assert (done.stderr, done.returncode) == ("", 0)


def test_ask_as_json_prints_the_error_as_well() -> None:
    with site(EXPIRED_403) as server:
        done = run("ask", "--json", "--url", server.url, "Hi")
    (entry,) = lines(done.stdout)
    assert (entry["error"]["kind"], entry["error"]["retryable"], done.returncode) == ("nonce", True, 1)


@pytest.mark.parametrize(
    ("command", "kind"), [(["ask", "--json", "--url"], "refused"), (["inspect", "--json"], "page")]
)
def test_every_failure_is_reported_as_json(command: list[str], kind: str) -> None:
    with site(b"", pages=[response(document(title="Parked"))]) as server:
        done = run(*command, server.url, *([""] if "ask" in command else []))
    (entry,) = lines(done.stdout)
    assert (entry["error"]["kind"], done.returncode) == (kind, 1)
    assert done.stderr.startswith(f"chatgptfree: {kind}: ")


def test_what_came_in_place_of_an_answer_follows_a_colon() -> None:
    with site(b"", pages=[response("no such page", status="404 Not Found")]) as server:
        done = run("inspect", server.url)
    assert done.stderr == "chatgptfree: page: no page there (status 404): no such page\n"


def test_json_is_one_line_even_with_unicode_line_ends() -> None:
    text = "a\x85b\u2028c\u2029d\n"
    with site(streamed(text)) as server:
        done = run("ask", "--json", "--url", server.url, "Hi")
    assert [entry.get("delta", text) for entry in lines(done.stdout)] == [text, text]


@pytest.mark.parametrize("command", [["ask", "-"], ["chat"]], ids=" ".join)
def test_a_message_on_stdin_is_utf8_whatever_the_locale(command: list[str]) -> None:
    with site(buffered("Hi!")) as server:
        assert run(*command, "--url", server.url, stdin="Grüße", encoding="ascii").returncode == 0
        assert server.requests[-1].fields["message"] == "Grüße"
        asking = run(*command, "--url", server.url, stdin=b"Gr\xfc\xdfe")
    assert (asking.stdout, asking.returncode) == ("", 2)
    assert asking.stderr.startswith("chatgptfree: stdin is not valid UTF-8")


def test_a_full_disk_prints_no_traceback() -> None:
    with site(buffered("Hi!")) as server, open("/dev/full", "wb") as full:
        asking = subprocess.run(
            [sys.executable, "-m", "chatgptfree", "ask", "--url", server.url, "Hi"],
            env={**os.environ, **NO_CERTIFICATES},
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=300,
            check=False,
        )
    assert (asking.returncode, asking.stderr.count(b"\n")) == (1, 1)
    assert b"No space left" in asking.stderr


def test_a_warning_goes_to_stderr() -> None:
    with site(streamed("Hello", end='data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n')) as server:
        done = run("ask", "--url", server.url, "Hi")
    assert (done.stdout, done.returncode) == ("Hello", 0)


def test_ask_gives_up_after_the_timeout() -> None:
    with site([HALF, HANG]) as server:
        done = run("ask", "--timeout", "0.2", "--url", server.url, "Hi")
    assert (done.stdout, done.returncode) == ("Hel", 1)
    assert done.stderr == "chatgptfree: timeout: the whole call took more than 0.2 s\n"


def test_ask_as_json_names_the_limit_that_ran_out() -> None:
    with site([HALF, HANG]) as server:
        done = run("ask", "--json", "--timeout", "0.2", "--url", server.url, "Hi")
    assert lines(done.stdout)[-1]["error"]["phase"] == "total"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("aks", "did you mean `ask`?"),
        ("zzz", "there are: ask, chat, completion, inspect"),
        ("", "there are: ask, chat, completion, inspect"),
        ("a\x1b[1m", "there are: ask, chat, completion, inspect"),
    ],
)
def test_an_unknown_command_is_worded_as_in_the_mock(name: str, hint: str) -> None:
    done = run(name)
    shown = name.replace("\x1b", "\\x1b")
    assert done.returncode == 2
    assert done.stderr == f"chatgptfree: no such command: `{shown}`; {hint} (see `chatgptfree --help`)\n"


def test_without_arguments_the_help_is_printed_as_it_is() -> None:
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (2, "", run("--help").stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "--url", "nonsense", "Hi"],
        ["ask", "--timeout", "-1", "Hi"],
        ["ask", "--timeout", "nan", "Hi"],
        ["ask", "--timeout", "inf", "Hi"],
        ["ask", "--proxy", "socks5://h:1", "Hi"],
        ["ask", "--bot", "7", "--bot", "8", "Hi"],
        ["ask", "--bot", "", "Hi"],
        ["ask", "--url", "", "Hi"],
        ["ask", "--json", "--raw", "Hi"],
        ["inspect", ""],
        ["inspect"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.stdout, done.returncode) == ("", 2)
    assert re.fullmatch(r"chatgptfree( \w+)?: .+ \(see `chatgptfree( \w+)? --help`\)\n", done.stderr)


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "message"),
    [
        pytest.param(">&-", "ask --url {url} Hi", 2, "stdout is closed, so the answer can't be printed", id="stdout"),
        pytest.param("<&-", "ask --url {url} -", 1, "refused: the message is empty; nothing was sent", id="stdin"),
        pytest.param("<&-", "chat --url {url}", 0, "", id="stdin of a chat"),
    ],
)
def test_closed_streams_cause_no_traceback(closed: str, arguments: str, code: int, message: str) -> None:
    with site(buffered("Hello")) as server:
        command = f"{sys.executable} -m chatgptfree {arguments.format(url=server.url)} {closed}"
        done = subprocess.run(
            ["sh", "-c", command], env={**os.environ, **NO_CERTIFICATES}, capture_output=True, text=True, check=False
        )
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_without_a_traceback() -> None:
    with site([HALF, HANG]) as server:
        asking = subprocess.Popen(
            [sys.executable, "-m", "chatgptfree", "ask", "--url", server.url, "Hi"],
            env={**os.environ, **NO_CERTIFICATES},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert asking.stdout is not None
        assert asking.stdout.read(3) == b"Hel"
        asking.send_signal(signal.SIGINT)
        rest, errors = asking.communicate(timeout=300)
        assert server.hung_up.wait(10)
    assert (rest, errors.strip(), asking.returncode) == (b"", b"", 130)


def test_a_reader_that_leaves_causes_no_traceback() -> None:
    with site(streamed(*["x" * 10000] * 50)) as server:
        asking = subprocess.Popen(
            [sys.executable, "-m", "chatgptfree", "ask", "--url", server.url, "Hi"],
            env={**os.environ, **NO_CERTIFICATES},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert asking.stdout is not None
        assert asking.stderr is not None
        asking.stdout.close()
        assert asking.wait(30) == 1
        assert asking.stderr.read() == b""
        asking.stderr.close()


def test_chat_remembers_earlier_turns() -> None:
    with site(buffered("Hi!")) as server:
        done = start("chat", "--url", server.url, stdin="Hello\n\nAnd now?\n/new\nAgain\n/quit\nnever\n")
        asked = [request.fields for request in server.requests if request.method == "POST"]
    assert (done.stdout, done.stderr, done.returncode) == ("Hi!\n" * 3, "", 0)
    assert [fields["message"] for fields in asked] == ["Hello", "And now?", "Again"]
    assert ["wpaicg_chat_history" in fields for fields in asked] == [False, True, False]


def test_chat_continues_after_an_error() -> None:
    with site(buffered("Hi!")) as server:
        done = run("chat", "--url", server.url, stdin="/bot nope\n/bots\n/help\nHello\n")
    assert (done.stdout, done.returncode) == ("Hi!\n", 0)
    assert "no bot 'nope'" in done.stderr
    assert "/quit" in done.stderr


def test_the_exit_code_of_chat_reports_a_failed_last_turn() -> None:
    with site([HALF, CLOSE]) as server:
        done = run("chat", "--url", server.url, stdin="Hello\n")
    assert (done.stdout, done.returncode) == ("Hel\n", 1)


def test_chat_switches_to_another_bot() -> None:
    with site(buffered("Hi!")) as server:
        done = run("chat", "--url", server.url, stdin="/bot 0\nHello\n")
    assert (done.stdout, done.stderr, done.returncode) == ("Hi!\n", "", 0)


def test_inspect_lists_the_contents_of_the_page() -> None:
    with site(b"", pages=[aipkit_page()]) as server:
        printed, objects = start("inspect", server.url), run("inspect", "--json", server.url)
    assert printed.returncode == objects.returncode == 0
    for words in ("generation  aipkit", "bot         5", "0123456789", "missing     the release of the plugin"):
        assert words in printed.stdout
    (described,) = lines(objects.stdout)
    assert (described["generation"], described["bots"][0]["nonce"]) == ("aipkit", "0123456789")


def test_inspect_of_a_page_without_a_chat_fails() -> None:
    with site(b"", pages=[response(document(title="Parked"))]) as server:
        done = run("inspect", server.url)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "No nonce found" in done.stderr
    assert "Parked" in done.stderr


def test_a_spinner_turns_on_a_terminal_only() -> None:
    controller, terminal = pty.openpty()
    with site(buffered("Hi!")) as server:
        asking = subprocess.Popen(
            [sys.executable, "-m", "chatgptfree", "ask", "--url", server.url, "Hi"],
            env={**os.environ, **NO_CERTIFICATES},
            stdout=subprocess.PIPE,
            stderr=terminal,
        )
        answer, _ = asking.communicate(timeout=300)
    os.close(terminal)
    with os.fdopen(controller, "rb", buffering=0) as shown:
        spun = shown.read(1000)
    assert answer == b"Hi!"
    assert spun.startswith("\r⠋".encode())
    assert spun.endswith(b"\r  \r")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_printed(shell: str) -> None:
    assert "_CHATGPTFREE_COMPLETE" in run("completion", shell).stdout


def test_the_shell_gets_its_completions() -> None:
    done = start(_CHATGPTFREE_COMPLETE="bash_complete", COMP_WORDS="chatgptfree in", COMP_CWORD="1")
    assert done.stdout == "plain,inspect\n"
