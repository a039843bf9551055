"""
Imports go one way.

ruff refuses what a folder may not import; it can't tell apart the modules that lie side by side in a package, so the
order of all modules stands here, each is held to it, and ruff's lists are held to it as well.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = {"chatgptfree": ROOT / "client/chatgptfree", "chatgptfree_mock": ROOT / "mock_server/chatgptfree_mock"}
LAYERS = {
    "chatgptfree": (
        ("control_characters",),
        ("errors",),
        ("messages",),
        ("core",),
        ("aio",),
        ("blocking",),
        ("provider", "cli"),
        ("__init__", "__main__"),
    ),
    "chatgptfree_mock": (
        ("__init__", "errors", "suggestion", "control_characters", "line", "background", "unread", "shared_log"),
        ("clock", "access", "server_log"),
        ("tape", "memory_limit"),
        ("chat_rules", "cassette_source"),
        ("visit", "replay", "project"),
        ("wordpress", "journal", "drift", "wire"),
        ("cassette_player", "dead_settings"),
        (
            "scenario",
            "replay_site",
            "settings_file",
            "shared_database",
            "shared_journal",
            "recorder",
            "live",
            "fault_record",
            "file_access",
        ),
        ("sites", "by_hand"),
        ("plays", "site_changes"),
        ("control", "console"),
        ("app",),
        ("serving",),
        ("site_options", "workers", "crashtest"),
        ("cli", "pytest_plugin"),
        ("__main__",),
    ),
}
"""From the ground up: a module imports only what stands in a line above its own here, and its own folder."""
NOUNS = {
    "chatgptfree": {"aio", "blocking", "provider", "cli"},
    "chatgptfree_mock": {
        *("replay", "journal", "wordpress", "drift", "scenario", "recorder", "control", "console"),
        *("app", "serving", "crashtest", "cli", "pytest_plugin"),
    },
}
"""What ruff's lists name; the small modules between them are held by this file alone."""
OTHER = {"chatgptfree": "chatgptfree_mock", "chatgptfree_mock": "chatgptfree"}
SHOWS_THE_CLIENT = ("cli.demo", "drift.client_view")
"""The parts of the mock whose business the client is; they import it inside functions, or for its types, only."""
NO_MACHINE = frozenset({"aiohttp", "asyncio", "time", "os", "socket", "subprocess", "threading", "secrets", "uuid"})
PURE = {
    "client/chatgptfree/core": NO_MACHINE | {"random"},
    "mock_server/chatgptfree_mock/tape": NO_MACHINE | {"random"},
    "mock_server/chatgptfree_mock/replay": NO_MACHINE | {"random"},
    "mock_server/chatgptfree_mock/drift": NO_MACHINE | {"random"},
    "mock_server/chatgptfree_mock/wordpress": NO_MACHINE,
}
"""What the folders without input, output, clock and chance of their own may not even import."""
FOLDERS = sorted(str(file.parent.relative_to(ROOT)) for path in SOURCES.values() for file in path.rglob("ruff.toml"))


def part_of(package: str, module: str) -> str:
    """Return the first name below the package; the package itself is its `__init__`."""
    return module.removeprefix(package).lstrip(".").partition(".")[0] or "__init__"


def not_below(package: str, part: str) -> set[str]:
    """Return the parts that *part* may not import: those in its own line and in all later ones."""
    own = next(rank for rank, names in enumerate(LAYERS[package]) if part in names)
    return {name for names in LAYERS[package][own:] for name in names} - {part, "__init__"}


def is_late(node: ast.AST) -> bool:
    """Say whether what stands inside *node* is left alone when the module is imported."""
    types_only = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return types_only or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports(source: str, package: str, module: str) -> Iterator[tuple[str, bool]]:
    """Yield each module that *source* imports, and whether that happens when *module* itself is imported."""
    tree = ast.parse(source)
    late = {id(inner) for node in ast.walk(tree) if is_late(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) not in late
        elif isinstance(node, ast.ImportFrom):
            # Relative imports of siblings stay in the folder; ruff refuses those of parents.
            base = (node.module or "") if not node.level else f"{package}.{part_of(package, module)}"
            whole = base in SOURCES
            for name in [f"{base}.{alias.name}" for alias in node.names] if whole else [base]:
                yield name, id(node) not in late


def wrong_imports(source: str, package: str, module: str) -> list[str]:
    """Return what *source* may not import, were it *module* of *package*."""
    forbidden = not_below(package, part_of(package, module))
    inner = module.removeprefix(package).lstrip(".")
    shows = package == "chatgptfree_mock" and inner.startswith(SHOWS_THE_CLIENT)
    wrong = []
    for name, at_once in imports(source, package, module):
        top = name.partition(".")[0]
        if top == package and part_of(package, name) in forbidden:
            wrong.append(name)
        if top == OTHER[package] and (at_once or not shows):
            wrong.append(name)
    return wrong


def modules() -> Iterator[tuple[str, str, Path]]:
    for package, path in SOURCES.items():
        for file in sorted(path.rglob("*.py")):
            dotted = ".".join(file.relative_to(path.parent).with_suffix("").parts)
            yield package, dotted.removesuffix(".__init__"), file


MODULES = list(modules())


def test_every_module_has_its_place() -> None:
    for package, layers in LAYERS.items():
        placed = {name for names in layers for name in names}
        homeless = {part_of(owner, module) for owner, module, _ in MODULES if owner == package} - placed
        assert homeless == set(), f"give {', '.join(homeless)} a line in LAYERS"


def test_imports_go_one_way() -> None:
    wrong = {module: wrong_imports(file.read_text(), package, module) for package, module, file in MODULES}
    assert {module: names for module, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("package", "module", "line"),
    [
        pytest.param(
            "chatgptfree", "chatgptfree.core.page.chat_page", "from chatgptfree.aio import x", id="core to aio"
        ),
        pytest.param(
            "chatgptfree",
            "chatgptfree.messages",
            "import chatgptfree.core.protocol.event_stream",
            id="messages to core",
        ),
        pytest.param("chatgptfree", "chatgptfree.aio.stream", "from chatgptfree import cli", id="aio to cli"),
        pytest.param("chatgptfree", "chatgptfree.cli", "from chatgptfree_mock import tape", id="client to mock"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.tape.model", "import chatgptfree_mock.replay", id="tape up"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.journal", "import chatgptfree_mock.app", id="journal up"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.app", "from chatgptfree_mock import cli", id="app up"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.drift.pages", "import chatgptfree", id="the client at once"),
        pytest.param(
            "chatgptfree_mock",
            "chatgptfree_mock.sites",
            "def late():\n    from chatgptfree_mock.app import make_app",
            id="inside a function as well",
        ),
    ],
)
def test_a_wrong_import_is_found(package: str, module: str, line: str) -> None:
    assert wrong_imports(line, package, module)


def banned_in(folder: str) -> set[str]:
    """Return what *folder* may not import: what is not below it, the other package, and the machine if it is pure."""
    _, package, *inner = folder.split("/")
    upwards = {f"{package}.{name}" for name in not_below(package, inner[0]) & NOUNS[package]} if inner else set()
    return upwards | {OTHER[package]} | PURE.get(folder, frozenset())


@pytest.mark.parametrize("folder", FOLDERS)
def test_ruff_bans_what_is_not_below_a_folder(folder: str) -> None:
    rules = tomllib.loads((ROOT / folder / "ruff.toml").read_text())["lint"]["flake8-tidy-imports"]["banned-api"]
    assert banned_in(folder) - set(rules) == set()


def test_every_folder_that_something_stands_above_has_its_bans() -> None:
    folders = {file.parent for _, _, file in MODULES if file.parent.parent in SOURCES.values()}
    names = {str(folder.relative_to(ROOT)) for folder in folders}
    below_the_top = {name for name in names if len(banned_in(name)) > 2}
    assert below_the_top - set(FOLDERS) == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_ruff_refuses_a_wrong_import(folder: str) -> None:
    banned = sorted(banned_in(folder))
    sample = "".join(f"import {name}\n" for name in banned)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "concise"]
    run = subprocess.run(
        [*command, "--stdin-filename", f"{folder}/sample.py", "-"],
        input=sample,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert [name for name in banned if f"`{name}` is banned" not in run.stdout] == []
