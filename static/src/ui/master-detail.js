// A list on the left, one of its items open on the right, and the address that remembers which: chats, appointments, payments.

import { SignedOut } from "../core/errors.js";
import { cloneTemplate } from "./dom.js";
import { fetchPartial } from "./server.js";
import { leaveSignedOut } from "./signed-out.js";

const SLOW_MS = 200; // only a load that takes longer than this shows its placeholder

/** Whether a click means this page: not another tab, not a download. */
export const isPlainClick = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/**
 * @typedef {{ id: any, dispose(): void }} Detail what is open, as long as it is
 * @typedef {{
 *   list: { markOpen(id: any): void }, templates: string,
 *   askedId: () => any, addressOf: (id: any) => string, partialOf: (id: any) => string,
 *   insertSection: (section: any) => void, initSection: (section: any, id: any) => Detail | null, focusSection: (section: any) => void,
 *   onShow: () => void, onUnavailable: (id: any, isMissing: boolean) => any,
 * }} Options
 */

export class MasterDetail {
  #options;
  #lastRequest = 0; // the latest request wins over a slow answer to an older one
  #brokenId = null;
  /** Whether an item is being fetched that takes the focus: what is typed meanwhile is meant for it. */
  isOpening = false;
  /** @type {any} what `enter` returned for the section that is shown */
  current = null;

  /**
   * The page has the class has-detail while something is open: a narrow screen then shows the detail instead of the list.
   * `templates` begins the ids of the templates -none, -loading and -broken. `put(section)` brings a section into the page,
   * `enter(section)` makes it work; `focus(section)` is called when it was opened. `onUnavailable` returns the id that
   * stays open when its section could not be had: it is missing, or there is no network.
   * @param {Options} options
   */
  constructor(options) { this.#options = options; }

  /** The number of the latest request, to tell whether another one came meanwhile. */
  get lastRequest() { return this.#lastRequest; }

  /** The id in the address, or null. */
  get askedId() { return this.#options.askedId(); }

  /** Open an item, or none with null, under its address. The focus goes there, unless it `staysInList`. */
  async navigate(id, { staysInList = false } = {}) {
    const { addressOf, focusSection } = this.#options;
    if (this.current && this.current.id === id && this.askedId === id) {
      if (!staysInList) focusSection(null);
      return;
    }
    history.pushState(null, "", addressOf(id));
    await this.openItem(id, { staysInList });
  }

  /** Show a section that is rendered already. */
  showSection(section, id) {
    const { list, insertSection, initSection, onShow } = this.#options;
    this.current?.dispose();
    this.current = null;
    this.#brokenId = null;
    insertSection(section);
    document.querySelector(".master-detail").classList.toggle("has-detail", id !== null);
    list.markOpen(id);
    this.current = initSection(section, id);
    onShow();
  }

  /** Fetch an item and show it, or show that none is open. */
  async openItem(id, { staysInList = false } = {}) {
    const { list, templates, focusSection, onUnavailable } = this.#options;
    const request = this.#lastRequest += 1;
    if (id === null) { this.isOpening = false; this.showSection(cloneTemplate(`${templates}-none`), null); return; }
    list.markOpen(id);
    this.isOpening = !staysInList;
    const slow = setTimeout(() => { if (request === this.#lastRequest) this.showSection(cloneTemplate(`${templates}-loading`), id); }, SLOW_MS);
    const { section, isBroken } = await this.#fetchSection(id);
    clearTimeout(slow);
    if (request !== this.#lastRequest) return;
    this.isOpening = false;
    if (!section) this.showSection(cloneTemplate(`${templates}-none`), onUnavailable(id, true));
    else this.showSection(section, isBroken ? onUnavailable(id, false) : id);
    if (isBroken) this.#brokenId = id;
    if (section && !staysInList) focusSection(section);
  }

  /** Fetch again what could not be had. */
  retryBroken() { if (this.#brokenId !== null) this.openItem(this.#brokenId); }

  async #fetchSection(id) {
    try {
      return { section: await fetchPartial(this.#options.partialOf(id)), isBroken: false };
    } catch (problem) {
      if (problem instanceof SignedOut) leaveSignedOut();
      const section = cloneTemplate(`${this.#options.templates}-broken`);
      section.querySelector("[data-do=again]").addEventListener("click", () => this.openItem(id));
      return { section, isBroken: true };
    }
  }
}
