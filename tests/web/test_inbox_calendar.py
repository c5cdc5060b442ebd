"""Closed days and special hours: what the form means, what a change would move, and that it is asked twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.calendars import with_change
from bot.core.model import Office
from bot.store.calendar import CalendarChange
from bot.web.inbox_calendar_form import Unclear, read_form
from bot.web.inbox_calendar_preview import preview
from tests.web.staging import Staging

WIB = ZoneInfo("Asia/Jakarta")
FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=WIB)


def a_change(first: date, last: date, opens: time | None, closes: time | None) -> CalendarChange:
    return CalendarChange(0, "3574", first, last, opens, closes, "rapat", "Sari", FRIDAY)


@pytest.mark.parametrize(
    ("form", "first", "last", "opens", "closes"),
    [
        ({"kind": "closed", "first": "2026-11-25"}, "2026-11-25", "2026-11-25", None, None),
        ({"kind": "closed", "first": "2026-11-25", "last": "2026-11-27"}, "2026-11-25", "2026-11-27", None, None),
        ({"kind": "hours", "first": "2027-02-08", "last": "2027-03-09", "opens": "08:00", "closes": "15:00"},
         "2027-02-08", "2027-03-09", time(8), time(15)),
        ({"kind": "early", "early": "12.00"}, "2026-11-20", "2026-11-20", time(8), time(12)),
        ({"kind": "early", "early": "07:30"}, "2026-11-20", "2026-11-20", None, None),
    ],
)  # fmt: skip
def test_the_form_says_which_days_and_hours(
    offices: dict[str, Office], form: dict[str, str], first: str, last: str, opens: time | None, closes: time | None
) -> None:
    found = read_form({**form, "reason": "  listrik   padam "}, offices["3574"], "Sari", FRIDAY)
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert found == CalendarChange(0, "3574", *days, opens, closes, "listrik padam", "Sari", FRIDAY)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "closed", "first": "2026-11-25", "reason": ""}, "alasan"),
        ({"kind": "closed", "first": "besok"}, "Isi tanggal mulai"),
        ({"kind": "closed", "first": "2026-11-19"}, "sudah lewat"),
        ({"kind": "closed", "first": "2026-11-25", "last": "2026-11-24"}, "sebelum"),
        ({"kind": "closed", "first": "2026-11-25", "last": "2027-11-24"}, "Paling lama"),
        ({"kind": "hours", "first": "2026-11-25", "opens": "15:00", "closes": "08:00"}, "sesudah jam buka"),
        ({"kind": "hours", "first": "2026-11-25", "opens": "", "closes": "08:00"}, "jam buka"),
        ({"kind": "early", "early": "17:00"}, "memang berakhir pukul 16.00"),
        ({}, "tanggal mulai"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_asked_back(offices: dict[str, Office], form: dict[str, str], said: str) -> None:
    with pytest.raises(Unclear, match=said):
        read_form({"reason": "rapat", **form}, offices["3574"], "Sari", FRIDAY)


def test_closing_early_on_a_free_day_means_nothing(offices: dict[str, Office]) -> None:
    with pytest.raises(Unclear, match="memang tidak melayani"):
        read_form({"kind": "early", "early": "12:00", "reason": "x"}, offices["3574"], "Sari", FRIDAY.replace(day=21))


def test_other_hours_do_not_open_a_weekend(offices: dict[str, Office]) -> None:
    change = a_change(date(2026, 11, 20), date(2026, 11, 23), time(9), time(14))
    after = with_change(offices["3574"].calendar, change)
    hours = [after.hours_on(date(2026, 11, day)) for day in (20, 21, 22, 23)]
    assert [h and h.closes for h in hours] == [time(14), None, None, time(14)]


def test_the_preview_names_every_deadline_and_appointment_that_moves(offices: dict[str, Office]) -> None:
    office = replace(offices["3574"])
    asked, due = datetime(2026, 11, 20, 10, 0, tzinfo=WIB), datetime(2026, 11, 25, 15, 30, tzinfo=WIB)
    owed = {
        "number": "3574-2026-000001", "state": "open", "channel": "whatsapp", "asked_at": asked, "due_at": due,
        "address": "+6281230000001", "name": "Rina", "profile_name": None, "known": {}, "details": {},
    }  # fmt: skip
    earlier = {**owed, "asked_at": datetime(2026, 11, 17, 9, 0, tzinfo=WIB), "due_at": FRIDAY.replace(hour=16)}
    silent = {**owed, "state": "answered", "readable_at": asked, "closes_at": due, "reminded_at": None}
    booked = {**owed, "at": datetime(2026, 11, 24, 10, 0, tzinfo=WIB)}
    change = a_change(date(2026, 11, 24), date(2026, 11, 24), None, None)
    found = preview(office, change, [owed, earlier, silent], [booked])
    assert [(d.day, d.before, d.after) for d in found.days] == [("Sel 24 Nov 2026", "08.00–15.30", "tutup")]
    assert [(m.before, m.after) for m in found.answers] == [("Rab 25 Nov 2026 15.30", "Kam 26 Nov 2026 15.30")]
    assert [m.after for m in found.closings] == ["Kam 26 Nov 2026 15.30"]
    assert [m.after for m in found.appointments] == ["di luar jam layanan"]


async def test_a_change_is_shown_before_it_is_made(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru?")
    sari = await staging.signed_in("3574", "Sari")
    form = {"kind": "closed", "first": "2026-11-24", "last": "", "reason": "Rapat koordinasi"}
    checked = await sari.deed("/inbox/jam", "/inbox/jam/periksa", **form)
    for said in (number, "Rab 25 Nov 2026 15.30", "Kam 26 Nov 2026 15.30", "Berlakukan dan beri tahu 1 pengguna"):
        assert said in checked.text, said
    assert "Rapat koordinasi" not in (await sari.get("/inbox/jam")).text
    done = await sari.post("/inbox/jam", {"csrf": checked.field("csrf"), **form})
    assert done.location == "/inbox/jam?kabar=kalender"
    page = await sari.get("/inbox/jam")
    assert "Rapat koordinasi" in page.text
    assert "Sel 24 Nov 2026" in page.text
    withdrawn = await sari.deed("/inbox/jam", "/inbox/jam/1/cabut")
    assert withdrawn.location == "/inbox/jam?kabar=kalender-batal"
    assert "Rapat koordinasi" not in (await sari.get("/inbox/jam")).text


async def test_what_was_typed_comes_back_with_the_question(staging: Staging) -> None:
    sari = await staging.signed_in("3574", "Sari")
    form = {"kind": "hours", "first": "2026-11-24", "opens": "09:00", "reason": "x"}
    answer = await sari.deed("/inbox/jam", "/inbox/jam/periksa", **form)
    assert answer.status == 422
    assert "Isi jam tutup." in answer.text
    assert 'value="2026-11-24"' in answer.text
