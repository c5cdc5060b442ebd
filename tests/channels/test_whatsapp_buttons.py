"""Buttons and lists, against the played Twilio: made once, found again, and done without when they cannot be had."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.channels.port import DeliveryError
from bot.channels.twilio_contents import MOST
from tests.channels.whatsapp_scene import RINA, TWO, Scene, letter, scene
from tests.standins.twilio_model import OUTCOMES, Content, Outcome

FOUR = (("topic:inflasi", "Inflasi"), ("topic:ipm", "IPM"), ("topic:pdrb", "PDRB"), ("staff", "Tanya petugas"))
GRADES = tuple((f"rate:{n}", str(n)) for n in range(5, 0, -1))


def ours(s: Scene) -> list[Content]:
    return [c for c in s.provider.contents.values() if not c.approved]


def posts(s: Scene, path: str) -> int:
    return sum(1 for method, asked in s.provider.requests if method == "POST" and asked.endswith(path))


@pytest.mark.asyncio
async def test_options_leave_as_buttons_that_carry_key_and_token() -> None:
    async with scene() as s:
        await s.channel().send(letter("Inflasi itu ...\n\nSudah jelas?", options=TWO))
        sent = s.provider.expect(RINA, "Inflasi itu ...\n\nSudah jelas?")
        assert sent.button_kind == "twilio/quick-reply"
        assert sent.buttons == (("helpful|token-1", "Sudah jelas"), ("unhelpful|token-1", "Tanya petugas"))


@pytest.mark.asyncio
async def test_more_than_three_options_leave_as_a_list() -> None:
    async with scene() as s:
        await s.channel().send(letter("Yang mana?", options=FOUR))
        sent = s.provider.expect(RINA, "Yang mana?")
        assert sent.button_kind == "twilio/list-picker"
        assert sent.buttons[3] == ("staff|token-1", "Tanya petugas")


@pytest.mark.asyncio
async def test_a_content_is_made_once_whatever_the_text() -> None:
    async with scene() as s:
        channel = s.channel()
        for n in range(4):
            await channel.send(letter(f"Pertanyaan {n}\nJawaban {n}", options=((f"k{'abcd'[n]}", f"Judul {n}"),)))
            s.provider.expect(RINA, f"Pertanyaan {n}")
        assert len(ours(s)) == 1
        assert posts(s, "/v1/Content") == 1


@pytest.mark.asyncio
async def test_after_a_restart_contents_are_found_again() -> None:
    async with scene() as s:
        for _ in range(2):
            await s.channel().send(letter(options=TWO))
            s.provider.expect(RINA)
        assert posts(s, "/v1/Content") == 1


@pytest.mark.asyncio
async def test_contents_are_found_beyond_the_first_page() -> None:
    async with scene() as s:
        await s.channel().send(letter(options=TWO))
        kept = ours(s)[0]
        del s.provider.contents[kept.sid]
        for n in range(600):
            sid = f"HX{n}"
            s.provider.contents[sid] = Content(sid, s.provider.default, f"theirs {n}", "id", {}, {"twilio/text": {}})
        s.provider.contents[kept.sid] = kept
        await s.channel().send(letter(options=TWO))
        assert posts(s, "/v1/Content") == 1
        assert s.provider.expect(RINA).buttons
        assert s.provider.expect(RINA).buttons


@pytest.mark.asyncio
async def test_messages_at_the_same_time_share_one_listing_and_one_making() -> None:
    async with scene() as s:
        channel = s.channel()
        people = [s.provider.user(f"+62812300001{n:02}") for n in range(20)]
        for person in people:
            person.wrote()
        await asyncio.gather(*(channel.send(letter(recipient=p.number, options=TWO)) for p in people))
        assert all(s.provider.expect(person.number).buttons for person in people)
        assert s.provider.requests.count(("GET", "/v1/Content")) == 1
        assert posts(s, "/v1/Content") == 1


@pytest.mark.parametrize("fault", ["5xx", "4xx", "cut", "timeout", "429", "garbage", "empty"])
@pytest.mark.asyncio
async def test_when_no_content_can_be_had_the_options_are_numbered(fault: str) -> None:
    async with scene(timeout=0.3) as s:
        s.provider.contents_fail = OUTCOMES[fault]
        channel = s.channel()
        await channel.send(letter("Sudah jelas?", options=TWO))
        sent = s.provider.expect(RINA)
        assert sent.body == "Sudah jelas?\n\n1. Sudah jelas\n2. Tanya petugas\n\n_Balas dengan angkanya._"
        asked = s.provider.requests.count(("GET", "/v1/Content"))
        await channel.send(letter("Lagi?", options=TWO))
        s.provider.expect(RINA, "1. Sudah jelas")
        assert s.provider.requests.count(("GET", "/v1/Content")) == asked, "left alone for a while"


@pytest.mark.asyncio
async def test_after_ten_minutes_buttons_are_tried_again() -> None:
    async with scene() as s:
        s.provider.contents_fail = Outcome(503, accept=False)
        channel = s.channel()
        await channel.send(letter(options=TWO))
        s.provider.contents_fail = None
        s.clock.now += timedelta(minutes=11)
        await channel.send(letter(options=TWO))
        assert not s.provider.expect(RINA).buttons
        assert s.provider.expect(RINA).buttons


@pytest.mark.parametrize("code", ["63021", "21656", "21655", "63006"])
@pytest.mark.asyncio
async def test_buttons_that_are_refused_are_replaced_by_numbers_at_once_and_for_good(code: str) -> None:
    async with scene() as s:
        channel = s.channel()
        s.provider.next_send(code)
        await channel.send(letter(options=TWO))
        assert "1. Sudah jelas" in s.provider.expect(RINA).body
        await channel.send(letter(options=TWO))
        assert "1. Sudah jelas" in s.provider.expect(RINA).body


@pytest.mark.parametrize("code", ["63016", "20003", "21610"])
@pytest.mark.asyncio
async def test_an_error_that_is_not_the_buttons_is_not_answered_with_another_message(code: str) -> None:
    async with scene() as s:
        s.provider.next_send(code)
        with pytest.raises(DeliveryError, match=code):
            await s.channel().send(letter(options=TWO))
        assert posts(s, "/Messages.json") == 1


@pytest.mark.asyncio
async def test_an_account_is_not_filled_with_contents() -> None:
    async with scene() as s:
        for n in range(MOST):
            sid = f"HX{n}"
            s.provider.contents[sid] = Content(sid, s.provider.default, f"pst_old_{n}", "id", {}, {"twilio/text": {}})
        await s.channel().send(letter(options=TWO))
        assert "1. Sudah jelas" in s.provider.expect(RINA).body


@pytest.mark.asyncio
async def test_a_long_answer_with_options_is_one_numbered_bubble() -> None:
    async with scene() as s:
        await s.channel().send(letter("x" * 1100, options=TWO))
        assert s.provider.expect(RINA, "1. Sudah jelas").body.startswith("x" * 1100)


@pytest.mark.asyncio
async def test_grades_are_a_list_and_without_a_list_only_the_question() -> None:
    async with scene() as s:
        await s.channel().send(letter("Nilai 1 sampai 5?", options=GRADES))
        assert [key for key, _ in s.provider.expect(RINA).buttons] == [f"rate:{n}|token-1" for n in (5, 4, 3, 2, 1)]
        s.provider.contents_fail = OUTCOMES["5xx"]
        await s.channel().send(letter("Nilai 1 sampai 5?", options=GRADES))
        assert s.provider.expect(RINA).body == "Nilai 1 sampai 5?"
