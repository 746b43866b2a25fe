"""Times as families read them: the hour of Paris."""

from datetime import datetime
from zoneinfo import ZoneInfo

# The `tzdata` wheel is a dependency: a bare system may have no time zones of its own.
_PARIS = ZoneInfo("Europe/Paris")


def paris_time(moment: datetime) -> datetime:
    """Return the same moment on the clocks of Paris.

    Args:
        moment: An aware datetime.
    """
    return moment.astimezone(_PARIS)
