// A FranceConnect look-alike made of oidc-provider, which is certified and which we did not write.
//
//   node look_alike.mjs '{"port": …, "client": {…}, "user": {…}}'
//
// As FranceConnect: issuer below /api/v2, its paths, its scopes, code 30 s and tokens 60 s, its two ways of client authentication, the
// claims of its ID token, userinfo as a signed JWT, `iss` on the callback, no PKCE asked for, a `sub` of one service alone, in its form.
//
// What it cannot imitate, and why, is a table at the end of docs/fidelity-franceconnect.md: the closed list of parameters, a header without
// `typ` and an ID token without `at_hash`, `invalid_acr`, pages with a code.

import { createServer } from 'node:http';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';

const PREFIX = '/api/v2';
const ALGORITHMS = ['ES256', 'RS256'];
const { port, client, user } = JSON.parse(process.argv[2]);
const origin = `http://localhost:${port}`;

const jwk = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg,
});

const provider = new Provider(origin + PREFIX, {
  clients: [client],
  jwks: { keys: [jwk('ec', { namedCurve: 'P-256' }, 'ES256'), jwk('rsa', { modulusLength: 2048 }, 'RS256')] },
  routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
  acrValues: ['eidas1'],
  scopes: ['openid'],
  claims: {
    acr: null, amr: null, auth_time: null, iss: null, sid: null, openid: ['sub'],
    ...Object.fromEntries(Object.keys(user).filter((name) => name !== 'given_name_array').map((name) => [name, [name]])),
    given_name: ['given_name', 'given_name_array'],
  },
  responseTypes: ['code'],
  clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
  clientDefaults: { response_types: ['code'], grant_types: ['authorization_code'], subject_type: 'pairwise', require_auth_time: true },
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (ctx, login, asking) => `${createHash('sha256').update(asking.sectorIdentifier + login).digest('hex')}v1`,
  ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Grant: 60, Interaction: 1800, Session: 1800 },
  enabledJWA: {
    clientAuthSigningAlgValues: ALGORITHMS, idTokenSigningAlgValues: ALGORITHMS, userinfoSigningAlgValues: ALGORITHMS,
  },
  pkce: { required: () => false },
  cookies: { keys: [randomUUID()] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: false },
    revocation: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page('Déconnexion', form.replace('</form>', '<button name="logout" value="yes">Me déconnecter</button></form>'));
      },
    },
  },
  interactions: { url: (ctx, interaction) => `${PREFIX}/interaction/${interaction.uid}` },
  // Nobody is asked for consent: FranceConnect tells on its information page, and public services need none.
  loadExistingGrant: async (ctx) => {
    const { session, client: asking, params } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
  findAccount: (ctx, login) => ({ accountId: login, claims: async () => ({ ...user, sub: login }) }),
});

const page = (title, inside) =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${inside}</body></html>`;

const LOGIN = page(
  'Vous allez vous connecter',
  '<form method="post"><input name="login"><button>Continuer</button><button name="cancel" value="yes">Renoncer</button></form>',
);

async function readForm(request) {
  let text = '';
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function interact(request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(LOGIN);
    return;
  }
  const form = await readForm(request);
  const result = form.has('cancel')
    ? { error: 'access_denied', error_description: 'User auth aborted' }
    : { login: { accountId: form.get('login'), acr: 'eidas1', amr: ['pwd'], remember: false } };
  await provider.interactionFinished(request, response, result);
}

const serve = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith(`${PREFIX}/`)) {
    response.writeHead(404).end();
    return;
  }
  if (request.url.startsWith(`${PREFIX}/interaction/`)) {
    interact(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
    return;
  }
  // The library finds the path that it is mounted at by the difference of the two.
  request.originalUrl = request.url;
  request.url = request.url.slice(PREFIX.length);
  serve(request, response);
}).listen(port, '127.0.0.1');
