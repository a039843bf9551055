"""Clients that share no code with this project: curl, Node's fetch, EventSource from npm; see `tox -e clients`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatgptfree_mock.serving import MockSite

pytestmark = [pytest.mark.other_clients, pytest.mark.timeout(300)]

TEXT = "Hello 👋, it's « fine »"
AJAX = "/wp-admin/admin-ajax.php"
SCRIPT = Path(__file__).parent / "node" / "ask.mjs"
Fields = dict[str, str]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not installed; these tests were asked for and need it")
    return found


@pytest.fixture(scope="session")
def modules() -> Path:
    """Install EventSource once, into a folder that stays."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chatgptfree-tests"
    if not (cache / "node_modules" / "eventsource").is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        command = [program("npm"), "install", "--no-audit", "--no-fund", "--prefix", str(cache), "eventsource@3"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"EventSource can't be installed: {' '.join(command)}\n{done.stderr}")
    return cache


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[MockSite]:
    with MockSite(plugin=request.param, reply=TEXT, delivery="chunks=utf8 pace=instant") as running:
        yield running


def on(*releases: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("site", releases, indirect=True)


def classic(site: MockSite) -> Fields:
    """Return the six fields that clients have sent for years."""
    return {
        "_wpnonce": site.nonce,
        "post_id": "261",
        "url": f"{site.url}/chat",
        "action": "wpaicg_chat_shortcode_message",
        "message": "Hello",
        "bot_id": "0",
    }


def curl(url: str, fields: Fields, *, get: bool = False) -> str:
    data = [part for name, value in fields.items() for part in ("--data-urlencode", f"{name}={value}")]
    command = [program("curl"), "--silent", "--show-error", "--no-buffer", *(["--get"] if get else []), *data, url]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def node(how: str, site: MockSite, fields: Fields, modules: Path | None = None) -> subprocess.CompletedProcess[str]:
    asked = json.dumps({"how": how, "url": site.url + AJAX, "fields": fields, "modules": str(modules)})
    return subprocess.run([program("node"), str(SCRIPT), asked], capture_output=True, text=True, check=False)


def cached(site: MockSite) -> Fields:
    """Put a message into AIPKit's cache with curl and return the fields of the stream."""
    with urllib.request.urlopen(site.url + "/chat/") as response:
        # Other elements of the page look like a chat; only its own configuration has the address for questions.
        bot = re.findall(r"data-bot-id=\"(\d+)\" data-config='[^']*ajaxUrl", response.read().decode())[0]
    fields = {"_ajax_nonce": site.nonce, "bot_id": bot}
    reply = json.loads(curl(site.url + AJAX, {**fields, "action": "aipkit_cache_sse_message", "message": "Hello"}))
    visit = {"session_id": "s-1", "conversation_uuid": "c-1", "post_id": "261"}
    return {**fields, **visit, "action": "aipkit_frontend_chat_stream", "cache_key": reply["data"]["cache_key"]}


def deltas(stream: str) -> str:
    data = [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith('data: {"')]
    values = [json.loads(each) for each in data]
    return "".join(
        value["delta"] if "delta" in value else value["choices"][0]["delta"].get("content", "")
        for value in values
        if "delta" in value or value.get("choices")
    )


@on("1.8.79", "1.8.93")
def test_curl_gets_the_answer_with_the_six_fields(site: MockSite) -> None:
    assert deltas(curl(site.url + AJAX, classic(site))) == TEXT


@on("1.8.79", "1.8.93")
def test_fetch_gets_the_answer_with_the_six_fields(site: MockSite) -> None:
    done = node("POST", site, classic(site))
    assert (done.stdout, done.stderr) == (TEXT, "")


@on("1.8.79")
def test_event_source_gets_the_answer_where_fields_may_be_in_the_query(site: MockSite, modules: Path) -> None:
    done = node("eventsource", site, classic(site), modules)
    assert (done.stdout, done.stderr) == (TEXT, "")


@on("1.8.93")
def test_event_source_fails_where_fields_must_be_posted(site: MockSite, modules: Path) -> None:
    done = node("eventsource", site, classic(site), modules)
    assert (done.stdout, done.returncode) == ("", 1)


@on("2.3", "2.4.71")
def test_the_six_fields_are_unknown_to_generation_2(site: MockSite) -> None:
    assert curl(site.url + AJAX, classic(site)) == "0"
    done = node("POST", site, classic(site))
    assert (done.stdout, done.stderr) == ("", "400 0\n")


@on("2.3", "2.4.71")
def test_curl_gets_the_answer_in_two_calls(site: MockSite) -> None:
    assert deltas(curl(site.url + AJAX, cached(site), get=True)) == TEXT


@on("2.3", "2.4.71")
def test_fetch_gets_the_answer_in_two_calls(site: MockSite) -> None:
    done = node("GET", site, cached(site))
    assert (done.stdout, done.stderr) == (TEXT, "")


@on("2.3", "2.4.71")
def test_event_source_gets_the_answer_in_two_calls(site: MockSite, modules: Path) -> None:
    done = node("eventsource", site, cached(site), modules)
    assert (done.stdout, done.stderr) == (TEXT, "")
