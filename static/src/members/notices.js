// Whether this browser takes pushes, in words, and the buttons that change it. The form beside it works without a script.

import "./account.js";
import { canPush, isSubscribed, needsHomeScreen, subscribe, unsubscribe } from "../ui/push.js";

const TEXTS = {
  on: "Este navegador recibe sus avisos, también con la página cerrada.",
  off: "Este navegador no recibe avisos. Si los activa, llegan también con la página cerrada.",
  denied: "Los avisos están bloqueados en este navegador. Los del correo siguen llegando. Para activarlos toque el candado junto a la dirección y elija «Notificaciones».",
  unsupported: "Este navegador no puede recibir avisos. Los del correo siguen llegando.",
  ios: "En iPhone y iPad los avisos llegan solo a la página que está en la pantalla de inicio.",
  failed: "No pudimos cambiarlo. Revise su conexión e intente de nuevo.",
};
const part = document.getElementById("push");
const buttons = { on: document.getElementById("push-on"), off: document.getElementById("push-off") };

function show(state) {
  part.dataset.state = state;
  document.getElementById("push-state").textContent = TEXTS[state];
  document.getElementById("push-ios").hidden = state !== "ios";
  const isOn = state === "on" || (state === "failed" && !buttons.off.hidden);
  const hasChoice = ["on", "off", "failed"].includes(state);
  buttons.on.hidden = !hasChoice || isOn;
  buttons.off.hidden = !hasChoice || !isOn;
}

async function findState() {
  if (needsHomeScreen()) return "ios";
  if (!canPush()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return await isSubscribed(part.dataset.key) ? "on" : "off";
}

async function change(action) {
  for (const button of Object.values(buttons)) button.disabled = true;
  const hadFocus = Object.values(buttons).includes(/** @type {any} */ (document.activeElement));
  try {
    await action(part.dataset.key);
    show(await findState());
  } catch {
    show(Notification.permission === "denied" ? "denied" : "failed");
  } finally {
    for (const button of Object.values(buttons)) button.disabled = false;
    // The button that was pressed may be gone: the focus goes to the one in its place, or to what says why there is none.
    if (hadFocus) (Object.values(buttons).find((button) => !button.hidden) ?? document.getElementById("push-state")).focus();
  }
}

if (part) {
  buttons.on.addEventListener("click", () => change(subscribe));
  buttons.off.addEventListener("click", () => change(unsubscribe));
  findState().then(show, () => show("failed"));
}
