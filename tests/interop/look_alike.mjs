// A FranceConnect look-alike made of oidc-provider, which is certified and which we did not write.
//
//   node look_alike.mjs '{"port": …, "client": {…}, "user": {…}}'
//
// As FranceConnect: issuer below /api/v2, its paths, its scopes of one claim each, userinfo as a signed JWT, `iss` on the callback, acr,
// no PKCE asked for, a fixed `sub` of 64 hexadecimal digits and « v1 ». What this library does otherwise, and FranceConnect does not: it
// accepts parameters outside FranceConnect's closed list, writes `typ` into the ID token's header, and asks at the end of a session.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';

const PREFIX = '/api/v2';
const { port, client, user } = JSON.parse(process.argv[2]);
const origin = `http://localhost:${port}`;

const jwk = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg,
});

const provider = new Provider(origin + PREFIX, {
  clients: [client],
  jwks: { keys: [jwk('ec', { namedCurve: 'P-256' }, 'ES256'), jwk('rsa', { modulusLength: 2048 }, 'RS256')] },
  routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  claims: {
    acr: null, amr: null, auth_time: null, iss: null, sid: null, openid: ['sub'],
    ...Object.fromEntries(Object.keys(user).filter((name) => name !== 'sub').map((name) => [name, [name]])),
  },
  enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'], userinfoSigningAlgValues: ['ES256', 'RS256'] },
  pkce: { required: () => false },
  cookies: { keys: [randomUUID()] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
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
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ ...user, sub: id }) }),
});

const page = (title, inside) =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${inside}</body></html>`;

const LOGIN = page('Vous allez vous connecter', '<form method="post"><input name="login"><button>Continuer</button></form>');

async function interact(request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(LOGIN);
    return;
  }
  request.resume();
  const login = { accountId: user.sub, acr: 'eidas1', amr: ['pwd'], remember: false };
  await provider.interactionFinished(request, response, { login });
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
