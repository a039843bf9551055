"""`lint --fix` changes the values that it repairs and nothing else, in every form and layout of a file."""

import base64
import json
import re
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.cassette_layouts import JSON_LAYOUTS, LAYOUTS
from tests.support.many_cases import for_each
from tests.support.tricky_texts import BODIES, TRICKY

from chatgptfree_mock.tape.encoded_body import as_written
from chatgptfree_mock.tape.in_place import REMOVED, change_yaml
from chatgptfree_mock.tape.lint import repair
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.repair_plan import repaired_text
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json


def cassette_of(*bodies: bytes | None, reason: str = "OK", value: str = "a") -> Cassette:
    request = Request(method="POST", uri="http://a/x", headers=(("A", value), ("B", value)), body=b"asked")
    return Cassette(
        interactions=tuple(
            Interaction(
                request=request,
                response=Response(
                    reason=reason,
                    headers=(("Content-Length", "99"), ("Set-Cookie", value), ("Set-Cookie", "c"), ("Z", "z")),
                    body=body or b"",
                    chunks=((1, len(body)),) if body else (),
                ),
            )
            for body in bodies
        ),
        recording={"note": "kept"},
    )


def other(before: Cassette, body: bytes, value: str, *, without: bool) -> Cassette:
    """Change every other interaction in all the places that repairing changes."""
    changed = []
    for number, each in enumerate(before.interactions):
        each = replace(each, response=as_written(each.response))
        if number % 2:
            changed.append(each)
            continue
        headers = each.response.headers[1:] if without else (("Content-Length", "7"), *each.response.headers[1:])
        headers = tuple((name, value if old == "a" else old) for name, old in headers)
        changed.append(
            Interaction(
                request=replace(each.request, uri="http://a/y?z=1", headers=(("A", value), ("B", "b")), body=body),
                response=replace(
                    each.response, reason=value, headers=headers, body=body, chunks=((2, len(body)),) if body else ()
                ),
            )
        )
    edited = Cassette(interactions=tuple(changed), recording={"note": "new", "redacted": ["one", "two"]})
    return replace(read(write(edited).encode()), path=before.path)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(
    bodies=st.lists(BODIES.filter(bool), min_size=1, max_size=3), body=BODIES.filter(bool), value=TRICKY,
    before=TRICKY, without=st.booleans(),
)  # fmt: skip
def test_yaml_holds_the_new_values_whatever_its_layout(
    layout: str, bodies: list[bytes], body: bytes, value: str, before: str, without: bool
) -> None:
    text = LAYOUTS[layout](cassette_of(*bodies, reason=before, value=before))
    text = "# at the top\n" + text + "# at the end\n"
    old = read(text.encode(), file="a.yaml")
    new = other(old, body, value, without=without)
    repaired = repaired_text(text.encode(), file="a.yaml", before=old, after=new)
    again = read(repaired.encode(), file="a.yaml")
    assert again.interactions == new.interactions
    assert again.recording == new.recording
    assert repaired.startswith("# at the top\n")
    assert repaired.endswith("# at the end\n")
    assert repaired_text(text.encode(), file="a.yaml", before=old, after=old) == text


@pytest.mark.parametrize("layout", JSON_LAYOUTS)
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(
    bodies=st.lists(st.text(min_size=1), min_size=1, max_size=3), body=st.text(min_size=1), value=TRICKY,
    without=st.booleans(),
)  # fmt: skip
def test_json_stays_json_in_its_layout(layout: str, bodies: list[str], body: str, value: str, without: bool) -> None:
    cassette = cassette_of(*(each.encode(errors="replace") for each in bodies))
    text = json.dumps(json.loads(write_json(cassette)), **JSON_LAYOUTS[layout]) + "\n"
    old = read(text.encode(), file="a.json")
    new = other(old, body.encode(errors="replace"), value, without=without)
    repaired = repaired_text(text.encode(), file="a.json", before=old, after=new)
    again = read(repaired.encode(), file="a.json")
    assert (again.interactions, again.recording) == (new.interactions, new.recording)
    options = JSON_LAYOUTS[layout] | {"ensure_ascii": text.isascii()}
    assert repaired == json.dumps(json.loads(repaired), **options) + "\n"


COMMENTED = """\
# before
interactions:   # a list
# between
- request:
    body: null
    headers: {A: [b]}  # asked
    method: GET
    uri: http://a/?token=1  # where
  response:
    # the body comes first
    body:
      string: |
        write to jane@example.org
        now
      # behind the block
    headers:
      Content-Length: ['7']  # wrong
      # about the type
      Content-Type: [text/plain]
      Content-Encoding: [gzip]
      # the last header
    status: {code: 200, message: OK}
version: 1
# the end
"""
REPAIRED = """\
# before
x-recording:
  redacted: ['emails: 1 value in 1 place']
interactions:   # a list
# between
- request:
    body: null
    headers: {A: [b]}  # asked
    method: GET
    uri: http://a/?token=1  # where
  response:
    # the body comes first
    body:
      string: |
        write to visitor-1@redacted.invalid
        now
      # behind the block
    headers:
      Content-Length: ['40']  # wrong
      # about the type
      Content-Type: [text/plain]
      # the last header
    status: {code: 200, message: OK}
version: 1
# the end
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_and_order_survive(line_end: str, mark: str) -> None:
    text = mark + COMMENTED.replace("\n", line_end)
    repaired = repair(text.encode(), file="a.yaml", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert repaired.text is not None
    assert repaired.text.replace("\r\n", "\n") == mark + REPAIRED


FORMS = [
    pytest.param("body: {encoding: utf-8, string: SECRET}", id="betamax, text"),
    pytest.param(f"body: {{encoding: utf-8, base64_string: {base64.b64encode(b'SECRET').decode()}}}", id="base64"),
    pytest.param("body: {encoding: ISO-8859-1, string: SECRET é}", id="Ruby, Latin-1"),
    pytest.param('parsed_body: {a: [1, {b: SECRET, c: "x"}], d: null}', id="parsed JSON"),
    pytest.param("parsed_body:\n      a:\n      - SECRET  # a comment\n      - x", id="parsed JSON in a block"),
    pytest.param("body: SECRET", id="text alone"),
]
SECRET = b"jane.doe@example.org"


@for_each("form", FORMS)
@for_each("key", ["interactions", "http_interactions"])
def test_a_body_is_written_back_in_its_own_form(form: str, key: str) -> None:
    form = form.replace("SECRET", SECRET.decode())
    form = form.replace(base64.b64encode(b"SECRET").decode(), base64.b64encode(SECRET).decode())
    text = (
        f"{key}:\n- request:\n    method: GET\n    uri: http://a/\n    headers: {{}}\n  response:\n"
        f"    status: {{code: 200, message: OK}}\n    headers: {{}}\n    {form}\nversion: 1\n"
    )
    before = read(text.encode()).interactions[0].response.body
    repaired = repair(text.encode(), file="a.yaml", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert repaired.text is not None
    after = read(repaired.text.encode()).interactions[0].response.body
    assert after == before.replace(SECRET, b"visitor-1@redacted.invalid")
    words = form.split("SECRET")[0].split(SECRET.decode())[0].split("U0VD")[0].split("amFu")[0]
    assert words.rstrip() in repaired.text
    assert [finding for finding in repaired.left if finding.serious] == []


def test_a_block_whose_keys_are_secret_is_written_in_its_own_order() -> None:
    text = (
        "interactions:\n- request:\n    method: GET\n    uri: http://a/\n    headers: {}\n  response:\n"
        "    status: {code: 200, message: OK}\n    headers: {}\n    parsed_body:\n      users:\n        zoe: 1\n"
        f"        {SECRET.decode()}:\n          name: J\n          age: 4\n        adam: 3\nversion: 1\n"
    )
    repaired = repair(text.encode(), file="a.yaml", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert repaired.text is not None
    body = read(repaired.text.encode()).interactions[0].response.body
    assert json.loads(body) == {"users": {"zoe": 1, "visitor-1@redacted.invalid": {"name": "J", "age": 4}, "adam": 3}}
    assert re.findall(rb'"(zoe|visitor|adam|name|age)', body) == [b"zoe", b"visitor", b"name", b"age", b"adam"]


def test_the_list_of_ruby_vcr_1_is_mended_too() -> None:
    text = (
        "- !ruby/struct:VCR::HTTPInteraction\n  request: !ruby/struct:VCR::Request\n    method: :get\n"
        "    uri: http://a:80/\n    body:\n    headers:\n  response: !ruby/struct:VCR::Response\n"
        "    status: !ruby/struct:VCR::ResponseStatus\n      code: 200\n      message: OK\n    headers:\n"
        "      x:\n      - jane@example.org\n    body: ok\n"
    )
    repaired = repair(text.encode(), file="a.yml", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert repaired.text == text.replace("jane@example.org", "visitor-1@redacted.invalid")


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ((0, "a"), "- b: 2  # two\n- c: 3\n  d: 4\n  e: 5\n"),
        ((0, "b"), "- a: 1\n- c: 3\n  d: 4\n  e: 5\n"),
        ((1, "c"), "- a: 1\n  b: 2  # two\n- d: 4\n  e: 5\n"),
        ((1, "d"), "- a: 1\n  b: 2  # two\n- c: 3\n  e: 5\n"),
        ((1, "e"), "- a: 1\n  b: 2  # two\n- c: 3\n  d: 4\n"),
    ],
)
def test_a_key_is_removed_wherever_it_is_in_its_block(place: tuple[str | int, ...], left: str) -> None:
    text = "- a: 1\n  b: 2  # two\n- c: 3\n  d: 4\n  e: 5\n"
    root = yaml.compose(text)
    assert root is not None
    assert change_yaml(text, root, {place: REMOVED}) == left
