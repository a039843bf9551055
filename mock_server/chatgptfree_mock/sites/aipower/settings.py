"""
The settings of a site: one declarative value, the same in Python, in YAML and over the control API.

Unknown keys and words are errors that name the place and the nearest one that exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.sites.model_api.settings import CloudState, Model, Provider
from chatgptfree_mock.sites.wordpress.settings import WordPressSettings
from chatgptfree_mock.tape.extra_keys import Count

BotPlace = Literal["shortcode", "widget", "inline", "popup", "fresh"]
Dimension = Literal[
    "container_max_width", "popup_width", "container_height", "container_min_height", "container_max_height"
]
"""A size of a theme that a bot can override, in the order of `themeDimensionOverrides`."""
BreakableTable = Literal["cached-messages", "conversations", "throttle", "speech"]
FIRST_AIPKIT_BOT: Final = 25865
"""The id that AIPKit gives to the first bot of a site, if settings give none."""


class Bot(SettingsPart, frozen=True, kw_only=True):
    """A chat bot of the site and its place on the pages."""

    id: Count = 0
    """0 is the default bot of plugin 1.x; any other is a WordPress post id."""
    name: str = "AI"
    """The name that visitors see."""
    provider: Provider = "OpenAI"
    """The company whose model answers."""
    stream: bool = True
    """Whether it answers as an event stream, whatever its page announces."""
    announce_stream: bool | None = None
    """What the page announces about streaming, if that differs from *stream*."""
    place: BotPlace | None = None
    """
    By default a shortcode (1.x) or inline (2.x).  `fresh`: as the plugin's own default bot, which is a popup from
    2.3.69 to 2.3.76 and from 2.4.43 on.
    """
    page: Literal["/", "/chat/", "both"] = "both"
    """The pages that it is on."""
    twice: bool = False
    """Whether the same bot is twice on the page, if the release allows it."""
    published: bool = True
    """Whether it is published; false: a draft, which the plugin does not find."""
    greeting: str = "Hello! How can I assist you?"
    """The first message on the page, by the bot."""
    system_prompt: str | None = None
    """By default what the plugin writes for a fresh bot."""
    logs: bool | None = None
    """Whether its conversations are logged; by default those of all bots but the default one."""
    starters: list[str] = msgspec.field(default_factory=list)
    """AIPKit: questions that a visitor may click on."""
    conversation_state: bool = False
    """AIPKit: the model's API keeps the conversation (`previous_openai_response_id`)."""
    speech: bool = False
    """AIPKit: answers can be read out."""
    voice: bool | None = None
    """AIPKit: messages can be spoken; by default as of a fresh bot of the release."""
    images: bool = False
    """AIPKit: it can generate images; releases before 2.4.84 ignore this setting."""
    transcriber: bool = True
    """AIPKit since 2.4.84: a provider for speech recognition is selected."""
    image_model: bool = True
    """AIPKit since 2.4.84: the selected image model is available."""
    cloud_images: bool = False
    """AIPufferCloud: the selected model takes images; a message with one is refused by any other."""
    cloud_state: CloudState = "settled"
    """AIPufferCloud: the state of requests for speech and transcription, in `aipkit_speech_request_status`."""
    stt_limits: dict[str, Count] = msgspec.field(default_factory=dict)
    """
    AIPKit since 2.4.84: `sttLimits` on the page.  `maxInputBytes` is what a filter of the site has set in place of
    4 MiB; any other key is a limit of AIPufferCloud's, whose names are not known, and comes before it.
    """
    sidebar: bool | None = None
    """
    AIPKit: conversations are listed beside the chat, in a popup never; by default as of a fresh bot of the release.
    """
    theme_dimensions: list[Dimension] = msgspec.field(default_factory=list)
    """AIPKit since 2.4.96: the sizes of the theme that the bot overrides (`themeDimensionOverrides`)."""
    memory: Count = 15
    """AIPKit: how many earlier messages go to the model."""
    memory_limit: Count | None = None
    """WPAICG since 1.8.80: `data-memory-limit`; by default 100 for the default bot and 10 for any other."""
    model: Model | None = None
    """The model of this bot; null (default): that of the site."""


class Banned(SettingsPart, frozen=True, kw_only=True):
    """Words that the site's owner forbids."""

    words: list[str] = msgspec.field(default_factory=list)
    """A message that holds one of them is refused."""
    ips: list[str] = msgspec.field(default_factory=list)
    """Requests from these addresses are refused."""


class Limit(SettingsPart, frozen=True, kw_only=True):
    """A token limit per client."""

    tokens: Count = 0
    """The number of tokens that a visitor may use."""
    message: str | None = None
    """The message for a visitor over the limit; by default the plugin's own sentence."""
    quota_buttons: list[dict[str, str]] = msgspec.field(default_factory=list)
    """AIPKit: buttons under that message, each with its keys as the plugin stores them."""


class Flag(SettingsPart, frozen=True, kw_only=True):
    """Moderation: a message with one of these words is flagged by the provider."""

    words: list[str] = msgspec.field(default_factory=lambda: ["flag-me"])
    """A message that holds one of them, in any case, is flagged."""
    message: str | None = None
    """The message for the visitor; by default the plugin's own sentence."""


class Embeddings(SettingsPart, frozen=True, kw_only=True):
    """WPAICG: a vector database is asked before the model is."""

    error: str | None = None
    """The words of the error with which the call fails; null (default): it succeeds."""
    http: bool = True
    """Whether its HTTP call fails; false: an earlier step does."""
    only: str | None = None
    """The bot answers from the database alone, with this text."""


class SiteSettings(WordPressSettings, frozen=True, kw_only=True):
    """A whole site."""

    plugin: str = "2.4.97"
    """The plugin's release; one that is not known behaves as the nearest older one."""
    strict_release: bool = False
    """A release that is not known is an error."""
    bots: list[Bot] = msgspec.field(default_factory=lambda: [Bot()])
    """The chat bots of the site; by default a single one."""
    api_key: bool = True
    """Whether the owner has entered the key of the model's API."""
    banned: Banned = Banned()
    """The banned words and addresses."""
    limit: Limit | None = None
    """A limit on tokens; null: none."""
    moderation: Flag | None = None
    """The provider's moderation checks messages first; null: it does not."""
    embeddings: Embeddings | None = None
    """WPAICG: a vector database; null: none."""
    model: Model = Model()
    """The answers of the model's API."""
    object_cache: bool = False
    """A persistent object cache (Redis, …): AIPKit's keys of cached messages work more than once."""
    php_error_after: Count | Literal["checks"] | None = None
    """AIPKit: after how many texts of a streamed answer PHP raises an error; `checks`: before the answer is opened."""
    php_curl: bool = True
    """AIPKit: PHP has curl. Without it an answer comes in one piece, or, before 2.4.81, not at all."""
    missing_classes: bool = False
    """AIPKit: classes of the plugin are missing, as after an update that broke off. A stream is then one error."""
    broken_tables: list[BreakableTable] = msgspec.field(default_factory=list)
    """
    AIPKit: tables of the database that cannot be written. Without `cached-messages` no message can be left, without
    `conversations` none can be streamed; since 2.4.84, without `throttle` no AI request is answered, and without
    `speech` AIPufferCloud gives no speech.
    """
    requests_per_minute: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """
    AIPKit since 2.4.84: the number of AI requests that an address may send in a minute; by default the plugin's 60.
    Administrators may send any number.
    """
    page_kilobytes: Annotated[int, msgspec.Meta(ge=0, le=4096)] = 80
    """The size of the WordPress page around the chat, in KB."""
    page_on_front: bool = False
    """The front page is the chat page: `/chat/` and `/?page_id=` of it redirect to `/`."""
    decoys: bool = False
    """Other plugins' nonces, comments and templates that look like the chat's; the journal names a decoy's nonce."""
    old_shortcode: bool = False
    """AIPKit: the pages still hold `[wpaicg_chatgpt]` of plugin 1.x, in front of the bots."""
    chat: bool = True
    """False: the plugin is off or the page lost its chat."""


def aipkit_bots(settings: SiteSettings) -> tuple[Bot, ...]:
    """Return the bots of AIPKit: each is a WordPress post, so none has the id 0."""
    numbered = enumerate(settings.bots)
    return tuple(msgspec.structs.replace(bot, id=bot.id or FIRST_AIPKIT_BOT + place) for place, bot in numbered)


def placed(settings: SiteSettings, *, fresh: BotPlace) -> SiteSettings:
    """Return *settings* with *fresh* as the place of all bots that have the place of a fresh bot."""
    if all(bot.place != "fresh" for bot in settings.bots):
        return settings
    bots = [msgspec.structs.replace(bot, place=fresh) if bot.place == "fresh" else bot for bot in settings.bots]
    return msgspec.structs.replace(settings, bots=bots)


def site_from(value: Mapping[str, Any]) -> SiteSettings:
    """
    Convert plain data from YAML or JSON to settings.

    Raises:
        SettingsError: a key or a value is wrong; the message names the place and the nearest key.
    """
    return convert(value, SiteSettings)
