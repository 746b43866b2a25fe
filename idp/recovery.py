"""Composes recovery: the journey, its pages. Apart from `app`, which knows it by one call."""

from flask import Flask

from idp.choices import activation_policy, sign_in_policy, sound_alarm
from idp.journeys.login_ceilings import SignInCeilings
from idp.journeys.new_password import NewPassword
from idp.journeys.ports import PasswordHasher, PasswordJudge
from idp.journeys.recovery import Recovery
from idp.journeys.session_end import SessionEnd
from idp.web.cookies import Cookies
from idp.web.languages import speak
from idp.web.recovery import recovery_blueprint
from idp.world import World


def mount_recovery(app: Flask, world: World, hasher: PasswordHasher, judge: PasswordJudge, cookies: Cookies) -> None:
    """Add « Identifiant oublié » and « Mot de passe oublié » to an application."""
    policy = activation_policy(world.settings)
    journey = Recovery(
        stores=world.stores,
        clock=world.clock,
        secrets=world.secrets,
        new_password=NewPassword(
            judge=judge, hasher=hasher, session_end=SessionEnd(world.clients, world.secrets), policy=policy
        ),
        sign_in_ceilings=SignInCeilings(world.secrets, sign_in_policy(world.settings)),
        policy=policy,
        sound_alarm=sound_alarm,
        language=speak,
    )
    app.register_blueprint(recovery_blueprint(journey, cookies))
