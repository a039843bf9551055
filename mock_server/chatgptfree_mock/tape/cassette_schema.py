"""
The JSON Schema of a cassette: vcrpy's format 1 as `yaml.reading` takes it, and this project's keys in it.

Files of other tools (betamax, Ruby VCR), which are read as well, have another shape and are not described here.
"""

from __future__ import annotations

from typing import Final

from chatgptfree_mock import json_schema
from chatgptfree_mock.json_schema import DIALECT, Schema
from chatgptfree_mock.tape.extra_keys import Recording, StreamRecord
from chatgptfree_mock.tape.tokens.token_block import Token

_SCALAR: Final = ["string", "number", "boolean", "null"]
_BODY: Final[Schema] = {
    "type": ["object", *_SCALAR],
    "properties": {
        "string": {"type": _SCALAR, "description": "The body as text, or as bytes (`!!binary`)."},
        "base64_string": {"type": "string", "description": "The body in base64, as betamax and Ruby VCR write it."},
        "encoding": {"type": ["string", "null"], "description": "The charset of the text, as betamax writes it."},
        "type": {"enum": ["json", "text", "binary", "none"], "description": "cassetter's: how `content` is written."},
        "content": {"description": "cassetter's: the body."},
    },
}
_HEADERS: Final[Schema] = {
    "description": "Headers in the order of the wire: a value or a list of values by name, or a list of pairs.",
    "anyOf": [
        {"type": "null"},
        {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": _SCALAR}, {"type": "array", "items": {"type": _SCALAR}}]},
        },
        {"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2}},
    ],
}
_REQUEST: Final[Schema] = {
    "description": "The request.",
    "type": "object",
    "required": ["method", "uri"],
    "additionalProperties": False,
    "properties": {
        "method": {"type": "string", "description": "The method, such as `POST`."},
        "uri": {"type": "string", "description": "The address, with scheme and host."},
        "headers": _HEADERS,
        "body": {"description": "The body: text, bytes (`!!binary`), data that was sent as JSON, or null for none."},
        "parsed_body": {"description": "The body as data, in place of `body`, where it was JSON."},
    },
}
_STATUS: Final[Schema] = {
    "description": "The status of the response: its code and reason phrase.",
    "type": ["object", "integer", "string"],
    "required": ["code"],
    "properties": {
        "code": {"type": ["integer", "string"], "description": "The status code, three digits."},
        "message": {"type": _SCALAR, "description": "The reason phrase."},
    },
}
_RESPONSE: Final[Schema] = {
    "description": "The response.",
    "type": "object",
    "anyOf": [{"required": ["status"]}, {"required": ["status_code"]}],
    "properties": {
        "status": _STATUS,
        "status_code": {"type": "integer", "description": "The status code, as vcrpy up to 5 recorded httpx."},
        "headers": _HEADERS,
        "body": {"description": "The body, with its content codings removed.", **_BODY},
        "parsed_body": {"description": "The body as data, in place of `body`, where it was JSON."},
        "x-stream": {"$ref": "#/$defs/StreamRecord"},
    },
}


def cassette_schema() -> Schema:
    """Return the schema of a cassette's file."""
    _, definitions = json_schema.components([StreamRecord, Recording, Token])
    return {
        "$schema": DIALECT,
        "title": "chatgptfree cassette",
        "description": "A file of recorded interactions, in vcrpy's format.",
        "type": "object",
        "required": ["interactions"],
        "properties": {
            "version": {"const": 1, "default": 1, "description": "The version of vcrpy's format."},
            "x-recording": {"$ref": "#/$defs/Recording"},
            "x-tokens": {
                "description": "Values that a response issues and requests send back, as `tokens` lists them.",
                "type": "array",
                "items": {"$ref": "#/$defs/Token"},
            },
            "interactions": {
                "description": "The requests and their responses, in the order of the recording.",
                "type": "array",
                "items": {"$ref": "#/$defs/Interaction"},
            },
        },
        "$defs": {
            "Interaction": {
                "description": "One request and its response.",
                "type": "object",
                "required": ["request", "response"],
                "properties": {"request": {"$ref": "#/$defs/Request"}, "response": {"$ref": "#/$defs/Response"}},
            },
            "Request": _REQUEST,
            "Response": _RESPONSE,
            **definitions,
        },
    }
