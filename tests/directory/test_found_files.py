"""Telling what a file is, looking through folders and archives, and refusing what is made to harm."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.directory_files import DirectoryFile, find_files, read_file
from idp.adapters.directory_files.archives import MAX_MEMBERS, MAX_RATIO
from idp.adapters.directory_files.files import Place
from idp.journeys.directory_ports import Origin, RejectedFile, SourceRecord
from tests.directory.hostile import MEMORY, NAME, XML, aaf, document, memory_below, outcome_of, read, siecle


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (bytes(range(256)) * 40, "is no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no text"),
        (b"<html><body/></html>", "is XML of another kind"),
        (XML.encode() + b"<BEE_ELEVES/>", "is XML of another kind"),
        (b"Bonjour.\n", "has no header that is known"),
        (b"PK\x03\x04 no archive", "is damaged, or no ZIP archive"),
    ],
)
@pytest.mark.parametrize("name", [NAME, "eleves.csv", "export.zip"])
def test_what_is_no_directory_file_is_refused_whatever_its_name(
    write_file: Callable[..., Path], content: bytes, words: str, name: str
) -> None:
    path = write_file(content, name)
    with pytest.raises(RejectedFile) as refused:
        find_files([path])
    assert str(refused.value).startswith(name)
    assert str(refused.value).endswith(".")
    assert words in str(refused.value) or name == "export.zip"


def test_a_format_is_found_by_looking_whatever_the_name(write_file: Callable[..., Path]) -> None:
    (file,) = find_files([write_file(document("siecle", siecle("DUPONT")), NAME)])
    assert file.format is Origin.SIECLE
    (file,) = find_files([write_file(document("aaf", aaf("DUPONT")), "eleves.csv")])
    assert file.format is Origin.AAF_2D


def test_a_file_that_changes_after_it_was_found_is_refused(write_file: Callable[..., Path]) -> None:
    (file,) = find_files([write_file(document("siecle", siecle("DUPONT")))])
    write_file(document("aaf", aaf("DUPONT")))
    with pytest.raises(RejectedFile, match="its root is not BEE_RESPONSABLES"):
        list(read_file(file))


def test_a_folder_tells_what_it_passes_over_and_refuses_a_spoilt_export(tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_text(document("aaf", aaf("DUPONT")), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("Bonjour.\n", encoding="utf-8")
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    found = find_files([tmp_path])
    assert ([file.name for file in found], found.ignored) == (["good.xml"], ("notes.txt",))
    (tmp_path / NAME).touch()
    with pytest.raises(RejectedFile, match=f"{NAME} is empty"):
        find_files([tmp_path])


def test_a_folder_without_directory_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match="No directory file was found"):
        find_files([tmp_path])


def test_an_id_that_comes_twice_is_read_twice_for_the_import_to_judge(write_file: Callable[..., Path]) -> None:
    path = write_file(document("aaf", aaf("DUPONT"), "\n", aaf("DURAND")))
    assert [(one.line, one.jointure) for one in read(path) if isinstance(one, SourceRecord)] == [(3, "G1"), (4, "G1")]


# --- archives ----------------------------------------------------------------------------------------------------


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


GOOD = document("aaf", aaf("DUPONT")).encode()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../../evil.xml": GOOD}, "evil.xml has a name that leads out of its archive"),
        ({"/evil.xml": GOOD}, "leads out of its archive"),
        ({"a\\..\\evil.xml": GOOD}, "leads out of its archive"),
        ({".": GOOD}, "holds a file without a name"),
        ({"inner.zip": GOOD}, "bad.zip!inner.zip is an archive in an archive"),
        ({"bomb.xml": b" " * 50_000_000}, f"bomb.xml would grow more than {MAX_RATIO} times"),
        ({f"{number}.xml": b"" for number in range(MAX_MEMBERS + 1)}, f"holds more than {MAX_MEMBERS} files"),
    ],
    ids=["up", "absolute", "backslash", "nameless", "nested", "bomb", "many"],
)
def test_a_zip_made_to_harm_is_refused_by_name_before_it_is_opened(
    tmp_path: Path, members: dict[str, bytes], words: str
) -> None:
    path = zipped(tmp_path / "bad.zip", members)
    with memory_below(MEMORY), pytest.raises(RejectedFile, match=words):
        find_files([path])
    assert [one.name for one in tmp_path.rglob("*")] == ["bad.zip"]


def test_a_zip_within_a_zip_is_refused_under_any_name(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner", {NAME: GOOD}).read_bytes()
    with pytest.raises(RejectedFile, match=r"outer\.zip!export\.xml is an archive in an archive"):
        find_files([zipped(tmp_path / "outer.zip", {"export.xml": inner})])


def test_members_that_share_their_bytes_gain_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", {"a.xml": GOOD + b" " * 900_000})
    with zipfile.ZipFile(path, "a") as archive:
        (info,) = archive.infolist()
        archive.filelist.extend([info] * 900)
        archive._didModify = True  # type: ignore[attr-defined]
    with pytest.raises(RejectedFile, match="would grow more than"):
        find_files([path])


def test_a_name_that_begins_with_a_nul_is_none(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", {"a.xml": GOOD})
    path.write_bytes(path.read_bytes().replace(b"a.xml", b"\0.xml"))
    with pytest.raises(RejectedFile, match="holds a file without a name"):
        find_files([path])


def test_an_encrypted_member_and_a_rare_compression_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", {NAME: GOOD})
    whole = bytearray(path.read_bytes())
    entry = whole.index(b"PK\x01\x02")
    whole[entry + 8] |= 1
    path.write_bytes(whole)
    with pytest.raises(RejectedFile, match=f"{NAME} is encrypted"):
        find_files([path])
    with pytest.raises(RejectedFile, match="in a way that is not read here"):
        find_files([zipped(tmp_path / "bad.zip", {NAME: GOOD}, zipfile.ZIP_LZMA)])


def test_a_damaged_member_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", {NAME: GOOD}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"DUPONT", b"DURAND"))  # the check sum is another one
    with pytest.raises(RejectedFile, match=r"bad\.zip is damaged, or no ZIP archive\."):
        read(path)


def test_a_list_of_members_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", {f"{number:0400}.xml": b"" for number in range(6_000)})
    with memory_below(MEMORY), pytest.raises(RejectedFile, match="a list of members that is too long"):
        find_files([path])


# --- anything ----------------------------------------------------------------------------------------------------

PIECES = (
    GOOD,
    document("siecle", siecle("DUPONT")).encode(),
    "Nom;Prénom;Né(e) le;INE\n".encode(),
    "DUPONT;Léa;12/04/2012;\n".encode(),
    b"Nom,Nom responsable\n",
    *(b"<ficAlimMENESR>", b"<addRequest>", b"<attributes>", b'<attr name="sn">', b"<value>", b"</value>"),
    *(
        b"<BEE_RESPONSABLES>",
        b"<PERSONNE>",
        b"&eacute;",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE x [",
        b"<?xml encoding='utf-16'?>",
    ),
    *(b'"', b"\n", b"\r", b"\x00", b"\xc3", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=,\n"),
)
ANYTHING = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=9)), max_size=12).map(b"".join),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=ANYTHING, origin=st.sampled_from(Origin))
def test_whatever_the_bytes_nothing_but_a_refusal_is_raised(tmp_path: Path, content: bytes, origin: Origin) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    file = DirectoryFile("file", len(content), None, origin, "9990001I", 0, Place("file", path, len(content)))
    outcome = outcome_of(lambda: list(read_file(file)))
    if isinstance(outcome, str):
        assert outcome.startswith("file ")
    else:
        assert all(one.file == "file" and one.line >= 1 for one in outcome)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=ANYTHING, place=st.integers(0, 400), byte=st.integers(0, 255))
def test_whatever_the_archive_nothing_but_a_refusal_is_raised(
    tmp_path: Path, content: bytes, place: int, byte: int
) -> None:
    path = zipped(tmp_path / "export.zip", {"export.xml": content, NAME: GOOD})
    whole = bytearray(path.read_bytes())
    whole[-1 - place % len(whole)] = byte
    path.write_bytes(whole)
    assert outcome_of(lambda: read(path)) != ""
