"""
A thread with one call of a client, which can be stopped.

`os._exit` in such a call ends the call, and not this process.
"""

from __future__ import annotations

import _thread
import ctypes
import inspect
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

_REALLY_EXIT: Final = os._exit
_OWN_PROCESS: Final = os.getpid()
"""The id of this process: in a child that a client forks, `os._exit` ends the child."""
_CALL: Final = "call of a client under test"
_ATTEMPTS: Final = 20
_PENDING: Final = 0.05
"""Seconds that an exception is pending in each of `_ATTEMPTS`, and seconds between two of them."""


def make_exits_results() -> None:
    """Let `os._exit` in a client's call end that call, and not the crash test with the client's exit code."""
    os._exit = _exit_call_or_process


def _exit_call_or_process(status: int) -> NoReturn:
    if os.getpid() == _OWN_PROCESS and threading.current_thread().name == _CALL:
        raise SystemExit(status)
    _REALLY_EXIT(status)


class CallStoppedError(BaseException):
    """The call is stopped: it returned too much, or its time is over."""


class CallThread(threading.Thread):
    """
    A thread with one call, which `stop` ends where Python can.

    CPython's `PyThreadState_SetAsyncExc` raises an exception in the thread's next Python instruction.  A call that
    waits in a system call, or catches every `BaseException`, continues, but no longer has a server to ask.

    CPython 3.11 loops in all traced threads (coverage, a debugger, a profiler) while an exception is pending, so one
    for a call that waits would stop the whole process: there it is pending for moments only.
    """

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__(daemon=True, name=_CALL)
        self._work = call
        self._lock = threading.Lock()
        self._begun = False
        self._ended = False
        self.stopped = False
        """Whether `stop` was called before the call ended."""

    def run(self) -> None:
        """Make the call, unless `stop` ends it first."""
        # The exception may come as late as in the last instruction of `_drive`.
        with suppress(CallStoppedError):
            self._drive()

    def _drive(self) -> None:
        try:
            with self._lock:
                self._begun = True
                stopped = self.stopped
            if not stopped:
                self._work()
        finally:
            with self._lock:
                self._ended = True

    def stop(self) -> None:
        """Raise `CallStoppedError` in the call, unless it has ended."""
        with self._lock:
            if self._ended:
                return
            self.stopped = True
        _StopAgain.install()
        if sys.version_info < (3, 12) and _is_traced():
            _thread.start_new_thread(self._stop_in_moments, ())  # a thread that nothing traces
        else:
            self._raise_in_call(CallStoppedError)

    def _stop_in_moments(self) -> None:
        for _ in range(_ATTEMPTS):
            if not self._raise_in_call(CallStoppedError):
                return
            time.sleep(_PENDING)
            self._raise_in_call(None)
            _handle_one_exception()
            time.sleep(_PENDING)

    def _raise_in_call(self, error: type[CallStoppedError] | None) -> bool:
        """Raise *error* in the call's next instruction, or withdraw it by None; return False if the call has ended."""
        with self._lock:
            if self._ended:
                return False
            # Before the call begins, the exception would be raised in the code of `threading`, which holds locks.
            if self._begun and self.ident is not None:
                _raise_in(self.ident, error)
            return True

    def stop_in_next_line(self, frame: FrameType | None) -> None:
        """Raise `CallStoppedError` in this thread, which runs *frame*, unless the call has ended by then."""
        while frame is not None:
            frame.f_trace = self._raise_stop
            frame = frame.f_back
        sys.settrace(self._raise_stop)

    def _raise_stop(self, frame: FrameType, event: str, arg: object) -> None:
        if not self._ended:
            raise CallStoppedError


def _raise_in(thread: int, error: type[CallStoppedError] | None) -> None:
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


def _is_traced() -> bool:
    tracers = (sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile())
    return any(tracer is not None for tracer in tracers)


def _handle_one_exception() -> None:
    """Raise an exception in this thread and drop it: CPython 3.11 looks for withdrawn ones until one is handled."""
    with suppress(CallStoppedError):
        _raise_in(_thread.get_ident(), CallStoppedError)
        while True:
            time.sleep(0)


class _StopAgain:
    """
    An unraisable hook for stopped calls, which leaves everything else to *otherwise*.

    A stop inside a destructor, where Python drops exceptions, is repeated.  `stop` cannot do that, since its exception
    would be raised, and dropped, in the hook; a trace function raises it in the next line of the call. A
    ResourceWarning about a socket that a stopped call left open is dropped, since stopping caused it.
    """

    def __init__(self, otherwise: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self._otherwise = otherwise

    @classmethod
    def install(cls) -> None:
        """Install the hook in front of the present one, unless it is installed already."""
        if not isinstance(sys.unraisablehook, cls):
            sys.unraisablehook = cls(sys.unraisablehook)

    def __call__(self, unraisable: sys.UnraisableHookArgs, /) -> None:
        thread, here = threading.current_thread(), inspect.currentframe()
        if not isinstance(thread, CallThread) or not thread.stopped:
            self._otherwise(unraisable)
        elif unraisable.exc_type is CallStoppedError:
            thread.stop_in_next_line(here and here.f_back)
        elif unraisable.exc_type is not ResourceWarning:
            self._otherwise(unraisable)
