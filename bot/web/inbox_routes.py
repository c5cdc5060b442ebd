"""The staff inbox, put together; mounted under /inbox."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.app import Service
from bot.web.door import Door
from bot.web.inbox_actions import action_routes
from bot.web.inbox_calendar import calendar_routes
from bot.web.inbox_channels import channel_routes
from bot.web.inbox_conversation import conversation_routes
from bot.web.inbox_files import file_routes
from bot.web.inbox_list import list_routes
from bot.web.inbox_registers import register_routes
from bot.web.inbox_signin import signin_routes
from bot.web.inbox_survey import survey_routes
from bot.web.pages import Pages


def inbox_routes(service: Service) -> list[BaseRoute]:
    """The order matters: a consultation's number is the last thing that a path may be."""
    pages = Pages()
    door = Door(service, pages)
    return [
        *signin_routes(service, pages, door), *list_routes(door), *register_routes(door), *calendar_routes(door),
        *channel_routes(door), *survey_routes(door),
        *file_routes(door), *conversation_routes(door), *action_routes(door),
    ]  # fmt: skip
