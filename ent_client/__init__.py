"""ENT Marronnier: a sample school portal, the relying party that developers of real ENTs read.

Owns its own copy of the directory (`ent-directory.json`), its own sessions and its own pages. Signs people in at an OpenID
provider "like EduConnect" and maps `FrEduCtRefId` to the guardians it knows. It shares no line of code with the provider: all that
it knows of it came over HTTP and was checked. Read in this order: `checks.py` (what a relying party owes), `oidc.py` (the code
flow), `calls.py` (the calls it makes), `directory.py` (who is this), `pages.py` (what the parent sees).
"""
