// Who the member is and the token that says so: given by the page, or had by signing in here. And the calls that need it.

import { shelfOf } from "./shelf.js";
import { words } from "./words.js";

const SPARE_MS = 5_000;
const KEY = "session";

/** No token can be had: the person has to sign in again. */
export class SignedOut extends Error {}

/** The server said no, or (`code` "lost") nobody knows whether it heard. */
export class Refused extends Error {
  constructor({ code, message = "", retry_after_s = 0 }, status = 0) {
    super(message);
    Object.assign(this, { code, status, retryAfterMs: retry_after_s * 1000 });
  }
}

const claimsOf = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
export const expiryOf = (token) => claimsOf(token).exp * 1000;

export class Session {
  #origin;
  #stored = shelfOf("beneficiate:widget:"); // of all tabs: the refresh token is good for one use
  #given = null;                            // { token, refresh } of the page
  #renewing = null;

  /** `onChange()`: another tab signed in or out. */
  constructor(origin, onChange) {
    this.#origin = origin;
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key === this.#stored.prefix + KEY && !oldValue !== !newValue && !this.#given) onChange();
    });
  }

  /** What is kept for a person here, in all tabs. */
  shelfFor(userId) { return shelfOf(`${this.#stored.prefix}${userId}:`); }

  /** Who is signed in; null when nobody is. Raises Refused when that cannot be known now. */
  async whoever() {
    if (!this.#given) return this.#stored.get(KEY)?.user ?? null;
    const { id, sub } = claimsOf(this.#given.token);
    try {
      return await this.call("auth/me");
    } catch (problem) {
      if (problem instanceof SignedOut) return null;
      return { id: id ?? Number(sub), first_name: "", last_name: "", plan: null }; // offline: known well enough for what is kept here
    }
  }

  give({ token, refresh }) {
    this.#stored.remove(KEY);
    this.#given = { token, refresh };
  }

  async signIn(email, password) {
    this.#given = null;
    this.#keep(await this.#fetch("auth/login", { method: "POST", body: { email, password } }));
  }

  async signOut() {
    const refreshToken = this.#stored.get(KEY)?.refreshToken;
    this.#given = null;
    this.#stored.remove(KEY);
    // Out is out, also without a network: the token then dies of age.
    if (refreshToken) await this.#fetch("auth/logout", { method: "POST", body: { refreshToken } }).catch(() => {});
  }

  /** A token that is good for a while; another one than before when `fresh`. Raises SignedOut, or whatever the network says. */
  getToken = async ({ fresh = false } = {}) => {
    const { token } = this.#given ?? this.#stored.get(KEY) ?? {};
    if (!token) throw new SignedOut();
    if (!fresh && Date.now() < expiryOf(token) - SPARE_MS) return token;
    this.#renewing ??= (this.#given ? this.#ask(this.#given) : this.#alone(token)).finally(() => { this.#renewing = null; });
    return this.#renewing;
  };

  /** The data of an answer. `body` is sent as JSON, a file as it is. */
  async call(path, { fresh, ...options } = {}) {
    try {
      return await this.#fetch(path, { ...options, token: await this.getToken({ fresh }) });
    } catch (problem) {
      if (problem.status !== 401 || fresh) throw problem.status === 401 ? new SignedOut() : problem;
      return this.call(path, { ...options, fresh: true });
    }
  }

  async #ask(given) {
    const { token, refresh } = given;
    if (refresh) given.token = await refresh();
    else if (Date.now() > expiryOf(token)) given.token = null;
    // It looked refused, and there is no other: whether it really was, the server knows.
    else await this.#fetch("auth/me", { token }).catch((problem) => { if (problem.status === 401) given.token = null; else throw problem; });
    if (!given.token) throw new SignedOut();
    return given.token;
  }

  /** Two tabs that renew with the same token would end the session; where there are no locks, one tab is hoped for. */
  #alone(old) {
    const renew = async () => {
      const held = this.#stored.get(KEY);
      if (!held) throw new SignedOut();
      if (held.token !== old) return held.token; // another tab was here first
      try {
        const pair = await this.#fetch("auth/refresh-token", { method: "POST", body: { refreshToken: held.refreshToken } });
        return this.#keep({ ...held, ...pair }).token;
      } catch (problem) {
        if (problem.status !== 401) throw problem;
        this.#stored.remove(KEY);
        throw new SignedOut();
      }
    };
    return navigator.locks ? navigator.locks.request("beneficiate:widget:refresh", renew) : renew();
  }

  #keep({ token, refreshToken, user }) {
    this.#stored.set(KEY, { token, refreshToken, user });
    return { token };
  }

  async #fetch(path, { method = "GET", body, token, as = "json" } = {}) {
    let response;
    const isFile = body instanceof Blob;
    try {
      response = await fetch(`${this.#origin}/api/v1/${path}`, {
        method,
        headers: { ...token && { Authorization: `Bearer ${token}` }, ...body && !isFile && { "Content-Type": "application/json" } },
        body: isFile ? body : body && JSON.stringify(body),
      });
    } catch {
      throw new Refused({ code: "lost", message: words.no_network });
    }
    if (response.ok) return as === "blob" ? response.blob() : (await response.json()).data;
    const { code, error = words.no_network } = await response.json().catch(() => ({}));
    throw new Refused({ code, message: error }, response.status);
  }
}
