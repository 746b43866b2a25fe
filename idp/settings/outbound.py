"""Where calls to clients may lead, as an operator writes it under [outbound]."""

from pathlib import Path

from pydantic import Field

from idp.settings.values import Group, Network


class OutboundSettings(Group):
    """Calls to addresses that clients name. They lead to public addresses; on a test instance, test hosts may be anywhere."""

    allowed_networks: tuple[Network, ...] = Field(
        default=(),
        description="Networks that they may lead to as well, `10.2.0.0/16` for example, where ENT servers stand in your own. Whoever may "
        "register a client can then make this provider call any address in them.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) that are trusted in these calls besides the usual ones: of your own authority, or of one server.",
    )
