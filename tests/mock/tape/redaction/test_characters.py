"""Addresses, headers and reason phrases of a file may hold any character, and keep those that are no secret."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each
from tests.support.redaction import redacted

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets, redact

SECRET = "fc6c7cf580"
WORDS = st.text(st.sampled_from("中文漢ぁ한äß€\xa0👋abc"), max_size=20)


@given(WORDS, WORDS)
def test_characters_around_a_secret_stay(before: str, after: str) -> None:
    interaction = Interaction(
        request=Request(
            method="GET",
            uri=f"https://a.example/{before}?q={before}&_wpnonce={SECRET}&r={after}",
            headers=(("X-Note", f"{before} _wpnonce={SECRET} {after}"),),
        ),
        response=Response(reason=f"{before} _wpnonce={SECRET} {after}", headers=(("X-Word", before + after),)),
    )
    (clean,) = redact(Cassette(interactions=(interaction,))).interactions
    placeholder = clean.request.uri.partition("_wpnonce=")[2].partition("&")[0]
    assert placeholder != SECRET
    assert clean == interaction_with(interaction, placeholder)
    assert find_secrets(clean) == []


def interaction_with(interaction: Interaction, value: str) -> Interaction:
    request, response = interaction.request, interaction.response
    return Interaction(
        request=Request(
            method="GET",
            uri=request.uri.replace(SECRET, value),
            headers=tuple((name, text.replace(SECRET, value)) for name, text in request.headers),
        ),
        response=Response(reason=response.reason.replace(SECRET, value), headers=response.headers),
    )


@for_each("kind", ["text/plain", "text/html", "application/json"])
@for_each("value", ["ᒠ", "à", "hunter2à", "ᒠhunter2", "hunter2à9", "x…9kà"])
def test_a_value_ends_at_no_byte_of_a_character_that_looks_like_a_blank(kind: str, value: str) -> None:
    text = {
        "text/plain": f"password: {value}\n",
        "text/html": f'<p>Password:{value}</p><input name="password" value="{value}"><accessToken>{value}</accessToken>',
        "application/json": f'{{"a": "password: {value}", "password": "{value}"}}',
    }[kind]
    clean = redacted(kind, text)
    assert value.strip("ᒠà") == "" or value.strip("ᒠà") not in clean
