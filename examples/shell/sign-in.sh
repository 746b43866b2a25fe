#!/bin/bash
# A parent signs in at a service, with curl and no browser: the authorization code flow with PKCE, from the first redirect to the claims.
#
#   examples/shell/sign-in.sh [PROVIDER]        default: http://localhost:8400, where `make demo` is
#
# It goes back to the seed, activates the account of Joe DUPONT by the control API, and registers a client for itself.
# PREAU_PHONE: another parent, by number. PREAU_SANDBOX_TOKEN: of the control API, where it asks for one (containers do).
# Needs curl 7.76, python3 (to read JSON), and what every GNU/Linux has. docs/how-to/test-from-a-shell.md
set -euo pipefail

provider=${1:-http://localhost:8400}
phone=${PREAU_PHONE:-+33639980001}
password=Cartable-Bleu-42
redirect_uri=http://localhost:3000/retour # nobody need listen there: the browser of this script stops at its door
cookies=$(mktemp)
trap 'rm -f "$cookies"' EXIT

fail() { echo "$*" >&2; exit 1; }
json() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
base64url() { base64 --wrap=0 | tr '+/' '-_' | tr -d '='; }
random() { head -c 32 /dev/urandom | base64url; }

# fetch CURL-WORDS… : the answer, or the end.
fetch() {
  local answer
  answer=$(curl -sS --fail-with-body "$@") || fail "${*: -1} did not work: $answer"
  printf '%s\n' "$answer"
}

# --- the control API ---------------------------------------------------------------------------------------------------------------------

# control METHOD PATH [JSON]
control() {
  local words=(-X "$1" -H 'X-Preau-Sandbox: 1' -H 'Content-Type: application/json')
  [ -z "${PREAU_SANDBOX_TOKEN:-}" ] || words+=(-H "Authorization: Bearer $PREAU_SANDBOX_TOKEN")
  [ $# -lt 3 ] || words+=(-d "$3")
  fetch "${words[@]}" "$provider/sandbox/v1/$2"
}

# --- a browser -----------------------------------------------------------------------------------------------------------------------------

# browse CURL-WORDS… : follows redirects inside the provider. Then $page is what it shows, and $left_to where it sent the browser, if anywhere.
browse() {
  local answer
  answer=$(curl -sS -b "$cookies" -c "$cookies" -w '\n%{redirect_url}' "$@")
  page=${answer%$'\n'*}
  left_to=${answer##*$'\n'}
  case $left_to in "$provider"/*) browse "$left_to" ;; esac
}

# attribute PATTERN : what the first match of a sed pattern holds in the page, with &amp; read as HTML does.
attribute() { sed -n "s/.*$1.*/\1/p" <<< "$page" | head -n 1 | sed 's/&amp;/\&/g'; }

# parameter NAME : of the address to which the browser was sent.
parameter() { tr '?&' '\n\n' <<< "$left_to" | sed -n "s/^$1=//p"; }

# --- the story -----------------------------------------------------------------------------------------------------------------------------

control POST reset > /dev/null
person=$(control POST people/activate "{\"phone\": \"$phone\", \"password\": \"$password\"}")
identifiant=$(json identifiant <<< "$person")
client=$(control POST clients "{\"client_name\": \"Un script\", \"redirect_uris\": [\"$redirect_uri\"],
  \"token_endpoint_auth_method\": \"none\"}")
client_id=$(json client_id <<< "$client")

discovery=$(fetch "$provider/.well-known/openid-configuration")
state=$(random)
nonce=$(random)
verifier=$(random)
# The challenge is the SHA-256 of the verifier, as bytes (RFC 7636 section 4.2).
digest=$(printf %s "$verifier" | sha256sum | cut -c 1-64 | sed 's/../\\x&/g')
challenge=$(printf "$digest" | base64url)

browse -G "$(json authorization_endpoint <<< "$discovery")" \
  --data-urlencode "client_id=$client_id" --data-urlencode "redirect_uri=$redirect_uri" \
  -d response_type=code --data-urlencode 'scope=openid profile ect.scope.cnx' -d acr_values=responsable \
  -d "state=$state" -d "nonce=$nonce" -d "code_challenge=$challenge" -d code_challenge_method=S256
form=$(attribute '<form method="post" action="\([^"]*profil=responsable[^"]*\)"')
[ -n "$form" ] || fail "no form to sign in with: $page"
browse "$provider$form" --data-urlencode "jeton=$(attribute 'name="jeton" value="\([^"]*\)"')" \
  --data-urlencode "j_username=$identifiant" --data-urlencode "j_password=$password"

case $left_to in "$redirect_uri"\?*) ;; *) fail "nobody was sent back: $page" ;; esac
[ "$(parameter state)" = "$state" ] || fail "another state came back: $left_to"
[ -n "$(parameter code)" ] || fail "no code came back: $left_to"

tokens=$(fetch -d grant_type=authorization_code -d "client_id=$client_id" -d "code=$(parameter code)" -d "code_verifier=$verifier" \
  --data-urlencode "redirect_uri=$redirect_uri" "$(json token_endpoint <<< "$discovery")")
claims=$(json id_token <<< "$tokens" | python3 -c '
import base64, json, sys
payload = sys.stdin.read().split(".")[1]
print(json.dumps(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))))')
# A service checks much more: the signature, iss, aud, exp. docs/how-to/write-a-relying-party.md
[ "$(json nonce <<< "$claims")" = "$nonce" ] || fail "the ID token is of another sign-in: $claims"
userinfo=$(fetch -H "Authorization: Bearer $(json access_token <<< "$tokens")" "$(json userinfo_endpoint <<< "$discovery")")

echo "$identifiant, says the ID token:"
python3 -m json.tool --no-ensure-ascii <<< "$claims"
echo "and userinfo:"
python3 -m json.tool --no-ensure-ascii <<< "$userinfo"
