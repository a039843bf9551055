"""HAR files where a recording may be named: served as `import` reads them, with the entries left out listed."""

from __future__ import annotations

import gzip
import json
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.tape.files import gather, named_cassette

TEXT = "data: é 1\n\ndata: 2\n\n"


def entry(path: str, text: str, kind: str = "text/event-stream", **more: Any) -> dict[str, Any]:
    content = {"size": len(text.encode()), "mimeType": kind, "text": text}
    response = {"status": 200, "statusText": "OK", "headers": [{"name": "Content-Type", "value": kind}]}
    request = {"method": "GET", "url": f"https://a.example{path}", "headers": []}
    return {"request": request, "response": {**response, "content": content}, **more}


ENTRIES = [
    entry("/stream", TEXT),
    entry("/style.css", "b{}", "text/css"),
    {"request": {"method": "GET", "url": "https://a.example/pending"}},
]
HAR = json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": ENTRIES}}).encode()


def write_har(path: Path) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("har.har", HAR)
    else:
        path.write_bytes(gzip.compress(HAR) if path.suffix == ".gz" else HAR)
    return path


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=300) as response:
        data: bytes = response.read()
        return data


@pytest.mark.parametrize("name", ["a.har", "a.har.gz", "a.har.zip", "trace.zip"])
@pytest.mark.filterwarnings("ignore::chatgptfree_mock.errors.MockWarning")
def test_a_har_is_served_with_its_static_files(name: str, tmp_path: Path) -> None:
    with MockSite(cassette=write_har(tmp_path / name), delivery="chunks=bytes pace=instant") as site:
        assert fetch(site.url + "/stream") == TEXT.encode()
        assert fetch(site.url + "/style.css") == b"b{}"
        assert site.warnings == [f"{tmp_path / name}: left out: no `response` - at `$.log.entries[2]`"]
        assert len(site.journal[0].chunks) == len(TEXT.encode())


@pytest.mark.parametrize("source", ["", "*.har", "deeper/../b.har"], ids=["folder", "pattern", "file"])
def test_a_har_is_found_like_a_cassette(source: str, tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    write_har(tmp_path / "b.har")
    found = gather(str(tmp_path / source))
    assert [len(cassette.interactions) for cassette in found.cassettes] == [2]
    assert len(found.left_out) == 1


def test_a_file_that_is_not_a_har_is_left_out_or_with_strict_an_error(tmp_path: Path) -> None:
    write_har(tmp_path / "a.har")
    (tmp_path / "b.har").write_text("{}", encoding="utf-8")
    found = gather(tmp_path)
    assert len(found.cassettes) == 1
    assert any("b.har: left out: not a HAR" in line for line in found.notes)
    with pytest.raises(CassetteError, match=r"a\.har"):
        gather(tmp_path, strict=True)
    with pytest.raises(CassetteError, match="not a HAR"):
        gather(tmp_path / "b.har")


@pytest.mark.filterwarnings("ignore::chatgptfree_mock.errors.MockWarning")
def test_settings_and_scenarios_may_name_a_har(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har")
    assert len(named_cassette(str(har)).interactions) == 2
    settings = site_from({"model": {"cassette": str(har)}})
    with MockSite(settings=settings) as site:
        assert fetch(site.url + "/stream") == TEXT.encode()
        assert site.warnings == [f"{har}: left out: no `response` - at `$.log.entries[2]`"]
