"""Settings of one run, read once from the environment and passed inward."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHIPPED_DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class Settings:
    """Where the workspace lies and what an administrator switched on.

    Parameters
    ----------
    workspace
        Folder with ``city.toml``, ``sro.gpkg`` and ``protected.sqlite``
        (``SRO_WORKSPACE``, default ``./workspace``).
    sample
        Folder a missing workspace is created from (the shipped illustrative city).
    language
        Language of the interface before the user chooses (``SRO_LANGUAGE``, ``de``).
    tiles_url, tiles_attribution
        Tile service for the maps' ground (``SRO_TILES_URL``, ``SRO_TILES_ATTRIBUTION``).
        Empty by default: a tile service learns every viewer's address and view.
    editor
        Name written beside changes until logins come (``SRO_EDITOR``).
    read_only
        True hides nothing but refuses every change (``SRO_READ_ONLY=1``).
    public
        True for the view of outsiders (``SRO_MODE=public``): the released snapshot is all
        that is opened; only the pages made of it are there. A mode that is not known counts
        as this one: a slip of the pen must not open the office to outsiders.
    """

    workspace: Path = Path("workspace")
    sample: Path = SHIPPED_DATA
    language: str = "de"
    tiles_url: str = ""
    tiles_attribution: str = ""
    editor: str = ""
    read_only: bool = False
    public: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Return the settings named in ``env`` (default: the process environment)."""
        env = os.environ if env is None else env
        language = env.get("SRO_LANGUAGE", "de")
        return cls(
            workspace=Path(env.get("SRO_WORKSPACE") or "workspace"),
            sample=Path(env.get("SRO_SAMPLE") or SHIPPED_DATA),
            language=language if language in ("de", "en") else "de",
            tiles_url=env.get("SRO_TILES_URL", ""),
            tiles_attribution=env.get("SRO_TILES_ATTRIBUTION", ""),
            editor=env.get("SRO_EDITOR", ""),
            read_only=env.get("SRO_READ_ONLY", "") in ("1", "true", "yes"),
            public=env.get("SRO_MODE", "").strip().lower() not in ("", "internal"),
        )
