"""vcrpy and pytest-recording load and replay every recording, and what vcrpy saves again keeps `x-stream`."""

from pathlib import Path

import aiohttp
import pytest
import pytest_recording.plugin
import vcr  # type: ignore[import-untyped]  # has no types
from tests.support.recordings import recording, recording_id, recording_paths
from vcr.persisters.filesystem import FilesystemPersister  # type: ignore[import-untyped]  # has no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # has no types
from yarl import URL

from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Request


async def ask(session: aiohttp.ClientSession, request: Request) -> tuple[int, bytes]:
    headers = [pair for pair in request.headers if pair[0].lower() not in ("content-length", "host")]
    async with session.request(
        request.method,
        URL(request.uri, encoded=True),
        data=request.body or None,
        headers=headers,
        allow_redirects=False,
    ) as response:
        return response.status, await response.content.read()


@pytest.mark.asyncio
async def test_every_recording_is_replayed_in_process() -> None:
    async with aiohttp.ClientSession() as session:
        for path in recording_paths():
            (interaction,) = recording(path).interactions
            with vcr.VCR(record_mode="none").use_cassette(str(path)) as cassette:
                got = await ask(session, interaction.request)
                assert got == (interaction.response.status, interaction.response.body), recording_id(path)
                assert cassette.all_played


def test_saving_by_vcrpy_keeps_the_stream(tmp_path: Path) -> None:
    for path in recording_paths():
        requests, responses = FilesystemPersister.load_cassette(str(path), yamlserializer)
        again = tmp_path / "again.yaml"
        FilesystemPersister.save_cassette(str(again), {"requests": requests, "responses": responses}, yamlserializer)
        (ours,), (theirs,) = recording(path).interactions, load(again).interactions
        assert sorted(theirs.response.headers) == sorted(ours.response.headers), recording_id(path)
        assert (theirs.response.body, theirs.response.chunks, theirs.response.end) == (
            ours.response.body,
            ours.response.chunks,
            ours.response.end,
        ), recording_id(path)
        assert (theirs.request.uri, theirs.request.body) == (ours.request.uri, ours.request.body), recording_id(path)


def test_pytest_recording_replays_ours(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    path = next(path for path in recording_paths() if recording_id(path) == "1.8.93/up_split_s")
    (interaction,) = recording(path).interactions
    pytester.makepyfile(
        f"""
        import urllib.request
        import pytest

        @pytest.mark.default_cassette({str(path)!r})
        @pytest.mark.vcr
        @pytest.mark.block_network
        def test_replayed():
            request = urllib.request.Request({interaction.request.uri!r}, data={interaction.request.body!r})
            with urllib.request.urlopen(request) as response:
                assert response.read() == {interaction.response.body!r}
        """
    )
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", plugins=[pytest_recording.plugin])
    done.assert_outcomes(passed=1)
