"""
Recordings in place of the imitation's answers.

The pages and the check of the nonce are the imitation's, and so is every action of admin-ajax.php that the recordings
don't have; what they have is answered from them, matched with nonces, sessions and addresses as variables.  Recordings
that hold a page of their own stand alone: all their addresses are answered by path, and nothing else is.  A request
that no recording fits gets 404 and a report of the nearest one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest
from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.matching import Asked, Mismatch, Taped, collect, find
from chatgptfree_mock.tape.model import Cassette, Request, Response
from chatgptfree_mock.visit import Visit
from chatgptfree_mock.wordpress.call import Answered, Answerer
from chatgptfree_mock.wordpress.releases import closest, is_known
from chatgptfree_mock.wordpress.settings import SiteSettings

_SUFFIXES = (".yaml", ".yml", ".json")


class Tape:
    """The interactions of some cassettes, and how often each was played."""

    def __init__(self, cassettes: Sequence[Cassette], ajax_path: str) -> None:
        self._taped = tuple(_moved(taped, ajax_path) for taped in collect(cassettes))
        self._played = [0] * len(self._taped)
        self._paths = {_trimmed(taped.asked.path) for taped in self._taped}

    def alone(self, ajax_path: str) -> bool:
        """Say whether the recordings hold more than calls of *ajax_path*."""
        return self._paths != {_trimmed(ajax_path)}

    def has_action(self, asked: Asked) -> bool:
        """Say whether any recording is of the same WordPress action."""
        action = asked.field("action")
        return any(taped.asked.field("action") == action for taped in self._taped)

    def play(self, request: Request, base_url: str) -> Answered:
        """Answer from the recording that fits, or say which is nearest."""
        found = find(request, self._taped, played=self._played)
        if isinstance(found, Mismatch):
            report = f"{found}\n".encode()
            headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(report))))
            answer = Response(status=404, reason="Not Found", headers=headers, body=report)
            return Answered(response=answer, why=(str(found),))
        self._played[found] += 1
        taped = self._taped[found]
        origin = _origin(taped.interaction.request.uri)
        response = _rehoused(taped.interaction.response, origin, base_url)
        return Answered(response=response, why=(f"recorded: {taped}",))


class TapedSite:
    """
    A site whose chat answers from recordings; *bots* are the tapes of bots that have their own.

    *note* is for the journal: what the imitation cannot do as the recorded site did.
    """

    def __init__(
        self, imitation: Answerer, ajax_path: str, tape: Tape | None, bots: dict[str, Tape], note: tuple[str, ...] = ()
    ) -> None:
        self._imitation = imitation
        self._ajax_path = ajax_path
        self._tape = tape
        self._bots = bots
        self._note = note

    def nonce(self) -> str:
        """Return a nonce that the chat accepts of a guest now."""
        return self._imitation.nonce()

    def answer(self, visit: Visit) -> Answered:
        """Answer from the recordings, or from the imitation where they have nothing to say."""
        target = f"{visit.path}?{visit.query}" if visit.query else visit.path
        request = Request(
            method=visit.method, uri=f"http://{_HERE}{target}", headers=visit.headers, body=visit.body or None
        )
        asked = Asked.from_request(request)
        tape = self._bots.get(asked.field("bot_id") or "", self._tape)
        if tape is None:
            return self._imitation.answer(visit)
        if tape.alone(self._ajax_path):
            return tape.play(request, visit.base_url)
        answered = self._imitation.answer(visit)
        answered.why += self._note
        if answered.nonce_refused or _trimmed(asked.path) != _trimmed(self._ajax_path):
            return answered
        if not tape.has_action(asked):
            answered.why += (f"no recording of the action {asked.field('action')}: the imitation answers",)
            return answered
        return tape.play(request, visit.base_url)


_HERE = "mock"
_USUAL_AJAX_PATH = "/wp-admin/admin-ajax.php"


def taped_site(imitation: Answerer, settings: SiteSettings, cassettes: Sequence[Cassette]) -> Answerer:
    """
    Return *imitation* with the recordings that *settings* and *cassettes* name in front of it, if there are any.

    Raises:
        CassetteError: a recording can't be found or read.
    """
    named = settings.model.cassette
    chosen = [*cassettes, *([] if named is None else [named_cassette(named)])]
    bots = {
        str(bot.id): Tape([named_cassette(bot.model.cassette)], settings.front.ajax_path)
        for bot in settings.bots
        if bot.model is not None and bot.model.cassette is not None
    }
    if not chosen and not bots:
        return imitation
    tape = Tape(chosen, settings.front.ajax_path) if chosen else None
    return TapedSite(imitation, settings.front.ajax_path, tape, bots, _unknown_releases(chosen, settings))


def named_cassette(name: str) -> Cassette:
    """
    Load a cassette by its path, or by the short name of one that ships with the project: ``1.8.93/msg_ok_s``.

    Raises:
        CassetteError: there is no such file, or it is no cassette.
    """
    if Path(name).suffix in _SUFFIXES or Path(name).exists():
        return load(name)
    shipped = cassette_folder() / "recorded"
    file = shipped / f"{name}.yaml"
    if ".." in Path(name).parts or not file.is_file():
        known = [str(each.relative_to(shipped).with_suffix("")) for each in shipped.glob("*/*.yaml")]
        near = nearest(name, known, likeness=0.4)
        hint = f"did you mean `{near}`?" if near else "give the path of a .yaml file"
        raise CassetteError("no such cassette", file=name, repair=hint)
    return load(file)


def cassettes_in(folder: Path) -> tuple[Cassette, ...]:
    """
    Load all cassettes below *folder*, in the order of their names.

    Raises:
        CassetteError: there is no such folder, none in it, or one that can't be read.
    """
    if not folder.is_dir():
        raise CassetteError("no such folder of cassettes", file=str(folder))
    files = sorted(file for file in folder.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    if not files:
        raise CassetteError("no cassette in this folder", file=str(folder), repair="they end with .yaml, .yml or .json")
    return tuple(load(file) for file in files)


def plugin_of(cassettes: Sequence[Cassette]) -> str | None:
    """
    Return the plugin's release that the first of *cassettes* was recorded from, if it says so.

    A release that is newer than all that are known is imitated by the newest of them, one that is older by the oldest.

    Raises:
        UnknownReleaseError: what it says is not a release number.
    """
    told = (cassette.recording.get("plugin") for cassette in cassettes)
    return next((closest(name).name for name in told if isinstance(name, str) and name), None)


def _unknown_releases(cassettes: Sequence[Cassette], settings: SiteSettings) -> tuple[str, ...]:
    """Return a note per recorded release that cannot be imitated, so that the journal has it."""
    names = {name for each in cassettes if isinstance(name := each.recording.get("plugin"), str) and name}
    imitated = f"the page and the checks are those of {settings.plugin}"
    return tuple(
        f"recorded from {name}, which is not known; {imitated}" for name in sorted(names) if not is_known(name)
    )


def _moved(taped: Taped, ajax_path: str) -> Taped:
    """Move a recorded call of WordPress' own admin-ajax.php to where this site has it (`front.ajax_path`)."""
    if not taped.asked.path.endswith(_USUAL_AJAX_PATH):
        return taped
    return dataclasses.replace(taped, asked=dataclasses.replace(taped.asked, path=ajax_path))


def _trimmed(path: str) -> str:
    return path.rstrip("/") or "/"


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _rehoused(response: Response, origin: str, base_url: str) -> Response:
    """Make the recorded site's own addresses lead here, in headers and body, plain and as JSON escapes them."""
    pairs = [(origin, base_url), (origin.replace("/", "\\/"), base_url.replace("/", "\\/"))]
    body = response.body
    headers = tuple((name, value.replace(origin, base_url)) for name, value in response.headers)
    for old, new in pairs:
        body = body.replace(old.encode(), new.encode())
    if body == response.body:
        return replace(response, headers=headers)
    # Lengths no longer fit the recorded chunks; only pages hold addresses, and they come in one piece.
    return replace(response, headers=headers, body=body, chunks=(), raw=None, raw_chunks=())
