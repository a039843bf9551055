"""Shell completion in real shells on a terminal: what the line is once Tab was pressed."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
TYPED = {
    "serve --fault gzip-": "serve --fault gzip-cut ",
    "serve --fault reset@ch": "serve --fault reset@chunk:3 ",
    "serve --fault reset@chunk:": "serve --fault reset@chunk:3 ",
    "serve --fault=reset@ev": "serve --fault=reset@event:2 ",
    "serve --fault delay-h": "serve --fault delay-headers=2s ",
    "serve --fault delay-headers=": "serve --fault delay-headers=2s ",
    "serve --plugin=1.8.9": "serve --plugin=1.8.9",
    "serve --chunks ev": "serve --chunks eve",
    "crashtest --scenario stream/half-an-ev": "crashtest --scenario stream/half-an-event ",
    "crashtest --variant 'cut/close-half-t": "crashtest --variant 'cut/close-half-the-events' ",
    "crashtest --plugin '>=1.8.9": "crashtest --plugin '>=1.8.9",
    "serve --cassettes ta": "serve --cassettes tape.yaml ",
    "serve --plugin 1.8.93 -- ta": "serve --plugin 1.8.93 -- tape.yaml ",
    "crasht": "crashtest ",
}
"""What is typed, and what the line is after a Tab."""

# Ctrl-T prints the line.
START = {
    "bash": """
PS1='$ '
bind 'set enable-bracketed-paste off'
bind -x '"\\C-t": printf "<<%s>>\\n" "$READLINE_LINE"'
eval "$(chatgptfree-mock completion bash)"
""",
    "zsh": """
PS1='$ '
autoload -Uz compinit && compinit -D
print-line() { print -r -- "<<$BUFFER>>" }
zle -N print-line
bindkey '^T' print-line
eval "$(chatgptfree-mock completion zsh)"
""",
    "fish": """
function fish_prompt; echo '$ '; end
function print_line; echo '<<'(commandline)'>>'; end
bind \\ct print_line
chatgptfree-mock completion fish | source
""",
}
COMMAND: dict[str, Callable[[Path], list[str]]] = {
    "bash": lambda home: ["bash", "--noprofile", "--rcfile", str(home / "start"), "-i"],
    "zsh": lambda _home: ["zsh", "-i"],
    # fish refuses a terminal that is not its own.
    "fish": lambda home: [
        "setsid",
        "--ctty",
        "fish",
        "--no-config",
        "--init-command",
        f"source {home / 'start'}",
        "-i",
    ],
}


@pytest.fixture(scope="module")
def terminal_of(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """Return what gives the terminal of a shell, which is started when it is first asked for."""
    with ExitStack() as running:
        yield cache(lambda shell: running.enter_context(started(shell, kept, tmp_path_factory.mktemp(shell))))


@contextmanager
def started(shell: str, kept: Path, folder: Path) -> Iterator[int]:
    """
    Start *shell* with the completion, and give its terminal once it has a prompt.

    Its folder has a file `tape.yaml`, and completion has a copy of *kept* as its cache.
    """
    home, caches, here = folder / "home", folder / "cache", folder / "here"
    shutil.copytree(kept, caches)
    home.mkdir()
    here.mkdir()
    (here / "tape.yaml").touch()
    for name in ("start", ".zshrc"):
        (home / name).write_text(START[shell])
    terminal, other = pty.openpty()
    own = {
        "HOME": home,
        "XDG_CACHE_HOME": caches,
        "ZDOTDIR": home,
        "XDG_CONFIG_HOME": home,
        "XDG_DATA_HOME": home,
        "TERM": "dumb",
    }
    process = subprocess.Popen(
        COMMAND[shell](home),
        cwd=here,
        stdin=other,
        stdout=other,
        stderr=other,
        env={**os.environ, **{name: str(value) for name, value in own.items()}, "PATH": f"{BIN}:{os.environ['PATH']}"},
        start_new_session=shell != "fish",
    )
    os.close(other)
    read_until(terminal, b"$ ")
    try:
        yield terminal
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def read_until(terminal: int, end: bytes) -> bytes:
    shown = b""
    while end not in shown:
        shown += os.read(terminal, 4096)
    return shown


CASES = [
    pytest.param(
        shell,
        typed,
        line,
        id=f"{shell}: {typed}",
        marks=() if shell == "bash" else pytest.mark.other_clients,
    )
    for shell in START
    for typed, line in TYPED.items()
]


@pytest.mark.parametrize(("shell", "typed", "line"), CASES)
def test_a_shell_completes_a_line(terminal_of: Callable[[str], int], shell: str, typed: str, line: str) -> None:
    terminal = terminal_of(shell)
    # Ctrl-U clears the line of the test before.
    os.write(terminal, f"\x15chatgptfree-mock {typed}\t\x14".encode())
    shown = read_until(terminal, b">>")
    assert shown.partition(b"<<")[2].partition(b">>")[0].decode() == f"chatgptfree-mock {line}"
