"""
Encoded bodies of responses: decode a stored body to text with its chunks, and encode text for the wire.

The stored bytes decide which codings a body has (`content_coding`), whatever `Content-Encoding` claims.  Chunks are
decoded one by one, so each keeps its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from msgspec.structs import replace

from chatgptfree_mock.tape.coder import Encoder
from chatgptfree_mock.tape.content_coding import codings_of, decode_body, decode_chunks, known_coding
from chatgptfree_mock.tape.model import BODILESS, Chunk, End, Response


def decoded(response: Response) -> Response:
    """
    Return a *response* with stored `body` and `chunks` decoded to text, if they are encoded.

    The stored bytes become `raw` and `raw_chunks`.  A response that has `raw` keeps body and chunks, unless it has only
    that.
    """
    stored = response.body if response.raw is None else response.raw
    found = decode_body(stored, _claimed(response), response.header("Content-Type"))
    if not found.codings:
        return response
    if response.raw is not None and response.body:
        return replace(response, codings=found.codings)
    cut = response.chunks if response.raw is None else response.raw_chunks
    return replace(
        response,
        body=found.body,
        chunks=_decoded_chunks(stored, cut, found.codings, len(found.body)),
        raw=stored,
        raw_chunks=cut,
        codings=found.codings,
        raw_is_body=response.raw is None,
    )


def _decoded_chunks(stored: bytes, cut: Sequence[Chunk], codings: Sequence[str], size: int) -> tuple[Chunk, ...]:
    found, _ = decode_chunks(_chunks(stored, [size for _, size in cut]), codings)
    if sum(map(len, found)) != size:
        return ()  # more than the decoder's limit; then the body is one chunk
    return tuple((ms, len(chunk)) for (ms, _), chunk in zip(cut, found, strict=True) if chunk)


def encoded_chunks(body: bytes, sizes: Sequence[int], codings: Sequence[str]) -> list[bytes]:
    """
    Encode *body* in chunks of these *sizes* (bytes of *body*), each decodable as soon as it has arrived.

    Raises:
        ValueError: one of *codings* is not known.
    """
    encoded = _chunks(body, sizes) or [b""]
    for coding in codings:
        encoder = Encoder(known_coding(coding))
        encoded = [encoder.feed(chunk, last=place == len(encoded)) for place, chunk in enumerate(encoded, 1)]
    return encoded


def as_stored(response: Response) -> tuple[bytes, tuple[Chunk, ...]]:
    """Return body and chunks for the file of a *response* with `raw_is_body`, encoded again if they changed."""
    if response.raw is not None:
        return response.raw, response.raw_chunks
    cut = response.chunks or ((0, len(response.body)),)
    encoded = encoded_chunks(response.body, [size for _, size in cut], response.codings)
    chunks = tuple((ms, len(chunk)) for (ms, _), chunk in zip(cut, encoded, strict=True)) if response.chunks else ()
    return b"".join(encoded), chunks


def as_written(response: Response) -> Response:
    """Return *response* as it is written to a file: with the encoded bytes as its body if `raw_is_body`."""
    if not response.raw_is_body:
        return replace(response, codings=())
    body, chunks = as_stored(response)
    return replace(response, body=body, chunks=chunks, raw=None, raw_chunks=(), codings=(), raw_is_body=False)


def negotiated(response: Response, accepted: str, *, method: str = "GET") -> Response:
    """
    Return *response* to *method* for a client with the `Accept-Encoding` *accepted* (empty if it sends none).

    It is encoded as it was, under its true coding, if the client takes that, else it is decoded.  A response that
    never has a body (RFC 9110 section 6.4.1) describes that of a GET, so its headers stay as they are recorded.
    """
    if not response.body and (method == "HEAD" or response.status in BODILESS):
        return _bodiless(response, accepted)
    if not response.codings:
        return response
    if accepts(accepted, response.codings):
        return replace(response, headers=tuple(_with_true_coding(response)))
    broken = breaks_off(response)
    return replace(
        response,
        headers=tuple(_without_coding(response, broken=broken)),
        raw=None,
        raw_chunks=(),
        codings=(),
        end=End.TRUNCATED if broken else response.end,
    )


def _bodiless(response: Response, accepted: str) -> Response:
    if accepts(accepted, codings_of(_claimed(response))):
        return replace(response, raw=b"")  # nothing was encoded, so the coding in the headers is kept
    headers = (
        pair
        for pair in response.headers
        if not _is_content_header(pair, "encoding") and not _is_content_header(pair, "length")
    )
    return replace(response, headers=tuple(headers))


def accepts(accepted: str, codings: Iterable[str]) -> bool:
    """Return whether an `Accept-Encoding` value allows all *codings* (RFC 9110 section 12.5.3); an empty one none."""
    allowed: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip().removeprefix("x-")] = weight.replace(" ", "").rstrip("0") not in ("q=", "q=0.")
    return all(allowed.get(coding, allowed.get("*", False)) for coding in codings)


def breaks_off(response: Response) -> bool:
    """Return whether a response that was recorded whole breaks off within its coding."""
    if response.end is not End.COMPLETE or response.raw is None:
        return False
    return not decode_body(response.raw, ", ".join(response.codings)).complete


def has_true_coding(response: Response) -> bool:
    """Return whether `Content-Encoding` names the codings that the stored bytes have; true where they have none."""
    return not response.codings or codings_of(_claimed(response)) == response.codings


def _with_true_coding(response: Response) -> Iterator[tuple[str, str]]:
    """Yield the headers with the codings that the body has."""
    true = ", ".join(response.codings)
    fits = has_true_coding(response)
    yield from (pair for pair in response.headers if fits or not _is_content_header(pair, "encoding"))
    if not fits:
        yield "Content-Encoding", true


def _claimed(response: Response) -> str:
    """Return all `Content-Encoding` headers as one value (RFC 9110 section 5.3)."""
    return ", ".join(value for name, value in response.headers if name.lower() == "content-encoding")


def _without_coding(response: Response, *, broken: bool) -> Iterator[tuple[str, str]]:
    for name, value in response.headers:
        if name.lower() == "content-length":
            cut = broken or response.end is not End.COMPLETE
            yield name, str(len(response.body) + cut)
        elif not _is_content_header((name, value), "encoding"):
            yield name, value


def _is_content_header(pair: tuple[str, str], what: str) -> bool:
    """Return whether *pair* is the header `Content-` with *what* after it."""
    return pair[0].lower() == f"content-{what}"


def _chunks(body: bytes, sizes: Sequence[int]) -> list[bytes]:
    return [body[start:end] for start, end in pairwise([0, *accumulate(sizes)])]
