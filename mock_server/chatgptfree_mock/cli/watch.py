"""``chatgptfree-mock watch``: ask a live site once and compare the answer with a recording."""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from chatgptfree_mock.cli.recordings.left_out import naming_left_out
from chatgptfree_mock.config.new_cassette_path import NewCassettePath
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.redaction import keep_option, redaction_rules
from chatgptfree_mock.config.seconds_type import Seconds
from chatgptfree_mock.config.site import pack_of
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.diff.pairing import compare
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.files import load, load_recording
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.whole_file import check_free, write_text
from chatgptfree_mock.usage_error import StrictCommand
from chatgptfree_mock.watch.report import Report
from chatgptfree_mock.watch.visit import AGENT, Visit, VisitError, ask_now


@click.command(cls=StrictCommand)
@click.argument("url")
@click.option(
    "--against",
    required=True,
    metavar="TAPE",
    type=PathParamType(),
    help="The recording to compare with: a cassette, as `record` writes it, or a HAR.",
)
@click.option("--message", help="The question; by default the one that was recorded.")
@click.option("--contact", help="An e-mail address or URL for the User-Agent, so that the site's owner can reach you.")
@click.option("--save", type=NewCassettePath(dir_okay=False), help="Write the new recording to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, instead of Markdown.")
@keep_option
@click.option("--insecure", is_flag=True, help="Do not check the site's certificate.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=Seconds(min=1),
    default=120.0,
    show_default=True,
    help="Time limit of the question.",
)
def command(
    url: str,
    against: Path,
    message: str | None,
    contact: str | None,
    save: Path | None,
    as_json: bool,
    keep: Sequence[str],
    insecure: bool,
    timeout: float,
) -> int:
    """
    Visit the page at URL once, ask one question, and compare page, nonce, events, framing and end with TAPE.

    The visit has a User-Agent of its own and obeys robots.txt. What differs is listed in three tiers: what breaks
    clients, what changes what clients see, and what is cosmetic. Exit code: 0 nothing but cosmetic differences, 1 more
    than that, 2 the site could not be asked or bad input.
    """
    tape = naming_left_out(load_recording(against))
    question = message if message is not None else _recorded_message(tape)
    if save is not None:
        check_free(save)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "visit.yaml" if save is None else save.name)
        rules = redaction_rules(Path.cwd(), keep=keep)
        failure = ask_now(
            Visit(
                url=url,
                message=question,
                tape=fresh,
                rules=rules,
                user_agent=_user_agent(contact),
                timeout=timeout,
                insecure=insecure,
                asks=_asked_paths(tape),
            )
        )
        visited = replace(load(fresh), path="live")
        if save is not None:
            write_text(save, fresh.read_text("utf-8"), overwrite=False)
    report = _report(url, against, tape, visited, failure)
    click.echo(escaped_json(report.as_data(), indent=2) if as_json else escape(report.markdown()), nl=as_json)
    return int(report.alarms)


def _report(url: str, against: Path, tape: Cassette, visited: Cassette, failure: str) -> Report:
    pack = pack_of(project_settings())
    diff = compare(
        [replace(tape, path="recorded")],
        [visited],
        judge=pack.client_result,
        rules=pack.match_rules,
        marks=pack.page_marks,
    )
    if not diff.pairs:
        raise VisitError(f"{against} has no request in common with the visit, so there is nothing to compare")
    return Report(url=url, against=str(against), diff=diff, failure=failure, marks=pack.page_marks)


def _recorded_message(tape: Cassette) -> str:
    messages = (RequestKey.from_request(each.request).field("message") for each in tape.interactions)
    found = next((message for message in messages if message), None)
    if found is None:
        raise SettingsError(f"{tape.path} holds no request with a field `message`; give the question with --message")
    return found


def _asked_paths(tape: Cassette) -> tuple[str, ...]:
    """Return the recorded paths at which a client asked: those of requests other than GET, and of streams."""
    paths = (
        RequestKey.from_request(each.request).path
        for each in tape.interactions
        if each.request.method.upper() not in ("GET", "HEAD", "OPTIONS")
        or "event-stream" in each.response.header("Content-Type")
    )
    return tuple(dict.fromkeys(paths))


def _user_agent(contact: str | None) -> str:
    version = importlib.metadata.version("chatgptfree")
    if contact is not None and not contact.isprintable():
        raise SettingsError(f"`--contact {contact!r}`: a header cannot hold it; leave out line breaks and the like")
    return f"{AGENT}/{version}" + (f" ({contact})" if contact else "")
