"""The Dockerfile: its steps run in folders, and make an image where a builder answers.  Both fetch packages."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]
FILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
BUILDER = shutil.which("docker")
pytestmark = [pytest.mark.set_up, pytest.mark.timeout(900)]


def steps(stage: str, word: str) -> list[str]:
    """Return what follows *word* in the lines of a *stage*."""
    return re.findall(rf"^{word} (.*)$", stage, re.MULTILINE)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def serve(command: Sequence[str], port: int, environment: Mapping[str, str]) -> None:
    """Run *command* and read the site's page once it has printed its address."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert any("http://" in line for line in running.stdout)
            with urlopen(f"http://127.0.0.1:{port}/", timeout=300) as answer:
                assert "ChatGPT Free" in answer.read().decode()
        finally:
            running.terminate()


def test_the_steps_make_a_server(tmp_path: Path) -> None:
    first, second = re.split(r"^FROM .*$", FILE, flags=re.MULTILINE)[1:]
    source = tmp_path / "src"
    for words in map(str.split, steps(first, "COPY")):
        for name in words[:-1]:
            target = source / words[-1] / (name if words[-1] == "./" else "")
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, target)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    environment = {**kept, "PATH": f"{tmp_path / 'venv/bin'}:{os.environ['PATH']}"}
    (wheel,) = steps(first, "RUN")
    install = next(each for each in steps(second, "RUN") if "pip install" in each)
    for step in (wheel, re.sub(r"--mount=\S+", "", install)):
        here = step.replace("/wheels", str(tmp_path / "wheels"))
        done = subprocess.run(
            ["sh", "-ec", here], cwd=source, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    words = [*json.loads(steps(second, "ENTRYPOINT")[0]), *json.loads(steps(second, "CMD")[0])]
    serve([str(port) if word == "8080" else word for word in words], port, environment)


@pytest.mark.skipif(
    not BUILDER or subprocess.run([BUILDER, "info"], capture_output=True, check=False).returncode != 0,
    reason="no builder of images answers",
)
def test_the_image_serves_without_root() -> None:
    builder = str(BUILDER)
    built = subprocess.run(
        [builder, "build", "-q", str(ROOT)], capture_output=True, text=True, check=True
    ).stdout.strip()
    user = subprocess.run(
        [builder, "run", "--rm", "--entrypoint", "id", built, "-u"], capture_output=True, text=True, check=True
    )
    assert user.stdout.strip() == "10001"
    port = free_port()
    serve([builder, "run", "--rm", "-p", f"127.0.0.1:{port}:8080", built], port, os.environ)
