"""What the composition root hands to the control API, beside the world that it works on."""

from dataclasses import dataclass

from idp.adapters.siblings import Siblings
from idp.journeys.client_office import ClientOffice
from idp.journeys.families.loading import FamiliesLoader
from idp.journeys.families.removing import FamiliesRemover
from idp.journeys.person_reports import PersonReports
from idp.journeys.rehearsal import Rehearsal
from idp.journeys.retention import Retention
from idp.protocol.client_metadata import RegistrationRules
from idp.sandbox.clients_api import Configured


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work.

    Attributes:
        rehearsal: Does in one call what people do in several.
        persons: Tells how people stand.
        families: Takes families documents in.
        remover: Takes families out again.
        clients: Keeps clients that no settings file names.
        rules: What these may say of themselves.
        configured: The clients that a settings file names.
        siblings: The programs that follow.
        retention: Purges.
    """

    rehearsal: Rehearsal
    persons: PersonReports
    families: FamiliesLoader
    remover: FamiliesRemover
    clients: ClientOffice
    rules: RegistrationRules
    configured: Configured
    siblings: Siblings
    retention: Retention
