"""anthropic: python anthropic_messages.py URL MESSAGE."""

import sys

from anthropic import Anthropic

client = Anthropic(base_url=sys.argv[1], api_key="none")
with client.messages.stream(
    model="claude-3-5-haiku",
    max_tokens=1024,
    messages=[{"role": "user", "content": sys.argv[2]}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
