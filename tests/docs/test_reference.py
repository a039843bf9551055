"""The generated part of the reference: everything that exists is on its page, in its own words."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec
import pytest

from chatgptfree.cli import commands as client
from chatgptfree_mock.cli import group as mock
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from reference_pages import GENERATORS, filled_in, without_links_out
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
            assert f"#{name}{max(option.opts, key=len)}}}" in text


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
    text = "[a](../crashtest.md) [b](../../examples) [c](https://example.com) [d](#here)"
    assert without_links_out(text, page, DOCS) == (
        "[a](../crashtest.md) b (`examples`) [c](https://example.com) [d](#here)"
    )
