"""A Django site whose users come from the provider, by mozilla-django-oidc."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.conftest import HERE, running_program
from tests.interop.visitor import Visitor, activate_from_the_seed, registration
from tests.journeys.people import ANGELA, JOE
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.server import free_port, running_server

SITE = HERE / "django_site"
PYTHON = HERE.parents[1] / ".venv/django/bin/python"


@dataclass(frozen=True)
class Site:
    """A Django site, and the provider that its users come from."""

    base: str
    origin: str
    environment: dict[str, str]

    def tell(self, code: str) -> str:
        """Run a line of Python inside the site, and return what it prints."""
        done = subprocess.run(  # noqa: S603  Django's own shell
            [PYTHON, "-m", "django", "shell", "--verbosity", "0", "-c", code],
            cwd=SITE,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@contextmanager
def running_site(folder: Path, **changes: str) -> Iterator[Site]:
    """Serve the provider and the site, whose environment has these changes."""
    assert PYTHON.is_file(), "run: make interop"
    port = free_port()
    origin = f"http://localhost:{port}"
    with running_server(folder, clients=registration("django_site", origin)) as server:
        environment = {
            "DJANGO_SETTINGS_MODULE": "settings",
            "DJANGO_SECRET_KEY": "a-key-that-nobody-else-has-0123456789-0123456789-0123456789",
            "DJANGO_DATABASE": str(folder / "django.db"),
            "PYTHONPATH": str(SITE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ISSUER": server.base,
            "ORIGIN": origin,
            **changes,
        }
        site = Site(server.base, origin, environment)
        subprocess.run([PYTHON, "-m", "django", "migrate", "--verbosity", "0"], cwd=SITE, env=environment, check=True)  # noqa: S603  Django's own command
        command = [str(PYTHON), "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
        with running_program(command, folder / "django.log", origin, folder=SITE, environment=environment):
            yield site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("django")) as running:
        yield running


@pytest.fixture
def visitor(site: Site) -> Visitor:
    site.tell("from django.contrib.auth.models import User; User.objects.all().delete()")
    return Visitor(site.base, site.origin)


def test_a_parent_signs_in_and_becomes_a_user_once(site: Site, visitor: Visitor) -> None:
    identifiant = activate_from_the_seed(site.base, JOE)
    page = visitor.sign_in_at("/mine", identifiant)
    assert (page.h1, page.url) == ("Joe DUPONT", f"{site.origin}/mine")
    assert page.says("{AAF}")
    page = Visitor(site.base, site.origin).sign_in_at("/mine", identifiant)
    assert page.h1 == "Joe DUPONT"
    assert site.tell("from django.contrib.auth.models import User; print(User.objects.count())") == "1"


def test_two_parents_are_two_users(site: Site, visitor: Visitor) -> None:
    assert visitor.sign_in_at("/mine", activate_from_the_seed(site.base, JOE)).h1 == "Joe DUPONT"
    angela = Visitor(site.base, site.origin).sign_in_at("/mine", activate_from_the_seed(site.base, ANGELA))
    assert angela.h1 == "Angela DUBOIS"
    assert site.tell("from django.contrib.auth.models import User; print(User.objects.count())") == "2"


def test_leaving_the_site_ends_the_session_over_there(site: Site, visitor: Visitor) -> None:
    visitor.sign_in_at("/mine", activate_from_the_seed(site.base, JOE))
    page = visitor.fill("Me déconnecter")
    assert (page.h1, page.url) == ("Accueil", f"{site.origin}/")
    assert visitor.visit("/mine").h1 == "Je sélectionne mon profil"


AGE = """
from django.contrib.sessions.models import Session
from django.contrib.sessions.backends.db import SessionStore
for one in Session.objects.all():
    store = SessionStore(one.session_key)
    store["oidc_id_token_expiration"] = 0
    store.save()
"""


def test_a_session_that_is_old_is_renewed_without_a_page(site: Site, visitor: Visitor) -> None:
    visitor.sign_in_at("/mine", activate_from_the_seed(site.base, JOE))
    site.tell(AGE)
    assert visitor.visit("/mine").h1 == "Joe DUPONT"
    assert len(visitor.history) == 4, "to the provider with prompt=none, back to the site, and on to the page"


def test_whoever_left_through_another_service_is_no_longer_known_once_her_session_is_old(
    site: Site, visitor: Visitor
) -> None:
    visitor.sign_in_at("/mine", activate_from_the_seed(site.base, JOE))
    ent = RelyingParty(site.base)
    visitor.open(ent.authorization_uri())
    visitor.open("/idp/profile/Logout")
    visitor.fill("Me déconnecter", button="Me déconnecter")
    site.tell(AGE)
    assert visitor.visit("/mine").h1 == "Accueil"
    assert visitor.visit("/mine").h1 == "Je sélectionne mon profil"


def test_a_site_with_another_secret_lets_nobody_in(tmp_path: Path) -> None:
    with running_site(tmp_path, CLIENT_SECRET="not-its-secret-0123456789") as site:
        identifiant = activate_from_the_seed(site.base, JOE)
        assert Visitor(site.base, site.origin).sign_in_at("/mine", identifiant).status == 500
        assert "invalid_client" in (tmp_path / "django.log").read_text(encoding="utf-8")
        assert Browser(site.base).open(f"{site.origin}/").h1 == "Accueil"
