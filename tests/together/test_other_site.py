"""A site of another make, recorded, linted and replayed cut in every way by the script in `examples/other_site`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples/other_site/record_and_replay.py"


def test_another_site_is_recorded_and_replayed_cut_in_every_way() -> None:
    run = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 exchanges recorded" in run.stdout
    assert "1 cassette: clean" in run.stderr
    assert re.search(r"^truncated +\w", run.stdout, re.MULTILINE)
    assert "half an answer passed for a whole one" not in run.stdout
    assert "Warning" not in run.stderr  # each cut had an effect
    assert "11 of 11 right, lint exit code 0" in run.stdout
