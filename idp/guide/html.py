"""The handout as one HTML file: everything is inside, so that it opens from a stick, from a mail or without a network."""

from base64 import b64encode
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from idp.guide.codes import draw_code
from idp.guide.words import FRENCH_INSIDE, Handout, without_markup

_FONTS = files("idp.web") / "static" / "fonts"
_OWN = files("idp.guide")
_FACES = (
    ("latin-400", 400, "U+0000-00FF,U+0131,U+0152-0153,U+2000-206F,U+20AC"),
    ("latin-700", 700, "U+0000-00FF,U+0131,U+0152-0153,U+2000-206F,U+20AC"),
    ("latin-ext-400", 400, "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1E9F,U+1EF2-1EFF"),
    ("latin-ext-700", 700, "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1E9F,U+1EF2-1EFF"),
)


def render_html(handout: Handout) -> str:
    """Return the handout as the text of an HTML file."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"said": _mark_french_up, "spoken": without_markup}
    template = environment.from_string((_OWN / "handout.html").read_text(encoding="utf-8"))
    return template.render(
        handout=handout,
        joint="\n" if handout.language == "facile" else " ",
        style=Markup((_OWN / "handout.css").read_text(encoding="utf-8")),  # noqa: S704  a file of ours
        faces=[(_data("font/woff2", (_FONTS / f"{name}.woff2").read_bytes()), *face) for name, *face in _FACES],
        picture=lambda name: _data("image/webp", (_OWN / "pictures" / f"{name}.webp").read_bytes()),
        code=lambda address: _data("image/svg+xml", draw_code(address)),
    )


def _mark_french_up(sentence: str) -> Markup:
    """Return a sentence escaped, with what tells a screen reader where to speak French."""
    marked, told = Markup(""), 0
    for french in FRENCH_INSIDE.finditer(sentence):
        marked += escape(sentence[told : french.start()]) + Markup('<span lang="fr">%s</span>') % french[1]
        told = french.end()
    return marked + escape(sentence[told:])


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"
