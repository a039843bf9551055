"""
The classic provider API on top of `ChatClient`: the names and signatures that scripts have used for years.

The classes hold no state: every call uses a new client, so that users, proxies and event loops share neither nonces
nor cookies, and a change of the site is seen at the next call.  Nothing is printed and no error is swallowed; a page
without a nonce still raises a `RuntimeError`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar, Final

from chatgptfree import blocking
from chatgptfree.aio import ChatClient
from chatgptfree.aio.client import DEFAULT_URL
from chatgptfree.core.page.chat_page import ChatPage
from chatgptfree.core.session.question import check_only_text, text_of_content
from chatgptfree.errors import NoPostIdFound, UnknownModelError
from chatgptfree.messages import Message, Timeout

Messages = Sequence[Mapping[str, Any] | Message]

_LONGEST_CONNECT: Final = 30.0
_NOT_IN_NAMES: Final = re.compile("[^a-z0-9]+")

# The bots of chatgptfree.ai, one for each model; another site has other ids.
_BOTS: Final = {
    "gpt-4o-mini": "25865",
    "qwen": "25869",
    "llama": "25870",
    "gpt-5-nano": "25871",
    "grok": "25872",
    "deepseek": "25873",
    "gemini": "25874",
    "claude": "25875",
    "perplexity": "29624",
}


def format_prompt(messages: Messages, add_special_tokens: bool = False) -> str:
    """
    Write *messages* as one text, for a site that takes only one message.

    Args:
        messages: turns as `Message` or ``{"role": …, "content": …}``.
        add_special_tokens: whether a single message gets its speaker in front as well; default False.

    Raises:
        RefusedError: a message has a part that is not text.
    """
    turns = _turns(messages)
    if len(turns) == 1 and not add_special_tokens:
        return turns[0]["content"]
    return "\n".join([*(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns), "Assistant:"])


class ProviderModelMixin:
    """The models of a provider: `models`, `default_model` and `model_aliases` (alias to model)."""

    default_model: ClassVar[str] = ""
    models: ClassVar[list[str]] = []
    model_aliases: ClassVar[dict[str, str]] = {}

    @classmethod
    def get_models(cls) -> list[str]:
        """Return the names of the models, the default one alone if no list is given."""
        return list(cls.models) if cls.models else [name for name in [cls.default_model] if name]

    @classmethod
    def get_model(cls, model: str) -> str:
        """
        Return the model for *model*: a name, an alias, or an empty text for the default one.

        Raises:
            UnknownModelError: the site does not have the model; the message lists those that exist.
        """
        name = cls.model_aliases.get(model, model) or cls.default_model
        if name not in cls.get_models():
            raise UnknownModelError(f"no model {model!r}; there is {', '.join(cls.get_models())}")
        return name


class AsyncGeneratorProvider(ABC):
    """A provider whose answers arrive as a stream of texts; its other methods are built on that stream."""

    url: ClassVar[str] = ""
    working: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        timeout: float | None = 120,
        cookies: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """
        Ask *model* with *messages*, and yield the texts of the answer as they arrive.

        Args:
            model: name of the model, as in `models`.
            messages: turns as `Message` or ``{"role": …, "content": …}``; the last one is to be answered.
            proxy: an http or https address for every request; default None.
            timeout: in seconds; default 120, None for no limit.
            cookies: names and values for the site; default none.
            kwargs: as the provider defines.
        """

    @classmethod
    async def create_async(cls, model: str, messages: Messages, **kwargs: Any) -> str:
        """Ask *model* with *messages*, and return the answer; arguments and errors as `create_async_generator`."""
        return "".join([text async for text in cls.create_async_generator(model, messages, **kwargs)])

    @classmethod
    @abstractmethod
    def create_completion(cls, model: str, messages: Messages, stream: bool = True, **kwargs: Any) -> Iterator[str]:
        """
        Ask *model* with *messages* without ``async``; arguments and errors as `create_async_generator`.

        Args:
            model: as for `create_async_generator`.
            messages: as for `create_async_generator`.
            stream: whether to yield each text as it arrives, which is the default, or the whole answer as one.
            kwargs: the other arguments of `create_async_generator`.
        """

    @classmethod
    def params(cls) -> str:
        """Return a readable list of the parameters of `create_async_generator`, one a line."""
        return "\n".join([f"{cls.__name__}:", *(f"  {line}" for line in _PARAMETERS)])


class ChatgptFree(AsyncGeneratorProvider, ProviderModelMixin):
    """chatgptfree.ai, or another site of its kind: set `url` in a subclass, or pass it to a call."""

    url: ClassVar[str] = DEFAULT_URL
    working: ClassVar[bool] = True
    default_model: ClassVar[str] = "gpt-4o-mini"
    models: ClassVar[list[str]] = list(_BOTS)
    model_aliases: ClassVar[dict[str, str]] = {"gpt-4o-mini-2024-07-18": "gpt-4o-mini"}

    @classmethod
    async def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        timeout: float | None = 120,  # noqa: ASYNC109 - the classic signature; limits silence, not the whole call
        cookies: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[str]:
        """
        Ask *model* with *messages*, and yield the texts of the answer as they arrive.

        Args:
            model: name, alias or bot id; ignored on a page with a single bot, whose model the site chooses.
            messages: turns as `Message` or ``{"role": …, "content": …}``; the last one is to be answered.
            proxy: an http or https address for every request; default None.
            timeout: the longest silence between two reads in seconds, not the length of the call; default 120, None for
                no limit.
            cookies: names and values for the site; default none.
            kwargs: `url`, `headers` and `allow_hosts` as for `ChatClient`.  Pictures and files (`media`, `images`, …)
                are refused; arguments of other providers are ignored.

        Raises:
            ChatError: the answer is not whole.
            NoNonceFound, NoPostIdFound: the page has no usable chat; both are `RuntimeError`s as well.
            RefusedError: a message has a part that is not text.
        """
        turns = _turns(messages)
        async with ChatClient(**cls._settings(proxy, timeout, cookies, kwargs)) as chat:
            bot = cls._bot_for(model, await chat.page())
            async with aclosing(chat.stream(turns, bot=bot)) as stream:
                async for delta in stream:
                    yield delta.text

    @classmethod
    def create_completion(cls, model: str, messages: Messages, stream: bool = True, **kwargs: Any) -> Iterator[str]:
        """
        Ask *model* with *messages* without ``async``; arguments and errors as `create_async_generator`.

        Args:
            model: as for `create_async_generator`.
            messages: as for `create_async_generator`.
            stream: whether to yield each text as it arrives, which is the default, or the whole answer as one.
            kwargs: the other arguments of `create_async_generator`.
        """
        turns = _turns(messages)
        given = (kwargs.pop("proxy", None), kwargs.pop("timeout", 120), kwargs.pop("cookies", None))
        with blocking.ChatClient(**cls._settings(*given, kwargs)) as chat:
            bot = cls._bot_for(model, chat.page())
            with chat.stream(turns, bot=bot) as deltas:
                texts = (delta.text for delta in deltas)
                if stream:
                    yield from texts
                else:
                    yield "".join(texts)

    @classmethod
    def _settings(
        cls, proxy: str | None, timeout: float | None, cookies: Mapping[str, str] | None, kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        check_only_text(kwargs)
        return {
            "url": kwargs.get("url") or cls.url,
            "proxy": proxy,
            "cookies": cookies,
            "headers": kwargs.get("headers"),
            "allow_hosts": kwargs.get("allow_hosts") or (),
            "timeout": Timeout(connect=min(_LONGEST_CONNECT, timeout or _LONGEST_CONNECT), idle=timeout),
        }

    @classmethod
    def _bot_for(cls, model: str, page: ChatPage) -> str | None:
        """Return the id of the bot on *page* that has *model*; None if the page has only one bot."""
        first = page.chats[0]
        if first.generation == "wpaicg" and not first.names_post_id:
            raise NoPostIdFound(url=page.url)
        bots = page.bots
        if len(bots) == 1:
            return None
        wanted = cls.model_aliases.get(model, model) or cls.default_model
        key = _letters_and_digits(wanted)
        for bot in bots:
            if wanted in (bot.id, bot.name) or _letters_and_digits(bot.name) == key or _BOTS.get(wanted) == bot.id:
                return bot.id
        close = [bot.id for bot in bots if key and key in _letters_and_digits(bot.name)]
        if len(close) == 1:
            return close[0]
        return None if not model else page.find(wanted).bot.id


_PARAMETERS: Final = (
    "model: str",
    "messages: list of {role, content}",
    "proxy: str = None",
    "timeout: float = 120",
    "cookies: dict = None",
    "url: str = the site",
    "headers: dict = None",
    "allow_hosts: list of str = None",
)


def _turns(messages: Messages) -> list[dict[str, str]]:
    """Bring *messages* into the shape that `ChatClient` takes; roles are checked there."""
    turns = []
    for message in messages:
        if not isinstance(message, Message):
            check_only_text(message)
        role, content = (
            (message.role, message.content) if isinstance(message, Message) else (message["role"], message["content"])
        )
        turns.append({"role": str(role), "content": text_of_content("" if content is None else content)})
    return turns


def _letters_and_digits(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower())
