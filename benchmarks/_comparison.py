"""
Compare two checkouts by their own benchmarks, run in turns so that other work on the machine disturbs both alike.

Lines of both outputs that differ in nothing but numbers are one measurement; its figures are the numbers outside of
brackets, in which benchmarks print ranges and what is asked for.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[,.]\d+)*(?![\w]*\w)")
_RANGE = re.compile(r"\[[^]]*\]|\([^)]*\)")
_ROUNDS = 3


def compare(this: Path, other: Path, names: Sequence[str], *, rounds: int = _ROUNDS) -> int:
    """
    Print the figures of the checkout *this* over those of *other*, and return an exit code.

    *this* runs on this Python, *other* on that of its environment in `.venv`.
    """
    checkouts = {this: sys.executable, other: str(other / ".venv/bin/python")}
    for name in names:
        if not (other / "benchmarks" / f"{name}.py").is_file():
            print(f"\n== {name} ==\nnot in {other}, so it is not compared", flush=True)
            continue
        print(f"\n== {name}: this over {other}, {rounds} rounds in turn; median [range] ==", flush=True)
        found: list[dict[str, float]] = []
        for _ in range(rounds):
            mine, theirs = (dict(_figures(_output(folder, python, name))) for folder, python in checkouts.items())
            found.append({label: mine[label] / theirs[label] for label in mine if theirs.get(label)})
        labels = [label for label in found[0] if all(label in ratios for ratios in found)]
        for label in labels:
            each = [ratios[label] for ratios in found]
            print(f"{median(each):6.2f} [{min(each):.2f}-{max(each):.2f}]  {label}", flush=True)
        if not labels:
            print("no line of the two outputs measures the same", flush=True)
    return 0


def _output(folder: Path, python: str, name: str) -> str:
    run = subprocess.run([python, "-m", "benchmarks", name], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"the benchmark {name} of {folder} fails:\n{run.stderr}")
    return run.stdout


def _figures(output: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers of each line outside of brackets, with the rest of the line and what it is under."""
    lines = [line for line in output.splitlines() if line.strip()]
    heading = ""
    for line, following in pairwise([*lines, ""]):
        if not line.startswith(" ") and following.startswith(" "):
            heading = f"{' '.join(_NUMBER.sub('#', line).split())} | "
            continue
        plain = _RANGE.sub("", line)
        label = " ".join(_NUMBER.sub("#", plain).split())
        numbers = _NUMBER.findall(plain)
        for place, number in enumerate(numbers, 1):
            which = f" (number {place})" if len(numbers) > 1 else ""
            yield f"{heading if line.startswith(' ') else ''}{label}{which}", float(number.replace(",", ""))
