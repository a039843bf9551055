"""
The crash test of the reference client: how long all scenarios take, and whether two runs say the same.

Behind that, how soon the crash test from a recording prints its first verdict, and what it adds to its client's own
processes.

Once as a callable, once with a process per scenario and two at a time.  The times hold the silences that some
scenarios are made of: a client that waits for what never comes waits for seconds.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import _first_verdict, _variants

from chatgptfree_mock.scenario.library import shipped

_REFERENCE = re.compile(rb"Reference: [0-9a-f]{12}")
"""A number that AIPKit draws for an error, so that it differs between two runs."""
_ROOT = Path(__file__).resolve().parent.parent
_CALLABLE = ["--callable", "tests.support.reference:ask"]
_PROCESSES = [
    *["-n", "2", "--", sys.executable, "-m", "chatgptfree", "ask"],
    *["--url", "{url}", "--bot", "{bot}", "--timeout", "{timeout}", "{message}"],
]


def main() -> None:
    """Print the times and whether the reports are identical."""
    print(f"{len(shipped())} scenarios, the reference client, instant pace")
    for name, words, runs in (("callable", _CALLABLE, 2), ("a process each, -n 2", _PROCESSES, 1)):
        results = [_run(words) for _ in range(runs)]
        seconds = " / ".join(f"{took:.1f} s" for took, _, _ in results)
        print(f"  {name:<22} {seconds:>16}   {results[0][1]}")
        if runs > 1:
            same = all(report == results[0][2] for _, _, report in results)
            print(f"  {'':<22} {'':>16}   the reports are {'identical' if same else 'NOT identical'}")
    print("from one recording")
    _first_verdict.main()
    print("from one recording, -n 2 against xargs -P2 on a static server")
    _variants.main()


def _run(words: Sequence[str]) -> tuple[float, str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "card.json")
        command = [sys.executable, "-m", "chatgptfree_mock", "crashtest", "--json", str(report), *words]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
        took = time.perf_counter() - started
        lines = done.stdout.strip().splitlines()
        return took, lines[-1] if lines else done.stderr.strip(), _REFERENCE.sub(b"", report.read_bytes())


if __name__ == "__main__":
    main()
