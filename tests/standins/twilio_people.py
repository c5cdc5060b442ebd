"""People with WhatsApp, as the played Twilio knows them: they write, tap, send files, block."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.standins.loopback import Call
from tests.standins.twilio_model import Account, Media, Message, new_sid
from tests.standins.twilio_rules import Recipient
from tests.standins.twilio_webhooks import Signing

if TYPE_CHECKING:
    from tests.standins.twilio import Provider

Answers = Call[list[int]]
Extra = Mapping[str, str]


@dataclass
class Person:
    """`number`: E.164. `hides_number`: only the BSUID is shown. Every action returns the webhook's HTTP statuses."""

    provider: Provider
    number: str
    name: str = "Rina"
    bsuid: str | None = None
    hides_number: bool = False
    omits_wa_id: bool = False
    known: Recipient = field(default_factory=Recipient)

    @property
    def address(self) -> str:
        """How the provider names this person: "whatsapp:+62..." or "whatsapp:ID...."."""
        return f"whatsapp:{self.bsuid if self.hides_number else self.number}"

    # --- what people do --------------------------------------------------------------------------------------------

    def says(self, text: str, *, to: Account | None = None, **how: Any) -> Answers:
        return self._send({"Body": text, "MessageType": "text"}, to, **how)

    def taps(self, message: Message, title: str, *, to: Account | None = None, **how: Any) -> Answers:
        """Taps a button, or picks from the list, of a message that this person got."""
        key = next(key for key, shown in message.buttons if shown == title)
        context = {"OriginalRepliedMessageSid": message.sid, "OriginalRepliedMessageSender": message.sender}
        if message.button_kind == "twilio/list-picker":
            tapped = {"Body": title, "ListId": key, "ListTitle": title, "MessageType": "interactive"}
        else:
            tapped = {"Body": title, "ButtonText": title, "ButtonPayload": key, "MessageType": "interactive"}
        return self._send(tapped | context, to or message.account, **how)

    def sends_file(
        self, content: bytes, declared: str, *, caption: str = "", kind: str = "document", missing: int = 0,
        to: Account | None = None, **how: Any,
    ) -> Answers:  # fmt: skip
        media = Media(new_sid("ME"), content, declared, missing)
        return self._send({"Body": caption, "MessageType": kind}, to, media=[media], **how)

    def sends(self, fields: Extra, *, to: Account | None = None, **how: Any) -> Answers:
        """Any other message, by its fields."""
        return self._send(fields, to, **how)

    def blocks(self) -> None:
        self.known = Recipient(self.known.last_wrote, blocks=True)

    def opts_out(self) -> None:
        self.known = Recipient(self.known.last_wrote, opted_out=True)

    def leaves_whatsapp(self) -> None:
        self.known = Recipient(self.known.last_wrote, on_whatsapp=False)

    def wrote(self) -> None:
        """The window is open, without any webhook."""
        self.known = Recipient(self.provider.now(), self.known.blocks)

    # --- how it arrives --------------------------------------------------------------------------------------------

    def _send(
        self, fields: Extra, to: Account | None, *, times: int = 1, sid: str | None = None, media: Sequence[Media] = (),
        signing: Signing = "right", lost: bool = False, extra: Extra | None = None,
    ) -> Answers:  # fmt: skip
        """`times`: the same webhook again; `lost`: it is never called, only the provider's list has the message."""
        account = to or self.provider.default
        sid = sid or new_sid("MM" if media else "SM")
        self.wrote()
        message = Message(
            sid, account, self.address, account.senders[0], fields.get("Body", ""), "inbound", self.provider.now(),
            self.provider.now(), "received", media=list(media),
        )  # fmt: skip
        form = {**self._common(account, sid), **self._files(message), **fields, **(extra or {})}
        return self.provider.receive(message, list(form.items()), 0 if lost else times, signing)

    def _common(self, account: Account, sid: str) -> dict[str, str]:
        hidden = {} if self.omits_wa_id else {"WaId": "" if self.hides_number else self.number[1:]}
        bsuid = {"ExternalUserId": f"whatsapp:{self.bsuid}"} if self.bsuid else {}
        return {
            "SmsMessageSid": sid, "NumMedia": "0", "ProfileName": self.name, "SmsSid": sid, "SmsStatus": "received",
            "NumSegments": "1", "ReferralNumMedia": "0", "MessageSid": sid, "AccountSid": account.sid,
            "From": self.address, "To": account.senders[0], "ApiVersion": "2010-04-01", **hidden, **bsuid,
        }  # fmt: skip

    def _files(self, message: Message) -> dict[str, str]:
        fields = {"NumMedia": str(len(message.media))}
        for index, media in enumerate(message.media):
            fields[f"MediaUrl{index}"] = f"{self.provider.url}{message.path}/Media/{media.sid}"
            fields[f"MediaContentType{index}"] = media.declared
        return fields


def bsuid_of(number: str) -> str:
    """A made-up business-scoped user id."""
    return "ID." + hashlib.sha256(number.encode()).hexdigest()[:24]
