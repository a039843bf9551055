"""
Assistants: threads, runs and messages, each with named events.

WPAICG from 1.8.95 on uses it for models named `asst_…`; it passes the deltas and the end on and drops all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatgptfree_mock.sites.model_api.dialect import ModelEvent, data_event, error_object, to_json
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest


class Assistant:
    """`POST /v1/threads/{id}/runs`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Announce the run and the message."""
        kinds = ("thread.run.created", "thread.run.queued", "thread.run.in_progress")
        runs = [_run(call, kind, kind.rpartition(".")[2]) for kind in kinds]
        message = {"id": f"msg_fake{call.number:04d}", "object": "thread.message", "status": "in_progress"}
        return [*runs, data_event(call, {**message, "content": []}, name="thread.message.created", pause=False)]

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta of the message."""
        content = [{"index": 0, "type": "text", "text": {"value": text}}]
        head = {"id": f"msg_fake{call.number:04d}", "object": "thread.message.delta"}
        return data_event(call, {**head, "delta": {"content": content}}, name="thread.message.delta")

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the whole message, the end of the run, and `[DONE]`."""
        message = data_event(call, _message(call, text), name="thread.message.completed")
        events = [message] if call.settings.no_finish else [message, _run(call, "thread.run.completed", "completed")]
        return events if call.settings.no_end_mark else [*events, _DONE]

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write a failed run and `[DONE]`, or the error as bare JSON."""
        if error.plain_json:
            value = error_object(error)
            return to_json(value, ascii_only=call.settings.ascii)
        reason = {"code": error.code or "server_error", "message": error.message}
        run = {"id": _run_id(call), "object": "thread.run", "status": "failed", "last_error": reason}
        return data_event(call, run, name="thread.run.failed").data + _DONE.data

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error."""
        return error_object(error)

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return the list of messages of a finished run."""
        return {"object": "list", "data": [_message(call, text)], "has_more": False}


def thread_id(call: ModelRequest) -> str:
    """Return the id of the thread that *call* opens."""
    return f"thread_fake{call.number:04d}"


_DONE = ModelEvent(data=b"event: done\ndata: [DONE]\n\n", pause=False)


def _run_id(call: ModelRequest) -> str:
    return f"run_fake{call.number:04d}"


def _run(call: ModelRequest, kind: str, status: str) -> ModelEvent:
    run = {"id": _run_id(call), "object": "thread.run", "created_at": call.created, "status": status}
    return data_event(call, {**run, "thread_id": thread_id(call)}, name=kind, pause=False)


def _message(call: ModelRequest, text: str) -> dict[str, Any]:
    content = [{"type": "text", "text": {"value": text, "annotations": []}}]
    head = {"id": f"msg_fake{call.number:04d}", "object": "thread.message", "created_at": call.created}
    return {**head, "thread_id": thread_id(call), "role": "assistant", "content": content}
