"""
The chat action of WPAICG: its checks, in the order in which the plugin makes them.

A check ends the answer, passes, or (in a stream) adds an event and lets the answer continue.  Both actions share the
checks; differences between releases are traits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from chatgptfree_mock.contract.reply import Messages, SiteReply
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.aipower.wpaicg import assistant, prompt, relay, uploads
from chatgptfree_mock.sites.aipower.wpaicg.access import client_address, refuse_nonce
from chatgptfree_mock.sites.aipower.wpaicg.chat_request import WpaicgChatRequest
from chatgptfree_mock.sites.aipower.wpaicg.model import ModelApi
from chatgptfree_mock.sites.aipower.wpaicg.output import Output
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore
from chatgptfree_mock.sites.model_api.settings import Model
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.call import ActionHandler, AjaxCall
from chatgptfree_mock.sites.wordpress.forms import scalar
from chatgptfree_mock.tape.model import Response

ACTIONS = {"wpaicg_chat_shortcode_message": "shortcode", "wpaicg_chatbox_message": "widget"}

RequestCheck = Callable[[WpaicgChatRequest], Response | None]


class Chat:
    """Answers messages to the bots of one site."""

    def __init__(
        self, parts: Parts, release: PluginRelease, traits: WpaicgTraits, usage: UsageStore, wording: Wording
    ) -> None:
        self._parts = parts
        self._added = release.events.added
        self._wording = wording
        self._settings = parts.settings
        self._traits = traits
        defaults = [bot for bot in self._settings.bots if bot.id == 0]
        self._defaults = {element: _default(defaults, element) for element in ACTIONS.values()}
        self._titles = {parts.settings.front_page_id: parts.settings.title, parts.settings.chat_page_id: "Chat"}
        # Pages are posts as bots are, so the id of a page works as that of a bot without settings.
        self._pages = {page: Bot(id=page, stream=False, logs=False) for page in self._titles}
        self._usage = usage
        self._api = ModelApi(usage, traits)
        self._checks = self._checks_wanted(parts.settings)
        self._checks_of_text = tuple(check for check in self._checks if check not in (self._audio, self._image))

    def _checks_wanted(self, settings: SiteSettings) -> tuple[RequestCheck, ...]:
        """Return the checks that can have an effect on this site, in the plugin's order."""
        every: tuple[tuple[RequestCheck, bool], ...] = (
            (self._api_key, not settings.api_key),
            (self._banned_address, bool(settings.banned.ips)),
            (self._banned_words, bool(settings.banned.words)),
            (self._limit, settings.limit is not None),
            (self._audio, True),
            (self._moderation, settings.moderation is not None),
            (self._embeddings, settings.embeddings is not None),
            (self._message, True),
            (self._image, True),
        )
        return tuple(check for check, wanted in every if wanted)

    def handlers(self) -> Mapping[str, ActionHandler]:
        """Return the two actions that send a message, with their handlers."""
        return {action: partial(self._answer, element) for action, element in ACTIONS.items()}

    def _answer(self, element: str, call: AjaxCall) -> SiteReply:
        refused = refuse_nonce(call, self._parts, self._traits)
        if refused is not None:
            return refused
        request = self._chat_request(element, call)
        for check in self._checks if call.fields.files else self._checks_of_text:
            ended = check(request)
            if ended is not None:
                return SiteReply(response=ended, why=tuple(request.why), upstream=tuple(request.calls))
        response = self._ask(request)
        return SiteReply(response=response, why=tuple(request.why), upstream=tuple(request.calls))

    def _chat_request(self, element: str, call: AjaxCall) -> WpaicgChatRequest:
        fields = call.fields.request if self._traits.fields_from == "request" else call.fields.post
        bot, why = self._bot(element, php.intval(scalar(fields, "bot_id") or ""))
        name = element.capitalize() if bot.id else element
        streams = bot.stream and bot.provider != "Google"
        return WpaicgChatRequest(
            call=call,
            fields=fields,
            bot=bot,
            source=f"{name} ID: {bot.id}" if bot.id else name,
            streams=streams,
            out=Output(call.core, self._wording, self._added),
            text=prompt.message(fields, self._traits),
            why=[why, "the server streams" if streams else "the server answers in one piece"],
        )

    def _bot(self, element: str, wanted: int) -> tuple[Bot, str]:
        """Return the bot of the request: the site's own, or the default one of the shortcode or the widget."""
        default = self._defaults[element]
        if wanted <= 0:
            return default, "the default bot"
        for bot in self._settings.bots:
            if bot.id == wanted and bot.published:
                return bot, f"bot {wanted}"
        if wanted in self._pages:
            return self._pages[wanted], f"page {wanted}, which answers as a bot without settings"
        return default, f"no bot {wanted}, so the default one"

    def _api_key(self, request: WpaicgChatRequest) -> Response | None:
        if self._settings.api_key or request.bot.provider == "Google":
            return None
        message = sentences.NO_API_KEY
        return request.refuse(message, "the site has no API key")

    def _banned_address(self, request: WpaicgChatRequest) -> Response | None:
        banned = self._settings.banned.ips
        address = client_address(request.call.request) if banned else ""
        if address not in banned:
            return None
        return request.flag(sentences.BANNED_ADDRESS, "ipBanned", f"{address} is banned")

    def _banned_words(self, request: WpaicgChatRequest) -> Response | None:
        banned = {php.strtolower(php.trim(word)) for word in self._settings.banned.words} - {""}
        message = sentences.BANNED_WORD
        for word in php.strtolower(request.text).split(" "):
            if word not in banned:
                continue
            ended = request.flag(message, "messageFlagged", f"the word {word!r} is banned")
            if ended is not None:
                return ended
        return None

    def _limit(self, request: WpaicgChatRequest) -> Response | None:
        limit, key = self._settings.limit, request.quota_key
        if limit is None or not key or self._usage.used(key) <= limit.tokens:
            return None
        request.why.append(f"{self._usage.used(key)} tokens used of {limit.tokens}")
        message = limit.message or sentences.LIMIT_REACHED
        return self._stop(request, {"msg": message, "tokenLimitReached": True})

    def _audio(self, request: WpaicgChatRequest) -> Response | None:
        audio = uploads.sent(request.call.fields.files.get("audio"))
        if audio is None:
            return None
        refused = uploads.refuse_audio(audio, self._traits)
        if refused is None:
            request.text, refused = self._api.hear(self._model(request))
        return request.refuse(refused, "the voice message is refused") if refused else None

    def _moderation(self, request: WpaicgChatRequest) -> Response | None:
        flag = self._settings.moderation
        if flag is None or request.bot.provider != "OpenAI":
            return None
        found = [word for word in flag.words if word.lower() in request.text.lower()]
        if not found:
            return None
        request.why.append(f"moderation finds {found[0]!r}")
        message = flag.message or sentences.FLAGGED
        if request.streams:
            return self._stop(request, {"msg": message, "modflag": True})
        return request.out.json({"status": "error", "msg": message})

    def _embeddings(self, request: WpaicgChatRequest) -> Response | None:
        found = self._settings.embeddings
        if found is None:
            return None
        if found.error is not None:
            words = php.esc_html(found.error) if self._traits.vector_error_escaped else found.error
            if not (request.streams and found.http):
                return request.refuse(words, "the vector database fails")
            request.why.append("the vector database fails")
            return self._stop(request, {"msg": words, "pineconeError": True})
        if found.only is None:
            return None
        request.why.append("the vector database alone answers")
        return request.out.json({"status": "success", "msg": found.only, "data": found.only})

    def _message(self, request: WpaicgChatRequest) -> Response | None:
        if not php.empty(request.text):
            return None
        return request.refuse(sentences.NOTHING_SENT, "PHP finds the message empty")

    def _image(self, request: WpaicgChatRequest) -> Response | None:
        image = uploads.sent(request.call.fields.files.get("image"))
        refused = uploads.refuse_image(image, self._traits) if image else None
        if refused is None:
            return None
        request.why.append("the picture is refused")
        return request.out.text(refused)

    @staticmethod
    def _stop(request: WpaicgChatRequest, values: dict[str, object]) -> Response:
        if not request.streams:
            return request.out.json(values)
        request.out.event(values)
        return request.out.end()

    def _ask(self, request: WpaicgChatRequest) -> Response:
        instruction = prompt.greeting(self._title(request), request.bot.system_prompt)
        messages = prompt.messages(
            instruction,
            prompt.history(request.fields, self._traits, logged=request.logged),
            request.text,
        )
        model = self._model(request)
        if model.api == "assistant" and self._traits.assistants:
            return self._assist(request, model, instruction, messages)
        if request.streams:
            return self._stream(request, model, instruction, messages)
        return self._unstreamed_response(request, model, messages)

    def _stream(self, request: WpaicgChatRequest, model: Model, instruction: str, messages: Messages) -> Response:
        request.out.open_stream()
        upstreams = [self._api.call(request, model, messages)]
        how = self._traits.openrouter if request.bot.provider == "OpenRouter" else "verbatim"
        relayed = relay.relay(upstreams[0], how)
        chunks = list(relayed.chunks)
        if relayed.again:
            request.why.append("the API's error is streamed word by word, then whole once more after a second call")
            upstreams.append(self._api.call(request, model, messages))
            chunks += [(upstreams[0].ended_ms + ms, data) for ms, data in relay.relay(upstreams[1], how).chunks]
        for ms, data in chunks:
            request.out.relay(data, ms)
        text = relay.text_of(upstreams)
        log = self._book(request, _estimate("".join(message["content"] for message in messages)) + _estimate(text))
        if not self._traits.stream_tail:
            return request.out.end()
        tail = {"msg": sentences.SOMETHING_WRONG, "greeting_message": instruction, "data": text, "log": log}
        return request.out.json({"status": "success", **tail}, sum(upstream.ended_ms for upstream in upstreams))

    def _unstreamed_response(self, request: WpaicgChatRequest, model: Model, messages: Messages) -> Response:
        whole = self._api.whole(request, model, messages, keyed=self._settings.api_key)
        log = self._book(request, whole.outcome.tokens, streamed=False)
        return request.out.encoded(whole.outcome.json(messages[0]["content"], log), whole.ms)

    def _assist(self, request: WpaicgChatRequest, model: Model, instruction: str, messages: Messages) -> Response:
        upstream = self._api.call(request, model, messages)
        known = php.sanitize_text_field(scalar(request.fields, "thread_id") or "")
        if not request.streams:
            log = self._book(request, _estimate(request.text), streamed=False)
            return request.out.json(assistant.json_answer(upstream, known, instruction, log), upstream.ended_ms)
        self._book(request, _estimate(request.text))
        request.out.open_stream()
        for ms, data in assistant.relay(upstream, known):
            request.out.relay(data, ms)
        return request.out.end()

    def _book(self, request: WpaicgChatRequest, tokens: int, *, streamed: bool = True) -> int | str | bool:
        """Count tokens and write the log, as far as this release does; return the row or False."""
        if streamed and not self._traits.stream_counted:
            return False
        if key := request.quota_key:
            self._usage.count(key, tokens)
        if not request.logged:
            return False
        self._usage.remember(prompt.chat_id(request.fields))
        return self._usage.log((request.source, str(request.quota_key), scalar(request.fields, "post_id") or ""))

    def _model(self, request: WpaicgChatRequest) -> Model:
        return request.bot.model or self._settings.model

    def _title(self, request: WpaicgChatRequest) -> str | None:
        sent = scalar(request.fields, "post_id")
        return self._titles.get(php.intval(php.sanitize_text_field(sent))) if sent else None


def _default(bots: list[Bot], element: str) -> Bot:
    """Return the default bot of the shortcode or widget: the one configured there, any other, or the plugin's."""
    placed = [bot for bot in bots if (bot.place or "shortcode") == element]
    return next(iter([*placed, *bots]), Bot())


def _estimate(text: str) -> int:
    return int(len(text.encode("utf-8", "replace")) / 100 * 21)
