"""
Fuzz the client's core: ``python tests/fuzz [SECONDS] [TARGET …]``, each target for so many seconds.

Starts from the recorded answers.  What makes a target fail is written to a file whose name is printed; keep it as
a test.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.tape.files import cassette_folder, load

SECONDS = 60
ONE = "--one"


def seed(folder: Path, target: str) -> None:
    """Put recorded answers, or pages, into *folder*, with a byte before each that chooses how it is read."""
    if target == "page":
        sys.path.insert(0, str(Path(__file__).parents[2]))
        render = importlib.import_module("tests.support.page_of_site").page
        for plugin in ("1.8.79", "1.8.93", "1.9.18", "2.3", "2.3.41", "2.4.71"):
            small = site_from({"plugin": plugin, "page_kilobytes": 0, "bots": [{}, {"id": 7, "name": "<B>"}]})
            folder.joinpath(plugin).write_bytes(b"\x02" + render(small).encode())
        return
    bodies = {path.stem: path for path in sorted((cassette_folder() / "recorded").glob("*/*.yaml"))}
    for case, path in bodies.items():
        folder.joinpath(case).write_bytes(b"\x40" + load(path).interactions[0].response.body)


def fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz the target *name* in this process, which ends with it."""
    atheris: Any = importlib.import_module("atheris")  # has no types, and is there for this alone
    with atheris.instrument_imports(include=["chatgptfree"]):
        targets: Any = importlib.import_module("targets")

    def run(data: bytes) -> None:
        targets.TARGETS[name](data)
        targets.check_growth(targets.TARGETS[name], data)

    atheris.Setup([sys.argv[0], *arguments], run)
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    if arguments[:1] == [ONE]:
        fuzz(arguments[1], arguments[2:])
        return 0
    seconds = int(arguments[0]) if arguments else SECONDS
    failed = []
    for name in arguments[1:] or ["decoder", "answers", "page"]:
        with tempfile.TemporaryDirectory() as corpus:
            seed(Path(corpus), name)
            found = Path(tempfile.gettempdir()) / f"fuzz-{name}-"
            options = [
                f"-max_total_time={seconds}",
                "-timeout=20",
                "-max_len=65536",
                f"-artifact_prefix={found}",
                corpus,
            ]
            print(f"== {name}, {seconds} s ==", flush=True)
            command = [sys.executable, str(Path(__file__).parent), ONE, name, *options]
            if subprocess.run(command, check=False).returncode:
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
