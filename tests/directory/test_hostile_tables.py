"""CSV made to harm, or spoilt on its way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from idp.adapters.directory_files import find_files, read_file
from idp.adapters.directory_files.tables import MAX_COLUMNS, MAX_LINE, MAX_ROW
from idp.journeys.directory_ports import RejectedFile, RejectedRecord, SourceRecord
from tests.directory.hostile import MEMORY, memory_below, read

HEADER = "Nom;Prénom;Né(e) le;INE\n"
LEA = "DUPONT;Léa;12/04/2012;FICTIF-0001\n"


def test_a_line_of_5_mb_is_rejected_and_the_next_ones_go_on(write_file: Callable[..., Path]) -> None:
    path = write_file(f"{HEADER}{'D' * 5_000_000};Léa;12/04/2012;\n{LEA}", "eleves.csv")
    with memory_below(MEMORY):
        first, second = read(path)
    assert first == RejectedRecord("eleves.csv", 2, f"a line of more than {MAX_LINE} characters")
    assert isinstance(second, SourceRecord)
    assert second.line == 3


def test_a_file_of_one_line_of_5_mb_is_refused(write_file: Callable[..., Path]) -> None:
    path = write_file(f"Nom;Prénom;Né(e) le;{'x' * 5_000_000}", "eleves.csv")
    with memory_below(MEMORY), pytest.raises(RejectedFile, match="too long to be a header"):
        read(path)


def test_a_quotation_mark_that_does_not_end_takes_a_bounded_row_with_it(write_file: Callable[..., Path]) -> None:
    path = write_file(
        f'{HEADER}"DUPONT;Léa;12/04/2012;\n{"NGUYEN;Tom;12/04/2012;" + chr(10)}' * 1 + LEA * 10_000, "eleves.csv"
    )
    with memory_below(MEMORY):
        first, *others = read(path)
    assert isinstance(first, RejectedRecord)
    assert first.line == 2
    assert "quotation mark" in first.reason
    assert len([one for one in others if isinstance(one, SourceRecord)]) > 10_000 - MAX_ROW // len(LEA) - 2


def test_a_row_of_cells_with_line_ends_is_bounded(write_file: Callable[..., Path]) -> None:
    cells = '"D\n";' * 200_000
    (file,) = find_files([write_file(f"{HEADER}{cells}\n{LEA}", "eleves.csv")])
    with memory_below(MEMORY):
        records = read_file(file)
        first = next(records)
        for _ in records:
            pass  # rejects, as many as the spoilt rows after it
    assert isinstance(first, RejectedRecord)
    assert first.line == 2
    assert first.reason.startswith(f"a row of more than {MAX_ROW} characters")


def test_ten_thousand_columns_are_refused(write_file: Callable[..., Path]) -> None:
    header = "Nom;Prénom;Né(e) le;" + ";".join("x" * 3 for _ in range(10_000))
    with pytest.raises(RejectedFile, match=f"has more than {MAX_COLUMNS} columns"):
        find_files([write_file(header[:60_000] + "\n", "eleves.csv")])


@pytest.mark.parametrize("row", ["DUPONT;Léa;12/04/2012", "DUPONT;Léa;12/04/2012;;x", 'DU"PONT;"L"éa";12/04/2012;'])
def test_a_row_with_another_number_of_cells_is_rejected_with_its_line(
    write_file: Callable[..., Path], row: str
) -> None:
    first, second = read(write_file(f"{HEADER}\n{row}\n{LEA}", "eleves.csv"))
    assert isinstance(first, RejectedRecord)
    assert (first.line, first.file) == (3, "eleves.csv")
    assert isinstance(second, SourceRecord)


def test_a_byte_that_its_encoding_does_not_have_rejects_its_row_alone(write_file: Callable[..., Path]) -> None:
    content = (HEADER + LEA).encode() * 1 + b"D\xe9SIR\xe9;Zo;12/04/2012;\n" + LEA.encode() * 3
    first, second, *_ = read(write_file(content, "eleves.csv"))
    assert isinstance(first, SourceRecord)
    assert second == RejectedRecord("eleves.csv", 3, "a sign that its encoding does not have")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Nom;Prénom;Classe", "is a table of pupils without the column « Date de naissance »"),
        ("Nom;Prénom;Téléphone portable", "is a table of guardians without the column « Nom élève »"),
        ("Nom;Nom de famille;Prénom;Né(e) le", "has two columns that may be « Nom élève »"),
    ],
)
def test_a_table_without_what_it_needs_says_which_column(
    write_file: Callable[..., Path], header: str, words: str
) -> None:
    with pytest.raises(RejectedFile, match=words):
        find_files([write_file(f"{header}\n", "table.csv")])
