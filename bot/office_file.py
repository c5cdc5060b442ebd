"""An office file (bot/offices/<code>.toml) -> Office: what a service standard says, each fact once.

The shape is checked strictly: an unknown key is a misspelt promise. `facts` are the words that answers are filled
with; docs/knowledge.md lists them. A fact that an office does not have is absent, so that nothing which only another
office promises can be said for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic import Field as Setting

from bot.core.model import Channel, Field, Office, Retention, Thresholds
from scheduler.calendar import CalendarError, Hours, SpecialHours, WorkingCalendar
from scheduler.indonesian import WEEKDAYS, ZONES
from scheduler.policy import Policy, PolicyError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_EN = tuple(day.capitalize() for day in _DAYS)
_USUAL = Thresholds()
_TERMS = Retention()
_FIELD_WORDS = {
    "id": {"name": "nama", "sex": "jenis kelamin", "email": "e-mail", "phone": "nomor HP", "kind": "jenis konsultasi"},
    "en": {"name": "name", "sex": "sex", "email": "e-mail", "phone": "mobile number", "kind": "kind of consultation"},
}


class OfficeFileError(ValueError):
    """An office file that cannot be used; `faults` holds one line for each reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def _hours(value: object) -> object:
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('write hours as "08:00-15:30"')
    a, b, c, d = map(int, match.groups())
    return Hours(time(a, b), time(c, d))


ServiceHours = Annotated[Hours, BeforeValidator(_hours)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class Week(_Strict):
    monday: ServiceHours | None = None
    tuesday: ServiceHours | None = None
    wednesday: ServiceHours | None = None
    thursday: ServiceHours | None = None
    friday: ServiceHours | None = None
    saturday: ServiceHours | None = None
    sunday: ServiceHours | None = None

    @property
    def days(self) -> tuple[Hours | None, ...]:
        return tuple(getattr(self, day) for day in _DAYS)


class Standard(_Strict):
    title: str
    number: str
    product: str
    product_en: str
    ways: str
    ways_en: str


class Contact(_Strict):
    address: str
    postcode: str
    phone: str
    email: str
    whatsapp: str
    website: str


class ChannelPromise(_Strict):
    answer_days: int
    close_days: int | None = None
    remind_days: int | None = None


class Promise(_Strict):
    deemed_receipt: Literal["same_day", "next_working_day"] = "same_day"
    rating: Literal["promised", "offered"] = "offered"
    reopen_days: int = Setting(default=7, ge=1, le=60)
    visit_wait_minutes: int | None = None
    phone_at_once: bool = False
    appointments: bool = False
    confirm_answer: bool = False
    queue_number: bool = False
    closed_by: str | None = None
    whatsapp: ChannelPromise
    email: ChannelPromise


class Intake(_Strict):
    fields: tuple[Field, ...]
    promised: bool = False


class Visit(_Strict):
    place: str
    place_en: str
    requirements: tuple[str, ...]
    requirements_en: tuple[str, ...]
    steps: tuple[str, ...]
    steps_en: tuple[str, ...]
    guest_book: str
    guest_book_en: str


class Online(_Strict):
    requirements: tuple[str, ...]
    requirements_en: tuple[str, ...]
    steps: tuple[str, ...]
    steps_en: tuple[str, ...]
    account: str
    account_en: str
    ask: str
    ask_en: str
    purchase: str
    purchase_en: str


class Complaints(_Strict):
    box: str
    box_en: str
    websites: tuple[str, ...]
    email: str
    whatsapp: str
    phone: str | None = None
    sms: bool = False


class Survey(_Strict):
    """The office's own form of the public satisfaction survey, where it has one."""

    link: str = Setting(pattern=r"^https?://\S+$")


class Neighbour(_Strict):
    name: str
    code: str
    namesake: bool = False
    districts: tuple[str, ...] = ()


class Region(_Strict):
    name: str
    price_index_city: bool
    districts: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


class Closed(_Strict):
    day: date
    reason: str


class Special(_Strict):
    first: date
    last: date
    reason: str
    hours: Week

    @model_validator(mode="after")
    def _in_order(self) -> Special:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class ThresholdSettings(_Strict):
    answer: float = Setting(default=_USUAL.answer, ge=0, le=1)
    clarify: float = Setting(default=_USUAL.clarify, ge=0, le=1)
    certain: float = Setting(default=_USUAL.certain, ge=0, le=1)


class RetentionSettings(_Strict):
    """Days; the least of each keeps what is still worked with."""

    raw: int = Setting(default=_TERMS.raw, ge=30, le=36500)
    files: int = Setting(default=_TERMS.files, ge=30, le=36500)
    talks: int = Setting(default=_TERMS.talks, ge=90, le=36500)


class OfficeFile(_Strict):
    """The file as written."""

    code: str = Setting(pattern=r"^\d{4}$")
    name: str
    timezone: str
    standard: Standard
    contact: Contact
    hours: Week
    promise: Promise
    intake: Intake
    visit: Visit
    online: Online
    complaints: Complaints
    region: Region
    closed: tuple[Closed, ...] = ()
    special_hours: tuple[Special, ...] = ()
    working_days: tuple[date, ...] = ()
    survey: Survey | None = None
    thresholds: ThresholdSettings = ThresholdSettings()
    retention: RetentionSettings = RetentionSettings()
    answers: dict[str, dict[str, str]] = {}


def read_office(path: Path) -> Office:
    """Read one file; raises OfficeFileError with every fault in it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return build_office(OfficeFile.model_validate(data))
    except ValidationError as error:
        raise OfficeFileError([f"{path.name}: {_fault(e)}" for e in error.errors()]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OfficeFileError([f"{path.name}: not valid TOML: {error}"]) from error
    except (CalendarError, PolicyError, OSError) as error:
        raise OfficeFileError([f"{path.name}: {error}"]) from error


def build_office(file: OfficeFile) -> Office:
    """The frozen value that the rest of the service works with."""
    return Office(
        code=file.code,
        name=file.name,
        calendar=_calendar(file),
        policies={channel: _policy(file, channel) for channel in Channel},
        rating=file.promise.rating,
        reopen_days=file.promise.reopen_days,
        appointments=file.promise.appointments,
        intake=file.intake.fields,
        facts=office_facts(file),
        thresholds=Thresholds(**file.thresholds.model_dump()),
        regions=_regions(file.region),
        answers=file.answers,
        retention=Retention(**file.retention.model_dump()),
    )


def _calendar(file: OfficeFile) -> WorkingCalendar:
    try:
        zone = ZoneInfo(file.timezone)
    except (KeyError, ValueError) as error:
        raise CalendarError(f"unknown timezone {file.timezone!r}") from error
    special = tuple(SpecialHours(s.first, s.last, s.hours.days, s.reason) for s in file.special_hours)
    closed = {c.day: c.reason for c in file.closed}
    return WorkingCalendar(zone, file.hours.days, closed, special, frozenset(file.working_days))


def _policy(file: OfficeFile, channel: Channel) -> Policy:
    promise: ChannelPromise = getattr(file.promise, channel.value)
    return Policy(promise.answer_days, promise.close_days, promise.remind_days, file.promise.deemed_receipt)


def _regions(region: Region) -> Mapping[str, str]:
    """Every district's (and neighbour's) name, casefolded, with whose it is: this region's name or the neighbour's."""
    owners = {district.casefold(): n.name for n in region.neighbours for district in n.districts}
    owners |= {n.name.casefold(): n.name for n in region.neighbours}
    owners |= {district.casefold(): region.name for district in region.districts}
    return owners | {region.name.casefold(): region.name}


def office_facts(file: OfficeFile) -> Mapping[str, str | bool]:
    """The words behind the placeholders of answers; absent where the office promises nothing of the kind."""
    facts: dict[str, str | bool | None] = {
        "office": file.name, "code": file.code, "region": file.region.name,
        "address": file.contact.address, "postcode": file.contact.postcode, "phone": file.contact.phone,
        "email": file.contact.email, "whatsapp": file.contact.whatsapp, "website": file.contact.website,
        "website_name": file.contact.website.partition("://")[2] or file.contact.website,
        "standard": file.standard.title, "standard_number": file.standard.number,
        "product": file.standard.product, "product_en": file.standard.product_en,
        "ways": file.standard.ways, "ways_en": file.standard.ways_en,
        "appointments": file.promise.appointments or None, "queue_number": file.promise.queue_number or None,
        "phone_at_once": file.promise.phone_at_once or None, "confirm_answer": file.promise.confirm_answer or None,
        "rating_promised": file.promise.rating == "promised" or None,
        "price_index_city": file.region.price_index_city or None,
        "survey_link": file.survey.link if file.survey else None,
        **_hour_facts(file), **_promise_facts(file), **_place_facts(file), **_complaint_facts(file.complaints),
    }  # fmt: skip
    namesakes = [n for n in file.region.neighbours if n.namesake]
    if namesakes:
        facts |= {"neighbour": namesakes[0].name, "neighbour_code": namesakes[0].code}
    known = {name: value for name, value in facts.items() if value is not None}
    return {name: _filled(value, known) for name, value in known.items()}


def _filled(value: str | bool, known: Mapping[str, str | bool]) -> str | bool:
    """Facts may mention other facts: "Akses website {website_name}"."""
    return value.format_map(known) if isinstance(value, str) else value


def _hour_facts(file: OfficeFile) -> dict[str, str]:
    week, zone = file.hours, ZONES.get(file.timezone, "")
    spans: list[tuple[int, int, Hours]] = []
    for number, hours in enumerate(week.days):
        if hours is None:
            continue
        if spans and spans[-1][2] == hours and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number, hours)
        else:
            spans.append((number, number, hours))
    return {
        "hours": f"{_spans(spans, WEEKDAYS, '.')} {zone}".strip(),
        "hours_en": f"{_spans(spans, _DAYS_EN, ':')} {zone}".strip(),
    }


def _spans(spans: list[tuple[int, int, Hours]], names: tuple[str, ...], mark: str) -> str:
    def words(first: int, last: int, hours: Hours) -> str:
        days = names[first] if first == last else f"{names[first]}–{names[last]}"
        return f"{days} {hours.opens:%H{mark}%M}–{hours.closes:%H{mark}%M}"

    return ", ".join(words(*span) for span in spans)


def _promise_facts(file: OfficeFile) -> dict[str, str | bool | None]:
    promise, whatsapp = file.promise, file.promise.whatsapp
    facts = _days("sla_chat", whatsapp.answer_days) | _days("sla_email", promise.email.answer_days)
    if whatsapp.close_days is not None:
        facts |= _days("close_after", whatsapp.close_days) | {"auto_close": True, "closed_by": promise.closed_by}
    if promise.visit_wait_minutes is not None:
        wait = promise.visit_wait_minutes
        facts |= {"sla_visit": f"{wait} menit", "sla_visit_en": f"{wait} minutes"}
    if file.intake.promised:
        for language, words in _FIELD_WORDS.items():
            names = [words[field] for field in file.intake.fields]
            joined = ", ".join(names[:-1]) + (", dan " if language == "id" else " and ") + names[-1]
            facts["intake_fields" if language == "id" else "intake_fields_en"] = joined
    return facts


def _days(name: str, days: int) -> dict[str, str | bool | None]:
    return {name: f"{days} hari kerja", f"{name}_en": f"{days} working day{'s' if days > 1 else ''}"}


def _place_facts(file: OfficeFile) -> dict[str, str]:
    visit, online = file.visit, file.online
    return {
        "visit_place": visit.place, "visit_place_en": visit.place_en,
        "visit_requirements": _bullets(visit.requirements), "visit_requirements_en": _bullets(visit.requirements_en),
        "visit_steps": _numbers(visit.steps), "visit_steps_en": _numbers(visit.steps_en),
        "guest_book": visit.guest_book, "guest_book_en": visit.guest_book_en,
        "online_requirements": _bullets(online.requirements),
        "online_requirements_en": _bullets(online.requirements_en),
        "online_steps": _numbers(online.steps), "online_steps_en": _numbers(online.steps_en),
        "account": online.account, "account_en": online.account_en, "ask": online.ask, "ask_en": online.ask_en,
        "purchase": online.purchase, "purchase_en": online.purchase_en,
    }  # fmt: skip


def _complaint_facts(complaints: Complaints) -> dict[str, str]:
    def lines(box: str, box_word: str, phone_word: str) -> str:
        sms = "SMS/WA" if complaints.sms else "WhatsApp"
        phone = [f"{phone_word} {complaints.phone}"] if complaints.phone else []
        sites = [f"Website {' / '.join(complaints.websites)}"]
        ways = [f"{box_word} {box}", *sites, f"E-mail {complaints.email}", f"{sms} {complaints.whatsapp}", *phone]
        return _bullets(tuple(ways))

    return {
        "complaint_box": complaints.box, "complaint_box_en": complaints.box_en,
        "complaint_channels": lines(complaints.box, "Kotak saran dan pengaduan", "Telepon"),
        "complaint_channels_en": lines(complaints.box_en, "Suggestion and complaint box", "Phone"),
    }  # fmt: skip


def _bullets(items: tuple[str, ...]) -> str:
    return "\n".join(f"• {item}" for item in items)


def _numbers(items: tuple[str, ...]) -> str:
    return "\n".join(f"{n}. {item}" for n, item in enumerate(items, start=1))


def _fault(error: Mapping[str, object]) -> str:
    place = ".".join(str(part) for part in error["loc"])  # type: ignore[attr-defined]
    return f"{place}: {error['msg']}" if place else str(error["msg"])
