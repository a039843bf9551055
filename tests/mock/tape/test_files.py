"""Cassettes as files: which a path means, how large they may be, and that parts replace earlier ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import cassette_files, load
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save_in_parts
from chatgptfree_mock.tape.whole_file import read_bytes

MIB = 1024 * 1024


def cassette_of(body: bytes) -> Cassette:
    request = Request(method="GET", uri="https://a.example/")
    return Cassette(interactions=(Interaction(request=request, response=Response(body=body)),))


def test_a_file_of_64_mib_is_read_and_a_larger_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with open(path, "wb") as file:
        file.truncate(64 * MIB)  # sparse
    assert len(read_bytes(path)) == 64 * MIB
    with open(path, "ab") as file:
        file.truncate(64 * MIB + 1)
    with pytest.raises(CassetteError, match="67,108,865 bytes are more than the limit of 67,108,864"):
        read_bytes(path)


def test_a_name_with_the_signs_of_a_pattern_is_a_file_if_there_is_one(tmp_path: Path) -> None:
    for name in ("a[1].yaml", "b1.yaml", "b2.yaml"):
        (tmp_path / name).touch()
    assert cassette_files(tmp_path / "a[1].yaml") == [tmp_path / "a[1].yaml"]
    assert cassette_files(tmp_path / "b[12].yaml") == [tmp_path / "b1.yaml", tmp_path / "b2.yaml"]
    assert cassette_files(tmp_path / "none.yaml") == [tmp_path / "none.yaml"]
    with pytest.raises(CassetteError, match="no file matches this pattern"):
        cassette_files(tmp_path / "c*.yaml")


def test_parts_replace_an_earlier_file_unless_overwrite_is_off(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save_in_parts(path, cassette_of(b"first"))
    save_in_parts(path, cassette_of(b"second"))
    assert load(path).interactions[0].response.body == b"second"
    with pytest.raises(CassetteError, match="there is a file of this name already"):
        save_in_parts(path, cassette_of(b"third"), overwrite=False)
    assert load(path).interactions[0].response.body == b"second"
