"""The control API, walked along its own OpenAPI document, and what each call does."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
import pytest_asyncio
from tests.support.handlers import ended, handlers
from tests.support.raw_client import RawClient

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.settings import SettingsPart
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.server import control
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.live import LiveReply, PendingReply
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.tape.files import recorded_file
from chatgptfree_mock.tape.replay_options import ReplayOptions

DOCUMENT = control.document(registry.load(DEFAULT_PACK).Settings)
OPERATIONS = [
    pytest.param(path, method, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
]


class Api:
    """A mock and a session on its control API."""

    def __init__(self, site: MockSite, session: aiohttp.ClientSession) -> None:
        self.site, self.session = site, session

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.session.request(method, self.site.url + control.API + path, json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def visit(self, path: str = "/chat/") -> None:
        async with self.session.get(self.site.url + path) as response:
            await response.read()


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with (
        MockSite(plugin="1.8.93", delivery="pace=instant") as site,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {site.server.api_token}"}) as session,
    ):
        yield Api(site, session)


def check(value: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"], "$schema": "https://json-schema.org/draft/2020-12/schema"}
    jsonschema.validate(value, whole)


@pytest.mark.filterwarnings("ignore:the fault `reset` was not applied")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.asyncio
async def test_every_operation_answers_as_documented(api: Api, path: str, method: str) -> None:
    await api.visit()
    operation = DOCUMENT["paths"][path][method]
    named = [*DOCUMENT["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    for parameter in named:
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", parameter["example"])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        check(body["example"], body["schema"])
    call = api.session.request(method, api.site.url + control.API + path, json=body.get("example"))
    async with call as response:
        promised = operation["responses"][str(response.status)]
        content = promised.get("content")
        if content is None:
            assert await response.read() == b""
            return
        assert response.content_type in content
        data = await response.content.readline() if path.endswith("/follow") else await response.read()
        check(json.loads(data), content[response.content_type]["schema"])


@pytest.mark.asyncio
async def test_scenarios_are_listed_by_name_title_and_path(api: Api) -> None:
    status, found = await api.call("GET", "/scenarios?glob=nonce/expired-403")
    assert status == 200
    assert [(sorted(each), each["path"]) for each in found] == [(["name", "path", "title"], "/s/nonce/expired-403/")]


@pytest.mark.asyncio
async def test_the_document_and_the_server_know_the_same_calls(api: Api) -> None:
    listed = {
        (method.upper(), control.API + path)
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
        if method != "parameters"
    }
    there = {(route.method, route.path) for route in control.routes() if route.method != "*"}
    assert listed == there
    assert await api.call("GET", "/openapi.json") == (200, DOCUMENT)


class Exchange(SettingsPart, frozen=True, kw_only=True):
    """A part of the settings that is named as one of the API's own values."""

    rate: float = 1.0


class Site(SettingsPart, frozen=True, kw_only=True):
    """The settings of a pack, named as one of the API's own values."""

    exchange: Exchange = Exchange()


def test_a_pack_may_name_the_parts_of_its_settings_as_it_likes() -> None:
    schemas = control.document(Site)["components"]["schemas"]
    own = DOCUMENT["components"]["schemas"]
    assert {name: schemas[name] for name in ("Site", "Exchange")} == {name: own[name] for name in ("Site", "Exchange")}
    jsonschema.validate(
        {"settings": {"exchange": {"rate": 2.5}}},
        {"$ref": "#/components/schemas/NewSite", "components": {"schemas": schemas}},
    )
    with pytest.raises(jsonschema.ValidationError, match="'fee' was unexpected"):
        jsonschema.validate(
            {"settings": {"exchange": {"fee": 2.5}}},
            {"$ref": "#/components/schemas/NewSite", "components": {"schemas": schemas}},
        )


@pytest.mark.asyncio
async def test_a_mistyped_key_in_the_delivery_of_a_new_site_is_named_with_its_place(api: Api) -> None:
    status, found = await api.call("POST", "/sites", {"delivery": {"chunk": "utf8"}})
    assert status == 400
    assert "unknown key `chunk` - at `$.delivery`; did you mean `chunks`?" in found["error"]


@pytest.mark.asyncio
async def test_a_site_is_added_changed_and_dropped(api: Api) -> None:
    status, site = await api.call("POST", "/sites", {"name": "mine", "settings": {"plugin": "1.8.79"}})
    assert (status, site["path"], site["plugin"]) == (201, "/site/mine/", "1.8.79")
    assert (await api.call("PATCH", "/sites/mine/settings", {"model": {"reply": "Changed"}}))[1]["plugin"] == "1.8.79"
    changed = (await api.call("GET", "/sites/mine"))[1]
    assert changed["settings"]["model"]["reply"] == "Changed"
    assert (await api.call("PUT", "/sites/mine/delivery", {"chunks": "utf8"}))[1]["delivery"] == "chunks=utf8"
    await api.visit("/site/mine/chat/")
    assert (await api.call("GET", "/sites/mine"))[1]["requests"] == 1
    assert (await api.call("DELETE", "/sites/mine"))[0] == 204
    assert (await api.call("GET", "/sites/mine"))[0] == 404
    async with api.session.get(api.site.url + "/site/mine/chat/") as response:
        assert response.status == 404


@pytest.mark.asyncio
async def test_turning_a_sites_clock_ages_its_nonces_and_nobody_elses(api: Api) -> None:
    await api.call("POST", "/sites", {"name": "other", "settings": {"plugin": "1.8.93"}})
    before = (await api.call("GET", "/sites/root"))[1]
    after = (await api.call("POST", "/sites/root/clock", {"turn": 25 * 3600}))[1]
    assert after["nonce"] != before["nonce"]
    assert (await api.call("GET", "/sites/other"))[1]["nonce"] == before["nonce"]


@pytest.mark.asyncio
async def test_the_journal_is_read_filtered_and_cleared(api: Api) -> None:
    await api.visit("/chat/")
    await api.visit("/nowhere/")
    assert (await api.call("GET", "/journal"))[1]["total"] == 2
    found = (await api.call("GET", "/journal?status=404&site=root"))[1]["exchanges"]
    assert [exchange["request"]["target"] for exchange in found] == ["/nowhere/"]
    assert (await api.call("DELETE", "/journal"))[0] == 204
    assert (await api.call("GET", "/journal"))[1]["exchanges"] == []


@pytest.mark.asyncio
async def test_the_journal_is_followed_as_events(api: Api) -> None:
    address = api.site.url + control.API + "/journal/follow"
    async with api.session.get(address, headers={"Accept": "text/event-stream"}) as response:
        await api.visit()
        assert await response.content.readline() == b"id: 1\n"
        data = await response.content.readline()
    assert json.loads(data.removeprefix(b"data: "))["request"]["target"] == "/chat/"


@pytest.mark.parametrize("shared", [False, True], ids=["one process", "workers"])
@pytest.mark.asyncio
async def test_a_follower_that_leaves_ends_at_once(tmp_path: Path, shared: bool) -> None:
    """No exchange comes that would show the server that nobody reads any more."""
    config = ServerConfig(shared=tmp_path if shared else None)
    async with MockServer(config) as server, RawClient(server.url) as client:
        token = f"Bearer {server.api_token}"
        path = control.API + "/journal/follow"
        client.writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n".encode())
        await client.reader.readuntil(b"\r\n\r\n")
        running = handlers()
        assert len(running) == 1
        client.writer.transport.abort()
        assert await ended(running)


@pytest.mark.asyncio
async def test_a_live_answer_is_pushed_over_the_api(api: Api) -> None:
    assert (await api.call("PUT", "/sites/root/live", {"live": True}))[1]["live"] is True
    fields = {"_wpnonce": api.site.nonce, "action": "wpaicg_chat_shortcode_message", "message": "Hi", "bot_id": "0"}
    asked = asyncio.create_task(api.session.post(api.site.url + "/wp-admin/admin-ajax.php", data=fields))
    assert (await api.call("POST", "/sites/root/live", {"push": "Hel"}))[0] == 204
    response = await asked
    await response.content.readuntil(b'"content":"Hel"')
    assert (await api.call("POST", "/sites/root/live", {"raw": "data: x\n\n"}))[0] == 204
    await response.content.readuntil(b"data: x\n\n")
    assert (await api.call("POST", "/sites/root/live", {"end": True}))[0] == 204
    assert (await response.read()).endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        pytest.param("POST", "/sites", {"settings": {"plugn": "1"}}, 400, "did you mean `plugin`", id="a setting"),
        pytest.param("POST", "/sites", {"settings": {"plugin": "9"}}, 404, "unknown plugin release", id="a release"),
        pytest.param("POST", "/sites", {"name": "root"}, 409, "not a name for a site", id="a reserved name"),
        pytest.param("POST", "/sites", {"name": "../x"}, 409, "not a name for a site", id="a name that is a path"),
        pytest.param("DELETE", "/sites/root", None, 409, "as long as the server", id="the root site"),
        pytest.param("DELETE", "/sites/v%2F2.3", None, 409, "on another release", id="the root site on a release"),
        pytest.param("DELETE", "/sites/none", None, 404, "no site `none`", id="no such site"),
        pytest.param("PUT", "/sites/root/delivery", {"pace": "fast"}, 400, "fast", id="a word"),
        pytest.param("POST", "/sites/root/clock", {"turn": "x"}, 400, "$.turn", id="no number"),
        pytest.param("POST", "/sites/root/clock", {"turn": 1e300}, 400, "the year 9999", id="a time without dates"),
        pytest.param("POST", "/sites/root/clock", {"turn": -1e10}, 400, "can't be turned", id="a time before time"),
        pytest.param("POST", "/sites/root/live", {"push": "x"}, 409, "does not answer live", id="not live"),
        pytest.param("GET", "/journal?status=x", None, 400, "whole number", id="a filter"),
        pytest.param("GET", "/journal?statu=404", None, 400, "did you mean `status`", id="a filter that is none"),
        pytest.param("GET", "/journal?status=1&status=2", None, 400, "`status` is in the query twice", id="two"),
        pytest.param("DELETE", "/journal?site=root", None, 400, "query: `site`; this call takes none", id="no filter"),
        pytest.param("DELETE", "/journal", {"site": "root"}, 400, "no body with DELETE", id="a body that is not read"),
        pytest.param("GET", "/scenarios?golb=text", None, 400, "`golb`; did you mean `glob`?", id="a parameter"),
        pytest.param(
            "POST",
            "/journal/export",
            {"format": "har", "title": "A chat"},
            400,
            "`title` and `expect` are for a scenario",
            id="a title for a file without one",
        ),
        pytest.param("GET", "/releases/9", None, 404, "unknown plugin release", id="no such release"),
        pytest.param("GET", "/nothing?a=b", None, 404, "openapi.json", id="no such call"),
    ],
)
@pytest.mark.asyncio
async def test_errors_are_reported(api: Api, method: str, path: str, body: Any, status: int, message: str) -> None:
    got, reply = await api.call(method, path, body)
    assert (got, message in reply["error"]) == (status, True), reply


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff",
        b"[1]",
        b"nul",
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(b'{"a":' * 900 + b"1" + b"}" * 900, id="deep"),
        pytest.param(b" " * (17 * 1024 * 1024), id="too long"),
    ],
)
@pytest.mark.asyncio
async def test_invalid_json_is_reported(api: Api, data: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    address = api.site.url + control.API + "/sites/root/settings"
    async with api.session.put(address, data=io.BytesIO(data), headers=headers) as got:
        assert got.status == 400


@pytest.mark.asyncio
async def test_half_a_surrogate_pair_is_named(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    address = api.site.url + control.API + "/sites/root/settings"
    async with api.session.put(address, data=rb'{"title": "a\ud83d"}', headers=headers) as got:
        assert (await got.json())["error"] == "a text in the body has half of a surrogate pair, such as `\\ud83d` alone"
    async with api.session.put(address, data=rb'{"title": "a\ud83d", }', headers=headers) as got:
        assert "the body is not JSON" in (await got.json())["error"]


@pytest.mark.asyncio
async def test_a_key_that_is_sent_twice_is_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    address = api.site.url + control.API + "/sites/root/settings"
    async with api.session.put(address, data=b'{"model": {"reply": "a", "reply": "b"}}', headers=headers) as got:
        assert (got.status, await got.json()) == (400, {"error": "duplicate key `reply` - at `$.model.reply`"})


@pytest.mark.asyncio
async def test_a_refusal_may_be_preferred_as_data_but_for_a_wrong_token(api: Api) -> None:
    url, prefer = api.site.url + control.API + "/sites/nobody", {"Prefer": "refusal=data"}
    async with api.session.get(url, headers=prefer) as got:
        assert (got.status, got.headers["Preference-Applied"]) == (200, "refusal=data")
        refused = (await got.json())["refused"]
    assert refused["status"] == 404
    assert "nobody" in refused["error"]
    assert "`Prefer: refusal=data`" in DOCUMENT["info"]["description"]
    async with api.session.get(url, headers={**prefer, "Authorization": "Bearer wrong"}) as got:
        assert got.status == 401
    async with api.session.get(url.removesuffix("/nobody"), headers=prefer) as got:
        assert "Preference-Applied" not in got.headers


@pytest.mark.asyncio
async def test_a_push_whose_sender_has_gone_is_not_given_to_a_later_client(api: Api) -> None:
    waits, gave_up = asyncio.Event(), asyncio.Event()

    class Watched(LiveReply):
        async def asked(self) -> PendingReply:
            waits.set()
            try:
                return await super().asked()
            finally:
                gave_up.set()

    api.site.mounted.live = Watched()
    pushed = asyncio.create_task(api.call("POST", "/sites/root/live", {"push": "STALE"}))
    await waits.wait()
    pushed.cancel()
    await gave_up.wait()
    fields = {"_wpnonce": api.site.nonce, "action": "wpaicg_chat_shortcode_message", "message": "Hi", "bot_id": "0"}
    asked = asyncio.create_task(api.session.post(api.site.url + "/wp-admin/admin-ajax.php", data=fields))
    assert (await api.call("POST", "/sites/root/live", {"push": "fresh"}))[0] == 204
    assert (await api.call("POST", "/sites/root/live", {"end": True}))[0] == 204
    body = await (await asked).read()
    assert (b"fresh" in body, b"STALE" in body) == (True, False)


SECRET = "the-secret-of-this-file"
BROKEN = {
    "not YAML": f"{SECRET}: [\n",
    "another type": f"version: {SECRET}\ninteractions: {SECRET}\n",
    "an undefined alias": f"a: *{SECRET}\n",
    "a tag": f"!!python/object:{SECRET} {{}}\n",
    "an interaction": f"version: 1\ninteractions:\n- request: {{method: GET, uri: {SECRET}, {SECRET}: 1}}\n",
    "JSON": f'{{"{SECRET}": ',
}


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in BROKEN.items()])
@pytest.mark.asyncio
async def test_nothing_of_a_file_is_quoted_over_the_network(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "layer").mkdir()
    for name in ("x.yaml", "layer/own.yaml"):
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "layer/other.yaml").write_text(
        "title: t\nsite: {model: {cassette: ../x.yaml}}\nmessage: m\nexpect: {text: t}\n", encoding="utf-8"
    )
    async with MockServer(ServerConfig(scenarios=(tmp_path,))) as server, aiohttp.ClientSession() as session:
        headers, url = {"Authorization": f"Bearer {server.api_token}"}, server.url + control.API
        change = {"model": {"cassette": str(tmp_path / "x.yaml")}}
        for method, target, body in (
            ("PATCH", url + "/sites/root/settings", change),
            ("PUT", url + "/sites/root/settings", change),
            ("POST", url + "/sites", {"settings": change}),
            ("GET", url + "/scenarios", None),
            ("GET", server.url + "/s/layer/own/", None),
            ("GET", server.url + "/s/layer/other/", None),
        ):
            async with session.request(method, target, json=body, headers=headers) as response:
                answer = await response.text()
                assert response.status in (400, 404), answer
                assert SECRET not in answer
                assert ".yaml: the file cannot be used" in answer
        assert server.sites.root.settings.model.cassette is None
    assert "x.yaml" in caplog.text


@pytest.mark.parametrize(
    "kind", ["file", "pipe", "socket", "device", "missing", "link", "circle", "climb", "nul", "long"]
)
@pytest.mark.asyncio
async def test_no_file_outside_of_the_servers_folders_can_be_named(kind: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside.yaml"
    (inside / "layer").mkdir(parents=True)
    name = str(outside)
    if kind in ("file", "link", "climb"):
        outside.write_bytes(recorded_file("1.8.93", "msg_ok_s").read_bytes())
    if kind == "pipe":
        os.mkfifo(outside)
    if kind == "socket":
        name = "/dev/log"
    if kind == "device":
        name = "/dev/zero"
    if kind == "link":
        (inside / "link.yaml").symlink_to(outside)
        name = str(inside / "link.yaml")
    if kind == "circle":
        outside.symlink_to(outside)
    if kind == "climb":
        name = str(inside / ".." / "outside.yaml")
    name = {"nul": "x\0.yaml", "long": "x" * 5000}.get(kind, name)
    (inside / "layer/one.yaml").write_text(
        f"title: t\nsite: {{model: {{cassette: {json.dumps(name)}}}}}\nmessage: m\nexpect: {{text: t}}\n",
        encoding="utf-8",
    )
    async with MockServer(ServerConfig(scenarios=(inside,))) as server, aiohttp.ClientSession() as session:
        headers, url = {"Authorization": f"Bearer {server.api_token}"}, server.url + control.API
        for change in ({"model": {"cassette": name}}, {"bots": [{"model": {"cassette": name}}]}):
            async with session.patch(url + "/sites/root/settings", json=change, headers=headers) as response:
                assert (response.status, "is not below the folders" in await response.text()) == (400, True)
        async with session.get(server.url + "/s/layer/one/") as response:
            assert (response.status, "is not below the folders" in await response.text()) == (404, True)


@pytest.mark.parametrize("kind", ["file", "pipe", "folder", "short name"])
@pytest.mark.asyncio
async def test_files_in_the_servers_folders_are_read_if_they_are_files(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    if kind == "file":
        file.write_bytes(recorded_file("1.8.93", "msg_ok_s").read_bytes())
    if kind == "pipe":
        os.mkfifo(file)
    if kind == "folder":
        file.mkdir()
    name = "1.8.93/msg_ok_s" if kind == "short name" else str(file)
    async with MockServer(ServerConfig(files=(tmp_path,))) as server, aiohttp.ClientSession() as session:
        headers, url = {"Authorization": f"Bearer {server.api_token}"}, server.url + control.API
        change = {"plugin": "1.8.93", "model": {"cassette": name}}
        async with session.patch(url + "/sites/root/settings", json=change, headers=headers) as response:
            answer = await response.text()
            assert response.status == (200 if kind in ("file", "short name") else 400)
    problem = {"pipe": "not a regular file", "folder": "a directory, not a file"}.get(kind, "msg_ok_s")
    assert kind == "file" or problem in answer


@pytest.mark.asyncio
async def test_what_the_user_named_may_stay_when_something_else_changes(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(recorded_file("1.8.93", "msg_ok_s").read_bytes())
    async with MockSite(settings={"plugin": "1.8.93", "model": {"cassette": str(tmp_path / "x.yaml")}}) as site:
        headers, url = {"Authorization": f"Bearer {site.server.api_token}"}, site.url + control.API
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.patch(url + "/sites/root/settings", json={"title": "Other"}) as response,
        ):
            assert response.status == 200


@pytest.mark.asyncio
async def test_a_form_on_a_web_page_can_change_nothing(api: Api) -> None:
    async with api.session.post(api.site.url + control.API + "/sites", data={"name": "x"}) as response:
        assert response.status == 415


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": "Bearer wrong"}, id="another"),
        pytest.param({"Authorization": "Basic {token}"}, id="another scheme"),
        pytest.param({"Cookie": "token={token}"}, id="a cookie"),
    ],
)
@pytest.mark.asyncio
async def test_every_operation_but_the_document_wants_the_token(
    api: Api, path: str, method: str, given: dict[str, str]
) -> None:
    mounted = api.site.mounted
    before = mounted.settings, mounted.delivery, len(list(api.site.server.sites))
    headers = {name: value.format(token=api.site.server.api_token) for name, value in given.items()}
    operation = DOCUMENT["paths"][path][method]
    public = operation.get("security") == []
    assert public == (path == "/openapi.json")
    url = api.site.url + control.API + path.replace("{name}", "root").replace("{release}", "2.3")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    async with aiohttp.ClientSession() as stranger, stranger.request(method, url, json=body, headers=headers) as got:
        assert got.status == (200 if public else 401)
        if not public:
            assert got.headers["WWW-Authenticate"].startswith("Bearer")
            assert api.site.server.api_token not in await got.text()
    assert (mounted.settings, mounted.delivery, len(list(api.site.server.sites))) == before
    assert mounted.live is None
    assert mounted.clock.time() < time.time() + 3600


@pytest.mark.asyncio
async def test_two_servers_have_different_tokens_and_one_may_be_given() -> None:
    tokens = {MockServer().api_token for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 32
    assert MockServer(ServerConfig(api_token="mine")).api_token == "mine"


@pytest.mark.parametrize("token", ["", "two words", "é", "a\r\nb", "#", "=a"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="letters, digits"):
        MockServer(ServerConfig(api_token=token))


def test_no_token_is_in_the_repr_of_what_a_server_is_made_of() -> None:
    assert "hidden" not in repr(ServerConfig(api_token="hidden")) + repr(Access.make("hidden"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("evil.example", 403, id="a foreign name that leads here"),
        pytest.param("evil.example:8080", 403, id="with a port"),
        pytest.param("[evil", 403, id="no name at all"),
        pytest.param("localhost:1", 200, id="localhost"),
        pytest.param("mock.localhost", 200, id="a name below localhost"),
        pytest.param("[::1]:80", 200, id="an address"),
        pytest.param("192.0.2.7:80", 200, id="an address of another network"),
        pytest.param(socket.gethostname(), 200, id="the name of this machine"),
        pytest.param("Mock.Internal.:8080", 200, id="a name that was given"),
        pytest.param("localhost.evil.example", 403, id="a name that begins as one's own"),
    ],
)
@pytest.mark.parametrize("listens", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.asyncio
async def test_a_web_page_can_not_come_by_a_name_of_its_own(listens: str, host: str, status: int) -> None:
    async with MockServer(ServerConfig(api_hosts=("mock.internal",)), host=listens) as server:
        url = server.url.replace(listens, "127.0.0.1") + control.API + "/sites"
        headers = {"Host": host, "Authorization": f"Bearer {server.api_token}"}
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
            assert response.status == status


@pytest.mark.parametrize("host", ["a b", "", "a:80", "http://a", "*.a", "a/b", "x" * 64, "a..b"])
def test_a_host_name_that_no_request_can_have_is_refused(host: str) -> None:
    with pytest.raises(
        SettingsError, match=re.escape(f"`{host}` is not a host for the control API; write only its name")
    ):
        Access.make(None, [host])


@pytest.mark.parametrize(("listens", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])
@pytest.mark.asyncio
async def test_a_server_that_other_machines_reach_warns(
    listens: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with MockServer(host=listens):
        pass
    assert ("can be reached from other machines" in caplog.text) == warned


@pytest.mark.asyncio
async def test_no_service_worker_can_be_installed_by_a_page_that_is_served(api: Api) -> None:
    url = api.site.url + "/wp-content/worker.js"
    async with api.session.get(url, headers={"Service-Worker": "script"}) as response:
        assert (response.status, "service workers" in await response.text()) == (403, True)


@pytest.mark.asyncio
async def test_the_console_is_served_and_brings_all_it_needs(api: Api) -> None:
    async with api.session.get(api.site.url + "/__mock__") as response:
        assert response.url.path == "/__mock__/"
        page = await response.text()
    assert "//" not in page.replace("<!doctype", "")
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert api.site.server.api_token not in page
    for name in ("console.css", "console.js"):
        assert name in page
        async with api.session.get(f"{api.site.url}/__mock__/{name}") as response:
            assert response.status == 200


@pytest.mark.asyncio
async def test_recorded_answers_cannot_be_pushed(api: Api) -> None:
    settings = {"plugin": "1.8.93", "model": {"cassette": "1.8.93/msg_ok_s"}}
    await api.call("POST", "/sites", {"name": "tape", "settings": settings})
    status, reply = await api.call("PUT", "/sites/tape/live", {"live": True})
    assert (status, "recorded ones" in str(reply)) == (409, True)
    assert (await api.call("POST", "/sites/tape/live", {"push": "x"}))[0] == 409


@pytest.mark.asyncio
async def test_a_site_whose_answers_are_pushed_takes_no_recording(api: Api) -> None:
    await api.call("PUT", "/sites/root/live", {"live": True})
    status, reply = await api.call("PATCH", "/sites/root/settings", {"model": {"cassette": "1.8.93/msg_ok_s"}})
    assert (status, "are live" in str(reply)) == (400, True)


@pytest.mark.asyncio
async def test_sites_that_are_added_match_as_the_server_does() -> None:
    config = ServerConfig(replay=ReplayOptions(match_on=("method", "path")))
    async with MockServer(config) as server, aiohttp.ClientSession() as session:
        settings = site_from({"plugin": "1.8.93", "model": {"cassette": "1.8.93/msg_ok_s"}})
        mounted = server.sites.add(choose_site(settings), AS_RECORDED)
        form = {"action": "wpaicg_chat_shortcode_message", "message": "other", "_wpnonce": mounted.site.nonce()}
        async with session.post(f"{server.url}{mounted.path}wp-admin/admin-ajax.php", data=form) as response:
            assert response.status == 200
