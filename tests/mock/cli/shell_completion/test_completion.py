"""Shell completion: what is offered, and how fast; test_completion_in_a_shell.py has real shells."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import get_completion_class
from tests.support.completion import asking

from chatgptfree_mock import cli
from chatgptfree_mock.cli.shell_completion import shells as _  # noqa: F401 - click finds its classes from now on
from chatgptfree_mock.replay.faults import Fault

KEPT = Path("chatgptfree-mock", "completion.json")
_SLOW = ("aiohttp", "msgspec", "rich", "yaml", "pytest", "chatgptfree_mock.tape", "chatgptfree_mock.server")


def offered(line: str, shell: str = "zsh") -> list[str]:
    """Return what *shell* is offered for the last word of *line*; `FILES` where the shell is to offer files."""
    *words, incomplete = line.split(" ")
    kind = get_completion_class(shell)
    assert kind is not None
    found = kind(cli.group, {}, cli.PROGRAM, cli.COMPLETE_VARIABLE).get_completions(words, incomplete)
    return ["FILES" if item.type == "file" else "FOLDERS" if item.type == "dir" else item.value for item in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("serve --plugin 1.8.9", "1.8.93"),
        ("serve --plugin=1.8.9", "--plugin=1.8.93"),
        ("serve --pack ", "recorded"),
        ("serve --fault res", "reset"),
        ("serve --fault reset", "reset@chunk:3"),
        ("serve --fault reset@50%,st", "reset@50%,stall"),
        ("serve --fault del", "delay-headers=2s"),
        ("serve --chunks ut", "utf8"),
        ("serve --pace x", "x4"),
        ("serve --on-miss ", "nearest"),
        ("serve --intercept --tls-fault ", "expired"),
        ("serve --site ", "FILES"),
        ("serve --cassettes ta", "FILES"),
        ("serve -- no", "FILES"),
        ("crashtest --cassette ta", "FILES"),
        ("crashtest --html ", "FILES"),
        ("crashtest --scenario ", "nonce"),
        ("crashtest --scenario non", "nonce/expired-403"),
        ("crashtest --scenario nonce/exp", "nonce/expired-403"),
        ("crashtest --variant cut/close-h", "cut/close-half"),
        ("crashtest --variant page/cut/close-h", "page/cut/close-half"),
        ("crashtest --variant tls/", "tls/expired"),
        ("crashtest --variant tokens/m", "tokens/missing"),
        ("crashtest --plugin ", "all"),
        ("crashtest --plugin >=1.8.91,<2.4.7", ">=1.8.91,<2.4.71"),
        ("crashtest --chunks bytes;ut", "bytes;utf8"),
        ("scenarios stream/ha", "stream/half-an-event"),
        ("releases 1.8.90 1.8.9", "1.8.93"),
        ("learn tape.yaml --based-on 2.4.9", "2.4.97"),
        ("record --keep em", "emails"),
        ("record --record-mode al", "all"),
        ("schema s", "scenario"),
        ("lint ", "FILES"),
        ("completion ", "fish"),
        ("cr", "crashtest"),
        ("serve --no-", "--no-repeat"),
    ],
)
@pytest.mark.usefixtures("cache")
def test_a_value_is_offered(line: str, expected: str) -> None:
    assert expected in offered(line)


@pytest.mark.usefixtures("cache")
def test_zsh_and_fish_replace_a_word_with_an_option_whole() -> None:
    assert offered("serve --fault=gzip-", "zsh") == offered("serve --fault=gzip-", "fish") == ["--fault=gzip-cut"]


@pytest.mark.usefixtures("cache")
def test_what_does_not_begin_alike_is_not_offered() -> None:
    assert offered("serve --plugin 9.") == offered("serve --fault xy") == offered("crashtest --scenario zz") == []
    assert {name.partition("/")[0] for name in offered("crashtest --scenario non")} == {"nonce"}
    assert not any("/" in name for name in offered("crashtest --scenario "))


@pytest.mark.usefixtures("cache")
def test_every_fault_that_is_offered_is_one() -> None:
    words = offered("serve --fault ")
    places = [place for word in words for place in offered(f"serve --fault {word}")]
    assert len(words) > 15 < len(places)
    for word in (*words, *places):
        Fault.parse(word)


@pytest.mark.usefixtures("cache")
def test_every_option_of_every_command_is_offered() -> None:
    context = click.Context(cli.group)
    names = cli.group.list_commands(context)
    assert offered("") == names
    for name in names:
        command = cli.group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, parent=context, info_name=name, resilient_parsing=True)
        wanted = {item.value for item in command.shell_complete(inner, "--")} - {"--help"}
        assert set(offered(f"{name} --")) - {"--help"} == wanted, name


@pytest.mark.usefixtures("cache")
def test_releases_and_scenarios_of_ones_own_are_offered() -> None:
    Path("pyproject.toml").write_text("[tool.chatgptfree_mock]\nscenarios = ['mine']\n")
    for file in ("releases/3.0.1.yaml", "elsewhere/3.1.0.yaml", "mine/odd/first.yaml", "more/odd/second.yaml"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text("")
    assert offered("serve --plugin 3.") == ["3.0.1"]
    assert offered("serve --releases elsewhere --plugin 3.") == ["3.1.0"]
    assert offered("scenarios odd/") == ["odd/first"]
    assert offered("crashtest --scenarios more --scenario odd/") == ["odd/first", "odd/second"]


@pytest.mark.usefixtures("cache")
def test_values_are_those_of_the_pack_that_is_named() -> None:
    Path("pyproject.toml").write_text("[tool.chatgptfree_mock]\npack = 'recorded'\n")
    assert "1.8.93" not in offered("serve --plugin ")
    assert "1.8.93" in offered("serve --pack aipower --plugin ")
    Path("pyproject.toml").write_text("not TOML")
    assert "1.8.93" in offered("serve --plugin ")


def test_nothing_slow_is_imported(cache: Path) -> None:
    probe = (
        "import atexit, sys; from chatgptfree_mock.cli import run\n"
        f"atexit.register(lambda: print(*[m for m in sys.modules if m.startswith({_SLOW!r})], file=sys.stderr))\n"
        "run([])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env=asking(cache, "serve --fault gz"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["plain,gzip", "plain,gzip-cut"]
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"key": "of another version"}'])
def test_what_is_kept_of_another_installation_is_taken_anew(cache: Path, text: str) -> None:
    (cache / KEPT).write_text(text)
    assert "--plugin" in offered("serve --pl")
    assert "serve" in json.loads((cache / KEPT).read_text())["commands"]


def test_a_cache_that_cannot_be_written_costs_time_only(cache: Path) -> None:
    shutil.rmtree(cache)
    cache.write_text("a file where the folder would be")
    assert "--plugin" in offered("serve --pl")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"{cli.COMPLETE_VARIABLE}={shell}_complete" in script


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["completion", "bsh"]) == 2
    assert "did you mean `bash`?" in capsys.readouterr().err
