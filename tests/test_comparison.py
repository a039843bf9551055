"""`python -m benchmarks --against`: which figures of two checkouts are compared, and how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks._comparison import compare


def checkout(folder: Path, text: str) -> Path:
    """Return a checkout whose benchmark `rates` prints *text*."""
    (folder / "benchmarks").mkdir(parents=True)
    (folder / "benchmarks/rates.py").touch()
    (folder / "benchmarks/__main__.py").write_text(f"print({text!r})")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    return folder


def test_lines_that_differ_in_numbers_only_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    this = checkout(tmp_path / "this", "at 50:\n  mock  3,000 [2-4] per second, 20 us (at most 9)\n  only here 1")
    other = checkout(tmp_path / "other", "at 50:\n  mock  1500 [1-9] per second, 40 us (at most 9)\n  only there 1")
    assert compare(this, other, ["rates", "missing"], rounds=1) == 0
    out = capsys.readouterr().out
    label = "at #: | mock # per second, # us"
    assert f"2.00 [2.00-2.00]  {label} (number 1)\n  0.50 [0.50-0.50]  {label} (number 2)\n" in out
    assert "only" not in out
    assert f"not in {other}, so it is not compared" in out


def test_a_failing_benchmark_has_no_figure(tmp_path: Path) -> None:
    this, other = checkout(tmp_path / "this", ""), checkout(tmp_path / "other", "")
    (other / "benchmarks/__main__.py").write_text("raise SystemExit('broken')")
    with pytest.raises(RuntimeError, match=f"the benchmark rates of {other} fails:\nbroken"):
        compare(this, other, ["rates"])
