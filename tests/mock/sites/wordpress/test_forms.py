"""What PHP makes of queries and bodies."""

from __future__ import annotations

import time
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress import forms
from chatgptfree_mock.sites.wordpress.forms import Fields, UploadError

MULTIPART = ("Content-Type", "multipart/form-data; boundary=x")
NAMES = st.text(st.characters(codec="ascii", categories=["Ll", "Lu"]), min_size=1, max_size=8)


def posted(body: bytes, *headers: tuple[str, str], method: str = "POST", query: str = "") -> SiteRequest:
    return SiteRequest(method=method, path="/", query=query, headers=headers, body=body)


def multipart(body: bytes) -> Fields:
    return forms.read(posted(body.replace(b"\n", b"\r\n"), MULTIPART))


@for_each(
    ("encoded", "fields"),
    [
        pytest.param(b"a=1&b=2", {"a": "1", "b": "2"}, id="plain"),
        pytest.param(b"a=1&a=2", {"a": "2"}, id="the last one wins"),
        pytest.param(b"a+b=c+d%20e", {"a_b": "c d e"}, id="blanks"),
        pytest.param(b"a.b=1&c%20d=2", {"a_b": "1", "c_d": "2"}, id="dots and blanks in names"),
        pytest.param(b"a", {"a": ""}, id="no value"),
        pytest.param(b"=1&&", {}, id="no name"),
        pytest.param(b"a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}, id="a list"),
        pytest.param(b"a[5]=1&a[]=2", {"a": {"5": "1", "6": "2"}}, id="a list goes on after its highest number"),
        pytest.param(b"a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}, id="arrays in arrays"),
        pytest.param(b"a%5Bb%5D=1", {"a": {"b": "1"}}, id="encoded brackets"),
        pytest.param(b"a[b]x[c]=1", {"a": {"b": "1"}}, id="what follows a bracket is lost"),
        pytest.param(b"a=1&a[b]=2", {"a": {"b": "2"}}, id="an array replaces a text"),
        pytest.param(b"a[b=1", {"a_b": "1"}, id="an open bracket"),
        pytest.param(b"a=%f0%9f%91%8b", {"a": "👋"}, id="an emoji"),
        pytest.param(b"a=%ff", {"a": "\udcff"}, id="a byte that is no UTF-8"),
        pytest.param(b"a=%zz%4", {"a": "%zz%4"}, id="a per cent sign that encodes nothing"),
        pytest.param(b"a%00b=1", {"a": "1"}, id="a NUL ends a name"),
    ],
)
def test_variables_are_read_as_php_reads_them(encoded: bytes, fields: forms.Array) -> None:
    assert forms.parse(encoded) == fields


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8")), max_size=20))
def test_what_a_browser_encodes_comes_back(fields: dict[str, str]) -> None:
    assert forms.parse(urlencode(fields).encode()) == fields


def test_only_so_many_variables_are_read() -> None:
    assert len(forms.parse(b"&".join(b"v%d=1" % number for number in range(5000)))) == forms.MAX_VARIABLES


def test_arrays_are_only_so_deep() -> None:
    assert forms.parse(b"a" + b"[b]" * 1000 + b"=1") == {}


def test_the_query_and_the_body_are_distinguished() -> None:
    read = forms.read(posted(b"a=body&c=1", ("Content-Type", "application/x-www-form-urlencoded"), query="a=query&b=1"))
    assert (read.get, read.post) == ({"a": "query", "b": "1"}, {"a": "body", "c": "1"})
    assert read.request == {"a": "body", "b": "1", "c": "1"}


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        pytest.param("POST", "application/json", id="JSON is not read"),
        pytest.param("POST", "", id="a body without a type is not read"),
        pytest.param("PUT", "application/x-www-form-urlencoded", id="only a POST has a body"),
        pytest.param("POST", "multipart/form-data", id="multipart without a boundary"),
    ],
)
def test_bodies_that_php_does_not_read(method: str, kind: str) -> None:
    assert forms.read(posted(b"a=1", ("Content-Type", kind), method=method)).post == {}


def test_multipart_fields_and_files() -> None:
    read = multipart(
        b'--x\nContent-Disposition: form-data; name="a"\n\none\ntwo\n'
        b'--x\ncontent-disposition: form-data; name="l[]"\n\n1\n'
        b'--x\nContent-Disposition: form-data; name="f"; filename="C:\\\\d\\\\v.wav"\nContent-Type: audio/wav\n\nRIFF\n'
        b"--x--\n"
    )
    assert read.post == {"a": "one\r\ntwo", "l": {"0": "1"}}
    file = read.files["f"]
    assert (file.name, file.type, file.content, file.error) == ("v.wav", "audio/wav", b"RIFF", UploadError.OK)


@pytest.mark.parametrize(
    ("body", "post", "errors"),
    [
        pytest.param(b'--x\nContent-Disposition: form-data; name="a"\n\n1', {}, {}, id="a field that is cut off"),
        pytest.param(
            b'--x\nContent-Disposition: form-data; name="a"; filename="b"\n\n1',
            {},
            {"a": UploadError.PARTIAL},
            id="a file that is cut off",
        ),
        pytest.param(
            b'--x\nContent-Disposition: form-data; name="a"; filename=""\n\n\n--x--',
            {},
            {"a": UploadError.NO_FILE},
            id="no file was chosen",
        ),
        pytest.param(b"--x\nContent-Disposition: form-data\n\n1\n--x--", {}, {}, id="a part without a name"),
        pytest.param(b"--y\nContent-Disposition: form-data; name=a\n\n1\n--y--", {}, {}, id="another boundary"),
        pytest.param(b"--x\nContent-Disposition: form-data; name=a\n\n1\n--x--", {"a": "1"}, {}, id="a bare name"),
        pytest.param(b"", {}, {}, id="nothing"),
    ],
)
def test_broken_multipart_is_read_as_far_as_it_goes(body: bytes, post: forms.Array, errors: dict[str, int]) -> None:
    read = multipart(body)
    assert read.post == post
    assert {name: file.error for name, file in read.files.items()} == errors


@given(
    st.lists(
        st.sampled_from([b"--x", b"--", b"\r\n", b"\n", b'Content-Disposition: form-data; name="a"', b"\xff", b";"])
    )
)
def test_no_multipart_body_is_too_broken(pieces: list[bytes]) -> None:
    forms.read(posted(b"".join(pieces), MULTIPART))


@given(st.binary(max_size=200))
def test_no_query_is_too_broken(junk: bytes) -> None:
    forms.parse(junk)
    assert forms.parse(b"a=" + quote_from_bytes(junk, safe="").encode()) == {
        "a": junk.decode("utf-8", "surrogateescape")
    }


@given(
    st.lists(
        st.sampled_from(
            [b"a", b"b1", b"=", b"&", b"[", b"]", b" ", b".", b"_", b"7", b"\0", b"\xc3\xa9", b"\xff", b"\xc3"]
        )
    )
    | st.integers(995, 1005).map(lambda count: [b"a%d=1&" % number for number in range(count)])
)
def test_what_holds_nothing_to_decode_is_read_as_what_does(pieces: list[bytes]) -> None:
    plain = b"".join(pieces)
    decoded = forms.parse(plain.replace(b"a", b"%61"))
    assert forms.parse(plain) == decoded


@pytest.mark.parametrize("junk", [b"%", b"&", b"%4", b"+", b"%41", b"=", b"[", b"&a"])
def test_ten_times_the_junk_takes_about_ten_times_as_long(junk: bytes) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        forms.parse(b"a=+" + junk * (size // len(junk)))
        return time.process_time() - started

    assert seconds(4_000_000) < 30 * max(seconds(400_000), 0.01)


def test_a_file_over_the_limit_leaves_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MAX_UPLOAD", 3)
    read = multipart(b'--x\nContent-Disposition: form-data; name="a"; filename="b"\n\n1234\n--x--')
    assert (read.files["a"].error, read.files["a"].content) == (UploadError.TOO_LARGE, b"")


def test_only_so_many_parts_are_read() -> None:
    part = b'--x\nContent-Disposition: form-data; name="a%d"\n\n1\n'
    assert len(multipart(b"".join(part % number for number in range(2000))).post) == forms.MAX_VARIABLES
    file = b'--x\nContent-Disposition: form-data; name="a%d"; filename="f"\n\n1\n'
    assert len(multipart(b"".join(file % number for number in range(50))).files) == forms.MAX_FILES


def test_a_body_over_the_limit_leaves_no_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MAX_BODY", 10)
    read = forms.read(posted(b"a=1234567890", ("Content-Type", "application/x-www-form-urlencoded"), query="b=1"))
    assert (read.get, read.post) == ({"b": "1"}, {})
