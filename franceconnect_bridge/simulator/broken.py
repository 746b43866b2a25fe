"""Answers that arrive late, broken or not at all."""

from flask import Response

from franceconnect_bridge.simulator.faults import Strike
from franceconnect_bridge.simulator.state import Simulator

_PAGE = "<!doctype html><title>Panne</title><h1>Panne voulue par un testeur</h1>"
_STATUSES = ("500", "502", "503")


def spoil(simulator: Simulator, strike: Strike | None, good: Response) -> Response:
    """Return what a fault makes of an answer; the answer itself when the fault is of another kind, or there is none.

    Args:
        simulator: Which waits.
        strike: What happens.
        good: The answer that would have been right.
    """
    how = "" if strike is None else strike.name.rpartition("-")[2]
    if strike is not None and how == "slow":
        simulator.faults.wait(strike.seconds)
    elif how in _STATUSES:
        return Response(_PAGE, int(how), {"Retry-After": "1"} if how == "503" else {}, mimetype="text/html")
    elif how == "cut":
        return _cut(good)
    elif how == "garbled":
        good.set_data(b'{"half')
    elif how == "redirect":
        return Response(status=302, headers={"Location": f"{simulator.settings.base_url}/informations"})
    return good


def _cut(good: Response) -> Response:
    """Announce a whole answer and send half of it."""
    whole = good.get_data()
    answer = Response(whole[: len(whole) // 2], good.status_code, mimetype=good.mimetype)
    answer.automatically_set_content_length = False
    answer.headers["Content-Length"] = str(len(whole))
    return answer
