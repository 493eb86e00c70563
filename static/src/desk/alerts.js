// Alerts for somebody who does not look: a sound and a browser notification, repeated until they look. Of several
// tabs one sounds.

import { withLock } from "../core/locks.js";
import { storage } from "../core/storage.js";
import { getSetting } from "./settings.js";

const SOUNDED = "beneficiate:sounded";
const APART_MS = 1_500;
const AGAIN_MS = 20_000;
const NOTES = [[880, 0], [1174.7, 0.14]]; // Hz, seconds

export class Alerts {
  #openChat;
  #audio = null;
  #pending = new Map();   // what has not been looked at yet: key -> { title, body, chatId }

  /** `go(chatId)` opens what a notification is about. */
  constructor(go) {
    this.#openChat = go;
    const startAudio = () => { this.#audio ??= new AudioContext(); this.#audio.resume(); };
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, startAudio, { once: true, capture: true });
    setInterval(() => { if (this.#pending.size && getSetting("repeat")) this.#soundOnce(); }, AGAIN_MS);
  }

  /** Something to look at; `key` names it until it is `seen`. */
  raiseAlert(key, { title, body = "", chatId = null }) {
    this.#pending.set(key, { title, body, chatId });
    this.#soundOnce();
    if (getSetting("desktop") && document.visibilityState !== "visible" && window.Notification?.permission === "granted") {
      const shown = new Notification(title, { body, tag: key, lang: "es-CO" });
      shown.onclick = () => { window.focus(); shown.close(); if (chatId) this.#openChat(chatId); };
    }
  }

  clearAlert(key) { this.#pending.delete(key); }

  /** The sound itself, whatever is wanted. */
  playSound() {
    if (this.#audio?.state !== "running") return;
    for (const [pitch, after] of NOTES) {
      const at = this.#audio.currentTime + after;
      const tone = new OscillatorNode(this.#audio, { frequency: pitch });
      const loudness = new GainNode(this.#audio, { gain: 0 });
      loudness.gain.linearRampToValueAtTime(0.16, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
      tone.connect(loudness).connect(this.#audio.destination);
      tone.start(at);
      tone.stop(at + 0.45);
    }
  }

  /** Whether the browser lets us show notifications; asks the person if it has to. */
  async askPermission() { return (await window.Notification?.requestPermission()) === "granted"; }

  #soundOnce() {
    if (!getSetting("sound")) return;
    const playUnlessRecent = () => {
      if (Date.now() - Number(storage.get(SOUNDED) ?? 0) < APART_MS) return;
      storage.set(SOUNDED, String(Date.now()));
      this.playSound();
    };
    withLock(SOUNDED, playUnlessRecent);
  }
}
