"""Fictional school directories of any size, from a seed number.

Owns chance, where households live, and the files' formats. Does not own who is in a household and how often, nor the names: those are
data of `idp.people` (`population`, `fictional_names`). The demo's fifteen families are elsewhere (`idp.people.fiction`,
`idp.adapters.aaf_writer`). Entered by `write_export`, from the command and from tests.
"""

from idp.adapters.fiction.export import CsvEncoding, Export, ExportFault, Format, LinkSide, SiecleFields
from idp.adapters.fiction.write import write_export

__all__ = ["CsvEncoding", "Export", "ExportFault", "Format", "LinkSide", "SiecleFields", "write_export"]
