// What one wants to be told of, and how; kept in this browser, the same in all its tabs.

import { storage } from "../core/storage.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showToast } from "../ui/toasts.js";

const KEY = "beneficiate:desk";
const DEFAULTS = { sound: true, repeat: true, title: true, desktop: false, letters: true };

const loadSettings = () => ({ ...DEFAULTS, ...JSON.parse(storage.get(KEY) ?? "{}") });
let settings = loadSettings();
const listeners = new Set();

export const getSetting = (name) => settings[name];
export const onSettings = (listener) => listeners.add(listener);

function showSettings() {
  for (const field of byId("settings").querySelectorAll("input")) field.checked = settings[field.name];
  listeners.forEach((listener) => listener());
}

export function openSettings() {
  byId("availability-menu").hidePopover();
  byId("settings-dialog").showModal();
}

async function mayNotify(alerts) {
  const may = await alerts.askPermission();
  if (!may) showToast(messages.desktop_refused);
  return may;
}

/** `alerts` asks the browser for notifications and plays the sound. */
export function initSettings(alerts) {
  byId("settings").addEventListener("change", async ({ target }) => {
    const value = target.checked && (target.name !== "desktop" || await mayNotify(alerts));
    settings = { ...settings, [target.name]: value };
    storage.set(KEY, JSON.stringify(settings));
    showSettings();
  });
  addEventListener("storage", ({ key }) => { if (key === KEY) { settings = loadSettings(); showSettings(); } });
  byId("settings-try").addEventListener("click", () => alerts.playSound());
  for (const id of ["show-settings", "menu-settings"]) byId(id).addEventListener("click", openSettings);
  showSettings();
}
