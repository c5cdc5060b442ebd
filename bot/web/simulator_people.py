"""Three invented citizens for whoever tries the service; nobody of these names, numbers or addresses is real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox; a citizen also has a phone, an officer (`office`) has none."""

    key: str
    name: str
    email: str
    phone: str = ""
    office: str = ""


CITIZENS: Final = (
    Person("rina", "Rina Wulandari", "rina.wulandari@contoh.id", "+6281230000001"),
    Person("bayu", "Bayu Prasetyo", "bayu.prasetyo@contoh.id", "+6281230000002"),
    Person("sulastri", "Sulastri", "sulastri@contoh.id", "+6281230000003"),
)


def citizen(key: str) -> Person | None:
    return next((person for person in CITIZENS if person.key == key), None)
