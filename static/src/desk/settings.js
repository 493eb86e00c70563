// What one wants to be told of, and how; kept in this browser, the same in all its tabs.

import { storage } from "../core/storage.js";
import { byId } from "../ui/dom.js";

const KEY = "beneficiate:desk";
const DEFAULTS = { sound: true, repeat: true, title: true, desktop: false, letters: true };

const read = () => ({ ...DEFAULTS, ...JSON.parse(storage.get(KEY) ?? "{}") });
let settings = read();
const listeners = new Set();

export const wants = (name) => settings[name];
export const onSettings = (listener) => listeners.add(listener);

function show() {
  for (const field of byId("settings").querySelectorAll("input")) field.checked = settings[field.name];
  listeners.forEach((listener) => listener());
}

/** `onDesktop()` promises whether the browser lets us; `onTry()` plays the sound. Returns `open()`. */
export function initSettings({ onDesktop, onTry }) {
  byId("settings").addEventListener("change", async ({ target }) => {
    const value = target.checked && (target.name !== "desktop" || await onDesktop());
    settings = { ...settings, [target.name]: value };
    storage.set(KEY, JSON.stringify(settings));
    show();
  });
  addEventListener("storage", ({ key }) => { if (key === KEY) { settings = read(); show(); } });
  byId("settings-try").addEventListener("click", onTry);
  const open = () => {
    byId("availability-menu").hidePopover();
    byId("settings-dialog").showModal();
  };
  for (const id of ["show-settings", "menu-settings"]) byId(id).addEventListener("click", open);
  show();
  return open;
}
