// Who the member is and the token that says so: the page gives it, or they sign in here. And the calls that need it.

import { shelfOf } from "./storage.js";

export const NO_NETWORK = "No hay conexión. Intente de nuevo en un momento.";
const claimsOf = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
export const expiryOf = (token) => claimsOf(token).exp * 1000;

/** The server said no (`status`), or nobody knows whether it heard (`code` "lost"). 401: sign in again. */
export class Refused extends Error {
  constructor({ code = "lost", message = NO_NETWORK, retry_after_s: wait = 0 }, status) {
    super(message);
    Object.assign(this, { code, status, wait: wait * 1000 });
  }
}

export class Session {
  #origin;
  #shelf = shelfOf("session"); // of all tabs: the refresh token is good for one use
  #given = null;               // { token, refresh } of the page
  #renewing = null;

  /** `onChange()`: another tab signed in or out. */
  constructor(origin, onChange) {
    this.#origin = origin;
    addEventListener("storage", ({ key, oldValue, newValue }) => { if (key === this.#shelf.prefix && !oldValue !== !newValue && !this.#given) onChange(); });
  }

  /** Null when nobody is signed in. */
  async whoever() {
    if (!this.#given) return this.#shelf.get("")?.user ?? null;
    const { id, sub } = claimsOf(this.#given.token);
    // Without a network, the number is enough for what is kept here.
    return this.call("auth/me").catch(({ status }) => (status === 401 ? null : { id: id ?? Number(sub), first_name: "", last_name: "", plan: null }));
  }

  give(given) {
    this.#shelf.remove("");
    this.#given = { ...given };
  }

  async signIn(body) {
    this.#given = null;
    this.#shelf.set("", await this.#fetch("auth/login", { method: "POST", body }));
  }

  async signOut() {
    const refreshToken = this.#shelf.get("")?.refreshToken;
    this.#given = null;
    this.#shelf.remove("");
    // Out is out, also without a network: the token then dies of age.
    if (refreshToken) await this.#fetch("auth/logout", { method: "POST", body: { refreshToken } }).catch(() => {});
  }

  /** A token that is good for a while; another one than before when `fresh`. */
  getToken = async (fresh) => {
    const { token } = this.#given ?? this.#shelf.get("") ?? {};
    if (!token) throw new Refused({}, 401);
    if (!fresh && Date.now() < expiryOf(token) - 5_000) return token;
    this.#renewing ??= (this.#given ? this.#ask(this.#given) : this.#renew(token)).finally(() => { this.#renewing = null; });
    return this.#renewing;
  };

  /** The data of an answer. `body` is sent as JSON, a file as it is. */
  async call(path, options, fresh = false) {
    try {
      return await this.#fetch(path, { ...options, token: await this.getToken(fresh) });
    } catch (problem) {
      if (problem.status !== 401 || fresh) throw problem;
      return this.call(path, options, true);
    }
  }

  async #ask(given) {
    const { token, refresh } = given;
    if (refresh) given.token = await refresh();
    // There is no other: whether it really was refused, the server knows.
    else await this.#fetch("auth/me", { token });
    if (!given.token) throw new Refused({}, 401);
    return given.token;
  }

  /** Two tabs that renew with the same token would end the session; where there are no locks, one tab is hoped for. */
  #renew(old) {
    const renew = async () => {
      const held = this.#shelf.get("");
      if (!held) throw new Refused({}, 401);
      if (held.token !== old) return held.token; // another tab was here first
      const pair = await this.#fetch("auth/refresh-token", { method: "POST", body: { refreshToken: held.refreshToken } });
      this.#shelf.set("", { ...held, ...pair });
      return pair.token;
    };
    return navigator.locks ? navigator.locks.request(this.#shelf.prefix, renew) : renew();
  }

  async #fetch(path, { method = "GET", body, token, as = "json" }) {
    const isFile = body instanceof Blob;
    const response = await fetch(`${this.#origin}/api/v1/${path}`, {
      method,
      headers: { ...token && { Authorization: `Bearer ${token}` }, ...body && !isFile && { "Content-Type": "application/json" } },
      body: isFile ? body : body && JSON.stringify(body),
    }).catch(() => { throw new Refused({}); });
    const answer = response.ok && as === "blob" ? response.blob() : await response.json().catch(() => ({}));
    if (response.ok) return as === "blob" ? answer : answer.data;
    throw new Refused({ code: answer.code, message: answer.error }, response.status);
  }
}
