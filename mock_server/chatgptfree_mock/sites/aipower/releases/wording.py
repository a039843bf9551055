"""The sentences of a release where they differ from those of its generation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences, wpaicg_sentences
from chatgptfree_mock.sites.aipower.releases.release_file import Generation
from chatgptfree_mock.suggestion import did_you_mean

_BRACES: Final = re.compile(r"\\\{(\w+)\\\}")


def _of(module: ModuleType) -> tuple[str, ...]:
    return tuple(value for name, value in vars(module).items() if name.isupper() and isinstance(value, str))


SENTENCES: Final[Mapping[Generation, tuple[str, ...]]] = {
    "wpaicg": _of(wpaicg_sentences),
    "aipkit": _of(aipkit_sentences),
}
"""All sentences that can be replaced, as the generation has them."""


def check(changes: Mapping[str, str], generation: Generation, *, place: str) -> None:
    """
    Check that *changes*, new sentences by the old ones, can act.

    Raises:
        SettingsError: there is no such sentence, or the new one has something in braces that is never filled in.
    """
    known = SENTENCES[generation]
    for old, new in changes.items():
        if old not in known:
            hint = did_you_mean(old, known) or "; the sentences are those that the generation sends, word for word"
            raise SettingsError(f"unknown sentence `{old}` - at `{place}`{hint}")
        extra = set(re.findall(r"\{(\w*)\}", new)) - set(re.findall(r"\{(\w+)\}", old))
        if extra:
            raise SettingsError(f"`{{{min(extra)}}}` is not filled in here - at `{place}.{old}`")


class Wording:
    """Replaces the sentences of a generation by those of a release."""

    def __init__(self, changes: Mapping[str, str]) -> None:
        self._whole = {old: new for old, new in changes.items() if "{" not in old}
        self._filled = [(_pattern(old), new) for old, new in changes.items() if "{" in old]

    def __bool__(self) -> bool:
        """Return whether anything differs."""
        return bool(self._whole or self._filled)

    def sentence(self, words: str) -> str:
        """Return the release's version of the sentence *words*."""
        if words in self._whole:
            return self._whole[words]
        for pattern, new in self._filled:
            found = pattern.fullmatch(words)
            if found is not None:
                parts = {name: self.sentence(part) for name, part in found.groupdict().items()}
                return re.sub(r"\{(\w+)\}", lambda word, parts=parts: parts[word[1]], new)  # type: ignore[misc]
        return words

    def text(self, words: str) -> str:
        """Return a text, such as a page, with the sentences in it replaced, except those with names in braces."""
        for old, new in self._whole.items():
            words = words.replace(old, new)
        return words

    def value(self, words: Any) -> Any:
        """Return plain data with the sentences in it replaced."""
        if isinstance(words, str):
            return self.sentence(words)
        if isinstance(words, Mapping):
            return {key: self.value(item) for key, item in words.items()}
        return [self.value(item) for item in words] if isinstance(words, list) else words


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_BRACES.sub(r"(?P<\1>.+)", re.escape(sentence)), re.DOTALL)
