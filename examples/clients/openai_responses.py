"""openai, responses: python openai_responses.py URL MESSAGE."""

import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="none")
stream = client.responses.create(model="gpt-4o-mini", input=sys.argv[2], stream=True)
for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
