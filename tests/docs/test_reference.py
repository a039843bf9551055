"""The generated part of the reference: everything that exists is on its page, in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import get_args

import click
import msgspec
import pytest

from chatgptfree.cli import commands as client
from chatgptfree.errors import Kind
from chatgptfree.messages import WARNINGS, WarningCode
from chatgptfree_mock import errors as mock_errors
from chatgptfree_mock.cli import group as mock
from chatgptfree_mock.config.keys import SETTINGS
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.replay.chunking import CHUNK_WORDS
from chatgptfree_mock.replay.fault_place import FAULT_PLACES, FaultPlace
from chatgptfree_mock.replay.fault_words import FAULT_WORDS
from chatgptfree_mock.replay.pace import PACE_WORDS
from chatgptfree_mock.server import control
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.tape.matchers import MATCH_WORDS
from reference_pages import GENERATORS, filled_in, without_links_out
from reference_pages.docstrings import paragraphs
from reference_pages.markdown import code, prose, term

DOCS = Path(__file__).parents[2] / "docs"


def test_every_generator_has_a_place_and_every_place_a_generator() -> None:
    asked = [
        name
        for page in (DOCS / "reference").glob("*.md")
        for name in re.findall(r"<!-- generated: ([\w-]+) -->", page.read_text(encoding="utf-8"))
    ]
    assert sorted(asked) == sorted(GENERATORS)


def test_an_unknown_part_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        filled_in("<!-- generated: nothing -->\n<!-- end -->")


@pytest.mark.parametrize(("group", "page"), [(mock, "mock-commands"), (client, "client-commands")])
def test_every_command_and_option_is_there(group: click.Group, page: str) -> None:
    text = GENERATORS[page]()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        for option in (each for each in command.params if isinstance(each, click.Option) and not each.hidden):
            assert all(f"`{spelling}" in text or f", {spelling}" in text for spelling in option.opts), option.opts
            anchor = f"chatgptfree-{name}-" if page == "client-commands" else name
            assert f"#{anchor}{max(option.opts, key=len)}}}" in text


def structs(kind: msgspec.inspect.Type) -> set[type[msgspec.Struct]]:
    """Return the structs in *kind*, found otherwise than the generator does."""
    names = re.findall(r"cls=<class '([\w.]+)'>", repr(kind))
    modules = {name.rpartition(".") for name in names}
    return {getattr(__import__(module, fromlist=[name]), name) for module, _, name in modules}


def test_every_setting_is_there() -> None:
    text = GENERATORS["settings"]()
    known = structs(msgspec.inspect.type_info(SiteSettings))
    assert len(known) > 10
    for struct in known:
        for name in struct.__struct_fields__:
            assert f"[`{name}`]{{#site-" in text, f"{struct.__name__}.{name}"


def test_texts_of_the_code_are_not_taken_for_markup() -> None:
    assert prose("a <layer>/`<name>` [x] {url}") == r"a \<layer\>/`<name>` \[x\] \{url\}".replace(r"\>", ">")
    assert code("a`b") == "``a`b``"
    assert term("x", ["one", "", "two"], anchor="y") == "[`x`]{#y}\n: one\n\n  two\n"


def test_links_that_leave_the_site_become_text() -> None:
    page = DOCS / "how-to" / "x.md"
    text = "[a](../crashtest.md) [b](../../cassettes) [examples](../../examples) [c](https://example.com) [d](#here)"
    assert without_links_out(text, page, DOCS) == (
        "[a](../crashtest.md) b (`cassettes`) `examples` [c](https://example.com) [d](#here)"
    )


WORDS = {
    "chunk-words": CHUNK_WORDS,
    "pace-words": PACE_WORDS,
    "fault-words": FAULT_WORDS,
    "fault-places": FAULT_PLACES,
    "match-words": MATCH_WORDS,
    "client-warnings": WARNINGS,
}


@pytest.mark.parametrize(("page", "words"), WORDS.items())
def test_every_word_is_there_with_its_meaning(page: str, words: Mapping[str, str]) -> None:
    text = GENERATORS[page]()
    assert len(words) > 3
    for word, meaning in words.items():
        assert f"[`{word}`]{{#" in text
        assert prose(meaning) in text


def test_every_place_of_a_fault_can_be_written() -> None:
    assert [str(FaultPlace.parse(place.removeprefix("@"))) for place in FAULT_PLACES] == list(FAULT_PLACES)


def test_every_code_of_a_warning_has_a_meaning() -> None:
    assert set(WARNINGS) == set(get_args(WarningCode))


@pytest.mark.parametrize(("page", "kind"), [("scenario-verdicts", Verdict), ("variant-verdicts", VariantVerdict)])
def test_every_verdict_is_there(page: str, kind: type[StrEnum]) -> None:
    text = GENERATORS[page]()
    for verdict in kind:
        assert re.search(rf"^\[`{verdict.value}`\]\{{#[\w-]+\}}\n: \w", text, re.MULTILINE), verdict


def test_every_error_is_there() -> None:
    text = GENERATORS["client-errors"]()
    for kind in get_args(Kind):
        assert f"kind `{kind}`" in text
    text = GENERATORS["mock-errors"]()
    for name, value in vars(mock_errors).items():
        if isinstance(value, type) and issubclass(value, Exception):
            assert f"[`{name}`]{{#{name}}}" in text


def test_every_marker_fixture_and_setting_of_pytest_is_there(pytestconfig: pytest.Config) -> None:
    markers, fixtures = GENERATORS["markers"](), GENERATORS["fixtures"]()
    known = [line.partition("(")[0] for line in pytestconfig.getini("markers") if line.startswith("chat_")]
    assert len(known) > 3
    assert all(f"[`{name}(" in markers for name in known)
    assert all(f"[`{name}`]" in fixtures for name in ("chat_site", "chat_server", "chat_scenario", "chat_plugin"))
    assert all(f"[`{name}`]{{#project-{name}}}" in GENERATORS["project-settings"]() for name in SETTINGS)


def test_every_route_of_the_control_api_is_there() -> None:
    text = GENERATORS["control-api"]()
    for route in control.routes():
        if "{rest" not in route.path:  # what answers where there is no route
            assert f"## `{route.method} {route.path.removeprefix(control.API)}`" in text


def test_exit_codes_of_commands_are_reported() -> None:
    text = GENERATORS["exit-codes"]()
    assert "| `130` |" in text.replace("| 130 |", "| `130` |")
    for command in ("crashtest", "lint", "diff", "watch", "learn", "import"):
        assert f"[`chatgptfree-mock {command}`]" in text


def test_a_docstring_with_lists_becomes_markdown() -> None:
    assert paragraphs("Do.\n\nRaises:\n    A: one\n        and two.\n    B: three.\n") == [
        "Do.",
        "Raises:\n\n- `A`: one and two.\n- `B`: three.",
    ]
