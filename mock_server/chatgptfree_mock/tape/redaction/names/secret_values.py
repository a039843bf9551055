"""
Decide whether the text under a secret's name is a value, or code, a word of the interface, or a placeholder.

`password: form.password.value`, `token=getToken()`, `${API_KEY}` and `"password": "Password"` give nothing away.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.names.secret_names import Name, is_password, is_word_for_password, squeezed
from chatgptfree_mock.tape.redaction.text.findings import unescaped


class Notation(Enum):
    """How a value is written beside its name."""

    FIELD = "field"
    """A field of a form, query, header, cookie: the name can't be anything else."""
    QUOTED = "quoted"
    """A string of JSON or code, an attribute."""
    BARE = "bare"
    """Unquoted in a text, which may be prose or code."""
    CODE = "code"
    """A quoted string in a script."""


_NOTHING: Final = frozenset(
    {"null", "none", "nil", "true", "false", "undefined", "string", "str", "text", "optional", "required", "yes", "no"}
    | {"erforderlich", "falsch", "vergessen", "optionnel", "requis", "requise", "requerido", "requerida", "richiesto"}
    | {"verplicht", "protected", "encrypted", "changed", "updated", "verified", "accepted", "denied", "unknown"}
    | {"on", "off", "nan", "self", "this", "bytes", "any", "object", "number", "boolean", "deleted", "secret", "hidden"}
    | {
        "password",
        "passwd",
        "token",
        "invalid",
        "expired",
        "missing",
        "wrong",
        "incorrect",
        "reset",
        "forgot",
        "bearer",
    }
    | {
        "new",
        "function",
        "return",
        "async",
        "await",
        "value",
        "empty",
        "unset",
        "default",
        "redacted",
        "omit",
        "include",
        "same-origin",
    }
    | {"current-password", "new-password", "one-time-code", "const", "let", "var", "event", "data", "args", "kwargs"}
)
_TEMPLATE: Final = LazyPattern(
    r"\$\{|\{\{|<%|\$\(|^[<\[{]|^%[sdr(]|^\$[A-Za-z_]|^process\.env|^os\.environ|%[(]\w+[)]s|^\.\.\.|^\$[0-9@*#]$"
)
_EXAMPLE: Final = LazyPattern(
    r"(?i)^(?:<.*>|your[-_ ]?.*|my[-_]?(?:api)?[-_]?(?:key|token|password|secret)|x{3,}|\.{3,}|\*+|•+|…+"
    r"|(?:required|nullable|sometimes|string|optional)\|.*)$"
)
_CALL: Final = LazyPattern(r"^!*[A-Za-z_$][\w$.\[\]]*\(")
_CHAIN: Final = LazyPattern(r"^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+[;,)]*$")
_IDENTIFIER: Final = LazyPattern(r"^[A-Za-z_$][A-Za-z_$]*[;,)]*$")
_TOKEN: Final = LazyPattern(r"[A-Za-z0-9._~+/=%:|!*@$,^&#-]+")
_TOKEN_FIELDS: Final = frozenset({"sig", "signature", "hmac", "ticket", "token"})
"""Fields of a form or query whose value is never a word."""
_ISSUE: Final = LazyPattern(r"[A-Z]{1,10}-?[0-9]{1,6}(?:-[0-9]{1,6})?")
"""`PROJ-1234`, `E1234-5678`: numbers that people call things by."""
_OBJECT: Final = LazyPattern(r"(?:[a-z][a-z_-]{4,40}/)+[A-Za-z0-9_.-]{1,80}")
"""`uploads/03g2k7ean3c51`: the key of an object in a store such as S3."""
_LABELS: Final = ("password", "token", "passwort", "kennwort", "motdepasse", "contrasea", "contrasena", "senha")
_SLOT: Final = LazyPattern(
    r"(?i)(?=.*[-_:./])(?=(?:.*[-_:./])?(?:access|auth|credentials?|csrf|jwt|key|login|oauth|password|persist|refresh"
    r"|secret|session|sid|storage|token|user|wpnonce|nonce|xsrf)(?:[-_:./]|$))_{0,2}[a-z]{1,16}(?:[-_:./][a-z]{1,16})*"
)
"""`persist:session`, `XSRF-TOKEN`, `client_secret_post`: where code keeps a secret, or how it is sent."""
_JOINTS: Final = LazyPattern(r"[-_:./]")
_WORD: Final = LazyPattern(r"[A-Z]?[a-z]{2,15}|[A-Z]{2,6}")
_HUMP: Final = LazyPattern(r"(?<=[a-z])(?=[A-Z])")
"""The start of the next word in `currentUser`."""
_NUMBERED: Final = LazyPattern(r"[vV]?[0-9]+(?:[.-][0-9]+)+[A-Za-z0-9.-]{0,8}|(?:[A-Za-z][a-z]++[-_ /.]?)++[0-9]{1,8}")
_DATED: Final = LazyPattern(r"[0-9]{4}-[01][0-9]-[0-3][0-9](?![0-9])")
_NONCE: Final = LazyPattern(r"[0-9a-f]{10}")
_CHECKSUM: Final = LazyPattern(r"sha(?:1|256|384|512)-[A-Za-z0-9+/_-]{26,}={0,2}")
"""Subresource Integrity, section 3.5, which lock files use as well."""
_STORED: Final = LazyPattern(
    r"!(?:Ref|Sub|GetAtt|ImportValue|FindInMap|Join|Select|reference|secret|env_var|include)\Z|op://|projects/[^/]+/secrets/"
    r"|@Microsoft\.KeyVault|arn:aws:(?:secretsmanager|ssm):"
    r"|(?:var|local|data|module|random_\w+|each|self|this|config|cfg|settings|secrets|params|opts)(?:\.[A-Za-z_]\w*)+\Z"
    r"|<[A-Z][A-Z0-9_ -]{1,40}>\Z"
)
"""The place where a store or a variable keeps a value, what puts it in, or its name: `<AUTH_CODE>`."""
_CMDLET: Final = LazyPattern(r"[A-Z][a-z]+-[A-Z][A-Za-z]+")
"""A command of PowerShell: a verb and a noun."""


def looks_random(value: str) -> bool:
    """Return whether a value looks like a token, and not a word or code: long, unspaced, mixed or with many digits."""
    if len(value) < 8 or not _TOKEN.fullmatch(value):
        return False
    digits = sum(map(value.count, "0123456789"))
    return digits >= 2 and (digits < len(value) or len(value) >= 10)


def looks_mixed(value: str) -> bool:
    """Return whether the case of letters changes as it does in no word: `aBcdEfGh`, not `Password` or `HTTPServer`."""
    if len(value) < 8 or not _TOKEN.fullmatch(value):
        return False
    return len(re.findall(r"[a-z][A-Z]", value)) >= 2 or (len(value) >= 20 and not value.islower())


def is_token(value: str) -> bool:
    """Return whether *value* looks like a token, and not like a word with a number, a date or a version."""
    return (
        any(map(str.isalpha, value))
        and (looks_random(value) or looks_mixed(value))
        and not (_NUMBERED.fullmatch(value) or _DATED.match(value) or is_compound(value))
    )


def is_compound(value: str) -> bool:
    """Return whether *value* consists of several words, as names in code do: `currentUser`, `web-app`, `wp_rest`."""
    words = _JOINTS.split(_HUMP.sub("-", value.strip("_")))
    return len(words) > 1 and all(_WORD.fullmatch(word) for word in words)


def is_slug(value: str) -> bool:
    """Return whether *value* is made of words and short numbers, as in `node-modules-8f14e45f-linux-v12`."""
    parts = [part for part in re.split(r"[-_:./]", value) if part]
    words = sum(_WORD.fullmatch(part) is not None for part in parts)
    return len(parts) > 2 and words * 2 >= len(parts) and all(len(part) <= 8 or part.isalpha() for part in parts)


def is_phone_mask(value: str) -> bool:
    """Return whether *value* is the pattern of an input field, such as `(999) 999-9999`: its last 7 digits are one."""
    digits = re.sub(r"[^0-9]", "", value)
    return len(digits) >= 7 and len(set(digits[-7:])) == 1


def is_code(value: str) -> bool:
    """Return whether *value* is an expression, a template or an example rather than a value."""
    return bool(_TEMPLATE.search(value) or _EXAMPLE.match(value) or _CALL.match(value))


def is_secret_value(found: Name, name: str, value: str, notation: Notation) -> bool:
    """Return whether *value* under *name*, which *found* describes, is a secret."""
    if not value or is_placeholder(value) or value.lower().rstrip(".,;:!?") in _NOTHING:
        return False
    if not any(map(str.isalnum, unescaped(value))) or _is_mark_or_sum(value, notation) or _STORED.match(value):
        return False
    if found.rule == "own":
        return notation is not Notation.BARE or not (is_code(value) or _CHAIN.match(value))
    if notation is not Notation.FIELD and is_code(value):
        return False
    if notation is Notation.BARE and not _is_bare_secret(name, value):
        return False
    if found.rule == "addresses":
        # An IP or e-mail address is found by its form.
        return looks_random(value) and ":" not in value and "." not in value
    if found.rule in ("phones", "payment"):
        if found.rule == "phones" and is_phone_mask(value):
            return False
        return sum(map(str.isdigit, value)) >= (3 if found.rule == "payment" else 6)
    if notation is Notation.FIELD and squeezed(name) in _TOKEN_FIELDS and len(value) >= 6 and " " not in value:
        return True
    return (_is_sure_secret if found.sure else _is_unsure_secret)(found, name, value, notation)


def _is_mark_or_sum(value: str, notation: Notation) -> bool:
    return _CHECKSUM.fullmatch(value) is not None or (len(value) == 1 and notation is not Notation.FIELD)


def _is_bare_secret(name: str, value: str) -> bool:
    plain = value.rstrip(";,)")
    if _CMDLET.fullmatch(plain):
        return False
    if _CHAIN.match(value) and not re.search(r"[0-9]", value):
        return False
    return not (
        _IDENTIFIER.match(value) and (plain.islower() or plain.isupper() or plain.istitle()) and len(plain) < 24
    ) and squeezed(plain) != squeezed(name)


def _is_unsure_secret(found: Name, name: str, value: str, notation: Notation) -> bool:
    del found
    if _ISSUE.fullmatch(value) or (notation is Notation.CODE and _is_slot(value)):
        return False
    if squeezed(name) == "key" and _OBJECT.fullmatch(value):
        return False
    return _NONCE.fullmatch(value) is not None or looks_random(value) or looks_mixed(value)


def _is_sure_secret(found: Name, name: str, value: str, notation: Notation) -> bool:
    if is_password(name):
        words = (
            notation in (Notation.CODE, Notation.BARE) and " " in value and re.sub(r"[ '.,!?-]", "", value).isalpha()
        )
        if notation is Notation.FIELD:  # what somebody typed, which may hold any word
            return not _is_label(name, value) or any(map(str.isdigit, value))
        return not (words or _is_label(name, value) or is_word_for_password(value))
    if " " in value.strip():
        return found.rule in ("authorization", "challenge") or (looks_like_phrase(name) and " " in value)
    if found.rule in ("sessions", "nonces", "keys", "authorization"):
        if notation is Notation.CODE and _is_slot(value):
            return False
        if found.rule in ("sessions", "nonces") and (is_compound(value) or is_slug(value)):
            return False
        return len(value) >= (3 if notation is Notation.FIELD or _is_of_short_code(name) else 6) and not _is_label(
            name, value
        )
    return True


def _is_slot(value: str) -> bool:
    """Return whether *value* names where code keeps a secret: `persist:session`, `userAccessToken`."""
    words = _JOINTS.split(_HUMP.sub("-", value))
    camel = len(words) > 1 and all(_WORD.fullmatch(word) for word in words)
    return _SLOT.fullmatch("-".join(words).lower() if camel else value) is not None


def _is_of_short_code(name: str) -> bool:
    return squeezed(name).endswith(("pin", "otp", "code", "pincode"))


def looks_like_phrase(name: str) -> bool:
    """Return whether the value under *name* consists of words: seed phrases."""
    return squeezed(name) in ("mnemonic", "seedphrase", "secretphrase", "recoverycode")


def _is_label(name: str, value: str) -> bool:
    """`"password": "Your password"` is a word of the interface, in JSON with translations and in placeholders."""
    plain, key = re.sub(r"[^a-z]", "", value.lower()), squeezed(name)
    if plain == key or value.rstrip().endswith((":", "?", "…", "...")):
        return True
    return " " in value and (key in plain or any(word in plain for word in _LABELS))
