"""A chat's config is taken from a script only where it can be no other chat's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.many_cases import for_each

from chatgptfree.core.page.document import parse
from chatgptfree.core.page.scripts import Scripts

AJAX = "https://site.example/wp-admin/admin-ajax.php"


def config(bot: int, **more: Any) -> dict[str, Any]:
    return {"auth": {"nonce": "a1b2c3d4e5"}, "url": AJAX, "bot_id": bot, **more}


NO_CONFIG: dict[str, Any] = {"url": AJAX, "bot_id": 7}
BOTS = [
    ([5, 7], "7", 7),
    ([5, 7], "5", 5),
    ([5, 7], "9", None),
    ([5, 7], "", None),
    ([7, 7], "7", None),
    ([7], "", 7),
    ([], "", None),
]


def scripts(*written: str) -> Scripts:
    return Scripts(parse("<!doctype html><body>" + "".join(written)))


def of_json(values: object) -> str:
    return f"<script type='application/json'>{json.dumps(values)}</script>"


def found(written: Scripts, bot: str) -> dict[str, Any] | None:
    config = written.config_of(bot)
    return None if config is None else config.values


@for_each(("bots", "bot", "expected"), BOTS)
@for_each("kind", ["json", "variables", "one variable"])
def test_the_config_of_a_bot_is_the_only_one_with_its_id(
    kind: str, bots: list[int], bot: str, expected: int | None
) -> None:
    values = [NO_CONFIG, *map(config, bots)]
    if kind == "json":
        there = scripts(*map(of_json, values))
    elif kind == "variables":
        there = scripts(*(f"<script>window.chats = {json.dumps(each)};</script>" for each in values))
    else:
        by_place = {f"chat{place}": each for place, each in enumerate(values)}
        there = scripts(f"<script>(window.all=window.all||[]).push({json.dumps({'chats': by_place})});</script>")
    assert found(there, bot) == (None if expected is None else config(expected))


@pytest.mark.parametrize("kind", ["", " type='module'", " type='text/javascript'", " type='application/javascript'"])
def test_an_object_between_other_code_is_found(kind: str) -> None:
    code = f'/* <![CDATA[ */ var a = {{x: 1}}, b = {{"c": [}};\nvar chat = {json.dumps(config(5))};\nrun(b);'
    assert found(scripts(f"<script{kind}>{code}</script>"), "5") == config(5)


@pytest.mark.parametrize("kind", ["text/template", "application/ld+json", "speculationrules"])
def test_what_is_not_a_script_is_not_read(kind: str) -> None:
    assert found(scripts(f"<script type='{kind}'>x = {json.dumps(config(5))}</script>"), "5") is None


def test_json_elements_come_before_variables() -> None:
    there = scripts(of_json(config(5, theme="dark")), f"<script>x = {json.dumps(config(5))}</script>")
    assert found(there, "5") == config(5, theme="dark")
    there = scripts(of_json(config(6)), f"<script>x = {json.dumps(config(5))}</script>")
    assert found(there, "5") is None


def test_endless_code_is_read_up_to_a_limit() -> None:
    code = 'x={"' * 200_000 + "admin-ajax.php"
    assert found(scripts(f"<script>{code}</script>"), "") is None
