"""requests with sseclient-py: python requests_sseclient.py URL MESSAGE."""

import json
import sys

import requests
import sseclient

asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": sys.argv[2]}], "stream": True}
response = requests.post(f"{sys.argv[1]}/chat/completions", json=asked, stream=True)
client = sseclient.SSEClient(response)
for event in client.events():
    if event.data == "[DONE]":
        break
    print(json.loads(event.data)["choices"][0]["delta"].get("content") or "", end="", flush=True)
