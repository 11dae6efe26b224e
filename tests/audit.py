"""`make audit`: are there known holes in what runs? Asks where pip-audit asks, within a bound of time.

npm's packages are left out: only tests use them, and nothing of them is served. Ends with 1 for a known hole.
Where nothing can be learned, that is said in one line, and ends with 0: a check offline is still a check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 20
HOW = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "5", "--desc", "off")
NPM = "npm's packages serve tests alone, and are not looked at."


def main(files: list[str]) -> int:
    report = _asked(files)
    if report is None:
        print("Dependencies: not audited, for the data on known holes can't be reached from here.")  # noqa: T201
        return 0
    lines = holes(report)
    for line in lines or [audited(report)]:
        print(line, file=sys.stderr if lines else sys.stdout)
    return 1 if lines else 0


def holes(report: list[dict[str, Any]]) -> list[str]:
    """One line for each known hole. `report`: pip-audit's list of dependencies."""
    return [
        f"{one['name']} {one['version']} has a known hole, {hole['id']}. {_cure(hole)}"
        for one in report
        for hole in one.get("vulns", ())
    ]


def audited(report: list[dict[str, Any]]) -> str:
    """How many were looked up, and how many the data knows nothing of."""
    unknown = sum(1 for one in report if "skip_reason" in one)
    if report and unknown == len(report):
        return "Dependencies: not audited, for the data that is reached from here knows none of them."
    left_out = f" {unknown} aren't in the data." if unknown else ""
    return f"Dependencies: {len(report) - unknown} audited, no known holes.{left_out} {NPM}"


def _cure(hole: dict[str, Any]) -> str:
    fixed = ", ".join(hole.get("fix_versions", ()))
    return f"Go to {fixed}: `make lock`." if fixed else "There is no version without it yet."


def _asked(files: list[str]) -> list[dict[str, Any]] | None:
    """None where the data can't be reached, or not in time."""
    tool = Path(sys.executable).with_name("pip-audit")
    chosen = [part for file in files for part in ("--requirement", file)]
    command = [str(tool), *chosen, *HOW, "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        found = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    dependencies = found.get("dependencies") if isinstance(found, dict) else None
    return dependencies if isinstance(dependencies, list) else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
