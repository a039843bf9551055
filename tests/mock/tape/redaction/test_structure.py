"""No replacement touches structure: what is parsed keeps its shape, whatever its contents."""

import html
import json
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote_plus

from hypothesis import example, given
from hypothesis import strategies as st
from tests.mock.tape.redaction.secrets import PEOPLE, VENDORS

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor, Rules, redact

NAMES = st.sampled_from(
    ["password", "token", "api_key", "Name", "session_id", "auth", "code", "x", "Cookie", "_wpnonce"]
)
MARKS = ["Password:", 'token="', "secret: '", "=", ":", '"', "'", "`", "\\", "{", "}", "<b>", "&amp;", "&", "%22", " "]
PLAIN = ["password=", "abc123def456", "hunter2", "fc6c7cf580"]
SCRAPS = st.sampled_from([*MARKS, *PLAIN, *list(PEOPLE.values())[:14], *list(VENDORS.values())[:6]])
TEXTS = (
    st.lists(st.one_of(SCRAPS, st.text(max_size=4)), max_size=6).map("".join).filter(lambda text: text.isprintable())
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=3)),
    max_leaves=8,
)
RULES = st.sampled_from([Rules(), Rules.make({"words": ["abc", '","', "Password", "a:b"], "patterns": [r"h\w+2.*"]})])


def clean(kind: str, text: str, rules: Rules) -> str:
    body = text.encode("utf-8", "surrogatepass")
    response = Response(headers=(("Content-Type", kind),), body=body)
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/"), response=response)
    return redact(Cassette(interactions=(interaction,)), rules).interactions[0].response.body.decode()


def shape(value: object) -> object:
    if isinstance(value, dict):
        return [shape(inner) for inner in value.values()]
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


@given(value=VALUES, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]), rules=RULES)
def test_json_keeps_its_shape(value: object, ascii_only: bool, indent: int | None, rules: Rules) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert shape(json.loads(clean("application/json", text, rules))) == shape(value)


@given(values=st.lists(VALUES, max_size=4), rules=RULES)
def test_an_event_stream_keeps_its_events(values: list[object], rules: Rules) -> None:
    text = "".join(f"event: e\ndata: {json.dumps(value)}\n\n" for value in values)
    lines = clean("text/event-stream", text, rules).split("\n")
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert [shape(each) for each in data] == [shape(each) for each in values]
    assert lines.count("event: e") == len(values)


@given(fields=st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=4), rules=RULES)
def test_a_form_keeps_its_fields(fields: list[tuple[str, str]], rules: Rules) -> None:
    text = "&".join(f"{name}={quote_plus(value)}" for name, value in fields)
    after = parse_qsl(clean("application/x-www-form-urlencoded", text, rules), keep_blank_values=True)
    assert len(after) == len(fields)


class Shape(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(tag)


@example(
    parts=[("password", "", "abc123def456Password:"), ("password", "", 'abc123def456Password:"')],
    rules=Rules(),
)
@given(parts=st.lists(st.tuples(NAMES, TEXTS, TEXTS), min_size=1, max_size=4), rules=RULES)
def test_a_page_keeps_its_elements(parts: list[tuple[str, str, str]], rules: Rules) -> None:
    text = "".join(
        f"<a title=\"{html.escape(title)}\" data-{name}='{html.escape(json.dumps({name: title}))}'>{html.escape(inside)}</a>"
        f'<input name="{name}" value="{html.escape(inside)}"><script>var a={json.dumps(inside).replace("<", "")};</script>'
        for name, title, inside in parts
    )
    after = clean("text/html", text, rules)
    assert Shape(after).seen == Shape(text).seen


@given(
    start=st.integers(0, 9),
    length=st.integers(1, 9),
    new=st.integers(0, 20),
    cuts=st.lists(st.integers(1, 7), min_size=1),
)
def test_chunk_borders_follow_the_text(start: int, length: int, new: int, cuts: list[int]) -> None:
    size = sum(cuts)
    start, end = min(start, size), min(start + length, size)
    chunks = tuple((due, cut) for due, cut in enumerate(cuts))
    after = moved(chunks, [(start, end, new)] if end > start else [])
    grown = new - (end - start) if end > start else 0
    assert sum(cut for _, cut in after) == size + grown
    before_borders = {due: sum(cuts[: due + 1]) for due in range(len(cuts))}
    position = 0
    for due, cut in after:
        position += cut
        border = before_borders[due]
        expected = border if border <= start else start + min(border - start, new) if border < end else border + grown
        assert position == expected


def test_two_secrets_over_several_events_both_go_and_nothing_else() -> None:
    one, two = VENDORS["openai"], VENDORS["github personal"]
    pieces = ["Use ", one[:30], one[30:], " or ", two[:10], two[10:], ", then stop."]
    body = "".join("data: " + json.dumps({"delta": {"content": piece}}) + "\n\n" for piece in pieces).encode()
    response = Response(headers=(("Content-Type", "text/event-stream"),), body=body)
    done = Redactor().redact(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    after = [json.loads(line[6:])["delta"]["content"] for line in done.response.body.decode().split("\n\n") if line]
    assert [after[0], after[3], after[6]] == ["Use ", " or ", ", then stop."]
    assert [len(piece) for piece in after] == [len(piece) for piece in pieces]
    assert one[8:30] not in str(after)
    assert two[10:] not in str(after)
