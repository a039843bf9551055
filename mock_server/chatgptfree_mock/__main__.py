"""``python -m chatgptfree_mock`` is ``chatgptfree-mock``."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the process' own command line; a crash test ends in order on a signal from its first moment on."""
    try:
        interruption = None
        if sys.argv[1:2] == ["crashtest"] and sys.platform != "win32":
            # Most of the first second goes into imports, which a signal must not cut short: it waits for the handler.
            waiting = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
            from chatgptfree_mock.crashtest.interruption import Interruption

            interruption = Interruption().__enter__()  # to the end of the process
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        from chatgptfree_mock.cli import main as run_command

        run_command(interruption)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
