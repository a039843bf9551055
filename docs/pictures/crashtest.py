"""
Draw `crashtest.svg`, the picture in the README: a terminal with the output of a crash test that is run for it.

    python docs/pictures/crashtest.py [FILE.svg]

The picture uses the fonts of whoever looks at it and loads nothing.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
WORDS = "crashtest --cassette cassettes/apis/chat-completions.yaml --base /v1 -- sh examples/clients/curl_lines.sh"
COMMAND = ["chatgptfree-mock", *shlex.split(WORDS), "{url}", "{message}"]
WIDTH = 118
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own frame without the font that it loads from the internet."""


def output() -> str:
    """Run the crash test in colour and return what it prints, without what it left out of its figures."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    done = subprocess.run(
        [sys.executable, "-m", "chatgptfree_mock", *COMMAND[1:]],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 1:
        sys.exit(f"exit code {done.returncode}, and not 1: {done.stderr}")
    kept = [line for line in done.stdout.splitlines() if "in no figure" not in line and "left out" not in line]
    return "\n".join(line for line in kept if "again: " not in line)


def draw(printed: str) -> str:
    """Return the SVG of a terminal in which `COMMAND` was typed and *printed* came out."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {' '.join(COMMAND)}", style="bold"))
        console.print(Text.from_ansi(printed))
    return console.export_svg(title="chatgptfree-mock crashtest", code_format=FRAME, unique_id="crashtest")


if __name__ == "__main__":
    file = Path(*sys.argv[1:2]) if sys.argv[1:] else Path(__file__).with_suffix(".svg")
    file.write_text(draw(output()), encoding="utf-8")
