"""Nonces: ticks, users, salts."""

from __future__ import annotations

import hmac
import re

import pytest

from chatgptfree_mock.sites.wordpress.nonces import Freshness, NonceMint, User

MIDNIGHT = 1_731_024_000.0
HOUR = 3600.0
MINT = NonceMint(salt=b"put your unique phrase here")


def test_a_nonce_is_cut_out_of_a_keyed_hash() -> None:
    tick = int((MIDNIGHT + 1) // 43_200) + 1
    digest = hmac.new(MINT.salt, f"{tick}|chat|0|".encode(), "md5").hexdigest()
    assert MINT.issue("chat", now=MIDNIGHT + 1) == digest[20:30]


def test_a_nonce_is_ten_hex_digits_in_lower_case() -> None:
    assert re.fullmatch(r"[0-9a-f]{10}", MINT.issue("wpaicg-chatbox", now=MIDNIGHT))


@pytest.mark.parametrize(
    ("hours", "freshness"),
    [
        pytest.param(0, Freshness.CURRENT, id="at once"),
        pytest.param(11.9, Freshness.CURRENT, id="to the end of its half day"),
        pytest.param(12.1, Freshness.PREVIOUS, id="after midnight or noon"),
        pytest.param(23.9, Freshness.PREVIOUS, id="to the end of the next half day"),
        pytest.param(24.1, Freshness.REFUSED, id="after two half days"),
        pytest.param(-0.1, Freshness.REFUSED, id="before it was made"),
    ],
)
def test_a_nonce_ages_by_half_days(hours: float, freshness: Freshness) -> None:
    made = MIDNIGHT + 1
    nonce = MINT.issue("chat", now=made)
    assert MINT.check(nonce, "chat", now=made + hours * HOUR) is freshness


def test_half_days_begin_at_noon_and_midnight() -> None:
    before, after = MINT.issue("chat", now=MIDNIGHT - 0.5), MINT.issue("chat", now=MIDNIGHT + 0.5)
    assert before != after
    assert MINT.issue("chat", now=MIDNIGHT + 12 * HOUR) == after
    assert MINT.check(before, "chat", now=MIDNIGHT + 11 * HOUR) is Freshness.PREVIOUS


def test_a_nonce_made_late_in_a_tick_expires_earlier() -> None:
    nonce = MINT.issue("chat", now=MIDNIGHT - 1)
    assert MINT.check(nonce, "chat", now=MIDNIGHT + 11.9 * HOUR) is Freshness.PREVIOUS
    assert MINT.check(nonce, "chat", now=MIDNIGHT + 12.1 * HOUR) is Freshness.REFUSED


@pytest.mark.parametrize("wrong", ["", "0", "ABCDEF0123", "é", "\udcff", "a" * 100_000], ids=ascii)
def test_what_is_not_a_nonce_is_refused(wrong: str) -> None:
    assert MINT.check(wrong, "chat", now=MIDNIGHT) is Freshness.REFUSED


def test_case_and_blanks_matter() -> None:
    nonce = MINT.issue("chat", now=MIDNIGHT + 7 * HOUR)
    for other in (nonce.upper() + "x", f" {nonce}", f"{nonce} "):
        assert not MINT.check(other, "chat", now=MIDNIGHT + 7 * HOUR)


def test_actions_users_sessions_and_salts_have_nonces_of_their_own() -> None:
    users = (User(), User(id=1), User(id=2, token="a"), User(id=2, token="b"))
    made = {MINT.issue(action, now=MIDNIGHT, user=user) for action in ("chat", "img") for user in users}
    other = NonceMint(salt=b"other").issue("chat", now=MIDNIGHT)
    assert len(made | {other}) == len(users) * 2 + 1


def test_two_processes_with_one_salt_accept_each_others() -> None:
    assert NonceMint(salt=MINT.salt).check(MINT.issue("chat", now=MIDNIGHT), "chat", now=MIDNIGHT)


def test_secrets_stay_out_of_sight() -> None:
    assert "unique" not in repr(MINT)
    assert "token" not in repr(User(id=1, token="secret"))
