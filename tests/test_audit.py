"""`make audit` fails for a known hole, and says so where nothing could be learned."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import audit

ROOT = Path(__file__).parents[1]
FINE: dict[str, Any] = {"name": "kettle", "version": "1.0", "vulns": []}
HOLED: dict[str, Any] = {
    "name": "sieve",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}, {"id": "PYSEC-2026-2", "fix_versions": []}],
}
UNKNOWN: dict[str, Any] = {"name": "jug", "skip_reason": "not found"}


def tool(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a pip-audit of our own beside the Python that runs."""
    path = folder / "pip-audit"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def says(report: list[dict[str, Any]]) -> str:
    return f"echo '{json.dumps({'dependencies': report})}'"


def test_a_known_hole_fails_and_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool(tmp_path, monkeypatch, says([FINE, HOLED]) + "; exit 1")
    assert audit.main(["requirements.txt"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "sieve 2.0 has a known hole, PYSEC-2026-1. Go to 2.1: `make lock`.",
        "sieve 2.0 has a known hole, PYSEC-2026-2. There is no version without it yet.",
    ]


def test_none_is_said_with_how_many_were_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool(tmp_path, monkeypatch, says([FINE, UNKNOWN]))
    assert audit.main(["requirements.txt"]) == 0
    assert "1 audited, no known holes. 1 aren't in the data." in capsys.readouterr().out


@pytest.mark.parametrize(
    "script",
    ["exit 1", "echo no address", says([UNKNOWN]), "sleep 30"],
    ids=["fails", "words", "none", "hangs"],
)
def test_where_nothing_can_be_learned_that_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    monkeypatch.setattr(audit, "SECONDS", 1)
    tool(tmp_path, monkeypatch, f"exec {script}" if script.startswith("sleep") else script)
    assert audit.main(["requirements.txt"]) == 0
    said = capsys.readouterr().out
    assert "not audited" in said
    assert said.count("\n") == 1


def test_everything_that_runs_is_pinned_with_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        packages = [line for line in lines if line.strip() and not line.startswith("#")]
        assert len(packages) > 20
        for package in packages:
            assert "==" in package, f"{name}: {package[:60]} isn't pinned"
            assert "--hash=sha256:" in package, f"{name}: {package[:60]} has no hash"
            assert "://" not in package, f"{name}: {package[:60]} comes from an address"


def test_what_tests_take_from_npm_is_pinned_with_its_hash() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    packages = {name: package for name, package in locked.items() if name and not package.get("link")}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
    wanted = json.loads((ROOT / "package.json").read_text())
    assert "dependencies" not in wanted, "nothing of npm's is served"
