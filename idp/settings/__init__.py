"""The settings: one TOML file, PREAU_* variables on top, one sentence for each fault, before anything starts.

Owns what an operator may choose and the rules between choices. Does not own what the choices do. Entered by `idp.app`, `idp.serve`,
`idp.demo` and `idp.cli` only; everybody else is handed the values that concern him.
"""

from idp.settings.clients import ClientSettings
from idp.settings.faults import Fault, SettingsError
from idp.settings.load import load_settings
from idp.settings.mail import MailSettings
from idp.settings.master_key import create_master_key, load_master_key
from idp.settings.model import (
    ActivationSettings,
    Argon2Settings,
    MetricsSettings,
    SandboxSettings,
    Settings,
    SignInSettings,
    SmsSettings,
    TokenSettings,
    TracingSettings,
)

__all__ = [
    "ActivationSettings",
    "Argon2Settings",
    "ClientSettings",
    "Fault",
    "MailSettings",
    "MetricsSettings",
    "SandboxSettings",
    "Settings",
    "SettingsError",
    "SignInSettings",
    "SmsSettings",
    "TokenSettings",
    "TracingSettings",
    "create_master_key",
    "load_master_key",
    "load_settings",
]
