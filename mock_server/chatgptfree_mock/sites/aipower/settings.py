"""
What a site is: one declarative value, the same in Python, in YAML and over the control API.

Unknown keys and words are errors that name the place and the nearest one that exists.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin

import msgspec
import yaml

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.tape.yaml.nodes import is_null, mapping, plain, text

T = TypeVar("T")
Place = Literal["shortcode", "widget", "inline", "popup"]
Provider = Literal["OpenAI", "Azure", "Google", "OpenRouter", "Claude", "DeepSeek", "Ollama", "xAI"]
Coding = Literal["gzip", "deflate", "br", "zstd"]
FIRST_AIPKIT_BOT: Final = 25865
"""The id that generation 2 gives to the first bot of a site, if settings give none."""
_RELEASES: Final = ("plugin", "wordpress")
Count = Annotated[int, msgspec.Meta(ge=0)]
Size = Annotated[int, msgspec.Meta(ge=1)]
HttpStatus = Annotated[int, msgspec.Meta(ge=100, le=599)]
Path = Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._~/-]+$")]


class _SettingsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all settings: immutable, by name only, no unknown keys."""


class ApiError(_SettingsPart, frozen=True, kw_only=True):
    """The model's API answers with an HTTP error, as OpenAI words it."""

    status: HttpStatus = 500
    message: str = "The server had an error while processing your request. Sorry about that!"
    code: str | None = None
    type: str = "server_error"


class MidError(_SettingsPart, frozen=True, kw_only=True):
    """The model's API reports an error inside its stream, after *after* pieces of text."""

    after: Count = 1
    message: str = "The server had an error while processing your request. Sorry about that!"
    code: str | None = None
    plain_json: bool = False
    """The error comes as bare JSON and not as an event."""
    response_failed: bool = False
    """Responses API: the error comes as a failed answer (`response.failed`) and not as an `error` event."""


class Model(_SettingsPart, frozen=True, kw_only=True):
    """
    What the model's API does behind the plugin.

    At most one of *http_error*, *html_error*, *garbage*, *refused* and *empty* applies; the rest shape a normal answer.
    """

    reply: str | list[str] = "Hello there! How can I help you today?"
    """The text, or its pieces as the API streams them; a text is cut into words."""
    cassette: str | None = None
    """Answer from this recording and not from *reply*; matched with the nonce as a variable."""
    api: Literal["chat-completions", "responses", "completions", "assistant"] | None = None
    """What the plugin talks to; by default what that release does for a fresh bot."""
    http_error: ApiError | None = None
    html_error: HttpStatus | None = None
    """An HTML page with this status, as a gateway sends it."""
    garbage: bool = False
    """HTTP 200 with something that is no JSON and no event."""
    refused: bool | Literal["empty-reply", "no-connection", "reset", "timeout"] = False
    """No answer at all: closed without a word (true is the same), nobody listens, reset, or silence until curl ends."""
    empty: bool = False
    """A good answer without any text."""
    dies_after: Count | None = None
    """The API breaks its connection after so many pieces of text."""
    resets_after: Count | None = None
    """The API resets its connection after so many pieces of text: curl's error 56 and not 18, as with *dies_after*."""
    half_event: bool = False
    """With *dies_after* or *resets_after*: the last event is cut in the middle."""
    ends_after: Count | None = None
    """The API ends its answer cleanly after so many pieces of text, without a reason and without its end mark."""
    no_end_mark: bool = False
    """The API ends cleanly but without its end mark (`[DONE]`, `response.completed`)."""
    no_finish: bool = False
    """No chunk says why the model stopped."""
    error_midway: MidError | None = None
    refusal: str | None = None
    """The model refuses in its own way (Responses API: a refusal part)."""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    citations: bool = False
    grounding: bool = False
    comments: bool = False
    """OpenRouter's `: OPENROUTER PROCESSING` lines."""
    item_events: bool | None = None
    """Responses API: the events about items and parts come too; by default of OpenAI only, as recorded."""
    web_search: bool = False
    """Responses API: the model searches the web before it answers, and reports the steps."""
    first_ms: Count = 20
    """Silence before the first piece."""
    piece_ms: Count = 20
    """Silence between pieces."""
    burst: bool = False
    """All pieces reach the plugin in one read."""
    read_bytes: Size | Annotated[list[Size], msgspec.Meta(min_length=1)] | None = None
    """The plugin reads so many bytes at a time, whatever the events are; of a list the last one repeats."""
    split: list[Count] = []
    """Pieces of text (from 0) whose event comes in two reads, cut inside its first multi-byte character, or halved."""
    split_ms: Count = 300
    """Silence between the two reads of a split event."""
    usage_chunk: bool = False
    """Chat Completions: a chunk with no choices but the usage comes before `[DONE]`."""
    ascii: bool = False
    """The API writes all but ASCII as `\\uXXXX`, emoji as surrogate pairs."""
    name: str | None = None
    """The model's name as the API reports it."""
    transcript: str = "Hello"
    """What the API hears in a voice message."""


class Bot(_SettingsPart, frozen=True, kw_only=True):
    """A chat bot of the site and where it stands."""

    id: Count = 0
    """0 is the default bot of plugin 1.x; any other is a WordPress post id."""
    name: str = "AI"
    provider: Provider = "OpenAI"
    stream: bool = True
    """Whether it answers as an event stream. The server decides, the page only announces."""
    announce_stream: bool | None = None
    """What the page says of it, where that differs from *stream*."""
    place: Place | None = None
    """By default a shortcode (1.x) or inline (2.x)."""
    page: Literal["/", "/chat/", "both"] = "both"
    twice: bool = False
    """The same bot stands twice on the page, as far as the release allows it."""
    published: bool = True
    greeting: str = "Hello! How can I assist you?"
    system_prompt: str | None = None
    """By default what the plugin writes for a fresh bot."""
    logs: bool | None = None
    """Whether its conversations are logged; by default those of all bots but the default one."""
    starters: list[str] = []
    conversation_state: bool = False
    """AIPKit: the model's API keeps the conversation (`previous_openai_response_id`)."""
    speech: bool = False
    """AIPKit: answers can be read out."""
    memory: Count = 15
    memory_limit: Count | None = None
    """Generation 1 since 1.8.80: `data-memory-limit`; by default 100 for the default bot and 10 for any other."""
    model: Model | None = None
    """Its own model; by default the site's."""


class Banned(_SettingsPart, frozen=True, kw_only=True):
    """What the site's owner does not want to see."""

    words: list[str] = []
    ips: list[str] = []


class Limit(_SettingsPart, frozen=True, kw_only=True):
    """A token limit per client."""

    tokens: Count = 0
    message: str | None = None
    quota_buttons: list[dict[str, str]] = []


class Flag(_SettingsPart, frozen=True, kw_only=True):
    """Moderation: a message with one of these words is flagged by the provider."""

    words: list[str] = msgspec.field(default_factory=lambda: ["flag-me"])
    message: str | None = None


class Embeddings(_SettingsPart, frozen=True, kw_only=True):
    """Generation 1: a vector database is asked before the model is."""

    error: str | None = None
    """It fails with these words."""
    http: bool = True
    """Whether its HTTP call fails, or what comes before that."""
    only: str | None = None
    """The bot answers from the database alone, with this text."""


class Cloudflare(_SettingsPart, frozen=True, kw_only=True):
    """A challenge page in front of the site."""

    status: Literal[200, 403, 503] = 403
    style: Literal["just-a-moment", "attention-required", "turnstile", "aliyun", "cloudfront"] = "just-a-moment"
    where: Literal["page", "ajax", "everywhere"] = "everywhere"
    first: Count | None = None
    """Only the first so many requests of a visitor; None is all."""


class PageCache(_SettingsPart, frozen=True, kw_only=True):
    """A full-page cache whose copy is older than the nonce in it."""

    age_hours: Annotated[float, msgspec.Meta(ge=0)] = 48
    bypass: Literal["query", "header", "either", "never"] = "either"
    """What makes it fetch a fresh page: an unknown parameter, `Cache-Control: no-cache`, one of both, nothing."""
    comment_instead_of_nonce: bool = False
    """A failed ESI block: an HTML comment stands where the nonce belongs."""


class RateLimit(_SettingsPart, frozen=True, kw_only=True):
    """So many requests pass, then 429 (or another status) until the window is over."""

    requests: Count = 5
    seconds: Count = 60
    status: HttpStatus = 429
    retry_after: str | None = "30"
    where: Literal["page", "ajax", "everywhere"] = "ajax"


class Redirect(_SettingsPart, frozen=True, kw_only=True):
    """A redirect in front of the site."""

    what: Literal["language-prefix", "moved-folder", "www", "other-host", "loop"] = "language-prefix"
    status: Literal[301, 302, 303, 307, 308] = 301
    where: Literal["page", "ajax", "everywhere"] = "page"


class Broken(_SettingsPart, frozen=True, kw_only=True):
    """An error page of the server in front, or of WordPress itself."""

    status: HttpStatus = 502
    kind: Literal["nginx", "cloudflare", "wordpress-critical", "empty", "parked", "json"] = "nginx"
    where: Literal["page", "ajax", "everywhere"] = "ajax"
    first: Count | None = None


class FrontSettings(_SettingsPart, frozen=True, kw_only=True):
    """What stands between the visitor and WordPress."""

    challenge: Cloudflare | None = None
    cache: PageCache | None = None
    minify: Literal["no", "whitespace", "single-quotes", "no-quotes", "upper-case"] = "no"
    redirect: Redirect | None = None
    maintenance: bool = False
    broken: Broken | None = None
    rate_limit: RateLimit | None = None
    compression: list[Coding] = msgspec.field(default_factory=lambda: ["gzip"])
    """Codings offered for pages, in the server's order of preference."""
    compress_answers: bool = False
    """Answers of admin-ajax.php are compressed as well, streams too."""
    force_coding: Coding | None = None
    """Sent whatever the client asked for."""
    nginx_buffer: bool = False
    """Answers are cut at nginx's FastCGI buffer of 4 KiB (first chunk with the response head)."""
    buffer_all: bool = False
    """The stream is held back and arrives at once."""
    ajax_path: Path = "/wp-admin/admin-ajax.php"
    """A security plugin may have renamed it; the page says so."""
    php_notices: Literal["no", "before", "between", "after"] = "no"
    """display_errors is on: warnings are printed into answers."""
    charset: str | None = None
    """The page is encoded in, and announced as, this charset; by default UTF-8."""
    visitor_cookie: bool = False
    """A cookie set with the page must come back with the POST, else the nonce is refused."""


class SiteSettings(_SettingsPart, frozen=True, kw_only=True):
    """A whole site."""

    plugin: str = "2.4.71"
    wordpress: str | None = None
    """By default 6.1.9 under plugin 1.x and 7.1.4 under 2.x, as recorded."""
    title: str = "ChatGPT Free"
    bots: list[Bot] = msgspec.field(default_factory=lambda: [Bot()])
    nonce: Literal["fresh", "expired-on-first-page", "always-expired", "missing", "previous-tick"] = "fresh"
    nonce_salt: str = "put your unique phrase here"
    logged_in: bool = False
    api_key: bool = True
    banned: Banned = Banned()
    limit: Limit | None = None
    moderation: Flag | None = None
    embeddings: Embeddings | None = None
    model: Model = Model()
    front: FrontSettings = FrontSettings()
    object_cache: bool = False
    """A persistent object cache (Redis, …): AIPKit's keys of cached messages work more than once."""
    page_kilobytes: Annotated[int, msgspec.Meta(ge=0, le=4096)] = 80
    """How heavy the WordPress page around the chat is."""
    front_page_id: Count = 6
    chat_page_id: Count = 261
    page_on_front: bool = False
    """The front page is the chat page: `/chat/` and `/?page_id=` of it redirect to `/`."""
    decoys: bool = True
    """Other plugins' nonces, comments and templates that look like the chat's."""
    old_shortcode: bool = False
    """AIPKit: the pages still hold `[wpaicg_chatgpt]` of plugin 1.x, in front of the bots."""
    chat: bool = True
    """False: the plugin is off or the page lost its chat."""


def aipkit_bots(settings: SiteSettings) -> tuple[Bot, ...]:
    """Return the bots as generation 2 knows them: each is a WordPress post, so none has the id 0."""
    numbered = enumerate(settings.bots)
    return tuple(msgspec.structs.replace(bot, id=bot.id or FIRST_AIPKIT_BOT + place) for place, bot in numbered)


def site_from(value: Mapping[str, Any], *, file: str | None = None) -> SiteSettings:
    """
    Turn plain data, as YAML and JSON hold it, into settings.

    Raises:
        SettingsError: a key or a value is wrong; the message names the place and the nearest key.
    """
    return convert(value, SiteSettings, file=file)


def site_values(node: yaml.Node) -> dict[str, Any]:
    """
    Return settings as plain data; `plugin: 2.3` is a release and not a number, though YAML thinks otherwise.

    Raises:
        MisfitError: it is no mapping, or holds what no settings do.
    """
    return {
        key: text(value, key) if key in _RELEASES and not is_null(value) else plain(value)
        for key, value in mapping(node, "the settings").items()
    }


def convert(value: object, kind: type[T], *, file: str | None = None) -> T:
    """Turn plain data into a *kind* of struct; see `site_from`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        raise SettingsError(_explain(str(exc), kind, file)) from exc


def _explain(problem: str, kind: type, file: str | None) -> str:
    place = re.search(r" - at `\$(.*)`", problem)
    there = _at(place[1] if place else "", kind)
    wrong = re.search(r"unknown field `([^`]*)`|Invalid enum value '([^']*)'", problem)
    hint = ""
    keys = [name for struct in there if _is_struct(struct) for name in _fields(struct)]
    if wrong and wrong[1] is not None:
        hint = _hint(wrong[1], keys)
    elif problem.startswith("Expected `object") and keys:
        hint = f"; its keys are {', '.join(keys)}"
    elif wrong:
        words = [str(word) for one in there if get_origin(one) is Literal for word in get_args(one)]
        hint = did_you_mean(wrong[2], words) + (f" (there are: {', '.join(words)})" if words else "")
    return (f"{file}: " if file else "") + problem + hint


def _hint(word: str, known: list[str]) -> str:
    return did_you_mean(word, known) or (f"; there are {', '.join(known)}" if known else "")


def _at(place: str, kind: Any) -> list[Any]:
    """Return the types that may stand at *place*, which is written as in ``.bots[0].provider``."""
    there = _alternatives(kind)
    for name in re.findall(r"\.(\w+)|\[[^\]]*\]", place):
        inner = [_fields(struct).get(name) for struct in there if _is_struct(struct)]
        items = [item for array in there for item in get_args(array)]
        there = [deep for one in (inner if name else items) for deep in _alternatives(one)]
    return there


def _alternatives(kind: Any) -> list[Any]:
    """Return the types that *kind* stands for, which are several for a union."""
    match get_origin(kind):
        case typing.Annotated:
            return _alternatives(get_args(kind)[0])
        case typing.Union | types.UnionType:
            return [deep for one in get_args(kind) for deep in _alternatives(one)]
        case _:
            return [kind]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fields(struct: Any) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
