"""LiteLLM: python litellm_chat.py URL MESSAGE."""

import os
import sys

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else importing it fetches a list of prices

from litellm import completion

stream = completion(
    model="openai/gpt-4o-mini",
    messages=[{"role": "user", "content": sys.argv[2]}],
    api_base=sys.argv[1],
    api_key="none",
    stream=True,
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
