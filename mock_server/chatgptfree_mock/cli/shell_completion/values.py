"""The possible values of options and arguments, found without importing a command or a site pack."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from chatgptfree_mock.cli.shell_completion.snapshot import Snapshot, command, load
from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.config.project_folder import OWN_RELEASES, project_folder

_Meanings = Mapping[str, str]
"""Each word with its meaning, which zsh shows; an empty one is not shown."""
_WordSource = Callable[[click.Context, Snapshot, str], _Meanings]
_ENDINGS: Final = (".yaml", ".yml", ".toml")
_FILES: Final = frozenset({"cassettes", "words", "client"})
"""Parameters of the type text that take files: patterns of recordings, and commands after ``--``."""


def command_to_complete(group: click.Group, name: str, context: click.Context) -> click.Command | None:
    """Return a command with the options of *name* in *group*, for completion; None: there is no such command."""
    snapshot = context.meta.get(__name__)
    if snapshot is None:
        snapshot = context.meta[__name__] = load(group)
    return command(name, snapshot, partial(complete, snapshot=snapshot))


def complete(
    context: click.Context, parameter: click.Parameter, incomplete: str, *, snapshot: Snapshot
) -> list[CompletionItem[str]]:
    """Return what the *incomplete* value of *parameter* can become on the command line of *context*."""
    name = parameter.name or ""
    if name in _FILES:
        return [CompletionItem(incomplete, type="file")]
    named = _SOURCES.get(f"{context.info_name} {name}") or _SOURCES.get(name)
    if named is None:
        return parameter.type.shell_complete(context, parameter, incomplete)
    source, separators = named
    last = max(incomplete.rfind(each) for each in separators) + 1 if separators else 0
    before, begun = incomplete[:last], incomplete[last:]
    return [
        CompletionItem(before + word, help=meaning or None)
        for word, meaning in source(context, snapshot, begun).items()
        if word.startswith(begun)
    ]


def _packs(_context: click.Context, snapshot: Snapshot, _begun: str) -> _Meanings:
    return _without_meaning(snapshot["packs"])


def _releases(context: click.Context, snapshot: Snapshot, _begun: str) -> _Meanings:
    """Return the releases of the pack, and those of the user's own files."""
    named = [Path(each) for each in context.params.get("release_files") or ()]
    own = [each for path in named or [_project() / OWN_RELEASES] for each in _release_files(path)]
    return _without_meaning([*_pack(context, snapshot)["releases"], *own])


def _release_specifications(context: click.Context, snapshot: Snapshot, begun: str) -> _Meanings:
    """Return releases, also after an operator such as ``>=``, and ``all``."""
    operator = re.match(r"[<>=!]*", begun)
    before = operator[0] if operator else ""
    words = _without_meaning([before + each for each in _releases(context, snapshot, begun)])
    return words if before else {"all": "every release", **words}


def _scenarios(context: click.Context, snapshot: Snapshot, begun: str) -> _Meanings:
    """Return the layers, and the names of scenarios once the layer is clear."""
    shipped = _pack(context, snapshot)["scenarios"]
    own = [Path(each) for each in (*(context.params.get("folders") or ()), *_project_scenarios())]
    folders = [*([Path(shipped)] if shipped else []), *own]
    names = sorted({f"{file.parent.name}/{file.stem}" for folder in folders for file in folder.glob("*/*.yaml")})
    layers = list(dict.fromkeys(name.partition("/")[0] for name in names))
    if "/" in begun or len([layer for layer in layers if layer.startswith(begun)]) == 1:
        return _without_meaning([*layers, *names])
    return _without_meaning(layers)


def _variants(_context: click.Context, snapshot: Snapshot, begun: str) -> _Meanings:
    names = snapshot["variants"]
    return _without_meaning([f"page/{name}" for name in names] if begun.startswith("page/") else names)


def _faults(_context: click.Context, snapshot: Snapshot, begun: str) -> _Meanings:
    """Return the faults, and the places once the fault is clear."""
    words: dict[str, str] = {}
    for word, fault in snapshot["faults"].items():
        words[word] = fault["meaning"]
        if begun.startswith(word):
            words |= {word + place: snapshot["places"][place] for place in fault["places"]}
    return words


def _chunks(_context: click.Context, snapshot: Snapshot, _begun: str) -> _Meanings:
    return {word.partition(":")[0] + (":" if ":" in word else ""): how for word, how in snapshot["chunks"].items()}


def _pace(_context: click.Context, snapshot: Snapshot, _begun: str) -> _Meanings:
    return {word.replace("xN", "x4"): meaning for word, meaning in snapshot["pace"].items()}


def _keep(_context: click.Context, snapshot: Snapshot, _begun: str) -> _Meanings:
    rules: _Meanings = snapshot["keep"]
    return rules


_SOURCES: Final[Mapping[str, tuple[_WordSource, str]]] = {
    "pack": (_packs, ""),
    "plugin": (_releases, ""),
    "plugins": (_release_specifications, ", "),
    "first": (_releases, ""),
    "last": (_releases, ""),
    "learn base": (_releases, ""),
    "globs": (_scenarios, ""),
    "glob": (_scenarios, ""),
    "variants": (_variants, ""),
    "faults": (_faults, ","),
    "crashtest chunks": (_chunks, ";"),
    "chunks": (_chunks, ""),
    "pace": (_pace, ""),
    "keep": (_keep, ""),
}
"""The source of a parameter's values, by its name or by command and name, and the separator of several."""


def _pack(context: click.Context, snapshot: Snapshot) -> Mapping[str, Any]:
    packs = snapshot["packs"]
    nothing: Mapping[str, Any] = {"releases": [], "scenarios": None}
    named = context.params.get("pack") or _table().get("pack", DEFAULT_PACK)
    found: Mapping[str, Any] = packs.get(named, nothing)
    return found


def _release_files(path: Path) -> Iterator[str]:
    """Yield the releases whose files are at *path*, a file or a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    yield from (file.stem for file in files if file.suffix in _ENDINGS and file.name[:1].isdigit() and file.is_file())


def _project() -> Path:
    return project_folder()


def _table() -> Mapping[str, Any]:
    """Return the project's table; a file that cannot be read has none here, and the command itself reports it."""
    try:
        project = tomllib.loads((_project() / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    tool = project.get("tool")
    table = tool.get("chatgptfree_mock") if isinstance(tool, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def _project_scenarios() -> Iterator[Path]:
    named = _table().get("scenarios", [])
    yield from (_project() / str(each) for each in ([named] if isinstance(named, str) else named))


def _without_meaning(words: Iterable[str]) -> _Meanings:
    return dict.fromkeys(words, "")
