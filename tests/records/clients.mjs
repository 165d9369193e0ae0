// @xapi/xapi and tincanjs, written by others, against a running platform. Reads a task from standard input, prints findings.
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

const require = createRequire(import.meta.url);
const XAPI = require("@xapi/xapi");
const TinCan = require("tincanjs");
const task = JSON.parse(readFileSync(0, "utf8"));
const { endpoint, main, stranger, revoked } = task;
const agent = { objectType: "Agent", name: "周禾", account: { homePage: "https://app.example", name: "u1" } };
const verb = { id: "http://adlnet.gov/expapi/verbs/completed", display: { "zh-CN": "完成" } };
const object = { objectType: "Activity", id: "https://app.example/lessons/1", definition: { name: { "zh-CN": "分数" } } };
const statement = (more = {}) => ({ id: randomUUID(), actor: agent, verb, object, ...more });
const found = {};

function same(told, wanted, what) {
  if (!isDeepStrictEqual(told, wanted)) throw new Error(`${what}: ${JSON.stringify(told)} for ${JSON.stringify(wanted)}`);
}

async function status(call) {
  try {
    return (await call()).status;
  } catch (error) {
    return error.response ? error.response.status : String(error);
  }
}

async function find(name, run) {
  try {
    await run();
    found[name] = "ok";
  } catch (error) {
    found[name] = String(error.stack ?? error);
  }
}

function client(keys, version) {
  return new XAPI({ endpoint, auth: XAPI.toBasicAuth(keys.key, keys.secret), version });
}

for (const version of ["1.0.3", "2.0.0"]) {
  const xapi = client(main, version);
  await find(`about ${version}`, async () => {
    const about = await xapi.getAbout();
    same(about.data.version.includes(version), true, "version");
  });
  await find(`statement ${version}`, async () => {
    const sent = statement({ result: { score: { scaled: 0.5 }, success: true, duration: "PT1M" } });
    same((await xapi.sendStatement({ statement: sent })).data, [sent.id], "ids");
    const { data } = await xapi.getStatement({ statementId: sent.id });
    same([data.actor, data.verb, data.object, data.result], [agent, verb, object, sent.result], "statement");
    same((await xapi.sendStatement({ statement: sent })).status, 200, "again");
    same(await status(() => xapi.sendStatement({ statement: { ...sent, verb: { id: "urn:v:other" } } })), 409, "other content");
  });
  await find(`voided ${version}`, async () => {
    const sent = statement();
    await xapi.sendStatement({ statement: sent });
    await xapi.voidStatement({ actor: agent, statementId: sent.id });
    same(await status(() => xapi.getStatement({ statementId: sent.id })), 404, "void");
    same((await xapi.getVoidedStatement({ voidedStatementId: sent.id })).data.id, sent.id, "still there");
  });
  await find(`pages ${version}`, async () => {
    const registration = randomUUID();
    const sent = [1, 2, 3].map(() => statement({ context: { registration } }));
    await xapi.sendStatements({ statements: sent });
    const ids = [];
    let page = (await xapi.getStatements({ registration, limit: 2 })).data;
    ids.push(...page.statements.map((one) => one.id));
    page = (await xapi.getMoreStatements({ more: page.more })).data;
    ids.push(...page.statements.map((one) => one.id));
    same([ids.sort(), page.more], [sent.map((one) => one.id).sort(), ""], "pages");
  });
  await find(`state ${version}`, async () => {
    const place = { agent, activityId: object.id, stateId: `s-${version}` };
    same(await status(() => xapi.getState(place)), 404, "none");
    await xapi.createState({ ...place, state: { page: 1, note: "一" } });
    await xapi.createState({ ...place, state: { page: 2 } });
    const { data, headers } = await xapi.getState(place);
    same(data, { page: 2, note: "一" }, "merged");
    same(await status(() => xapi.setState({ ...place, state: {}, etag: '"0"', matchHeader: "If-Match" })), 412, "old tag");
    same(await status(() => xapi.setState({ ...place, state: { page: 3 }, etag: headers.etag, matchHeader: "If-Match" })), 204, "tag");
    same((await xapi.getStates({ agent, activityId: object.id })).data.includes(`s-${version}`), true, "names");
    await xapi.deleteState(place);
    same(await status(() => xapi.getState(place)), 404, "deleted");
  });
  await find(`profiles ${version}`, async () => {
    const profile = { level: 3 };
    await xapi.createAgentProfile({ agent, profileId: `p-${version}`, profile });
    same((await xapi.getAgentProfile({ agent, profileId: `p-${version}` })).data, profile, "agent");
    await xapi.createActivityProfile({ activityId: object.id, profileId: `p-${version}`, profile });
    same((await xapi.getActivityProfile({ activityId: object.id, profileId: `p-${version}` })).data, profile, "activity");
    same((await xapi.getActivity({ activityId: object.id })).data.definition.name, { "zh-CN": "分数" }, "definition");
    same((await xapi.getAgent({ agent })).data.account.length, 1, "person");
  });
  await find(`strangers ${version}`, async () => {
    const sent = statement();
    await xapi.sendStatement({ statement: sent });
    const other = client(stranger, version);
    same(await status(() => other.getStatement({ statementId: sent.id })), 404, "another tenant");
    same((await other.getStatements({ agent })).data.statements, [], "nothing of another tenant");
    same(await status(() => client(revoked, version).getStatements({})), 401, "revoked");
    same(await status(() => client({ ...main, secret: "x" }, version).getStatements({})), 401, "wrong secret");
    same(await status(() => xapi.sendStatement({ statement: { actor: agent } })), 400, "not a statement");
  });
}

await find("tincan", async () => {
  const lrs = new TinCan.LRS({ endpoint: `${endpoint}/`, username: main.key, password: main.secret, allowFail: false, version: "1.0.2" });
  const call = (run) => new Promise((done, fail) => run((error, result) => (error === null ? done(result) : fail(new Error(`${error}`)))));
  const sent = new TinCan.Statement(statement());
  await call((callback) => lrs.saveStatement(sent, { callback }));
  const read = await call((callback) => lrs.retrieveStatement(sent.id, { callback }));
  same([read.id, read.actor.account.name], [sent.id, "u1"], "statement");
  const many = [new TinCan.Statement(statement()), new TinCan.Statement(statement())];
  await call((callback) => lrs.saveStatements(many, { callback }));
  const asked = await call((callback) => lrs.queryStatements({ params: { agent: new TinCan.Agent(agent), limit: 2 }, callback }));
  same(asked.statements.length, 2, "query");
  const more = await call((callback) => lrs.moreStatements({ url: asked.more, callback }));
  same(more.statements.length > 0, true, "more");
  const about = { agent: new TinCan.Agent(agent), activity: new TinCan.Activity(object) };
  await call((callback) => lrs.saveState("tin", "文字", { ...about, contentType: "text/plain", callback }));
  const state = await call((callback) => lrs.retrieveState("tin", { ...about, callback }));
  same(state.contents, "文字", "state");
  await call((callback) => lrs.dropState("tin", { ...about, callback }));
  same(await call((callback) => lrs.retrieveState("tin", { ...about, callback })), null, "dropped");
});

console.log(JSON.stringify(found));
