// oidc-provider, set up to do what Préau does for the bench's client, at the same paths, so that one driver visits both.
//
//   node server.mjs '{"port": …, "store": …, "clients": […], "scope": "…", "resource": {…}, "people": {…}, "password": "…"}'
//
// `store` is "memory" or the path of a SQLite file. Passwords are compared in clear, as in the provider that it is measured beside.

import { createServer } from 'node:http';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { inMemory, inSqlite } from './stores.mjs';

const ENDPOINTS = '/idp/profile/oidc';
const INTERACTION = '/interaction/';
const KEPT_MILLISECONDS = 60_000; // the driver does not use a connection again that was idle for five seconds

const { port, store, clients, scope, resource, people, password } = JSON.parse(process.argv[2]);

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const provider = new Provider(`http://localhost:${port}`, {
  adapter: store === 'memory' ? inMemory() : await inSqlite(store),
  clients,
  jwks: { keys: [{ ...key, kid: randomUUID(), use: 'sig', alg: 'RS256' }] },
  routes: {
    authorization: `${ENDPOINTS}/authorize`,
    token: `${ENDPOINTS}/token`,
    userinfo: `${ENDPOINTS}/userinfo`,
    jwks: `${ENDPOINTS}/jwks`,
    introspection: `${ENDPOINTS}/introspect`,
  },
  scopes: scope.split(' '),
  claims: { openid: ['sub'], profile: ['family_name', 'given_name'] },
  responseTypes: ['code'],
  subjectTypes: ['pairwise'],
  clientDefaults: { subject_type: 'pairwise' },
  pairwiseIdentifier: (ctx, login, client) => createHash('sha256').update(client.sectorIdentifier + login).digest('base64url'),
  pkce: { required: () => true },
  cookies: { keys: [randomUUID()] },
  ttl: { AuthorizationCode: 60, AccessToken: 3600, IdToken: 3600, RefreshToken: 28800, Grant: 28800, Interaction: 1800, Session: 28800 },
  rotateRefreshToken: () => true,
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client) => (client.clientId === resource.client ? resource.identifier : undefined),
      getResourceServerInfo: () => ({ scope: resource.scope, accessTokenFormat: 'opaque' }),
    },
    introspection: { enabled: true, allowedPolicy: (ctx, client, token) => token.clientId === client.clientId },
  },
  interactions: { url: (ctx, interaction) => INTERACTION + interaction.uid },
  // Nobody is asked for consent, neither here nor there.
  loadExistingGrant: async (ctx) => {
    const { client, session, params } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
  findAccount: (ctx, login) => people[login] && { accountId: login, claims: async () => ({ ...people[login], sub: login }) },
});

function answer(response, status, type, text) {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

const page = (action) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Je me connecte</title></head>
<body><h1>Je me connecte</h1><form action="${action}" method="post">
<input name="j_username"><input name="j_password" type="password"><button>Se connecter</button></form></body></html>`;

async function readForm(request) {
  let text = '';
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function interact(request, response) {
  await provider.interactionDetails(request, response); // refuses a browser that was not sent here
  if (request.method === 'GET') {
    answer(response, 200, 'text/html; charset=utf-8', page(request.url));
    return;
  }
  const form = await readForm(request);
  const login = form.get('j_username');
  if (!people[login] || form.get('j_password') !== password) {
    answer(response, 401, 'text/plain', 'wrong');
    return;
  }
  await provider.interactionFinished(request, response, { login: { accountId: login } });
}

const serve = provider.callback();
const server = createServer((request, response) => {
  if (request.url === '/readyz') {
    answer(response, 200, 'application/json', '{"ok": 1}\n');
  } else if (request.url.startsWith(INTERACTION)) {
    interact(request, response).catch((error) => {
      console.error(error);
      answer(response, 500, 'text/plain', 'failed');
    });
  } else {
    serve(request, response);
  }
});
server.keepAliveTimeout = KEPT_MILLISECONDS;
server.listen(port, '127.0.0.1');
