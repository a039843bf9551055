"""A chat's config is taken from a script only where it can be no other chat's."""

from __future__ import annotations

from typing import Any

import pytest

from chatgptfree.core.page.unfamiliar import find_script


def config(bot: int) -> dict[str, Any]:
    return {"auth": {"nonce": "a1b2c3d4e5"}, "url": "https://site.example/wp-admin/admin-ajax.php", "bot_id": bot}


NO_CONFIG: dict[str, Any] = {"url": "https://site.example/wp-admin/admin-ajax.php", "bot_id": 7}


@pytest.mark.parametrize(
    ("bots", "bot", "found"),
    [
        ([5, 7], "7", 7),
        ([5, 7], "5", 5),
        ([5, 7], "9", None),
        ([5, 7], "", None),
        ([7, 7], "7", None),
        ([7], "", 7),
        ([], "", None),
    ],
)
def test_the_config_of_a_bot_is_the_only_one_with_its_id(bots: list[int], bot: str, found: int | None) -> None:
    scripts = [NO_CONFIG, *map(config, bots)]
    assert find_script(scripts, bot) == (None if found is None else config(found))
