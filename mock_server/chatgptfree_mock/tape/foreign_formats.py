"""
Recognise files of other tools that are neither cassettes nor HAR files, by their beginning, with advice for each.

They are recognised after reading has failed, so that no file that can be read is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.lazy_pattern import LazyPattern

_HEAD: Final = 65_536
"""The number of bytes of a file that are examined."""
_SEND: Final = "send its requests through `chatgptfree-mock record`"
_RECORD_STUB: Final = "start that server and record it: `chatgptfree-mock record URL`"
_RECORD_AGAIN: Final = "record the site with `chatgptfree-mock record URL`, or save a HAR"


class _Format(NamedTuple):
    name: str
    repair: str
    shape: LazyPattern[bytes]
    """A pattern for its beginning."""
    mark: bytes
    """A text in its head, if there is no recording in it; empty: not needed."""


def _format(name: str, repair: str, shape: str, mark: bytes = b"") -> _Format:
    return _Format(name, repair, LazyPattern(shape.encode("latin-1"), re.DOTALL), mark)


_FORMATS: Final = (
    _format("a Postman collection, which holds requests", _SEND, r"\s*\{\s*\"_postman_id\"", b"schema.getpostman.com"),
    _format("an export of Insomnia, which holds requests", _SEND, r"\s*type: \w+\.insomnia\.rest/", b'"__export_'),
    _format("a collection of Bruno, which holds requests", _SEND, r"\s*meta \{\s*\n\s*name:"),
    _format("a raw HTTP request", _SEND, r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/[0-9.]+"),
    _format(
        "a file of requests for an editor",
        _SEND,
        r"(?:(?:#|//)[^\n]*\n|@\w+\s*=[^\n]*\n|[ \t\r]*\n)*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (?:https?://|/|\{\{)",
    ),
    _format("a test plan of JMeter, which holds requests", _SEND, r"\s*(?:<\?xml[^>]*>\s*)?<jmeterTestPlan"),
    _format("a feature of Karate or Cucumber", _SEND, r"\s*(?:@[^\n]*\n\s*)*Feature:"),
    _format(
        "an OpenAPI description, which holds no traffic",
        _RECORD_AGAIN,
        r"(?:.*\n)?[ ]*(?:openapi: [\"']?3|swagger: [\"']?2)|\s*\{\s*\"(?:openapi|swagger)\"",
    ),
    _format("a WARC file", _RECORD_AGAIN, r"WARC/[0-9.]+\r?\n"),
    _format(
        "a file of flows of mitmproxy",
        "export a HAR: `mitmdump -nr FILE --set hardump=out.har`",
        r"[0-9]{1,10}:[0-9]{1,6}:(?:websocket|version|type|response|request|backup|timestamp)[;:]",
    ),
    _format(
        "a session of Charles",
        "export it from Charles as an HTTP Archive (.har)",
        r"\s*\[\s*\{\s*\"status\":\s*\"[A-Z]+\",\s*\"method\":",
    ),
    _format(
        "a packet capture", _RECORD_AGAIN, r"(?:\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\x0a\x0d\x0d\x0a)"
    ),
    _format("a net log of Chromium", "save a HAR in the network panel", r"\s*\{\s*\"constants\":\s*\{"),
    _format("an export of Burp Suite", _RECORD_AGAIN, r".{0,4000}<items burpVersion="),
    _format(
        "the output of curl",
        "let curl ask through `chatgptfree-mock record`",
        r"== Info:|=> Send |\* +(?:Host|Trying|Uses|Connected|Could|Rebuilt|Re-using)|> (?:GET|POST|PUT|HEAD) ",
    ),
    _format("a raw HTTP response", _RECORD_AGAIN, r"HTTP/[0-9.]+ [0-9]{3}"),
    _format(
        "a file of stubs for WireMock",
        _RECORD_STUB,
        r"\s*\{\s*\"mappings\"\s*:",
        b'"urlPath',
    ),
    _format(
        "a stub for WireMock",
        _RECORD_STUB,
        r"\s*\{(?:\s*\"(?:id|uuid|name|priority|scenarioName)\"\s*:[^,{}]{1,200},){0,5}\s*\"request\"\s*:\s*\{[^{}]{0,400}\"url",
    ),
    _format("a file of imposters for Mountebank", _RECORD_STUB, r"\s*\{\s*\"imposters\"\s*:", b'"stubs"'),
    _format("an environment of Mockoon", _RECORD_STUB, r"\s*\{\s*\"lastMigration\"", b'"lastMigration"'),
    _format("a simulation of Hoverfly", _RECORD_STUB, r"\s*\{\s*\"data\"\s*:\s*\{\s*\"pairs\"\s*:"),
    _format("a contract of Pact", _RECORD_STUB, r"\s*\{\s*\"consumer\"\s*:"),
    _format(
        "a recording of nock",
        "run its test once against `chatgptfree-mock record`",
        r"\s*\[\s*\{\s*\"scope\"\s*:\s*\"https?:",
    ),
    _format(
        "a file of the library responses",
        "run its test once with vcrpy, or against `chatgptfree-mock record`",
        r"responses:\s*\n\s*-[ ]+response:",
    ),
    _format(
        "a tape of Talkback or yakbak",
        "run its test once against `chatgptfree-mock record`",
        r"\s*\{\s*\"?meta\"?\s*:\s*\{\s*\"?createdAt|.{0,4000}module\.exports = function \(req, res\)",
    ),
    _format("JSON lines", "a recording is one document", r"\s*\{[^\n]*\}\r?\n\{"),
    _format("a pointer of Git LFS", "fetch the file: `git lfs pull`", r"version https://git-lfs\.github\.com/spec/"),
    _format("a file with merge conflicts", "resolve the lines with `<<<<<<<`", r"(?:.*\n)?<<<<<<< "),
    _format("an HTML page", "the download has failed; get the file again", r"\s*(?i:<!doctype html|<html)"),
    _format("a picture", "name the file of the recording", r"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP"),
    _format("a PDF", "name the file of the recording", r"%PDF-"),
    _format(
        "an event stream alone",
        "put it into the body of a cassette, or of an entry of `responses:`",
        r"\s*(?::[^\n]*\n)*(?:data|event|id|retry):[^\n]*\r?\n(?:(?:data|event|id|retry):|\r?\n)",
    ),
)
_RECORDING: Final = LazyPattern(rb"(?m)^[ \t{]*[\"']?(?:http_)?(?:interactions|log)[\"']?[ \t]*:")
"""In the head of a cassette or a HAR, whose bodies may hold files of any format."""
_INTERACTIONS: Final = LazyPattern(rb"(?m)(?:^|[{,])[ \t{]*[\"']?(?:http_)?interactions[\"']?[ \t]*:")
_CASSETTE: Final = ("a cassette", "use it as it is; `lint` checks it")
_ZIPS: Final = (
    ("a session of Fiddler", "export it from Fiddler as HTTPArchive v1.2 (.har)", b"raw/"),
    ("a trace of Playwright", "record a HAR: `record_har_path` of the context, or `--save-har`", b".trace"),
)
_ZIP: Final = b"PK\x03\x04"


def foreign_format(data: bytes) -> tuple[str, str] | None:
    """Return the name of another tool's format, and advice; None if the beginning shows no known one."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if head.startswith(_ZIP):
        return next(((name, repair) for name, repair, part in _ZIPS if part in data[:_HEAD] + data[-_HEAD:]), None)
    inner = _RECORDING.search(head) is not None
    for each in _FORMATS:
        if each.shape.match(head) or (each.mark and each.mark in head and not inner):
            return each.name, each.repair
    return None


@contextmanager
def naming_foreign_formats(data: bytes, *, file: str | None, cassettes: bool = False) -> Iterator[None]:
    """
    Name the format of *data* where reading it fails.

    Args:
        data: the bytes of the file.
        file: what complaints call it.
        cassettes: whether a cassette is a foreign format as well.

    Raises:
        CassetteError: reading has failed; it names the format if that is known.
    """
    try:
        yield
    except CassetteError as exc:
        found = foreign_format(data) or (_CASSETTE if cassettes and _INTERACTIONS.search(data[:_HEAD]) else None)
        if found is None:
            raise
        name, repair = found
        raise CassetteError(f"this is {name}", file=file, repair=repair) from exc
