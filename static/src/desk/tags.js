// The tags of the open chat: put on by name, taken off by their button.

import { COMMANDS, EVENTS } from "../core/protocol.js";
import { cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showToast } from "../ui/toasts.js";

export class Tags {
  #panel;
  #unsubscribe;

  constructor(panel, { chatId, connection }) {
    this.#panel = panel;
    const [form, field, add] = ["tag-form", "tag-name", "add-tag"].map((id) => panel.querySelector(`#${id}`));
    const runCommand = async (word, tag) => {
      try {
        await connection.request(word, { chat_id: chatId, tag });
        return true;
      } catch (refusal) {
        showToast(refusal.message || messages.no_network);
        return false;
      }
    };
    const showForm = (shown) => {
      form.hidden = !shown;
      add.setAttribute("aria-expanded", String(shown));
    };
    this.openForm = () => { showForm(true); field.focus(); };
    add.addEventListener("click", () => { if (form.hidden) this.openForm(); else showForm(false); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const tag = field.value.trim();
      if (!tag) return;
      if (await runCommand(COMMANDS.TAG_CHAT, tag)) { field.value = ""; showForm(false); add.focus(); }
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      field.value = "";
      showForm(false);
      add.focus();
    });
    panel.querySelector("#chat-tags").addEventListener("click", ({ target }) => {
      const tag = target.closest("[data-do=untag]")?.closest("[data-tag-name]").dataset.tagName;
      if (tag) { runCommand(COMMANDS.UNTAG_CHAT, tag); add.focus(); }
    });
    this.#unsubscribe = connection.on(EVENTS.CHAT_TAGGED, ({ chat_id: id, tags }) => { if (id === chatId) this.showTags(tags); });
  }

  dispose() { this.#unsubscribe(); }

  showTags(tags) {
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
