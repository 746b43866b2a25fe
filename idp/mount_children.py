"""The journeys about children, with their pages. Apart from `app`, which mounts them in one line."""

from flask import Flask

from idp.choices import activation_policy
from idp.journeys.authorization import Authorization
from idp.journeys.new_children import NewChildren
from idp.web.children import new_children_blueprint
from idp.web.cookies import Cookies
from idp.world import World


def mount_children(app: Flask, world: World, authorization: Authorization, cookies: Cookies) -> None:
    """Mount the pages."""
    new_children = NewChildren(
        authorization=authorization,
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        policy=activation_policy(world.settings),
    )
    app.register_blueprint(new_children_blueprint(new_children, cookies))
