"""A password of any alphabet that one exchange proves goes from all others, however they spell it; a word stays."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction import Redactor, find_all, find_secrets
from chatgptfree_mock.tape.redaction.known_values.searchable import is_searched_everywhere
from chatgptfree_mock.tape.redaction.text.views import as_bytes

REQUEST = Request(method="GET", uri="https://a.example/")


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_capital_escapes(text: str) -> str:
    units = text.encode("utf-16-be")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(
        chr(low) if not high and chr(low).isalnum() and low < 128 else f"\\u{high:02X}{low:02X}" for high, low in pairs
    )


def in_javascript(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"\\u{{{ord(c):x}}}" for c in text)


def in_references(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"&#{ord(c)};" for c in text)


def in_hex_references(text: str) -> str:
    return "".join(f"&#x{ord(c):X};" for c in text)


def in_percents(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def in_url(text: str) -> str:
    return quote(text, safe="")


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": in_json,
    "JSON in capitals": in_capital_escapes,
    "JavaScript": in_javascript,
    "HTML": html.escape,
    "HTML numbers": in_references,
    "HTML, all escaped": in_hex_references,
    "URL": in_url,
    "URL in small letters": in_percents,
    "form": quote_plus,
    "base64": in_base64,
    "JSON in JSON": lambda text: in_json(in_json(text)),
    "JSON in a URL": lambda text: in_url(in_json(text)),
    "URL in a URL": lambda text: in_url(in_url(text)),
    "HTML in JSON": lambda text: in_json(in_references(text)).replace("&", "\\u0026"),
    "JSON in HTML": lambda text: in_references(in_json(text)),
}
LETTERS = st.characters(categories=("L", "Nd", "P", "S"), exclude_characters="\\\"<>&'%+=\ufffd")
PASSWORDS = st.text(st.one_of(LETTERS, st.sampled_from("aé1!😀ж")), min_size=8, max_size=24)


def redacted(proof: str, *texts: str) -> tuple[list[str], list[bool]]:
    """Return the texts without what *proof* proves, and whether each of them was found to hold it."""
    bodies = [("application/json", json.dumps({"password": proof})), *(("text/plain", text) for text in texts)]
    exchanges = [
        Interaction(request=REQUEST, response=Response(headers=(("Content-Type", kind),), body=body.encode()))
        for kind, body in bodies
    ]
    found = list(map(bool, find_all(exchanges)))
    return [each.response.body.decode() for each in Redactor().redact_all(exchanges)][1:], found[1:]


def proves(password: str) -> bool:
    body = json.dumps({"password": password}).encode()
    return bool(find_secrets(Interaction(request=REQUEST, response=Response(body=body))))


@given(PASSWORDS, st.sampled_from(sorted(SPELLINGS)))
@example("ünïcödé😀pw", "HTML numbers")
@example("a1!b2@c3#d4$", "URL in a URL")
@example("пароль-42", "JSON in a URL")
@example("Ключ№77от", "HTML in JSON")
@example("!!!!!!a1", "JSON in capitals")
def test_a_proven_password_is_redacted_in_every_spelling(password: str, spelling: str) -> None:
    assume(is_searched_everywhere("keys", as_bytes(password)) and unicodedata.is_normalized("NFC", password))
    assume(not is_placeholder(password) and proves(password))
    spelled = SPELLINGS[spelling](password)
    (after,), (found,) = redacted(password, f"echo {spelled} end")
    assert found
    assert spelled not in after
    assert after.startswith("echo ")
    assert after.endswith(" end")


@for_each("word", ["però", "perciò", "Passwort", "密码", "Пароль", "パスワードを入力してください", "çà"])
@for_each("spelling", ["as it is", "JSON", "HTML numbers", "URL", "base64"])
def test_a_short_word_stays_elsewhere(word: str, spelling: str) -> None:
    text = f"echo {SPELLINGS[spelling](word)} end"
    assert redacted(word, text) == ([text], [False])


def test_a_password_proven_in_latin_1_is_redacted_in_utf_8() -> None:
    proof = Interaction(
        request=Request(method="GET", uri="https://a.example/", headers=(("X-Api-Key", "gür4zü!x9é7"),)),
        response=Response(headers=(("Content-Type", "text/plain"),), body="echo gür4zü!x9é7 end".encode()),
    )
    (after,) = Redactor().redact_all([proof])
    assert b"4z" not in after.response.body
