"""
Mutation testing of the pure parts: how many of a seeded sample of small faults do the tests see?

``tox -e mutants`` runs 200 faults (``tox -e mutants -- --sample 50 --seed 7`` for others) that cosmic-ray plants into
copies of the checkout, and prints the survivors with their diffs.  Survivors that cannot be seen from outside are
listed in `equivalent.toml` with the reason.  Exit code: 0 if at least 95 % are killed, else 1.
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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).parents[2]
GOAL = 0.95
COSMIC_RAY = str(Path(sys.executable).with_name("cosmic-ray"))
SECONDS = 600
"""The longest that the tests may take with one fault; a fault that makes them hang is killed."""
UNSEEN = ("core/ReplaceBinaryOperator_BitOr_", "core/RemoveDecorator", "core/ExceptionReplacer")
"""Operators left out: unions in annotations are never evaluated; frozen values and other exceptions are for mypy."""


@dataclass(frozen=True, slots=True)
class Part:
    """A package, and the tests that have to see its faults, the quickest first."""

    name: str
    package: str
    tests: tuple[str, ...]


PARTS = (
    Part("client", "client/chatgptfree/core", ("tests/client/core", "tests/client/catalogue", "tests/client")),
    Part("tape", "mock_server/chatgptfree_mock/tape", ("tests/mock/tape",)),
    Part("replay", "mock_server/chatgptfree_mock/replay", ("tests/mock/replay", "tests/mock/wire")),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault."""

    module: str
    operator: str
    line: str
    killed: bool
    diff: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults, print what became of them, and return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many faults in all (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="copies at once (default: one per CPU)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        copies = [_copy(Path(folder, str(job))) for job in range(options.jobs)]
        sample = _sample(copies[0], options.sample, random.Random(options.seed))
        shares = [sample[job :: options.jobs] for job in range(options.jobs)]
        with ThreadPoolExecutor(options.jobs) as pool:
            outcomes = [each for share in pool.map(_run, copies, shares) for each in share]
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
            if not fault.operator_name.startswith(UNSEEN):
                family = fault.operator_name.rpartition("_")[0]
                places.setdefault((fault.module_path, fault.start_pos, family), []).append((part, item))
    chosen = chance.sample(sorted(places, key=str), min(size, len(places)))
    print(f"{len(chosen)} of {len(places)} places", flush=True)
    return [chance.choice(places[place]) for place in chosen]


def _all_faults(copy: Path, part: Part) -> list[WorkItem]:
    config = _config(copy, part)
    session = copy / f"{part.name}.sqlite"
    subprocess.run([COSMIC_RAY, "init", str(config), str(session)], cwd=copy, check=True)
    with use_db(str(session), WorkDB.Mode.open) as database:
        return list(database.work_items)


def _config(copy: Path, part: Part) -> Path:
    command = f"{sys.executable} -m pytest -q -x -n0 -p no:cacheprovider {' '.join(part.tests)}"
    file = copy / f"{part.name}.toml"
    file.write_text(
        f'[cosmic-ray]\nmodule-path = "{part.package}"\ntimeout = {SECONDS}.0\nexcluded-modules = []\n'
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    return file


def _run(copy: Path, share: list[tuple[Part, WorkItem]]) -> list[Outcome]:
    """Plant the faults of *share* one after the other in *copy*."""
    outcomes = []
    for part in PARTS:
        items = {item.job_id: item for each, item in share if each is part}
        if items:
            outcomes += _run_part(copy, part, items)
    return outcomes


def _run_part(copy: Path, part: Part, items: dict[str, WorkItem]) -> list[Outcome]:
    config, session = _config(copy, part), copy / f"{part.name}-share.sqlite"
    with use_db(str(session), WorkDB.Mode.create) as database:
        database.add_work_items(items.values())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy / "client"), str(copy / "mock_server")])}
    subprocess.run([COSMIC_RAY, "exec", str(config), str(session)], cwd=copy, check=True, env=environment)
    with use_db(str(session), WorkDB.Mode.open) as database:
        return [_outcome(copy, items[job], result) for job, result in database.results]


def _outcome(copy: Path, item: WorkItem, result: WorkResult) -> Outcome:
    fault: MutationSpec = item.mutations[0]
    line = (copy / fault.module_path).read_text(encoding="utf-8").splitlines()[fault.start_pos[0] - 1].strip()
    killed = result.worker_outcome is not WorkerOutcome.NORMAL or bool(result.is_killed)
    outcome = Outcome(fault.module_path.as_posix(), fault.operator_name, line, killed, result.diff or "")
    print("." if killed else f"\nsurvived: {outcome.module}: {line}\n{outcome.diff}", end="", flush=True)
    return outcome


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
    print(f"\n{killed} killed, {len(survived)} survived, {len(explained)} equivalent: {share:.1%} (goal {GOAL:.0%})")
    return int(share < GOAL)


if __name__ == "__main__":
    sys.exit(main())
