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
from chatgptfree_mock.sites.aipower.pages import Templates
from chatgptfree_mock.sites.aipower.pages.templates import FOLDER
from chatgptfree_mock.sites.aipower.settings import SiteSettings


def served(folder: Path, plugin: str = "2.4.97") -> str:
    """Return the chat page of a site with the templates in *folder*."""
    pack = PACK.with_templates([folder])
    site = pack.build(SiteSettings(plugin=plugin), now=lambda: 0.0, random=Random(1), store=MemoryStore())
    return site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()


def test_one_block_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    template = '{% extends "shipped/page.html.j2" %}{% block header %}<header>{{ title }}!</header>{% endblock %}'
    (tmp_path / "page.html.j2").write_text(template)
    found, usual = served(tmp_path), page(SiteSettings(plugin="2.4.97"), base_url="http://127.0.0.1")
    assert "<header>ChatGPT Free!</header>" in found
    assert 'class="site-nav"' in usual
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
    ("name", "text", "said"),
    [
        ("pages.html.j2", "", "no page has a template of that name; did you mean `page.html.j2`?"),
        ("page.html.j2", "{% block a %}", "line 1: Unexpected end of template"),
        ("page.html.j2", '{% extends "shipped/pag.html.j2" %}', "it extends `shipped/pag.html.j2`, which is not there"),
        (
            "page.html.j2",
            '{% extends "shipped/page.html.j2" %}\n{% block heder %}{% endblock %}',
            "line 2: `shipped/page.html.j2` has no block `heder`; did you mean `header`?",
        ),
    ],
)
def test_a_template_that_cannot_act_is_one_sentence(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError) as caught:
        Templates([tmp_path])
    assert str(caught.value).startswith(str(tmp_path / name))
    assert said in str(caught.value)


def test_a_name_that_nobody_fills_is_found_before_a_page_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_text("{{ tittle }}")
    with pytest.raises(SettingsError, match=r"page\.html\.j2 .*'tittle' is undefined"):
        served(tmp_path)


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_a_template_is_refused(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    if there:
        folder.mkdir()
    with pytest.raises(SettingsError, match="no template is in there"):
        Templates([folder])


def test_every_template_that_ships_can_be_extended() -> None:
    names = [file.name for file in FOLDER.glob("*.j2")]
    assert {"page.html.j2", "aipkit_chat.html.j2", "wpaicg_widget.html.j2"} <= set(names)
