"""Every fault of the settings is told at once, each in one line; nothing is started, no secret is shown."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.effects import Template
from bot.core.model import Channel
from bot.settings import SettingsError, load_settings

PACKAGED = Path(__file__).parent.parent / "bot" / "offices"
TWILIO = {
    "PST_3574_TWILIO_ACCOUNT_SID": "AC0123456789", "PST_3574_TWILIO_AUTH_TOKEN": "rahasia-lama,rahasia-baru",
    "PST_3574_WHATSAPP_FROM": "+6281230003574",
}  # fmt: skip
MAIL = {
    "PST_3574_IMAP_URL": "imaps://pst3574@contoh.id:kata%20sandi@mail.contoh.id/Konsultasi",
    "PST_3574_SMTP_URL": "smtp+starttls://pst3574@contoh.id:rahasia@mail.contoh.id",
    "PST_3574_MAIL_FROM": "pst3574@contoh.id",
}


def faults(tmp_path: Path, **environ: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load_settings(environ, env_file=tmp_path / ".env")
    return error.value.faults


def test_without_any_setting_both_offices_run_without_channels(tmp_path: Path) -> None:
    settings = load_settings({}, env_file=tmp_path / ".env")
    assert sorted(settings.offices) == ["3514", "3574"]
    assert all(access.whatsapp is None and access.mail is None for access in settings.access.values())
    assert settings.public_url == "http://127.0.0.1:8000"


def test_full_settings_are_read_and_secrets_never_printed(tmp_path: Path) -> None:
    settings = load_settings({**TWILIO, **MAIL}, env_file=tmp_path / ".env")
    whatsapp, mail = settings.access["3574"].whatsapp, settings.access["3574"].mail
    assert whatsapp is not None
    assert mail is not None
    assert mail.imap is not None
    assert [t.value for t in whatsapp.auth_tokens] == ["rahasia-lama", "rahasia-baru"]
    assert (mail.imap.port, mail.imap.security, mail.imap.folder) == (993, "tls", "Konsultasi")
    assert (mail.imap.user, mail.imap.password.value) == ("pst3574@contoh.id", "kata sandi")
    assert (mail.smtp.port, mail.smtp.security) == (587, "starttls")
    assert "rahasia" not in repr(settings) + str(settings)
    assert "kata sandi" not in repr(settings)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("PST_PORT=9001\nPST_HOST=0.0.0.0\n")
    settings = load_settings({"PST_PORT": "9002"}, env_file=env_file)
    assert (settings.host, settings.port) == ("0.0.0.0", 9002)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PST_PORT", "achttausend", "PST_PORT: "),
        ("PST_PORT", "70000", "PST_PORT: "),
        ("PST_PUBLIC_URL", "konsultasi.contoh.id", "PST_PUBLIC_URL: must begin with http:// or https://"),
        ("PST_OFFICES", "/nirgendwo", "PST_OFFICES: no office file"),
        ("PST_EMBEDDING_MODEL", "/nirgendwo", "PST_EMBEDDING_MODEL: no such file"),
        ("PST_9999_IMAP_URL", "imap://x", "PST_9999_IMAP_URL: there is no office 9999"),
        ("PST_3574_TWILIO_TOKEN", "x", "PST_3574_TWILIO_TOKEN: unknown setting"),
        ("PST_3574_TWILIO_ACCOUNT_SID", "SK12", "PST_3574_TWILIO_ACCOUNT_SID: must begin with AC"),
        ("PST_3574_WHATSAPP_FROM", "0812", "PST_3574_WHATSAPP_FROM: must be a number like"),
        ("PST_3574_TEMPLATE_JAWABAN_TERSEDIA", "XX", "must be the Content SID"),
        ("PST_3574_MONTHLY_MESSAGES", "banyak", "PST_3574_MONTHLY_MESSAGES: must be a whole number"),
        ("PST_3574_IMAP_URL", "pop3://x", "PST_3574_IMAP_URL: must begin with one of imap, imaps"),
        ("PST_3574_SMTP_URL", "smtp://host:eins", "PST_3574_SMTP_URL: is not an address"),
        ("PST_3574_MAIL_FROM", "pst", "PST_3574_MAIL_FROM: must be an e-mail address"),
        ("PST_3574_MAIL_OAUTH", "/nirgendwo", "PST_3574_MAIL_OAUTH: no such file"),
        ("PST_3574_MAIL_PLUS", "vielleicht", "PST_3574_MAIL_PLUS: must be yes or no"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(tmp_path: Path, name: str, value: str, words: str) -> None:
    found = faults(tmp_path, **{**TWILIO, **MAIL, name: value})
    assert len(found) == 1
    assert words in found[0]
    assert "\n" not in found[0]


@pytest.mark.parametrize("missing", sorted(TWILIO))
def test_half_an_account_is_a_fault_and_not_a_silent_channel(tmp_path: Path, missing: str) -> None:
    found = faults(tmp_path, **{k: v for k, v in TWILIO.items() if k != missing})
    assert [line.partition(":")[0] for line in found] == [missing]


def test_incoming_mail_without_outgoing_is_a_fault(tmp_path: Path) -> None:
    found = faults(tmp_path, PST_3574_IMAP_URL=MAIL["PST_3574_IMAP_URL"], PST_3574_MAIL_FROM="a@contoh.id")
    assert found == ["PST_3574_SMTP_URL: is missing; e-mail needs a server to send through"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, PST_PORT="x", PST_3574_MAIL_FROM="y", PST_1234_SMTP_URL="z")
    assert {line.partition(":")[0] for line in found} >= {"PST_PORT", "PST_3574_SMTP_URL", "PST_1234_SMTP_URL"}


def test_every_setting_is_in_the_operators_table() -> None:
    """docs/operations.md names each variable that the program reads, and no other."""
    text = (PACKAGED.parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    from bot.settings import _OFFICE_VARIABLES, _Environment

    for name in _Environment.model_fields:
        assert f"`PST_{name.upper()}`" in text, name
    for name in _OFFICE_VARIABLES:
        shown = name if not name.startswith("TEMPLATE_") else "TEMPLATE_<NAME>"
        assert f"`PST_<code>_{shown}`" in text, name
    for template in Template:
        assert f"`{template.value}`" in text


# --- office files --------------------------------------------------------------------------------------------------


def spoilt(tmp_path: Path, old: str, new: str) -> list[str]:
    folder = tmp_path / "offices"
    shutil.copytree(PACKAGED, folder)
    path = folder / "3574.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return faults(tmp_path, PST_OFFICES=str(folder))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('code = "3574"', 'code = "3574', "3574.toml: not valid TOML"),
        ('code = "3574"', 'code = "BPS"', "3574.toml: code: "),
        ('code = "3574"', 'code = "3514"', "office 3514 is in two files"),
        ("answer_days = 3", "answer_dayz = 3", "promise.whatsapp.answer_dayz"),
        ("answer_days = 3", "answer_days = 0", "3574.toml: "),
        ('friday = "08:00-16:00"', 'friday = "08.00-16.00"', "hours.friday: "),
        ('friday = "08:00-16:00"', 'friday = "16:00-08:00"', "3574.toml: "),
        ('timezone = "Asia/Jakarta"', 'timezone = "Asia/Surabaya"', "unknown timezone 'Asia/Surabaya'"),
        ('deemed_receipt = "same_day"', 'deemed_receipt = "someday"', "promise.deemed_receipt"),
        ('rating = "promised"', "", "needs"),
        ('fields = ["name", "email", "kind"]', 'fields = ["shoe size"]', "intake.fields"),
        ('phone = "0355421791"', "", "contact.phone: Field required"),
    ],
)
def test_a_wrong_office_file_is_told_by_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    if words == "needs":  # a default: not promised means offered
        folder = tmp_path / "offices"
        shutil.copytree(PACKAGED, folder)
        path = folder / "3574.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        office = load_settings({"PST_OFFICES": str(folder)}, env_file=tmp_path / ".env").offices["3574"]
        assert office.rating == "offered"
        return
    found = spoilt(tmp_path, old, new)
    assert any(words in line for line in found), found
    assert all("\n" not in line for line in found)


def test_two_broken_files_are_both_told(tmp_path: Path) -> None:
    (tmp_path / "3514.toml").write_text("x = ", encoding="utf-8")
    (tmp_path / "3574.toml").write_bytes(b"\xff\xfe")
    found = faults(tmp_path, PST_OFFICES=str(tmp_path))
    assert [line.partition(":")[0] for line in found] == ["3514.toml", "3574.toml"]


# --- the program as a whole ----------------------------------------------------------------------------------------


def pst(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGED.parent.parent), **environ}, check=False,
    )  # fmt: skip


def nothing_listens() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PST_PORT": "x", "PST_3574_MAIL_FROM": "y"}, ["PST_PORT: ", "PST_3574_SMTP_URL: ", "PST_3574_MAIL_FROM: "]),
        ({"PST_OFFICES": "missing"}, ["PST_OFFICES: no office file"]),
        ({"PST_OFFICES": "broken"}, ["3514.toml: not valid TOML"]),
        ({"PST_DATABASE_URL": "postgresql://nobody@127.0.0.1:{port}/none"}, ["database does not answer: "]),
        ({"PST_DATABASE_URL": "mysql://x"}, ["unknown database 'mysql'"]),
        ({"PST_DATABASE_URL": "sqlite:////dev/null/pst.db"}, ["cannot make the folder"]),
    ],
    ids=["settings", "no-office", "broken-office", "no-database", "other-database", "no-folder"],
)
def test_serve_tells_what_is_wrong_and_starts_nothing(
    tmp_path: Path, environ: dict[str, str], words: list[str]
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "3514.toml").write_text("code = ", encoding="utf-8")
    filled = {name: value.format(port=nothing_listens()) for name, value in environ.items()}
    ended = pst(tmp_path, "serve", "--demo", **filled)
    lines = ended.stderr.splitlines()
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert len(lines) == len(words)
    for line, word in zip(sorted(lines), sorted(words), strict=True):
        assert line.startswith(word), (line, word)
    assert not (tmp_path / "var" / "pst.db").exists()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = pst(tmp_path, "serve", "--demo", PST_PORT=str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("cannot listen on 127.0.0.1:")
    assert not (tmp_path / "var" / "pst.db").exists()


def test_policies_are_what_the_standards_say(tmp_path: Path) -> None:
    offices = load_settings({}, env_file=tmp_path / ".env").offices
    found = {
        (code, channel): (office.policy(channel).answer_days, office.policy(channel).close_days)
        for code, office in offices.items() for channel in Channel
    }  # fmt: skip
    assert found == {
        ("3514", Channel.WHATSAPP): (1, None), ("3514", Channel.EMAIL): (2, None),
        ("3574", Channel.WHATSAPP): (3, 3), ("3574", Channel.EMAIL): (3, 3),
    }  # fmt: skip
