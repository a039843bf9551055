"""The end of a worker of ``serve --workers``: two signals come, and its report has to be written in between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_WORKER = """
import asyncio, os, pathlib, signal, sys
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.server import workers
from chatgptfree_mock.server.server_config import ServerConfig

spec = choose_site()
config = ServerConfig(pack=spec.pack, settings=spec.settings)
app = workers._Workers(config, pathlib.Path(sys.argv[1]), {})

async def serve() -> None:
    runner = await app.load()()
    await runner.setup()
    await runner.cleanup()

asyncio.run(serve())
os.kill(os.getpid(), signal.SIGTERM)
workers._leave_report(None, type("Worker", (), {"app": app}))
print(*(each.suffix for each in pathlib.Path(sys.argv[1]).iterdir() if str(os.getpid()) in each.name))
"""


def test_a_signal_after_the_last_answer_does_not_kill_a_worker_before_its_report(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, str(tmp_path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, ".report\n", "")
