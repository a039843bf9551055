"""The group of commands: loading, errors, exit codes."""

from __future__ import annotations

import gc
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

import click
import pytest

from chatgptfree_mock import cli
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.usage_error import StrictCommand

Commands = dict[str, click.Command]


@pytest.fixture
def add_command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], int | None]], None]:
    """Return a function that makes its argument the command ``probe``."""

    def add(body: Callable[[], int | None]) -> None:
        monkeypatch.setattr(cli.LazyGroup, "list_commands", lambda _self, _ctx: ["probe"])
        command = click.Command("probe", callback=body)
        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda _self, _ctx, _name: command)

    return add


Add = Callable[[Callable[[], int | None]], None]


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1)])
def test_what_a_command_returns_is_the_exit_code(add_command: Add, returned: int | None, code: int) -> None:
    add_command(lambda: returned)
    assert cli.run(["probe"]) == code


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(SettingsError("no bot 7"), "chatgptfree-mock: no bot 7\n", id="an error of ours"),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "x.yaml"),
            "chatgptfree-mock: x.yaml: No such file or directory\n",
            id="an error of the file system",
        ),
    ],
)
def test_bad_input_is_one_line_on_stderr(
    add_command: Add, capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    def fail() -> None:
        raise error

    add_command(fail)
    assert cli.run(["probe"]) == 2
    assert capsys.readouterr() == ("", line)


def test_ctrl_c_ends_without_a_traceback(add_command: Add, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    add_command(interrupted)
    assert cli.run(["probe"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_other_errors_are_bugs_and_stay_visible(add_command: Add) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    add_command(bug)
    with pytest.raises(ZeroDivisionError):
        cli.run(["probe"])


def test_another_module_that_is_missing_is_a_bug(add_command: Add) -> None:
    def bug() -> None:
        raise ModuleNotFoundError("no module of ours", name="chatgptfree_mock.gone")

    add_command(bug)
    with pytest.raises(ModuleNotFoundError):
        cli.run(["probe"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("serv", "no such command: `serv`; did you mean `serve`?"),
        ("crash-test -- true {url}", "no such command: `crash-test`; did you mean `crashtest`?"),
        ("zzz", "no such command: `zzz`; there are: "),
        (
            "serve --pluggin 1.8.93",
            "chatgptfree-mock serve: no such option: `--pluggin`; did you mean `--plugin`? (see ",
        ),
        ("serve --on-miss nearst", "'nearst' is not one of 'refuse', 'same-path', 'nearest'; did you mean `nearest`?"),
        ("serve --rewrite page", "; did you mean `pages`?"),
        ("serve --intercept --tls-fault expird", "; did you mean `expired`?"),
        ("serve --pack aipowr", "no such site pack: `aipowr`; did you mean `aipower`?"),
        ("serve --plugin 2.4.7l", "unknown plugin release `2.4.7l`; the nearest is "),
        ("serve --chunks byte", "; did you mean `bytes`?"),
        ("serve --pace instnat", "; did you mean `instant`?"),
        ("serve --fault resett", "; did you mean `reset"),
        ("crashtest --scenario strem -- true {url}", "no scenario matches `strem`; did you mean `stream`?"),
        ("record --mode onec https://x.test t.yaml", "; did you mean `once`?"),
    ],
)
def test_a_typing_error_gets_a_suggestion(arguments: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments.split()) == 2
    assert sentence in capsys.readouterr().err


def test_without_arguments_the_help_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    assert cli.run([]) == 2
    assert capsys.readouterr().err == text


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize("name", cli.SUMMARIES)
def test_an_empty_path_is_refused_where_it_would_mean_the_working_directory(
    name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None
    for each in [each for each in command.params if isinstance(each.type, click.Path)]:
        words = [each.opts[0], value] if isinstance(each, click.Option) else [value]
        assert cli.run([name, *words]) == 2
        line = capsys.readouterr().err
        assert line.startswith(f"chatgptfree-mock {name}: invalid value for ")
        assert f": it is empty; give a value, or leave it out (see `chatgptfree-mock {name} --help`)" in line


@pytest.mark.parametrize("value", ["", " ", ","])
@pytest.mark.parametrize("name", cli.SUMMARIES)
def test_an_empty_text_is_refused_by_each_option(name: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None
    texts = [each for each in command.params if each.type is click.STRING and isinstance(each, click.Option)]
    for option in texts:
        if option.name not in ("message", "base", "intercept", "tx"):
            assert cli.run([name, option.opts[0], value]) == 2
            line = capsys.readouterr().err
            assert line.startswith(f"chatgptfree-mock {name}: invalid value for '{option.opts[0]}'")
            assert f": it is empty; give a value, or leave it out (see `chatgptfree-mock {name} --help`)" in line


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("serve --port 1 --port 2", "--port"),
        ("serve --repeat --no-repeat", "--repeat/--no-repeat"),
        ("serve --plugin 1.8.93 --plugin=2.3.0", "--plugin"),
        ("record http://x.test --record-mode none --mode all", "--record-mode"),
        ("crashtest -n 2 -n3 -- true {url}", "-n"),
        ("lint a.yaml --max-age 1 --max-age 2", "--max-age"),
    ],
)
def test_an_option_given_twice_with_different_values_is_refused(
    arguments: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments.split()) == 2
    assert f": `{name}` is given twice, with different values; give it once (see " in capsys.readouterr().err


def test_each_command_refuses_an_option_that_contradicts_itself() -> None:
    commands = [cli.group.get_command(click.Context(cli.group), name) for name in cli.SUMMARIES]
    assert {type(each) for each in commands} == {StrictCommand}


def test_an_option_given_twice_with_the_same_value_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["schema", "cassette", "--pack", "aipower", "--pack=aipower"]) == 0
    assert capsys.readouterr().out.startswith("{")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("lint --max-age 99999999999999999999 a.yaml", "chatgptfree-mock lint: invalid value for '--max-age': 9999"),
        ("diff", "chatgptfree-mock diff: missing argument 'A' (see `chatgptfree-mock diff --help`)"),
        (
            "completion",
            "chatgptfree-mock completion: missing argument 'bash|zsh|fish'. Choose from: bash, zsh, fish (see ",
        ),
        ("serve --port x", "chatgptfree-mock serve: invalid value for '--port': 'x' is not a whole number (see "),
        ("watch --timeout x y", "chatgptfree-mock watch: invalid value for '--timeout': 'x' is not a number (see "),
        ("serve --seed x", "chatgptfree-mock serve: invalid value for '--seed': 'x' is not a whole number (see "),
        (
            "crashtest --timeout x -- y",
            "chatgptfree-mock crashtest: invalid value for '--timeout': 'x' is not a number ",
        ),
        ("watch http://127.0.0.1:9 --against no.yaml", "chatgptfree-mock: no.yaml: no such file or directory"),
        ("serve --files no", "chatgptfree-mock: no: no such file or folder of recordings"),
        ("--nope", "chatgptfree-mock: no such option: `--nope` (see `chatgptfree-mock --help`)"),
        (
            "tokens a b",
            "chatgptfree-mock tokens: got unexpected extra argument (b) (see `chatgptfree-mock tokens --help`)",
        ),
    ],
)
def test_wrong_usage_is_one_line_as_all_other_errors_are(
    arguments: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments.split()) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(line)
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", ["serve --port 0", "record https://x.test tape.yaml", "crashtest -- true {url}", "demo"]
)
def test_windows_is_refused_in_a_sentence(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert cli.run(arguments.split()) == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert error.startswith(
        f"chatgptfree-mock: `{arguments.split(maxsplit=1)[0]}` needs system calls that Windows lacks; run it"
    )


def test_other_commands_and_help_are_not_refused_on_windows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert cli.run(["--help"]) == cli.run(["releases", "1.8.93"]) == 0
    assert "Windows" not in capsys.readouterr().err


def test_every_module_is_a_command() -> None:
    context = click.Context(cli.group)
    for name in cli.group.list_commands(context):
        command = cli.group.get_command(context, name)
        assert isinstance(command, click.Command), name
        assert command.help, name


def test_help_is_whole_and_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["--help"])
    printed = capsys.readouterr().out
    assert "..." not in printed.partition("Commands:")[2]
    assert '  eval "$(chatgptfree-mock completion bash)"\n' in printed


def test_options_of_several_commands_have_one_help(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(command: str) -> str:
        assert cli.run([command, "--help"]) == 0
        return " ".join(capsys.readouterr().out.split())

    for command in ("import", "record", "watch"):
        assert "--keep RULE Do not apply this redaction rule (cookies, " in shown(command)
    for command in ("serve", "record"):
        assert "--port PORT 0 for any free port. [default: " in shown(command)
    for command in ("serve", "crashtest", "scenarios"):
        assert "--scenarios DIR A folder of your own scenarios" in shown(command)


def test_examples_in_help_stay_on_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["crashtest", "--help"])
    assert "\n    chatgptfree-mock crashtest -- python my_client.py {url} {message}\n" in capsys.readouterr().out


def test_the_module_runs_and_prints_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatgptfree_mock", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"chatgptfree-mock, version {version('chatgptfree')}\n"


def test_each_command_has_a_line_in_the_help_and_a_module() -> None:
    modules = [each.name.removesuffix("_") for each in pkgutil.iter_modules(cli.__path__) if not each.ispkg]
    assert list(cli.SUMMARIES) == sorted(modules)


def test_the_help_shows_every_command_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert set(lines) >= {f"{name} {summary}" for name, summary in cli.SUMMARIES.items()}


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_a_command_is_not_imported_for_another(words: list[str]) -> None:
    probe = (
        f"import sys, chatgptfree_mock.cli as c; c.run({words});"
        "print([m for m in sys.modules if m.startswith('chatgptfree_mock.cli.')])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_base_error_is_caught_too(add_command: Add) -> None:
    def fail() -> None:
        raise MockError("anything")

    add_command(fail)
    assert cli.run(["probe"]) == 2


def test_a_crash_test_from_a_recording_imports_nothing_that_it_rarely_needs() -> None:
    ours = ("tape.redaction", "tape.har", "tape.yaml.writing", "contract.pack", "sites", "scenario")
    needless = ("rich", "jinja2", "importlib.metadata", *(f"chatgptfree_mock.{name}" for name in ours))
    code = (
        "import sys, chatgptfree_mock.crashtest.recording.command_line\n"
        f"print([m for m in sys.modules if m.startswith({needless})])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "needless"),
    [
        pytest.param(
            ["scenarios", "nonce/*"], ("sites.aipower.site", "sites.aipower.aipkit", "server"), id="scenarios"
        ),
        pytest.param(["releases", "2.4.97"], ("sites.aipower.site", "sites.aipower.aipkit", "server"), id="releases"),
        pytest.param(["lint", "cassettes/recorded/2.3.31"], ("tape.har.", "sites", "server"), id="lint"),
    ],
)
def test_a_command_that_serves_nothing_loads_no_site(words: list[str], needless: tuple[str, ...]) -> None:
    wanted = ("aiohttp", "jinja2", *(f"chatgptfree_mock.{name}" for name in ("server.", *needless)))
    probe = (
        f"import sys, chatgptfree_mock.cli as c; c.run({words}); print()\n"
        f"print([m for m in sys.modules if m.startswith({wanted})])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_start_is_not_spent_on_garbage_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    # The exit code is the threshold that a command runs with.
    monkeypatch.setattr(cli, "run", lambda **_: gc.get_threshold()[0])
    monkeypatch.setattr(gc, "freeze", lambda: None)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        gc.set_threshold(*before)
    assert ended.value.code == 60_000


def test_the_last_collection_of_a_process_passes_over_what_was_imported() -> None:
    code = (
        "import atexit, gc, sys; from chatgptfree_mock.cli import main; sys.argv = ['x', 'releases', '2.4.97']\n"
        "atexit.register(lambda: print('frozen:', gc.get_freeze_count() > 10_000)); main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("frozen: True\n")


def test_an_option_that_cannot_act_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words, problem in (
        (["record", "http://x.test", "--insecure"], "`--insecure` has no effect: http://x.test has no certificate"),
        (["record", "https://x.test", "--stall-after", "inf"], "'inf' is not a number of seconds"),
        (["record", "https://x.test", "--out", "x.har"], "x.har would be a cassette; name it .yaml or .json"),
        (["import", "x.har", "--out", "y.HAR"], "y.HAR would be a cassette; name it .yaml or .json"),
    ):
        assert cli.run(words) == 2
        assert problem in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--insecure"], ["--keep", "cookies"]], ids=" ".join)
def test_a_recording_that_is_only_replayed_refuses_options_for_the_site(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["record", "https://x.test", "--mode", "none", *option]) == 2
    line = f"`--record-mode none` asks no site and records nothing; leave out {option[0]}"
    assert capsys.readouterr().err == f"chatgptfree-mock: {line}\n"
