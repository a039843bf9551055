"""What lint finds, what it repairs, and that it repairs nothing else."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.many_cases import for_each
from tests.support.recordings import recording_id, recording_paths

from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.files import cassette_folder
from chatgptfree_mock.tape.lint import RepairResult, check, repair
from chatgptfree_mock.tape.lint_finding import LintFinding
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.repair import refitted
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.yaml.reading import read

NOW = datetime(2026, 12, 24, tzinfo=UTC)
ORIGIN = "x-recording: {upstream: 'https://chatgptfree.ai', recorded_at: '2026-11-23T00:00:00Z'}\n"


def cassette_yaml(
    body: str = "Hello",
    *,
    headers: str = "",
    stream: str = "",
    request: str = "method: GET, uri: 'https://chatgptfree.ai/', body: null",
    top: str = ORIGIN,
    more: str = "",
) -> bytes:
    text = f"version: 1\n{top}interactions:\n- request: {{{request}, headers: {{}}}}\n  response:\n"
    text += f"    status: {{code: 200, message: OK}}\n    headers: {{{headers}}}\n    body: {{string: {body!r}}}\n"
    return f"{text}{stream and '    x-stream: ' + stream}{more}".encode()


def lint(data: bytes) -> tuple[LintFinding, ...]:
    return check(data, file="a.yaml", now=NOW)


def fix(data: bytes) -> RepairResult:
    return repair(data, file="a.yaml", now=NOW)


FOUND = [
    pytest.param(b"interactions: 1", "a.yaml: error: `interactions` must be a list", "[broken]", id="no cassette"),
    pytest.param(
        cassette_yaml(stream="{chunks: [[1, 2]]}"),
        "a.yaml: error: the chunks cover 2 bytes of 5",
        "[chunks]",
        id="chunk sums",
    ),
    pytest.param(
        cassette_yaml(headers="Content-Length: ['7']"),
        "a.yaml: warning: Content-Length is 7, but 5 bytes are stored"
        " - at `$.interactions[0].response.headers.Content-Length` (--fix makes it true)",
        "[headers]",
        id="a length that lies",
    ),
    pytest.param(
        cassette_yaml(headers="content-encoding: [gzip]"),
        "a.yaml: warning: Content-Encoding is gzip, but the body is stored decoded",
        "[headers]",
        id="an encoding that is gone",
    ),
    pytest.param(
        cassette_yaml(headers="Content-Encoding: [gzip]").replace(b"'Hello'", b"!!binary H4sIAAAAAAACA/NIzcnJ"),
        "a.yaml: warning: its gzip data breaks off or is broken: clients get a cut answer",
        "[body]",
        id="a coding that is cut",
    ),
    pytest.param(
        cassette_yaml(headers="Content-Length: ['5'], Transfer-Encoding: [chunked]"),
        "a.yaml: warning: Content-Length is beside Transfer-Encoding",
        "[headers]",
        id="two framings",
    ),
    pytest.param(
        cassette_yaml("write to jane@example.org"),
        "a.yaml: error: holds what looks like a secret: emails - at `$.interactions[0].response.body`"
        " (--fix redacts it; if it is meant to be there, list `emails` in x-recording.kept)",
        "[secrets]",
        id="a secret",
    ),
    pytest.param(
        cassette_yaml(request="method: GET, uri: /chat/, body: null"),
        "a.yaml: error: no request can have the address '/chat/' - at `$.interactions[0].request.uri`",
        "[unreachable]",
        id="an address without host",
    ),
    pytest.param(
        cassette_yaml(request="method: frob, uri: 'https://a/', body: null"),
        "a.yaml: error: no request has the method 'frob'",
        "[unreachable]",
        id="a method in small letters that is no standard one",
    ),
    pytest.param(
        cassette_yaml(top=""), "a.yaml: warning: the source of this is not recorded - at `$`", "[origin]", id="origin"
    ),
    pytest.param(
        cassette_yaml(top="x-recording: {recorded_at: '2024-01-01'}\n"),
        "a.yaml: warning: recorded 1088 days ago",
        "[age]",
        id="an old recording",
    ),
    pytest.param(
        cassette_yaml(top="x-recording: {recorded_at: yesterday}\n"),
        "a.yaml: warning: no date: 'yesterday'",
        "[age]",
        id="no date",
    ),
    pytest.param(
        cassette_yaml(headers="Content-Type: [text/event-stream]"),
        "a.yaml: warning: an event stream without x-stream",
        "[stream]",
        id="a stream in one piece",
    ),
    *(
        pytest.param(
            cassette_yaml().replace(b"200", str(status).encode()),
            f"a.yaml: warning: an answer with status {status} has no body, but 5 bytes are stored"
            " - at `$.interactions[0].response.body` (remove the body, or correct the status)",
            "[body]",
            id=f"a body under {status}",
        )
        for status in (103, 204, 205, 304)
    ),
    pytest.param(
        cassette_yaml(request="method: HEAD, uri: 'https://a/', body: null"),
        "a.yaml: warning: an answer to HEAD has no body, but 5 bytes are stored",
        "[body]",
        id="a body that answers HEAD",
    ),
    *(
        pytest.param(
            cassette_yaml(headers=f"{name!r}: ['1']"),
            f"a.yaml: error: {name!r} is not a header's name (RFC 9110 section 5.1), and is not sent"
            " - at `$.interactions[0].response.headers`",
            "[headers]",
            id=f"a header's name that is none: {name!r}",
        )
        for name in ("X Name", "X-Name:", "", "naïve", "(a)", " X", "X-A/B")
    ),
    pytest.param(
        cassette_yaml(headers='X-Odd: ["a\\nb"]'),
        "a.yaml: error: 'X-Odd' has a line break in its value (RFC 9110 section 5.5), which is sent as a blank",
        "[headers]",
        id="a line break in a header's value",
    ),
    pytest.param(
        cassette_yaml().replace(b"headers: {}", b"headers: {'X Name': '1'}", 1),
        "a.yaml: error: 'X Name' is not a header's name (RFC 9110 section 5.1), and is not sent"
        " - at `$.interactions[0].request.headers`",
        "[headers]",
        id="a name of a request's header that is none",
    ),
    pytest.param(
        cassette_yaml() + cassette_yaml(top="").split(b"interactions:\n")[1],
        "a.yaml: warning: the same request and answer as interaction 0 - at `$.interactions[1]`",
        "[duplicate]",
        id="a duplicate",
    ),
]


@for_each(("data", "expected", "which"), FOUND)
def test_a_finding_names_file_place_and_repair(data: bytes, expected: str, which: str) -> None:
    (finding,) = lint(data)
    assert str(finding).startswith(expected)
    assert str(finding).endswith(which)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(cassette_yaml(), id="plain"),
        pytest.param(
            cassette_yaml(headers="Content-Length: ['9']", stream="{end: truncated}"), id="cut short before its length"
        ),
        pytest.param(
            cassette_yaml("", headers="Content-Length: ['9']", request="method: HEAD, uri: 'https://a/', body: null"),
            id="HEAD",
        ),
        pytest.param(
            cassette_yaml(headers="Content-Encoding: [gzip]").replace(
                b"'Hello'", b"!!binary H4sIAAAAAAACA/NIzcnJBwCCidH3BQAAAA=="
            ),
            id="still encoded",
        ),
        pytest.param(
            cassette_yaml(headers="Content-Encoding: [gzip]", stream="{end: truncated}").replace(
                b"'Hello'", b"!!binary H4sIAAAAAAACA/NIzcnJ"
            ),
            id="a coding that was recorded as cut",
        ),
        pytest.param(
            cassette_yaml("jane@example.org", top="x-recording: {kept: [emails]}\n"),
            id="a secret that is meant to be there",
        ),
    ],
)
def test_what_is_right_is_left_alone(data: bytes) -> None:
    assert lint(data) == ()


def test_mending_makes_a_file_clean() -> None:
    data = cassette_yaml(
        "data: jane@example.org",
        headers="Content-Length: ['7'], Content-Encoding: [gzip]",
        stream="{chunks: [[1, 6], [2, 9]]}",
    )
    repaired = fix(data)
    assert {finding.check for finding in lint(data)} == {"chunks", "headers", "secrets"}
    assert repaired.left == ()
    assert repaired.text is not None
    assert lint(repaired.text.encode()) == ()
    (interaction,) = read(repaired.text.encode()).interactions
    assert interaction.response.body == b"data: visitor-1@redacted.invalid"
    assert interaction.response.headers == (("Content-Length", "32"),)
    assert interaction.response.chunks == ((1, 6), (2, 26))
    assert read(repaired.text.encode()).recording["redacted"] == ["emails: 1 value in 1 place"]
    assert "+++ a.yaml (repaired)" in repaired.diff(data.decode(), "a.yaml")


def encoded(*codings: str, headers: str) -> bytes:
    octets = b64encode(encode_body(b"Hello, all of you", codings)).decode()
    return cassette_yaml(headers=headers).replace(b"'Hello'", f"!!binary {octets}".encode())


@pytest.mark.parametrize(
    ("codings", "headers", "problem"),
    [
        (["br"], "content-encoding: [gzip]", "Content-Encoding is gzip, but the body is br: "),
        (["gzip"], "Content-Encoding: br", "Content-Encoding is br, but the body is gzip: "),
        (["gzip", "gzip"], "Content-Encoding: [gzip]", "Content-Encoding is gzip, but the body is gzip, gzip: "),
        (["gzip"], "content-encoding: [identity]", "Content-Encoding is identity, but the body is gzip: "),
        (["gzip"], "Content-Type: [text/plain]", "no Content-Encoding, but the body is gzip: "),
        (["br", "gzip"], "content-type: text/plain", "no Content-Encoding, but the body is br, gzip: "),
    ],
)
def test_a_wrong_coding_is_found_and_mended(codings: list[str], headers: str, problem: str) -> None:
    data = encoded(*codings, headers=headers)
    (finding,) = lint(data)
    assert finding.problem.startswith(problem)
    assert (finding.check, finding.serious, finding.fixable) == ("coding", False, True)
    assert (
        finding.place
        == f"$.interactions[0].response.headers{'.Content-Encoding' * (' is ' in problem.partition(',')[0])}"
    )
    repaired = fix(data)
    assert repaired.left == ()
    (interaction,) = read((repaired.text or "").encode()).interactions
    assert interaction.response.headers[0][1] == ", ".join(codings)
    assert interaction.response.body == b"Hello, all of you"
    assert lint((repaired.text or "").encode()) == ()


@pytest.mark.parametrize(
    ("headers", "problem", "inside"),
    [
        ("", "no Content-Encoding, but the body is gzip: ", ""),
        ("Content-Encoding: [br, br]", "Content-Encoding is br, br, but the body is gzip: ", ".Content-Encoding"),
    ],
)
def test_a_coding_without_one_header_is_found_and_left_alone(headers: str, problem: str, inside: str) -> None:
    data = encoded("gzip", headers=headers)
    (finding,) = lint(data)
    assert finding.problem.startswith(problem)
    assert finding.place == f"$.interactions[0].response.headers{inside}"
    assert finding.repair == "write one header `Content-Encoding: gzip`"
    assert fix(data) == RepairResult(left=(finding,))


def test_keys_of_others_survive_the_mending() -> None:
    repaired = fix(cassette_yaml(stream="{chunks: [[1, 2]]}", more="\nmetadata: {a: 1}\n"))
    assert repaired.left == ()
    assert (repaired.text or "").endswith("    x-stream: {chunks: [[1, 5]]}\nmetadata: {a: 1}\n")


def test_an_interaction_that_is_left_out_is_found_and_left_alone() -> None:
    data = cassette_yaml("jane@example.org") + b"- {request: 5, response: 6}\n"
    repaired = fix(data)
    assert [finding.check for finding in lint(data)] == ["broken", "secrets"]
    assert [finding.place for finding in repaired.left] == ["$.interactions[1].request"]
    assert "- {request: 5, response: 6}\n" in (repaired.text or "")


def test_a_value_that_an_alias_shares_is_mended_once() -> None:
    data = cassette_yaml("jane@example.org").replace(b"string: 'jane", b"string: &b 'jane")
    again = data.split(b"interactions:\n")[1].replace(b"&b 'jane@example.org'", b"*b").replace(b"'GET'", b"'PUT'")
    repaired = fix(data + again)
    assert repaired.text is not None
    assert {each.response.body for each in read(repaired.text.encode()).interactions} == {b"visitor-1@redacted.invalid"}


def test_what_cannot_be_mended_is_named_and_left_alone() -> None:
    shared = cassette_yaml(headers="Content-Length: &a ['7'], X-Items: *a")
    repaired = fix(shared)
    assert repaired.text is None
    assert repaired.diff(shared.decode(), "a.yaml") == ""
    assert "not repaired: a value is shared by an alias" in repaired.left[-1].problem
    assert not any(finding.fixable for finding in repaired.left)


EVENTS = [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"]


@pytest.mark.parametrize("edited", range(3))
@pytest.mark.parametrize("event", [b"data: a longer one\n\n", b"data:\n\n"])
def test_the_edited_chunk_is_found_by_its_events(edited: int, event: bytes) -> None:
    chunks = [(number, len(old)) for number, old in enumerate(EVENTS)]
    body = [*EVENTS]
    body[edited] = event
    assert refitted(chunks, b"".join(body)) == [(number, len(new)) for number, new in enumerate(body)]


def test_without_events_the_end_gives_way() -> None:
    assert refitted([(1, 4), (2, 4)], b"abcdefghij") == [(1, 4), (2, 6)]
    assert refitted([(1, 4), (2, 4)], b"abcdef") == [(1, 4), (2, 2)]
    assert refitted([(1, 4), (2, 4)], b"abc") == [(1, 3)]
    assert refitted([(1, 4), (2, 4)], b"") == []


def test_a_projects_own_rules_count() -> None:
    findings = check(
        cassette_yaml("ACME-123456"), file="a.yaml", now=NOW, rules=Rules.make({"patterns": [r"ACME-\d+"]})
    )
    assert [finding.check for finding in findings] == ["secrets"]


def test_all_recordings_are_clean() -> None:
    for path in recording_paths():
        findings = check(path.read_bytes(), file=recording_id(path), now=NOW, max_age=timedelta(days=365))
        assert findings == (), recording_id(path)
    assert cassette_folder().is_dir()


def test_redaction_invents_no_token_and_keeps_those_that_there_are() -> None:
    page = "<meta name='csrf-token' content='7b1f0a9c3e5d2846aa10ff42'>"
    fields = "csrf_token=7b1f0a9c3e5d2846aa10ff42&session_id=e19c40d7b2a85f6301c4de77"
    form = "application/x-www-form-urlencoded"
    more = f"""\
- request: {{method: POST, uri: 'https://chatgptfree.ai/ask', body: '{fields}', headers: {{Content-Type: ['{form}']}}}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: Hello}}}}
"""
    data = cassette_yaml(page, headers="Content-Type: [text/html]", more=more)
    kinds = [(each.token.name, each.token.kind, each.why) for each in find_tokens(read(data, file="a.yaml"))]
    repaired = fix(data)
    assert repaired.text is not None
    assert "7b1f0a9c3e5d2846aa10ff42" not in repaired.text
    assert "e19c40d7b2a85f6301c4de77" not in repaired.text
    after = read(repaired.text.encode(), file="a.yaml")
    assert [(each.token.name, each.token.kind, each.why) for each in find_tokens(after)] == kinds
    assert [entry["name"] for entry in after.tokens] == ["csrf_token", "session_id"]
    assert fix(repaired.text.encode()).text is None
