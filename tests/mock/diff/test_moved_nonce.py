"""A nonce that is in another place of the page is named as moved, with both places; one that stayed is not."""

import re

import pytest

from chatgptfree_mock.contract.page_marks import PageMarks
from chatgptfree_mock.diff.page_comparison import compare_pages
from chatgptfree_mock.diff.pages import page_of

NONCE = "fc6c7cf580"
OTHER = '<script>const restNonce = "0123456789";</script>'


def chat(attributes: str = "", script: str = "") -> str:
    return f'<div class="c" data-config="{{}}" {attributes}></div>{OTHER}<script>{script}</script>'


IN_ATTRIBUTE = chat(f'data-nonce="{NONCE}"')


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (f'var nonce = "{NONCE}";', "nonce"),
        (f"let chatNonce='{NONCE}'", "chatNonce"),
        (f'window.chat_nonce="{NONCE}";', "chat_nonce"),
        (f'function a() {{ const _nonce = "{NONCE}"; }}', "_nonce"),
    ],
)
def test_a_nonce_that_moved_to_a_script_variable_is_named(script: str, name: str) -> None:
    after = chat(script=script)
    forth, back = (compare_pages(page_of(a), page_of(b)) for a, b in ((IN_ATTRIBUTE, after), (after, IN_ATTRIBUTE)))
    places = ("div.c data-nonce",), (f"script variable {name}",)
    assert [(each.before, each.after) for each in forth if each.change == "moved"] == [places]
    assert [(each.after, each.before) for each in back if each.change == "moved"] == [places]


@pytest.mark.parametrize("script", ["", "var nonce = getNonce();", f'var text = "{NONCE}";', f'x.nonce = "{NONCE}";'])
def test_what_is_no_variable_with_a_nonce_is_no_place_of_it(script: str) -> None:
    found = compare_pages(page_of(IN_ATTRIBUTE), page_of(chat(script=script)))
    assert [each.change for each in found] == ["removed"]


def test_a_value_in_the_form_of_a_token_is_one_whatever_its_variable_is_called() -> None:
    marks = PageMarks(token=re.compile("[0-9a-f]{10}"))
    assert page_of(f'<script>var security = "{NONCE}", n = "1234567890";</script>', marks).tokens == ("security",)
    assert page_of(f'<p>var nonce = "{NONCE}"</p>', marks).tokens == ()
