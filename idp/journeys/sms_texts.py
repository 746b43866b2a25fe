"""The words of every SMS, by language, in the GSM 7-bit alphabet (3GPP TS 23.038 section 6.2.1).

What stands between braces is filled in by `idp.journeys.messages`. Easy French keeps its sentences to ten words; English is plain.
"""

from collections.abc import Mapping

SMS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "code": (
            "{code} est votre code de sécurité pour activer votre compte parent. Valable 30 min. Ne le donnez à personne."
        ),
        "second-proof": (
            "{code} est votre code de sécurité pour confirmer que c'est vous. Valable 30 min. Ne le donnez à personne."
        ),
        "no-match": (
            "Nous ne pouvons pas activer votre compte : l'école n'a pas ce numéro avec ce nom. "
            "Appelez le secrétariat, il peut corriger."
        ),
        "activated": (
            "Votre compte parent est activé. Identifiant : {identifiant}. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "linked-new": (
            "Votre compte parent est activé avec FranceConnect. Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "linked-existing": (
            "Votre compte est relié à FranceConnect. L'ancien mot de passe ne sert plus. "
            "Ce n'est pas vous ? Appelez le secrétariat."
        ),
        "password-added": (
            "Un mot de passe a été ajouté à votre compte le {day} à {hour}. Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "password-changed": (
            "Votre mot de passe a été changé le {day} à {hour}. Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "child-added": (
            "L'école a ajouté un enfant à votre compte. Sa date de naissance vous sera demandée à la prochaine connexion."
        ),
        "link-removed": (
            "Votre lien avec un élève a été retiré de votre compte. Une question ? Appelez le secrétariat de l'école."
        ),
        "account-closing": (
            "Votre compte parent sera fermé le {date}. Pour le garder, connectez-vous avant cette date."
        ),
        "grouped": (
            "Deux comptes parents à votre nom sont regroupés en un seul. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "ungrouped": (
            "Le regroupement de vos deux comptes parents est annulé. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "franceconnect-added": (
            "FranceConnect peut maintenant ouvrir votre compte parent. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
        "email-confirmed": (
            "Une adresse e-mail est enregistrée pour votre compte parent. Ce n'est pas vous ? Appelez le secrétariat."
        ),
        "new-password": (
            "{code} est votre code pour choisir un nouveau mot de passe. Valable 30 min. Ne le donnez à personne."
        ),
        "identifiant": (
            "Votre identifiant pour le compte de l'école : {identifiant}. "
            "Vous n'avez rien demandé ? Ignorez ce message."
        ),
        "no-account": ("Nous ne trouvons pas de compte avec ce nom et ce numéro. Appelez le secrétariat de l'école."),
        "franceconnect-only": (
            "Votre compte s'ouvre avec FranceConnect, sans mot de passe ici. "
            "Mot de passe perdu ? Voyez le compte choisi dans FranceConnect."
        ),
        "number-too-new": (
            "L'école vient d'enregistrer ce numéro. Par sécurité, réessayez après le {day} à {hour}, "
            "ou appelez le secrétariat."
        ),
        "number-recorded": (
            "L'école a enregistré ce numéro pour votre compte parent. Ce n'est pas vous ? Appelez le secrétariat."
        ),
        "number-left": (
            "L'école n'utilise plus ce numéro pour votre compte parent. "
            "Ce n'est pas vous ? Appelez le secrétariat de l'école."
        ),
    },
    "facile": {
        "code": "{code} est votre code. Il marche 30 minutes. Ne le donnez à personne.",
        "second-proof": (
            "{code} est votre code. Il confirme que c'est vous. Il marche 30 minutes. Ne le donnez à personne."
        ),
        "no-match": "L'école n'a pas ce numéro avec ce nom. Appelez le secrétariat de l'école.",
        "activated": "Votre compte marche. Votre identifiant : {identifiant}. Ce n'est pas vous ? Appelez l'école.",
        "linked-new": "Votre compte marche avec FranceConnect. Ce n'est pas vous ? Appelez l'école.",
        "linked-existing": (
            "FranceConnect ouvre votre compte. L'ancien mot de passe ne marche plus. "
            "Ce n'est pas vous ? Appelez l'école."
        ),
        "password-added": "Mot de passe ajouté le {day} à {hour}. Ce n'est pas vous ? Appelez l'école.",
        "password-changed": ("Votre mot de passe a changé le {day} à {hour}. Ce n'est pas vous ? Appelez l'école."),
        "child-added": (
            "L'école a ajouté un enfant à votre compte. La prochaine fois, nous demandons sa date de naissance."
        ),
        "link-removed": "Un élève n'est plus dans votre compte. Une question ? Appelez l'école.",
        "account-closing": "Votre compte ferme le {date}. Pour le garder, connectez-vous avant cette date.",
        "grouped": "Vos 2 comptes sont maintenant 1 seul compte. Ce n'est pas vous ? Appelez l'école.",
        "ungrouped": "Vous avez de nouveau 2 comptes. Ce n'est pas vous ? Appelez l'école.",
        "franceconnect-added": "FranceConnect peut ouvrir votre compte. Ce n'est pas vous ? Appelez l'école.",
        "email-confirmed": "Votre compte a une nouvelle adresse e-mail. Ce n'est pas vous ? Appelez l'école.",
        "new-password": (
            "{code} est votre code pour un nouveau mot de passe. Il marche 30 minutes. Ne le donnez à personne."
        ),
        "identifiant": "Votre identifiant : {identifiant}. Vous n'avez rien demandé ? Oubliez ce message.",
        "no-account": "Nous ne trouvons pas votre compte. Appelez le secrétariat de l'école.",
        "franceconnect-only": (
            "Votre compte marche avec FranceConnect. Il n'a pas de mot de passe ici. "
            "Mot de passe perdu ? Allez sur le compte choisi dans FranceConnect."
        ),
        "number-too-new": "Ce numéro est nouveau. Réessayez après le {day} à {hour}. Ou appelez l'école.",
        "number-recorded": "L'école a ce numéro pour votre compte. Ce n'est pas vous ? Appelez l'école.",
        "number-left": "L'école n'utilise plus ce numéro pour vous. Ce n'est pas vous ? Appelez l'école.",
    },
    "en": {
        "code": ("{code} is your security code to activate your parent account. Valid for 30 min. Do not share it."),
        "second-proof": "{code} is your security code to confirm that it is you. Valid for 30 min. Do not share it.",
        "no-match": (
            "We cannot activate your account: the school does not have this number with this name. "
            "Please call the school office."
        ),
        "activated": ("Your parent account is active. Your username: {identifiant}. Not you? Call the school office."),
        "linked-new": "Your parent account is active with FranceConnect. Not you? Call the school office.",
        "linked-existing": (
            "Your account is linked to FranceConnect. The old password no longer works. "
            "Not you? Call the school office."
        ),
        "password-added": "A password was added to your account on {day} at {hour}. Not you? Call the school office.",
        "password-changed": "Your password was changed on {day} at {hour}. Not you? Call the school office.",
        "child-added": (
            "The school has added a child to your account. We will ask for the date of birth the next time you sign in."
        ),
        "link-removed": ("Your link with a pupil was removed from your account. A question? Call the school office."),
        "account-closing": "Your parent account will be closed on {date}. To keep it, sign in before that date.",
        "grouped": "Two parent accounts in your name are now one. Not you? Call the school office.",
        "ungrouped": "Your two parent accounts are separate again. Not you? Call the school office.",
        "franceconnect-added": ("FranceConnect can now open your parent account. Not you? Call the school office."),
        "email-confirmed": "Your parent account has a new e-mail address. Not you? Call the school office.",
        "new-password": ("{code} is your code to choose a new password. Valid for 30 min. Do not share it."),
        "identifiant": (
            "Your username for the school account: {identifiant}. You did not ask for this? Ignore this message."
        ),
        "no-account": "We cannot find an account with this name and this number. Call the school office.",
        "franceconnect-only": (
            "Your account opens with FranceConnect, without a password here. "
            "Lost your password? See the account you chose in FranceConnect."
        ),
        "number-too-new": (
            "The school has just recorded this number. For your safety, try again after {day} at {hour}, "
            "or call the school office."
        ),
        "number-recorded": (
            "The school has recorded this number for your parent account. Not you? Call the school office."
        ),
        "number-left": (
            "The school no longer uses this number for your parent account. Not you? Call the school office."
        ),
    },
}
