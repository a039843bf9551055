"""``schema``: shipped files fit the printed schemas, what a loader refuses does not, and every key is described."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.command_line import run_in_process

from chatgptfree_mock.cli import run
from chatgptfree_mock.cli.schema import FORMATS
from chatgptfree_mock.config.settings_file import load_settings
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.scenario.library import read as read_scenario
from chatgptfree_mock.server.control.document import document
from chatgptfree_mock.sites.aipower.releases.release_file import load_file
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.tape.files import load as load_cassette
from chatgptfree_mock.tape.model import Cassette, Chunk, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.writing import write, write_json

ROOT = Path(__file__).parents[3]
SHIPPED = {
    "scenario": [*ROOT.glob("cassettes/scenarios/*/*.yaml")],
    "cassette": [*ROOT.glob("cassettes/recorded/*/*.yaml"), *ROOT.glob("cassettes/apis/*.yaml")],
    "release": [*ROOT.glob("mock_server/chatgptfree_mock/sites/aipower/releases/table/*.yaml")],
}


@cache
def schema_of(kind: str) -> dict[str, Any]:
    return FORMATS[kind]("aipower")


@cache
def validator_of(kind: str) -> Any:
    return jsonschema.Draft202012Validator(schema_of(kind))


def as_editors_see(value: Any) -> Any:
    """Return what PyYAML read as YAML 1.2 has it: a date is text, and so is `!!binary` to a schema."""
    match value:
        case dict():
            return {str(key): as_editors_see(each) for key, each in value.items()}
        case list():
            return [as_editors_see(each) for each in value]
        case dt.date():
            return value.isoformat()
        case bytes():
            return value.decode("latin-1")
        case _:
            return value


def problems(kind: str, text: str | bytes) -> list[str]:
    return misfits(kind, as_editors_see(yaml.load(text, yaml.CSafeLoader)))


def misfits(kind: str, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:300]}" for error in validator_of(kind).iter_errors(value)]


@pytest.mark.parametrize("kind", SHIPPED)
def test_every_shipped_file_fits(kind: str) -> None:
    assert len(SHIPPED[kind]) > 2
    assert {file.name: found for file in SHIPPED[kind] if (found := problems(kind, file.read_bytes()))} == {}


def test_a_mistyped_format_gets_a_suggestion() -> None:
    done = run_in_process(run, "schema", "relase")
    assert (done.returncode, "did you mean `release`?" in done.stderr) == (2, True)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_command_prints_the_schema(kind: str) -> None:
    done = run_in_process(run, "schema", kind)
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(json.dumps(schema_of(kind)))
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


def keys(schema: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key that *schema* has, with its place."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        for name, inner in schema.items():
            if name == "properties" and isinstance(properties, dict):
                yield from ((f"{place}.{key}", each) for key, each in properties.items())
            yield from keys(inner, f"{place}.{name}")
    elif isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from keys(inner, f"{place}[{number}]")


def referred(schema: Any, key: Any) -> Any:
    """Return what *key* refers to in *schema*; itself if it does not refer to anything."""
    for name in key["$ref"].removeprefix("#/").split("/") if "$ref" in key else ():
        schema = schema[name]
    return schema if "$ref" in key else key


def says_nothing(name: str, description: str) -> bool:
    words = description.strip(" .`").lower()
    return words in ("", name.lower(), name.lower().replace("_", " "))


@pytest.mark.parametrize("kind", [*FORMATS, "control API"])
def test_every_key_is_described(kind: str) -> None:
    schema = document(SiteSettings) if kind == "control API" else schema_of(kind)
    found = dict(keys(schema))
    described = {
        place: key.get("description") or referred(schema, key).get("description", "") for place, key in found.items()
    }
    assert len(found) > 20
    assert [place for place, words in described.items() if says_nothing(place.rpartition(".")[2], words)] == []


WRONG = {
    "settings": [
        "bots: {}",
        "plugn: 1.8.93",
        "front: {minify: yes-please}",
        "model: {first_ms: -1}",
        "bots: [{idd: 1}]",
    ],
    "scenario": [
        "{title: x, expct: {text: a}}",
        "{title: x, expect: {text: a}, site: {plugn: '2'}}",
        "{title: x, expect: {text: a, seconds: 0}}",
        "{expect: {text: a}}",
    ],
    "cassette": [
        "{version: 1}",
        "interactions: [{request: {method: GET}, response: {status: {code: 200}, body: {string: a}}}]",
        "interactions: [{request: {method: GET, uri: 'http://a/', boddy: x}, response: {status: 204, body: null}}]",
        "interactions: [{request: {method: GET, uri: 'http://a/'}, response: {body: {string: a}}}]",
        "interactions: [{request: {method: GET, uri: 'http://a/'}, response: {status: 204, x-stream: {chunk: 1}}}]",
        "{interactions: [], x-recording: {plugn: x}}",
    ],
    "release": ["base: []", "traits: {no_such: true}", "providers: {OpenAi: {}}", "pages: {}", "generation: three"],
}


def refuses(kind: str, file: Path) -> bool:
    try:
        match kind:
            case "settings":
                load_settings(file)
            case "scenario":
                read_scenario(file)
            case "cassette":
                load_cassette(file)
            case _:
                from chatgptfree_mock.sites.aipower.releases import built_in

                load_file(file)
                built_in().with_files([file])
    except MockError:
        return True
    return False


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in WRONG.items() for text in texts])
def test_what_a_loader_refuses_does_not_fit(kind: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "92.5.0.yaml"
    file.write_text(text, encoding="utf-8")
    assert refuses(kind, file)
    assert problems(kind, text) != []


FITTING = {
    "settings": ["plugin: 2.3", "{pack: aipower, wordpress: 6.1, bots: [{id: 3, model: {reply: [a, b]}}]}"],
    "scenario": ["{title: x, expect: {error: [nonce, page]}, site: {plugin: 2.3, model: {refused: true}}}"],
    "cassette": [
        "interactions: []",
        "interactions: [{request: {method: GET, uri: 'http://a/', body: {a: 1}}, response: {status: 204, body: null}}]",
        "interactions: [{request: {method: GET, uri: 'http://a/', headers: [[A, b]]}, response: {status: 204}}]",
        (
            "{interactions: [{request: {method: GET, uri: 'http://a/'}, response: {status: 204}}], x-tokens: [{name: n,"
            " class: token, shape: {alphabet: hex, length: 10}, back: [{interaction: 0, place: 'form:n'}]}]}"
        ),
    ],
    "release": ["base: 2.3", "{base: 2.4.97, date: 2026-12-24, events: {renamed: {text: word}}}", "{base: 1.8.93}"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FITTING.items() for text in texts])
def test_what_a_loader_takes_fits(kind: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "92.5.0.yaml"
    file.write_text(text, encoding="utf-8")
    assert not refuses(kind, file)
    assert problems(kind, text) == []


def test_a_pack_without_release_files_has_no_schema_for_them() -> None:
    done = run_in_process(run, "schema", "release", "--pack", "recorded")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the pack recorded has no releases" in done.stderr


TEXTS = st.binary(max_size=40) | st.text(max_size=20).map(str.encode)
HEADERS = st.lists(st.tuples(st.sampled_from(["A", "B", "Content-Type"]), st.text("ab 1:,", max_size=5)), max_size=4)


def response(body: bytes, headers: list[tuple[str, str]], cut: int) -> Response:
    chunks: tuple[Chunk, ...] = ((1, min(cut, len(body))), (2, len(body) - min(cut, len(body)))) if body else ()
    return Response(body=body, headers=tuple(headers), chunks=tuple(each for each in chunks if each[1]))


INTERACTIONS = st.builds(
    lambda body, sent, headers, cut: Interaction(
        request=Request(method="POST", uri="http://a.example/x", headers=tuple(headers), body=sent),
        response=response(body, headers, cut),
    ),
    TEXTS,
    st.none() | TEXTS,
    HEADERS,
    st.integers(0, 40),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(INTERACTIONS, max_size=3))
def test_whatever_the_recorder_writes_fits(interactions: list[Interaction]) -> None:
    cassette = Cassette(interactions=tuple(interactions), recording={"plugin": "2.3"})
    assert problems("cassette", write(cassette)) == []
    assert misfits("cassette", json.loads(write_json(cassette))) == []
