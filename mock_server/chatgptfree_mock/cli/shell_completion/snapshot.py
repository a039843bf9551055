"""The commands, releases, scenarios and words for completion, kept in a file of the user's cache."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

_PACKAGE: Final = Path(__file__).parents[2]
_PACKS: Final = "chatgptfree_mock.sites"
_OPTIONAL: Final = re.compile(r"\[.*?\]\]?|@PLACE")
Snapshot = Mapping[str, Any]
"""
Plain data: `key` (of which installation it is), `commands` (click's `to_info_dict` by name), `packs` (by name, the
`releases` and the folder of `scenarios`), `variants` (names), the words of `chunks`, `pace`, `keep` and `places` with
their meanings, and `faults` (by word, its `meaning` and the `places` that it can have).
"""


Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


def load(group: click.Group) -> Snapshot:
    """
    Return the snapshot of this installation from the cache, or take it of *group* and keep it there.

    The file is ``chatgptfree-mock/completion.json`` below ``$XDG_CACHE_HOME``, by default ``~/.cache`` (XDG Base
    Directory Specification).  A folder that cannot be written costs time only: the snapshot is taken each time.
    """
    file = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chatgptfree-mock" / "completion.json"
    key = _key()
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        kept: Snapshot = json.loads(file.read_bytes())
        if kept["key"] == key:
            return kept
    taken = {"key": key, **_take(group)}
    with contextlib.suppress(OSError):
        _replace(file, json.dumps(taken, default=str))
    return taken


def command(name: str, snapshot: Snapshot, complete: Complete) -> click.Command | None:
    """
    Return a command that has the options and arguments of the command *name* and does nothing.

    It is None if there is no command *name*.  *complete*: what completes their values.
    """
    info = snapshot["commands"].get(name)
    if info is None:
        return None
    params = [_parameter(each, complete) for each in info["params"] if "--help" not in each["opts"]]
    return click.Command(name, params=params, help=info["help"], short_help=info["short_help"])


def _key() -> list[Any]:
    """Return a key that changes when another version or pack is installed, or a source file is edited."""
    changed = max(file.stat().st_mtime_ns for file in _PACKAGE.rglob("*.py"))
    packs = [
        [entry.name, entry.value, entry.dist.version if entry.dist else ""] for entry in entry_points(group=_PACKS)
    ]
    return [version("chatgptfree"), version("click"), str(_PACKAGE), changed, sorted(packs)]


def _take(group: click.Group) -> dict[str, Any]:
    from chatgptfree_mock.contract import registry
    from chatgptfree_mock.crashtest.recording import tls_variants
    from chatgptfree_mock.crashtest.recording.plan import STALL
    from chatgptfree_mock.replay.chunking import CHUNK_WORDS
    from chatgptfree_mock.replay.fault_place import FAULT_PLACES
    from chatgptfree_mock.replay.pace import PACE_WORDS
    from chatgptfree_mock.tape.redaction import RULES
    from chatgptfree_mock.variants.catalogue import RULES as VARIANTS
    from chatgptfree_mock.variants.token_rules import TOKEN_RULES

    tls = (tls_variants.EXPIRED, tls_variants.WRONG_NAME, tls_variants.CUT)
    return {
        "commands": dict(_commands(group)),
        "packs": {name: _pack(name) for name in registry.names()},
        "variants": [*(rule.name for rule in VARIANTS), *(rule.name for rule in TOKEN_RULES), STALL, *tls],
        "chunks": dict(CHUNK_WORDS),
        "pace": dict(PACE_WORDS),
        "faults": dict(_faults()),
        "places": dict(FAULT_PLACES),
        "keep": dict(RULES),
    }


def _commands(group: click.Group) -> Iterator[tuple[str, dict[str, Any]]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if found is not None:
            yield name, {**found.to_info_dict(context), "short_help": found.get_short_help_str()}


def _pack(name: str) -> dict[str, Any]:
    from chatgptfree_mock.contract import registry
    from chatgptfree_mock.errors import MockError

    try:
        pack = registry.load(name)
    except MockError:  # a pack that fails to load; a command that needs it reports that
        return {"releases": [], "scenarios": None}
    return {"releases": list(pack.releases.names), "scenarios": None if pack.scenarios is None else str(pack.scenarios)}


def _faults() -> Iterator[tuple[str, dict[str, Any]]]:
    from chatgptfree_mock.errors import DeliveryError
    from chatgptfree_mock.replay.fault_place import FAULT_PLACES
    from chatgptfree_mock.replay.fault_words import FAULT_WORDS
    from chatgptfree_mock.replay.faults import Fault

    for shown, meaning in FAULT_WORDS.items():
        word, places = _OPTIONAL.sub("", shown), []
        for place in FAULT_PLACES if "=" not in word else ():
            with contextlib.suppress(DeliveryError):
                Fault.parse(word + place)
                places.append(place)
        yield word, {"meaning": meaning, "places": places}


def _parameter(info: Mapping[str, Any], complete: Complete) -> click.Parameter:
    """Return a parameter that is parsed and completed like the one that *info* is of."""
    if info["param_type_name"] == "argument":
        return click.Argument(
            [info["name"]], nargs=info["nargs"], required=False, type=_type(info["type"]), shell_complete=complete
        )
    names = info["opts"]
    if info["secondary_opts"]:
        names = [f"{info['opts'][0]}/{info['secondary_opts'][0]}"]
    if info["is_flag"]:
        return click.Option([*names, info["name"]], is_flag=True, help=info["help"], hidden=info["hidden"])
    # A value that may be left out, as in `--intercept [HOST]`.
    optional = {} if info["flag_value"] is None else {"flag_value": info["flag_value"]}
    return click.Option(
        [*names, info["name"]],
        type=_type(info["type"]),
        is_flag=False,
        multiple=info["multiple"],
        nargs=info["nargs"],
        help=info["help"],
        hidden=info["hidden"],
        shell_complete=complete,
        **optional,
    )


def _type(info: Mapping[str, Any]) -> click.ParamType[Any]:
    if "choices" in info:
        choices: Sequence[str] = info["choices"]
        return click.Choice(choices)
    if info["param_type"] == "Path":
        return click.Path(file_okay=info["file_okay"], dir_okay=info["dir_okay"])
    return click.STRING


def _replace(file: Path, text: str) -> None:
    """Write *file* at once, for another shell may be reading it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    Path(name).replace(file)
