"""QR codes of the handout's addresses."""

from io import BytesIO

import segno


def draw_code(address: str) -> bytes:
    """Return the QR code of an address as SVG, without its quiet zone: a page leaves the four modules of white (ISO/IEC 18004).

    Args:
        address: The address, letter for letter as it is written beside the code.
    """
    out = BytesIO()
    # Level M is read with an eighth of it hidden by a fold or a thumb.
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=0, light="#fff", omitsize=True, svgns=True, xmldecl=False
    )
    return out.getvalue()
