"""How a user of Django is found by what the provider says of her, and how she leaves."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend


class ProviderBackend(OIDCAuthenticationBackend):
    def verify_token(self, token, **kwargs):
        payload = super().verify_token(token, **kwargs)
        if (payload["iss"], payload["aud"]) != (settings.ISSUER, self.OIDC_RP_CLIENT_ID):
            raise SuspiciousOperation("The ID token is another provider's, or for another client.")
        return payload

    def verify_claims(self, claims):
        return "sub" in claims

    def get_username(self, claims):
        return claims["sub"]

    def filter_users_by_claims(self, claims):
        return self.UserModel.objects.filter(username=claims["sub"])

    def create_user(self, claims):
        return self.update_user(super().create_user(claims), claims)

    def update_user(self, user, claims):
        user.first_name, user.last_name = claims.get("given_name", ""), claims.get("family_name", "")
        user.save()
        self.request.session["ref_ids"] = claims.get("FrEduCtRefId", [])
        return user


def logout_address(request):
    query = {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": f"{settings.ORIGIN}/"}
    return f"{settings.ISSUER}/idp/profile/Logout?{urlencode(query)}"
