"""The crash test's report in a real Chromium: on a phone, on a desk, in the dark and on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.chromium import Tab, tab
from tests.support.contrast import faint, overflow

from chatgptfree_mock.crashtest.recording import documents
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.scenarios import documents as scenario_documents
from chatgptfree_mock.crashtest.scenarios import regressions
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.sites.aipower.releases import built_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = "x" * 300
SENT = CaseExchange(
    request="POST /wp-admin/admin-ajax.php action=wpaicg_chat_shortcode_message",
    response="200 text/event-stream;charset=UTF-8",
    chunks=[1, 250, 900] * 60,
    ended="truncated",
    why=["the server streams"],
)


def result(scenario: str, plugin: str, verdict: Verdict) -> Result:
    return Result(
        scenario=scenario,
        title="An answer of one long word, and <b>markup</b>",
        plugin=plugin,
        chunks="utf8",
        verdict=verdict,
        reason="it printed nothing and exited with 0",
        expected=LONG,
        printed="<script>document.title = 'broken in'</script>",
        stderr=LONG,
        exchanges=[] if verdict is Verdict.RIGHT else [SENT],
        again=f"chatgptfree-mock crashtest --scenario {scenario} -- {LONG}",
    )


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Write the report of two scenarios on all releases, which turn at 1.8.91 and at 2.3."""
    results = []
    for name, verdict in (("nonce/expired-403", Verdict.SILENT_LOSS), ("page/a-very-long-name-indeed", Verdict.CRASH)):
        turned = False
        for release in built_in().releases:
            turned = turned or release.name == ("1.8.91" if verdict is Verdict.SILENT_LOSS else "2.3")
            results.append(result(name, release.name, verdict if turned else Verdict.RIGHT))
    file = tmp_path / "report.html"
    card = Card(client=f"client {LONG}", results=results)
    file.write_bytes(scenario_documents.html(card, regressions.turning_points(results)))
    return file.as_uri()


@pytest.fixture
def recording_address(tmp_path: Path) -> str:
    """Write the report of a few variants of a recording, of two grades."""
    sent = CaseExchange(
        request="#1 POST /", response="cut/half", chunks=[100, 50], ended="truncated", faults=[("cut", 150)]
    )
    results = [
        variant("chunks/bytes", VariantVerdict.RIGHT, printed="Hé 👋 whole"),
        variant("json/escapes", VariantVerdict.WRONG, grade=2, printed="He 👋 whole"),
        variant("cut/half", VariantVerdict.SILENT_LOSS, kind="breakage", printed="Hé", exchanges=[sent]),
    ]
    card = VariantCard(
        client="client", recording="tape.yaml", answer="#1 POST /", reference_output="Hé 👋 whole", results=results
    )
    file = tmp_path / "recording.html"
    facts = RunFacts(command="chatgptfree-mock crashtest --cassette tape.yaml", when=datetime(2026, 11, 27, tzinfo=UTC))
    file.write_bytes(documents.html(card, facts))
    return file.as_uri()


def variant(
    name: str, verdict: VariantVerdict, *, kind: str = "equivalent", grade: int = 1, **more: Any
) -> VariantResult:
    return VariantResult(
        variant=name,
        kind=kind,
        grade=grade,
        source="RFC 9112",
        verdict=verdict,
        reason="because",
        again="again",
        **more,
    )


async def open_details(opened: Tab) -> None:
    for summary in await opened.page.locator("summary:visible").all():
        await summary.click()


async def shown(opened: Tab) -> list[str]:
    """Return the names of the cases that are shown."""
    return [await each.get_attribute("id") or "" for each in await opened.page.locator(".case:not([hidden])").all()]


async def test_it_fits_a_phone_also_with_the_details_open(phone: Tab, address: str) -> None:
    await phone.page.goto(address)
    assert await overflow(phone.page) <= 0
    await open_details(phone)
    assert await phone.page.get_by_text("it printed nothing and exited with 0").first.is_visible()
    assert await phone.page.locator(".wire i").first.is_visible()
    assert await overflow(phone.page) <= 0


async def test_the_matrix_has_a_cell_per_release_and_the_turning_point_is_named(desk: Tab, address: str) -> None:
    await desk.page.goto(address)
    assert await desk.page.locator(".matrix tbody tr").count() == 2
    assert await desk.page.locator(".matrix tbody td i").count() == 2 * len(built_in().releases)
    points = await desk.page.locator(".points > li").all_inner_texts()
    assert "right up to 1.8.90; silent loss since 1.8.91" in points[0]
    assert "A refused nonce gets 403" in points[0]
    assert await desk.page.locator("#failures details").count() == 2  # once per way to fail, not once per release


async def test_what_clients_print_is_text_and_nothing_is_loaded(desk: Tab, address: str) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    await desk.page.goto(address)
    await open_details(desk)
    assert await desk.page.title() == f"Crash test: client {LONG}"
    assert asked == [address]


async def test_paper_holds_the_details_too(desk: Tab, address: str) -> None:
    await desk.page.goto(address)
    await desk.page.pdf()
    assert await desk.page.locator("details:not([open])").count() == 0


async def test_colours_have_contrast_in_dark_mode(browser: Browser, address: str) -> None:
    async with tab(browser, dark=True) as opened:
        await opened.page.goto(address)
        paper = await opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(18, 22, 29)"
        assert opened.complaints == []


async def test_cases_are_filtered_by_verdict_layer_and_words(desk: Tab, address: str) -> None:
    await desk.page.goto(address)
    assert await shown(desk) == ["nonce/expired-403", "page/a-very-long-name-indeed"]
    assert not await desk.page.locator("#others").is_visible()
    await desk.page.get_by_role("checkbox", name="crash").uncheck()
    assert await shown(desk) == ["nonce/expired-403"]
    await desk.page.get_by_role("checkbox", name="right").check()
    assert len(await shown(desk)) == 3
    await desk.page.get_by_label("layer").select_option("page")
    assert len(await shown(desk)) == 1
    assert await desk.page.locator("#count").inner_text() == "1 of 4 shown"
    await desk.page.get_by_role("button", name="Reset").click()
    await desk.page.get_by_label("contains").fill("EXPIRED silent")
    await desk.page.locator("#count", has_text="0 of 4 shown").wait_for()
    await desk.page.get_by_label("contains").fill("EXPIRED nothing")
    assert await shown(desk) == ["nonce/expired-403"]


async def test_variants_are_filtered_by_grade_and_family(desk: Tab, recording_address: str) -> None:
    await desk.page.goto(recording_address)
    assert await shown(desk) == ["json/escapes", "cut/half"]
    await desk.page.get_by_label("grade").select_option("2")
    assert await shown(desk) == ["json/escapes"]
    await desk.page.get_by_label("family").select_option("cut")
    assert await shown(desk) == []


@pytest.mark.parametrize("name", ["cut/half", "chunks/bytes"])
async def test_a_link_opens_its_case_whatever_its_verdict(desk: Tab, recording_address: str, name: str) -> None:
    await desk.page.goto(f"{recording_address}#{name}")
    await desk.page.locator(f'.case[id="{name}"][open]').wait_for()
    assert name in await shown(desk)
    other = "json/escapes"
    await desk.page.locator(f'.case[id="{other}"] summary').click()
    await desk.page.locator(f'.case[id="{other}"] dd a').click()
    assert (await desk.page.evaluate("location.hash")) == f"#{other}"


async def test_a_link_to_nothing_does_no_harm(desk: Tab, recording_address: str) -> None:
    await desk.page.goto(f"{recording_address}#100%")
    assert await shown(desk) == ["json/escapes", "cut/half"]
    assert await desk.page.locator(".case[open]").count() == 0


async def test_a_link_leads_to_one_release_of_a_case(desk: Tab, address: str) -> None:
    await desk.page.goto(f"{address}#nonce/expired-403/2.4.71/utf8")
    await desk.page.locator('.case[id="nonce/expired-403"][open]').wait_for()
    await desk.page.evaluate("location.hash = '#nonce/expired-403/1.8.79/utf8'")  # right on that one
    await desk.page.locator('#others .case[open][data-verdict="right"]').wait_for()


async def test_texts_are_compared_and_the_place_of_the_fault_is_marked(desk: Tab, recording_address: str) -> None:
    await desk.page.goto(recording_address)
    await open_details(desk)
    wrong = desk.page.locator('.case[id="json/escapes"] .text')
    assert (await wrong.locator("del").all_inner_texts(), await wrong.locator("ins").all_inner_texts()) == (
        ["é"],
        ["e"],
    )
    lost = desk.page.locator('.case[id="cut/half"]')
    assert await lost.locator(".text del").all_inner_texts() == [" 👋 whole"]
    line, mark = await lost.locator(".wire").bounding_box(), await lost.locator(".wire b").first.bounding_box()
    assert line is not None
    assert mark is not None
    assert abs(mark["x"] - (line["x"] + line["width"])) < 2
    assert "truncated at byte 150" in await lost.inner_text()
    assert "2026-11-27 00:00 UTC" in await desk.page.locator(".about").inner_text()


async def test_the_note_about_a_text_is_not_torn_by_writing_from_right_to_left(desk: Tab, tmp_path: Path) -> None:
    many = "שלום " * 200
    result = variant("json/escapes", VariantVerdict.WRONG, printed=many)
    card = VariantCard(
        client="client", recording="tape.yaml", answer="#1 POST /", reference_output="Hello", results=[result]
    )
    file = tmp_path / "right-to-left.html"
    file.write_bytes(documents.html(card, RunFacts(command="crashtest", when=datetime(2026, 11, 27, tzinfo=UTC))))
    await desk.page.goto(file.as_uri())
    await open_details(desk)
    note = desk.page.locator(".text i")
    assert "more characters" in await note.inner_text()
    assert await note.evaluate("(note) => note.getClientRects().length") == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["desk", "phone"])
async def test_all_text_can_be_read(
    browser: Browser, address: str, recording_address: str, dark: bool, narrow: bool
) -> None:
    for report_address in (address, recording_address):
        async with tab(browser, phone=narrow, dark=dark) as opened:
            await opened.page.goto(report_address)
            await open_details(opened)
            assert await faint(opened.page) == []
            assert await overflow(opened.page) <= 0
            assert opened.complaints == []
