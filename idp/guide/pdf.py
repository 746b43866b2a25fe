"""The handout as PDF: A4, text that can be read aloud and searched, checked against PDF/UA-1 (ISO 14289-1) while it is made."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import as_file, files
from typing import cast

import typst

from idp.guide.codes import draw_code
from idp.guide.facts import HandoutError
from idp.guide.words import Handout

_OWN = files("idp.guide")


def render_pdf(handout: Handout) -> bytes:
    """Return the handout as the bytes of a PDF file: the same for the same handout, at any time.

    Raises:
        HandoutError: A name or an address holds a sign that no font here has.
    """
    content = {
        **asdict(handout),
        "drawn": {code.address: draw_code(code.address).decode() for code in handout.codes},
        "one_by_one": handout.language == "facile",
    }
    with as_file(_OWN) as place:
        compiler = typst.Compiler(
            place / "handout.typ",
            root=place,
            font_paths=typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=True, font_paths=[place / "fonts"]
            ),
            sys_inputs=_inputs(content),
        )
        try:
            made = compiler.compile(format="pdf", pdf_standards="ua-1")
        except typst.TypstError as error:
            raise HandoutError(f"The PDF cannot be made: {error.message.splitlines()[0]}.") from error
    return cast(bytes, made)  # a list where the format is pictures


def _inputs(content: Mapping[str, object]) -> dict[str, str]:
    return {"handout": json.dumps(content, ensure_ascii=False)}
