"""Files that other readers take: PyYAML's two loaders, ruamel.yaml, vcrpy and Ruby's Psych read what was written."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from ruamel.yaml import YAML
from tests.support.yaml_values import COUNT, sample_cassette, values
from vcr.serialize import deserialize  # type: ignore[import-untyped]  # has no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write

FEWER = 4000
"""For the two readers in pure Python, where all of them take two seconds each."""


@pytest.fixture(scope="module")
def cassette() -> Cassette:
    return sample_cassette()


@pytest.fixture(scope="module")
def text(cassette: Cassette) -> str:
    return write(cassette)


def by_pyyaml(loader: Any) -> Callable[[str], Any]:
    return lambda text: yaml.load(text, Loader=loader)["interactions"]


def by_ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)["interactions"]


READERS = [
    pytest.param(by_pyyaml(yaml.CSafeLoader), COUNT, id="PyYAML, libyaml"),
    pytest.param(by_pyyaml(yaml.SafeLoader), 100, id="PyYAML, pure"),
    pytest.param(by_ruamel, 100, id="ruamel, YAML 1.2"),
]
"""With how many interactions of twenty values each are read: the pure readers take a second for a thousand values."""


@pytest.mark.parametrize(("reader", "count"), READERS)
def test_every_reader_reads_what_was_written(reader: Callable[[str], Any], count: int, cassette: Cassette) -> None:
    part = replace(cassette, interactions=cassette.interactions[:count])
    for ours, theirs in zip(part.interactions, reader(write(part)), strict=True):
        response = theirs["response"]
        assert {name: [value] for name, value in ours.response.headers} == response["headers"]
        assert ours.response.reason == response["status"]["message"]
        assert ours.response.body.decode() == response["body"]["string"]
        assert ours.request.uri == theirs["request"]["uri"]


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        pytest.param(by_pyyaml(yaml.CSafeLoader), COUNT, id="PyYAML, libyaml"),
        pytest.param(by_pyyaml(yaml.SafeLoader), FEWER, id="PyYAML, pure"),
        pytest.param(by_ruamel, FEWER, id="ruamel, YAML 1.2"),
        pytest.param(by_pyyaml(yaml.SafeLoader), COUNT, id="PyYAML, pure, all", marks=pytest.mark.other_clients),
        pytest.param(by_ruamel, COUNT, id="ruamel, YAML 1.2, all", marks=pytest.mark.other_clients),
    ],
)
def test_every_reader_reads_thousands_of_header_values(reader: Callable[[str], Any], count: int) -> None:
    """All of them in one response, whose list of headers is most of what has to be parsed."""
    expected = values(2)[:count]
    headers: Headers = tuple((f"X-{number}", value) for number, value in enumerate(expected))
    response = Response(headers=headers)
    one = Interaction(request=Request(method="GET", uri="http://a/"), response=response)
    (read_back,) = reader(write(Cassette(interactions=(one,))))
    assert len(expected) == count
    assert read_back["response"]["headers"] == {name: [value] for name, value in headers}


def test_we_read_it_ourselves(cassette: Cassette, text: str) -> None:
    assert read(text.encode()).interactions == cassette.interactions


def test_vcrpy_reads_it(cassette: Cassette) -> None:
    """A part of them, as it reads with libyaml."""
    part = replace(cassette, interactions=cassette.interactions[:100])
    _, responses = deserialize(write(part), yamlserializer)
    for ours, theirs in zip(part.interactions, responses, strict=True):
        assert {name: [value] for name, value in ours.response.headers} == theirs["headers"]


# What Ruby's Psych takes a bare scalar for (psych/scalar_scanner.rb of Psych 5); the syntax is libyaml's.
PSYCH = re.compile(
    r"""
      [-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*) | [-+]?0[0-7_,]+ | [-+]?0x[0-9a-f_,]+ | [-+]?0b[01_,]+
    | [-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:e[-+][0-9]+)? | [-+]?[0-9][0-9_,]*(?:e[-+]?[0-9]+)?
    | [-+]?\.inf | \.nan | ~ | null | yes | true | on | no | false | off | y | n
    | :. .* | -?\d{4}-\d{1,2}-\d{1,2} .* | [-+]?\d[0-9_]*(?::[0-5]?\d)+(?:\.[0-9_]*)? | << | =
    """,
    re.VERBOSE | re.IGNORECASE,
)


def test_nothing_bare_is_more_than_text_to_ruby(text: str) -> None:
    bare = [event for event in yaml.parse(text, Loader=yaml.CSafeLoader) if isinstance(event, yaml.ScalarEvent)]
    plain = {event.value for event in bare if event.implicit[0]} - {"null"}
    odd = {value for value in plain if PSYCH.fullmatch(value) and not re.fullmatch(r"[0-9]{1,3}", value)}
    assert odd == set()
    assert len(bare) > COUNT
