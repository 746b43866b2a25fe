"""The school's directory as files: AAF of both degrees, SIECLE's ResponsablesAvecAdresses, spreadsheets' tables, in folders and ZIPs.

This package owns finding the files, telling what each one is, and reading records out of it in constant memory, whoever wrote it. It
does not own what a record means: that is `journeys.directory_mapping`. Who may come in: `idp.world`, which gives the records to the import.

- `found`: from paths to files, in the order in which they are to be read;
- `heads`: what a file is, by its first bytes;
- `archives`: ZIPs, read in place;
- `xml_records`: one hardened XML reader, of which `aaf` and `siecle` are the two vocabularies; `tables`: CSV.
"""

from idp.adapters.directory_files.files import DirectoryFile
from idp.adapters.directory_files.found import FoundFiles, find_files
from idp.adapters.directory_files.reading import read_file

__all__ = ["DirectoryFile", "FoundFiles", "find_files", "read_file"]
