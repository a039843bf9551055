"""
Make the recordings that the clients in this folder read: one answer in three dialects of a model's API.

    python recordings.py [FOLDER]

The answer is made up; events, ids and headers are those that `chatgptfree_mock.sites.model_api` imitates.
"""

import json
import sys
from pathlib import Path

from chatgptfree_mock.sites.model_api.settings import Model
from chatgptfree_mock.sites.model_api.upstream import ModelRequest
from chatgptfree_mock.sites.model_api.wire import ask
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save

FOLDER = Path(__file__).parents[2] / "cassettes" / "apis"
QUESTION = "Who are you?"
DELTAS = ["Hello", " 👋,", " it's", " « fine »", ".\n\n", "Ask me", ' "more"', ", s'il vous", " plaît."]
MESSAGES = [{"role": "user", "content": QUESTION}]
APIS = {
    "chat-completions": ("https://api.openai.com/v1/chat/completions", "gpt-4o-mini", {"messages": MESSAGES}),
    "responses": ("https://api.openai.com/v1/responses", "gpt-4o-mini", {"input": QUESTION}),
    "claude": ("https://api.anthropic.com/v1/messages", "claude-3-5-haiku", {"max_tokens": 1024, "messages": MESSAGES}),
}


def recording(api):
    url, model, asked = APIS[api]
    answer = ask(ModelRequest(settings=Model(reply=DELTAS), api=api, model=model))
    chunks = [(ms, len(data)) for ms, data in answer.reads]
    request = Request(
        method="POST",
        uri=url,
        headers=(("Content-Type", "application/json"),),
        body=json.dumps({"model": model, **asked, "stream": True}).encode(),
    )
    headers = (*answer.headers, ("Transfer-Encoding", "chunked"))
    response = Response(headers=headers, body=answer.body, chunks=tuple(chunks))
    return Cassette(interactions=(Interaction(request=request, response=response),))


def main(folder=FOLDER):
    for api in APIS:
        save(Path(folder) / f"{api}.yaml", recording(api))


if __name__ == "__main__":
    main(*sys.argv[1:2])
