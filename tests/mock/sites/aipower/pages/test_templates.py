"""Page templates of a user's own: whole ones, single blocks, and what cannot be used."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.support.page_of_site import page

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.pack import PACK
from chatgptfree_mock.sites.aipower.pages.template_check import FOLDER
from chatgptfree_mock.sites.aipower.pages.templates import Templates
from chatgptfree_mock.sites.aipower.settings import SiteSettings


def served(folder: Path, plugin: str = "2.4.97") -> str:
    """Return the chat page of a site with the templates in *folder*."""
    pack = PACK.with_templates([folder])
    site = pack.build(SiteSettings(plugin=plugin), now=lambda: 0.0, random=Random(1), store=MemoryStore())
    return site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()


def test_one_block_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    template = '{% extends "shipped/page.html.j2" %}{% block header %}<header>{{ title }}!</header>{% endblock %}'
    (tmp_path / "page.html.j2").write_text(template)
    found, default = served(tmp_path), page(SiteSettings(plugin="2.4.97"), base_url="http://127.0.0.1")
    assert "<header>ChatGPT Free!</header>" in found
    assert 'class="site-nav"' in default
    assert 'class="site-nav"' not in found
    assert "data-config=" in found


def test_a_template_is_replaced_whole_and_may_include_parts(tmp_path: Path) -> None:
    (tmp_path / "aipkit_head.html.j2").write_text('{% include "_mine.html.j2" %}')
    (tmp_path / "_mine.html.j2").write_text("<!-- {{ css_version }} -->")
    assert "<!-- 1795394135 -->" in served(tmp_path)


def test_each_generation_has_blocks(tmp_path: Path) -> None:
    block = '{% extends "shipped/wpaicg_shortcode.html.j2" %}{% block input %}<b>{{ name }}</b>{% endblock %}'
    (tmp_path / "wpaicg_shortcode.html.j2").write_text(block)
    assert "<b>AI</b>" in served(tmp_path, "1.8.93")
    assert "wpaicg-chat-shortcode-send" not in served(tmp_path, "1.8.93")


def test_the_first_of_several_folders_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "comments.html.j2").write_text(f"<i>{name}</i>")
    templates = Templates([tmp_path / "one", tmp_path / "two"])
    assert templates.render("comments.html.j2") == "<i>one</i>"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pages.html.j2", "", ": no page has a template of that name; did you mean `page.html.j2`?"),
        ("page.html.j2", "{% block a %}", ", line 1: Unexpected end of template"),
        (
            "page.html.j2",
            '\n{% extends "shipped/pag.html.j2" %}',
            ", line 2: it extends `shipped/pag.html.j2`, which does not exist; did you mean `shipped/page.html.j2`?",
        ),
        (
            "page.html.j2",
            '{% extends "shipped/page.html.j2" %}\n{% block heder %}{% endblock %}',
            ", line 2: `shipped/page.html.j2` has no block `heder`; did you mean `header`?",
        ),
        (
            "page.html.j2",
            '{% extends "page.html.j2" %}',
            ", line 1: it extends itself (page.html.j2 → page.html.j2); to extend the one that ships, name it",
        ),
        (
            "page.html.j2",
            '{% include "nix.j2" %}',
            ", line 1: it includes `nix.j2`, which does not exist; those that ship are named `shipped/",
        ),
        ("page.html.j2", '{% import "_nix.j2" as nix %}', ", line 1: it imports `_nix.j2`, which does not exist"),
        ("page.html.j2", '{% include ["a", "b"] %}', ", line 1: it includes `a` or `b`, which does not exist"),
    ],
)
def test_a_template_that_cannot_act_is_one_sentence(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError) as caught:
        Templates([tmp_path])
    assert str(caught.value).startswith(f"{tmp_path / name}{message}")


def test_templates_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_text('{% extends "_base.html.j2" %}')
    (tmp_path / "_base.html.j2").write_text('{% extends "page.html.j2" %}')
    with pytest.raises(SettingsError, match=r"\(_base\.html\.j2 → page\.html\.j2 → _base\.html\.j2\)"):
        Templates([tmp_path])


def test_blocks_may_be_replaced_through_a_template_in_between_and_hold_others(tmp_path: Path) -> None:
    (tmp_path / "_base.html.j2").write_text('{% extends "shipped/page.html.j2" %}{% block lead %}one{% endblock %}')
    block = "{% block header %}<u>{% block mine %}two{% endblock %}</u>{% endblock %}"
    (tmp_path / "page.html.j2").write_text('{% extends "_base.html.j2" %}' + block)
    assert "<u>two</u>" in served(tmp_path)


def test_an_include_that_may_be_missing_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "comments.html.j2").write_text('{% include ["_a.j2", "_b.j2"] ignore missing %}fine')
    assert "fine" in served(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("\n{{ tittle }}", "line 2: 'tittle' is undefined; did you mean `title`?", id="an unknown value"),
        pytest.param("{{ zzz }}", "line 1: 'zzz' is undefined; there are: base_url, ", id="nothing like it"),
        pytest.param("{{ 1 / 0 }}", "line 1: ZeroDivisionError: division by zero", id="a failing expression"),
        pytest.param("{{ title + 1 }}", "line 1: TypeError: ", id="a wrong type"),
        pytest.param('{% include "page.html.j2" %}', "line 1: it includes or calls itself without end", id="itself"),
        pytest.param('{% include "comments.html.j2" %}', "it includes or calls itself without end", id="in a circle"),
        pytest.param('{% include title ~ ".j2" %}', "line 1: there is no template `ChatGPT Free.j2`", id="computed"),
    ],
)
def test_what_fails_while_a_page_is_rendered_is_found_before_one_is_asked_for(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "page.html.j2").write_text(text)
    (tmp_path / "comments.html.j2").write_text('{% include "page.html.j2" %}')
    with pytest.raises(SettingsError) as caught:
        served(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no template in this folder"):
        Templates([tmp_path])
    with pytest.raises(SettingsError, match="absent: no such folder of templates"):
        Templates([tmp_path / "absent"])


def test_every_template_that_ships_can_be_extended() -> None:
    names = [file.name for file in FOLDER.glob("*.j2")]
    assert {"page.html.j2", "aipkit_chat.html.j2", "wpaicg_widget.html.j2"} <= set(names)
