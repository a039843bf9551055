"""
Run the measurements: ``python -m benchmarks [--against CHECKOUT] [NAME …]``.

Each prints medians with their spread, side by side; with another checkout, which has an environment in ``.venv``, this
one's figures over those of that one.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

from benchmarks._comparison import compare


def main(wanted: list[str]) -> int:
    other: Path | None = None
    if wanted[:1] == ["--against"]:
        if not wanted[1:] or not (Path(wanted[1]) / ".venv/bin/python").exists():
            print("--against: give the folder of a checkout that has an environment in `.venv`", file=sys.stderr)
            return 2
        other, wanted = Path(wanted[1]).resolve(), wanted[2:]
    names = sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if not m.name.startswith("_"))
    if {"-h", "--help"} & set(wanted):
        print(f"{__doc__}\nThere are: {', '.join(names)}; without a name all of them.")
        return 0
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    if other is not None:
        return compare(Path(__file__).parents[1], other, wanted or names)
    for name in wanted or names:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
