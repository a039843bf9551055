"""
Extend click's own completion for words that contain ``:``, ``=`` or ``@``.

For ``--plugin=1.8`` click completes the value alone, but zsh and fish replace the whole word.

bash splits the words that it gives to a completion function at these characters as well (`COMP_WORDBREAKS`), and
replaces only the text after the last of them (GNU Bash manual, "Bash Variables" and "Programmable Completion").  click
reads the parts as words.  Here the line itself is read, and what bash keeps is left out of completions.
"""

from __future__ import annotations

import os
from typing import ClassVar, Final

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_SOURCE: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' response type value
    response=$(env COMP_LINE="${COMP_LINE:0:$COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _WholeWords(ShellComplete):
    """Completion of the whole word, also where that is an option and the beginning of its value."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what the word *incomplete* can become."""
        option, equals, _ = incomplete.partition("=")
        before = option + equals if equals and option.startswith("--") else ""
        found = super().get_completions(args, incomplete)
        return [item if item.type != "plain" else _replaced(item, before + item.value) for item in found]


@add_completion_class
class _Zsh(_WholeWords, ZshComplete):
    name: ClassVar[str] = "zsh"


@add_completion_class
class _Fish(_WholeWords, FishComplete):
    name: ClassVar[str] = "fish"


@add_completion_class
class _Bash(_WholeWords, BashComplete):
    """Completion that reads `COMP_LINE`, up to the cursor, and `COMP_BREAKS`, a copy of `COMP_WORDBREAKS`."""

    name: ClassVar[str] = "bash"
    source_template: ClassVar[str] = _SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, without the program's name, and that word's beginning."""
        # One letter is added, so that a blank at the end begins a word, and removed again.
        words = split_arg_string(os.environ["COMP_LINE"] + "x")
        return words[1:-1], words[-1][:-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions of *incomplete* without the part that bash keeps."""
        kept = self._kept(incomplete)
        found = super().get_completions(args, incomplete)
        return [item if item.type != "plain" else _replaced(item, item.value[kept:]) for item in found]

    @staticmethod
    def _kept(incomplete: str) -> int:
        """Return how many characters of *incomplete* bash does not replace."""
        line = os.environ["COMP_LINE"]
        if not line.endswith(incomplete) or line[: len(line) - len(incomplete)].endswith(("'", '"')):
            return 0  # in quotes nothing breaks a word
        breaks = os.environ["COMP_BREAKS"]
        last = max((place for place, letter in enumerate(incomplete) if letter in breaks), default=-1)
        # readline leaves an @ in the word that it completes (`rl_special_prefixes`).
        return last if incomplete[last : last + 1] == "@" else last + 1


def _replaced(item: CompletionItem[str], value: str) -> CompletionItem[str]:
    return CompletionItem(value, type=item.type, help=item.help)
