import { clearStorage } from "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SignedOut } from "../../static/src/core/errors.js";
import { Session } from "../../static/src/core/session.js";
import { jsonStorage } from "../../static/src/core/storage.js";
import { expiryOf } from "../../static/src/core/tokens.js";
import { useClock } from "./clock.js";

const KEY = "t:session";
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenFor = (seconds, sub = "31") => `${base64({ alg: "HS256" })}.${base64({ sub, exp: Math.floor(Date.now() / 1000) + seconds, name: "Peña ÿ" })}.x`;

beforeEach(clearStorage);

const makeSession = () => new Session({ origin: "http://localhost", storage: jsonStorage(KEY), onChange: () => {} });

/** Answer requests from a table of paths; each gets the options of the request; returns the paths that were asked. */
function serve(t, answers) {
  const asked = [];
  const real = globalThis.fetch;
  t.after(() => { globalThis.fetch = real; });
  globalThis.fetch = async (address, options) => {
    const path = address.split("/api/v1/")[1];
    asked.push(path);
    const { status = 200, ...body } = answers[path](options);
    return new Response(JSON.stringify(body), { status });
  };
  return asked;
}

test("the expiry of a token is read whatever letters it has", () => {
  const exp = Math.floor(Date.now() / 1000) + 60;
  assert.equal(expiryOf(tokenFor(60)), exp * 1000);
});

test("a token that is good for a while is not renewed", async (t) => {
  const token = tokenFor(600);
  const asked = serve(t, { "auth/login": () => ({ data: { token, refreshToken: "r1", user: { id: 31 } } }) });
  const session = makeSession();
  await session.signIn({ email: "ana@demo.beneficiate.co", password: "x" });
  assert.equal(await session.getToken(), token);
  assert.deepEqual(await session.getUser(), { id: 31 });
  assert.deepEqual(asked, ["auth/login"]);
});

test("two who need a token at once renew it once", async (t) => {
  const token = tokenFor(600);
  jsonStorage(KEY).set("", { token: tokenFor(2), refreshToken: "r1", user: { id: 31 } });
  const asked = serve(t, { "auth/refresh-token": () => ({ data: { token, refreshToken: "r2" } }) });
  const session = makeSession();
  assert.deepEqual(await Promise.all([session.getToken(), session.getToken()]), [token, token]);
  assert.deepEqual(asked, ["auth/refresh-token"]);
  assert.equal(jsonStorage(KEY).get("").refreshToken, "r2");
});

test("an answer that was lost is asked for again with the same secret", async (t) => {
  const token = tokenFor(600), sent = [];
  jsonStorage(KEY).set("", { token: tokenFor(2), refreshToken: "r1", user: { id: 31 } });
  const answers = [{ status: 503, code: "unavailable", error: "no" }, { data: { token, refreshToken: "r2" } }];
  serve(t, { "auth/refresh-token": ({ body }) => { sent.push(JSON.parse(body)); return answers.shift(); } });
  await assert.rejects(makeSession().getToken());
  assert.equal(await makeSession().getToken(), token);
  assert.match(sent[0].nextSecret, /^[0-9a-f]{32}$/);
  assert.deepEqual(sent[0], sent[1]);
  assert.equal(jsonStorage(KEY).get("").nextSecret, undefined);
});

test("a tab whose token was renewed by another one takes what that one stores", async (t) => {
  const clock = useClock(t);
  const token = tokenFor(600), storage = jsonStorage(KEY);
  storage.set("", { token: tokenFor(2), refreshToken: "r1", user: { id: 31 } });
  const asked = serve(t, { "auth/refresh-token": () => ({ status: 409, code: "already_refreshed", error: "Otra ventana" }) });
  const renewed = makeSession().getToken();
  await clock.advance(500);
  storage.set("", { token, refreshToken: "r2", user: { id: 31 } });
  await clock.advance(500);
  assert.equal(await renewed, token);
  assert.deepEqual([asked.length, storage.get("").refreshToken], [1, "r2"]);
});

test("a tab that finds no newer token asks once more, and stays signed in", async (t) => {
  const clock = useClock(t);
  jsonStorage(KEY).set("", { token: tokenFor(2), refreshToken: "r1", user: { id: 31 } });
  const asked = serve(t, { "auth/refresh-token": () => ({ status: 409, code: "already_refreshed", error: "Otra ventana" }) });
  const refused = assert.rejects(makeSession().getToken(), { status: 409 });
  await clock.advance(1_000);
  await refused;
  assert.deepEqual([asked.length, jsonStorage(KEY).get("").refreshToken], [2, "r1"]);
});

test("a call that was refused with 401 is made once more with another token", async (t) => {
  jsonStorage(KEY).set("", { token: tokenFor(600), refreshToken: "r1", user: { id: 31 } });
  const statuses = [401, 200];
  const asked = serve(t, {
    "auth/me": () => ({ status: statuses.shift(), data: { id: 31 }, code: "unauthorized", error: "no" }),
    "auth/refresh-token": () => ({ data: { token: tokenFor(900), refreshToken: "r2" } }),
  });
  assert.deepEqual(await makeSession().callApi("auth/me"), { id: 31 });
  assert.deepEqual(asked, ["auth/me", "auth/refresh-token", "auth/me"]);
});

test("without a token one has to sign in", async () => {
  await assert.rejects(makeSession().getToken(), SignedOut);
});

test("the page's token is renewed by the page", async () => {
  const fresh = tokenFor(600, "45");
  const session = makeSession();
  session.usePageToken({ token: tokenFor(1), refresh: async () => fresh });
  assert.equal(await session.getToken(), fresh);
  assert.equal(jsonStorage(KEY).get(""), null);
});

test("who signed in here before is signed out when the page knows who it is", async (t) => {
  jsonStorage(KEY).set("", { token: tokenFor(600), refreshToken: "r1", user: { id: 31 } });
  const asked = serve(t, { "auth/logout": () => ({ data: null }), "auth/me": () => ({ data: { id: 45 } }) });
  const session = makeSession();
  session.usePageToken({ token: tokenFor(600, "45"), refresh: null });
  assert.deepEqual(await session.getUser(), { id: 45 });
  assert.deepEqual(asked, ["auth/logout", "auth/me"]);
  assert.equal(jsonStorage(KEY).get(""), null);
});
