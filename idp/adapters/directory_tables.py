"""The directory, as the school sends it (owners: adapters/directory*.py; read by adapters/people.py)."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from idp.adapters.tables import Moment, Serial, metadata

school = Table(
    "school",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("academy", String(8), nullable=False),  # national code, without leading zero: "8"
    Column("jointure", String(64), nullable=False),  # ENTStructureJointure
    Column("uai", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("degree", Integer, nullable=False),  # 1 = école, 2 = collège or lycée
    Column("town", String(100), nullable=False, default=""),
    Column("phone", String(32), nullable=False, default=""),
    Column("digest", String(64), nullable=False),  # of the source record, to tell modified from unchanged
    UniqueConstraint("academy", "jointure"),
    Index("ix_school_uai", "academy", "uai"),
)

pupil = Table(
    "pupil",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("academy", String(8), nullable=False),
    Column("origin", String(8), nullable=False, default="aaf2d"),  # journeys.directory_ports.Origin
    Column("jointure", String(64), nullable=False),  # ENTPersonJointure
    Column(
        "school_jointure", String(64), nullable=False
    ),  # joined by (academy, jointure): a delta may bring the pupil first
    Column("family_name", String(100), nullable=False),
    Column("given_name", String(100), nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("ine", String(16), nullable=False, default=""),
    Column("level", String(16), nullable=False, default=""),  # MEFSTAT4
    Column("class_name", String(64), nullable=False, default=""),
    Column("rattach_id", String(64), nullable=False, default=""),  # ENTEleveStructRattachId, SIECLE's ELEVE_ID
    Column(
        "names_hash", String(64), nullable=False, default=""
    ),  # of both folded names: how a guardians' CSV says whose
    Column("present", Boolean, nullable=False, default=True),  # False once deleted, or gone from a full export
    Column("digest", String(64), nullable=False),
    UniqueConstraint("academy", "origin", "jointure"),
    Index("ix_pupil_school", "academy", "school_jointure"),
    Index("ix_pupil_rattach", "academy", "rattach_id"),
    Index("ix_pupil_names", "academy", "names_hash"),
)

guardian = Table(
    "guardian",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("academy", String(8), nullable=False),
    Column("origin", String(8), nullable=False, default="aaf2d"),
    Column("jointure", String(64), nullable=False),
    Column("family_name", String(100), nullable=False),  # sn: the name in use
    Column("birth_name", String(100), nullable=False, default=""),  # ENTPersonNomPatro
    Column("given_names", String(300), nullable=False),  # every first name, joined by ", "
    Column("title", String(8), nullable=False, default=""),
    Column("mobile", String(20), nullable=False, default="", index=True),  # E.164, "" when the school knows none
    Column("mobile_changed_at", Moment, nullable=True),  # by an import, since the record was first read (guarantee 7)
    Column("present", Boolean, nullable=False, default=True),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("academy", "origin", "jointure"),
)

kinship = Table(
    "kinship",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("academy", String(8), nullable=False),
    # Both ends by origin and jointure, so that a link may arrive before the guardian's or the pupil's record.
    Column("guardian_origin", String(8), nullable=False, default="aaf2d"),
    Column("guardian_jointure", String(64), nullable=False),
    Column("pupil_origin", String(8), nullable=False, default="aaf2d"),
    Column("pupil_jointure", String(64), nullable=False),
    Column("stated_by", String(8), nullable=False, default="pupil"),  # pupil, guardian, or "" once nobody states it
    Column("relation", String(8), nullable=False),  # first field after the id in ENTElevePersRelEleve
    Column("legal_level", String(4), nullable=False),
    Column("legal", Boolean, nullable=False),  # people.kinship.is_legal_guardian of the two above
    Column("present", Boolean, nullable=False, default=True),  # never deleted: a contest outlives the link
    Column("state", String(12), nullable=False, default="declared"),  # people.kinship.KinshipState
    Column("state_at", Moment, nullable=True),
    UniqueConstraint(
        "academy", "guardian_origin", "guardian_jointure", "pupil_origin", "pupil_jointure", name="uq_kinship_ends"
    ),
    Index("ix_kinship_pupil", "academy", "pupil_origin", "pupil_jointure"),
)

stated_link = Table(
    "stated_link",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("academy", String(8), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("guardian_jointure", String(64), nullable=False),
    Column("stated_in", String(16), nullable=False),  # Kind of the record: the guardian's own, or one of its own
    Column("pupil_key", String(8), nullable=False),  # journeys.directory_ports.PupilKey
    Column("pupil_value", String(64), nullable=False),  # an id, or a hash of the pupil's folded names
    Column("pupil_uai", String(16), nullable=False),
    Column("relation", String(8), nullable=False),
    Column("legal_level", String(4), nullable=False),
    Column("legal", Boolean, nullable=False),
    Column("state", String(10), nullable=False),  # adapters.directory_statements.StatementState
    # The pupil that it was found to mean; "" for none yet.
    Column("pupil_origin", String(8), nullable=False, default=""),
    Column("pupil_jointure", String(64), nullable=False, default=""),
    Column("file", String(200), nullable=False),
    Column("line", Integer, nullable=False),
    UniqueConstraint(
        "academy",
        "origin",
        "guardian_jointure",
        "stated_in",
        "pupil_key",
        "pupil_value",
        "pupil_uai",
        name="uq_stated_link_key",
    ),
    Index("ix_stated_link_value", "academy", "pupil_key", "pupil_value"),
    Index("ix_stated_link_pupil", "academy", "pupil_origin", "pupil_jointure"),
    Index("ix_stated_link_state", "academy", "state", "id"),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=True),
    Column("report", Text, nullable=False, default=""),  # JSON of journeys.directory_import.ImportReport
)
