"""A page that anybody sees, and one that only users see."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path, reverse


def home(request):  # noqa: ARG001  Django gives it to every view
    return HttpResponse("<h1>Accueil</h1>")


@login_required
def mine(request):
    user = request.user
    leave = f'<form method="post" action="{reverse("oidc_logout")}"><input type="hidden" name="csrfmiddlewaretoken" '
    leave += f'value="{get_token(request)}"><button>Me déconnecter</button></form>'
    return HttpResponse(f"<h1>{user.get_full_name()}</h1><p>{request.session['ref_ids']}</p>{leave}")


urlpatterns = [
    path("", home),
    path("mine", mine),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
