"""The server of one run of a client: what counts as asked when the client is gone before the server has looked."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.support import tapes

from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer

REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: mock\r\nContent-Length: 2\r\n\r\n{}"


def test_the_request_of_a_client_that_leaves_at_once_counts(tmp_path: Path) -> None:
    recording = load_played_recording([str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))])
    go_on = threading.Event()
    with ReplayServer(recording) as server, ThreadPoolExecutor() as threads:
        replay = server.open(server.undisturbed(recording.answer))
        address = urlsplit(replay.url)
        server.background.loop.call_soon_threadsafe(go_on.wait)  # the loop looks at nothing until then
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(REQUEST)
        closing = threads.submit(server.close, replay)
        go_on.set()
        closing.result()
    assert (replay.request_lines, replay.plays) == (["POST /v1/chat/completions"], 1)


def test_a_run_that_two_threads_close_is_closed_once(tmp_path: Path) -> None:
    recording = load_played_recording([str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))])
    go_on = threading.Event()
    with ReplayServer(recording) as server, ThreadPoolExecutor() as threads:
        replay = server.open(server.undisturbed(recording.answer))
        server.background.loop.call_soon_threadsafe(go_on.wait)  # both are waiting when the loop looks again
        closing = [threads.submit(server.close, replay) for _ in range(2)]
        go_on.set()
        assert [each.result() for each in closing] == [None, None]
        server.close(replay)
