"""A process that notes which files it opens and which modules it imports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Python runs a module of this name before anything else.
_HOOK = """
import os, sys
_log = os.open(os.environ["SRO_WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def _note(event, args, log=_log, write=os.write):
    if event == "import":
        write(log, f"import\\t{args[0]}\\n".encode())
    elif event == "open" and isinstance(args[0], (str, bytes)):
        writing = bool((args[2] or 0) & 3)
        name = args[0] if isinstance(args[0], str) else os.fsdecode(args[0])
        write(log, f"{'write' if writing else 'read'}\\t{name}\\n".encode("utf-8", "replace"))
    elif event == "sqlite3.connect":
        write(log, f"read\\t{args[0]}\\n".encode("utf-8", "replace"))
    elif event in ("tempfile.mkstemp", "tempfile.mkdtemp"):
        write(log, f"write\\t{args[0]}\\n".encode("utf-8", "replace"))
sys.addaudithook(_note)
"""


@dataclass(frozen=True)
class Watched:
    """What a watched process did; ``env`` is what it has to be started with."""

    log: Path
    env: dict[str, str]

    def of(self, *kinds: str) -> list[str]:
        """Return the names noted under ``import``, ``read`` or ``write``."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [line.partition("\t")[2] for line in lines if line.partition("\t")[0] in kinds]


def watched(folder: Path, root: Path) -> Watched:
    """Return the means to watch one process and those it starts."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
    log = folder / "watched.txt"
    env = {
        "PYTHONPATH": f"{folder}:{root}",
        "SRO_WATCHED": str(log),
        # A module that is read for the first time would be written beside its source.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Watched(log, env)
