"""The words for chunks, pace and faults: read, written back, and complained about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.faults import THENS, Fault

PLACES = st.one_of(
    st.integers(0, 99_999).map(str),
    st.integers(0, 999).map("chunk:{}".format),
    st.integers(0, 999).map("event:{}".format),
    st.integers(0, 100).map("{}%".format),
    st.integers(1, 99_999).map("{}ms".format),
    st.just("random"),
)
DURATIONS = st.one_of(st.integers(0, 99_999).map("{}ms".format), st.sampled_from(["1.5s", "0.1s", "2m", "3s"]))
FAULTS = st.one_of(
    st.builds(
        "{}@{}".format, st.sampled_from(["reset", "truncate", "end", "stall", "garble-chunk", "gzip-cut"]), PLACES
    ),
    st.builds("{}@head".format, st.sampled_from(["reset", "truncate", "end", "stall"])),
    st.builds(
        "stall@{}={}{}".format, PLACES, DURATIONS, st.sampled_from(["", ":reset", ":truncate", ":end", ":go-on"])
    ),
    st.builds("{}={}".format, st.sampled_from(["delay-headers", "delay-body", "drip"]), DURATIONS),
    st.builds("wrong-length={}".format, st.integers(-999, 999)),
    st.builds("extra-bytes={}".format, st.integers(0, 999)),
    st.sampled_from(["drop-final-chunk", "close-delimited", "http-1.0", "gzip", "stored-headers", "garble-head"]),
    st.sampled_from(["chunk-extensions", "trailers", "wrong-length", "extra-bytes"]),
)
FRAMINGS = (
    {"garble-chunk", "drop-final-chunk", "chunk-extensions", "trailers"},
    {"close-delimited", "http-1.0"},
    {"wrong-length"},
)


def act_together(words: list[str]) -> bool:
    """Return whether *words* ask for one framing at most, and not twice for what is done once."""
    names = [word.partition("=")[0].partition("@")[0] for word in words]
    once = all(names.count(name) < 2 for name in ("wrong-length", "extra-bytes"))
    return once and sum(bool(framing.intersection(names)) for framing in FRAMINGS) < 2


DELIVERIES = st.builds(
    Delivery.parse,
    chunks=st.one_of(
        st.sampled_from(["as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf", "at:1,20", "every:7"]),
        st.integers(0, 9999).map("random:{}".format),
    ),
    pace=st.one_of(
        st.sampled_from(["recorded", "instant", "x4", "x0.25"]),
        st.floats(1e-9, 1e6).map(lambda factor: f"x{factor:.12f}").filter(lambda word: float(word[1:]) > 0),
        DURATIONS.map("every:{}".format),
    ),
    fault=st.lists(FAULTS, max_size=3).filter(act_together),
    seed=st.integers(0, 9999),
)


@given(words=st.lists(FAULTS, min_size=2, max_size=3))
def test_faults_that_cannot_act_together_are_refused_with_both_names(words: list[str]) -> None:
    if act_together(words):
        assert len(Delivery.parse(fault=words).faults) == len(words)
        return
    with pytest.raises(DeliveryError, match=r"^fault: `.+` and `.+` can't act on one response: .+; leave one out$"):
        Delivery.parse(fault=",".join(words))


@given(delivery=DELIVERIES)
def test_what_is_written_reads_back_as_the_same(delivery: Delivery) -> None:
    assert Delivery.from_words(str(delivery)) == delivery


@pytest.mark.parametrize(
    ("words", "written"),
    [
        pytest.param("", "chunks=as-recorded", id="no word is as recorded"),
        pytest.param("fault=reset", "chunks=as-recorded fault=reset", id="the default place stays unsaid"),
        pytest.param("fault=reset@120", "chunks=as-recorded fault=reset@120", id="bytes have no unit"),
        pytest.param("fault=stall@chunk:3=5000ms:reset", "chunks=as-recorded fault=stall@chunk:3=5s:reset", id="stall"),
        pytest.param("pace=every:1500ms seed=7", "chunks=as-recorded pace=every:1.5s seed=7", id="durations are short"),
    ],
)
def test_words_are_written_the_shortest_way(words: str, written: str) -> None:
    assert str(Delivery.from_words(words)) == written


def test_faults_come_as_one_text_or_as_several() -> None:
    assert Delivery.parse(fault="drip=5ms, reset@9") == Delivery.parse(fault=["drip=5ms", "reset@9"])


def test_without_words_delivery_is_as_recorded() -> None:
    assert Delivery.parse() == AS_RECORDED


@for_each(
    ("message", "complaint"),
    [
        pytest.param(
            {"chunks": "utf-8"}, "chunks: no such word: `utf-8`; did you mean `utf8`?", id="nearest chunks word"
        ),
        pytest.param({"chunks": "every"}, "chunks: `every` should be `every:N`", id="number missing"),
        pytest.param({"chunks": "whole:3"}, "chunks: `whole:3` should be `whole`", id="number too many"),
        pytest.param({"chunks": "every:3,4"}, "chunks: `every:3,4` should be `every:N`", id="two numbers"),
        pytest.param({"chunks": "at:0"}, "would cut empty chunks", id="cut at nothing"),
        pytest.param({"pace": "instantly"}, "did you mean `instant`?", id="nearest pace"),
        pytest.param({"pace": "x0"}, "must be above 0", id="pace of zero"),
        pytest.param({"pace": "every:20"}, "`20` is not a duration", id="duration without unit"),
        pytest.param({"fault": "rset@50%"}, "did you mean `reset@PLACE`?", id="nearest fault"),
        *(
            pytest.param(
                {"fault": word}, f"`{word}` is a fault of TLS, not of an answer: use `serve", id=f"of TLS: {word}"
            )
            for word in (*TlsFault, "tls-expired", "tls/wrong-name")
        ),
        pytest.param({"fault": "reset@half"}, "`@half` is not a place; write `@120`", id="no such place"),
        *(
            pytest.param({"fault": f"reset@{place}"}, f"`@{place}` is not a place; write `@120`", id=place)
            for place in ("120b", "120bytes", "bytes:120", "chunk3", "event2", "chunk:")
        ),
        pytest.param({"fault": "drip"}, "`drip` needs a duration", id="value missing"),
        pytest.param({"fault": "reset@5=4"}, "`reset` has no value", id="value too many"),
        pytest.param({"fault": "gzip@4"}, "`gzip` has no place", id="place too many"),
        pytest.param({"fault": "reset@101%"}, "`@101%` is after the end of the body; write at most `@100%`", id="over"),
        pytest.param({"fault": "drip@head=4ms"}, "`@head` is not a place for it", id="a body fault in the head"),
        pytest.param({"fault": "wrong-length=ten"}, "with a whole number", id="no number"),
        pytest.param({"fault": "stall@5=2s:explode"}, "should be `stall@PLACE", id="no such sequel"),
        pytest.param({"fault": "delay-body=2s:reset"}, "should be `delay-body=2s`", id="a sequel where none can be"),
    ],
)
def test_a_wrong_word_is_named_with_what_was_meant(message: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        Delivery.parse(**message)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("chunk=utf8", "did you mean `chunks`?", id="a key mistyped"),
        pytest.param("utf8", "no such word: `utf8`", id="no key"),
        pytest.param("seed=x", "`x` is not a whole number", id="no seed"),
        pytest.param("chunks=utf8 chunks=bytes", "`chunks` is given twice", id="a key twice"),
        pytest.param("fault=gzip fault=reset@50%", "twice; separate faults with commas", id="faults apart"),
    ],
)
def test_a_wrong_line_is_named(line: str, complaint: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        Delivery.from_words(line)
    assert complaint in str(caught.value)


def test_two_faults_that_need_different_framing_name_both_needs() -> None:
    with pytest.raises(DeliveryError) as caught:
        Delivery.parse(fault="wrong-length=3,http-1.0")
    needs = (
        str(caught.value).partition("the first it ")[2].removesuffix("; leave one out").split(", for the second it ")
    )
    assert needs[0] == "has a Content-Length"
    assert len(set(needs)) == 2


@pytest.mark.parametrize(
    ("word", "ends"),
    [
        ("stall@5", True),
        ("stall@5=1s", False),
        *((f"stall@5=1s:{then}", then != "go-on") for then in THENS),
        ("reset@5", True),
        ("truncate@5", True),
        ("delay-body=1s", False),
        ("drip@5=1ms", False),
    ],
)
def test_what_follows_a_fault(word: str, *, ends: bool) -> None:
    assert Fault.parse(word).ends_response is ends
