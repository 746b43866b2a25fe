// A relying party made of openid-client, which is certified and which we did not write.
//
//   node --experimental-global-webcrypto client.mjs     (Debian 12's Node 18 keeps crypto behind that word; later ones have it)
//
// Settings come as variables. METHOD and KEY (a private JWK) say how it proves who it is; without them it has a secret.

import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import * as openid from 'openid-client';

const {
  ISSUER = 'http://localhost:8400', ORIGIN = 'http://localhost:3000', CLIENT_ID = 'node', CLIENT_SECRET = 'change-me-in-16-signs-or-more',
  SCOPE = 'openid profile ect.scope.cnx', METADATA = '{}', METHOD = 'client_secret_basic', KEY, REQUEST, DPOP, REGISTRATION_TOKEN, TIMEOUT,
} = process.env;

async function authentication() {
  switch (METHOD) {
    case 'client_secret_post': return openid.ClientSecretPost(CLIENT_SECRET);
    case 'private_key_jwt': return openid.PrivateKeyJwt(await privateKey(JSON.parse(KEY)));
    case 'none': return openid.None();
    default: return openid.ClientSecretBasic(CLIENT_SECRET);
  }
}

async function privateKey({ alg, ...jwk }) {
  const algorithm = {
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  }[alg];
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid };
}

const metadata = JSON.parse(METADATA);
const execute = [openid.enableNonRepudiationChecks, ...(ISSUER.startsWith('http:') ? [openid.allowInsecureRequests] : [])];
const config = REGISTRATION_TOKEN
  ? await openid.dynamicClientRegistration(new URL(ISSUER), metadata, openid.ClientSecretBasic(), { execute, initialAccessToken: REGISTRATION_TOKEN })
  : await openid.discovery(new URL(ISSUER), CLIENT_ID, metadata, await authentication(), { execute });
const proof = DPOP ? { DPoP: openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(DPOP)) } : {};
if (TIMEOUT) config.timeout = Number(TIMEOUT); // seconds; 30 unless told
const visits = new Map(); // by cookie; a real service keeps them where all its processes look

async function signIn(visit, asked) {
  visit.checks = {
    pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState(), expectedNonce: openid.randomNonce(),
  };
  return build({
    redirect_uri: `${ORIGIN}/callback`,
    scope: SCOPE,
    code_challenge: await openid.calculatePKCECodeChallenge(visit.checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: visit.checks.expectedState,
    nonce: visit.checks.expectedNonce,
    ...asked,
  });
}

async function build(request) {
  switch (REQUEST) {
    case 'pushed': return openid.buildAuthorizationUrlWithPAR(config, request, proof);
    case 'signed': return openid.buildAuthorizationUrlWithJAR(config, request, await privateKey(JSON.parse(KEY)));
    default: return openid.buildAuthorizationUrl(config, request);
  }
}

async function comeBack(visit, address) {
  const { checks } = visit;
  delete visit.checks;
  visit.tokens = await openid.authorizationCodeGrant(config, address, { ...checks, idTokenExpected: true }, {}, proof);
  visit.claims = visit.tokens.claims();
  visit.userinfo = await openid.fetchUserInfo(config, visit.tokens.access_token, visit.claims.sub, proof);
  return `${ORIGIN}/`;
}

async function refresh(visit) {
  const answer = await openid.refreshTokenGrant(config, visit.tokens.refresh_token, {}, proof);
  Object.assign(visit.tokens, answer);
  visit.userinfo = await openid.fetchUserInfo(config, visit.tokens.access_token, visit.claims.sub, proof);
  return `${ORIGIN}/`;
}

async function introspect(visit) {
  visit.introspection = await openid.tokenIntrospection(config, visit.tokens.access_token);
  return `${ORIGIN}/`;
}

async function revoke(visit) {
  await openid.tokenRevocation(config, visit.tokens.refresh_token, { token_type_hint: 'refresh_token' });
  return `${ORIGIN}/`;
}

function signOut(visit) {
  const hint = visit.tokens.id_token;
  visit.tokens = visit.claims = visit.userinfo = undefined;
  return openid.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: `${ORIGIN}/` });
}

const doors = {
  '/login': (visit, address) => signIn(visit, Object.fromEntries(address.searchParams)),
  '/callback': comeBack,
  '/refresh': refresh,
  '/introspect': introspect,
  '/revoke': revoke,
  '/logout': signOut,
};

createServer(async (request, response) => {
  const address = new URL(request.url, ORIGIN);
  let [, name] = /preau_node=([0-9a-f-]+)/.exec(request.headers.cookie ?? '') ?? [];
  if (!visits.has(name)) {
    name = randomUUID();
    visits.set(name, {});
    response.setHeader('Set-Cookie', `preau_node=${name}; HttpOnly; SameSite=Lax; Path=/`);
  }
  const visit = visits.get(name);
  try {
    if (doors[address.pathname]) {
      const next = await doors[address.pathname](visit, address);
      response.writeHead(302, { Location: String(next) }).end();
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(visit));
    }
  } catch (error) {
    const { code, status, error: refused, error_description: why, message } = error;
    const told = { code, status, error: refused, why, message, challenge: error.cause?.[0]?.scheme };
    response.writeHead(502, { 'Content-Type': 'application/json' }).end(JSON.stringify(told));
  }
}).listen(new URL(ORIGIN).port, '127.0.0.1');
