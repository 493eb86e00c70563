// Pushes of this browser: whether it can take them, and for whom it does.

import { callApi } from "../core/api.js";

const WORKER = "/avisos.js";
const ADDRESS = "/mi/avisos/navegador";
const headers = { "X-XSRFToken": document.querySelector("meta[name=xsrf-token]").content };

const post = (path, body) => callApi(path, { method: "POST", headers, body });

export const canPush = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Safari on a telephone has pushes only for pages on the start screen. An iPad says that it is a Mac with a touch screen. */
export function needsHomeScreen() {
  const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1);
  const isInstalled = matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;
  return isApple && !isInstalled;
}

const bytesOf = (/** @type {string} */ key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

/** The subscription of this browser, made with this key of the server; null without one. */
async function findSubscription(/** @type {string} */ key) {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return null;
  const made = new Uint8Array(subscription.options.applicationServerKey ?? new ArrayBuffer(0));
  if (made.join() === bytesOf(key).join()) return subscription;
  // The server has other keys now: what it sends would be refused.
  await subscription.unsubscribe();
  return null;
}

/** Whether a subscription is of whoever is signed in. Then it is of this sign-in from now on: signing out has to end it. */
async function renew(/** @type {PushSubscription} */ subscription) {
  const { is_own: isOwn, is_current: isCurrent } = await post(`${ADDRESS}/estado`, { endpoint: subscription.endpoint });
  if (isOwn && !isCurrent) await post(ADDRESS, subscription.toJSON());
  return isOwn;
}

/** Whether this browser takes pushes for whoever is signed in. */
export async function isSubscribed(/** @type {string} */ key) {
  const subscription = await findSubscription(key);
  return subscription !== null && renew(subscription);
}

/** On every page that people come to after signing in. */
export async function renewSubscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) await renew(subscription);
}

/** Asks for permission and subscribes. Throws when the browser or the server refuses. */
export async function subscribe(/** @type {string} */ key) {
  if (await Notification.requestPermission() !== "granted") return;
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const subscription = await findSubscription(key)
    ?? await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  await post(ADDRESS, subscription.toJSON());
}

export async function unsubscribe(/** @type {string} */ key) {
  const subscription = await findSubscription(key);
  if (!subscription) return;
  await post(`${ADDRESS}/quitar`, { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}
