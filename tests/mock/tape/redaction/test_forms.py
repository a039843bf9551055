"""A form is cut into its fields, however hostile its text is."""

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

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


def values_in(text: str) -> list[str]:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    response = Response(headers=headers, body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return [each.secret.value for each in found]
