"""The command line, called in this process."""

from __future__ import annotations

import base64

from typer.testing import CliRunner, Result

from bot.__main__ import app
from tests.bot.made import KEY

KEYS = base64.b64encode(KEY).decode()
OURS = ("DATABASE_URL", "ENCRYPTION_KEYS", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "HOST")
ALSO_OURS = ("PORT", "PATHWAY_FILE", "DIRECTORY_FILE", "LOCAL_PAGE", "LOG_FORMAT", "PUBLIC_URL")


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"ENCRYPTION_KEYS": KEYS, **environment})


def refused(result: Result, code: int, *said: str, lines: int = 1) -> None:
    """Ended with this code and so many lines on standard error, which hold all of this."""
    assert result.exit_code == code, (result.output, result.exception)
    assert len(result.stderr.strip().splitlines()) == lines, result.stderr
    assert "Traceback" not in result.output
    for words in said:
        assert words in result.stderr
