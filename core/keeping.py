"""How long a record is kept, as the pathway file writes it."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

_WRITTEN = re.compile(r"(\d{1,4})\s+(month|year)s?", re.IGNORECASE)
_MOST_MONTHS = 100 * 12


@dataclass(frozen=True, slots=True)
class KeptFor:
    """A number of months or years of the calendar: "8 years", "18 months"."""

    amount: int
    unit: Literal["month", "year"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence that shows how."""
        found = _WRITTEN.fullmatch(" ".join(text.split()))
        if found is None:
            raise ValueError(
                f'"{text}" is not a time that we can read here. Write it like "8 years" or "18 months".'
            )
        kept = cls(int(found[1]), "year" if found[2].lower() == "year" else "month")
        if not 1 <= kept._months <= _MOST_MONTHS:
            raise ValueError(f'"{text}" is not between one month and 100 years.')
        return kept

    @property
    def _months(self) -> int:
        return self.amount * (12 if self.unit == "year" else 1)

    def after(self, day: date) -> date:
        """The same day of the month, that much later; the month's last day where it has no such day."""
        months = day.month - 1 + self._months
        year, month = day.year + months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"
