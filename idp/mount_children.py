"""The journeys about children, with their pages. Apart from `app`, which mounts them in one line."""

from flask import Flask

from idp.account import AccountRooms
from idp.choices import activation_policy, sign_in_policy
from idp.journeys.authorization import Authorization
from idp.journeys.grouping import Grouping
from idp.journeys.identity_check import IdentityCheck
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.my_children import MyChildren
from idp.journeys.new_children import NewChildren
from idp.journeys.ports import PasswordHasher
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.web.children import new_children_blueprint
from idp.web.cookies import Cookies
from idp.web.grouping import grouping_blueprint
from idp.web.identity_check import identity_check_blueprint
from idp.web.my_children import my_children_blueprint
from idp.world import World


def mount_children(
    app: Flask,
    world: World,
    authorization: Authorization,
    hasher: PasswordHasher,
    rooms: AccountRooms,
    cookies: Cookies,
) -> None:
    """Mount the pages that come after a sign-in, and the tab « Mes enfants »."""
    new_children = NewChildren(
        authorization=authorization,
        gate=rooms.gate,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=activation_policy(world.settings),
    )
    identity_check = IdentityCheck(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=activation_policy(world.settings),
        ceilings=SignInCeilings(world.secrets, sign_in_policy(world.settings)),
    )
    app.register_blueprint(identity_check_blueprint(identity_check, cookies))
    app.register_blueprint(new_children_blueprint(new_children, cookies))
    my_children = MyChildren(
        stores=world.stores, clock=world.clock, secrets=world.secrets, policy=activation_policy(world.settings)
    )
    app.register_blueprint(my_children_blueprint(my_children, rooms.door))
    grouping = Grouping(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        hasher=hasher,
        ceilings=SignInCeilings(world.secrets, sign_in_policy(world.settings)),
        ends=SessionEnd(world.clients, world.secrets),
        telling=Telling(activation_policy(world.settings)),
    )
    app.register_blueprint(grouping_blueprint(grouping, rooms.door, cookies))
