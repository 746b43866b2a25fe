"""Settings in which nothing is refused for being asked too often, for whoever measures or tries again and again."""

from idp.settings.model import SignInSettings, SmsSettings, ThrottleSettings

_HIGHEST = 1_000_000


def lifted_ceilings() -> str:
    """Return every ceiling on texts, sign-ins and openings at its highest, as lines for the top of a settings file."""
    counted = {
        "sms": [name for name in SmsSettings.model_fields if name.startswith("per_")],
        "sign_in": [name for name in SignInSettings.model_fields if name.startswith("tries_per_")],
        "throttle": [name for name in ThrottleSettings.model_fields if name.endswith("_per_minute")],
    }
    return "".join(f"{table}.{name} = {_HIGHEST}\n" for table, names in counted.items() for name in names)
