"""Releases as files: what they may hold, and that each mistake is one sentence with file, place and repair."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import check_each
from tests.support.releases import BASE, BASE_RELEASE, NEWER, NEWEST

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.errors import SettingsError, UnknownReleaseError
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in, table
from chatgptfree_mock.sites.aipower.releases.release import derive
from chatgptfree_mock.sites.aipower.releases.release_file import ReleaseFile, load_file
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.aipower.site import AipowerSite

TABLE = Path(table.__file__).parent / "table"


def loaded(folder: Path, **files: str) -> ReleaseTable:
    for name, text in files.items():
        (folder / name.replace("_", ".").removeprefix("v")).write_text(text)
    return built_in().with_files([folder])


def complaint(folder: Path, text: str, name: str = "92.5.0.yaml") -> str:
    (folder / name).write_text(text)
    with pytest.raises(SettingsError) as caught:
        built_in().with_files([folder])
    return str(caught.value).removeprefix(f"{folder / name}: ")


def test_the_releases_that_ship_are_files_like_any_others() -> None:
    check_each(check_shipped, sorted(TABLE.iterdir()), label=lambda file: file.name)


def check_shipped(file: Path) -> None:
    shipped, source = built_in().find(file.stem), load_file(file)
    base = None if source.base is None else built_in().find(source.base)
    again = derive(file.stem, source, base)
    assert (again.traits, again.page, again.providers) == (shipped.traits, shipped.page, shipped.providers)


def test_a_release_that_changes_nothing_is_its_base(tmp_path: Path) -> None:
    def check(name: str) -> None:
        known = loaded(tmp_path, v9_9_yaml=f"base: '{name}'\n")
        assert known.changes(name, "9.9") == []
        assert known.facts("9.9") == known.facts(name)
        assert list(known.page_names("9.9").items()) == list(known.page_names(name).items())

    check_each(check, built_in().names)


def test_yaml_and_toml_are_the_same(tmp_path: Path) -> None:
    value = {
        "base": BASE_RELEASE,
        "date": "2026-12-24",
        "traits": {"throttle": 5},
        "page": {"dropped": ["theme"], "added": [{"name": "new", "value": {"a": [1, None]}, "before": "nonce"}]},
    }
    toml = '{0}\n[page]\ndropped = ["theme"]\nadded = [{{name = "new", value = {{a = [1]}}, before = "nonce"}}]\n'
    head = f'base = "{BASE_RELEASE}"\ndate = 2026-12-24\n[traits]\nthrottle = 5'
    known = loaded(tmp_path, v92_5_0_yaml=yaml.safe_dump(value).replace("null", ""), v92_6_0_toml=toml.format(head))
    assert known.find("92.5.0").date == known.find("92.6.0").date == "2026-12-24"
    (one, *_), (other, *_) = known.changes(BASE_RELEASE, "92.5.0"), known.changes(BASE_RELEASE, "92.6.0")
    assert one.after == other.after == "AI requests that one address may send in a minute: 5 (0: any number)."
    assert list(known.page_names("92.5.0")) == list(known.page_names("92.6.0"))


def test_files_may_be_based_on_each_other_in_any_order(tmp_path: Path) -> None:
    known = loaded(
        tmp_path, v92_5_0_yaml="base: 92.6.0\ntraits: {throttle: 7}\n", v92_6_0_yaml=BASE + "date: 2026-12\n"
    )
    assert known.names[-2:] == ("92.5.0", "92.6.0")
    assert [change.before for change in known.changes("92.6.0", "92.5.0")] == [
        "AI requests that one address may send in a minute: 60 (0: any number)."
    ]


def test_a_sentence_that_is_given_itself_is_as_the_generation_has_it(tmp_path: Path) -> None:
    known = loaded(
        tmp_path,
        v92_5_0_yaml=BASE + "wording: {Unsupported stream context.: No.}\n",
        v92_6_0_yaml="base: 92.5.0\n",
        v92_7_0_yaml="base: 92.6.0\nwording: {Unsupported stream context.: Unsupported stream context.}\n",
    )
    assert known.changes("92.5.0", "92.6.0") == known.changes(BASE_RELEASE, "92.7.0") == []
    (change,) = known.changes("92.6.0", "92.7.0")
    assert change.before == '"Unsupported stream context." reads "No.".'
    assert change.after == "This is no longer so."
    assert "wording.Unsupported stream context." not in known.facts("92.7.0")


@pytest.mark.parametrize(
    ("base", "taken"), [(NEWER, NEWEST), ("92.6.0", NEWEST), ("2.4.95", "2.4.94"), ("1.0", "1.8.79")]
)
def test_a_base_that_is_not_known_is_its_nearest_older_neighbour_with_a_notice(
    base: str, taken: str, tmp_path: Path
) -> None:
    known = loaded(tmp_path, v92_5_0_yaml=f"base: '{base}'\n", v92_7_0_yaml="base: 92.5.0\n")
    notice = f"92.5.0 is based on {base}, which is not known; {taken} takes its place"
    assert known.facts("92.5.0") == known.facts(taken)
    assert known.notice("92.5.0") == known.notice("92.7.0") == notice
    assert known.notice("92.6.0") == f"92.6.0 is not known; behaves as 92.5.0; {notice}"
    assert known.notices(f"92.5.0 {NEWEST}") == known.notices(">=92.5,<92.7") == (notice,)
    assert known.notices("all") == (notice, notice)
    with pytest.raises(UnknownReleaseError, match=f"{notice} - at `x`"):
        known.for_site(strict=True).find("92.5.0", place="x")
    with pytest.raises(SettingsError, match=f"unknown release `{base}` - at `\\$.base`; the nearest is {taken}$"):
        built_in().with_files([tmp_path], strict=True)


def test_the_neighbour_of_a_base_that_is_not_known_may_be_a_file_too(tmp_path: Path) -> None:
    known = loaded(tmp_path, v92_5_0_yaml=BASE + "traits: {throttle: 7}\n", v92_6_0_yaml="base: 92.5.9\n")
    assert known.notice("92.6.0") == "92.6.0 is based on 92.5.9, which is not known; 92.5.0 takes its place"
    assert known.changes("92.5.0", "92.6.0") == []


def test_a_release_that_ships_can_be_corrected(tmp_path: Path) -> None:
    known = loaded(tmp_path, v2_4_97_yaml=BASE + "traits: {throttle: 61}\n")
    assert known.names == built_in().names
    assert "61" in known.facts(BASE_RELEASE)["aipkit.throttle"].sentence
    assert "60" in known.facts("2.4.96")["aipkit.throttle"].sentence


def test_releases_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "92.6.0.yaml").write_text("base: 92.5.0\n")
    assert "in a circle: 92.5.0.yaml → 92.6.0.yaml → 92.5.0.yaml" in complaint(tmp_path, "base: 92.6.0\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BASE + "trait: {}\n", "unknown key `trait`; did you mean `traits`?"),
        (
            "base: newest\n",
            f"unknown release `newest` - at `$.base`; write the number of another one, such as {NEWEST}",
        ),
        (
            BASE + "page: {renamed: {data-config: data-custom-theme}}\n",
            "`data-custom-theme` is on the page already - at `$.page.renamed`",
        ),
        ("base: 92.5.0\n", "a release cannot be based on itself - at `$.base`"),
        ("date: 2026-01-01\n", "the release that this one differs from is missing: add `base`, such as `base: 2.4.97`"),
        ("", "the release that this one differs from is missing"),
        ("- base: 2.4.97\n", "a release must be a mapping, not a list"),
        (BASE + "base: 2.4.96\n", "line 2: duplicate key `base`"),
        ("base: [2.4.97\n", "not YAML: "),
        (BASE + "source: hearsay\n", "; there are: recorded, source, changelog, guess, unknown"),
        (BASE + "generation: wpaicg\n", f"{BASE_RELEASE} is of generation `aipkit` - at `$.generation` (leave it out)"),
        (BASE + "traits: {banned_words: leters}\n", "at `$.traits.banned_words`; did you mean `letters`?"),
        (BASE + "traits: {throttle: often}\n", "expected a whole number, got a text - at `$.traits.throttle`"),
        (
            BASE + "providers: {OpenAl: {}}\n",
            "at `$.providers`; did you mean `OpenAI`?",
        ),
        (BASE + "providers: {xAI: {apii: responses}}\n", "unknown trait `apii` - at `$.providers.xAI`"),
        ("base: 2.2\nproviders: {OpenAI: {}}\n", "at `$.providers`"),
        (BASE + "page: {dropped: [nonse]}\n", "`nonse` is not on the page - at `$.page.dropped`; did you mean"),
        (
            BASE + "page: {renamed: {data-confg: data-x}}\n",
            "`data-confg` is not on the page - at `$.page.renamed`; did you mean `data-config`?",
        ),
        (
            BASE + "page: {renamed: {data-setings: data-x}}\n",
            "`data-setings` is not on the page - at `$.page.renamed`; there are: data-bot-id, data-config",
        ),
        (BASE + "page: {dropped: [zzzz]}\n", "`zzzz` is not on the page - at `$.page.dropped`; there are: "),
        ("base: 2.2\npage: {added: [{name: data-color}]}\n", "`data-color` is on the page already"),
        ("base: 2.2\npage: {changed: {data-color: 3}}\n", "at `$.page.changed.data-color"),
        (BASE + "page: {changed: {data-bot-id: 3}}\n", "at `$.page.changed.data-bot-id`"),
        (BASE + "page: {renamed: {nonce: ''}}\n", "a name is missing - at `$.page.renamed`"),
        (BASE + "page: {renamed: {data-config: data-}}\n", "a name is missing - at `$.page.renamed`"),
        (
            BASE + "page: {renamed: {data-config: 'data-x y'}}\n",
            "no attribute can be named `data-x y`: it holds ' ' - at `$.page.renamed`",
        ),
        (BASE + "page: {renamed: {nonce: a, theme: a}}\n", "`a` is on the page already - at `$.page.renamed`"),
        (BASE + "page: {added: [{name: ' '}]}\n", "a name is missing - at `$.page.added[0]`"),
        (BASE + "page: {added: [{name: a}, {name: data-x, value: 3}]}\n", "at `$.page.added[1].value`"),
        (BASE + "texts: {added: [{name: a, value: b}, {name: c, value: 3}]}\n", "at `$.texts.added[1].value`"),
        (BASE + "traits: {throttle: -5}\n", "a number from 0 on is wanted, not -5 - at `$.traits.throttle`"),
        (
            BASE + "providers: {xAI: {read_timeout: -1}}\n",
            "a number from 0 on is wanted, not -1 - at `$.providers.xAI.read_timeout`",
        ),
        (BASE + "date: yesterday\n", "`yesterday` is not a date such as 2026-08-21"),
        (BASE + "date: 2026-13-45\n", "`2026-13-45` is not a date such as 2026-08-21"),
        (BASE + "date: '2026-02-30'\n", "or a month such as 2026-08 - at `$.date`"),
        (BASE + "page: {renamed: {nonce: theme}}\n", "`theme` is on the page already - at `$.page.renamed`"),
        (
            BASE + "page: {renamed: {nonce: data-nonce}}\n",
            "`data-nonce` is not the name of a key of `data-config`",
        ),
        (BASE + "page: {renamed: {data-config: data x}}\n", "; write one such as `data-settings`"),
        (BASE + "page: {added: [{name: theme}]}\n", "`theme` is on the page already - at `$.page.added[0]`"),
        (
            BASE + "page: {added: [{name: a, after: thema}]}\n",
            "`$.page.added[0].after`; did you mean `theme`?",
        ),
        (
            BASE + "page: {added: [{name: a, after: b, before: c}]}\n",
            "either `after` or `before` another",
        ),
        (BASE + 'page: {added: [{name: a, value: "{nonse}"}]}\n', "`{nonse}` is filled with nothing"),
        (
            BASE + "page: {added: [{nam: a}]}\n",
            "at `$.page.added[0]`; did you mean `name`?",
        ),
        ("base: 2.2\npage: {added: [{name: nonce2}]}\n", "begins with `data-`"),
        ("base: 2.2\npage: {changed: {data-color: 3}}\n", "a text is wanted, not 3 (put it in quotes)"),
        ("base: 2.2\npage: {changed: {data-color: {widgets: a}}}\n", "did you mean `widget`?"),
        (BASE + "texts: {changed: {sendMessage: 1}}\n", "at `$.texts.changed.sendMessage`"),
        (
            BASE + "events: {renamed: {don: end}}\n",
            "at `$.events.renamed`; did you mean `done`?",
        ),
        (BASE + "events: {keys: {done: {finish: end}}}\n", "the event `done` has no key `finish`"),
        (
            BASE + 'events: {renamed: {text: "a\\nb: c"}}\n',
            "the name of an event cannot hold '\\n' there - at `$.events.renamed.text`",
        ),
        (BASE + "events: {renamed: {text: ' a'}}\n", "the name of an event cannot hold ' ' there"),
        (BASE + "events: {renamed: {done: ''}}\n", "a name is missing - at `$.events.renamed.done`"),
        (
            BASE + "events: {renamed: {text: done}}\n",
            "`text` and `done` would both be named `done` - at `$.events.renamed`",
        ),
        (
            BASE + "events: {renamed: {done: end, error: end}}\n",
            "`error` and `done` would both be named `end` - at `$.events.renamed`",
        ),
        (
            BASE + "events: {keys: {status: {type: status}}}\n",
            "the event `status` has a key `status` already - at `$.events.keys.status.type`",
        ),
        (
            BASE + "events: {keys: {done: {finished: citations}}}\n",
            "the event `done` has a key `citations` already - at `$.events.keys.done.finished`",
        ),
        (BASE + "events: {keys: {text: {delta: ''}}}\n", "a name is missing - at `$.events.keys.text.delta`"),
        (BASE + "events: {added: [{name: done, before: text}]}\n", "there is an event `done` already"),
        (
            BASE + "events: {added: [{name: '', before: text}]}\n",
            "a name is missing - at `$.events.added[0].name`",
        ),
        (
            BASE + "events: {renamed: {done: end}, added: [{name: end, before: text}]}\n",
            "there is an event `end` already - at `$.events.added`",
        ),
        (BASE + "events: {added: [{name: a}]}\n", "an event is sent either `after` or `before` another"),
        (
            "base: 2.2\nevents: {renamed: {text: a}}\n",
            "WPAICG passes on the events of the model's API",
        ),
        ("base: 2.2\nevents: {added: [{name: a, after: text}]}\n", "an event can only be `before: text`"),
        (BASE + "wording: {Invalid chatbot.: x}\n", "did you mean `Invalid chatbot specified.`?"),
        (BASE + "wording: {Invalid chatbot specified.: 'No {bot}.'}\n", "`{bot}` is not filled in here"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    found = complaint(tmp_path, text)
    assert message in found
    assert "\n" not in found


def test_names_may_be_swapped_given_back_and_used_again(tmp_path: Path) -> None:
    first = {
        "base": BASE_RELEASE,
        "page": {"renamed": {"nonce": "theme", "theme": "nonce"}},
        "events": {
            "renamed": {"done": "error", "error": "done", "text": "piece"},
            "keys": {"error": {"error": "a"}},
        },
    }
    second = {
        "base": "92.5.0",
        "events": {
            "renamed": {"done": "done", "error": "error", "text": ""},
            "keys": {"error": {"quota_notice": "b"}},
            "added": [{"name": "status", "data": {"type": "thinking"}, "before": "text"}],
        },
    }
    known = loaded(tmp_path, v92_5_0_yaml=yaml.safe_dump(first), v92_6_0_yaml=yaml.safe_dump(second))
    events = known.find("92.6.0").events
    assert events.names == {"done": "done", "error": "error", "text": ""}
    assert events.keys == {"error": {"error": "a", "quota_notice": "b"}}


def check_served(name: str, base: str, value: str) -> None:
    """Check that a release that gives the row *name* a *value* has it on its page, with a popup as well."""
    file = convert({"base": base, "page": {"changed": {name: value}}}, ReleaseFile)
    release = derive("9.9", file, built_in().find(base))
    for bot in (Bot(place="inline"), Bot(place="popup")):
        site = SiteSettings(plugin="9.9", bots=[bot])
        table_of_both = ReleaseTable([*built_in().releases, release])
        built = AipowerSite(site, now=lambda: 0.0, random=Random(1), store=MemoryStore(), releases=table_of_both)
        body = built.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
        chats = re.findall(r"<div[^>]*data-[^>]*>", body)
        elsewhere = ("data-icon-size", "inline"), ("enableSidebar", "popup")  # rows that such a chat has no use for
        assert any(value in chat for chat in chats) is ((name, bot.place) not in elsewhere), (name, bot.place)


@pytest.mark.parametrize("plugin", ["2.2", "2.4.0", "2.3.69", BASE_RELEASE])
def test_a_changed_value_is_on_the_page_whatever_the_site_would_compute(plugin: str) -> None:
    names = [name for name in built_in().page_names(plugin) if not name.startswith(("text.", "languages."))]
    names = [name for name in names if name != "wpaicgParams" and "." not in name]
    assert {"data-bot-id", "data-nonce" if plugin == "2.2" else "nonce"} <= set(names)
    check_each(lambda name: check_served(name, plugin, "Xyzzy"), names)


@pytest.mark.parametrize("base", ["2.3.73", BASE_RELEASE])
def test_classes_name_theme_and_position_also_where_the_config_lacks_them(tmp_path: Path, base: str) -> None:
    known = loaded(tmp_path, v92_5_0_yaml=f"base: {base}\npage: {{dropped: [theme, popupPosition]}}\n")

    def tags(plugin: str, place: Literal["inline", "popup"]) -> list[str]:
        site = SiteSettings(plugin=plugin, bots=[Bot(place=place)])
        built = AipowerSite(site, now=lambda: 0.0, random=Random(1), store=MemoryStore(), releases=known)
        body = built.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
        return re.findall(r'class="(aipkit_(?:popup_wrapper|chat_container)[^"]*)"', body)

    assert tags("92.5.0", "inline") == tags(base, "inline") != []
    assert tags("92.5.0", "popup") == tags(base, "popup") != []


def test_a_new_row_of_a_name_that_was_renamed_is_a_row_of_its_own(tmp_path: Path) -> None:
    known = loaded(
        tmp_path, v92_5_0_yaml=BASE + 'page: {renamed: {nonce: token}, added: [{name: nonce, value: "none"}]}\n'
    )
    values = {row.name: row.value for row in known.find("92.5.0").page.keys}
    assert values["nonce"] == "none"
    assert {"token", "nonce"} <= set(known.page_names("92.5.0"))
    site = SiteSettings(plugin="92.5.0")
    built = AipowerSite(site, now=lambda: 0.0, random=Random(1), store=MemoryStore(), releases=known)
    body = built.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert "&quot;nonce&quot;:&quot;none&quot;" in body
    assert f"&quot;token&quot;:&quot;{built.nonce()}&quot;" in body


@pytest.mark.parametrize("name", ["notes.yaml", "v92.5.0.yaml", "2.yaml"])
def test_a_file_is_named_after_its_release(name: str, tmp_path: Path) -> None:
    assert "a release's file is named after it, such as 2.5.0.yaml" in complaint(tmp_path, BASE, name)


def test_one_release_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "92.5.toml").write_text('base = "2.4.97"\n')
    assert f"the same release as {tmp_path / '92.5.0.yaml'}; keep one of them" in complaint(tmp_path, BASE)


@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "nothing"])
def test_a_path_without_a_release_is_refused(there: bool, tmp_path: Path) -> None:
    path = tmp_path / "releases.d"
    if there:
        path.mkdir()
    with pytest.raises(
        SettingsError, match="no release in this folder" if there else "no such file or folder of releases"
    ):
        built_in().with_files([path])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"92\.5\.0\.yaml: .*no such file"):
        built_in().with_files([tmp_path / "92.5.0.yaml"])


NAMES = st.text("abcdefgh", min_size=1, max_size=6)


@given(added=st.lists(NAMES.map(lambda name: f"x{name}"), unique=True, max_size=5), data=st.data())
def test_new_keys_are_where_they_were_put_and_the_others_stay_in_order(added: list[str], data: st.DataObject) -> None:
    names = list(built_in().page_names(BASE_RELEASE))
    keys = [name for name in names if not name.startswith(("text.", "data-"))]
    rows = []
    for name in added:
        anchor = data.draw(st.sampled_from(keys))
        rows.append((name, data.draw(st.sampled_from(["after", "before"])), anchor))
    new = [{"name": name, "value": 1, where: anchor} for name, where, anchor in rows]
    file = convert({"base": BASE_RELEASE, "page": {"added": new}}, ReleaseFile)
    made = derive("9.9", file, built_in().find(BASE_RELEASE))
    order = [row.name for row in made.page.keys]
    assert [name for name in order if name not in added] == keys
    for name, where, anchor in rows:
        step = 1 if where == "after" else -1
        beside = order[order.index(anchor) + step :: step]
        assert name in beside[: len(rows)]
