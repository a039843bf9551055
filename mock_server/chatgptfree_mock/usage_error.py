"""What is wrong with a command line, in the form of all other errors: one line with what, where, and what to do."""

from __future__ import annotations

from copy import copy

import click

from chatgptfree_mock.suggestion import other_word

EMPTY = "it is empty; give a value, or leave it out"
"""The complaint about an empty text, as a shell's variable without a value leaves it."""
_KINDS = {
    "a valid integer range": "a whole number",
    "a valid integer": "a whole number",
    "a valid float range": "a number",
    "a valid float": "a number",
}
"""The words of click for numbers, the longer first."""


class StrictCommand(click.Command):
    """A command that refuses an option given twice with different values, of which click would drop the first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse *args* as click does, but for options that contradict themselves."""
        if not ctx.resilient_parsing:
            self._refuse_contradictions(ctx, list(args))  # the parser empties its list
        return super().parse_args(ctx, args)

    def _refuse_contradictions(self, ctx: click.Context, args: list[str]) -> None:
        parameters = [_collecting(each) for each in self.get_params(ctx)]
        parser = click.Command(self.name, params=parameters, add_help_option=False).make_parser(ctx)
        values, _, _ = parser.parse_args(args)
        single = [each for each in self.params if isinstance(each, click.Option) and not each.multiple]
        for option in single:
            given = values.get(option.name, ())
            if any(value != given[0] for value in given):
                name = "/".join([*option.opts[-1:], *option.secondary_opts]) if option.is_flag else option.opts[0]
                raise click.UsageError(f"`{name}` is given twice, with different values; give it once", ctx)


def _collecting(parameter: click.Parameter) -> click.Parameter:
    """Return *parameter* with all its values in a list, if it is an option."""
    collecting = copy(parameter)
    if isinstance(collecting, click.Option):
        collecting.multiple = True
    return collecting


def one_line(error: click.ClickException, program: str) -> str:
    """Return *error* as one line that begins with the command that it is about, or with *program*."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = context.command_path if context else program
    return f"{where}: {_problem(error)}{f' (see `{where} --help`)' if context else ''}"


def _meant(error: click.NoSuchOption) -> str:
    options = [] if error.ctx is None else [name for each in error.ctx.command.params for name in each.opts]
    known = [name.removeprefix("--") for name in options if name.startswith("--")]
    same = other_word(error.option_name.removeprefix("--"), known)
    near = [f"--{same}"] if same else error.possibilities or ()
    return f"; did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""


def _problem(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"no such option: `{error.option_name}`{_meant(error)}"
    words = " ".join(error.format_message().split()).removesuffix(".")
    for kind, plain in _KINDS.items():
        words = words.replace(kind, plain)
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
