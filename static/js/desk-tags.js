// The tags of the open chat: put on by name, taken off by their button.

import { COMMANDS, EVENTS } from "./protocol.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

const clone = () => document.getElementById("tag").content.firstElementChild.cloneNode(true);

export class Tags {
  #panel;
  #off;

  constructor(panel, { chatId, wire }) {
    this.#panel = panel;
    const [form, field, add] = ["tag-form", "tag-name", "add-tag"].map((id) => panel.querySelector(`#${id}`));
    const ask = async (word, tag) => {
      try {
        await wire.ask(word, { chat_id: chatId, tag });
        return true;
      } catch (refusal) {
        toast(refusal.message || words.no_network);
        return false;
      }
    };
    const open = (shown) => {
      form.hidden = !shown;
      add.setAttribute("aria-expanded", String(shown));
    };
    this.open = () => { open(true); field.focus(); };
    add.addEventListener("click", () => { if (form.hidden) this.open(); else open(false); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const tag = field.value.trim();
      if (!tag) return;
      if (await ask(COMMANDS.TAG_CHAT, tag)) { field.value = ""; open(false); add.focus(); }
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      field.value = "";
      open(false);
      add.focus();
    });
    panel.querySelector("#chat-tags").addEventListener("click", ({ target }) => {
      const tag = target.closest("[data-do=untag]")?.closest("[data-tag-name]").dataset.tagName;
      if (tag) { ask(COMMANDS.UNTAG_CHAT, tag); add.focus(); }
    });
    this.#off = wire.on(EVENTS.CHAT_TAGGED, ({ chat_id: id, tags }) => { if (id === chatId) this.#show(tags); });
  }

  leave() { this.#off(); }

  #show(tags) {
    const add = this.#panel.querySelector("#add-tag");
    this.#panel.querySelectorAll("[data-tag-name]").forEach((tag) => tag.remove());
    for (const name of tags) {
      const tag = clone();
      tag.dataset.tagName = name;
      tag.querySelectorAll("[data-part=name]").forEach((place) => { place.textContent = name; });
      add.before(tag);
    }
  }
}
