"""An exported HAR is read by the importer of Chromium's own developer tools, bodies and times included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.tape.har.exporting import to_har

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FRONTEND = "devtools://devtools/bundled/devtools_app.html"
IMPORT = """async (text) => {
    const har = await import('./models/har/har.js');
    const root = new har.HARFormat.HARRoot(JSON.parse(text));
    const [request] = har.Importer.Importer.requestsFromHARLog(root.log);
    const content = await request.requestContentData();
    return {
        url: request.url(),
        method: request.requestMethod,
        status: request.statusCode,
        duration: request.duration,
        headers: request.responseHeaders.map(header => [header.name, header.value]),
        text: content.text,
    };
}"""


@pytest.mark.parametrize("name", ["1.8.93/up_half_s", "1.8.93/msg_ok_b", "2.4.71/stream_ok", "1.8.93/nonce_bad_s"])
async def test_developer_tools_load_what_is_exported(name: str, browser: Browser) -> None:
    (path,) = (path for path in recording_paths() if recording_id(path) == name)
    (interaction,) = recording(path).interactions
    page = await browser.new_page()
    await page.goto(FRONTEND)
    imported = await page.evaluate(IMPORT, json.dumps(to_har(recording(path), version="1")))
    await page.close()
    response = interaction.response
    assert imported["url"] == interaction.request.uri
    assert imported["method"] == interaction.request.method
    assert imported["status"] == response.status
    assert imported["duration"] == pytest.approx(response.chunks[-1][0] / 1000, abs=0.002)
    assert imported["headers"] == [list(pair) for pair in response.headers]
    assert imported["text"] == response.body.decode()
