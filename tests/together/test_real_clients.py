"""The clients in examples/clients/: each works on the recording that it reads, with the version that is pinned."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.serving import MockSite

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "clients"
PAGE = ROOT / "docs" / "real-clients.md"


_FAILURE = re.compile(r"- (?P<verdict>[a-z ]+), `(?P<variant>[^`]+)`: ")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"examples_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE: Any = script("table")
RECORDINGS: Any = script("recordings")
TEXT = "".join(RECORDINGS.DELTAS)


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """Install what the clients of Node need, once for each set of pinned versions, into a folder that stays."""
    pinned = (FOLDER / "package.json").read_text(encoding="utf-8")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chatgptfree-real-clients"
    if not (cache / "node_modules").is_dir() or (cache / "package.json").read_text(encoding="utf-8") != pinned:
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / "package.json", cache)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return cache


def command(name: str, request: pytest.FixtureRequest) -> list[str]:
    if name.endswith(".mjs"):
        folder: Path = request.getfixturevalue("node_folder")
        shutil.copy(FOLDER / name, folder)
        return ["node", str(folder / name)]
    program = TABLE.PROGRAMS[Path(name).suffix]
    return [*([sys.executable] if program == "python" else program.split()), str(FOLDER / name)]


@pytest.mark.other_clients
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "tape"), [(name, tape) for name, _, _, tape in TABLE.CLIENTS])
def test_it_prints_the_whole_answer(name: str, tape: str, request: pytest.FixtureRequest) -> None:
    words = command(name, request)
    with MockSite(pack="recorded", cassette=str(ROOT / f"cassettes/apis/{tape}.yaml"), match_on=["path"]) as site:
        url = site.url if tape == "claude" else f"{site.url}/v1"
        done = subprocess.run([*words, url, RECORDINGS.QUESTION], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == (TEXT, 0), done.stderr


@pytest.mark.other_clients
@pytest.mark.parametrize(
    "package", sorted({each for name, _, packages, _ in TABLE.CLIENTS if name.endswith(".py") for each in packages})
)
def test_the_page_is_about_the_pinned_versions_of_python(package: str) -> None:
    assert f"{package} {version(package)}" in PAGE.read_text(encoding="utf-8")


def test_the_page_is_about_the_pinned_versions_of_node() -> None:
    pinned = json.loads((FOLDER / "package.json").read_bytes())["dependencies"]
    text = PAGE.read_text(encoding="utf-8")
    for name, what, packages, _ in TABLE.CLIENTS:
        if name.endswith(".mjs"):
            versions = ", ".join(f"{package} {pinned[package]}" for package in packages)
            assert f"| {what} | {versions} |" in text


@pytest.mark.parametrize("api", RECORDINGS.APIS)
def test_the_recordings_are_those_that_the_script_makes(api: str, tmp_path: Path) -> None:
    RECORDINGS.main(tmp_path)
    made, there = tmp_path / f"{api}.yaml", ROOT / f"cassettes/apis/{api}.yaml"
    assert made.read_bytes() == there.read_bytes()


def test_every_client_is_in_the_page_and_every_command_names_a_file() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert {name for name, *_ in TABLE.CLIENTS} == {
        file.name
        for file in FOLDER.iterdir()
        if file.suffix in TABLE.PROGRAMS and file.name not in ("table.py", "recordings.py")
    }
    assert text.startswith(TABLE.HEAD)
    for _, what, _, _ in TABLE.CLIENTS:
        assert f"\n| {what} | " in text
    commands = [line for line in text.splitlines() if line.startswith("chatgptfree-mock crashtest ")]
    assert commands
    for line in commands:
        words = line.split()
        assert (ROOT / words[words.index("--cassette") + 1]).is_file()
        assert (ROOT / next(word for word in words if word.startswith(TABLE.HERE))).is_file()


def rows_against_all() -> list[list[str]]:
    """Return the cells of the table that holds the default list against all variants."""
    lines = PAGE.read_text(encoding="utf-8").partition(TABLE.ALL)[2].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][1:]


def test_the_default_list_misses_no_verdict_of_all_variants() -> None:
    rows = rows_against_all()
    assert {name for name, *_ in rows} <= {what for _, what, _, _ in TABLE.CLIENTS}
    assert len(rows) >= 4
    assert {missed for *_, missed in rows} == {"nothing"}


def test_a_verdict_is_missed_where_no_default_variant_of_its_family_has_it() -> None:
    def result(variant: str, kind: str, verdict: str) -> VariantResult:
        found = VariantVerdict(verdict)
        return VariantResult(variant=variant, kind=kind, grade=1, source="", verdict=found, reason="")

    card = VariantCard(
        client="c",
        results=[
            result("events/crlf", "equivalent", "crash"),
            result("chunks/bytes+events/crlf", "equivalent", "crash"),
            result("events/crlf+json/ascii", "equivalent", "wrong"),
            result("cut/close-half", "breakage", "right"),
            result("cut/close-10%", "breakage", "silent loss"),
            result("status/500", "breakage", "crash"),
            result("status/501", "equivalent", "crash"),
        ],
    )
    missed = TABLE.missed(card, {"events/crlf", "cut/close-half", "status/500"})
    assert [each.variant for each in missed] == ["events/crlf+json/ascii", "cut/close-10%", "status/501"]


def failures_by_client() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return, for each client on the page, the words of its command, and the verdict on each variant that is named."""
    found: dict[str, tuple[list[str], dict[str, str]]] = {}
    variants: dict[str, str] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("chatgptfree-mock crashtest "):
            words, variants = shlex.split(line)[1:], {}
            client = next(word for word in words if word.startswith(TABLE.HERE))
            found[Path(client).name] = (words, variants)
        elif failure := _FAILURE.match(line):
            variants[failure["variant"]] = failure["verdict"]
    return found


FAILURES = failures_by_client()


def test_each_section_of_the_page_has_failures_of_the_kinds_that_are_listed() -> None:
    assert len(FAILURES) == PAGE.read_text(encoding="utf-8").count("\n### ")
    for _, variants in FAILURES.values():
        assert variants
        assert set(variants.values()) <= set(TABLE.LISTED)


@pytest.mark.other_clients
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FAILURES)
def test_the_commands_of_the_page_show_what_it_says(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    words, variants = FAILURES[name]
    at = words.index("--")
    client = [*command(name, request), "{url}", "{message}"]
    chosen = [word for variant in variants for word in ("--variant", variant)]
    results = tmp_path / "results.json"
    program = Path(sys.executable).with_name("chatgptfree-mock")
    # LiteLLM's import alone takes seconds.
    options = [*chosen, "--timeout", "60", "--json", str(results)]
    done = subprocess.run(
        [str(program), *words[:at], *options, "--", *client],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts = {each["variant"]: each["verdict"] for each in json.loads(results.read_text())["results"]}
    assert {variant: verdicts.get(variant) for variant in variants} == variants
