"""Making a workspace from a folder of files, all or nothing."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sro_geo.actions.access import Actor
from sro_geo.actions.configuration import FILES as CONFIGURATION
from sro_geo.actions.workspace import Workspace, is_there, on_this_disk
from sro_geo.city import City, load_city
from sro_geo.errors import InputRefused, SroError
from sro_geo.settings import Settings
from sro_geo.store import create_store

# Where each table lies in a folder that `init --from` reads, in the order of loading.
STANDARD_FILES = (
    ("areas", "boundaries/areas.csv"),
    ("blocks", "boundaries/blocks.geojson"),
    ("areas", "boundaries/areas.geojson"),
    ("basemap", "boundaries/basemap.geojson"),
    ("streets", "boundaries/streets.geojson"),
    ("addresses", "boundaries/addresses.csv"),
    ("population", "population/population.csv"),
    ("providers", "offers/providers.csv"),
    ("offers", "offers/offers.csv"),
    ("teams", "steering/teams.csv"),
    ("responsibilities", "steering/responsibilities.csv"),
    ("cases", "cases/cases.csv"),
    ("indicators", "cases/indicators.csv"),
)
# Releases an illustrative city comes with; a real one makes its own, with two people.
SAMPLE_LEDGER = "cases/ledger.json"
# What a kind of file refers to: without it, everything in the file would be a fault.
_NEEDS = {
    "blocks": {"areas"},
    "population": {"areas", "blocks"},
    "offers": {"areas", "blocks", "providers"},
    "responsibilities": {"areas", "blocks", "teams"},
    "cases": {"areas", "blocks", "population"},
    "indicators": {"areas", "blocks"},
}


def init_workspace(settings: Settings, source: Path | None) -> None:
    """Create the workspace from a folder in the standard layout, all or nothing.

    The workspace is built beside its place and moved there when it is complete. Two
    processes that start at once end with one workspace.

    Raises
    ------
    SroError
        ``workspace_exists``, ``workspace_not_empty``, ``workspace_not_creatable``,
        ``workspace_full``, ``source_missing``, ``read_only_mode``; ``InputRefused`` with the
        faults of the files.
    """
    if settings.read_only:
        raise SroError("read_only_mode")
    target = settings.workspace
    refuse_occupied(target)
    source = settings.sample if source is None else source
    if not (source / "city.toml").is_file():
        raise SroError("source_missing", folder=str(source))
    city = load_city(source)
    with on_this_disk(target):
        target = target.resolve()
        building = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")
        made = _make_parents(target)
        building.mkdir()
    done = False
    try:
        _build(replace(settings, workspace=building), city, source)
        with on_this_disk(target):
            _put_in_place(building, target)
        done = True
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if not done:
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def refuse_occupied(target: Path) -> None:
    """Raise ``SroError`` unless a workspace can be made at ``target``: nothing or empty."""
    if is_there(target):
        raise SroError("workspace_exists", workspace=str(target))
    with on_this_disk(target):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise SroError("workspace_not_empty", workspace=str(target))


def _make_parents(target: Path) -> list[Path]:
    """Make the folders above a workspace; return those that were missing, innermost first."""
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _build(settings: Settings, city: City, source: Path) -> None:
    from sro_geo.actions.importing import import_file

    actor = Actor("init")
    building = settings.workspace
    store = create_store(building, city, settings_from=source)
    try:
        if source.resolve() == settings.sample.resolve():
            with store.transaction(actor=actor.name, action="init") as tx:
                tx.set_meta("sample_digest", sample_digest(source))
        workspace = Workspace(settings, city, store)
        refused: dict[str, InputRefused] = {}
        for kind, path in STANDARD_FILES:
            # Whoever mends the files wants to know of all of them, but not of faults that
            # only follow from others.
            if (source / path).is_file() and not refused.keys() & _NEEDS.get(kind, set()):
                try:
                    import_file(workspace, kind, source / path, actor=actor)
                except InputRefused as why:
                    refused[kind] = why
        if refused:
            names = ", ".join(str(why.params["file"]) for why in refused.values())
            faults = [fault for why in refused.values() for fault in why.faults]
            raise InputRefused(names, faults)
        from sro_geo.actions.sample_releases import take_over

        take_over(workspace, source)
    finally:
        store.close()


def _put_in_place(building: Path, target: Path) -> None:
    try:
        building.rename(target)  # an empty folder is replaced, atomically
    except OSError:
        if (target / "sro.gpkg").exists():
            return  # another process was faster; its workspace is as good as ours
        if not target.is_dir():
            raise
        # A mount cannot be replaced, nor can any folder on Windows: file by file, and last
        # the one that makes it a workspace.
        for file in sorted(building.iterdir(), key=lambda file: file.name == "sro.gpkg"):
            shutil.move(file, target / file.name)


def sample_changed(workspace: Workspace) -> bool:
    """Tell whether the shipped data differ from those this workspace was created from."""
    made_from = workspace.store.meta("sample_digest")
    sample = workspace.settings.sample
    if not made_from or not (sample / "city.toml").is_file():
        return False
    try:
        if load_city(sample).city_id != workspace.city.city_id:
            return False
    except SroError:
        return False
    return sample_digest(sample) != made_from


def sample_digest(folder: Path) -> str:
    """Return a fingerprint of the files a workspace is created from."""
    digest = hashlib.sha256()
    for name in (*CONFIGURATION, *(path for _, path in STANDARD_FILES), SAMPLE_LEDGER):
        file = folder / name
        if file.is_file():
            digest.update(name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
