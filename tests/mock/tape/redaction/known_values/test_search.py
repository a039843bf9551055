"""A value that one exchange proves secret goes from texts in which only some of its letters are escaped."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor

SECRET = "aB3dE5gH7jK9mN1p"
PROOF = json.dumps({"token": SECRET})


def redacted(*bodies: tuple[str, str]) -> list[str]:
    redactor = Redactor()
    request = Request(method="GET", uri="https://a.example/")
    exchanges = [
        Interaction(request=request, response=Response(headers=(("Content-Type", kind),), body=body.encode()))
        for kind, body in bodies
    ]
    return [each.response.body.decode() for each in redactor.redact_all(exchanges)]


@for_each("spelled", ["a&#66;3dE5gH7jK9mN1p", "a%423dE5gH7jK9mN1p", "a\\u00423dE5gH7jK9mN1p", "a\\x423dE5gH7jK9mN1p"])
@for_each("around", ["see {}, please", "{}", "<b>{}</b>", "\n{}\n"])
def test_escaped_letters_hide_nothing(spelled: str, around: str) -> None:
    _, after = redacted(("application/json", PROOF), ("text/plain", around.format(spelled)))
    before, _, behind = around.partition("{}")
    assert after.startswith(before)
    assert after.endswith(behind)
    assert "3dE5gH7jK9mN1p" not in after


@for_each("before", range(8))
@for_each("longer", [0, 100])
def test_a_value_is_redacted_in_the_middle_and_at_the_end_of_a_longer_run(before: int, longer: int) -> None:
    glued = "x" * (before + longer) + SECRET
    for text in (glued, f"{glued}{'y' * longer}"):
        _, after = redacted(("application/json", PROOF), ("text/plain", f"see {text}."))
        assert SECRET not in after


@pytest.mark.parametrize(
    "written", ["name=api_token", "name='api_token'", 'rows=4 name="api_token"', "name = api_token"]
)
def test_the_content_of_a_field_is_redacted_however_its_name_is_quoted(written: str) -> None:
    (after,) = redacted(("text/html", f"<form><textarea {written}>hunter2x9k</textarea></form>"))
    assert "hunter2x9k" not in after
    assert after.startswith(f"<form><textarea {written}>")


def test_each_cookie_of_a_copied_header_is_redacted_and_its_name_stays() -> None:
    (after,) = redacted(("text/plain", "Cookie: sid=Qx81mzx0w2; theme=dark9\n"))
    assert after == "Cookie: sid=0000000001; theme=00000001\n"


def test_times_and_algorithms_beside_a_secret_stay_elsewhere() -> None:
    policy = json.dumps({"policy": {"token": SECRET, "a": "AWS4-HMAC-SHA256", "t": "20200720T234731Z"}})
    body = f"policy={quote(policy)}"
    before, after = redacted(
        ("application/x-www-form-urlencoded", body), ("text/plain", "AWS4-HMAC-SHA256 20200720T234731Z")
    )
    assert SECRET not in before
    assert after == "AWS4-HMAC-SHA256 20200720T234731Z"


PASSWORDS = ["zqxjkvbwpfgh", "LEMONHOUSETOKEN", "correct-horse-battery-staple", "lemonhouse", "Red-Kite!24"]
PASSWORDS += ["correct-horse-pass7"]


@for_each("password", PASSWORDS)
@for_each("spelled", ["{}", '"{}"', "<p>{}</p>", "?a={}&b=1"])
def test_a_password_of_letters_is_redacted_everywhere(password: str, spelled: str) -> None:
    proof, after = redacted(
        ("application/json", json.dumps({"access_token": password})), ("text/plain", spelled.format(password))
    )
    assert not any(part in proof + after for part in (password, *password.split("-")))
    assert after.startswith(spelled.partition("{}")[0])


@pytest.mark.parametrize("word", ["changed", "production", "administrator", "lemon"])
def test_an_ordinary_word_is_redacted_in_its_own_place_only(word: str) -> None:
    _, after = redacted(("application/json", json.dumps({"password": word})), ("text/plain", f"in {word} now"))
    assert after == f"in {word} now"


@pytest.mark.parametrize("key", ["passwords", "apiKeys", "client_secrets", "refreshTokens"])
def test_a_list_under_the_name_of_many_has_what_one_has(key: str) -> None:
    (after,) = redacted(("application/json", json.dumps({key: ["lemonhouse", "lemon-pie-9"]})))
    assert "lemon" not in after


@pytest.mark.parametrize(
    "body",
    [
        {"secrets": ["database-password", "tls-certificate", "smtp"]},
        {"tokens": ["The", " quick", " brown"]},
        {"errors": {"passwords": ["must have a digit and a letter"]}},
    ],
)
def test_a_list_of_names_or_words_stays(body: object) -> None:
    assert redacted(("application/json", json.dumps(body))) == [json.dumps(body)]
