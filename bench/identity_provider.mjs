// npm oidc-provider with an adapter on PostgreSQL: what `bench/identity.py` compares with. ES256, secrets checked.
import pg from "pg";
import Provider from "oidc-provider";
import { generateKeyPairSync, randomBytes } from "node:crypto";

const [, , database, port, clientId, clientSecret, callback] = process.argv;
const pool = new pg.Pool({ connectionString: database, max: 8 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS oidc_rows (
    kind text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, user_code text, uid text,
    expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (kind, id));
  CREATE INDEX IF NOT EXISTS oidc_rows_grant ON oidc_rows (grant_id);
  CREATE INDEX IF NOT EXISTS oidc_rows_uid ON oidc_rows (uid)`);

const named = (name, text, values) => pool.query({ name, text, values });
const read = (row) => row && { ...row.payload, ...(row.consumed_at ? { consumed: Math.floor(row.consumed_at / 1000) } : {}) };

class Adapter {
  constructor(kind) {
    this.kind = kind;
  }
  async upsert(id, payload, expiresIn) {
    const until = expiresIn ? new Date(Date.now() + expiresIn * 1000) : null;
    await named("upsert", `INSERT INTO oidc_rows (kind, id, payload, grant_id, user_code, uid, expires_at) VALUES ($1,$2,$3,$4,$5,$6,$7)
      ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
      [this.kind, id, payload, payload.grantId ?? null, payload.userCode ?? null, payload.uid ?? null, until]);
  }
  async find(id) {
    const found = await named("find", "SELECT payload, consumed_at FROM oidc_rows WHERE kind = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > now())", [this.kind, id]);
    return read(found.rows[0]);
  }
  async findByUid(uid) {
    const found = await named("uid", "SELECT payload, consumed_at FROM oidc_rows WHERE kind = $1 AND uid = $2", [this.kind, uid]);
    return read(found.rows[0]);
  }
  async findByUserCode(code) {
    const found = await named("user", "SELECT payload, consumed_at FROM oidc_rows WHERE kind = $1 AND user_code = $2", [this.kind, code]);
    return read(found.rows[0]);
  }
  async consume(id) {
    await named("consume", "UPDATE oidc_rows SET consumed_at = now() WHERE kind = $1 AND id = $2", [this.kind, id]);
  }
  async destroy(id) {
    await named("destroy", "DELETE FROM oidc_rows WHERE kind = $1 AND id = $2", [this.kind, id]);
  }
  async revokeByGrantId(id) {
    await named("revoke", "DELETE FROM oidc_rows WHERE grant_id = $1", [id]);
  }
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...privateKey.export({ format: "jwk" }), kid: "bench", use: "sig", alg: "ES256" };
// The client stands in the database like ours, and is read at each request.
await new Adapter("Client").upsert(clientId, {
  client_id: clientId, client_secret: clientSecret, redirect_uris: [callback], grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  response_types: ["code"], token_endpoint_auth_method: "client_secret_post", id_token_signed_response_alg: "ES256",
});
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: Adapter,
  jwks: { keys: [jwk] },
  cookies: { keys: [randomBytes(24).toString("hex")] },
  features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true }, introspection: { enabled: true }, revocation: { enabled: true } },
  claims: { openid: ["sub"], profile: ["name", "updated_at"] },
  enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_context, id) {
    const found = await named("account", "SELECT payload FROM oidc_rows WHERE kind = 'Account' AND id = $1", [id]);
    return { accountId: id, claims: async () => ({ sub: id, ...found.rows[0]?.payload }) };
  },
});
await new Adapter("Account").upsert("person", { name: "王小明", updated_at: 1 });
provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  const details = await provider.interactionDetails(context.req, context.res);
  const grant = new provider.Grant({ accountId: "person", clientId });
  grant.addOIDCScope("openid profile");
  await provider.interactionFinished(context.req, context.res, { login: { accountId: "person" }, consent: { grantId: await grant.save() } });
  context.respond = false;
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
