"""What pages are dressed in: nothing inline, nothing from elsewhere, missing or left over."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "callbox" / "web"
STATIC = WEB / "static"
TEMPLATES = sorted(WEB.rglob("*.html"))
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)


def _name(path: Path) -> str:
    return str(path.relative_to(WEB))


def _symbols() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))


def _words_of_ours() -> str:
    """All templates and all Python of the web room, in one text."""
    python = (path.read_text() for path in WEB.rglob("*.py"))
    return "\n".join([*(path.read_text() for path in TEMPLATES), *python])


def test_every_drawing_that_a_template_names_is_in_the_sprite() -> None:
    text = "\n".join(path.read_text() for path in TEMPLATES)
    named = set(re.findall(r"{% icon ([\w-]+)", text))
    named |= set(re.findall(r"icons\.svg#([\w-]+)\"", text))
    assert named
    assert named - _symbols() == set()


def test_the_sprite_holds_nothing_that_nobody_shows() -> None:
    text = _words_of_ours()
    ours = {name for name in _symbols() if not name.startswith("net-")}
    unused = {name for name in ours if not re.search(rf"(?<![\w-]){name}(?![\w-])", text)}
    assert unused == set()


def test_every_network_has_a_glyph() -> None:
    networks = {path.parent.name for path in (WEB.parent / "networks").glob("*/connector.py")}
    assert {f"net-{key}" for key in networks} - _symbols() == set()


def test_both_dark_blocks_say_the_same() -> None:
    """Chosen by the reader, and asked for by their system."""
    tokens = (STATIC / "css" / "tokens.css").read_text()
    chosen = re.search(r'\n\[data-theme="dark"\] \{(.*?)\n\}', tokens, re.DOTALL)
    system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\n  \}', tokens, re.DOTALL)
    assert chosen
    assert system
    assert chosen[1].split() == system[1].split()


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_templates_hold_no_inline_style_or_script(path: Path) -> None:
    """The content security policy would silence them, in every browser but the writer's memory."""
    text = path.read_text()
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"\shx-on\b", text)


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=_name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", path.read_text())


@pytest.mark.parametrize("path", SHEETS, ids=_name)
def test_styles_know_no_left_or_right(path: Path) -> None:
    """Right-to-left is one attribute, as long as every side is a start or an end."""
    side = r"(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)"
    wrong = (
        rf"(?<![\w-])(?:{side}|left|right)(?:-\w+)?\s*:|(?:text-align|float)\s*:\s*(?:left|right)"
    )
    assert re.findall(wrong, path.read_text()) == []


def test_fonts_are_here_with_their_licences() -> None:
    fonts = STATIC / "vendor" / "fonts"
    named = set(re.findall(r'url\("([^"]+)"\)', (fonts / "fonts.css").read_text()))
    assert named == {path.name for path in fonts.glob("*.woff2")}
    assert {"LICENSE-public-sans", "LICENSE-source-serif-4"} <= {p.name for p in fonts.iterdir()}
