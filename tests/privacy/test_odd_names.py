"""Names that mean something to a database, a spreadsheet or a browser stay names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sro_geo.actions.editing import confirm_offer
from sro_geo.actions.importing import import_file
from sro_geo.actions.workspace import Workspace
from sro_geo.city import load_city
from sro_geo.errors import SroError
from sro_geo.settings import SHIPPED_DATA
from sro_geo.ui.markup import as_written
from tests.privacy import canary

IDS = ["a|b", 'x"y', "o'; drop table offers;--", "../../etc", "%00", "🙂", "a b", "=1+1", "-"]


@pytest.mark.parametrize("odd", IDS)
def test_an_odd_id_is_found_edited_and_has_its_history(opened: Workspace, odd: str) -> None:
    """An id is text, whatever it holds."""
    category, area = next(iter(opened.city.categories)), canary.lowest_area(opened)
    quoted = odd.replace('"', '""')
    row = f'"{quoted}","{quoted}",{category},active,{area}'
    data = f"offer_id,name,category,status,service_area\n{row}\n".encode()
    import_file(opened, "offers", data, name="a.csv", actor=canary.EDITOR)
    confirm_offer(opened, odd, actor=canary.EDITOR, expected_version=1)
    assert [e.action for e in opened.store.history("offers", odd)] == [
        "confirm offer",
        "import offers",
    ]


@pytest.mark.parametrize(
    "level",
    ['x"; drop table offers; --', "a b", "1x", "", "provider", "Team", "REGION", "é\\u0000"],
)
def test_a_level_that_cannot_be_a_column_is_refused(tmp_path: Path, level: str) -> None:
    """Before anything is made of it."""
    for name in ("city.toml", "categories.toml"):
        shutil.copy(SHIPPED_DATA / name, tmp_path)
    with (tmp_path / "city.toml").open("a", encoding="utf-8") as file:
        said = level.replace('"', '\\"')
        file.write(f'\n[[levels]]\nlevel = "{said}"\ntree = "parallel"\nname = {{de = "X"}}\n')
    with pytest.raises(SroError, match="city_setting_wrong"):
        load_city(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["![x](http://a.example/x.png)", "[l](http://a.example)", "<http://a.example>", ":red[x]",
     "`x`", "$x$", "**x**", "# x", "\\![x](y)", "|a|", "~~x~~"],
)  # fmt: skip
def test_no_mark_of_markdown_in_a_name_works(name: str) -> None:
    """A picture would be fetched from wherever the name says."""
    shown = as_written(name)
    assert shown.replace("\\", "") == name.replace("\\", "")
    marks = [at for at, sign in enumerate(shown) if sign in "`*_[]<>$#~|:!"]
    assert all((len(shown[:at]) - len(shown[:at].rstrip("\\"))) % 2 for at in marks)
