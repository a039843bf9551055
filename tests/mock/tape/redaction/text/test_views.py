r"""Decoded texts: the same by `json`'s decoder and by the pattern for escapes, and the way back to the source."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.text import views

SOURCES = st.lists(
    st.sampled_from(
        ["\\", "n", "u", "u0041", "u00fc", "x40", "/", '"', "'", "a", "\n", "\t", "\x00", "\xc3\xbc", "{41}"]
    ),
    max_size=12,
).map("".join)


@given(SOURCES)
@example("a\\")
@example('a\\n"b')
@example('a\\n"')
@example("\\x40\\n")
def test_a_string_of_json_is_decoded_alike_by_the_decoder_of_json_and_by_the_pattern_for_escapes(source: str) -> None:
    text = views.json_text(source)
    # Once a text has a `\u`, the pattern decodes all of it.
    assert views.json_text(r"\u0041" + source) == "A" + text
    assert views.json_view(source).text == text


@given(SOURCES, st.data())
def test_a_part_of_a_decoded_text_is_a_part_of_its_source(source: str, data: st.DataObject) -> None:
    view = views.json_view(source)
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    first, last = view.span(start, end)
    assert view.text[start:end] in views.json_text(source[first:last])
