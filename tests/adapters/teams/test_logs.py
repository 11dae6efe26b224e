"""Withholding what Microsoft's libraries log gets in nobody else's way."""

import logging

from adapters.teams.logs import withhold_library_logs


def test_a_handler_that_copies_records_still_can() -> None:
    withhold_library_logs()
    said = logging.LogRecord("bot", logging.INFO, "here.py", 1, "Listening", (), None)
    copied = logging.makeLogRecord(said.__dict__)
    assert copied.getMessage() == "Listening"
