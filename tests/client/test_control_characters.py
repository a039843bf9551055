"""Nothing that a site sends acts on a terminal: errors, warnings and pages always, answers where stdout is one."""

from __future__ import annotations

import io
import json
import pickle
import pty
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.command_line import run_in_process
from tests.support.many_cases import for_each
from tests.support.raw_server import CLOSE, Answer
from tests.support.raw_site import (
    DONE,
    STOP,
    aipkit_page,
    as_json,
    buffered,
    chunk,
    delta,
    document,
    response,
    site,
    stream_head,
    streamed,
)

from chatgptfree import ChatError, ReplyWarning
from chatgptfree.cli import main
from chatgptfree.control_characters import TerminalText, escape

EVIL = "\x1b]52;c;cm0=\x07\x1b[2J\x1b]0;pwn\x07\r\x9b31m\u202e\u2066\x7f\x08"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What must not be printed; the line feeds are our own."""

CONTROLS = st.text(
    alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]) | st.sampled_from("aé\u202e\r\n\t")
)


@given(CONTROLS)
def test_nothing_that_acts_is_left(text: str) -> None:
    shown = escape(text)
    assert not RAW.search(shown)
    assert "\n" not in shown
    shown.encode()
    assert escape(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"])))
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert escape(text) == text
    assert TerminalText().feed(text) == text


@given(st.lists(CONTROLS))
def test_pieces_on_a_terminal(pieces: list[str]) -> None:
    terminal, whole = TerminalText(), TerminalText()
    shown = "".join(map(terminal.feed, pieces)) + terminal.close()
    assert shown == whole.feed("".join(pieces)) + whole.close()
    assert not RAW.search(shown.replace("\t", ""))
    assert shown.count("\n") == "".join(pieces).count("\n")


def test_emoji_of_families_and_flags_are_not_controls() -> None:
    assert escape("👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 שלום") == "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 שלום"


def test_errors_and_warnings_are_made_to_be_printed() -> None:
    error = ChatError(f"the site said {EVIL}", excerpt=EVIL, partial=EVIL)
    assert str(error) == (
        "the site said \\x1b]52;c;cm0=\\x07\\x1b[2J\\x1b]0;pwn\\x07\\r\\x9b31m\\u202e\\u2066\\x7f\\x08"
    )
    assert not RAW.search(error.excerpt)
    assert error.partial == EVIL
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert not RAW.search(str(ReplyWarning(code="junk", detail=EVIL)))


def run(*arguments: str, stdin: str = "") -> tuple[str, str]:
    done = run_in_process(main, *arguments, stdin=stdin)
    return done.stdout, done.stderr


def on_a_terminal(*arguments: str) -> str:
    controller, terminal = pty.openpty()
    with open(terminal, "w") as stdout, mock.patch("sys.stdout", stdout), mock.patch("sys.stdin", io.StringIO()):
        main(arguments)
    with open(controller, "rb", buffering=0) as shown:
        return b"".join(_chunks(shown)).decode()


def _chunks(shown: io.FileIO) -> Iterator[bytes]:
    with suppress(OSError):  # which is how a terminal ends that nobody writes to any more
        while data := shown.read(65536):
            yield data


def event(value: object, name: str = "") -> str:
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(value)}\n\n"


def stream(*events: str) -> bytes:
    return stream_head() + chunk("".join(events)) + b"0\r\n\r\n"


REFUSALS: dict[str, Answer | bytes] = {
    "JSON": as_json({"status": "error", "msg": EVIL}),
    "a status": response(EVIL, status="403 Forbidden", content_type="text/plain"),
    "HTML": response(f"<h1>{EVIL}</h1>", status="500 Oops"),
    "a reason": response("", status="500 \x1b]0;pwn\x07"),
    "a redirect": response("", status="302 Found", headers=[("Location", "/\x1b]0;pwn\x07")]),
    "an event": stream(event({"error": EVIL}, "error")),
    "an error in the midst": stream(delta("Half"), event({"error": {"message": EVIL}}), DONE),
    "a coding": response("x", headers=[("Content-Encoding", "\x1b[2J")]),
    "no HTTP": [b"\x1b]0;pwn\x07\x1b[2J HTTP\r\n\r\n", CLOSE],
    "a header": [b"HTTP/1.1 200 OK\r\nX\x1b]0;pwn\x07: a\r\n\r\n", CLOSE],
}
WARNINGS: dict[str, Answer | bytes] = {
    "a warning": stream(delta("Hi"), event({"message": EVIL}, "warning"), STOP, DONE),
    "an unknown event": stream(delta("Hi"), event({"a": 1}, "zz\x1b[2J"), STOP, DONE),
    "a finish": stream(delta("Hi"), delta("", finish_reason=EVIL), DONE),
    "a notice": response(f'<b>{EVIL}</b>{{"status":"success","data":"ok"}}'),
}


@for_each("name", [*REFUSALS, *WARNINGS])
def test_stderr_has_no_raw_control_characters(name: str) -> None:
    with site({**REFUSALS, **WARNINGS}[name]) as server:
        _, err = run("ask", "--url", server.url, "Hi")
    assert not RAW.search(err)
    assert err or name in WARNINGS


@for_each("name", REFUSALS)
def test_errors_as_json(name: str) -> None:
    with site(REFUSALS[name]) as server:
        out, err = run("ask", "--json", "--url", server.url, "Hi")
    assert not RAW.search(out + err)


def test_a_page_as_the_title_of_a_wall() -> None:
    page = response(document(title="\x1b]0;pwn\x07"), status="403 Forbidden")
    with site(b"", pages=[page]) as server:
        _, err = run("ask", "--url", server.url, "Hi")
    assert "403" in err
    assert not RAW.search(err)


@pytest.mark.parametrize(
    "arguments",
    [
        lambda url: ["inspect", url],
        lambda url: ["inspect", "--json", url],
        lambda url: ["ask", "--url", url, "--bot", "other", "Hi"],
    ],
    ids=["inspect", "as JSON", "no such bot"],
)
def test_the_names_on_a_page(arguments: Callable[[str], list[str]]) -> None:
    page = aipkit_page("\x1b[2J012345", headerName=EVIL, provider=EVIL, ajaxUrl="/\x1b[2J/admin-ajax.php")
    with site(b"", pages=[page]) as server:
        out, err = run(*arguments(server.url))
    assert out + err
    assert not RAW.search(out + err)


def test_the_bots_in_a_chat() -> None:
    with site(b"", pages=[aipkit_page(headerName=EVIL)]) as server:
        out, err = run("chat", "--url", server.url, stdin="/bots\n")
    assert "pwn" in err
    assert not RAW.search(out + err)


def test_an_answer_on_a_terminal_is_escaped() -> None:
    with site(streamed(f"Hi {EVIL[:-9]}", f"{EVIL[-9:]}\tyou\r", "\n")) as server:
        shown = on_a_terminal("ask", "--url", server.url, "Hi").replace("\r\n", "\n")
    assert shown == f"Hi {escape(EVIL)}\tyou\n\n"


def test_an_error_is_not_on_the_last_line_of_the_answer() -> None:
    with site(stream(delta("Half"), event({"error": {"message": "down"}}), DONE)) as server:
        shown = on_a_terminal("ask", "--url", server.url, "Hi").replace("\r\n", "\n")
    assert shown == "Half\n"


def test_raw_prints_it_as_it_is() -> None:
    with site(buffered(EVIL)) as server:
        assert EVIL in on_a_terminal("ask", "--raw", "--url", server.url, "Hi")


def test_an_answer_in_a_pipe_is_as_it_came() -> None:
    with site(buffered(EVIL)) as server:
        assert run("ask", "--url", server.url, "Hi") == (EVIL, "")


def test_an_answer_as_json_is_escaped_and_whole() -> None:
    with site(buffered(EVIL)) as server:
        out, _ = run("ask", "--json", "--url", server.url, "Hi")
    assert not RAW.search(out)
    assert json.loads(out.splitlines()[0]) == {"delta": EVIL}


def test_an_error_as_json_has_the_characters_that_the_site_sent() -> None:
    evil = "a\x1b[2J b\x07 c\u202e \\x1b"
    with site(stream(delta("Half"), event({"error": {"message": evil}}))) as server:
        out, _ = run("ask", "--json", "--url", server.url, "Hi")
    assert not RAW.search(out)
    assert "\\u001b" in out
    error = json.loads(out.splitlines()[-1])["error"]
    assert evil in error["message"]
    assert error["excerpt"] == evil


def test_a_warning_as_json_has_the_characters_that_the_site_sent() -> None:
    with site(stream(delta("Hi"), "data: what\x1b[2J\n\n", STOP, DONE)) as server:
        out, _ = run("ask", "--json", "--url", server.url, "Hi")
    assert not RAW.search(out)
    (warning,) = (each for each in json.loads(out.splitlines()[-1])["reply"]["warnings"] if each["code"] == "bad-event")
    assert warning == {"code": "bad-event", "detail": "an event could not be read: what\x1b[2J"}
