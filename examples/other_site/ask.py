"""A client of that site, with the standard library alone: ``python ask.py URL QUESTION`` prints the answer."""

import json
import re
import sys
import urllib.request


def ask(url, question):
    with urllib.request.urlopen(url) as response:
        token = re.search(r'name="csrf-token" content="([^"]+)"', response.read().decode())[1]
    body = json.dumps({"question": question}).encode()
    headers = {"Content-Type": "application/json", "X-CSRF-Token": token}
    request = urllib.request.Request(f"{url.rstrip('/')}/api/chat", body, headers)
    text, name = "", ""
    with urllib.request.urlopen(request) as response:
        for line in response:
            field, _, value = line.decode().rstrip("\r\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == "token":
                text += json.loads(value)["t"]
            elif field == "data" and name == "end":
                return text
    raise EOFError(f"the answer breaks off after {text!r}")


if __name__ == "__main__":
    print(ask(sys.argv[1], sys.argv[2]))
