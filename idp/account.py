"""Composes « Mon compte »: the door that its pages share, and the pages."""

from dataclasses import dataclass

from flask import Flask

from idp.choices import account_policy, sign_in_policy
from idp.journeys.account_gate import AccountGate
from idp.journeys.authorization import Authorization
from idp.journeys.current_password import CurrentPassword
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.own_account import OwnAccount
from idp.journeys.ports import PasswordHasher
from idp.journeys.prove_again import ProveAgain
from idp.web.account_gate import AccountDoor
from idp.web.cookies import Cookies
from idp.web.own_account import own_account_blueprint
from idp.world import World


@dataclass(frozen=True, slots=True)
class AccountRooms:
    """What pages of an account that stand elsewhere need.

    Attributes:
        door: Who is there, or the response to give instead.
        current: Checks the password of whoever is there.
    """

    door: AccountDoor
    current: CurrentPassword


def mount_account(
    app: Flask, world: World, authorization: Authorization, hasher: PasswordHasher, cookies: Cookies
) -> AccountRooms:
    """Add the pages below `/mon-compte` to an application, and return what others share with them."""
    settings = world.settings
    gate = AccountGate(
        authorization=authorization, stores=world.stores, clock=world.clock, policy=account_policy(settings)
    )
    current = CurrentPassword(world.stores, hasher, SignInCeilings(world.secrets, sign_in_policy(settings)))
    door = AccountDoor(gate, cookies)
    proving = ProveAgain(
        gate=gate,
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        current=current,
    )
    app.register_blueprint(own_account_blueprint(OwnAccount(world.stores), proving, door, cookies))
    return AccountRooms(door, current)
