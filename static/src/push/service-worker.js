// The worker that shows what the server pushes while no page is open. A push has only its kind: what it is about is read on the page.

const worker = /** @type {any} */ (self);
const MEMBERS = { body: "Tiene un mensaje de Beneficiate", path: "/mi" };
const BY_KIND = {
  chat: { ...MEMBERS, path: "/mi#chats" },
  change: { ...MEMBERS, path: "/mi#citas" },
  reminder: { ...MEMBERS, path: "/mi#citas" },
  offer: { ...MEMBERS, path: "/mi#citas" },
  payment: { ...MEMBERS, path: "/mi#pagos" },
  desk: { body: "Tiene un chat por responder", path: "/agente" },
};
const ICON = "/apple-touch-icon.png";

/** What is not understood is shown as well: a browser takes the permission away from who shows nothing. */
const readKind = (event) => {
  try {
    return String(event.data.json().kind);
  } catch {
    return "";
  }
};

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("push", (event) => {
  const kind = readKind(event);
  const { body, path } = Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : MEMBERS;
  const options = { body, tag: `beneficiate-${kind}`, renotify: true, icon: ICON, lang: "es-CO", data: { path } };
  event.waitUntil(worker.registration.showNotification("Beneficiate", options));
});

/** Goes to a page that is open already, of members or of the staff, or else opens one. */
const openPage = async (path) => {
  const pages = await worker.clients.matchAll({ type: "window" });
  const bare = path.split("#")[0];
  const open = pages.find((page) => new URL(page.url).pathname === bare);
  if (!open) return worker.clients.openWindow(path);
  const focused = await open.focus();
  return path === bare ? focused : focused.navigate(path);
};

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data?.path ?? MEMBERS.path));
});

/** The browser has another address for us, or its push service has forgotten the one of before. */
const renew = async ({ oldSubscription, newSubscription }) => {
  if (!oldSubscription) return; // the next page of the person says it
  const fresh = newSubscription ?? await worker.registration.pushManager.subscribe(oldSubscription.options);
  await fetch("/avisos/navegador", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: oldSubscription.endpoint, new: fresh }),
  });
};

worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
