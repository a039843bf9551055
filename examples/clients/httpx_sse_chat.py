"""httpx with httpx-sse: python httpx_sse_chat.py URL MESSAGE."""

import json
import sys

import httpx
from httpx_sse import connect_sse

asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": sys.argv[2]}], "stream": True}
with httpx.Client() as client, connect_sse(client, "POST", f"{sys.argv[1]}/chat/completions", json=asked) as source:
    for sse in source.iter_sse():
        if sse.data == "[DONE]":
            break
        print(json.loads(sse.data)["choices"][0]["delta"].get("content") or "", end="", flush=True)
