"""The recordings that come with the package, for table tests: one parameter a file, its release and case as the id."""

from functools import cache
from pathlib import Path

from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.model import Cassette


@cache
def recording_paths() -> tuple[Path, ...]:
    """Return the 625 files, in order."""
    return tuple(sorted((cassette_folder() / "recorded").glob("*/*.yaml")))


def recording_id(path: Path) -> str:
    """Name a recording in a test's id: `1.8.93/stream_ok`."""
    return f"{path.parent.name}/{path.stem}"


@cache
def recording(path: Path) -> Cassette:
    """Load a recording once per test run."""
    return load(path)
