"""Two servers that tokens may be for, and the clients around them."""

CANTEEN = "https://canteen.example/api"
LIBRARY = "urn:example:library"
RESOURCES = f"""
[[resources]]
resource = "{CANTEEN}"
name = "Cantine"
scope = ["canteen.read", "canteen.write"]
client_id = "canteen"

[[resources]]
resource = "{LIBRARY}"
name = "CDI"
scope = ["library.read"]
access_token_format = "jwt"
access_token_seconds = 120

[[clients]]
client_id = "verger"
client_name = "ENT Verger"
client_secret = "secret-of-the-orchard"
redirect_uris = ["http://localhost:8410/retour"]
scope = ["openid", "profile", "canteen.read", "library.read"]
grant_types = ["authorization_code", "refresh_token"]
resources = ["{CANTEEN}", "{LIBRARY}"]

[[clients]]
client_id = "orme"
client_name = "Site Orme"
client_secret = "secret-of-the-elm"
redirect_uris = ["http://localhost:8411/retour"]
scope = ["openid", "canteen.read", "library.read"]
resources = ["{CANTEEN}", "{LIBRARY}"]
consent = "remembered"

[[clients]]
client_id = "till"
client_name = "Caisse de la cantine"
client_secret = "secret-of-the-till"
scope = ["canteen.read", "canteen.write", "library.read"]
grant_types = ["client_credentials"]
resources = ["{CANTEEN}", "{LIBRARY}"]

[[clients]]
client_id = "canteen"
client_name = "Cantine"
client_secret = "secret-of-the-canteen"
grant_types = []
"""
"""For the settings file."""
