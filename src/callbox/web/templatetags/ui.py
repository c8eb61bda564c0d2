"""Template tags of the interface. Both are resolved when a template is compiled, so that they cost
nothing when it is rendered, however often it loops."""

import hashlib
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.template.base import Parser, TextNode, Token
from django.templatetags.static import static

register = template.Library()

# A fixed address on our own host: browsers refuse <use> from another origin.
SPRITE = "/static/icons.svg"


@register.tag
def icon(parser: Parser, token: Token) -> TextNode:
    """`{% icon check %}` or `{% icon check 14 %}`: a drawing from the sprite, silent to readers.

    A third word, `mirror`, turns it round in right-to-left pages (arrows; never clocks or checks).
    """
    _, name, *rest = token.split_contents()
    sizes = "".join(f" i--{word}" for word in rest)
    return TextNode(f'<svg class="i{sizes}" aria-hidden="true"><use href="{SPRITE}#{name}"/></svg>')


@register.tag
def asset(parser: Parser, token: Token) -> TextNode:
    """`{% asset css/base.css %}`: a static file's address, changed whenever its content is.

    Raises TemplateSyntaxError for a file that does not exist, so that a misspelling is found by the
    first test and not by a reader.
    """
    _, name = token.split_contents()
    found = finders.find(name)
    if not found:
        raise template.TemplateSyntaxError(f"There is no static file “{name}”.")
    mark = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:8]
    return TextNode(f"{static(name)}?v={mark}")
