"""Which addresses belong to the site that the user gave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.protocol.site import Site, same_site, without_user_info


@pytest.mark.parametrize(
    ("given_url", "url", "cookies", "credentials"),
    [
        ("http://a.test", "http://a.test/x?y", True, True),
        ("http://a.test", "http://www.a.test/", True, True),
        ("https://www.a.test/chat/", "https://a.test/", True, True),
        ("http://a.test", "https://a.test/", True, True),
        ("http://a.test:8080", "https://www.a.test/", True, True),
        ("https://a.test", "https://A.TEST:443/", True, True),
        ("http://a.test", "http://a.test./", True, True),
        ("http://münchen.test", "http://xn--mnchen-3ya.test/", True, True),
        ("https://a.test", "http://a.test/", False, False),
        ("https://a.test", "http://www.a.test/", False, False),
        ("http://a.test", "http://a.test:8080/", True, False),
        ("https://a.test", "https://a.test:8443/", True, False),
        ("http://a.test", "http://b.test/", False, False),
        ("http://a.test", "http://en.a.test/", False, False),
        ("http://a.test", "http://a.test.evil.test/", False, False),
        ("http://a.test", "http://wwwa.test/", False, False),
        ("http://a.test", "http://a.test@evil.test/", False, False),
        ("http://127.0.0.1", "http://localhost/", False, False),
        ("http://a.test", "http://[::1", False, False),
    ],
)
def test_what_may_be_sent_to_which_address(given_url: str, url: str, *, cookies: bool, credentials: bool) -> None:
    site = Site.of(given_url)
    assert site.takes_cookies(url) is cookies
    assert url == "http://[::1" or site.takes_credentials(url) is credentials
    assert cookies or not credentials


@pytest.mark.parametrize(
    ("came_from", "url", "may"),
    [
        ("http://a.test/", "http://a.test/wp-admin/admin-ajax.php", True),
        ("http://moved.test/", "http://moved.test/wp-admin/admin-ajax.php", True),
        ("http://moved.test/", "http://www.moved.test/", True),
        ("http://moved.test/", "http://a.test/", True),
        ("http://a.test/", "http://a.test:8080/", True),
        ("https://a.test/", "http://a.test/", False),
        ("http://a.test/", "http://other.test/", False),
        ("http://a.test/", "https://allowed.test:8443/", True),
        ("https://a.test/", "http://allowed.test/", True),
        ("http://a.test/", "http://www.allowed.test/", False),
    ],
)
def test_where_a_message_may_go(came_from: str, url: str, *, may: bool) -> None:
    assert Site.of("http://a.test", ["Allowed.test"]).may_ask(url, came_from=came_from) is may


def test_user_info_is_split_off() -> None:
    site = Site.of("http://ann:p%40w%3A@a.test:81/chat/?q=a@b#c@d")
    assert site.url == "http://a.test:81/chat/?q=a@b#c@d"
    assert site.authorization == "Basic YW5uOnBAdzo="
    assert "YW5u" not in repr(site)
    assert Site.of("http://a.test/@b").authorization is None


@given(st.text(alphabet="ab@:/?#\\. ", max_size=12))
def test_no_user_info_is_left(rest: str) -> None:
    url = without_user_info(f"http://{rest}")
    host = url.removeprefix("http://").replace("?", "/").replace("#", "/").partition("/")[0]
    assert "@" not in host
    assert without_user_info(url) == url


@given(st.sampled_from(["http", "https"]), st.sampled_from(["a.test", "www.a.test", "b.test", "127.0.0.1"]))
def test_a_site_is_its_own(scheme: str, host: str) -> None:
    assert same_site(f"{scheme}://{host}/", f"{scheme}://{host}:81/x")


@pytest.mark.parametrize("host", ["", "http://a.test", "a.test/x", "a.test:80", "u@a.test", "a b"])
def test_what_is_not_a_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        Site.of("http://a.test", [host])


@pytest.mark.parametrize("hosts", ["a.test", [1]])
def test_hosts_of_another_type_are_refused(hosts: list[str]) -> None:
    with pytest.raises(TypeError, match="allow_hosts"):
        Site.of("http://a.test", hosts)


def test_the_warning_names_the_origin_once() -> None:
    site = Site.of("http://a.test", ["allowed.test"])
    moved, port = site.warnings("http://b.test/1", "http://b.test/2", "http://a.test:8080/", "http://allowed.test/")
    assert (moved.code, port.code) == ("other-site", "other-site")
    assert "http://b.test," in moved.detail
    assert "cookies" in moved.detail
    assert "http://a.test:8080," in port.detail
    assert "cookies" not in port.detail
