"""``python -m bench [area …]``: measures on a database of its own, thrown away afterwards."""

import os
import sys
import tempfile
from pathlib import Path


def main(wanted: list[str]) -> int:
    result = Path(os.environ.get("DATA_DIR", "var")).resolve() / "bench.json"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # Before Django reads its settings: nothing of an installation is touched.
        os.environ.update(DATA_DIR=folder, DEMO="1", DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        from bench import areas, rows, town

        unknown = sorted(set(wanted) - areas.ALL.keys())
        if unknown:
            print(f"No such area: {', '.join(unknown)}. There are: {', '.join(areas.ALL)}.")
            return 2
        names = wanted or list(areas.ALL)
        measured = [row for name in names if name in areas.ALONE for row in areas.ALL[name]()]
        if together := [name for name in names if name not in areas.ALONE]:
            with town.built():
                measured += [row for name in together for row in areas.ALL[name]()]
    print(rows.table(measured))
    rows.merge(measured, file=result)
    return 1 if any(row.ok is False for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
