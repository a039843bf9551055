"""
The README and the guides as their readers use them: code blocks run from top to bottom in an empty folder.

A block that begins with a comment and a file name is written to that file.  A block of text is what the block before it
has to print; `…` matches any part of a line, and on a line of its own for any number of lines.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*|\{\w+\})\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"(?:#|//) (\S+\.\w+)\n")
_HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)
_PORTS = re.compile(r"\b80(?:80|81|82)\b")
_SERVERS = {"chatgptfree-mock serve": "8080", "chatgptfree-mock record": "8081"}
_PATIENCE = 300
_ANY_LINES = r"(?:.*(?:\n|\Z))*?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block and what it is written in."""

    language: str
    code: str


def blocks(text: str) -> list[Block]:
    """Return the blocks in *text*, without the directives of the documentation (```` ```{toctree} ````)."""
    found = [Block(language=language, code=code) for language, code in _FENCE.findall(text)]
    return [block for block in found if not block.language.startswith("{")]


def sections() -> dict[str, list[Block]]:
    """Return the README's blocks below each heading; those before the first heading are below ``""``."""
    parts = _HEADING.split((ROOT / "README.md").read_text(encoding="utf-8"))
    titles = ["", *parts[1::2]]
    return {title: found for title, found in zip(titles, map(blocks, parts[::2]), strict=True) if found}


class NobodyRunsThisError(Exception):
    """A block of a sort that this module can't execute."""


@dataclass(slots=True)
class Reader:
    """Somebody who types a section into a shell, in *folder*; ports are free ones in place of the README's."""

    folder: Path
    ports: dict[str, str] = field(default_factory=dict)
    servers: list[subprocess.Popen[str]] = field(default_factory=list)
    read: str = ""
    """What all commands printed."""
    last: str = ""
    """What the commands of the last block printed."""

    def follow(self, block: Block) -> None:
        """
        Run *block*.

        Raises:
            NobodyRunsThisError: no idea how.
        """
        code = _PORTS.sub(lambda port: self._port(port[0]), block.code)
        if block.language == "text":
            self._compare(code)
        elif named := _NAMED.match(code):
            self._write(named[1], code)
        else:
            self.last = ""
            self._execute(block.language, code)

    def _compare(self, code: str) -> None:
        if not self.last:
            raise NobodyRunsThisError(f"nothing was printed that this could be:\n{code}")
        assert re.fullmatch(_as_pattern(code), self.last), f"expected:\n{code}\nprinted:\n{self.last}"

    def _execute(self, language: str, code: str) -> None:
        match language:
            case "bash":
                self._shell(code)
            case "python" if "def test_" in code:
                self._write("test_own.py", code)
                self._run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own.py"])
            case "python":
                self._run([sys.executable, "-c", code])
            case _:
                raise NobodyRunsThisError(f"```{language}\n{code}```")

    def _write(self, name: str, code: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
        if "workflows" in file.parts:
            self._workflow(yaml.safe_load(code))

    def _shell(self, code: str) -> None:
        here: list[str] = []
        for line in code.replace("\\\n", " ").splitlines():
            server = next((start for start in _SERVERS if line.startswith(start) and " -- " not in line), None)
            if server is None:
                # The crash test of a client that is no model ends with 1, as it should.
                here.append(f"{line} || test $? = 1" if line.startswith("chatgptfree-mock crashtest") else line)
                continue
            self._run(["bash", "-ec", "\n".join(here)])
            here = []
            self._serve(line, self._port(_SERVERS[server]))
        self._run(["bash", "-ec", "\n".join(here)])

    def _serve(self, line: str, port: str) -> None:
        if "--port" not in line:
            line += f" --port {port}"
        port = line.split("--port ")[1].split()[0]
        words = ["bash", "-c", f"exec {line}"]
        process = subprocess.Popen(
            words, cwd=self.folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.servers.append(process)
        assert process.stdout is not None
        for output in process.stdout:
            if f":{port}" in output:
                return
        raise AssertionError(f"`{line}` ended with {process.wait()} and printed no address")

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
        report = f"{words[-1]}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, report
        assert "Traceback (most recent call last)" not in done.stderr, report
        # A pipe hides the exit code of a client that got no answer.
        assert "no recorded answer" not in done.stdout, report
        self.read += done.stdout
        self.last += done.stdout

    def _workflow(self, workflow: dict[str, Any]) -> None:
        # YAML 1.1 reads the key `on` as true.
        assert {"name", "jobs", True} == set(workflow)
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert ("uses" in step) != ("run" in step), step
                if step.get("run", "").startswith("chatgptfree-mock"):
                    self._shell(step["run"])
                if step.get("uses") == "./chatgptfree":  # what action.yml does with its input
                    arguments = step["with"]["arguments"].replace("chatgptfree/", f"{ROOT}/")  # the submodule
                    self._shell(f"chatgptfree-mock crashtest {arguments}")

    def _port(self, written: str) -> str:
        if written not in self.ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[written] = str(probe.getsockname()[1])
        return self.ports[written]


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """Give a reader in *folder*, with what a checkout has; what they started and left running is interrupted."""
    for name in ("cassettes", "examples"):
        (folder / name).symlink_to(ROOT / name)
    somebody = Reader(folder)
    try:
        yield somebody
    finally:
        for process in somebody.servers:
            process.send_signal(signal.SIGINT)
        for process in somebody.servers:
            process.communicate(timeout=_PATIENCE)
    assert [process.returncode for process in somebody.servers] == [130] * len(somebody.servers)


def _as_pattern(text: str) -> str:
    """Return the pattern of an output that may have blanks at the end of its lines, and no line end at its end."""
    lines = (
        _ANY_LINES if line == "…" else re.escape(line).replace("…", ".*") + r" *(?:\n|\Z)" for line in text.splitlines()
    )
    return "".join(lines)


def _environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COVERAGE_"))}
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1"}
