"""Processes that a client leaves behind: found by their mark, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest

from chatgptfree_mock.crashtest import leftover_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux'")


def test_a_process_that_is_just_being_started_is_ended_as_well() -> None:
    # While the kernel loads a program, its process shows no environment: about one of fifty is met in that moment.
    for _ in range(150):
        mark = uuid4().hex
        stray = subprocess.Popen(["sleep", "600"], env={leftover_processes.MARK: mark}, start_new_session=True)
        try:
            leftover_processes.end(mark, after=stray.pid - 1)
            assert stray.wait(60) == -signal.SIGKILL
        finally:
            stray.kill()


def test_a_process_without_any_environment_is_left_alone() -> None:
    bare = subprocess.Popen(["sleep", "600"], env={}, start_new_session=True)
    try:
        leftover_processes.end(uuid4().hex, after=os.getpid())
        assert bare.poll() is None
    finally:
        bare.kill()
        bare.wait()
