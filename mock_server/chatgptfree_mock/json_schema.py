"""
JSON Schemas of structs, with the docstrings of classes and fields as descriptions.

msgspec makes the schemas from the types that validate; docstrings of fields exist in the source only, and are read from
there.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Collection, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import msgspec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def components(kinds: Sequence[Any], *, ref_template: str = "#/$defs/{name}") -> tuple[list[Schema], dict[str, Schema]]:
    """
    Return a schema for each of *kinds*, structs or other types, and the definitions that these refer to, by name.

    *ref_template* is how a reference is written; ``{name}`` in it is the name of the struct.
    """
    schemas, definitions = msgspec.json.schema_components(kinds, ref_template=ref_template)
    structs: set[type[msgspec.Struct]] = set()
    for info in msgspec.inspect.multi_type_info(kinds):
        _collect(info, structs)
    for struct in structs:
        _describe(definitions[struct.__name__], struct)
    return list(schemas), definitions


def document(title: str, kind: type[msgspec.Struct], *, texts: Collection[str] = ()) -> Schema:
    """
    Return the schema of a YAML file that holds one *kind*.

    The keys *texts* are text even where YAML reads a number, as in ``plugin: 2.3``.
    """
    _, definitions = components([kind])
    whole = definitions.pop(kind.__name__)
    return {"$schema": DIALECT, **with_texts(whole, texts), "title": title, "$defs": definitions}


def with_texts(schema: Schema, texts: Collection[str]) -> Schema:
    """Return the *schema* of an object, but with numbers allowed for the keys *texts*."""
    return {**schema, "properties": {key: _loose(each, key in texts) for key, each in schema["properties"].items()}}


def _loose(schema: Schema, is_text: bool) -> Schema:
    if not is_text:
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("type", "anyOf")}
    return {"type": ["string", "number", *(["null"] if "anyOf" in schema else [])], **kept}


def _collect(kind: msgspec.inspect.Type, found: set[type[msgspec.Struct]]) -> None:
    """Add the structs that *kind* is made of to *found*."""
    if isinstance(kind, msgspec.inspect.StructType):
        if kind.cls in found:
            return
        found.add(kind.cls)
    if isinstance(kind, msgspec.inspect.StructType | msgspec.inspect.DataclassType):
        for field in kind.fields:
            _collect(field.type, found)
    for name in ("types", "item_types"):
        for each in getattr(kind, name, ()):
            _collect(each, found)
    for name in ("type", "item_type", "key_type", "value_type"):
        if (inner := getattr(kind, name, None)) is not None:
            _collect(inner, found)


def _describe(definition: Schema, struct: type[msgspec.Struct]) -> None:
    definition["description"] = _as_one_text(struct.__doc__ or "")
    docs = field_docs(struct)
    for field in msgspec.structs.fields(struct):
        key = definition["properties"][field.encode_name]
        if field.default_factory is not msgspec.NODEFAULT:
            key["default"] = msgspec.to_builtins(field.default_factory())
        if field.name in docs:
            key["description"] = docs[field.name]


@cache
def field_docs(struct: type[msgspec.Struct]) -> dict[str, str]:
    """
    Return the docstring of each field of *struct*, its bases' included; a field without one is left out.

    Raises:
        OSError: the source of the class cannot be read.
    """
    found: dict[str, str] = {}
    for cls in reversed(struct.__mro__):
        if issubclass(cls, msgspec.Struct) and cls is not msgspec.Struct:
            found |= _docs_in(textwrap.dedent(inspect.getsource(cls)))
    return found


def _docs_in(source: str) -> dict[str, str]:
    """Return the texts right below the annotated names of the class in *source*."""
    found = {}
    for cls in ast.parse(source).body:
        for field, below in pairwise(getattr(cls, "body", ())):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = _as_one_text(text)
                case _:
                    pass
    return found


def _as_one_text(docstring: str) -> str:
    """Return a docstring with each of its paragraphs on one line."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(docstring).split("\n\n"))
