"""
Mutation testing of the pure parts: how many of a seeded sample of small faults do the tests see?

``tox -e mutants`` plants 200 faults (``tox -e mutants -- --sample 50 --seed 7`` for others) into copies of the
checkout with cosmic-ray, and prints the survivors with their diffs.  Each fault is shown to the quickest tests that run
its line, and if they pass, to the others that run it; to all tests of its part if none does.  Survivors that cannot be
seen from outside are listed in `equivalent.toml` with the reason.  Exit code: 0 if at least 95 % are killed, else 1.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, WorkItem
from tests.mutation import covering, planted
from tests.mutation.covering import Batch
from tests.mutation.planted import Outcome, Part, Planned

ROOT = Path(__file__).parents[2]
GOAL = 0.95
COSMIC_RAY = str(Path(sys.executable).with_name("cosmic-ray"))
UNSEEN = ("core/ReplaceBinaryOperator_BitOr_", "core/RemoveDecorator", "core/ExceptionReplacer")
"""Operators left out: unions in annotations are never evaluated; frozen values, the flags of
dataclasses and other exceptions are for mypy."""
PARTS = (
    Part("chatgptfree.core", "client/chatgptfree/core", ("tests/client",)),
    Part("chatgptfree_mock.tape", "mock_server/chatgptfree_mock/tape", ("tests/mock/tape", "tests/mock/recorder")),
    Part("chatgptfree_mock.replay", "mock_server/chatgptfree_mock/replay", ("tests/mock/replay", "tests/mock/wire")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults, print what became of them, and return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many faults in all (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="copies at once (default: one per CPU)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        copies = [_copy(Path(folder, str(job))) for job in range(options.jobs)]
        planned = _planned(copies[0], _sample(copies[0], options.sample, random.Random(options.seed)))
        outcomes = []
        for outcome in _run_all(copies, planned):
            print("." if outcome.killed else f"\nsurvived: {outcome.module}: {outcome.line}", end="", flush=True)
            outcomes.append(outcome)
    return _report(outcomes)


def _copy(target: Path) -> Path:
    """Copy the files that git knows to *target*."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def _sample(copy: Path, size: int, chance: random.Random) -> list[tuple[Part, WorkItem]]:
    """Return *size* faults out of all that there are, one per place and operator family at most."""
    places: dict[tuple[object, ...], list[tuple[Part, WorkItem]]] = {}
    for part in PARTS:
        for item in _all_faults(copy, part):
            fault = item.mutations[0]
            if not fault.operator_name.startswith(UNSEEN) and not _line(copy, fault).startswith("@dataclass("):
                family = fault.operator_name.rpartition("_")[0]
                places.setdefault((fault.module_path, fault.start_pos, family), []).append((part, item))
    chosen = chance.sample(sorted(places, key=str), min(size, len(places)))
    print(f"{len(chosen)} of {len(places)} places", flush=True)
    return [chance.choice(places[place]) for place in chosen]


def _line(copy: Path, fault: MutationSpec) -> str:
    lines = Path(copy, fault.module_path).read_text(encoding="utf-8").splitlines()
    return str(lines[fault.start_pos[0] - 1]).strip()


def _all_faults(copy: Path, part: Part) -> list[WorkItem]:
    config, session = copy / f"{part.package}.toml", copy / f"{part.package}.sqlite"
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{part.folder}"\ntimeout = 1.0\nexcluded-modules = []\n'
        'test-command = "true"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    subprocess.run([COSMIC_RAY, "init", str(config), str(session)], cwd=copy, check=True)
    with use_db(str(session), WorkDB.Mode.open) as database:
        return list(database.work_items)


def _planned(copy: Path, sample: Sequence[tuple[Part, WorkItem]]) -> list[Planned]:
    """Find the tests of each fault; this runs the tests of each part once, without a fault."""
    found = []
    for part in PARTS:
        items = [item for each, item in sample if each is part]
        if not items:
            continue
        measured = covering.measure(copy, part.package, part.tests, planted.environment(copy))
        for item in items:
            fault = item.mutations[0]
            lines = range(fault.start_pos[0], fault.end_pos[0] + 1)
            found.append(Planned(item, tuple(measured.batches(fault.module_path, lines)) or (Batch(part.tests),)))
    return found


def _run_all(copies: Sequence[Path], planned: Sequence[Planned]) -> Iterator[Outcome]:
    """Plant the faults, in each copy one after the other; a copy has a process that works in it."""
    spawn = get_context("spawn")
    pools = [ProcessPoolExecutor(1, mp_context=spawn, initializer=planted.work_in, initargs=(copy,)) for copy in copies]
    running = [pools[number % len(pools)].submit(planted.run, each) for number, each in enumerate(planned)]
    try:
        for each in running:
            yield each.result()
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)


def _report(outcomes: list[Outcome]) -> int:
    known = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))["equivalent"]
    reasons = {(each["module"], each["line"], each["operator"]): each["reason"] for each in known}
    explained = [each for each in outcomes if (each.module, each.line, each.operator) in reasons and not each.killed]
    survived = [each for each in outcomes if not each.killed and each not in explained]
    killed = len(outcomes) - len(explained) - len(survived)
    print("\n")
    for each in survived:
        print(f"survived: {each.module}: {each.operator}\n  {each.line}\n{each.diff}\n")
    for each in explained:
        reason = reasons[each.module, each.line, each.operator]
        print(f"equivalent: {each.module}: {each.operator}\n  {each.line}\n  {reason}")
    share = killed / max(killed + len(survived), 1)
    hung = sum(each.hung for each in outcomes)
    print(f"\n{killed} killed ({hung} by a time limit), {len(survived)} survived, {len(explained)} equivalent")
    print(f"{share:.1%} (goal {GOAL:.0%})")
    return int(share < GOAL)


if __name__ == "__main__":
    sys.exit(main())
