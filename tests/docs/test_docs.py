"""What the documents say is still so: commands, links, settings, columns, rules."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sro_geo import settings
from sro_geo.actions.importing import prepare_import
from sro_geo.actions.workspace import open_workspace
from sro_geo.city import load_city
from sro_geo.cli import _parser
from sro_geo.exchange.kinds import KINDS, fields_of
from sro_geo.exchange.recognise import plain
from sro_geo.i18n import phrases

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
DATA = (ROOT / "docs" / "handbook" / "daten.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def code_blocks(text):
    """The contents of the fenced blocks of a document."""
    return re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(text):
    """The lines of its code blocks that call the program, as argument lists."""
    lines = [line for block in code_blocks(text) for line in block.splitlines()]
    called = [line.split("sro_geo ", 1)[1] for line in lines if "python -m sro_geo " in line]
    return [shlex.split(words) for words in called if "VERB" not in words]


def anchors(text):
    """The addresses GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_every_command_shown_is_understood(document):
    """The parser takes every line that calls the program, wherever it is shown."""
    for arguments in commands(document.read_text(encoding="utf-8")):
        assert _parser().parse_args(arguments).run


def test_every_verb_and_option_is_described():
    """No verb and no option is missing in docs/cli.md."""
    verbs = next(a for a in _parser()._actions if a.dest == "verb").choices
    assert list(verbs) == [verb for verb in verbs if f"\n## {verb}\n" in CLI]
    options = {o for sub in verbs.values() for a in sub._actions for o in a.option_strings}
    assert {"-h", "--help"} == {option for option in options if f"`{option}" not in CLI}


def test_json_shown_is_json():
    """Examples of answers can be read by a machine."""
    shown = re.findall(r"^```json\n(.*?)^```", CLI, re.DOTALL | re.MULTILINE)
    assert shown
    assert all(isinstance(json.loads(example), dict) for example in shown)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(document):
    """Relative links and pictures exist, and so do the headings they name."""
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        if link.startswith(("http:", "https:")):
            continue
        path, _, heading = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        if heading:
            assert heading in anchors(target.read_text(encoding="utf-8")), link


def test_every_setting_is_in_the_readme():
    """Each SRO_ variable that settings.py reads has a row in both tables of settings."""
    variables = set(re.findall(r'env\.get\("(SRO_\w+)"', inspect.getsource(settings)))
    handbook = (ROOT / "docs" / "handbook" / "einrichten.md").read_text(encoding="utf-8")
    assert variables
    assert variables == {name for name in variables if f"| `{name}` |" in README}
    assert variables == {name for name in variables if f"| `{name}` |" in handbook}


def test_the_readme_names_the_two_commands_and_ci_runs_the_second():
    """One command starts, one tests; what CI runs is what the README says."""
    assert "pip install -r requirements.txt && streamlit run app.py" in code_lines(README)
    assert "pip install -r requirements-dev.txt && pytest" in code_lines(README)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^pip install -r requirements-dev\.txt.* && pytest$", ci, re.MULTILINE)


def code_lines(text):
    """All lines of a document's code blocks."""
    return [line for block in code_blocks(text) for line in block.splitlines()]


def test_the_handbook_names_every_field_of_every_kind():
    """The tables of columns have a row for each field, and names that are recognised."""
    city = load_city(ROOT / "data")
    for kind in KINDS.values():
        title = phrases("de")[f"tables.{kind.name}"]
        part = re.split(r"^#{3,4} ", DATA.split(f"\n#### {title}\n")[1], flags=re.MULTILINE)[0]
        rows = dict(re.findall(r"^\| \**(\w+)\** \| [^|]+ \| ([^|]*) \|$", part, re.MULTILINE))
        fields = fields_of(kind, city)
        assert [field.name for field in fields] == [name for name in rows if name != "Feld"]
        for field in fields:
            known = {plain(word) for word in field.synonyms}
            assert [] == [w for w in rows[field.name].split(", ") if w and plain(w) not in known]


def test_the_handbook_explains_every_rule():
    """Each finding of the data page has its row, under the name it has there."""
    rules = {key: name for key, name in phrases("de").items() if key.startswith("rules.")}
    assert list(rules.values()) == [name for name in rules.values() if f"\n| {name} |" in DATA]


def test_the_files_shown_in_the_handbook_can_be_imported(tmp_path, shipped_workspace):
    """Each example is read without an error on the shipped city."""
    chosen = settings.Settings(workspace=tmp_path / "workspace")
    shutil.copytree(shipped_workspace, chosen.workspace)
    workspace = open_workspace(chosen)
    shown = 0
    for kind in KINDS:
        title = phrases("de")[f"tables.{kind}"]
        part = re.split(r"^#{3,4} ", DATA.split(f"\n#### {title}\n")[1], flags=re.MULTILINE)[0]
        for example in code_blocks(part):
            content = example.encode("utf-8")
            prepared = prepare_import(workspace, kind, content, name="beispiel.csv")
            assert [] == [f for f in prepared.faults if f.severity == "error"]
            shown += 1
    workspace.close()
    assert 8 == shown


def test_every_package_has_its_reason():
    """Each pinned package is named in the record on dependencies."""
    record = (ROOT / "docs" / "adr" / "0006-dependencies.md").read_text(encoding="utf-8")
    pins = [
        line.split("==")[0]
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if "==" in line
    ]
    assert pins == [name for name in pins if f"**{name}**" in record]
