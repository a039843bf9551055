"""
Run the crash test from a recording on every client in this folder, and write docs/real-clients.md.

    npm install --prefix examples/clients
    python examples/clients/table.py [JOBS [FOLDER]]

Run it in the root of the project.  It takes some minutes; results that are in FOLDER already are taken from there.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "real-clients.md"
HERE = "examples/clients"
# The file, what it is, the packages that it is about, and the recording that it reads.
CLIENTS = [
    ("openai_chat.py", "openai, chat completions", ["openai"], "chat-completions"),
    ("openai_responses.py", "openai, responses", ["openai"], "responses"),
    ("anthropic_messages.py", "anthropic", ["anthropic"], "claude"),
    ("httpx_sse_chat.py", "httpx + httpx-sse", ["httpx", "httpx-sse"], "chat-completions"),
    ("requests_sseclient.py", "requests + sseclient-py", ["requests", "sseclient-py"], "chat-completions"),
    ("aiohttp_lines.py", "aiohttp, a loop over lines", ["aiohttp"], "chat-completions"),
    ("openai_chat.mjs", "openai (Node)", ["openai"], "chat-completions"),
    ("eventsource_parser.mjs", "fetch + eventsource-parser (Node)", ["eventsource-parser"], "chat-completions"),
    ("fetch_event_source.mjs", "fetch-event-source (Node)", ["@microsoft/fetch-event-source"], "chat-completions"),
    ("ai_sdk.mjs", "Vercel's ai (Node)", ["ai", "@ai-sdk/openai"], "chat-completions"),
    ("curl_lines.sh", "curl and a loop of the shell", [], "chat-completions"),
]
PROGRAMS = {".py": "python", ".mjs": "node", ".sh": "sh"}
VERDICTS = ["silent loss", "disguised error", "wrong", "crash", "hang", "storm"]
HEAD = """\
# Real clients, and what they lose

Written by `python examples/clients/table.py`: nothing here is from memory. Each client is a few lines around a library,
as its documentation shows it ([examples/clients](../examples/clients)), and was run by `crashtest --cassette` on a
recording that the project makes itself (`examples/clients/recordings.py`), on the variants that run by default.
*Answers delivered*: legal ways to send the same answer. *Failures reported*: the answer was cut, or an error was sent
in its place, and the exit code has to show it. A *silent loss* prints a piece of the answer, or nothing, and exits with
0. The libraries are the newest; those of Node are the newest that take Node 20.

"""
SCORES = ["answers delivered", "failures reported"]
LOSSES = """
## Silent losses, one command each

The commands run in the root of the project; those of Node after `npm install --prefix examples/clients`.
"""


def main(jobs="2", folder=None):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(folder or scratch)
        folder.mkdir(exist_ok=True)
        cards = [(client, crash_test(client, jobs, folder / f"{client[0]}.json")) for client in CLIENTS]
    columns = ["client", "versions", *SCORES, *VERDICTS]
    head = f"| {' | '.join(columns)} |\n|---|---|{'--:|' * (len(columns) - 2)}\n"
    rows = head + "".join(row(client, card) for client, card in cards)
    losses = "".join(told for client, card in cards if (told := silent_losses(client, card)))
    PAGE.write_text(HEAD + rows + LOSSES + losses, encoding="utf-8")


def crash_test(client, jobs, file):
    name, _, _, tape = client
    program = PROGRAMS[Path(name).suffix]
    if not file.is_file():
        command = [sys.executable if program == "python" else shutil.which(program), f"{HERE}/{name}"]
        base = [] if tape == "claude" else ["--base", "/v1"]
        options = ["--cassette", f"cassettes/apis/{tape}.yaml", *base, "--timeout", "60", "-n", jobs]
        words = [sys.executable, "-m", "chatgptfree_mock", "crashtest", *options, "--json", str(file)]
        words += ["--", *command, "{url}", "{message}"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        if not file.is_file():
            sys.exit(f"{name}: {done.stdout}{done.stderr}")
    card = json.loads(file.read_bytes())
    if card["problem"] or card["interrupted"]:
        print(f"{name} is not measured: {card['problem'] or 'interrupted'}", file=sys.stderr)
        return None
    print(name, card["scores"], file=sys.stderr, flush=True)
    return card


def row(client, card):
    name, what, packages, _ = client
    versions = ", ".join(f"{package} {version_of(package, name)}" for package in packages) or curl_version()
    if card is None:
        return f"| {what} | {versions} | not measured |{' |' * (len(SCORES + VERDICTS) - 1)}\n"
    scores = [f"{score['right']} of {score['of']}" for score in map(card["scores"].get, SCORES)]
    counts = [str(sum(counts_as(result, verdict) for result in card["results"])) for verdict in VERDICTS]
    return f"| {what} | {versions} | {' | '.join([*scores, *counts])} |\n"


def counts_as(result, verdict):
    return result["verdict"] == verdict and not result["uncounted"]


def version_of(package, name):
    if name.endswith(".py"):
        return version(package)
    return json.loads((ROOT / HERE / "node_modules" / package / "package.json").read_bytes())["version"]


def curl_version():
    return "curl " + subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def silent_losses(client, card):
    name, what, _, tape = client
    found = {}
    for result in card["results"] if card else []:
        if counts_as(result, "silent loss"):
            found.setdefault((result["kind"], result["variant"].partition("/")[0]), []).append(result)
    if not found:
        return ""
    base = "" if tape == "claude" else " --base /v1"
    command = f"{PROGRAMS[Path(name).suffix]} {HERE}/{name} {{url}} {{message}}"
    told = [f"\n### {what}\n"]
    for (kind, _), results in found.items():
        first = min(results, key=lambda result: len(result["variant"]))
        others = [result["variant"] for result in results if result is not first]
        legal = "a legal way to send it, and " if kind == "equivalent" else ""
        noted = "; its stderr has something" if first["stderr"].strip() else ""
        more = f" Also: {', '.join(f'`{other}`' for other in others)}." if others else ""
        told.append(
            f"\n`{first['variant']}`: {legal}{first['reason']}{noted}.{more}\n\n```bash\nchatgptfree-mock crashtest "
            f"--cassette cassettes/apis/{tape}.yaml{base} --variant '{first['variant']}' -- {command}\n```\n"
        )
    return "".join(told)


if __name__ == "__main__":
    main(*sys.argv[1:3])
