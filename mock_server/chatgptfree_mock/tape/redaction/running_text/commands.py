"""
Secrets that command lines and declarations name: `--token …`, `curl -u user:…`, `net use … /user:…`, `ENV NAME …`.

Where the command does not name the value, it has to look like one that a person chose, or like a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_names import classify, is_password, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import (
    Notation,
    is_secret_value,
    is_token,
    looks_mixed,
    looks_random,
)
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

_STAND_INS: Final = frozenset({"dummy", "changeit", "example", "placeholder", "password", "passwd", "test", "none"})
"""What a command has in place of a password."""
_WORD: Final = r"(?P<value>[^\s\"'<>\\;|]{4,400})"
_TOKENLIKE: Final = r"(?P<token>[^\s\"'<>\\;|()]{8,400})"
"""A value that counts only if it looks like a token, where a word of the language may be as well."""
_QUOTED: Final = r"[\"'](?P<value>[^\"'\\\n<>]{4,400})[\"']"
_FLAG: Final = r"--(?P<name>[A-Za-z][A-Za-z0-9-]{1,40})[ ][\"']?(?P<value>[^\s\"'<>\\;|-][^\s\"'<>\\;|]{3,400})"
_YAML_NAME: Final = r"name:[ ]*[\"']?(?P<name>[A-Za-z_]\w{1,60})[\"']?[ ]*\r?\n"
_OBJECT_NAME: Final = r"(?:name|key|label|header):[ ]?[\"'](?P<name>\w[\w -]{1,40})[\"'],"
_CHOSEN: Final = (
    r"[\"'](?!https?:)(?=[^\"'\n]{0,400}[0-9][^\"'\n]{0,400}[0-9A-Z]|[^\"'\n]{0,400}[A-Z][^\"'\n]{0,400}[0-9])"
    r"(?P<value>[^\s\"'\\<>]{6,400})[\"']"
)
"""A password beside its user: with two digits, or a digit and a capital."""
_COMMANDS: Final = tuple(
    (sign.lower(), LazyPattern(pattern, re.ASCII | re.MULTILINE))
    for sign, pattern in (
        (b"IDENTIFIED ", r"IDENTIFIED[ ](?:WITH[ ]\w+[ ])?BY[ ][\"'](?P<value>[^\"'<>\\\n]{4,200})[\"']"),
        (b"auth=(", r"auth=\([\"'][^\"'\\\n]{0,80}[\"'],[ ]?[\"'](?P<value>[^\"'<>\\\n]{4,200})[\"']"),
        (b"machine ", rf"machine[ ]\S{{1,200}}\s+login[ ]\S{{1,200}}\s+password[ ]{_WORD}"),
        (
            b"variable ",
            r"variable[ ]\"(?P<name>\w{2,80})\"[ ]\{[^{}]{0,200}?default[ ]*=[ ]*\"(?P<value>[^\"\\\n]{4,200})\"",
        ),
        (b"--", _FLAG),
        (b"ENV ", rf"ENV[ ](?P<name>\w{{2,60}})[ ]{_WORD}"),
        (b"setx ", rf"setx[ ](?P<name>\w{{2,60}})[ ]{_WORD}"),
        (b"define(", r"define\([ ]?[\"'](?P<name>\w{2,60})[\"'],[ ]{0,8}[\"'](?P<value>[^\"'\\\n<>]{4,400})[\"']"),
        (b"curl ", rf"curl[ ](?:[^\n|;]{{0,300}}?[ ])??(?:-u|--user)[ =]?[\"']?[^\s:\"'<>]{{1,80}}:{_WORD}"),
        (b"mysql", rf"mysql(?:dump|admin)?[^\n|;]{{0,120}}?[ ]-p{_WORD}"),
        (b"sshpass ", rf"sshpass[ ]-p[ ]?[\"']?{_WORD}"),
        (b"login ", rf"login[ ](?:[^\n|;]{{0,120}}?[ ])??-p[ ]{_WORD}"),
        (b"#define ", rf"#define[ ](?P<name>\w{{2,60}})[ ]{_QUOTED}"),
        (b"(setq ", rf"\(setq[ ](?P<name>[\w-]{{2,60}})[ ]{_QUOTED}"),
        (b"(def", rf"\(def\w{{0,10}}[ ](?P<name>[\w-]{{2,60}})[ ]{_QUOTED}"),
        (b'"--', rf"\"--(?P<name>[A-Za-z][A-Za-z0-9-]{{1,40}})\",\s{{0,40}}{_QUOTED}"),
        (b"openssl ", rf"openssl[ ](?:[^\n|;]{{0,200}}?[ ])??-(?:k[ ]|pass(?:in|out)?[ ]pass:){_WORD}"),
        (b"mysqli", rf"mysqli(?:_connect)?\([^()\n]{{0,80}}?,[ ]?[\"'][^\"'\n]{{0,60}}[\"'],[ ]?{_QUOTED}"),
        (b"getConnection(", rf"getConnection\([^()\n]{{1,200}}?,[ ]?[\"'][^\"'\n]{{0,60}}[\"'],[ ]?{_QUOTED}"),
        *(
            (f"{name}(".encode(), rf"(?i:{name})\([ ]?[\"'][^\"'\n]{{1,80}}[\"'],[ ]?{_CHOSEN}")
            for name in ("login", "logon", "signin", "auth", "credentials", "authenticate")
        ),
        *(
            (f"{name} ".encode(), rf"{name}[ ](?:--\w+[ ]){{0,2}}(?:set[ ])?(?P<name>[\w./:@-]{{2,80}})[ ]{_WORD}")
            for name in ("config", "configure")
        ),
        (
            b"secret set ",
            rf"secret[ ]set[ ](?P<name>\w{{2,60}})[ ](?:[^\n|;]{{0,120}}?[ ])??(?:--body|-b)[ =][\"']?{_WORD}",
        ),
        *(
            (
                f"{name} ".encode(),
                rf"{name}[ ](?:[^\n|;]{{0,160}}?[ ])??(?:-a|--auth)[ =][\"']?[^\s:\"'<>]{{1,80}}:{_WORD}",
            )
            for name in ("http", "https")
        ),
        (b"login ", rf"login[ ]\S{{1,200}}\s+password[ ]{_WORD}"),
        (b"add-mask::", rf"add-mask::{_WORD}"),
        (b"ssh-keygen ", rf"ssh-keygen[ ](?:[^\n|;]{{0,160}}?[ ])??-N[ ][\"']?{_WORD}"),
        (b"-storepass ", rf"-storepass[ ][\"']?{_WORD}"),
        (b"-keypass ", rf"-keypass[ ][\"']?{_WORD}"),
        (b"7z", rf"7za?[ ](?:[^\n|;]{{0,80}}?[ ])??-p{_WORD}"),
        (b"zip ", rf"zip[ ](?:[^\n|;]{{0,80}}?[ ])??-P[ ]?{_WORD}"),
        (b"obscure ", rf"obscure[ ]{_WORD}"),
        (b"twine ", rf"twine[ ](?:[^\n|;]{{0,160}}?[ ])??-p[ ]{_WORD}"),
        (b"echo ", rf"echo[ ](?:-n[ ])?[\"']?{_WORD}[\"']?[ ]\|[ ][^\n|;]{{0,120}}?--password-stdin"),
        (b"htpasswd ", rf"htpasswd[ ]-[A-Za-z]*b[A-Za-z]*[ ](?:-\w+[ ])*\S{{1,200}}[ ]\S{{1,80}}[ ]{_WORD}"),
        (b"sqlcmd ", rf"sqlcmd[ ](?:[^\n|;]{{0,120}}?[ ])??-P[ ]{_WORD}"),
        (b"smbclient ", rf"smbclient[ ](?:[^\n|;]{{0,120}}?[ ])??-U[ ][^\s%]{{1,80}}%{_WORD}"),
        (b"ldap", rf"ldap\w{{3,8}}[ ](?:[^\n|;]{{0,160}}?[ ])??-w[ ]{_WORD}"),
        (b"mysql", r"mysql(?:dump|admin)?[\"'][^\n\]]{0,160}?[\"']-p(?P<value>[^\s\"'<>\\]{6,200})[\"']"),
        (b'"login"', rf"\"login\"[^\n\]]{{0,160}}?\"-p\",[ ]?{_QUOTED}"),
        (b"'--", rf"'--(?P<name>[A-Za-z][A-Za-z0-9-]{{1,40}})',\s{{0,40}}{_QUOTED}"),
        (b"value:", rf"value:[ ]*[\"']?(?P<value>[^\s\"'{{}}$]{{4,400}})[\"']?[ ]*\r?\n[ \t]*{_YAML_NAME}"),
        (b"WIFI:", r"WIFI:[^\s]{0,100}?P:(?P<value>[^;\s]{4,64});"),
        (b"SSN", r"(?P<name>SSN)(?:[ ]is|[:#])?[ ]{1,2}(?P<value>[0-9]{3}-[0-9]{2}-[0-9]{4})(?![0-9-])"),
        (b"pass insert ", rf"pass[ ]insert[ ][^\n|;]{{0,160}}?<<<[ ]?[\"']?{_WORD}"),
        (b"net use ", rf"(?i:net[ ]use)[ ][^\n]{{0,160}}?(?i:/user:)\S{{1,80}}[ ](?!/){_WORD}"),
        (b"net use ", rf"(?i:net[ ]use)[ ](?:[A-Za-z*]:?[ ])?\\\\[^\s/]{{1,120}}[ ](?!/){_TOKENLIKE}"),
        (b"schtasks ", rf"(?i:schtasks)[ ](?:[^\n|;]{{0,200}}?[ ])??/[rR][pP][ ]{_WORD}"),
        (b"echo ", rf"echo[ ](?:-n[ ])?[\"']?{_WORD}[\"']?[ ]\|[ ]{{0,2}}sudo[ ](?:-\w+[ ])*-\w*S"),
        (b"mosquitto_", rf"mosquitto_[ps]ub[ ](?:[^\n|;]{{0,200}}?[ ])??-P[ ]{_WORD}"),
        (b"snmp", rf"snmp\w{{3,8}}[ ](?:[^\n|;]{{0,200}}?[ ])??-[AX][ ]{_WORD}"),
        (b"requirepass ", rf"requirepass[ ]{_WORD}"),
        (b"enable ", rf"enable[ ](?:secret|password)[ ](?:[0-9][ ])?{_TOKENLIKE}"),
        (b"community ", rf"(?:snmp-server[ ])?community[ ]{_TOKENLIKE}(?=[ ]R[OW])"),
        (b"password ", rf"^password[ ](?:[0-9][ ])?{_TOKENLIKE}(?=[ \t]*(?:[\r\n]|\Z))"),
        (b"mongo", rf"mongo(?:sh|dump|restore|export|import)?[ ](?:[^\n|;]{{0,160}}?[ ])??-p[ ]{_WORD}"),
        (b"vault login ", rf"vault[ ]login[ ](?:-\S{{1,40}}[ ])*{_TOKENLIKE}"),
        (b"rabbitmqctl ", rf"rabbitmqctl[ ](?:add_user|change_password)[ ]\S{{1,80}}[ ]{_WORD}"),
        (b"echo ", rf"echo[ ](?:-n[ ])?[\"']?[\w.-]{{1,60}}:{_WORD}[\"']?[ ]\|[ ]{{0,2}}(?:sudo[ ])?chpasswd"),
        (b"jdbc:oracle", r"jdbc:oracle:\w{2,8}:[^\s/@:]{1,60}/(?P<value>[^\s@\"'<>\\]{4,200})@"),
        (b"secret ", r"secret[ ]\"?(?P<token>[A-Za-z0-9+/=_-]{12,400})\"?;"),
        (b"sqlplus ", r"sqlplus[ ](?:-\w{1,4}[ ])*[^\s/@]{1,60}/(?P<value>[^\s@\"'<>\\]{4,200})(?=[@\s]|\Z)"),
        (b"redis-cli ", rf"redis-cli[ ](?:[^\n|;]{{0,120}}?[ ])??-a[ ]{_WORD}"),
    )
)
"""Patterns that begin with their sign."""
_ASSIGNED: Final = tuple(
    (sign.lower(), LazyPattern(pattern, re.ASCII))
    for sign, pattern in (
        (b' string = "', rf"(?<!\w)(?P<name>[A-Za-z_]\w{{1,60}})[ ]string[ ]=[ ]{_QUOTED}"),
        (b'set; } = "', rf"(?<!\w)(?P<name>\w{{2,60}})[ ]\{{[ ]get;[ ](?:\w+[ ])?set;[ ]\}}[ ]=[ ]{_QUOTED}"),
        (b" ?= ", rf"(?<![\w.])(?P<name>[A-Za-z_]\w{{1,60}})[ ]\?=[ ]{_TOKENLIKE}"),
        (b"<- ", rf"(?<![\w.])(?P<name>[A-Za-z][\w.]{{1,60}})[ ]<-[ ]{_QUOTED}"),
        (
            b"<(echo ",
            r"--(?P<name>[A-Za-z][\w-]{1,60})-file[ =]<\(echo[ ](?:-n[ ])?(?P<value>[^\s\"'<>\\;|()]{4,400})",
        ),
        (b"value:", rf"{_OBJECT_NAME}[ ]?value:[ ]?{_QUOTED}"),
        (b"value:", rf"{_YAML_NAME}[ \t]*value:[ ]*[\"']?(?P<value>[^\s\"'{{}}$]{{4,400}})"),
        (b"'key' => ", rf"[\"'](?P<holder>\w{{2,40}})[\"'][ ]=>[ ](?:\[|array\()\s{{0,80}}'key'[ ]=>[ ]{_QUOTED}"),
        (b"password '", rf"(?i:with[ ](?:encrypted[ ])?password)[ ]{_QUOTED}"),
        (b"password('", rf"(?i:=[ ]?password)\({_QUOTED}\)"),
        *(
            (f"{name}('".encode(), rf"(?<!\w)(?P<name>\w{{2,60}})[ ]?=[ ]?(?i:{name})\({_QUOTED}")
            for name in ("md5", "sha1", "sha2", "crypt", "encrypt")
        ),
    )
)
"""Patterns with a name before the sign."""
COMMANDS: Final = tuple({sign for sign, _ in _COMMANDS})
ASSIGNED: Final = tuple(sign for sign, _ in _ASSIGNED)


def command_secrets(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield the secrets in the commands and declarations of *text*, at the places of its *signs*."""
    for sign, pattern in _COMMANDS:
        reached = 0
        for at in signs.get(sign, ()):
            if at >= reached and (found := pattern.match(text, at)):
                reached = found.end()
                yield from _in_command(found)
    for sign, pattern in _ASSIGNED:
        if sign in signs:
            for found in pattern.finditer(text):
                yield from _in_command(found)


def _in_command(found: re.Match[str]) -> Iterator[Secret]:
    groups = found.groupdict()
    holder = groups.get("holder")
    name = f"{holder}_key" if holder else groups.get("name") or "password"
    group = "token" if groups.get("token") else "value"
    named, value = classify(name), found[group]
    if (group == "token" and not is_token(value)) or value.lower() in _STAND_INS:
        return
    if named is None or needs_query(name) or (value.isdigit() and len(value) < 6):
        return
    plain = looks_random(value) or (named.sure and (is_password(name) or looks_mixed(value)))
    if plain and is_secret_value(named, name, value, Notation.CODE):
        yield secret_at(*found.span(group), named.rule, value, f"is the `{name}` of a command")
