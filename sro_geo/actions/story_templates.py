"""Templates of presentations: those of the program, and files in the workspace's own folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sro_geo.actions.story_rows import recipes
from sro_geo.actions.variants import plan_row
from sro_geo.actions.workspace import Workspace
from sro_geo.errors import SroError
from sro_geo.i18n import name_of, t
from sro_geo.reports.content import one_line
from sro_geo.reports.templates import PAGES, Template, read_template
from sro_geo.reports.views import View
from sro_geo.reports.words import ages

if TYPE_CHECKING:
    from sro_geo.actions.story_views import Maker

Needs = Literal["plan", "age_group", "area"]
Progress = Callable[[int, int], None]
#: Templates of the program and what each must be told.
SHIPPED_TEMPLATES: Mapping[str, Needs | None] = {
    "empty": None,
    "yearly": None,
    "boundary_proposal": "plan",
    "gap_report": "age_group",
    "space_profile": "area",
}
#: Where a workspace keeps templates of its own, one TOML file each.
FOLDER = "templates"
_MOST_BYTES = 64_000


@dataclass(frozen=True)
class TemplateChoice:
    """A template in a list, and what it must be told."""

    template_id: str
    name: str
    needs: Needs | None = None


def story_templates(workspace: Workspace, language: str = "de") -> list[TemplateChoice]:
    """Return the templates of the program, then those of the workspace that can be read."""
    shipped = [
        TemplateChoice(key, t(f"stories.template_{key}", language), needs)
        for key, needs in SHIPPED_TEMPLATES.items()
    ]
    own, _ = own_templates(workspace)
    named = [
        TemplateChoice(key, one_line(name_of(template.names, language), 200) or key)
        for key, template in own.items()
    ]
    return [*shipped, *sorted(named, key=lambda choice: choice.name.casefold())]


def template_faults(workspace: Workspace) -> list[SroError]:
    """Return what is wrong with files of templates, one error for each; the others hold."""
    return own_templates(workspace)[1]


def own_templates(workspace: Workspace) -> tuple[dict[str, Template], list[SroError]]:
    """Return the templates of the workspace's folder by id, and what is wrong with others."""
    found: dict[str, Template] = {}
    faults = []
    for file in _files(workspace):
        try:
            found[file.stem] = _read(file)
        except SroError as error:
            faults.append(error)
    return found, faults


def template_slides(
    workspace: Workspace,
    maker: Maker,
    template: str,
    given: Mapping[str, str | None],
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Return rows of slides of a template; ``progress`` is called with views made and all.

    Raises
    ------
    SroError
        ``template_unknown``, ``template_needs_plan`` and the like, ``template_wrong``,
        ``template_unreadable``, and what keeps a view from being made.
    """
    language = maker.language
    if template == "empty":
        return []
    if template == "yearly":
        return _pages(maker, tuple(PAGES), progress)
    if template not in SHIPPED_TEMPLATES:
        return _pages(maker, _own(workspace, template).pages, progress)
    if template == "boundary_proposal":
        row = plan_row(maker.snapshot, _given(given, "plan"))
        shown = View("plan", {"plan_id": str(row["plan_id"]), "against": None})
        title = t("reports.proposal_title", language, name=one_line(str(row["name"]), 120))
    elif template == "gap_report":
        group = _given(given, "age_group")
        shown = View("gaps", {"age_group": group})
        title = t("reports.gap_report_title", language, group=ages(group, language))
    else:
        shown = View("profile", {"area_id": _given(given, "area")})
        title = ""
    said = maker.slides(shown)
    first = _pages(maker, ("cover",))
    # A profile is called as its first slide is.
    first[0]["title"] = one_line(f"{title or said[0].title} – {maker.material.city_name}")
    return [*first, *recipes(shown, said), *_pages(maker, ("methods",))]


def _pages(
    maker: Maker, names: tuple[str, ...], progress: Progress | None = None
) -> list[dict[str, Any]]:
    rows = []
    for number, name in enumerate(names):
        if progress is not None:
            progress(number, len(names))
        view = View("page", {"name": name})
        rows += recipes(view, maker.slides(view))
    return rows


def _given(given: Mapping[str, str | None], name: Needs) -> str:
    value = given.get(name)
    if value:
        return value
    if name == "plan":
        raise SroError("template_needs_plan")
    raise SroError("template_needs_area" if name == "area" else "template_needs_age_group")


def _files(workspace: Workspace) -> list[Path]:
    try:
        return sorted((workspace.settings.workspace / FOLDER).glob("*.toml"))
    except OSError:
        return []


def _own(workspace: Workspace, template: str) -> Template:
    files = {file.stem: file for file in _files(workspace)}
    if template not in files:
        known = ", ".join(choice.template_id for choice in story_templates(workspace))
        raise SroError("template_unknown", template=one_line(template, 80), known=known)
    return _read(files[template])


def _read(file: Path) -> Template:
    if file.stem in SHIPPED_TEMPLATES:
        raise SroError("template_name_taken", file=file.name, template=file.stem)
    try:
        if file.stat().st_size > _MOST_BYTES:
            reason = f"> {_MOST_BYTES // 1000} kB"
            raise SroError("template_unreadable", file=file.name, reason=reason)
        content = file.read_text(encoding="utf-8")
    except OSError as why:
        reason = why.strerror or type(why).__name__
        raise SroError("template_unreadable", file=file.name, reason=reason) from None
    except UnicodeDecodeError:
        raise SroError("template_unreadable", file=file.name, reason="UTF-8") from None
    try:
        return read_template(file.stem, content)
    except RecursionError:
        raise SroError("template_unreadable", file=file.name, reason="TOML") from None
