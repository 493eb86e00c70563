// Who the member is and the token that says so: the page gives it, or they sign in. And the calls that need it.

import { callApi } from "./api.js";
import { SignedOut } from "./errors.js";
import { newId } from "./ids.js";
import { CODES } from "./protocol.js";
import { withLock } from "./locks.js";
import { claimsOf, expiryOf } from "./tokens.js";

const SPARE_MS = 5_000;
const ELSEWHERE_MS = 1_000; // for another window that has just renewed the token, to store it
const DEVICE = ":device"; // says that somebody signed in here before: it outlives the session, and opens nothing

export class Session {
  #origin;
  #storage;         // of all tabs: the refresh token is good for one use
  #given = null;    // { token, refresh } of the page
  #renewing = null;

  /** `storage` is a jsonStorage of its own; `onChange()` is called when another tab signed in or out. */
  constructor({ origin, storage, onChange }) {
    this.#origin = origin;
    this.#storage = storage;
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key === storage.prefix && !oldValue !== !newValue && !this.#given) onChange();
    });
  }

  /** Return the user, or null when nobody is signed in. */
  async getUser() {
    if (!this.#given) return this.#storage.get("")?.user ?? null;
    const { id, sub } = claimsOf(this.#given.token);
    // Without a network, the number is enough for what is kept here.
    return this.callApi("auth/me").catch(({ status }) => (status === 401 ? null : { id: id ?? Number(sub), first_name: "", last_name: "", plan: null }));
  }

  /** Use the token of the page; `refresh()` promises another one, or null. */
  usePageToken(given) {
    this.signOut(); // of whoever signed in here before
    this.#given = { ...given };
  }

  /** `body` is { email, password }. Throws Refused. */
  async signIn(body) {
    this.#given = null;
    const known = this.#storage.get(DEVICE) ?? "";
    const { deviceToken, ...signedIn } = await this.#fetchApi("auth/login", { method: "POST", body: { ...body, deviceToken: known } });
    this.#storage.set(DEVICE, deviceToken);
    this.#storage.set("", signedIn);
  }

  async signOut() {
    const refreshToken = this.#storage.get("")?.refreshToken;
    this.#given = null;
    this.#storage.remove("");
    // Also without a network: the token then expires by itself.
    if (refreshToken) await this.#fetchApi("auth/logout", { method: "POST", body: { refreshToken } }).catch(() => {});
  }

  /** Return a token that is good for a while; another one than before when `fresh`. Throws SignedOut. */
  getToken = async ({ fresh = false } = {}) => {
    const { token } = this.#given ?? this.#storage.get("") ?? {};
    if (!token) throw new SignedOut();
    if (!fresh && Date.now() < expiryOf(token) - SPARE_MS) return token;
    this.#renewing ??= (this.#given ? this.#requestPageToken(this.#given) : this.#renewToken(token)).finally(() => { this.#renewing = null; });
    return this.#renewing;
  };

  /** Return the data of an answer of the API. Throws Refused. */
  async callApi(path, options, fresh = false) {
    try {
      return await this.#fetchApi(path, { ...options, token: await this.getToken({ fresh }) });
    } catch (problem) {
      if (problem.status !== 401 || fresh) throw problem;
      return this.callApi(path, options, true);
    }
  }

  async #requestPageToken(given) {
    const { token, refresh } = given;
    if (refresh) given.token = await refresh();
    // There is no other: whether it really was refused, the server knows.
    else await this.#fetchApi("auth/me", { token });
    if (!given.token) throw new SignedOut();
    return given.token;
  }

  /** The token is good for one exchange: tabs take turns. Without Web Locks the second one waits for what the first one stores. */
  #renewToken(old) {
    const renewStored = async (isAgain = false) => {
      const held = this.#storage.get("");
      if (!held) throw new SignedOut();
      if (held.token !== old) return held.token; // another tab was here first
      // Kept before it is sent: a page that is left meanwhile, or a network that is cut, loses the answer, not the session.
      const { refreshToken, nextSecret = newId() } = held;
      this.#storage.set("", { ...held, nextSecret });
      const pair = await this.#fetchApi("auth/refresh-token", { method: "POST", body: { refreshToken, nextSecret } }).catch((problem) => {
        if (isAgain || problem.code !== CODES.ALREADY_REFRESHED) throw problem;
      });
      if (!pair) {
        await new Promise((done) => { setTimeout(done, ELSEWHERE_MS); });
        return renewStored(true);
      }
      this.#storage.set("", { ...held, ...pair, nextSecret: undefined });
      return pair.token;
    };
    return withLock(this.#storage.prefix, () => renewStored());
  }

  #fetchApi(path, options) { return callApi(`${this.#origin}/api/v1/${path}`, options); }
}
