"""What an office promised on one channel, in working days. Source: the office's service standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DeemedReceipt = Literal["same_day", "next_working_day"]


class PolicyError(ValueError):
    """A promise that cannot be kept as written."""


@dataclass(frozen=True, slots=True)
class Policy:
    """
    `answer_days`: an answer is owed by the end of service on that working day after receipt.
    `close_days`: after so many working days of the citizen's silence the consultation closes; None: never by itself.
    `remind_days`: where nothing closes, the working day of silence on which one reminder goes out; None: no reminder.
    `deemed_receipt`: whether what arrives after closing or on a free day counts as received on the next working day.
    """

    answer_days: int
    close_days: int | None = None
    remind_days: int | None = None
    deemed_receipt: DeemedReceipt = "same_day"

    def __post_init__(self) -> None:
        for days in (self.answer_days, self.close_days, self.remind_days):
            if days is not None and not 1 <= days <= 60:
                raise PolicyError(f"{days} working days: must be between 1 and 60")
        if self.close_days is not None and self.remind_days is not None:
            raise PolicyError("remind_days goes without close_days: before a closing the reminder has its own day")
