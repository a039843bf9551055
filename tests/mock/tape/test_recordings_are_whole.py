"""
The recordings are what the wire held: each is compared with a table of hashes taken from the exchanges themselves.

`tests/data/recorded.tsv` was made once, from the raw exchanges, by who recorded them: hashes (the first 16 digits of
SHA-256) of target, headers (`name: value` lines), bodies, and of the chunk list as JSON.  Where a file notes that the
body of a page was left out, the row is of what is left.
"""

import csv
import hashlib
import json
from pathlib import Path

from tests.support.many_cases import check_each, for_each
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import End, Headers
from chatgptfree_mock.tape.saving import save

ENDS = {"complete": End.COMPLETE, "we hung up": End.CLIENT_CLOSED}

with (Path(__file__).parents[2] / "data" / "recorded.tsv").open(newline="", encoding="utf-8") as file:
    TABLE = list(csv.DictReader(file, delimiter="\t"))


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def headers_hash(headers: Headers) -> str:
    return hashed("\n".join(f"{name}: {value}" for name, value in headers).encode())


def test_there_is_one_file_per_exchange() -> None:
    assert len(TABLE) == 625
    assert {recording_id(path) for path in recording_paths()} == {f"{row['plugin']}/{row['case']}" for row in TABLE}


@for_each("plugin", dict.fromkeys(row["plugin"] for row in TABLE))
def test_nothing_was_lost(plugin: str) -> None:
    check_each(check_row, (row for row in TABLE if row["plugin"] == plugin), label=lambda row: row["case"])


def check_row(row: dict[str, str]) -> None:
    cassette = recording(recorded_file(row["plugin"], row["case"]))
    (interaction,) = cassette.interactions
    request, response = interaction.request, interaction.response
    target = request.uri.removeprefix("https://chatgptfree.ai")
    assert {
        "plugin": cassette.recording["plugin"],
        "case": cassette.recording["case"],
        "method, target": f"{request.method} {hashed(target.encode())}",
        "request headers": headers_hash(request.headers),
        "request body": hashed(request.body or b""),
        "status": f"{response.status} {response.reason}",
        "response headers": headers_hash(response.headers),
        "bytes, body": f"{len(response.body)} {hashed(response.body)}",
        "chunks, times and sizes": f"{len(response.chunks)} {hashed(json.dumps(response.chunks).encode())}",
        "end": next(words for words, end in ENDS.items() if end is response.end),
    } == row


def test_loading_and_saving_leaves_every_file_as_it_is(tmp_path: Path) -> None:
    for path in recording_paths():
        save(tmp_path / "again.yaml", load(path))
        assert (tmp_path / "again.yaml").read_bytes() == path.read_bytes(), path


def test_each_has_its_true_source() -> None:
    for path in recording_paths():
        facts = recording(path).recording
        assert "on loopback" in facts["upstream"], path
        assert "stand-in" in facts["model"], path
        assert "request.uri" in facts["changed"][0], path
