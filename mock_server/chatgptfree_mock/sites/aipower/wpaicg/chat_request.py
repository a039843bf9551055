"""One message on its way through the checks of WPAICG."""

from __future__ import annotations

from msgspec import Struct, field

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.aipower.wpaicg import prompt
from chatgptfree_mock.sites.aipower.wpaicg.output import Output
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.sites.wordpress.forms import Array
from chatgptfree_mock.tape.model import Response


class WpaicgChatRequest(Struct, kw_only=True, gc=False):
    """A message, its context, and the output and decisions so far."""

    call: AjaxCall
    fields: Array
    bot: Bot
    source: str
    streams: bool
    out: Output
    text: str
    why: list[str] = field(default_factory=list)
    calls: list[Messages] = field(default_factory=list)

    @property
    def quota_key(self) -> tuple[str, ...]:
        """Return the key under which this visitor's tokens are counted; empty for a guest without an id."""
        user = self.call.user
        owner = f"user {user.id}" if user.id else prompt.client_id(self.fields)
        return (self.source, owner) if owner else ()

    @property
    def logged(self) -> bool:
        """Return whether the bot keeps a log; the default bot does so only if configured."""
        return self.bot.logs if self.bot.logs is not None else self.bot.id > 0

    def refuse(self, message: str, why: str) -> Response:
        """End with a JSON error, even if the bot streams."""
        self.why.append(why)
        return self.out.json({"status": "error", "msg": message})

    def flag(self, message: str, name: str, why: str) -> Response | None:
        """Send a policy flag: in an event that does not end the answer, or in JSON that ends it."""
        if not self.streams:
            return self.refuse(message, why)
        self.why.append(f"{why}; the plugin forgets to stop there")
        self.out.event({"msg": message, name: True})
        return None
