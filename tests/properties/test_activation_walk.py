"""A walk through the activation with every detour that a browser allows, drawn by hypothesis."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.properties.doors import InProcess
from tests.properties.soundness import assert_log_silent
from tests.properties.walker import GOOD_PASSWORD, Walker, assert_page_leads_on
from tests.strangers.school import ASKED, KNOWN, WITH_PASSWORD, WITHOUT_PASSWORD, Asked, begin_again
from tests.support.page import Form

_PAGES = [
    "identite",
    "code",
    "enfants",
    "enfants/confirmation",
    "mot-de-passe",
    "deja-active",
    "termine",
    "aucun-eleve",
    "trop-d-essais",
]
_WAYS = st.sampled_from([4, 4, 4, 5, 0, 2])  # pages passed before anything odd is done
_BROWSERS = st.sampled_from([0, 1])


class ActivationWalk(RuleBasedStateMachine):
    """Two browsers of one family, a phone, a clock; forms that were shown once may be sent at any later time."""

    door: InProcess

    def __init__(self) -> None:
        super().__init__()
        begin_again(self.door.inside)
        self.door.take_log()
        self.browsers = [Walker(self.door.inside), Walker(self.door.inside)]
        self.kept: list[tuple[int, Form, dict[str, str]]] = []  # forms in other tabs, and those already sent
        self.used: set[int] = set()  # ids of the texts whose code was accepted
        self.moved = 0

    @initialize(steps=st.tuples(_WAYS, _WAYS))
    def come_some_way(self, steps: tuple[int, int]) -> None:
        for who in (0, 1):
            self.go_on(who, steps[who])

    # --- what the person does ---------------------------------------------------------------------------------------------------

    @rule(who=_BROWSERS)
    def begin(self, who: int) -> None:
        self.browsers[who].open("/activation")

    @rule(who=_BROWSERS, asked=st.sampled_from([KNOWN, KNOWN, ASKED["a known number under another name"]]))
    def say_who_one_is(self, who: int, asked: Asked) -> None:
        self._send(who, "nom", asked.values)

    @rule(who=_BROWSERS, which=st.integers(0, 2))
    def type_a_code(self, who: int, which: int) -> None:
        codes = self.browsers[who].codes()
        code = codes[which][1] if which < len(codes) else "000000"
        self._send(who, "code", {"code": code})

    @rule(who=_BROWSERS)
    def ask_for_another_code(self, who: int) -> None:
        self._send(who, "Envoyer un nouveau code", {})

    @rule(who=_BROWSERS, right=st.booleans())
    def answer_for_the_children(self, who: int, right: bool) -> None:
        walker = self.browsers[who]
        self._send(who, "lien-1", walker.right_dates() | ({} if right else {"jour-1": "28"}))

    @rule(who=_BROWSERS)
    def say_that_a_child_is_not_ones_own(self, who: int) -> None:
        self._send(who, "lien-1", self.browsers[who].right_dates() | {"lien-2": "non"})

    @rule(who=_BROWSERS, sure=st.booleans())
    def confirm_or_not(self, who: int, sure: bool) -> None:
        self._send(who, "Oui, je confirme", {"reponse": "oui" if sure else "non"})

    @rule(who=_BROWSERS, password=st.sampled_from([GOOD_PASSWORD, GOOD_PASSWORD, "court"]))
    def choose_a_password(self, who: int, password: str) -> None:
        self._send(who, "mot-de-passe", {"mot-de-passe": password, "confirmation": password})

    @rule(who=_BROWSERS)
    def choose_a_new_password(self, who: int) -> None:
        self._send(who, "nouveau mot de passe", {})

    @rule(who=_BROWSERS)
    def leave(self, who: int) -> None:
        self._send(who, "Annuler", {})

    @rule(who=_BROWSERS, steps=st.integers(1, 5))
    def go_on(self, who: int, steps: int) -> None:
        """Do what the page asks for, several pages in a row: chance alone seldom comes to the end."""
        for _ in range(steps):
            page = self.browsers[who].page
            controls = {control for form in page.forms for control in form.controls}
            if "nom" in controls:
                self.say_who_one_is(who, KNOWN)
            elif "code" in controls:
                self.type_a_code(who, 0)
            elif "lien-1" in controls:
                self.answer_for_the_children(who, right=True)
            elif "mot-de-passe" in controls:
                self.choose_a_password(who, GOOD_PASSWORD)
            else:
                self.begin(who)

    # --- what a browser does ------------------------------------------------------------------------------------------------------

    @rule(who=_BROWSERS, page=st.sampled_from(_PAGES))
    def go_back_or_ahead(self, who: int, page: str) -> None:
        self.browsers[who].open(f"/activation/{page}")

    @rule(who=_BROWSERS)
    def send_the_last_form_again(self, who: int) -> None:
        mine = [kept for kept in self.kept if kept[0] == who]
        if mine:
            self._post(*mine[-1])

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), other=st.booleans())
    def send_an_old_form_from_another_tab(self, data: st.DataObject, other: bool) -> None:
        who, form, values = data.draw(st.sampled_from(self.kept[-6:]))
        self._post(1 - who if other else who, form, values)

    @rule(who=_BROWSERS)
    def lose_the_cookies(self, who: int) -> None:
        self.browsers[who].lose_cookies()

    @precondition(lambda self: self.moved < 3000)
    @rule(minutes=st.sampled_from([1, 2, 16, 31, 130, 1500]))
    def wait(self, minutes: int) -> None:
        self.moved += minutes
        self.browsers[0].wait(minutes)

    def _send(self, who: int, control: str, values: dict[str, str]) -> None:
        page = self.browsers[who].page
        forms = [
            one for one in page.forms if control in one.controls or any(control in said for *_, said in one.buttons)
        ]
        if not forms:
            return
        kept = (who, forms[0], {**forms[0].values, **values})
        self.kept.append(kept)
        self._post(*kept)

    def _post(self, who: int, form: Form, values: dict[str, str]) -> None:
        walker = self.browsers[who]
        before = walker.count("activation.code-accepted")
        walker.post(form, values)
        accepted = walker.count("activation.code-accepted") - before
        assert accepted in {0, 1}
        if accepted:
            texts = {key for key, code in walker.codes() if code == values["code"].strip()}
            assert texts - self.used, "this code was accepted before"
            self.used.add(min(texts - self.used))

    # --- what must hold --------------------------------------------------------------------------------------------------------------

    @invariant()
    def nobody_has_two_accounts(self) -> None:
        made = set(self.browsers[0].accounts()) - {WITH_PASSWORD, WITHOUT_PASSWORD}
        assert len(made) <= 1, made

    @invariant()
    def every_page_leads_on(self) -> None:
        for walker in self.browsers:
            if walker.seen:
                assert_page_leads_on(walker.page)

    @invariant()
    def the_log_says_nothing_of_her(self) -> None:
        codes = [code for _, code in self.browsers[0].codes()]
        assert_log_silent(self.door.take_log(), ["39980101", "Cartable-Rouge-57", "EnfantA-", *codes])

    @invariant()
    def no_more_texts_than_the_ceilings_allow(self) -> None:
        assert len(self.browsers[0].texts()) <= 10 * (1 + self.moved // 1440 + 1)


@contextmanager
def _walking(door: InProcess) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ActivationWalk, "door", door, raising=False)
        yield


def test_whatever_way_is_taken_there_is_one_account_one_use_of_a_code_and_a_way_on(door: InProcess) -> None:
    with _walking(door):
        many = settings().max_examples > 100
        run_state_machine_as_test(
            ActivationWalk, settings=settings(max_examples=150 if many else 25, stateful_step_count=40)
        )
