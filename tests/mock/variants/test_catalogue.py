"""Which variants a recorded answer has, which of them run, and which are left out."""

from __future__ import annotations

import msgspec
import pytest
from tests.support import variant_answers as answers

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.variants.catalogue import FAMILIES, RULES, Catalogue, variants_of
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind

STREAM = answers.of_openai("Hel", "lo é👋", " a/b")


def catalogue(response: Response) -> Catalogue:
    return variants_of(RecordedAnswer(response))


@pytest.fixture(scope="module")
def stream() -> Catalogue:
    return catalogue(STREAM)


def names(found: Catalogue) -> set[str]:
    return {variant.name for variant in found.variants}


def test_the_variants_of_an_answer_are_made_once() -> None:
    again = msgspec.structs.replace(STREAM)
    assert again is not STREAM
    assert catalogue(again) is catalogue(STREAM)
    assert variants_of(RecordedAnswer(STREAM, "[DONE]")) is not catalogue(STREAM)
    assert catalogue(msgspec.structs.replace(STREAM, status=201)) is not catalogue(STREAM)


def test_names_are_unique_and_begin_with_a_family() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert {rule.family for rule in RULES} == set(FAMILIES)


@pytest.mark.parametrize(
    ("response", "everything", "short"),
    [
        pytest.param(STREAM, 150, (40, 66), id="stream by hand"),
        pytest.param(answers.shipped("1.8.93", "msg_ok_s"), 150, (40, 66), id="WPAICG, stream"),
        pytest.param(answers.shipped("2.3.93", "stream_ok"), 150, (40, 66), id="AIPKit, stream"),
        pytest.param(answers.shipped("1.8.93", "msg_ok_b"), 60, (40, 60), id="WPAICG, JSON"),
        pytest.param(answers.json_body(b'{"text": "Hi \\u00e9"}'), 60, (40, 60), id="JSON by hand"),
    ],
)
def test_there_are_enough_and_the_short_list_is_short(
    response: Response, everything: int, short: tuple[int, int]
) -> None:
    found = catalogue(response)
    assert len(found.select(everything=True)) >= everything
    assert short[0] <= len(found.select()) <= short[1]


def test_the_short_list_has_every_family_and_both_kinds(stream: Catalogue) -> None:
    chosen = stream.select()
    assert {variant.family for variant in chosen} == set(FAMILIES)
    assert {(variant.family, variant.kind) for variant in chosen} >= {
        ("coding", VariantKind.BREAKAGE),
        ("coding", VariantKind.EQUIVALENT),
        ("events", VariantKind.BREAKAGE),
        ("events", VariantKind.EQUIVALENT),
    }


def test_the_short_list_has_a_coding_that_no_decoder_reads_besides_those_cut_short(stream: Catalogue) -> None:
    # fetch-event-source gives up quietly on a cut, and asks without end where nothing can be decoded.
    broken = {each.name for each in stream.select() if each.family == "coding" and each.kind is VariantKind.BREAKAGE}
    assert {name for name in broken if "cut" not in name} == {"coding/not-encoded"}


@pytest.mark.parametrize("response", [STREAM, answers.shipped("2.3.93", "stream_ok")], ids=["by hand", "AIPKit"])
def test_the_short_list_cuts_inside_an_event_and_at_a_border_behind_half_of_them(response: Response) -> None:
    # A reader of lines notices half an event, since it is not JSON; only a look for the end mark notices the border.
    answer = RecordedAnswer(response)
    sent = {variant.name: variant.sent.body.partition(b"\r\n\r\n")[2] for variant in variants_of(answer).select()}
    inside, border = sent["cut/close-half"], sent["cut/close-half-the-events"]
    assert answer.body.startswith(inside)
    assert len(inside) not in answer.block_ends
    assert answer.body.startswith(border)
    assert len(border) in answer.block_ends[:-2]


def test_no_two_variants_are_byte_for_byte_the_same(stream: Catalogue) -> None:
    unpaced = [variant for variant in stream.variants if variant.family != "pace"]
    keys = [(variant.sent.identity, variant.once) for variant in unpaced]
    assert len(set(keys)) == len(keys)


def test_what_comes_out_as_another_is_named() -> None:
    left_out = dict(catalogue(answers.stream(b'data: {"t": "a"}\n\ndata: [DONE]\n\n')).left_out)
    assert left_out["events/lf"] == "byte for byte as the recorded answer"
    assert left_out["json/ascii"] == "byte for byte as the recorded answer"
    assert left_out["chunks/utf8"] == "byte for byte as the recorded answer"


def test_a_breakage_that_comes_out_as_an_equivalent_is_none() -> None:
    # Where the end of the connection ends the body, the white space behind JSON is lost by nobody.
    found = catalogue(answers.json_body(b'{"a":1}\n'))
    assert dict(found.left_out)["cut/close-last-byte"] == "byte for byte as framing/close+json/keys-backwards"


def test_grades_choose(stream: Catalogue) -> None:
    assert {variant.grade for variant in stream.select(everything=True)} == {1, 2}
    assert {variant.grade for variant in stream.select(grades=(3,))} == {3}
    assert {variant.grade for variant in stream.select(["events/*"])} == {1, 2, 3}


def test_a_pattern_of_another_grade_is_an_error(stream: Catalogue) -> None:
    with pytest.raises(SettingsError, match="`events/bom` is of grade 3, but only grade 1 or 2 is asked for"):
        stream.select(["chunks/bytes", "events/bom"], grades=(2, 1))


def test_a_catalogue_by_patterns_has_what_they_match_left_out_or_not(stream: Catalogue) -> None:
    assert stream.named(()) is stream
    events = stream.named(["events/*"])
    assert {variant.family for variant in events.variants} == {"events"}
    left_out = [name for name, _ in events.left_out]
    assert left_out == [name for name, _ in stream.left_out if name.startswith("events/")] != []


def test_no_client_is_asked_to_wait_longer_than_a_second(stream: Catalogue) -> None:
    heads = {each.name: dict(each.answer.response.headers).get("Retry-After") for each in stream.variants}
    assert {name for name, value in heads.items() if value} >= {"status/429", "status/429/once", "status/503"}
    assert {value for value in heads.values() if value} == {"1"}


def test_a_combination_has_the_higher_grade_and_at_least_two(stream: Catalogue) -> None:
    grades = {variant.name: variant.grade for variant in stream.variants}
    assert grades["chunks/bytes"] == grades["events/comment"] == 1
    assert grades["chunks/bytes+events/comment"] == 2
    assert grades["chunks/crlf+events/cr"] == grades["events/cr"] == 3


def test_a_name_alone_chooses_what_is_not_in_the_short_list(stream: Catalogue) -> None:
    assert "chunks/every:3" not in {variant.name for variant in stream.select()}
    assert [variant.name for variant in stream.select(["chunks/every:3"])] == ["chunks/every:3"]


def test_a_family_alone_chooses_all_that_is_in_it(stream: Catalogue) -> None:
    assert stream.select(["cut"]) == stream.select(["cut/*"]) != ()
    assert [each.name for each in stream.select(["cut/before-the-head"])] == ["cut/before-the-head"]


def test_a_pattern_without_a_match_names_the_nearest(stream: Catalogue) -> None:
    with pytest.raises(SettingsError, match=r"no variant .* is called `chunks/bites`.*`chunks/bytes`"):
        stream.select(["chunks/bites"])


def test_a_pattern_for_a_variant_left_out_gets_the_reason(stream: Catalogue) -> None:
    with pytest.raises(SettingsError, match="events/lf is left out: byte for byte as the recorded answer"):
        stream.select(["events/lf"])


def test_a_pattern_for_variants_left_out_may_stand_beside_another(stream: Catalogue) -> None:
    beside = ["events/lf", "chunks/bytes"]
    assert [each.name for each in stream.select(beside, partly=True)] == ["chunks/bytes"]
    assert [name for name, _ in stream.named(beside).left_out] == ["events/lf"]
    for globs, partly in ((["events/lf"], True), (beside, False)):
        with pytest.raises(SettingsError, match="events/lf is left out"):
            stream.select(globs, partly=partly)
    with pytest.raises(SettingsError, match="is called `chunks/bites`"):
        stream.select(["events/lf", "chunks/bites"], partly=True)


CLOSE_DELIMITED = ("cut/close-half", "cut/close-half-the-events", "cut/ended-half")


def test_without_an_end_mark_nothing_shows_a_cut_that_the_framing_does_not_show() -> None:
    found = catalogue(answers.stream(b'data: {"t": "a"}\n\n' * 2 + b'data: {"t": "b"}\n\n'))
    hidden = {variant.name for variant in found.variants if variant.undetectable}
    assert hidden >= set(CLOSE_DELIMITED)
    assert not hidden & {"cut/length-half", "cut/chunked-half", "coding/gzip-cut-at-a-flush", "status/500"}
    assert not hidden & {"events/error-object", "events/error-event-first"}


def test_an_end_mark_shows_every_cut_before_it(stream: Catalogue) -> None:
    assert [variant.name for variant in stream.variants if variant.undetectable] == []


def test_json_shows_where_it_is_cut_and_other_text_does_not() -> None:
    text = Response(headers=(("Content-Type", "text/plain"),), body=b"Hello there, you")
    of_json = catalogue(answers.json_body(b'{"text": "Hello"}'))
    assert not any(variant.undetectable for variant in of_json.variants if variant.name.startswith("cut/"))
    hidden = {variant.name for variant in catalogue(text).variants if variant.undetectable}
    assert "cut/close-half" in hidden
    assert "cut/length-half" not in hidden


def test_a_json_answer_has_no_variants_of_events() -> None:
    assert not [name for name in names(catalogue(answers.json_body(b'{"a": 1}'))) if name.startswith("events/")]


def test_codings_are_named_for_negotiation(stream: Catalogue) -> None:
    wanted = {variant.name: variant.codings for variant in stream.variants}
    assert wanted["coding/br"] == ("br",)
    assert wanted["coding/gzip-cut-at-a-flush"] == ("gzip",)
    assert wanted["coding/deflate-and-gzip"] == ("deflate", "gzip")
    assert wanted["framing/length"] == ()


def test_every_rule_has_a_source_and_a_grade() -> None:
    assert [rule.name for rule in RULES if not rule.source or rule.grade not in (1, 2, 3)] == []


def test_an_answer_without_a_byte_of_its_body_is_in_the_short_list(stream: Catalogue) -> None:
    # LiteLLM takes it for a whole answer, and reports all other cuts of the short list.
    assert "cut/close-no-body" in {variant.name for variant in stream.select()}
