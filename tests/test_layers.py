"""
Imports go one way: the map of the rooms, held by a test.

A room is a package of the mock or of the client's core, or a module beside them.  ``python -m pytest -s
tests/test_layers.py -k count`` prints the rooms, floors and arrows.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from tests.support.many_cases import for_each

ROOT = Path(__file__).parent.parent
SOURCES = {"chatgptfree": ROOT / "client/chatgptfree", "chatgptfree_mock": ROOT / "mock_server/chatgptfree_mock"}
SPLIT = {"chatgptfree": "core", "chatgptfree_mock": "sites"}
"""The folder whose own folders are rooms."""
FLOORS = {
    "chatgptfree": (
        ("control_characters", "keyword_arguments", "usage_error"),
        ("messages",),
        ("errors",),
        ("core.protocol",),
        ("core.page",),
        ("core.answer",),
        ("core.generations",),
        ("core.session",),
        ("aio",),
        ("blocking",),
        ("provider", "json_lines", "terminal_output"),
        ("cli",),
        ("__init__",),
        ("__main__",),
    ),
    "chatgptfree_mock": (
        ("__init__", "errors", "suggestion", "control_characters", "json_schema"),
        ("usage_error", "clock", "tape", "server_log", "extras", "keyword_arguments", "no_certificates"),
        ("replay", "memory_limit"),
        ("contract", "variants"),
        ("sites.model_api", "sites.recorded", "wire", "journal"),
        ("sites.wordpress",),
        ("sites.aipower",),
        ("config", "diff"),
        ("recorder", "intercept"),
        ("scenario",),
        ("server",),
        ("serving", "crashtest", "watch"),
        ("pytest_plugin",),
        ("cli",),
        ("__main__",),
    ),
}
"""From the ground up: a module imports only from its own room and from the floors below."""
OTHER = {"chatgptfree": "chatgptfree_mock", "chatgptfree_mock": "chatgptfree"}
SHOWS_THE_CLIENT = (
    "chatgptfree_mock.cli.demo",
    "chatgptfree_mock.sites.aipower.client_view",
    "chatgptfree_mock.watch.visit",
)
"""The modules of the mock that show what the client makes of a recording; they import it inside functions only."""
NO_MACHINE = frozenset({"aiohttp", "asyncio", "time", "os", "socket", "subprocess", "threading", "secrets", "uuid"})
PURE = {
    "chatgptfree.core": NO_MACHINE | {"random"},
    "chatgptfree_mock.tape": NO_MACHINE | {"random"},
    "chatgptfree_mock.replay": NO_MACHINE | {"random"},
    "chatgptfree_mock.variants": NO_MACHINE | {"random"},
    "chatgptfree_mock.diff": NO_MACHINE | {"random"},
    "chatgptfree_mock.contract": NO_MACHINE,
    "chatgptfree_mock.sites": NO_MACHINE,
}
"""Packages without input, output, clock and chance of their own, and the modules that they may not import."""
PACKS = "chatgptfree_mock.sites."
"""Found by entry points: nothing outside imports anything inside."""
REDACTION = ("text", "names", "patterns", "running_text", "known_values", "bodies", "")
"""The packages of `tape/redaction`, from the ground up, and its own modules above them."""
TESTS = {"chatgptfree": ROOT / "tests/client", "chatgptfree_mock": ROOT / "tests/mock"}
NOT_A_PACKAGE = {"client/catalogue": "the rows of the list of edge cases that a client without a mock can be asked"}
"""The folders below `tests` that mirror no package, with the reason."""
TOUCHES_FILES = tuple(f"chatgptfree_mock.tape.{name}" for name in ("files", "folder", "whole_file"))
"""The modules of a pure package that read and write cassettes on the disk; they may import `os`."""


MOCK = SOURCES["chatgptfree_mock"]
KNOW_NO_SITE = (
    *("server", "scenario", "crashtest", "journal", "tape", "replay", "diff", "watch", "wire", "variants", "recorder"),
    *("intercept", "contract", "config", "cli", "pytest_plugin"),
)
"""The rooms that know a site by its pack only."""
OF_A_SITE = re.compile(
    r"wpaicg|aipkit|aipower|word ?press|\bwp[-_]\w+|admin-ajax|_ajax_nonce|_wpnonce|bot_id", re.IGNORECASE
)
"""Words of WordPress and of the plugin."""
MAY_NAME_A_SITE = {
    # The default pack, and where docstrings name it.
    *("config/default_pack.py: aipower", "config/site.py: aipower"),
    "server/mock_site.py: aipower",
    # A key of recordings: the software of the recorded site.
    *("tape/extra_keys.py: wordpress", "tape/extra_keys.py: WordPress"),
    # What is redacted: secrets of known makers, and where their form is from.
    *(
        "tape/redaction/patterns/marked_keys.py: WordPress",
        "tape/redaction/names/secret_names.py: WordPress",
        "tape/redaction/bodies/quick_check.py: WordPress",
    ),
    *("tape/redaction/names/secret_values.py: wp_rest", "tape/redaction/patterns/vendor_keys.py: AIPKit"),
    "tape/redaction/patterns/vendor_keys.py: aipkit",
    # Sources of facts about tokens.
    *("variants/token_rules.py: WordPress", "variants/token_rules.py: wp_create_nonce"),
    "variants/token_rules.py: wp_nonce_tick",
}


def room_of(package: str, module: str) -> str:
    """Return the room of *module*; the package itself is the room `__init__`."""
    parts = module.split(".")[1:]
    if not parts:
        return "__init__"
    return ".".join(parts[:2]) if parts[0] == SPLIT[package] and len(parts) > 1 else parts[0]


def is_late(node: ast.AST) -> bool:
    """Return whether *node* is a function or an ``if TYPE_CHECKING:``, whose imports wait."""
    types_only = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return types_only or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


@cache
def imports(source: str, module: str, *, is_package: bool = False) -> tuple[tuple[str, bool], ...]:
    """Return each name that *source* imports, dotted, and whether importing *module* imports it at once."""
    here = f"{module}.__init__" if is_package else module
    return tuple(_imports(ast.parse(source), here.split("."), at_once=True))


def _imports(tree: ast.AST, here: list[str], *, at_once: bool) -> Iterator[tuple[str, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, at_once
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else []
            for alias in node.names:
                yield ".".join([*base, *filter(None, [node.module]), alias.name]), at_once
        elif not isinstance(node, ast.expr):
            yield from _imports(node, here, at_once=at_once and not is_late(node))


def wrong_imports(source: str, package: str, module: str, *, is_package: bool = False) -> list[str]:
    """Return what *source* imports although it may not, were it *module* of *package*."""
    floor = {room: number for number, rooms in enumerate(FLOORS[package]) for room in rooms}
    own = room_of(package, module)
    banned = {name for folder, names in PURE.items() if f"{module}.".startswith(f"{folder}.") for name in names}
    wrong = []
    for name, at_once in imports(source, module, is_package=is_package):
        top = name.partition(".")[0]
        room = room_of(package, name)
        if top == package and room in floor and room not in (own, "__init__") and floor[room] >= floor[own]:
            wrong.append(name)
        if name.startswith(PACKS) and not module.startswith(PACKS):
            wrong.append(name)
        if top == OTHER[package] and (at_once or module not in SHOWS_THE_CLIENT):
            wrong.append(name)
        if top in banned and not (top == "os" and module in TOUCHES_FILES):
            wrong.append(name)
    return wrong


def modules() -> Iterator[tuple[str, str, Path]]:
    for package, path in SOURCES.items():
        for file in sorted(path.rglob("*.py")):
            dotted = ".".join(file.relative_to(path.parent).with_suffix("").parts)
            yield package, dotted.removesuffix(".__init__"), file


MODULES = list(modules())


def arrows(package: str) -> dict[str, set[str]]:
    """Return the rooms that each room of *package* imports."""
    graph: dict[str, set[str]] = defaultdict(set)
    for owner, module, file in MODULES:
        if owner == package:
            own = room_of(package, module)
            graph[own]  # a room that imports nothing is a room as well
            for name, _ in imports(file.read_text(), module, is_package=file.name == "__init__.py"):
                room = room_of(package, name)
                if name.startswith(f"{package}.") and room not in (own, "__version__"):
                    graph[own].add(room)
    return graph


@pytest.mark.parametrize("package", SOURCES)
def test_every_room_has_a_floor(package: str) -> None:
    placed = {room for rooms in FLOORS[package] for room in rooms}
    rooms = {room_of(package, module) for owner, module, _ in MODULES if owner == package} - set(SPLIT.values())
    assert rooms == placed


def test_imports_go_one_way() -> None:
    wrong = {
        module: names
        for package, module, file in MODULES
        if (names := wrong_imports(file.read_text(), package, module, is_package=file.name == "__init__.py"))
    }
    assert wrong == {}


@pytest.mark.parametrize("room", KNOW_NO_SITE)
def test_a_room_knows_no_site(room: str) -> None:
    found = {
        f"{file.relative_to(MOCK)}: {match[0]}"
        for file in sorted((MOCK / room).rglob("*.*"))
        if file.suffix in (".py", ".html", ".js", ".j2")
        for match in OF_A_SITE.finditer(file.read_text())
    }
    assert found - MAY_NAME_A_SITE == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module for _, module, _ in MODULES}
    graph: dict[str, set[str]] = {}
    for _, module, file in MODULES:
        found = imports(file.read_text(), module, is_package=file.name == "__init__.py")
        used = {name if name in names else name.rpartition(".")[0] for name, at_once in found if at_once}
        graph[module] = used & names - {module}
    TopologicalSorter(graph).prepare()


def redaction_package(name: str) -> str:
    """Return the package of `tape/redaction` that *name*, dotted, is in; empty if it is a module above them."""
    inside = name.removeprefix("chatgptfree_mock.tape.redaction").split(".")
    return inside[1] if len(inside) > 2 and inside[1] in REDACTION else ""


def test_the_packages_of_redaction_import_one_way() -> None:
    start = "chatgptfree_mock.tape.redaction"
    upward = [
        f"{module} imports {name}"
        for _, module, file in MODULES
        if f"{module}.".startswith(f"{start}.") and file.name != "__init__.py"
        for name, _ in imports(file.read_text(), module)
        if name.startswith(f"{start}.")
        and REDACTION.index(redaction_package(name)) > REDACTION.index(redaction_package(module))
    ]
    assert upward == []
    assert {file.parent.name for _, module, file in MODULES if module.startswith(f"{start}.")} - {"redaction"} == {
        *REDACTION[:-1]
    }


@pytest.mark.parametrize("package", SOURCES)
def test_rooms_floors_and_arrows_count(package: str) -> None:
    graph = arrows(package)
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    floors = 0
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        floors += 1
    print(f"\n{package}: {len(graph)} rooms, {floors} floors, {sum(map(len, graph.values()))} arrows")
    assert floors <= len(FLOORS[package])


@for_each(
    ("package", "module", "line"),
    [
        pytest.param("chatgptfree", "chatgptfree.core.page.x", "from chatgptfree.aio import x", id="core to aio"),
        pytest.param("chatgptfree", "chatgptfree.core.page.x", "from ..answer import y", id="relative"),
        pytest.param("chatgptfree", "chatgptfree.core.page.x", "import socket", id="a pure module opens a socket"),
        pytest.param("chatgptfree", "chatgptfree.messages", "import chatgptfree.core.page.x", id="messages to core"),
        pytest.param("chatgptfree", "chatgptfree.aio.stream", "from chatgptfree import cli", id="aio to cli"),
        pytest.param("chatgptfree", "chatgptfree.cli", "from chatgptfree_mock import tape", id="client to mock"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.tape.x", "import chatgptfree_mock.replay", id="tape up"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.tape.x", "from time import sleep", id="a pure module waits"),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.journal", "import chatgptfree_mock.server", id="journal up"),
        pytest.param(
            "chatgptfree_mock", "chatgptfree_mock.server.x", "from chatgptfree_mock import cli", id="server up"
        ),
        pytest.param("chatgptfree_mock", "chatgptfree_mock.diff.pages", "import chatgptfree", id="the client at once"),
        pytest.param(
            "chatgptfree_mock",
            "chatgptfree_mock.cli.x",
            "from chatgptfree_mock.sites.recorded import pack",
            id="a pack",
        ),
        pytest.param(
            "chatgptfree_mock",
            "chatgptfree_mock.wire.x",
            "def late():\n    from chatgptfree_mock.server.app import make_app",
            id="inside a function as well",
        ),
    ],
)
def test_a_wrong_import_is_found(package: str, module: str, line: str) -> None:
    assert wrong_imports(line, package, module)


def folders(root: Path, files: str) -> set[str]:
    """Return the folders below *root* that hold *files*, a pattern, as paths from there."""
    return {file.parent.relative_to(root).as_posix() for file in root.rglob(files)} - {"."}


@pytest.mark.parametrize("package", SOURCES)
def test_tests_are_laid_out_as_the_packages_are(package: str) -> None:
    packages = {folder for folder in folders(SOURCES[package], "*.py") if folder not in SPLIT.values()}
    tested = folders(TESTS[package], "test_*.py")
    others = {folder for folder in tested if f"{TESTS[package].name}/{folder}" in NOT_A_PACKAGE}
    assert tested - others == packages


IMPORT_OF_A_TEST = re.compile(r"^ *(?:from|import) (?:tests\b|\.).*\btest_\w+", re.MULTILINE)


def test_no_test_imports_another() -> None:
    """What several tests use is in `tests/support`."""
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in sorted((ROOT / "tests").rglob("*.py"))
        for line in IMPORT_OF_A_TEST.findall(file.read_text())
    ]
    assert found == []


@for_each("line", ["from tests.mock.test_x import one", "    import tests.test_x", "from .test_x import one"])
def test_an_import_of_a_test_is_found(line: str) -> None:
    assert IMPORT_OF_A_TEST.search(line)
