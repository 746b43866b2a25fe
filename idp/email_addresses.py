"""Composes the journey that changes an e-mail address."""

from datetime import timedelta

from idp.choices import activation_policy, sound_alarm
from idp.journeys.email_address import EmailAddresses
from idp.journeys.email_ceilings import EmailPolicy
from idp.journeys.telling import Telling
from idp.settings import Settings
from idp.web.email_address import CONFIRM_PATH, SECRET
from idp.world import World


def build_email_addresses(world: World) -> EmailAddresses:
    """Return the journey over one world."""
    return EmailAddresses(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=email_policy(world.settings),
        telling=Telling(activation_policy(world.settings)),
        sound_alarm=sound_alarm,
    )


def email_policy(settings: Settings) -> EmailPolicy:
    """Return delays and ceilings, and where mailed links lead."""
    mail = settings.mail
    return EmailPolicy(
        link=f"{settings.origin}{CONFIRM_PATH}?{SECRET}=",
        fiction=settings.test_instance,
        link_lifetime=timedelta(hours=mail.link_hours),
        resend_after=timedelta(seconds=mail.resend_seconds),
        mails_per_account_day=mail.per_account_day,
        mails_per_address_day=mail.per_address_day,
        mails_per_caller_day=mail.per_caller_day,
        mails_per_day=mail.per_day,
    )
