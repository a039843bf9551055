"""The process that ends the clients of a crash test."""

from __future__ import annotations

import os
import signal
import subprocess
from uuid import uuid4

from chatgptfree_mock.crashtest.leftover_processes import MARK
from chatgptfree_mock.crashtest.process_guard import Guard


def test_a_released_guard_ends_what_is_left_and_takes_note_of_nothing_more() -> None:
    guard = Guard(uuid4().hex)
    mark = guard.new_mark()
    client = subprocess.Popen(["sleep", "600"], env=os.environ | {MARK: mark}, start_new_session=True)
    guard.watch(client.pid)
    guard.release()
    assert client.wait(60) == -signal.SIGKILL
    guard.forget(client.pid)  # a thread that notices late
    guard.close()
    guard.close()
