"""What a journey answers to the pages: what to show, what was wrong with what was typed, where to go next.

No French here: a fault is a code with parameters, and `idp.web.words` has its sentence.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from idp.people.records import KinshipState
from idp.protocol.authorization_response import AuthorizationResponse


class Step(StrEnum):
    """Where a person stands in an activation."""

    IDENTITY = "identity"
    CODE = "code"
    KINSHIP = "kinship"
    NOT_MINE = "not-mine"
    PASSWORD = "password"  # noqa: S105  the name of a step
    DONE = "done"
    NOBODY_LEFT = "nobody-left"
    ALREADY_ACTIVE = "already-active"
    LOCKED = "locked"
    PHONE = "phone"
    """The first step of somebody whom FranceConnect recognised."""
    LINKED = "linked"
    """FranceConnect signs her in from now on."""
    OTHER_IDENTITY = "other-identity"
    """Her account is linked with another identity of FranceConnect."""
    FRANCECONNECT_ONLY = "franceconnect-only"
    """Her account has no password: a new one is chosen after signing in with FranceConnect."""
    CONTRADICTED = "contradicted"
    """What FranceConnect says of her cannot be a parent of these pupils: the office decides."""


class Notice(StrEnum):
    """A sentence at the top of a page that is not about an error."""

    ALREADY_DONE = "already-done"  # « Cette étape est déjà faite. Continuez ici. »
    NEW_CODE_SENT = "new-code-sent"  # « Un nouveau SMS est parti. Utilisez le code du dernier SMS. »
    CODE_ON_ITS_WAY = "code-on-its-way"  # « Un SMS est déjà parti. … dans {seconds} secondes. »
    NEW_LINK_SENT = "new-link-sent"  # « Un nouveau message est parti. Utilisez le lien du dernier message. »
    LINK_ON_ITS_WAY = "link-on-its-way"  # « Un message est déjà parti. … dans {seconds} secondes. »
    FINISHED = "finished"  # « Votre démarche est terminée. Vous pouvez vous connecter. »
    NOT_FINISHED = "not-finished"  # « Vous n'avez pas terminé avec FranceConnect. … »
    IDLE = "idle"  # « Pour votre sécurité, connectez-vous de nouveau. », after a page of an account lay idle
    CLOSED = "closed"  # « Ce compte a été fermé. », to whoever was recognised as its holder
    PROVE = "prove"  # « Pour votre sécurité, connectez-vous de nouveau. », before an act that wants a proof of now


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. `control` is the id of the form control that the summary links to."""

    control: str
    code: str
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypedIdentity:
    """The first page's fields, as typed."""

    family_name: str = ""
    given_name: str = ""
    country: str = "+33"  # a value of the list: "+33", "+262", … or "other"
    number: str = ""


@dataclass(frozen=True, slots=True)
class TypedDate:
    """A birth date in three fields, as typed."""

    day: str = ""
    month: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True)
class PupilAnswer:
    """What was answered for one pupil: `mine` is None while no radio is chosen."""

    mine: bool | None = None
    date: TypedDate = TypedDate()


@dataclass(frozen=True, slots=True)
class PupilLine:
    """One card of the kinship page. `number` counts from 1 and makes the ids `mine-1`, `not-mine-1`, `jour-1`, `mois-1`, `annee-1`."""

    number: int
    given_name: str
    family_name: str
    answer: PupilAnswer = PupilAnswer()


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A child in an account, with the school's name (allowed once the dates are right) and how the link stands."""

    given_name: str
    family_name: str
    school_name: str
    state: KinshipState = KinshipState.CONFIRMED


@dataclass(frozen=True, slots=True)
class ActivationPage:
    """Everything that the page of one step may show. Members that a step does not use keep their defaults."""

    step: Step
    form_token: str = ""
    faults: tuple[Fault, ...] = ()
    notice: Notice | None = None
    notice_values: dict[str, str | int] = field(default_factory=dict)
    identity: TypedIdentity = TypedIdentity()  # IDENTITY
    masked_phone: str = ""  # CODE: "+33 6 •• •• •• 01", from what was typed
    phone_ending: str = ""  # CODE: "01"
    resend_in: int = 0  # CODE: seconds before another SMS may be asked for
    tries_left: int = 0  # CODE, KINSHIP
    sends_s2: bool = True  # CODE: an SMS goes out in both cases
    pupils: tuple[PupilLine, ...] = ()  # KINSHIP; NOT_MINE and NOBODY_LEFT: the contested ones
    identifiant: str = ""  # PASSWORD, DONE, ALREADY_ACTIVE
    rules_met: tuple[bool, ...] = ()  # PASSWORD after a refusal: the five rules in the guide's order
    strength: int = 0  # PASSWORD after a refusal, DONE: 1 faible, 2 moyen, 3 fort
    children: tuple[ChildLine, ...] = ()  # DONE
    person_name: str = ""  # DONE: "Joe DUPONT", for the printed sheet
    ent_name: str = ""  # DONE, ALREADY_ACTIVE: the ENT to go to
    ent_uri: str = ""
    resets_password: bool = False  # PASSWORD, DONE: an account was there before and gets a new password
    has_password: bool = False  # LINKED: there is nothing to add
    reference: str = ""  # LOCKED, NOBODY_LEFT, and the CODE page's link to E9
    retry_after: int = 0  # LOCKED: seconds
    locked_by_dates: bool = False  # LOCKED: adds « L'école peut vérifier la date de naissance enregistrée. »
    by_franceconnect: bool = False  # FranceConnect recognised the person: four steps instead of five
    sub_changed: bool = False  # PHONE: « FranceConnect ne vous reconnaît plus comme avant »
    resume_handle: str | None = None  # LINKED, DONE: what « Continuer vers {ENT} » answers; None without FranceConnect


@dataclass(frozen=True, slots=True)
class Shown:
    """Show this page: 200, or 422 when it carries faults, 429 when the step is LOCKED."""

    page: ActivationPage
    cookie: str | None = None  # the browser's new activation secret, when it changed


@dataclass(frozen=True, slots=True)
class GoTo:
    """Redirect (303) to the page of this step."""

    step: Step
    cookie: str | None = None
    notice: Notice | None = None  # to be said at the top of that page, once
    notice_values: dict[str, str | int] = field(default_factory=dict)
    session_cookie: str | None = None  # LINKED: the person is signed in
    accounts_cookie: str | None = None  # LINKED: "" where the browser held other sessions, which have ended


class Lost:
    """No activation belongs to this browser: E6, « Votre démarche s'est arrêtée »."""


class Forged:
    """The form's token was not made for this browser and step: E12, 403; nothing was done."""


@dataclass(frozen=True, slots=True)
class Left:
    """The activation is over in this browser: go to the sign-in page, forget the cookie."""

    interaction_handle: str = ""
    notice: Notice | None = None  # FINISHED, long after the last page; None after « Annuler »


@dataclass(frozen=True, slots=True)
class NotMe:
    """« Ce n'est pas vous ? »: the activation is erased; sign out of FranceConnect, then go to the sign-in page."""

    interaction_handle: str
    id_token: str = field(repr=False)


ActivationAnswer = Shown | GoTo | Lost | Forged | Left | NotMe


# --- sign-in ------------------------------------------------------------------------------------------------------------------


class Profile(StrEnum):
    """The two doors of the sign-in page."""

    RESPONSABLE = "responsable"
    ELEVE = "eleve"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The profile page (profile None) or the sign-in page."""

    handle: str  # the `d` parameter; "" when the page was opened by hand
    profile: Profile | None
    form_token: str = ""
    faults: tuple[Fault, ...] = ()
    identifiant: str = ""
    ent_name: str = ""
    logo_uri: str = ""  # what the ENT shows of itself
    policy_uri: str = ""
    tos_uri: str = ""
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action
    notice: Notice | None = None
    retry_after: int = 0  # seconds, when slowed (fault "slowed"): status 429


class PersonStep(StrEnum):
    """The pages at which an ENT's request may wait for a person."""

    ACCOUNT = "account"
    SIGN_IN = "sign-in"
    LEVEL = "level"
    IDENTITY = "identity"
    CHILDREN = "children"
    CONSENT = "consent"
    KEPT = "kept"  # « Votre compte reste ouvert », before whatever waits goes on


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The authorization endpoint needs the person: redirect (303) to the page of this step with this handle."""

    handle: str
    browser_cookie: str | None = None
    step: PersonStep = PersonStep.SIGN_IN
    session_cookie: str | None = None
    accounts_cookie: str | None = None  # "" = the browser holds no session beside the current one any more
    known_cookie: str | None = None
    notice: Notice | None = None  # to be said at the top of the sign-in page
    ui_locales: tuple[str, ...] = ()  # of a request that has just come: how its client wants the pages to speak


@dataclass(frozen=True, slots=True)
class Respond:
    """End of the interaction: the answer to the client, by a redirect (303) or by a form that sends itself."""

    response: AuthorizationResponse
    session_cookie: str | None = None
    accounts_cookie: str | None = None
    browser_cookie: str | None = None
    known_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class SignedInHere:
    """Signed in without any ENT's request: show « Vous êtes connecté », with links to the ENTs, or go to `page`."""

    person_name: str
    ents: tuple[tuple[str, str], ...]  # (name, home URI)
    session_cookie: str | None = None
    accounts_cookie: str | None = None
    known_cookie: str | None = None
    page: str = ""  # path of one of our own that was asked for


@dataclass(frozen=True, slots=True)
class Recognised:
    """A returning person: show « Vous êtes reconnu », which leads on by itself. A redirect there would be blocked (form-action)."""

    handle: str
    ent_name: str
    session_cookie: str
    accounts_cookie: str | None = None
    is_kept: bool = False  # the account was about to close, and stays open


SignInAnswer = SignInPage | Respond | SignedInHere | AskPerson | Lost | Forged


# --- consent ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """« Donnez-vous votre accord ? »: who asks, of whom, and what would be told."""

    handle: str
    form_token: str
    ent_name: str  # a stranger may have chosen it: `ent_host` says where the answer goes
    ent_host: str
    person_name: str
    told: tuple[str, ...]  # claims that have a value for this person, by name
    stays: bool  # refresh tokens that outlive the session (OpenID Connect Core 1.0 section 11)
    remembered: bool  # whether the same is asked once
    logo_uri: str = ""
    policy_uri: str = ""
    tos_uri: str = ""
    reaches: tuple[str, ...] = ()  # names of other servers that it would get tokens for
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action


ConsentAnswer = ConsentPage | Respond | SignedInHere | AskPerson | Lost | Forged


# --- several accounts in one browser --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account that the browser holds."""

    value: str  # what the form says
    person_name: str
    identifiant_end: str = ""  # where two have the same name


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """« Avec quel compte voulez-vous continuer ? »."""

    handle: str
    form_token: str
    ent_name: str
    accounts: tuple[AccountLine, ...]
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action


AccountsAnswer = AccountsPage | Respond | SignedInHere | AskPerson | Lost | Forged


# --- a second proof -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepUpPage:
    """« Confirmez que c'est vous »: a text to the number that the school knows, then its code."""

    handle: str
    form_token: str
    ent_name: str
    masked_phone: str
    phone_ending: str
    is_sent: bool = False  # a text is on its way: its code is asked for
    resend_in: int = 0  # seconds before another text may be asked for
    is_needed: bool = False  # without it, the ENT gets no answer but an error
    faults: tuple[Fault, ...] = ()
    notice: Notice | None = None
    retry_after: int = 0  # seconds, when too many texts were asked for (fault "slowed"): status 429
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action


StepUpAnswer = StepUpPage | Respond | SignedInHere | AskPerson | Lost | Forged


# --- children ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewChildrenPage:
    """« Un enfant a été ajouté à votre compte »: a card for each child, or the question whether some are really not the person's."""

    handle: str  # "" from « Mes enfants »
    form_token: str
    pupils: tuple[PupilLine, ...] = ()
    is_contesting: bool = False  # `pupils` are those answered « je ne suis pas »
    faults: tuple[Fault, ...] = ()
    ent_name: str = ""  # "" from « Mes enfants »
    retry_after: int = 0  # seconds, after too many wrong dates: status 429, and « Plus tard » alone
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action
    session_cookie: str | None = None  # its new secret, where dates were right


@dataclass(frozen=True, slots=True)
class IdentityCheckPage:
    """« Confirmation de l'identité »: one child's birth date."""

    handle: str
    form_token: str
    date: TypedDate = TypedDate()
    faults: tuple[Fault, ...] = ()
    ent_name: str = ""  # "" where no ENT waits
    retry_after: int = 0  # seconds, after too many wrong dates: status 429
    form_action_uri: str = ""  # the validated redirect_uri, for the page's form-action


IdentityCheckAnswer = IdentityCheckPage | Respond | SignedInHere | AskPerson | Lost | Forged


@dataclass(frozen=True, slots=True)
class ToMyChildren:
    """Back to « Mes enfants »."""

    session_cookie: str | None = None


NewChildrenAnswer = NewChildrenPage | ToMyChildren | Respond | SignedInHere | AskPerson | Lost | Forged
