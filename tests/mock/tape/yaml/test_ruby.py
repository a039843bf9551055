"""Ruby's own YAML (Psych), with which VCR for Ruby reads cassettes, reads what was written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.yaml_values import COUNT, sample_cassette, values

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.writing import write

pytestmark = pytest.mark.other_clients

PROGRAM = """
text = File.read(ARGV[1], encoding: "UTF-8")
data = YAML.send(ARGV[0], text)
def plain(value)
  case value
  when Hash then value.to_h { |key, each| [plain(key), plain(each)] }
  when Array then value.map { |each| plain(each) }
  when String then value.dup.force_encoding("UTF-8")
  when nil, true, false, Integer, Float then value
  else raise "#{value.class}: #{value.inspect}"
  end
end
puts JSON.generate(plain(data))
"""
"""What is more than text, a number or nothing, such as a symbol or a date, is an error."""


def by_ruby(loader: str, text: str, folder: Path) -> Any:
    """Return the interactions of a cassette as Ruby's *loader* has them."""
    ruby = shutil.which("ruby")
    assert ruby is not None, "install ruby"
    file = folder / "tape.yaml"
    file.write_text(text)
    command = [ruby, "-ryaml", "-rjson", "-e", PROGRAM, loader, str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)["interactions"]


@pytest.mark.parametrize("loader", ["safe_load", "unsafe_load"])
def test_ruby_reads_20000_values_where_text_stands(loader: str, tmp_path: Path) -> None:
    cassette = sample_cassette()
    found = by_ruby(loader, write(cassette), tmp_path)
    for ours, theirs in zip(cassette.interactions, found, strict=True):
        response = theirs["response"]
        assert {name: [value] for name, value in ours.response.headers} == response["headers"]
        assert ours.response.reason == response["status"]["message"]
        assert ours.response.body.decode() == response["body"]["string"]
        assert ours.request.uri == theirs["request"]["uri"]


def test_ruby_reads_20000_header_values_of_one_response(tmp_path: Path) -> None:
    expected = values(3)
    headers: Headers = tuple((f"X-{number}", value) for number, value in enumerate(expected))
    one = Interaction(request=Request(method="GET", uri="http://a/"), response=Response(headers=headers))
    (read_back,) = by_ruby("safe_load", write(Cassette(interactions=(one,))), tmp_path)
    assert len(expected) == COUNT
    assert read_back["response"]["headers"] == {name: [value] for name, value in headers}
