"""Composes « Mon compte »: the door that its pages share, and the pages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from idp.choices import account_policy, activation_policy, releases_of, sign_in_policy
from idp.email_addresses import build_email_addresses
from idp.journeys.account_gate import AccountGate
from idp.journeys.authorization import Authorization
from idp.journeys.closing import Closing
from idp.journeys.current_password import CurrentPassword
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.new_password import NewPassword
from idp.journeys.own_account import OwnAccount
from idp.journeys.own_consents import OwnConsents
from idp.journeys.own_data import OwnData
from idp.journeys.own_devices import OwnDevices
from idp.journeys.own_franceconnect import OwnFranceConnect
from idp.journeys.own_history import OwnHistory
from idp.journeys.own_password import OwnPassword
from idp.journeys.ports import PasswordHasher, PasswordJudge
from idp.journeys.prove_again import ProveAgain
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.web.account_gate import AccountDoor
from idp.web.cookies import Cookies
from idp.web.email_address import email_blueprint
from idp.web.own_account import own_account_blueprint
from idp.web.own_closing import own_closing_blueprint
from idp.web.own_data import own_data_blueprint
from idp.web.own_franceconnect import own_franceconnect_blueprint
from idp.web.own_password import own_password_blueprint
from idp.web.own_uses import own_uses_blueprint
from idp.world import World


@dataclass(frozen=True, slots=True)
class AccountRooms:
    """What pages of an account that stand elsewhere need.

    Attributes:
        door: Who is there, or the response to give instead.
        gate: Who is there, or what to answer in her place.
        current: Checks the password of whoever is there.
        linking: Links an identity of FranceConnect with the account of whoever is there.
    """

    door: AccountDoor
    gate: AccountGate
    current: CurrentPassword
    linking: OwnFranceConnect


def mount_account(
    app: Flask,
    world: World,
    authorization: Authorization,
    hasher: PasswordHasher,
    judge: PasswordJudge,
    cookies: Cookies,
) -> AccountRooms:
    """Add the pages below `/mon-compte` to an application, and return what others share with them."""
    settings = world.settings
    gate = AccountGate(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=account_policy(settings),
    )
    current = CurrentPassword(world.stores, hasher, SignInCeilings(world.secrets, sign_in_policy(settings)))
    door = AccountDoor(gate, cookies)
    app.jinja_env.globals["account_idle_seconds"] = int(account_policy(settings).idle.total_seconds())
    proving = ProveAgain(
        gate=gate,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        current=current,
    )
    emails = build_email_addresses(world)
    app.register_blueprint(own_account_blueprint(OwnAccount(world.stores, emails), proving, door, cookies))
    app.register_blueprint(email_blueprint(emails, door))
    shared: Any = {"stores": world.stores, "clock": world.clock, "secrets": world.secrets}
    policy = activation_policy(settings)
    session_end = SessionEnd(world.clients, world.secrets)
    new_password = NewPassword(judge=judge, hasher=hasher, session_end=session_end, policy=policy)
    password = OwnPassword(**shared, current=current, new_password=new_password)
    app.register_blueprint(own_password_blueprint(password, door, cookies))
    devices = OwnDevices(**shared, session_end=session_end, session_idle=sign_in_policy(settings).session_idle)
    consents = OwnConsents(**shared, clients=world.clients, releases=releases_of(settings))
    app.register_blueprint(own_uses_blueprint(devices, OwnHistory(world.stores), consents, door))
    telling = Telling(policy)
    linking = OwnFranceConnect(**shared, authorization=authorization, session_end=session_end, telling=telling)
    if settings.franceconnect.enabled:
        app.register_blueprint(own_franceconnect_blueprint(linking, door, cookies))
    app.register_blueprint(own_data_blueprint(OwnData(world.stores, world.clock), door))
    closing = Closing(**shared, session_end=session_end, telling=telling, policy=account_policy(settings))
    app.register_blueprint(own_closing_blueprint(closing, door, cookies))
    return AccountRooms(door, gate, current, linking)
