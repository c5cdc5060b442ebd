"""After a restart of the demo: the network learns again, from the outbox, what it had delivered.

What stands in the database is what the service sent; how it looked on the phone is composed anew by the same ports.
Whether a template had left is not written down: it had if nobody had written in the 24 hours before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.app import Service
from bot.channels.port import DeliveryError
from bot.channels.simulator import SENT, Delivery, SimulatedMail, SimulatedNetwork, SimulatedWhatsApp
from bot.core.model import Channel
from bot.core.window import WINDOW, is_open
from bot.store import sent
from bot.store.outbound import Outgoing

MOST: Final = 2000
Ports = Mapping[tuple[str, Channel], SimulatedWhatsApp | SimulatedMail]
Heard = Mapping[int, tuple[str, str, list[datetime]]]


async def recall(service: Service, network: SimulatedNetwork, ports: Ports) -> int:
    """Fill the network with what was sent before; returns how many messages it remembers."""
    async with service.database.read() as tx:
        items = await sent.newest_sent(tx, MOST)
        heard = await sent.heard(tx)
    for office, address, moments in heard.values():
        network.last_heard[office, address] = moments[-1]
    for item in items:
        network.deliveries.extend(await _as_delivered(service, ports, item, heard))
    return len(network.deliveries)


async def _as_delivered(service: Service, ports: Ports, item: Outgoing, heard: Heard) -> Sequence[Delivery]:
    port, at = ports.get((item.draft.office, item.draft.channel)), item.sent_at
    if port is None or at is None:
        return ()
    letter = await service.outbox.letter(item, template=_as_template(item, at, heard))
    try:
        shown = port.shown(letter, at) if isinstance(port, SimulatedWhatsApp) else [port.composed(letter, at)]
    except DeliveryError:  # its words are gone: erased since
        return ()
    for delivery in shown:
        delivery.rank = max(item.status_rank, delivery.rank, SENT)
    return shown


def _as_template(item: Outgoing, at: datetime, heard: Heard) -> bool:
    draft = item.draft
    if draft.channel is not Channel.WHATSAPP or not draft.content.get("template"):
        return False
    _, _, moments = heard.get(draft.conversation_id or 0, ("", "", []))
    before = bisect_right(moments, at)
    return not before or not is_open(moments[before - 1] + WINDOW, at)
