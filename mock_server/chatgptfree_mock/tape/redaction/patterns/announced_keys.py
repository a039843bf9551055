"""Keys that the text before them announces: a scheme of the Authorization header, the address of a webhook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_values import looks_random
from chatgptfree_mock.tape.redaction.text.findings import Secret, unless_placeholder

_CREDENTIALS: Final = LazyPattern(
    r"(?:[Bb]earer|BEARER|[Bb]asic|BASIC|Token|SSWS)(?:[ \t]|%20|\+){1,3}([A-Za-z0-9._~+/=%-]{8,4096})"
)
_SCHEMES: Final = (b"bearer", b"basic", b"token ", b"ssws")
_HOOKS: Final = LazyPattern(
    r"hooks\.slack(?:-gov)?\.com\\?/(?:services|workflows|triggers)\\?/((?:[A-Za-z0-9]+\\?/){1,3}[A-Za-z0-9]{12,})"
    r"|discord(?:app)?\.com\\?/api\\?/(?:v[0-9]+\\?/)?webhooks\\?/([0-9]{10,24}\\?/[A-Za-z0-9_-]{20,100})"
    r"|webhook\.office\.com\\?/webhookb2\\?/([A-Za-z0-9@/\\-]{30,200})"
    r"|hooks\.zapier\.com\\?/hooks\\?/catch\\?/([0-9]{3,12}\\?/[A-Za-z0-9]{5,12})"
    r"|maker\.ifttt\.com\\?/trigger\\?/[^/\s]{1,80}/(?:json/)?with\\?/key\\?/([A-Za-z0-9_-]{16,80})"
    r"|outlook\.office(?:365)?\.com\\?/webhook\\?/([A-Za-z0-9@/\\-]{30,200})"
    r"|open\.(?:feishu\.cn|larksuite\.com)\\?/open-apis\\?/bot\\?/v2\\?/hook\\?/([A-Za-z0-9-]{16,80})"
    r"|hook\.[a-z0-9.]{0,12}make\.com\\?/([A-Za-z0-9]{16,80})"
    r"|api\.telegram\.org\\?/(?:file\\?/)?bot([0-9]{6,12}:[A-Za-z0-9_-]{30,40})"
    r"|calendar\.google\.com\\?/calendar\\?/ical\\?/[^/\s]{1,120}/private-([0-9a-f]{16,64})"
)
_HOSTS: Final = (
    *(b"hooks.slack", b"discord", b"webhook.office.com", b"hooks.zapier.com", b"maker.ifttt.com", b"outlook.office"),
    *(b"open.feishu.cn", b"open.larksuite.com", b"hook.", b"api.telegram.org", b"calendar.google.com"),
)
"""The first characters of each alternative of `_HOOKS`."""
SIGNS: Final = (*_SCHEMES, *_HOSTS)


def credentials(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield what follows a scheme such as `Bearer` (RFC 9110, 11.1) in *text*, where its *signs* are."""
    for scheme in _SCHEMES:
        for at in signs.get(scheme, ()):
            yield from _credential(text, at)


def _credential(text: str, at: int) -> Iterator[Secret]:
    found = _CREDENTIALS.match(text, at)
    if found and "=" not in found[1].rstrip("=") and (looks_random(found[1]) or len(found[1]) >= 24):
        yield from unless_placeholder(*found.span(1), "keys", found[1], "follows a scheme of the Authorization header")


def webhooks(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield the secret part of each webhook's URL in *text*, where its *signs* are."""
    for host in _HOSTS:
        for at in signs.get(host, ()):
            if found := _HOOKS.match(text, at):
                group = found.lastindex or 1
                reason = "is the secret part of a webhook's URL"
                yield from unless_placeholder(*found.span(group), "keys", found[group], reason)
