"""Messages about wrong settings name the keys and words that exist."""

from __future__ import annotations

import pytest

from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.errors import SettingsError


class One(SettingsPart, frozen=True, kw_only=True):
    turn: float = 0


class Two(One, frozen=True, kw_only=True):
    speed: float = 0


@pytest.mark.parametrize(
    ("kind", "ending"), [(One, "; there is only `turn`"), (Two, "; there are: turn, speed")], ids=["one", "two"]
)
def test_an_unknown_key_unlike_all_others_names_what_there_is(kind: type[SettingsPart], ending: str) -> None:
    with pytest.raises(SettingsError) as refused:
        convert({"xyzxyz": 1}, kind)
    assert str(refused.value).endswith(ending)
