"""
Mutation testing of the pure parts: how many of a seeded sample of small faults do the tests see?

``tox -e mutants`` plants 200 faults (``tox -e mutants -- --sample 50 --seed 7`` for others) into copies of the
checkout with cosmic-ray, and prints the survivors.  The same faults are chosen again while their lines stay as they
are.  Each fault is shown to the tests that run its line, the most specific first (`covering`).

Once a new test kills a survivor, plant the fault of that name again for this test alone, in seconds:
``tox -e mutants -- --only forms-00c0ffee17 --tests tests/mock/tape/redaction/bodies/test_forms.py``.

Survivors that cannot be seen from outside are listed in `equivalent.toml` with the reason.  Exit code: 0 if at least
95 % are killed, else 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.plugins import get_operator, operator_names
from tests.mutation import covering, planted
from tests.mutation.covering import Batch
from tests.mutation.planted import Outcome, Part, Planned
from tests.mutation.sample import UNSEEN, Fault, rank

ROOT = Path(__file__).parents[2]
GOAL = 0.95
PARTS = (
    Part("chatgptfree.core", "client/chatgptfree/core", ("tests/client",)),
    Part(
        "chatgptfree_mock.tape",
        "mock_server/chatgptfree_mock/tape",
        ("tests/mock/tape", "tests/mock/recorder", "tests/mock/sites/recorded"),
    ),
    Part("chatgptfree_mock.replay", "mock_server/chatgptfree_mock/replay", ("tests/mock/replay", "tests/mock/wire")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults, print what became of them, and return the exit code."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        copies = [_copy(Path(folder, str(job))) for job in range(options.jobs)]
        ranked = _ranked(copies[0], options.seed, {name.rpartition("-")[0] for name in options.only})
        if unknown := sorted(set(options.only) - set(ranked)):
            print(f"no fault is named {', '.join(unknown)}: its line or the seed is another")
            return 2
        sample = {name: ranked[name] for name in options.only or list(ranked)[: options.sample]}
        print(f"{len(sample)} of {len(ranked)} places", flush=True)
        outcomes = []
        for part in PARTS:
            faults = {name: fault for name, fault in sample.items() if fault.module.startswith(f"{part.folder}/")}
            planned_faults = list(_planned(copies[0], part, faults, options.tests))
            for each in planned_faults[:1]:
                planted.check(copies[0], each.batches[0])
            for outcome in _run_all(copies, planned_faults):
                print("." if outcome.killed else f"\n{_survivor(outcome)}\n", end="", flush=True)
                outcomes.append(outcome)
    return _report(outcomes)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many faults in all (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="copies at once (default: one per CPU)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="plant only the faults of these names")
    parser.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="show the faults to these tests alone")
    return parser.parse_args(arguments)


def _copy(target: Path) -> Path:
    """Copy the files that git knows to *target*."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def _ranked(copy: Path, seed: int, stems: Collection[str]) -> dict[str, Fault]:
    """Return the faults of all modules by name, or those of the modules whose files have one of the names *stems*."""
    found = sorted(path for part in PARTS for path in Path(copy, part.folder).rglob("*.py"))
    sources = {
        str(path.relative_to(copy)): path.read_text("utf-8") for path in found if not stems or path.stem in stems
    }
    faults = [fault for module, source in sources.items() for fault in _all_faults(module, source)]
    return rank(faults, {module: source.splitlines() for module, source in sources.items()}, seed)


def _all_faults(module: str, source: str) -> Iterator[Fault]:
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        if not name.startswith(UNSEEN) and not get_operator(name).arguments():
            operator = get_operator(name)()
            spans = (span for node in nodes for span in operator.mutation_positions(node))
            yield from (Fault(module, name, number, *span) for number, span in enumerate(spans))


def _planned(copy: Path, part: Part, faults: Mapping[str, Fault], tests: Sequence[str]) -> Iterator[Planned]:
    """Find the tests of each fault; unless there are *tests* given, this runs those of the part without a fault."""
    if tests or not faults:
        yield from (Planned(name, fault, (Batch(tuple(tests)),)) for name, fault in faults.items())
        return
    measured = covering.measure(copy, part.package, part.tests, planted.environment(copy))
    for name, fault in faults.items():
        found = measured.batches(fault.module, range(fault.start[0], fault.end[0] + 1))
        yield Planned(name, fault, tuple(found) or (Batch(part.tests),))


def _run_all(copies: Sequence[Path], planned_faults: Sequence[Planned]) -> Iterator[Outcome]:
    """Plant the faults, at most one at a time in each copy."""
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def run(each: Planned) -> Outcome:
        copy = free.get()
        try:
            return planted.run(copy, each)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(run, planned_faults)


def _survivor(each: Outcome) -> str:
    return f"survived {each.name}: {each.module}: {each.operator}\n- {each.line}\n+ {each.becomes}"


def _report(outcomes: list[Outcome]) -> int:
    known = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))["equivalent"]
    reasons = {(each["module"], each["line"], each["becomes"]): each["reason"] for each in known}
    explained = [each for each in outcomes if (each.module, each.line, each.becomes) in reasons and not each.killed]
    survived = [each for each in outcomes if not each.killed and each not in explained]
    killed = len(outcomes) - len(explained) - len(survived)
    print("\n")
    for each in survived:
        print(_survivor(each))
    for each in explained:
        print(f"equivalent {each.name}: {each.module}\n- {each.line}\n+ {each.becomes}")
        print(f"  {reasons[each.module, each.line, each.becomes]}")
    share = killed / max(killed + len(survived), 1)
    hung = sum(each.hung for each in outcomes)
    print(f"\n{killed} killed ({hung} by a time limit), {len(survived)} survived, {len(explained)} equivalent")
    print(f"{share:.1%} (goal {GOAL:.0%})")
    return int(share < GOAL)


if __name__ == "__main__":
    sys.exit(main())
