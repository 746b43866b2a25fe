"""The page of faults, for testers who arm by hand.

Its script speaks to the control API as any program does, with the header that no form of another origin can send: the page opens no door
that was not there. Without scripts it is a list to read.
"""

from importlib.resources import files

from flask import Blueprint, Response, render_template

from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import Endpoint
from idp.sandbox.faults_api import FaultDesk


def add_faults_page(blueprint: Blueprint, desk: FaultDesk) -> None:
    """Add the page and its script."""
    script = (files("idp.sandbox") / "static" / "faults.js").read_bytes()

    @blueprint.get("/faults")
    def faults() -> str:
        return render_template(
            "sandbox/faults.html", armed=desk.load(), catalogue=list(CATALOGUE.values()), endpoints=list(Endpoint)
        )

    @blueprint.get("/faults.js")
    def faults_script() -> Response:
        return Response(script, content_type="text/javascript; charset=utf-8")
