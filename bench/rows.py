"""One measured figure, the table of them, and the file that keeps them."""

import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

AT_MOST = "≤"


@dataclass(frozen=True)
class Row:
    """A figure: ``target`` is an upper limit, or None where the figure is only reported."""

    name: str
    value: float
    unit: str
    how: str
    target: float | None = None

    @property
    def ok(self) -> bool | None:
        return None if self.target is None else self.value <= self.target


Area = Callable[[], Iterable[Row]]


def commit() -> str:
    """The commit that was measured, with a plus where the tree differs from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def table(rows: Iterable[Row]) -> str:
    lines = []
    for row in rows:
        target = "" if row.target is None else f"{AT_MOST} {row.target:g}"
        verdict = {None: "", True: "ok", False: "MISSED"}[row.ok]
        lines.append(
            f"{row.name:<28}{row.value:>12.4g} {row.unit:<12}{target:>12} {verdict:<8}{row.how}"
        )
    return "\n".join(lines)


def merge(rows: Iterable[Row], *, file: Path) -> None:
    """Put the rows into the file; a figure measured again replaces the older one."""
    known = {row["name"]: row for row in json.loads(file.read_text())} if file.exists() else {}
    measured_at = commit()
    for row in rows:
        known[row.name] = asdict(row) | {"ok": row.ok, "commit": measured_at}
    file.parent.mkdir(parents=True, exist_ok=True)
    ordered = sorted(known.values(), key=lambda row: str(row["name"]))
    file.write_text(json.dumps(ordered, ensure_ascii=False, indent=2) + "\n")
