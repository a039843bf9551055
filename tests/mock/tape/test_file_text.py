"""Adding interactions to a file that a person has typed."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.file_text import FileText
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json

TEXTS = st.text("aZ0 \n\t#-:'\"[]{}|>&*é漢👋\u2028\x85", max_size=30)
INTERACTIONS = st.builds(
    lambda uri, body, reason: Interaction(
        request=Request(method="GET", uri=f"http://a.test/{uri}"), response=Response(body=body.encode(), reason=reason)
    ),
    st.text("abc", max_size=4),
    TEXTS,
    st.text("ab #:?é", max_size=6).map(str.strip),
)
CASSETTES = st.builds(
    lambda items, note: Cassette(interactions=tuple(items), recording={"note": note} if note else {}),
    st.lists(INTERACTIONS, min_size=1, max_size=4),
    st.text("aZ0 \n:#'\"é漢👋", max_size=30),
)


def added(text: str, more: list[Interaction], *, file: str, **recording: str) -> str:
    """Return *text* with more interactions."""
    layout = FileText.of(text.encode(), file=file)
    pieces = list(layout.pieces)
    for each in more:
        pieces.append(layout.piece(each, first=not pieces))
    return layout.whole({**(layout.recording or {}), **recording}, pieces)


def relaid(text: str, how: str) -> str:
    """Return the YAML of a cassette as another hand lays it out."""
    match how:
        case "comments":
            return "# top\n" + text.replace("- request:", "# one\n- request: # why") + "# end\n"
        case "windows":
            return text.replace("\n", "\r\n")
        case "other dumper":
            return str(yaml.safe_dump(yaml.safe_load(text), allow_unicode=True))
        case "indented":
            head, _, items = text.partition("interactions:\n")
            return f"{head}interactions:\n" + "".join(f"  {line}" for line in items.splitlines(keepends=True))
        case "byte order mark":
            return "\ufeff" + text
        case "a document":
            return f"---\n{text}...\n"
        case _:
            return text


HOWS = ["as written", "comments", "windows", "other dumper", "indented", "byte order mark", "a document"]


@given(cassette=CASSETTES, how=st.sampled_from(HOWS))
def test_cutting_and_joining_changes_nothing(cassette: Cassette, how: str) -> None:
    text = relaid(write(cassette), how)
    layout = FileText.of(text.encode(), file="a.yaml")
    assert len(layout.pieces) == len(cassette.interactions)
    assert layout.whole(layout.recording or {}, layout.pieces) == text
    assert layout.with_fixed_head().whole({"note": "other"}, layout.pieces) == text


@given(cassette=CASSETTES, more=st.lists(INTERACTIONS, max_size=3), how=st.sampled_from(HOWS))
def test_what_is_added_to_yaml_is_read_behind_what_was_there(
    cassette: Cassette, more: list[Interaction], how: str
) -> None:
    before = relaid(write(cassette), how)
    after = added(before, more, file="a.yaml", upstream="http://b.test")
    held = read(before.encode(), file="a.yaml").interactions
    assert read(after.encode(), file="a.yaml").interactions == (*held, *more)
    if how != "as written":
        return
    assert read(after.encode(), file="a.yaml").recording["upstream"] == "http://b.test"


@given(cassette=CASSETTES, more=st.lists(INTERACTIONS, max_size=3), indent=st.sampled_from([None, 1, 2, 4]))
def test_what_is_added_to_json_is_read_behind_what_was_there(
    cassette: Cassette, more: list[Interaction], indent: int | None
) -> None:
    before = json.dumps(json.loads(write_json(cassette)), indent=indent)
    after = added(before, more, file="a.json")
    assert [*json.loads(before)["interactions"]] == json.loads(after)["interactions"][: len(cassette.interactions)]
    assert read(after.encode(), file="a.json").interactions == (*cassette.interactions, *more)


@pytest.mark.parametrize("text", ['{"interactions": []}', '{"a": [1, {"b": "]"}], "interactions" : [ ], "version": 1}'])
def test_an_empty_list_of_json_gets_its_first_item(text: str) -> None:
    interaction = Interaction(request=Request(method="GET", uri="http://a.test/"), response=Response(body=b"ok"))
    after = json.loads(added(text, [interaction, interaction], file="a.json"))
    assert len(after.pop("interactions")) == 2
    assert after == {key: value for key, value in json.loads(text).items() if key != "interactions"}


@pytest.mark.parametrize(
    "data",
    [
        b"http_interactions:\n- a\n",
        b"interactions: [{a: b}]\n",
        b"- request: {}\n",
        '"interactions":\n- é\n'.encode("utf-16"),
        b'{"interactions": {}}',
        b'{"other": []}',
    ],
)
def test_a_file_without_a_place_for_more_is_refused(data: bytes) -> None:
    with pytest.raises(CassetteError, match=r"nothing can be added to it: .*name another file"):
        FileText.of(data, file="a.yaml")


def test_an_edited_head_is_left_alone() -> None:
    cassette = Cassette(recording={"note": "mine"}, interactions=())
    text = write(cassette).replace("note: mine", "note: mine  # really")
    assert FileText.of(text.encode(), file="a.yaml").recording is None
    assert FileText.of(write(cassette).encode(), file="a.yaml").recording == {"note": "mine"}


@pytest.mark.parametrize("as_json", [False, True])
def test_what_the_file_records_about_itself_can_be_replaced(*, as_json: bool) -> None:
    cassette = Cassette(
        interactions=(Interaction(request=Request(method="GET", uri="https://a.example/"), response=Response()),),
        recording={"note": "first"},
    )
    file = FileText.of((write_json if as_json else write)(cassette).encode(), file="a")
    assert file.recording == {"note": "first"}
    assert read(file.whole({"note": "second"}, file.pieces).encode(), file="a").recording == {"note": "second"}
