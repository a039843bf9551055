"""A form is cut into its fields, however hostile its text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets, redact
from chatgptfree_mock.tape.redaction.bodies.forms import form_secrets
from chatgptfree_mock.tape.redaction.names.rules import Context, Rules
from chatgptfree_mock.tape.redaction.text.findings import Secret

SECRET = "aB3dE5gH7jK9mN1p"
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["token", "a", "", "%74oken", "x;y"]), st.sampled_from([SECRET, "hello", "", "a=b", "%"])
    ),
    min_size=1,
    max_size=8,
)


@given(fields=FIELDS)
def test_each_field_of_a_form_is_read_by_its_own_name(fields: list[tuple[str, str]]) -> None:
    found = values_in("&".join(f"{name}={value}" for name, value in fields))
    assert found.count(SECRET) >= sum(name in ("token", "%74oken") and value == SECRET for name, value in fields)


def test_a_form_of_percent_signs_alone_is_read_once() -> None:
    assert values_in("a=" + "%" * 1_000_000 + f"&token={SECRET}") == [SECRET]


def test_a_field_that_a_form_repeats_is_read_once_and_found_each_time() -> None:
    read: list[str] = []

    def nested(text: str) -> list[Secret]:
        read.append(text)
        return []

    context = Context(Rules(), nested, lambda texts: iter(()))
    assert len(list(form_secrets("a=b&" * 1000 + f"token={SECRET}&" * 2, context))) == 2
    assert read.count("b") == 1


@for_each("value", ['<{}>; rel="next"', '<https://x.example/a>; title="a, b", <{}>; rel="last"', "<{}>", "{}"])
def test_each_address_of_a_link_is_read(value: str) -> None:
    request = Request(method="GET", uri="https://x.example/", headers=())
    link = value.format(f"https://x.example/?page=2&access_token={SECRET}")
    response = Response(headers=(("Link", link),))
    [clean] = redact(Cassette(interactions=(Interaction(request=request, response=response),))).interactions
    hidden = clean.response.header("link")
    start = link.index(SECRET)
    assert (hidden[:start], hidden[start + len(SECRET) :]) == (link[:start], link[start + len(SECRET) :])
    assert SECRET not in hidden


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("code=Ohio12&x=1", []),
        ("state=Ohio12&x=1", []),
        ("code=Ohio12&state=Utah34", ["Ohio12", "Utah34"]),  # OAuth (RFC 6749, 4.1.2)
        ("code=Ohio12&redirect_uri=x", ["Ohio12"]),
        ("code=Ohio1&redirect_uri=x", []),
    ],
)
def test_codes_and_states_are_secrets_where_the_form_is_of_oauth(form: str, values: list[str]) -> None:
    assert values_in(form) == values


@for_each(
    "name",
    [
        "passwords[main]",
        "passwords[0]",
        "passwords[]",
        "user[passwords][main]",
        "passwords%5Bmain%5D",
        "passphrases[a]",
        "pwds[main]",
        "password[main]",
        "pass[1]",
        "form[plainPassword][first]",  # Symfony's form of a password that is typed twice
        "userPasswords[main][value]",
    ],
)
def test_each_of_several_passwords_is_one_though_it_is_a_word(name: str) -> None:
    assert values_in(f"{name}=correcthorse") == ["correcthorse"]


@pytest.mark.parametrize(
    "name", ["password[enabled]", "settings[passwords][min_length]", "passwords[a][type]", "compass[a]", "x[bypass][a]"]
)
def test_what_describes_a_password_stays(name: str) -> None:
    assert values_in(f"{name}=strict") == []


@pytest.mark.parametrize(
    ("credential", "values"),
    [("Bearer abcdefgh12345", ["abcdefgh12345"]), ("Bearer 0000000001", []), ("Bearer ", []), ("k3y", ["k3y"])],
)
def test_the_credential_of_a_header_is_redacted_once(credential: str, values: list[str]) -> None:
    assert values_in("", ("Authorization", credential)) == values


def values_in(text: str, *request_headers: tuple[str, str]) -> list[str]:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    response = Response(headers=headers, body=text.encode())
    request = Request(method="GET", uri="https://a.example/", headers=request_headers)
    found = find_secrets(Interaction(request=request, response=response))
    return [each.secret.value for each in found]
