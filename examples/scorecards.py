"""
Run the crash test on every example, and print the table of docs/explanation/score-cards.md.

    python examples/scorecards.py [JOBS]

It takes some minutes.  Node's clients need `npm install` in this folder first; what can't run is left out.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = {
    "`requests_regex.py`": [sys.executable, str(HERE / "requests_regex.py"), "{url}", "{message}"],
    "`aiohttp_lines.py`": [sys.executable, str(HERE / "aiohttp_lines.py"), "{url}", "{message}"],
    "`fetch_split.mjs`": ["node", str(HERE / "fetch_split.mjs"), "{url}", "{message}"],
    "`eventsource.mjs`": ["node", str(HERE / "eventsource.mjs"), "{url}", "{message}"],
    "`curl_loop.sh`": ["sh", str(HERE / "curl_loop.sh"), "{url}", "{message}"],
}


def main(jobs="2"):
    verdicts = ["wrong", "silent loss", "disguised error", "crash", "hang", "storm", "never asked", "not applicable"]
    scores = ["answers delivered", "failures reported"]
    print("| client |", " | ".join(scores + verdicts), "|")
    print("|---|" + "--:|" * len(scores + verdicts))
    for name, command in CLIENTS.items():
        if not runnable(command):
            print(f"{name} is left out: its program or packages are not installed", file=sys.stderr)
            continue
        card = crash_test(command, jobs)
        cells = [f"{card['scores'][score]['right']} of {card['scores'][score]['of']}" for score in scores]
        cells += [str(card["summary"][verdict]) for verdict in verdicts]
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


def runnable(command):
    packages = HERE / "node_modules" / "eventsource"
    return shutil.which(command[0]) and ("eventsource.mjs" not in command[1] or packages.is_dir())


def crash_test(command, jobs):
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder, "card.json")
        crashtest = [sys.executable, "-m", "chatgptfree_mock", "crashtest", "-n", jobs, "--json", str(card)]
        done = subprocess.run([*crashtest, "--", *command], capture_output=True, text=True, check=False)
        if not card.is_file():
            sys.exit(done.stderr)
        return json.loads(card.read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:2])
