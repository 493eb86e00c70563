// The tags of the open chat: put on by name, taken off by their button.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { toast } from "../ui/toasts.js";

export class Tags {
  #panel;
  #off;

  constructor(panel, { chatId, connection }) {
    this.#panel = panel;
    const [form, field, add] = ["tag-form", "tag-name", "add-tag"].map((id) => panel.querySelector(`#${id}`));
    const ask = async (word, tag) => {
      try {
        await connection.ask(word, { chat_id: chatId, tag });
        return true;
      } catch (refusal) {
        toast(refusal.message || messages.no_network);
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
    this.#off = connection.on(EVENTS.CHAT_TAGGED, ({ chat_id: id, tags }) => { if (id === chatId) this.#show(tags); });
  }

  leave() { this.#off(); }

  #show(tags) {
    const add = this.#panel.querySelector("#add-tag");
    this.#panel.querySelectorAll("[data-tag-name]").forEach((tag) => tag.remove());
    for (const name of tags) {
      const tag = cloneTemplate("tag");
      tag.dataset.tagName = name;
      tag.querySelectorAll("[data-part=name]").forEach((place) => { place.textContent = name; });
      add.before(tag);
    }
  }
}
