"""
Run the crash test from a recording on every client in this folder, and write docs/real-clients.md.

    npm install --prefix examples/clients
    python examples/clients/table.py [--all] [JOBS [FOLDER]]

Run it in the root of the project.  It takes some minutes; results that are in FOLDER already are taken from there.
With --all each client runs on all variants, which takes an hour, and the page has what the default list misses.
"""

import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from msgspec.structs import replace

from chatgptfree_mock.crashtest.recording import results
from chatgptfree_mock.crashtest.recording.plan import STALL
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.variants.catalogue import variants_of

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
    ("litellm_chat.py", "LiteLLM", ["litellm"], "chat-completions"),
    ("openai_chat.mjs", "openai (Node)", ["openai"], "chat-completions"),
    ("eventsource_parser.mjs", "fetch + eventsource-parser (Node)", ["eventsource-parser"], "chat-completions"),
    ("fetch_event_source.mjs", "fetch-event-source (Node)", ["@microsoft/fetch-event-source"], "chat-completions"),
    ("ai_sdk.mjs", "Vercel's ai (Node)", ["ai", "@ai-sdk/openai"], "chat-completions"),
    ("HttpClientLines.java", "java.net.http, a loop over lines", ["java"], "chat-completions"),
    ("scanner_lines.go", "net/http + bufio.Scanner (Go)", ["go"], "chat-completions"),
    ("curl_lines.sh", "curl and a loop of the shell", ["curl"], "chat-completions"),
]
PROGRAMS = {".py": "python", ".mjs": "node", ".java": "java", ".go": "go run", ".sh": "sh"}
# How programs that no package holds say which version they are, and which of its words that is.
TOOLS = {"curl": ("--version", 1), "go": ("version", 2), "java": ("--version", 1)}
VERDICTS = ["silent loss", "disguised error", "wrong", "crash", "hang", "storm"]
HEAD = """\
# Real clients, and what they lose

Each client is a few lines around a library, as its documentation shows it ([examples/clients](../examples/clients)).
The [crash test](crashtest.md) ran it on a recording that the project makes itself (`examples/clients/recordings.py`),
on the variants that run by default, and `examples/clients/table.py` wrote this page. *Answers delivered*: legal ways
to send the same answer. *Failures reported*: the answer was cut, or an error was sent in its place, and the exit code
has to show it. A *silent loss* prints a piece of the answer, or nothing, and exits with 0. The libraries are the
newest; those of Node are the newest that take Node 20, and Go and Java are Debian 12's.

"""
SCORES = ["answers delivered", "failures reported"]
FAILURES = """
## What each client loses, and where it crashes

Of each family, one variant on which the client loses text in silence (*silent loss*), or fails although the answer
was sent in a legal way (*crash*). The exception that is named is the last one; what raised it first may be a library
below. `--variant NAME` after `crashtest` plays one variant alone. The commands run in the root of the project; those
of Node after `npm install --prefix examples/clients`.
"""
LISTED = ["silent loss", "crash"]
ALL = """
## The default list against all variants

By default one variant of each kind runs. `table.py --all` ran these clients on all variants of grades 1 and 2, and
looked for what the default list misses: a verdict that counts against the client, in a family in which no variant of
the default list has it.

"""


def main(*words):
    everything = "--all" in words
    jobs, folder = [*(word for word in words if word != "--all"), "2", None][:2]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(folder or scratch)
        folder.mkdir(exist_ok=True)
        full = [(client, crash_test(client, jobs, folder, everything=everything)) for client in CLIENTS]
    cards = [(client, card and of_default_list(card, client)) for client, card in full]
    columns = ["client", "versions", *SCORES, *VERDICTS]
    head = f"| {' | '.join(columns)} |\n|---|---|{'--:|' * (len(columns) - 2)}\n"
    rows = head + "".join(row(client, card) for client, card in cards)
    sections = FAILURES + "".join(failures(client, card) for client, card in cards)
    PAGE.write_text(HEAD + rows + sections + against_all(full), encoding="utf-8")


def crash_test(client, jobs, folder, *, everything=False):
    name, _, _, tape = client
    file = folder / f"{name}{'.all' * everything}.json"
    if not everything and (folder / f"{name}.all.json").is_file():
        file = folder / f"{name}.all.json"
    program = PROGRAMS[Path(name).suffix]
    if not file.is_file():
        command = [*([sys.executable] if program == "python" else program.split()), f"{HERE}/{name}"]
        base = [] if tape == "claude" else ["--base", "/v1"]
        options = ["--cassette", f"cassettes/apis/{tape}.yaml", *base, "--timeout", "60", "-n", jobs]
        options += ["--all"] if everything else []
        words = [sys.executable, "-m", "chatgptfree_mock", "crashtest", *options, "--json", str(file)]
        words += ["--", *command, "{url}", "{message}"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        if not file.is_file():
            sys.exit(f"{name}: {done.stdout}{done.stderr}")
    card = results.parse(file.read_bytes())
    if card.problem or card.interrupted:
        print(f"{name} is not measured: {card.problem or 'interrupted'}", file=sys.stderr)
        return None
    print(name, *card.scores, file=sys.stderr, flush=True)
    return card


def default_list(tape):
    found = variants_of(load_played_recording([ROOT / f"cassettes/apis/{tape}.yaml"]).recorded)
    return {variant.name for variant in found.select()} | {STALL}


def of_default_list(card, client):
    names = default_list(client[3])
    return replace(card, results=[result for result in card.results if result.variant in names])


def missed(card, names):
    """Return the failures of *card* for which no variant of *names* has the same verdict in the same family."""
    seen = {(result.group, result.kind, result.verdict) for result in card.failures if result.variant in names}
    return [result for result in card.failures if (result.group, result.kind, result.verdict) not in seen]


def against_all(cards):
    rows = []
    for client, card in cards:
        names = default_list(client[3])
        if card is None or len(card.results) <= len(names):
            continue
        left = [f"{result.verdict}: `{result.variant}`" for result in missed(card, names)]
        default = sum(result.variant in names for result in card.failures)
        counts = f"{len(card.results)} | {len(card.failures)} | {default}"
        rows.append(f"| {client[1]} | {counts} | {', '.join(left) or 'nothing'} |\n")
    if not rows:  # nothing new was measured
        return ALL + PAGE.read_text(encoding="utf-8").partition(ALL)[2]
    columns = ["client", "variants", "failures", "of the default list", "missed by the default list"]
    return f"{ALL}| {' | '.join(columns)} |\n|---|--:|--:|--:|---|\n{''.join(rows)}"


def row(client, card):
    name, what, packages, _ = client
    versions = ", ".join(f"{package} {version_of(package, name)}" for package in packages)
    if card is None:
        return f"| {what} | {versions} | not measured |{' |' * (len(SCORES + VERDICTS) - 1)}\n"
    scores = [f"{score.right} of {score.of}" for score in card.scores]
    counts = [str(sum(result.verdict == verdict for result in card.failures)) for verdict in VERDICTS]
    return f"| {what} | {versions} | {' | '.join([*scores, *counts])} |\n"


def version_of(package, name):
    if package in TOOLS:
        option, place = TOOLS[package]
        printed = subprocess.run([package, option], capture_output=True, text=True, check=True).stdout
        return printed.split()[place].removeprefix("go")
    if name.endswith(".py"):
        return version(package)
    return json.loads((ROOT / HERE / "node_modules" / package / "package.json").read_bytes())["version"]


def failures(client, card):
    """Return a section with the command that runs *client*, and a variant of each kind and family that it fails on."""
    name, what, _, tape = client
    lines = [line for verdict in LISTED for line in listed(card, verdict)]
    if not lines:
        return ""
    base = "" if tape == "claude" else " --base /v1"
    command = f"{PROGRAMS[Path(name).suffix]} {HERE}/{name} {{url}} {{message}}"
    words = f"chatgptfree-mock crashtest --cassette cassettes/apis/{tape}.yaml{base} -- {command}"
    return f"\n### {what}\n\n```bash\n{words}\n```\n\n{''.join(lines)}"


def listed(card, verdict):
    """Return a line for each kind of variant and family that has *verdict*."""
    found = {}
    for result in card.failures if card else []:
        if result.verdict == verdict:
            found.setdefault((result.kind, result.variant.partition("/")[0]), []).append(result)
    lines = []
    for (kind, _), results_of_family in found.items():
        first = min(results_of_family, key=lambda result: len(result.variant))
        others = [result.variant for result in results_of_family if result is not first]
        legal = "a legal way to send it, and " if verdict == "silent loss" and kind == "equivalent" else ""
        reason = first.reason.removesuffix(", and the exit code is 0")
        noted = "; its stderr has something" if verdict == "silent loss" and first.stderr.strip() else ""
        more = f" Also: {', '.join(f'`{other}`' for other in others)}." if others else ""
        lines.append(f"- {verdict}, `{first.variant}`: {legal}{reason}{noted}.{more}\n")
    return lines


if __name__ == "__main__":
    main(*sys.argv[1:])
