"""ENT Marronnier: a sample school portal, the relying party that developers of real ENTs read.

Owns its own copy of the directory (`ent-directory.json`), its own sessions and its own pages. Signs people in at an OpenID provider
"like EduConnect" and maps `FrEduCtRefId` to the guardians it knows. It shares no line of code with the provider: all that it knows of
it came over HTTP and was checked. Read in this order:

- `checks.py`: what a relying party owes before it believes anybody; `exchange.py` is what the checks look at;
- `oidc.py`: the code flow, with `calls.py` (HTTP), `keys.py` and `client_key.py` (who signs);
- `sign_in.py`: the same, as a browser goes through it; `initiation.py` when another site begins it;
- `refresh.py`, `renewal.py`: tokens that are renewed without the person;
- `logout_token.py`, `logout.py`: sessions that the provider ends;
- `store.py`, `visitors.py`: sessions and visits, and the cookies that lead to them;
- `directory.py`, `pages.py`: who this is, and what the parent sees.

`docs/how-to/write-a-relying-party.md` has every rule with its text.
"""
