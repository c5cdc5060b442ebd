"""The `pst` command. Thin: arguments in, a function of bot/commands called, its status out; heavy imports come late.

Exit status: 0 done, 1 the thing asked about is bad, 2 wrong usage or settings. Errors are lines on stderr.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.output import DONE, WRONG_USAGE, CommandFailed, fail, warn

app = typer.Typer(
    name="pst", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Statistical consultation over WhatsApp and e-mail.",
)  # fmt: skip
kb = typer.Typer(no_args_is_help=True, help="The knowledge base: search, measure, check, export, import.")
mail = typer.Typer(no_args_is_help=True, help="Read mails as the service would.")
db = typer.Typer(no_args_is_help=True, help="The database.")
staff = typer.Typer(no_args_is_help=True, help="Accounts of officers.")
app.add_typer(kb, name="kb")
app.add_typer(mail, name="mail")
app.add_typer(db, name="db")
app.add_typer(staff, name="staff")

Office = Annotated[str, typer.Option(help="Office code, like 3574.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line instead of words.")]
Batch = Annotated[str | None, typer.Option(help="JSON lines, one query each; - reads stdin.")]


def settings(*, demo: bool = False) -> Any:
    """The settings, or every fault of theirs and exit status 2."""
    from bot.settings import SettingsError, load_settings

    try:
        return load_settings(os.environ, demo=demo)
    except SettingsError as error:
        fail(WRONG_USAGE, *error.faults)


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="What a citizen might write.")] = None,
    office: Office = "",
    channel: Annotated[str, typer.Option(help="whatsapp or email.")] = "whatsapp",
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """How the service would answer a message, in a fresh conversation; nothing is stored."""
    from bot.commands.ask import Asker, ask_batch, ask_one
    from bot.commands.brain import brain_for
    from bot.core.model import Channel

    known = settings()
    if batch is not None:
        done(ask_batch(Asker(known.offices, brain_for(known)), known.offices, batch))
    if text is None:
        fail(WRONG_USAGE, "give a text, or --batch FILE")
    if office not in known.offices:
        fail(WRONG_USAGE, f"unknown office {office!r}; known are {', '.join(known.offices)}")
    done(ask_one(Asker(known.offices, brain_for(known)), office, _choice(Channel, channel), text, as_json=as_json))


@app.command()
def due(
    office: Office = "",
    channel: Annotated[str, typer.Option(help="whatsapp or email.")] = "whatsapp",
    received: Annotated[str, typer.Option(help="ISO 8601 with offset; for remind and close: when delivered.")] = "",
    kind: Annotated[str, typer.Option(help="answer, remind or close.")] = "answer",
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """When an answer, a reminder or a closing is due, and why."""
    from bot.commands.due import due_batch, due_one
    from bot.core.model import Channel
    from scheduler.deadlines import DeadlineKind

    offices = settings().offices
    if batch is not None:
        done(due_batch(offices, batch))
    which = _choice(DeadlineKind, kind)
    done(due_one(offices, office, _choice(Channel, channel), received, which, as_json=as_json))


@app.command()
def simulate(scenario: Annotated[str, typer.Argument(help="A story in TOML.")], as_json: AsJson = False) -> None:
    """Play a story through the real service with a hand-moved clock."""
    from bot.commands.simulate import simulate as play

    done(play(settings(demo=True), scenario, as_json=as_json))


@app.command()
def check(live: Annotated[bool, typer.Option(help="Also log in to the channels.")] = False) -> None:
    """Settings, calendar data, base, database and channels."""
    from bot.commands.check import check as run

    done(run(settings(), live=live))


@app.command()
def serve(
    roles: Annotated[str, typer.Option(help="Which of web, worker, ticker this process plays.")] = "web,worker,ticker",
    demo: Annotated[bool, typer.Option(help="Simulated phone and mailbox, demo accounts.")] = False,
) -> None:
    """Run the service until interrupted."""
    from bot.commands.serve import serve as run

    done(run(settings(demo=demo), roles, demo=demo))


@app.command()
def replay(
    number: Annotated[str, typer.Argument(help="A quarantined message's number, or w12: turned away at a webhook.")],
) -> None:
    """Put a message that could not be handled back in line, or bring in one that was turned away at a webhook."""
    from bot.commands.database import replay as run

    done(run(settings(), number))


@app.command()
def templates(
    office: Office = "",
    submit: Annotated[bool, typer.Option(help="Make what is missing, and hand it in to WhatsApp.")] = False,
) -> None:
    """WhatsApp's approved templates of an office: their state at Twilio, as settings."""
    from bot.commands.templates import templates as run

    done(run(settings(), office, submit=submit))


@app.command()
def report(
    office: Office = "",
    month: Annotated[str, typer.Option(help="Like 2026-11.")] = "",
    format: Annotated[str, typer.Option(help="csv, xlsx or html.")] = "csv",
) -> None:
    """How the service standard was kept in a month; the file goes to stdout."""
    from bot.commands.report import write_report

    done(write_report(settings(), office, month, format))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Written anew, or replaced when all is done.")]) -> None:
    """Copy database and media folder into one file; the service may go on running."""
    from bot.commands.backup import backup as run

    done(run(settings(), file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What pst backup wrote, on SQLite or PostgreSQL.")],
    force: Annotated[bool, typer.Option(help="Replace everything that is in the database.")] = False,
) -> None:
    """Bring a backup back into an empty database; the service must not run."""
    from bot.commands.backup import restore as run

    done(run(settings(), file, force=force))


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them to the newest form."""
    from bot.commands.database import upgrade

    done(upgrade(settings()))


@staff.command("add")
def staff_add(
    office: Office,
    name: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()],
    role: Annotated[str, typer.Option(help="officer or head.")] = "officer",
    password: Annotated[str | None, typer.Option(help="Asked for when not given.")] = None,
) -> None:
    """Give an officer an account."""
    from bot.commands import staff as accounts

    done(accounts.add(settings(), office, name, email, role, password))


@staff.command("password")
def staff_password(email: str, password: Annotated[str | None, typer.Option()] = None) -> None:
    """Set a new password; all sessions end."""
    from bot.commands import staff as accounts

    done(accounts.password(settings(), email, password))


@staff.command("disable")
def staff_disable(email: str) -> None:
    """Take an account away."""
    from bot.commands import staff as accounts

    done(accounts.disable(settings(), email))


@mail.command("parse")
def mail_parse(files: list[str], as_json: AsJson = False) -> None:
    """One JSON line a mail: who wrote what, and whether a machine may answer."""
    from bot.channels.mail_cli import parse_files

    done(parse_files(files, sys.stdout, sys.stderr))


@mail.command("trim")
def mail_trim(files: list[str], as_json: AsJson = False) -> None:
    """The newly written part of each plain-text body."""
    from bot.channels.mail_cli import trim_files

    done(trim_files(files, as_json, sys.stdout, sys.stderr))


@kb.command("search")
def kb_search(
    entries: Annotated[str, typer.Option()], batch: Annotated[str, typer.Option()],
    top: Annotated[int, typer.Option()] = 10,
) -> None:  # fmt: skip
    """Rank any FAQ with the engine that the service uses."""
    from bot.commands.foreign import search

    done(search(entries, batch, top))


@kb.command("eval")
def kb_eval(questions: str, as_json: AsJson = False) -> None:
    """Measure the understanding on labelled messages."""
    from bot.commands import kb as base

    done(base.measure(settings(), questions, as_json=as_json))


@kb.command("check")
def kb_check() -> None:
    """Validate the base."""
    from bot.commands import kb as base

    done(base.check(settings().offices))


@kb.command("learn")
def kb_learn() -> None:
    """Learn from the base now, so that the first question need not wait for it."""
    from bot.commands.brain import brain_for

    brain_for(settings())


@kb.command("export")
def kb_export(file: str) -> None:
    """Write the base to a file, a JSON line an entry."""
    from bot.commands import kb as base

    done(base.export(settings(), file))


@kb.command("import")
def kb_import(file: str) -> None:
    """Lay edits from a file over the base."""
    from bot.commands import kb as base

    done(base.lay_over(settings(), file))


def done(status: int) -> None:
    raise typer.Exit(status)


def _choice(kind: Any, value: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        fail(WRONG_USAGE, f"{value!r}: must be one of {', '.join(member.value for member in kind)}")


def main() -> None:
    """Entry point; whatever goes wrong is told in a line, never as a traceback."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        app()
    except CommandFailed as error:
        for line in error.lines:
            warn(line)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(DONE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(DONE)


if __name__ == "__main__":
    main()
