"""The pieces around given places are those that a cut of the whole page has there."""

from itertools import accumulate, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.bodies.markup_page import TAG, MarkupPage

PARTS = (
    *(
        "<p>",
        "</p>",
        "<a href='x'>",
        '<b data-a="c">',
        "<br/>",
        "<!DOCTYPE html>",
        "<?xml?>",
        "text ",
        "a < b",
        "1<2",
        "a > b",
    ),
    *(
        "<!-- a -->",
        "<!-- <p> -->",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<SCRIPT src=x>var a='<p>';</SCRIPT>",
        "<style>",
    ),
    *("<scripted>", '"', "'", "<", ">", "<a ", "<p title='<i>'>", '<p title="', "=", "</", "<!", "é", "\n"),
    *("<![CDATA[", "]]>"),
)
PAGES = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


def whole(text: str) -> list[tuple[int, int, bool]]:
    ends = [at for found in TAG.finditer(text) for at in found.span()]
    bounds = [0, *ends, len(text)]
    return [(start, end, number % 2 == 1) for number, (start, end) in enumerate(pairwise(bounds)) if start < end]


@given(PAGES)
def test_a_page_is_cut_into_texts_and_tags_by_turns(text: str) -> None:
    pieces = list(MarkupPage(text).pieces())
    assert [piece[:3] for piece in pieces] == whole(text)
    assert list(accumulate((piece.end - piece.start for piece in pieces), initial=0))[-1] == len(text)


@given(PAGES, st.lists(st.integers(0, 400), max_size=6))
@example("<p>a</p>text", [9])
def test_the_pieces_around_places_are_those_of_the_whole_cut(text: str, places: list[int]) -> None:
    inside = sorted({place for place in places if place < len(text)})
    every = list(MarkupPage(text).pieces())
    expected = [next(piece for piece in every if piece.start <= place < piece.end) for place in inside]
    assert [piece for piece, _ in MarkupPage(text).holders(inside, int)] == expected


@given(PAGES)
@example("<p><![CDATA[<p>")
@example("<p>\n<![CDATA[a]]></p>")
def test_the_text_after_a_tag_ends_where_the_next_tag_begins(text: str) -> None:
    page = MarkupPage(text)
    pieces = list(page.pieces())
    for number, piece in enumerate(pieces):
        if piece.is_tag:
            following = page.text_after(piece)
            left = pieces[number + 1 :]
            shown = [text[each.start : each.end].strip() for each in left[:2]]
            skipped = 1 if shown[:1] == ["<![CDATA["] else 2 if shown == ["", "<![CDATA["] else 0
            next_one = left[skipped] if skipped < len(left) else None
            piece = left[skipped - 1] if skipped else piece
            assert following.start == piece.end
            assert following.end == (next_one.end if next_one and not next_one.is_tag else piece.end)
