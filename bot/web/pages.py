"""Templates and static files, and the headers that every page goes out with.

The content security policy lets nothing in that does not come from this server: no inline script, no inline style,
no picture from elsewhere. What a citizen wrote is escaped by the templates (autoescape).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.web import marks, words
from scheduler.indonesian import clock, long_date, long_moment, short_date, short_moment

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pages:
    """The templates of the staff pages and the simulator, with the filters that they use."""

    def __init__(self) -> None:
        env = Environment(
            loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        env.filters |= {
            "marked": marks.marked, "plain": marks.plain, "clock": clock, "long_moment": long_moment,
            "short_moment": short_moment, "short_date": _day(short_date), "long_date": _day(long_date),
            "size": words.size,
        }  # fmt: skip
        env.globals |= {
            "STATES": words.STATES, "CHANNELS": words.CHANNELS, "REASONS": words.REASONS, "ROLES": words.ROLES,
            "REQUESTS": words.REQUESTS, "APPOINTMENTS": words.APPOINTMENTS, "VERSION": _fingerprint(),
        }  # fmt: skip
        self._env = env

    def text(self, template: str, context: Mapping[str, Any]) -> str:
        return self._env.get_template(template).render(context)

    def page(self, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        return protected(HTMLResponse(self.text(template, context), status))


def protected(response: Response) -> Response:
    """A response with the headers that keep a page to itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def static_app() -> StaticFiles:
    """Our own CSS, JS and icons, and htmx; mounted under /static."""
    return _Static(directory=_static_folder())


class _Static(StaticFiles):
    """Addresses carry a version, so browsers may keep what they have."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def _static_folder() -> Path:
    return Path(str(resources.files("bot.web") / "static"))


def _fingerprint() -> str:
    """Changes whenever a static file does."""
    newest = max(path.stat().st_mtime_ns for path in _static_folder().iterdir())
    return format(newest // 1_000_000, "x")


def _day(words_of: Any) -> Any:
    """A filter over dates that takes moments too."""
    return lambda day: words_of(day.date() if isinstance(day, datetime) else _as_date(day))


def _as_date(day: date | str) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)
