"""Without an extra, or on Windows, a sentence names what to install; the client needs no extra."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from tests.support.no_certificates import NO_CERTIFICATES

from chatgptfree_mock.extras import EXTRA_OF, explain

ROOT = Path(__file__).parents[2]
BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
"""
MOCK = tuple(module for module, extras in EXTRA_OF.items() if extras == "mock")
FROM_MOCK = "is missing, which comes with the extra `mock`: pip install '.[mock]' in a checkout of chatgptfree"
TESTS = """
import pytest

def test_of_the_client():
    import chatgptfree.blocking

def test_with_a_site(chat_site):
    pass

@pytest.mark.chat_scenarios("nonce/*")
def test_with_scenarios(chat_site):
    pass
"""


def without(modules: tuple[str, ...], program: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the Python *program* where *modules* cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", BLOCK.format(names=modules) + program],
        capture_output=True,
        check=False,
        text=True,
        cwd=cwd,
        env={**os.environ, **NO_CERTIFICATES, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        timeout=300,
    )


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("brotli", "releases 1.8.93"),
        ("gunicorn", "serve --port 0 --workers 2"),
        ("jinja2", "serve --port 0"),
        ("protego", "watch https://x.test --against tape.yaml"),
        ("rich", "crashtest -- true {url}"),
        ("trustme", "serve --port 0 --intercept"),
        ("yaml", "scenarios"),
        ("zstandard", "lint ."),
    ],
)
def test_a_command_names_the_extra_that_is_missing(module: str, arguments: str, tmp_path: Path) -> None:
    (tmp_path / "tape.yaml").touch()
    program = f"sys.argv[1:] = {arguments.split()!r}; from chatgptfree_mock.__main__ import main; main()"
    done = without((module,), program, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"chatgptfree-mock: {module} is missing, which comes with the extra `{EXTRA_OF[module]}`: "
        f"pip install '.[{EXTRA_OF[module]}]' in a checkout of chatgptfree"
    )
    assert "Traceback" not in done.stderr


def test_help_needs_no_extra(tmp_path: Path) -> None:
    program = "import chatgptfree_mock.cli as c; sys.exit(c.run(['--help']))"
    assert without(MOCK, program, cwd=tmp_path).returncode == 0


def test_each_package_of_an_extra_is_known() -> None:
    named = {
        re.split(r"[^\w.-]", line)[0].lower().replace("_", "-")
        for line in requires("chatgptfree") or ()
        if "extra ==" in line and "[" not in line
    }
    distributions = packages_distributions()
    assert {name.lower().replace("_", "-") for module in EXTRA_OF for name in distributions[module]} == named


def test_the_library_names_the_extra() -> None:
    done = without(("yaml",), "import chatgptfree_mock.serving", cwd=ROOT)
    assert done.stderr.splitlines()[-1] == (f"ModuleNotFoundError: yaml {FROM_MOCK}")


def test_the_library_refuses_windows_in_a_sentence() -> None:
    program = "sys.platform = 'win32'; import chatgptfree_mock.serving"
    done = without(("fcntl", "termios"), program, cwd=ROOT)
    assert done.stderr.splitlines()[-1].startswith(
        "chatgptfree_mock.errors.MissingError: `chatgptfree_mock.serving` needs system calls that Windows lacks; run it"
    )


def test_the_plugin_spoils_no_tests_where_only_the_client_is_installed(tmp_path: Path) -> None:
    (tmp_path / "test_probe.py").write_text(TESTS.rpartition("@pytest")[0])
    program = "import pytest; sys.exit(pytest.main(['-p', 'chatgptfree_mock.pytest_plugin', '-p', 'no:cacheprovider']))"
    done = without(MOCK, program, cwd=tmp_path)
    assert "1 passed, 1 error" in done.stdout
    assert re.search(
        rf"^E? *\w+ {re.escape(FROM_MOCK)}$",
        done.stdout,
        re.MULTILINE,
    )
    assert "Traceback" not in done.stdout + done.stderr


def test_a_marker_names_the_extra_as_well(tmp_path: Path) -> None:
    (tmp_path / "test_probe.py").write_text(TESTS)
    program = "import pytest; sys.exit(pytest.main(['-p', 'chatgptfree_mock.pytest_plugin', '-p', 'no:cacheprovider']))"
    done = without(MOCK, program, cwd=tmp_path)
    assert "test_with_scenarios: " in done.stdout
    assert FROM_MOCK in done.stdout


def test_modules_of_no_extra_are_not_explained() -> None:
    assert explain(ModuleNotFoundError("no module", name="numpy")) is None
    assert explain(ModuleNotFoundError("no name")) is None


@pytest.mark.set_up
@pytest.mark.timeout(900)
def test_an_installation_without_extras_is_reported(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    subprocess.run([programs / "pip", "install", "-q", ROOT, "pytest"], check=True)
    (tmp_path / "test_probe.py").write_text(TESTS.rpartition("@pytest")[0])

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        words = [str(programs / command[0]), *command[1:]]
        return subprocess.run(words, capture_output=True, check=False, text=True, cwd=tmp_path)

    assert run("chatgptfree", "--help").returncode == 0
    served = run("chatgptfree-mock", "serve", "--port", "0")
    assert (served.returncode, served.stderr.count("\n")) == (2, 1)
    tested = run("pytest", "-q", "test_probe.py")
    assert "1 passed, 1 error" in tested.stdout
    for printed in (served.stderr, tested.stdout):
        assert FROM_MOCK in printed
