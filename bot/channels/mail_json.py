"""A read mail in the shape that `pst mail parse` prints (docs: contracts, "pst mail parse")."""

from typing import Any

from bot.channels.bounces import Bounce
from bot.channels.headers import Address
from bot.channels.mime import Mail


def mail_to_json(name: str, mail: Mail) -> dict[str, Any]:
    """The agreed keys in the agreed order; `name` is the file as the caller named it."""
    return {
        "file": name,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "from": _address(mail.sender),
        "to": [_address(a) for a in mail.to],
        "cc": [_address(a) for a in mail.cc],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "quoted": mail.quoted,
        "kind": mail.kind,
        "reply_allowed": mail.reply_allowed,
        "bounce": _bounce(mail.bounce),
        "attachments": [
            {"filename": a.filename, "content_type": a.content_type, "size": a.size}
            for a in mail.attachments
            if not a.logo
        ],
        "consultation": mail.consultation,
        "authentication": mail.authentication,
    }


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    """The first recipient that was not reached; nulls where the report does not tell."""
    if bounce is None:
        return None
    first = next(iter(bounce.recipients), None)
    return {
        "recipient": (first.recipient if first else "") or None,
        "status": (first.status if first else "") or None,
        "permanent": first.permanent if first else False,
        "original_message_id": bounce.original_message_id,
    }
