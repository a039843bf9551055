"""
A site that is recorded while a test uses it.

The recording proxy runs on a thread, and writes a draft next to the cassette, which the draft replaces only if the test
passes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NoReturn, Self
from urllib.parse import urlsplit

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.recorder.captured_response import CapturedResponse
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.server.journalled_file import JournalledFile
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.tape.matching import RulesFor
from chatgptfree_mock.tape.origin import NoSiteError, Origin
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.replay_options import RewriteScope
from chatgptfree_mock.tape.saving import further_parts, part_file

_DRAFT: Final = ".chat-record-"
"""The prefix of the folder beside the cassette that holds the draft."""
_SETTLING: Final = 0.5
"""Seconds that reading the journal waits for exchanges to end."""


class RecordingSite:
    """
    The site at *upstream*, an address without a path, recorded to the cassette at *path*; a context manager.

    `url` is the address for the test's client; `journal` has its exchanges.  With ``new_episodes`` as the *mode*
    recorded answers are replayed and others are added to the file; with ``once`` and ``all`` the file is replaced.
    Only `keep` writes the file.

    Raises:
        SettingsError: *upstream* is not the address of a site.
        CassetteError: the file cannot be written, or its contents cannot be read.
    """

    def __init__(
        self,
        path: Path,
        upstream: str,
        mode: Mode,
        *,
        rules: Rules | None = None,
        match: RulesFor | None = None,
        rewrite: RewriteScope = "pages",
    ) -> None:
        self.path, self._rewrite = path, rewrite
        self._mode, self._site = mode, _origin(upstream)
        self._progress = _Progress()
        self._stack, self._running = ExitStack(), ExitStack()
        with ExitStack() as stack:
            self._draft = self._draft_in(stack)
            self._file = JournalledFile(
                self._draft, mode=mode, site=str(self._site), rules=rules, clock=SystemClock(), match=match
            )
            stack.callback(self._file.close)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.push(self._stack)
            background = stack.enter_context(BackgroundLoop())
            upstream = UpstreamConnection(site=self._site)
            self._recorder = Recorder(
                upstream, self._file, view=self._progress, clock=SystemClock(), rewrite=self._rewrite
            )
            background.run(self._recorder.__aenter__())
            stack.pop_all()
        self._running.push(background)
        self._running.callback(lambda: background.run(self._recorder.__aexit__()))
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop; the draft is removed."""
        with self._stack:
            self._running.close()

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse an attribute that only a replayed site has."""
        raise AttributeError(f"`{name}` does not exist while a site is recorded; url, journal and warnings do")

    @property
    def url(self) -> str:
        """Return the address at which the site is recorded, without a slash at its end."""
        return self._recorder.url

    @property
    def journal(self) -> Journal:
        """Return the exchanges, after waiting a moment for pending answers to end."""
        self._progress.settle()
        return self._file.journal

    @property
    def warnings(self) -> list[str]:
        """Return problems with the site or the file, one line each."""
        self._progress.settle()
        return [*self._progress.problems, *self._file.notices]

    def keep(self) -> list[Path]:
        """
        Stop recording, move the files into place, and return them; none if nothing was recorded.

        Raises:
            CassetteError: something could not be recorded; or, in the mode ``once``, another test has made the file
            meanwhile.
        """
        self._running.close()
        self._file.save_now()
        if self._file.unsaved:
            raise CassetteError("; ".join(self._file.notices) or "not everything was recorded", file=str(self.path))
        if not self._file.count:
            return []
        if self._mode is Mode.ONCE and self.path.exists():
            raise CassetteError(
                "another test has recorded it meanwhile, so this recording is dropped",
                file=str(self.path),
                repair="run again, or with --chat-record=new_episodes to add to it",
            )
        return self._put_into_place()

    def _draft_in(self, stack: ExitStack) -> Path:
        """Return the path of the draft, next to the file; if the file is continued, the draft starts as its copy."""
        parent = self.path.parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=parent))
        except OSError as exc:
            raise CassetteError(f"can't be recorded to: {exc.strerror}", file=str(self.path)) from exc
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        draft = folder / self.path.name
        if self._mode is Mode.NEW_EPISODES:
            for number in self._numbers():
                shutil.copyfile(part_file(self.path, number), part_file(draft, number))
        return draft

    def _numbers(self) -> list[int]:
        """Return the numbers of the files that the cassette has now."""
        return [1, *(number for number, _ in further_parts(self.path))] if self.path.exists() else []

    def _put_into_place(self) -> list[Path]:
        stale = self._numbers()
        made = [1, *(number for number, _ in further_parts(self._draft))]
        # The first file is moved last: its existence means that the recording is complete.
        for number in reversed(made):
            os.replace(part_file(self._draft, number), part_file(self.path, number))
        for number in set(stale) - set(made):
            part_file(self.path, number).unlink(missing_ok=True)
        return [part_file(self.path, number) for number in made]


def _origin(upstream: str) -> Origin:
    try:
        if urlsplit(upstream).path.strip("/"):
            raise SettingsError(f"upstream={upstream!r}: give the site's address without a path; the client adds it")
        return Origin.parse(upstream)
    except (NoSiteError, ValueError) as exc:
        raise SettingsError(f"upstream={upstream!r}: {exc}") from exc


class _Progress:
    """A progress view that prints nothing and keeps the pending exchanges."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._open: set[int] = set()
        self._changed = threading.Condition()

    def began(self, number: int, method: str, target: str) -> None:
        del method, target
        with self._changed:
            self._open.add(number)

    def receiving(self, number: int, captured: CapturedResponse) -> None:
        del number, captured

    def ended(self, number: int, what: str) -> None:
        del what
        with self._changed:
            self._open.discard(number)
            self._changed.notify_all()

    def problem(self, text: str) -> None:
        self.problems.append(text)

    def settle(self) -> None:
        """Wait a moment until no exchange is pending."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open, _SETTLING)
