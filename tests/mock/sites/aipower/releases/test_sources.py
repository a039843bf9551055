"""Where each fact of a release is known from: in the rows that ship, in files, and on the way from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.aipkit_guest import guest
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.contract.release_facts import FactSource
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.releases.sources import KINDS, parse_source
from chatgptfree_mock.tape.files import cassette_folder

KNOWN = built_in()
NAMES = KNOWN.names
NEW = NAMES[NAMES.index("2.4.77") : NAMES.index("2.4.97") + 1]
"""The rows after 2.4.71 whose facts were read in published code, or in changelogs beside it."""
SEEN = re.compile(r"(seen|refused|in the source|the API's|not) .*2\.4\.9\d|in the source of 2\.4\.9\d")


def sources(name: str) -> Iterator[tuple[str, FactSource]]:
    """Yield every fact of a release, those on its page too, with its source."""
    yield from ((key, fact.source) for key, fact in KNOWN.facts(name).items())
    yield from KNOWN.page_sources(name).items()


def test_every_fact_has_a_source_of_a_known_kind_and_a_release_since_which_it_holds() -> None:
    for name in NAMES:
        for key, source in sources(name):
            assert source.kind in KINDS, (name, key)
            assert source.kind != "unknown", (name, key)
            assert NAMES.index(source.since) <= NAMES.index(name), (name, key)


@pytest.mark.parametrize("name", NEW)
def test_facts_that_were_read_in_code_have_evidence(name: str) -> None:
    new = [(key, source) for key, source in sources(name) if source.since in NEW]
    assert all(source.evidence for _, source in new), new
    # A changelog or a guess dates something that the code of a later release shows.
    for key, source in new:
        assert (source.kind == "source") or SEEN.search(source.evidence) or source.since in ("2.4.77", "2.4.89"), key


@pytest.mark.parametrize(("before", "after"), [("2.4.71", "2.4.97"), ("1.8.79", "2.2"), ("2.3", "2.4.97")])
def test_a_change_has_the_source_of_the_release_that_brought_it(before: str, after: str) -> None:
    changes = KNOWN.changes(before, after)
    assert changes
    assert all(change.source.since == change.since for change in changes)


def test_the_way_back_has_the_same_sources() -> None:
    there = {change.source for change in KNOWN.changes("2.4.71", "2.4.97") if change.topic != "providers"}
    back = {change.source for change in KNOWN.changes("2.4.97", "2.4.71") if change.topic != "providers"}
    assert back == there


@pytest.mark.parametrize(
    ("name", "key", "source"),
    [
        ("2.4.97", "aipkit.throttle", "changelog, absent in the source of 2.4.81, seen in that of 2.4.94"),
        ("2.4.97", "aipkit.php_errors", "published code of 2.4.81, the form of the reference is a guess"),
        ("2.4.97", "aipkit.file_fields", "guess, ignored in the source of 2.4.81, refused in that of 2.4.94"),
        ("2.4.97", "aipkit.preamble", "recorded 2.3.93/stream_ok"),
        ("1.9.18", "wpaicg.nonce_refusal", "recorded 1.8.91/nonce_bad_b"),
        ("1.8.85", "wpaicg.stream_counted", "recorded 1.8.85/limit_second_s"),
        ("1.8.86", "wpaicg.stream_counted", "published code of 1.8.86, and 1.8.87/limit_second_s is recorded so"),
        ("2.3", "generation", "recorded"),
    ],
)
def test_upstream_is_quoted(name: str, key: str, source: str) -> None:
    assert str(KNOWN.facts(name)[key].source) == source


GUESSES = {
    "aipkit.form_id_field": "The field of aipkit_handle_form_submission that has the id of the form: form_id.",
    "aipkit.form_data_field": (
        "The field of aipkit_handle_form_submission that has what was filled in, as JSON: submitted_data."
    ),
    "aipkit.audio_type_from": (
        "A spoken message is also accepted if its content begins as that of one of the types does."
    ),
    "aipkit.media_failures": (
        "If a provider fails for speech or images, the answer has its status (500 if it has none), its message and its "
        "code."
    ),
    "aipkit.speech_token": (
        "Characters of text that is read out which count as one token: 4 (0: no text that is read out counts)."
    ),
}


def test_what_the_imitation_assumes_is_a_guess_for_users_too() -> None:
    facts = KNOWN.facts("2.4.97")
    assert {key: facts[key].sentence for key in GUESSES} == GUESSES
    assert {facts[key].source.kind for key in GUESSES} == {"guess"}


def test_where_a_guess_is_wrong_a_file_corrects_it(tmp_path: Path) -> None:
    traits = "{form_id_field: form, form_data_field: answers, speech_token: 1, media_failures: none}"
    known = loaded(tmp_path, f"base: {BASE_RELEASE}\nsource: recorded\ntraits: {traits}\n")
    site = guest("92.5.0", known, bots=[{"speech": True}], limit={"tokens": 3}, model={"http_error": {"status": 500}})
    submitted = site.post("aipkit_handle_form_submission", form="contact", answers='{"name": "Ada"}')
    assert submitted.response.status == 200
    spoken = [site.post("aipkit_generate_speech", text="abc").response.status for _ in range(2)]
    assert spoken == [200, 429]


def test_a_recording_that_is_named_and_ships_is_there() -> None:
    shipped = cassette_folder() / "recorded"
    named = {source.evidence for name in NAMES for _, source in sources(name) if source.kind == "recorded"}
    files = [shipped / f"{one.split(',')[0]}.yaml" for one in named if "/" in one and "/page_" not in one]
    there = [file for file in files if file.parent.is_dir()]
    assert len(there) >= 8
    assert [file for file in there if not file.is_file()] == []


def loaded(folder: Path, text: str) -> ReleaseTable:
    (folder / "92.5.0.yaml").write_text(text)
    return built_in().with_files([folder])


FILE = """\
base: 2.4.97
source: recorded after.yaml
sources:
  traits.throttle: guess
  page: source of 92.5.0
  page.theme: changelog
  providers.xAI.failed: changelog, in a hurry
  events.hello: guess, seen once
  wording.Unsupported stream context.: changelog
traits: {throttle: 3, preamble: true}
providers: {xAI: {failed: worded, drops_zero: true}, Ollama: null}
page: {renamed: {nonce: token}, dropped: [theme]}
texts: {changed: {sending: Wait}}
events: {renamed: {done: end}, added: [{name: hello, before: text}]}
wording: {Unsupported stream context.: No.}
"""


def test_a_file_has_a_source_for_all_and_others_by_place(tmp_path: Path) -> None:
    known = loaded(tmp_path, FILE)
    found = {key: str(fact.source) for key, fact in known.facts("92.5.0").items() if fact.source.since == "92.5.0"}
    assert found == {
        "aipkit.throttle": "guess",
        "aipkit.preamble": "recorded after.yaml",
        "provider.xAI.failed": "changelog, in a hurry",
        "provider.xAI.drops_zero": "recorded after.yaml",
        "event.done": "recorded after.yaml",
        "event.hello": "guess, seen once",
        "wording.Unsupported stream context.": "changelog",
    }
    page = {name: str(source) for name, source in known.page_sources("92.5.0").items() if source.since == "92.5.0"}
    assert page == {"token": "published code of 92.5.0", "text.sending": "recorded after.yaml"}
    gone = next(change for change in known.changes("2.4.97", "92.5.0") if change.after.startswith("Gone"))
    assert str(gone.source) == "changelog"


def test_a_provider_that_is_gone_is_one_change(tmp_path: Path) -> None:
    known = loaded(tmp_path, FILE)
    assert "Ollama" not in known.find("92.5.0").providers
    (change,) = [change for change in known.changes("2.4.97", "92.5.0") if change.key.startswith("provider.Ollama")]
    assert (change.before, change.after) == ("Ollama can be the provider.", "This is no longer so.")


def test_a_new_provider_is_listed_with_what_is_unusual_of_it() -> None:
    new = [change.key for change in KNOWN.changes("2.4.81", "2.4.84") if change.topic == "providers"]
    traits = ["empty_reads", "needs_end_mark", "coded_errors", "takes_images", "refuses_search", "read_timeout"]
    assert new == ["provider.AIPufferCloud", *(f"provider.AIPufferCloud.{trait}" for trait in traits)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source: hearsay", "unknown source `hearsay` - at `$.source`; there are: recorded, source, changelog, guess,"),
        (
            "source: changelg, of 92.5.0",
            "unknown source `changelg, of 92.5.0` - at `$.source`; did you mean `changelog`?",
        ),
        ("source: ''", "unknown source `` - at `$.source`"),
        ("sources: {traits.throttle: gues}", "- at `$.sources.traits.throttle`; did you mean `guess`?"),
        (
            "sources: {traits.throtle: guess}",
            "the file has no `traits.throtle` - at `$.sources`; did you mean `traits.throttle`?",
        ),
        ("sources: {page: guess}", "the file has no `page` - at `$.sources`"),
        ("sources: [guess]", "at `$.sources`"),
    ],
)
def test_a_source_that_cannot_be_is_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, f"base: {BASE_RELEASE}\ntraits: {{throttle: 3}}\n{text}\n")
    assert str(caught.value).startswith(f"{tmp_path / '92.5.0.yaml'}: ")
    assert message in str(caught.value)


@given(kind=st.sampled_from(KINDS), between=st.sampled_from([" ", ", ", ",", "  "]), evidence=st.text())
def test_whatever_follows_the_kind_is_the_evidence(kind: str, between: str, evidence: str) -> None:
    evidence = evidence.strip(" ,").strip()
    source = parse_source(kind + (between + evidence if evidence else ""), since="92.5.0", place="$.source")
    assert (source.kind, source.evidence, source.since) == (kind, evidence, "92.5.0")
