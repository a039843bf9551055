"""The verdicts of crash tests, the rules behind them, and the exit codes of all commands."""

from __future__ import annotations

import re
from enum import Enum

import click

from chatgptfree_mock import cli
from chatgptfree_mock.crashtest.options import FOUND
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.scenarios.verdict import RULES, Verdict
from reference_pages.docstrings import members
from reference_pages.markdown import prose, table, term

_SENTENCE = re.compile(r"[^.]*[Ee]xit codes?\b.*?(?:\.(?=\s|$)|$)", re.DOTALL)


def of_scenarios() -> str:
    """Return the verdicts of a case, and the rules."""
    return _verdicts(Verdict, "verdict") + "\n" + "".join(f"- {prose(rule)}\n" for rule in RULES)


def of_variants() -> str:
    """Return the verdicts of a variant of a recorded answer."""
    return _verdicts(VariantVerdict, "variant")


def _verdicts(kind: type[Enum], prefix: str) -> str:
    docs = members(kind)
    return "\n".join(
        term(str(each.value), [prose(docs[each.name])], anchor=f"{prefix}-{str(each.value).replace(' ', '-')}")
        for each in kind
    )


def exit_codes() -> str:
    """Return the exit codes, and what each command has to say about its own."""
    general = table(
        ("code", "meaning"),
        [
            ("0", "done"),
            (str(FOUND), "something was found: a failure, a difference, an unclean file"),
            (str(cli.BAD_INPUT), "the input is wrong; one sentence on stderr names what, where, and what to do"),
            (str(cli.INTERRUPTED), "ended by Ctrl-C"),
        ],
    )
    own = [term(f"{cli.PROGRAM} {name}", [text], anchor=f"exit-{name}") for name, text in _own().items() if text]
    return general + "\n" + "\n".join(own)


def _own() -> dict[str, str]:
    context = click.Context(cli.group)
    commands = ((name, cli.group.get_command(context, name)) for name in cli.group.list_commands(context))
    return {name: _cell(command.help or "") for name, command in commands if command is not None}


def _cell(text: str) -> str:
    return prose(" ".join(" ".join(sentence.split()) for sentence in _SENTENCE.findall(text)))
