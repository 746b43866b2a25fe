"""Handouts to look at, and readers of what they became: none of them is what made them."""

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

from idp.guide.facts import HandoutFacts
from idp.guide.words import Handout, compose_handout
from idp.web.catalogues import load_catalogue

SIGN_IN = "https://preau.example.org"
ENT = "https://ent.marronniers.example.org/accueil?ecole=0690001A"
LONG_NAME = "Collège Jean-Baptiste DUPONT DE LA ROCHEFOUCAULD et de l'Œuvre Saint-Étienne, section d'enseignement général adapté, Île"
"""120 characters, the longest that there may be."""
LONG_ADDRESS = f"https://ent.{'marronniers-' * 4}france.example.org/{'portail/' * 20}"[:200]


def make_handout(
    school: str = "Collège Élisabeth-Badinter",
    sign_in_address: str = SIGN_IN,
    ent_address: str = ENT,
    office_phone: str = "04 65 71 00 00",
    language: str = "fr",
    **more: bool,
) -> Handout:
    """Return a handout of a fictional school."""
    facts = HandoutFacts(school, sign_in_address, ent_address, office_phone, **more)
    return compose_handout(facts, load_catalogue(language).look_up, language)


@dataclass(frozen=True)
class ReadPdf:
    """What a reader of PDFs finds in one."""

    pages: int
    text: str  # with plain spaces
    second_page: str
    dates: set[str]
    title: str
    language: str
    is_tagged: bool
    bookmarks: list[str]
    tags: list[tuple[str, str]]  # type and alternative text, in reading order
    codes: set[str]  # addresses of the QR codes that a camera reads on the pages
    links: set[str]


def read_pdf(content: bytes) -> ReadPdf:
    """Read a PDF with PDFium, and its codes with ZXing from pictures of its pages."""
    document = pypdfium2.PdfDocument(content)
    texts, tags, codes, links = [], [], set(), set()
    for page in document:
        texts.append(page.get_textpage().get_text_bounded())
        tags += _read_tags(page)
        links |= _read_links(document, page)
        codes |= {one.text for one in zxingcpp.read_barcodes(page.render(scale=2).to_pil())}
    return ReadPdf(
        pages=len(document),
        text=_plain("\n".join(texts)),
        second_page=_plain(texts[1]),
        dates={document.get_metadata_value(name) for name in ("CreationDate", "ModDate")},
        title=document.get_metadata_value("Title"),
        language=_read_language(document),
        is_tagged=bool(pdfium.FPDFCatalog_IsTagged(document)),
        bookmarks=[one.get_title() for one in document.get_toc()],
        tags=tags,
        codes=codes,
        links=links,
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def _wide(read: Any, *known: Any) -> str:
    """Return what a function of PDFium writes in UTF-16 into a buffer: asked first how long it is."""
    size = read(*known, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    read(*known, buffer, size)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


def _read_language(document: Any) -> str:
    return _wide(pdfium.FPDFCatalog_GetLanguage, document)


def _read_links(document: Any, page: Any) -> set[str]:
    place, link, found = ctypes.c_int(0), pdfium.FPDF_LINK(), set()
    while pdfium.FPDFLink_Enumerate(page, place, link):
        action = pdfium.FPDFLink_GetAction(link)
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        found.add(buffer.value.decode())
    return found


def _read_tags(page: Any) -> list[tuple[str, str]]:
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    found: list[tuple[str, str]] = []

    def walk(element: Any) -> None:
        kind = _wide(pdfium.FPDF_StructElement_GetType, element)
        found.append((kind, _wide(pdfium.FPDF_StructElement_GetAltText, element)))
        for place in range(pdfium.FPDF_StructElement_CountChildren(element)):
            if child := pdfium.FPDF_StructElement_GetChildAtIndex(element, place):
                walk(child)

    for place in range(pdfium.FPDF_StructTree_CountChildren(tree)):
        walk(pdfium.FPDF_StructTree_GetChildAtIndex(tree, place))
    pdfium.FPDF_StructTree_Close(tree)
    return found
