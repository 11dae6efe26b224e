"""One of several servers that share a database: `python -m benchmarks.replica ADDRESS SLACK_URL MOMENT`.

It says that it is ready, begins at a line on its standard input to send what is due at MOMENT (an ISO one),
and stops when that is closed.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from benchmarks.board import settings
from bot import preparing
from bot.logs import set_up_logs
from bot.wiring import put_together


async def main(address: str, slack_url: str, moment: datetime) -> None:
    given = settings(address, slack_url)
    set_up_logs(given.log_format)
    sys.setswitchinterval(0.0005)  # as a server has it
    database = preparing.open_database(given)
    escalate = put_together(given, database, preparing.load_pathway(given.pathway_file))
    escalate.clock.move_to(moment)
    await database.read(escalate.cases.directory.current)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        if await asyncio.to_thread(sys.stdin.readline):
            await escalate.courier.start()
            await asyncio.to_thread(sys.stdin.read)
    finally:
        await escalate.courier.stop()
        for platform in escalate.platforms:
            await platform.close()
        database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])))
