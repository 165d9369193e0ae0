// A relying party on openid-client against a running platform. Reads a JSON task from stdin, prints {check: "ok" | fault}.
import * as oidc from "openid-client";
import { readFileSync } from "node:fs";

const task = JSON.parse(readFileSync(0, "utf8"));
const results = {};
const insecure = { execute: [oidc.allowInsecureRequests] };

class Browser {
  constructor() {
    this.cookies = new Map();
  }
  async ask(url, { method = "GET", form } = {}) {
    const headers = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), accept: "text/html" };
    const body = form ? new URLSearchParams(form) : undefined;
    if (form) Object.assign(headers, { "content-type": "application/x-www-form-urlencoded", referer: task.issuer + "/" });
    const answer = await fetch(url, { method, headers, body, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(";");
      const at = pair.indexOf("=");
      const gone = rest.some((part) => /max-age=0\b/i.test(part.trim()));
      if (gone) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
  // Follow redirects on the platform, signing in and agreeing where a page asks. The first foreign address, or the last page.
  async travel(url, { signs = true, agrees = true } = {}) {
    let answer = await this.ask(url);
    for (let step = 0; step < 15; step++) {
      const to = answer.headers.get("location");
      if (to) {
        const next = new URL(to, url);
        if (next.origin !== new URL(task.issuer).origin) return next;
        answer = await this.ask(next);
        continue;
      }
      const page = await answer.text();
      const main = page.slice(page.indexOf('<main'));
      const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)?.[1];
      const hidden = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(main)?.[1].replaceAll("&amp;", "&");
      if (signs && page.includes('name="password"') && answer.status === 200) {
        const action = /action="(\/sign-in[^"]*)"/.exec(main)?.[1] ?? "/sign-in";
        const form = { csrfmiddlewaretoken: token, next: hidden("next"), login: task.login, password: task.password };
        answer = await this.ask(new URL(action, task.issuer), { method: "POST", form });
      } else if (hidden("request") && agrees !== null) {
        const form = { csrfmiddlewaretoken: token, request: hidden("request"), answer: agrees ? "yes" : "no" };
        answer = await this.ask(task.issuer + "/apps/consent", { method: "POST", form });
      } else {
        return { status: answer.status, page };
      }
    }
    throw new Error("too many steps");
  }
}

async function configured(name, { metadata = {}, auth } = {}) {
  const one = task.clients[name];
  const way = auth ?? (one.client_secret ? oidc.ClientSecretBasic(one.client_secret) : oidc.None());
  return oidc.discovery(new URL(task.issuer), one.client_id, metadata, way, insecure);
}

async function begin(config, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: task.callback, scope: "openid profile", state, nonce, code_challenge_method: "S256",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), ...more,
  });
  return { url, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } };
}

async function enter(config, browser = new Browser(), more = {}, checked = {}) {
  const { url, checks } = await begin(config, more);
  const back = await browser.travel(url);
  if (!(back instanceof URL)) throw new Error(`stayed on a page: ${back.status}`);
  const tokens = await oidc.authorizationCodeGrant(config, back, { ...checks, ...checked });
  return { browser, back, checks, tokens };
}

async function refused(promise, code) {
  try {
    await promise;
  } catch (error) {
    const said = error.error ?? error.cause?.error ?? error.code ?? error.message;
    if (code && said !== code) throw new Error(`refused with ${said} (${error.error_description}), not ${code}`);
    return;
  }
  throw new Error("not refused");
}

function expect(is, text) {
  if (!is) throw new Error(text);
}

async function won(calls) {
  const ended = await Promise.allSettled(calls);
  return ended.filter((one) => one.status === "fulfilled").length;
}

async function errorOf(config, browser, more, options) {
  const { url } = await begin(config, more);
  const back = await browser.travel(url, options);
  return back instanceof URL ? back.searchParams.get("error") : `page ${back.status}`;
}

const main = await configured("main");
const fresh = async () => enter(main);

const checks = {
  async "code flow, ID token and userinfo"() {
    const { tokens } = await fresh();
    const claims = tokens.claims();
    const info = await oidc.fetchUserInfo(main, tokens.access_token, claims.sub);
    expect(info.name === task.name, `name is ${info.name}`);
    expect(claims.sid && claims.auth_time && claims.amr.includes("pwd"), "sid, auth_time or amr is missing");
    expect(info.phone_number === undefined, "more than was asked for");
  },
  async "issuer stands in the answer"() {
    const { back } = await fresh();
    expect(back.searchParams.get("iss") === task.issuer, "iss");
  },
  async "six redemptions of one code: one"() {
    const { url, checks } = await begin(main);
    const back = await new Browser().travel(url);
    const count = await won(Array.from({ length: 6 }, () => oidc.authorizationCodeGrant(main, back, checks)));
    expect(count === 1, `${count} won`);
  },
  async "reuse of a code ends its tokens"() {
    const { back, checks, tokens } = await fresh();
    await refused(oidc.authorizationCodeGrant(main, back, checks), "invalid_grant");
    await refused(oidc.refreshTokenGrant(main, tokens.refresh_token), "invalid_grant");
    await refused(oidc.fetchUserInfo(main, tokens.access_token, oidc.skipSubjectCheck));
  },
  async "refresh keeps sub, sid and auth_time"() {
    const { tokens } = await fresh();
    const next = await oidc.refreshTokenGrant(main, tokens.refresh_token);
    for (const name of ["sub", "sid", "auth_time"]) expect(next.claims()[name] === tokens.claims()[name], name);
    await oidc.fetchUserInfo(main, next.access_token, next.claims().sub);
  },
  async "six refreshes of one token: one"() {
    const { tokens } = await fresh();
    const count = await won(Array.from({ length: 6 }, () => oidc.refreshTokenGrant(main, tokens.refresh_token)));
    expect(count === 1, `${count} won`);
  },
  async "reuse of a refresh token ends the family"() {
    const { tokens } = await fresh();
    const next = await oidc.refreshTokenGrant(main, tokens.refresh_token);
    await refused(oidc.refreshTokenGrant(main, tokens.refresh_token), "invalid_grant");
    await refused(oidc.refreshTokenGrant(main, next.refresh_token), "invalid_grant");
    await refused(oidc.fetchUserInfo(main, next.access_token, oidc.skipSubjectCheck));
  },
  async "a refresh may narrow, not widen"() {
    const { tokens } = await fresh();
    await refused(oidc.refreshTokenGrant(main, tokens.refresh_token, { scope: "openid phone" }), "invalid_scope");
    const next = await oidc.refreshTokenGrant(main, tokens.refresh_token, { scope: "openid" });
    const info = await oidc.fetchUserInfo(main, next.access_token, next.claims().sub);
    expect(info.name === undefined, "still tells the name");
  },
  async "client credentials"() {
    const tokens = await oidc.clientCredentialsGrant(main, {});
    expect(tokens.access_token && !tokens.refresh_token, "tokens");
    await refused(oidc.fetchUserInfo(main, tokens.access_token, oidc.skipSubjectCheck));
    await refused(oidc.clientCredentialsGrant(main, { scope: "phone" }), "invalid_scope");
  },
  async "client_secret_post"() {
    const config = await configured("main", { auth: oidc.ClientSecretPost(task.clients.main.client_secret) });
    await oidc.clientCredentialsGrant(config, {});
  },
  async "private_key_jwt, each assertion once"() {
    const key = await crypto.subtle.importKey("jwk", task.clients.key.private, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const config = await configured("key", { auth: oidc.PrivateKeyJwt({ key, kid: task.clients.key.private.kid }) });
    let sent;
    config[oidc.customFetch] = (url, options) => ((sent = options), fetch(url, options));
    await oidc.clientCredentialsGrant(config, {});
    const again = await fetch(task.issuer + "/oidc/token", { method: "POST", headers: sent.headers, body: sent.body });
    expect(again.status === 401, `replay answered ${again.status}`);
    await refused(oidc.clientCredentialsGrant(await configured("key", { auth: oidc.ClientSecretPost("guess") }), {}), "invalid_client");
  },
  async "public client"() {
    const config = await configured("public");
    const { tokens } = await enter(config);
    await oidc.refreshTokenGrant(config, tokens.refresh_token);
  },
  async "RS256 where it is set"() {
    const config = await configured("rsa", { metadata: { id_token_signed_response_alg: "RS256" } });
    const { tokens } = await enter(config);
    expect(JSON.parse(atob(tokens.id_token.split(".")[0])).alg === "RS256", "alg");
  },
  async "prompt=none: nobody there, then somebody"() {
    const browser = new Browser();
    expect((await errorOf(main, browser, { prompt: "none" })) === "login_required", "without a session");
    await enter(main, browser);
    await enter(main, browser, { prompt: "none" });
  },
  async "prompt=none does not borrow the consent of another client"() {
    const browser = new Browser();
    const first = await configured("asking");
    await enter(first, browser, { scope: "openid phone" });
    await enter(first, browser, { scope: "openid phone", prompt: "none" });
    const second = await configured("second");
    expect((await errorOf(second, browser, { scope: "openid phone", prompt: "none" })) === "consent_required", "borrowed");
  },
  async "no is an answer"() {
    const second = await configured("second");
    const said = await errorOf(second, new Browser(), { scope: "openid phone" }, { agrees: false });
    expect(said === "access_denied", said);
  },
  async "prompt=consent asks again"() {
    const browser = new Browser();
    const asking = await configured("asking");
    await enter(asking, browser, { scope: "openid phone" });
    const { url } = await begin(asking, { scope: "openid phone", prompt: "consent" });
    const page = await browser.travel(url, { agrees: null });
    expect(!(page instanceof URL) && page.page.includes('name="request"'), "no page");
  },
  async "prompt=login asks for the password again"() {
    const { browser, tokens } = await fresh();
    await new Promise((done) => setTimeout(done, 1100));
    const again = await enter(main, browser, { prompt: "login" });
    expect(again.tokens.claims().auth_time > tokens.claims().auth_time, "auth_time is old");
    expect(again.tokens.claims().sid, "sid");
  },
  async "max_age asks once it is over"() {
    const { browser, tokens } = await fresh();
    const kept = await enter(main, browser, { max_age: "1000" }, { maxAge: 1000 });
    expect(kept.tokens.claims().auth_time === tokens.claims().auth_time, "asked too early");
    await new Promise((done) => setTimeout(done, 2100));
    expect((await errorOf(main, browser, { max_age: "1", prompt: "none" })) === "login_required", "silent");
    const again = await enter(main, browser, { max_age: "1" }, { maxAge: 1 });
    expect(again.tokens.claims().auth_time > tokens.claims().auth_time, "auth_time is old");
  },
  async "no PKCE, or plain: refused"() {
    const browser = new Browser();
    await enter(main, browser);
    const none = new URL((await begin(main)).url);
    none.searchParams.delete("code_challenge");
    none.searchParams.delete("code_challenge_method");
    expect((await browser.travel(none)).searchParams.get("error") === "invalid_request", "accepted without");
    expect((await errorOf(main, browser, { code_challenge_method: "plain" })) === "invalid_request", "accepted plain");
  },
  async "PKCE waived for one client with a reason"() {
    const config = await configured("old");
    const { url, checks } = await begin(config);
    url.searchParams.delete("code_challenge");
    url.searchParams.delete("code_challenge_method");
    const back = await new Browser().travel(url);
    await oidc.authorizationCodeGrant(config, back, { ...checks, pkceCodeVerifier: undefined });
  },
  async "introspection and revocation"() {
    const { tokens } = await fresh();
    expect((await oidc.tokenIntrospection(main, tokens.access_token)).active === true, "inactive");
    expect((await oidc.tokenIntrospection(await configured("second"), tokens.access_token)).active === false, "told a stranger");
    await oidc.tokenRevocation(await configured("second"), tokens.refresh_token);
    expect((await oidc.tokenIntrospection(main, tokens.refresh_token)).active === true, "a stranger revoked");
    await oidc.tokenRevocation(main, tokens.refresh_token);
    expect((await oidc.tokenIntrospection(main, tokens.access_token)).active === false, "still active");
    await refused(oidc.refreshTokenGrant(main, tokens.refresh_token), "invalid_grant");
    const own = await oidc.clientCredentialsGrant(main, {});
    await oidc.tokenRevocation(main, own.access_token);
    expect((await oidc.tokenIntrospection(main, own.access_token)).active === false, "own token still active");
  },
  async "sign-out ends tokens and goes back"() {
    const { browser, tokens } = await fresh();
    const url = oidc.buildEndSessionUrl(main, { id_token_hint: tokens.id_token, post_logout_redirect_uri: task.after, state: "s1" });
    const back = await browser.travel(url);
    expect(back instanceof URL && back.href === `${task.after}?state=s1`, "did not come back");
    await refused(oidc.fetchUserInfo(main, tokens.access_token, oidc.skipSubjectCheck));
    await refused(oidc.refreshTokenGrant(main, tokens.refresh_token), "invalid_grant");
    expect((await errorOf(main, browser, { prompt: "none" })) === "login_required", "still there");
  },
  async "sign-out without an ID token asks first"() {
    const { browser, tokens } = await fresh();
    const { client_id } = task.clients.main;
    const page = await browser.travel(`${task.issuer}/oidc/logout?` + new URLSearchParams({ client_id }));
    expect(!(page instanceof URL) && page.page.includes('name="wish"'), "no question");
    await oidc.fetchUserInfo(main, tokens.access_token, tokens.claims().sub);
    const bad = await browser.travel(`${task.issuer}/oidc/logout?` + new URLSearchParams({ client_id, post_logout_redirect_uri: "https://evil.example/" }));
    expect(!(bad instanceof URL) && bad.status === 400, "open redirect");
  },
  // ---- negative controls: each must be refused
  async "control: wrong secret"() {
    await refused(oidc.clientCredentialsGrant(await configured("main", { auth: oidc.ClientSecretPost("wrong") }), {}), "invalid_client");
  },
  async "control: code of another client"() {
    const { url, checks } = await begin(main);
    const back = await new Browser().travel(url);
    await refused(oidc.authorizationCodeGrant(await configured("second"), back, checks), "invalid_grant");
    await oidc.authorizationCodeGrant(main, back, checks);
  },
  async "control: wrong verifier"() {
    const { url, checks } = await begin(main);
    const back = await new Browser().travel(url);
    await refused(oidc.authorizationCodeGrant(main, back, { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }), "invalid_grant");
  },
  async "control: wrong nonce, wrong state, wrong issuer"() {
    for (const change of [{ expectedNonce: "other" }, { expectedState: "other" }]) {
      const { url, checks } = await begin(main);
      const back = await new Browser().travel(url);
      await refused(oidc.authorizationCodeGrant(main, back, { ...checks, ...change }));
    }
    const { url, checks } = await begin(main);
    const back = await new Browser().travel(url);
    back.searchParams.set("iss", "https://other.example");
    await refused(oidc.authorizationCodeGrant(main, back, checks));
  },
  async "control: altered code, refresh token and access token"() {
    const { tokens } = await fresh();
    const altered = (text) => text.slice(0, -3) + (text.at(-3) === "A" ? "B" : "A") + text.slice(-2);
    await refused(oidc.refreshTokenGrant(main, altered(tokens.refresh_token)), "invalid_grant");
    await refused(oidc.fetchUserInfo(main, altered(tokens.access_token), oidc.skipSubjectCheck));
    await oidc.refreshTokenGrant(main, tokens.refresh_token);
  },
  async "control: an ID token is no access token"() {
    const { tokens } = await fresh();
    await refused(oidc.fetchUserInfo(main, tokens.id_token, oidc.skipSubjectCheck));
  },
  async "control: refresh token of another client"() {
    const { tokens } = await fresh();
    await refused(oidc.refreshTokenGrant(await configured("second"), tokens.refresh_token), "invalid_grant");
    await oidc.refreshTokenGrant(main, tokens.refresh_token);
  },
  async "control: unregistered redirect URI"() {
    const page = await new Browser().travel((await begin(main, { redirect_uri: task.callback + "/x" })).url);
    expect(!(page instanceof URL) && page.status === 400, "followed");
  },
};

for (const [name, check] of Object.entries(checks)) {
  if (task.only?.length && !task.only.some((part) => name.includes(part))) continue;
  try {
    await check();
    results[name] = "ok";
  } catch (error) {
    results[name] = `${error.message} ${error.error ?? ""} ${error.cause?.message ?? ""}`.trim();
  }
}
console.log(JSON.stringify(results));
