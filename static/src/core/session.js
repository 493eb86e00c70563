// A member's sign-in, shared by all tabs of this browser: the short token, and the refresh token that is good for one use.

import { call } from "./api.js";
import { SignedOut } from "./connection.js";
import { storage } from "./storage.js";

const KEY = "beneficiate:session";
const SPARE_MS = 60_000;

const read = () => JSON.parse(storage.get(KEY));

function keep({ token, refreshToken, expiresIn, user = read()?.user }) {
  const session = { token, refreshToken, user, until: Date.now() + expiresIn * 1000 };
  storage.set(KEY, JSON.stringify(session));
  return session;
}

// Two tabs that refreshed with the same token would kill the whole family; where there are no locks, one tab is hoped for.
const alone = (task) => (navigator.locks ? navigator.locks.request("beneficiate:refresh", task) : task());

export const session = {
  get user() { return read()?.user ?? null; },

  async signIn(email, password) {
    return keep(await call("/api/v1/auth/login", { method: "POST", body: { email, password } })).user;
  },

  async signOut() {
    const { refreshToken } = read() ?? {};
    storage.remove(KEY);
    // Out is out, also without a network: the token then dies of age.
    if (refreshToken) await call("/api/v1/auth/logout", { method: "POST", body: { refreshToken } }).catch(() => {});
  },

  async getToken({ fresh = false } = {}) {
    const held = read();
    if (!held) throw new SignedOut();
    if (!fresh && Date.now() < held.until - SPARE_MS) return held.token;
    return alone(async () => {
      const now = read();
      if (!now) throw new SignedOut();
      // Another tab was here first, and its token is ours.
      if (now.token !== held.token) return now.token;
      try {
        return keep(await call("/api/v1/auth/refresh-token", { method: "POST", body: { refreshToken: now.refreshToken } })).token;
      } catch (problem) {
        if (problem.status !== 401) throw problem;
        storage.remove(KEY);
        throw new SignedOut();
      }
    });
  },

  /** Another tab signed in or out. */
  onChange(listener) {
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key === KEY && Boolean(oldValue) !== Boolean(newValue)) listener();
    });
  },
};
