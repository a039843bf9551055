"""The variants `tokens/…`: what they show of a client, and where they cannot run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support import tapes
from tests.support.token_clients import NONCE

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.variant_choice import catalogue_of

SID = "q83vEjRWeJCrze8SNFZ4kKvN7x"
STREAM = tapes.PAGE_ANSWER["response"]["body"]["string"]
COOKIE_PAGE = tapes.exchange(
    "GET", "https://chat.example.com/chat", "<p>hi</p>", kind="text/html", Set_Cookie=f"sid={SID}; Path=/"
)
COOKIE_ANSWER: dict[str, Any] = tapes.exchange("GET", "https://chat.example.com/stream", STREAM)
COOKIE_ANSWER["request"]["headers"] = {"Cookie": [f"sid={SID}"]}
ROOM = "7f3a9c1e5b2d4f60"
ROOMS = [
    tapes.exchange("GET", "https://chat.example.com/chat", f'<a href="/rooms/{ROOM}/live">in</a>', kind="text/html"),
    tapes.exchange("GET", f"https://chat.example.com/rooms/{ROOM}/live", STREAM),
]
EQUIVALENTS = ("tokens/fresh", "tokens/html-references")
BREAKAGES = ("tokens/expired", "tokens/expired/once", "tokens/missing")


class CrashTest:
    """Runs clients on one recording and keeps what was printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.tape = tapes.write(folder / "tape.yaml", tapes.PAGE, tapes.PAGE_ANSWER)
        self.code, self.out, self.err = 0, "", ""
        self.card: dict[str, Any] = {}

    def __call__(
        self, client: str, *globs: str, tape: Path | None = None, answer: int | None = None, pack: str | None = None
    ) -> dict[str, str]:
        """Run *client* and return the verdict of each variant."""
        card = self.folder / "card.json"
        card.unlink(missing_ok=True)
        words = ["--cassette", str(tape or self.tape), "--json", str(card)]
        words += [] if answer is None else ["--answer", str(answer)]
        words += [] if pack is None else ["--pack", pack]
        for glob in globs or ("tokens/*",):
            words += ["--variant", glob]
        self.code = run(["crashtest", *words, "--callable", f"tests.support.token_clients:{client}"])
        printed = self._capsys.readouterr()
        self.out, self.err = printed.out, printed.err
        self.card = json.loads(card.read_bytes()) if card.exists() else {}
        return {one["variant"]: one["verdict"] for one in self.card.get("results", [])}

    def reason(self, variant: str) -> str:
        return next(str(one["reason"]) for one in self.card["results"] if one["variant"] == variant)

    def left_out(self) -> dict[str, str]:
        return dict(self.card["left_out"])


@pytest.fixture
def crash_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CrashTest:
    return CrashTest(tmp_path, capsys)


RIGHT = {**dict.fromkeys(EQUIVALENTS, "right"), **dict.fromkeys(BREAKAGES, "right")}


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("reading", RIGHT),
        ("showing", RIGHT),
        ("renewing", {**RIGHT, "tokens/expired/once": "recovered"}),
        ("stubborn", RIGHT),
        ("hard_coded", {**RIGHT, **dict.fromkeys(EQUIVALENTS, "crash")}),
        ("copied_elsewhere", {**RIGHT, **dict.fromkeys(EQUIVALENTS, "crash")}),
        ("without", {**RIGHT, **dict.fromkeys(EQUIVALENTS, "crash")}),
        ("silent", {**RIGHT, "tokens/expired": "silent loss", "tokens/expired/once": "silent loss"}),
        ("disguising", {**RIGHT, "tokens/expired": "disguised error", "tokens/expired/once": "disguised error"}),
        ("unescaping_nothing", {**RIGHT, "tokens/html-references": "crash"}),
    ],
)
def test_what_is_made_of_other_values(client: str, expected: dict[str, str], crash_test: CrashTest) -> None:
    assert crash_test(client) == expected
    assert crash_test.code == int(not set(expected.values()) <= {"right", "recovered"})


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ("hard_coded", "it is the recorded one, not one of this visit"),
        ("copied_elsewhere", "it was never given out"),
        ("without", "it is missing"),
    ],
)
def test_a_refused_value_is_named_with_the_reason(client: str, why: str, crash_test: CrashTest) -> None:
    crash_test(client, "tokens/fresh")
    assert crash_test.reason("tokens/fresh") == f"it gave up with exit code 1; refused: `nonce` (form:nonce): {why}"


def test_the_output_is_compared_with_the_recorded_values_in_it(crash_test: CrashTest) -> None:
    crash_test("showing", "tokens/fresh")
    assert crash_test.card["truth"].startswith(f"{NONCE}: ")
    assert crash_test.card["results"][0]["printed"] == crash_test.card["truth"]


def with_session_id(folder: Path) -> Path:
    """Return a recording whose page gives out an opaque id in place of a WordPress nonce."""
    text = json.dumps([tapes.PAGE, tapes.PAGE_ANSWER]).replace(NONCE, "k3Jx9vQ2mZ")
    return tapes.write(folder / "opaque.yaml", *json.loads(text))


@pytest.mark.parametrize(
    ("client", "wrong"),
    [("reading", []), ("counting_ten", ["tokens/longer", "tokens/base64"]), ("concatenating", ["tokens/base64"])],
)
def test_an_opaque_value_may_have_any_length_and_letters(client: str, wrong: list[str], crash_test: CrashTest) -> None:
    names = ("tokens/fresh", "tokens/longer", "tokens/other-letters", "tokens/base64")
    found = crash_test(client, *names, tape=with_session_id(crash_test.folder))
    assert found == {name: "crash" if name in wrong else "right" for name in names}


def test_the_length_and_letters_of_a_wordpress_nonce_stay(crash_test: CrashTest) -> None:
    crash_test("reading")
    reason = "not applicable: no value of this recording can be changed in this way"
    names = ("tokens/longer", "tokens/other-letters", "tokens/base64", "tokens/string-escapes")
    assert {name: crash_test.left_out().get(name) for name in names} == dict.fromkeys(names, reason)


def test_a_cookie_is_demanded_of_clients_that_send_it(crash_test: CrashTest) -> None:
    tape = tapes.write(crash_test.folder / "cookie.yaml", COOKIE_PAGE, COOKIE_ANSWER)
    assert crash_test("with_cookies", "tokens/fresh", "tokens/expired", tape=tape) == {
        "tokens/fresh": "right",
        "tokens/expired": "right",
    }
    assert crash_test("without_cookies", "tokens/fresh", "chunks/bytes", tape=tape) == {"chunks/bytes": "right"}
    assert (
        crash_test.left_out()["tokens/fresh"]
        == "not applicable: the client brings back no value that a response gave out"
    )


@pytest.mark.parametrize("client", ["double_submitting", "with_cookies"])
def test_a_value_that_follows_from_another_is_demanded_as_well(client: str, crash_test: CrashTest) -> None:
    cookie, header = "q83vEjRWeJCrze8SNFZ4kA%3D%3D", "q83vEjRWeJCrze8SNFZ4kA=="
    page, answer = json.loads(json.dumps([COOKIE_PAGE, COOKIE_ANSWER]).replace(f"sid={SID}", f"XSRF-TOKEN={cookie}"))
    answer["request"]["headers"]["X-XSRF-TOKEN"] = [header]
    tape = tapes.write(crash_test.folder / "double.yaml", page, answer)
    names = ("tokens/fresh", "tokens/expired")
    assert crash_test(client, *names, tape=tape) == dict.fromkeys(names, "right")


def test_a_value_in_the_path_finds_its_exchange(crash_test: CrashTest) -> None:
    tape = tapes.write(crash_test.folder / "rooms.yaml", *ROOMS)
    found = crash_test("following", tape=tape)
    assert found["tokens/fresh"] == found["tokens/expired"] == found["tokens/longer"] == "right"
    assert "tokens/base64" not in found


def test_without_a_token_there_is_nothing_to_run(crash_test: CrashTest) -> None:
    tape = tapes.write(crash_test.folder / "none.yaml", *json.loads(json.dumps(ROOMS).replace(ROOM, "lobby")))
    crash_test("following", "tokens/*", tape=tape)
    assert crash_test.code == 2
    reason = "not applicable: no request up to the answer brings back a value that a response gave out"
    assert f"the variant `tokens/*`: tokens/fresh is left out: {reason}" in crash_test.err
    assert crash_test("following", "chunks/bytes", "tokens/*", tape=tape) == {"chunks/bytes": "right"}
    assert f"left out, {reason}: " in crash_test.out
    assert dict(catalogue_of(load_played_recording([tape])).left_out)["tokens/missing"] == reason


def written(folder: Path, *exchanges: dict[str, Any], **entry: object) -> Path:
    """Return a recording with a block of one token that was changed by hand."""
    tape = tapes.write(folder / "block.yaml", *exchanges)
    assert run(["tokens", "--write", str(tape)]) == 0
    data = yaml.safe_load(tape.read_text())
    data["x-tokens"][0] |= entry
    tape.write_text(yaml.safe_dump(data, allow_unicode=True))
    return tape


def test_the_block_decides_what_a_value_is(crash_test: CrashTest) -> None:
    kept = {"class": "constant"}
    tape = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER, **kept)
    crash_test("reading", "tokens/*", tape=tape)
    assert crash_test.code == 2


def test_a_refused_request_has_its_exchange_again(crash_test: CrashTest) -> None:
    """The same question was recorded twice, with two answers: whoever is refused gets the first one next time."""
    other = json.loads(json.dumps(tapes.PAGE_ANSWER).replace("Hello", "Goodbye"))
    tape = tapes.write(crash_test.folder / "twice.yaml", tapes.PAGE, tapes.PAGE_ANSWER, other)
    found = crash_test("renewing", "tokens/expired/once", tape=tape, answer=2)
    assert found == {"tokens/expired/once": "recovered"}


def test_a_field_that_is_left_out_is_demanded_by_its_name_or_by_the_block(crash_test: CrashTest) -> None:
    assert crash_test("leaving_out", "tokens/fresh") == {"tokens/fresh": "crash"}
    exchanges = json.loads(json.dumps([tapes.PAGE, tapes.PAGE_ANSWER]).replace("nonce", "visit"))
    found = tapes.write(crash_test.folder / "visit.yaml", *exchanges)
    assert crash_test("leaving_out", "tokens/fresh", "chunks/bytes", tape=found) == {"chunks/bytes": "right"}
    declared = written(crash_test.folder, *exchanges)
    assert crash_test("leaving_out", "tokens/fresh", tape=declared) == {"tokens/fresh": "crash"}
    assert crash_test.reason("tokens/fresh").endswith("refused: `visit` (form:visit): it is missing")


def test_an_answer_that_takes_the_token_is_no_refusal_of_it(crash_test: CrashTest) -> None:
    tape = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER, refused={"interaction": 1})
    crash_test("reading", tape=tape)
    assert crash_test.code == 2
    assert "cannot act: response 1 is not a refusal of it: its request brings it back (`back`)" in crash_test.err


def test_values_that_the_client_makes_and_times_are_no_differences(crash_test: CrashTest) -> None:
    made = {"rid": "8f14e45fceea167a5a36dedd4bea2543", "stamp": "1795651201234", "action": "asked"}
    answer = json.loads(json.dumps(tapes.PAGE_ANSWER))
    answer["request"]["body"] += "".join(f"&{name}={value}" for name, value in made.items())
    found = [{"class": "client", "name": "rid"}, {"class": "clock", "name": "stamp"}]
    entry = {"shape": {"alphabet": "any", "length": 13}}
    tape = tapes.write(crash_test.folder / "own.yaml", tapes.PAGE, answer)
    data = yaml.safe_load(tape.read_text())
    back = {each["name"]: [{"interaction": 1, "place": f"form:{each['name']}"}] for each in found}
    data["x-tokens"] = [{**entry, **each, "back": back[each["name"]]} for each in found]
    tape.write_text(yaml.safe_dump(data, allow_unicode=True))
    crash_test("reading", "status/500", tape=tape)
    (line,) = [each for each in crash_test.card["remarks"] if "differs from the recording" in each]
    assert "action" in line


def test_a_recorded_refusal_refuses(crash_test: CrashTest) -> None:
    tape = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER, REFUSED, refused={"interaction": 2})
    assert crash_test("disguising", "tokens/expired", tape=tape) == {"tokens/expired": "disguised error"}
    assert WORDS in crash_test.reason("tokens/expired")


WORDS = "Go away, old nonce."
REFUSED = tapes.exchange(
    "POST",
    "https://chat.example.com/ajax",
    WORDS,
    kind="text/plain",
    status=410,
    sent="action=ask&nonce=0123456789&message=Hi",
)


@pytest.mark.parametrize("how", ["with the block", "without"])
def test_the_refusal_of_another_recording_counts(how: str, crash_test: CrashTest) -> None:
    """Several files are one recording: a refusal is found wherever it was recorded."""
    folder = crash_test.folder / "story"
    folder.mkdir()
    tapes.write(folder / "1.yaml", tapes.PAGE, tapes.PAGE_ANSWER)
    tapes.write(folder / "2.yaml", REFUSED)
    if how == "with the block":
        assert run(["tokens", "--write", str(folder / "1.yaml")]) == 0
    assert crash_test("disguising", "tokens/expired", tape=folder, answer=2) == {"tokens/expired": "disguised error"}
    assert WORDS in crash_test.reason("tokens/expired")
    assert crash_test.card["remarks"] == []


def test_a_block_counts_the_interactions_of_its_own_file(crash_test: CrashTest) -> None:
    folder = crash_test.folder / "story"
    folder.mkdir()
    tapes.write(folder / "1.yaml", tapes.exchange("GET", "https://chat.example.com/", "<p>hi</p>", kind="text/html"))
    block = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER, REFUSED, refused={"interaction": 2})
    block.rename(folder / "2.yaml")
    assert crash_test("disguising", "tokens/expired", tape=folder, answer=3) == {"tokens/expired": "disguised error"}
    assert WORDS in crash_test.reason("tokens/expired")


def test_an_unknown_refusal_is_reported_as_assumed(crash_test: CrashTest) -> None:
    crash_test("reading", "tokens/expired")
    line = "is refused with general words and status 403, which is assumed: the recording holds no refusal"
    assert crash_test.card["remarks"] == [f"a wrong `nonce` {line}"]
    assert f"a wrong `nonce` {line}" in " ".join(crash_test.out.split())
    crash_test("reading", "chunks/bytes")
    assert crash_test.card["remarks"] == []


def test_a_status_of_the_block_is_taken_and_the_words_are_assumed(crash_test: CrashTest) -> None:
    tape = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER, refused={"status": 419})
    crash_test("disguising", "tokens/expired", tape=tape)
    assert crash_test.card["results"][0]["printed"] == "The token is not accepted.\n"
    assert crash_test.card["remarks"] == [
        "a wrong `nonce` is refused with general words, which is assumed: the recording holds no refusal"
    ]


def test_a_pack_without_effect_is_reported(crash_test: CrashTest) -> None:
    crash_test("reading", "chunks/bytes", pack="recorded")
    assert "`--pack recorded` has no effect: no variant of tokens/* was run" in " ".join(crash_test.out.split())
    crash_test("reading", "tokens/expired", pack="recorded")
    assert "has no effect" not in crash_test.out
    crash_test("reading", "tokens/expired", pack="absent")
    assert crash_test.code == 2
    assert "no such site pack: `absent`" in crash_test.err


def test_a_token_that_never_came_is_one_sentence(crash_test: CrashTest) -> None:
    tape = written(crash_test.folder, tapes.PAGE, tapes.PAGE_ANSWER)
    tape.write_text(tape.read_text().replace(f'data-nonce="{NONCE}"', 'data-nonce="0f0f0f0f0f"'))
    crash_test("reading", tape=tape)
    assert crash_test.code == 2
    _, line = crash_test.err.strip().splitlines()  # the first is of `tokens --write`
    assert "the token `nonce` cannot act" in line
    assert "does not hold its value" in line
    assert "(repair it, or remove x-tokens and run `chatgptfree-mock tokens --write`)" in line


def test_a_recording_without_the_page_of_its_token_names_it_and_what_to_record(crash_test: CrashTest) -> None:
    tape = tapes.write(crash_test.folder / "answer.yaml", tapes.PAGE_ANSWER)
    line = (
        "`nonce` of #1 is given out by no response before it: it is not demanded back; "
        "record the session from the page on that holds it"
    )
    assert crash_test("hard_coded", "status/500", tape=tape) == {"status/500": "right"}
    assert crash_test.card["remarks"][-1] == line
    crash_test("hard_coded", tape=tape)
    assert f"`tokens/*`: tokens/fresh is left out: not applicable: {line}" in crash_test.err


def test_what_the_answer_gives_out_is_fresh_as_well(crash_test: CrashTest) -> None:
    """A recording of several files, whose answer has an id that is sent later."""
    answer = json.loads(json.dumps(tapes.PAGE_ANSWER).replace("Hello", NONCE[::-1] + " hello"))
    folder = crash_test.folder / "story"
    folder.mkdir()
    tapes.write(folder / "1.yaml", tapes.PAGE)
    tapes.write(folder / "2.yaml", answer)
    assert crash_test("reading", "tokens/fresh", "tokens/missing", tape=folder) == {
        "tokens/fresh": "right",
        "tokens/missing": "right",
    }
