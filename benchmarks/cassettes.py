"""
How long loading takes: 1,000 interactions of 5 KB beside vcrpy with libyaml, and what a run of tests really loads.

The same files for both; the contenders take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vcr.persisters.filesystem import FilesystemPersister  # type: ignore[import-untyped]  # has no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.tape.files import cassette_folder, load, recorded_file
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save

ROUNDS = 9
EVENT = (
    b'data: {"id":"chatcmpl-0000000001","object":"chat.completion.chunk","created":1731000000,"model":"gpt-3.5-turbo",'
    b'"system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"H\xc3\xa9llo"},"finish_reason":null}]}\n\n'
)
HEADERS = tuple((f"X-Header-{number}", f"value {number}, with a comma") for number in range(12))


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = _files(folder)
        print(f"1,000 interactions of 5 KB, {ROUNDS} rounds, milliseconds: median (fastest - slowest)")
        _beside("file with x-stream (20 chunks each)", ours, ours)
        _beside("file as vcrpy writes it", theirs, theirs)
        split = [folder / f"{number}.yaml" for number in range(1000)]
        for path, interaction in zip(split, load(ours).interactions, strict=True):
            save(path, Cassette(interactions=(interaction,)))
        _row("1,000 files of one", _all_of(split, load), _all_of(split, _by_vcrpy))
    everything = sorted((cassette_folder() / "recorded").glob("*/*.yaml"))
    used = [
        recorded_file("1.8.93", "up_split_s"),
        recorded_file("2.4.71", "stream_ok"),
        recorded_file("1.8.93", "up_half_s"),
    ]
    print("what a run of tests loads: only what it plays")
    _row("three tests with a recording each", _all_of(used, load), _all_of(used, _by_vcrpy))
    _row(f"all {len(everything)} recordings, for comparison", _all_of(everything, load), _all_of(everything, _by_vcrpy))


def _files(folder: Path) -> tuple[Path, Path]:
    """Write the same interactions by us, with chunks, and by vcrpy, without."""
    count = 5000 // len(EVENT)
    response = Response(headers=HEADERS, body=EVENT * count, chunks=tuple((n * 80, len(EVENT)) for n in range(count)))
    request = Request(method="POST", uri="https://chatgptfree.ai/", headers=HEADERS, body=b"a=1&message=Hello")
    ours, theirs = folder / "ours.yaml", folder / "theirs.yaml"
    save(ours, Cassette(interactions=(Interaction(request=request, response=response),) * 1000))
    requests, responses = _by_vcrpy(ours)
    for each in responses:
        del each["x-stream"]
    FilesystemPersister.save_cassette(str(theirs), {"requests": requests, "responses": responses}, yamlserializer)
    return ours, theirs


def _by_vcrpy(path: Path) -> tuple[list[object], list[dict[str, object]]]:
    requests, responses = FilesystemPersister.load_cassette(str(path), yamlserializer)
    return requests, responses


def _beside(what: str, ours: Path, theirs: Path) -> None:
    _row(what, lambda: load(ours), lambda: _by_vcrpy(theirs))


def _all_of(paths: list[Path], loader: Callable[[Path], object]) -> Callable[[], None]:
    def run() -> None:
        for path in paths:
            loader(path)

    return run


def _row(what: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for contender, times in zip((ours, theirs), taken, strict=True):
            gc.collect()
            start = time.perf_counter()
            contender()
            times.append((time.perf_counter() - start) * 1000)
    mine, vcrpy = map(statistics.median, taken)
    line = "   ".join(
        f"{name} {statistics.median(times):8.1f} ({min(times):.1f} - {max(times):.1f})"
        for name, times in zip(("ours", "vcrpy"), taken, strict=True)
    )
    print(f"  {what:<44} {line}   {vcrpy / mine:.2f} times as fast")
