"""Resource indicators (RFC 8707): a client may say for which server it wants a token. No such server is registered here."""

from idp.protocol.authorization_request import Draft, Problem


def check_resource(draft: Draft) -> Problem:
    """Section 2: a resource that is not known is refused, rather than answered with a token for somewhere else."""
    if any(draft.params.get("resource", ())):
        return "invalid_target", "No resource is registered here: leave resource out."
    return None
