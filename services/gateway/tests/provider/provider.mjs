// A certified OpenID provider for tests: node provider.mjs '{"port": …, "client": {…}, "accounts": {…}}'.
// PUT /accounts/<sub> with claims as JSON changes what it tells of somebody.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const given = JSON.parse(process.argv[2]);
const accounts = new Map(Object.entries(given.accounts));
const keys = await Promise.all(['RS256', 'ES256'].map(async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, kid: `test-${alg}`, use: 'sig' };
}));

const provider = new Provider(`http://127.0.0.1:${given.port}`, {
  clients: [{
    grant_types: ['authorization_code'], response_types: ['code'],
    backchannel_logout_session_required: true, ...given.client,
  }],
  cookies: { keys: ['a key of this test'] },
  jwks: { keys },
  claims: {
    openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'],
  },
  conformIdTokenClaims: given.conform ?? true,
  pkce: { required: () => true, methods: ['S256'] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600 },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, ...accounts.get(sub) }),
  }),
});
provider.on('server_error', (_, error) => console.error(error));

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith('/accounts/')) return answer(request, response);
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    accounts.set(decodeURIComponent(request.url.slice('/accounts/'.length)), JSON.parse(body));
    response.writeHead(204).end();
  });
}).listen(given.port, '127.0.0.1', () => console.log('ready'));
