// A sign-in service (OpenID provider) that others wrote, for the tests: who signs
// in is said on standard input, one person a line as JSON; each line is answered.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

console.info = console.error; // standard output is for answers
const { CERT, KEY, JWK, CLIENT, SECRET, BACK } = process.env;
const people = new Map();
let person; // who sits before the service

const server = createServer({ cert: readFileSync(CERT), key: readFileSync(KEY) });
server.listen(0, '127.0.0.1', () => {
  const issuer = `https://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: [BACK], response_types: ['code'], grant_types: ['authorization_code'] }],
    jwks: { keys: [JSON.parse(JWK)] },
    cookies: { keys: ['of the tests'] },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'realm_access'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, i) => `/interaction/${i.uid}` },
    findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => people.get(id) },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const result = person ? { login: { accountId: person } } : { error: 'access_denied', error_description: 'nobody is there' };
    ctx.respond = false;
    return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer }));
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const said = JSON.parse(line);
  person = said?.sub;
  if (said) people.set(said.sub, said);
  console.log('{}');
}).on('close', () => process.exit(0));
