// Files for a chat: from the button, pasted or dropped. Each is on its way in a row of its own above the text, until its
// message comes over the connection; one that failed stays there with its reason.

import { uploadForm } from "../core/api.js";
import { newId } from "../core/ids.js";
import { cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";

export class Uploads {
  #form;
  #chatId;
  #getToken;
  #last = Promise.resolve(); // one after the other, so that their lines stand as they were chosen

  constructor(form, { chatId, getToken }) {
    this.#form = form;
    this.#chatId = chatId;
    this.#getToken = getToken;
    const input = form.querySelector("[data-part=file-input]");
    form.querySelector("#attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { this.#take(input.files); input.value = ""; });
    form.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.#take(event.clipboardData.files);
    });
    this.#dropping();
  }

  choose() { this.#form.querySelector("#attach").click(); }

  #dropping() {
    const sign = this.#form.querySelector("[data-part=drop]");
    const isFile = ({ dataTransfer }) => dataTransfer.types.includes("Files");
    const show = (shown) => { sign.hidden = !shown; this.#form.classList.toggle("is-over", shown); };
    const whole = this.#form.closest(".chat");
    whole.addEventListener("dragover", (event) => { if (isFile(event) && !this.#form.hidden) { event.preventDefault(); show(true); } });
    whole.addEventListener("dragleave", (event) => { if (!whole.contains(event.relatedTarget)) show(false); });
    whole.addEventListener("drop", (event) => {
      show(false);
      if (!isFile(event) || this.#form.hidden) return;
      event.preventDefault();
      this.#take(event.dataTransfer.files);
    });
  }

  #take(files) {
    for (const file of files) {
      const row = cloneTemplate("upload");
      row.querySelector("[data-part=name]").textContent = file.name;
      this.#form.querySelector("[data-part=files]").append(row);
      const [id, before] = [newId(), this.#last];
      this.#last = before.then(() => row.isConnected && this.#send(file, row, id));
      row.querySelector("[data-do=drop]").onclick = () => row.remove();
    }
  }

  /** Resolves when it has arrived, failed or been dropped. */
  #send(file, row, clientId) {
    return new Promise((resolve) => { this.#upload(file, row, clientId, resolve); });
  }

  async #upload(file, row, clientId, onEnd) {
    const [bar, why, retry, drop] = ["[data-part=bar]", "[data-part=why]", "[data-do=retry]", "[data-do=drop]"].map((name) => row.querySelector(name));
    const request = new XMLHttpRequest();
    const fail = (reason) => {
      why.textContent = reason || messages.upload_failed;
      why.hidden = false;
      retry.hidden = false;
      retry.onclick = () => this.#send(file, row, clientId); // the same client_id: what had arrived is not stored twice
    };
    why.hidden = retry.hidden = true;
    bar.value = 0;
    drop.onclick = () => { request.abort(); row.remove(); onEnd(); };
    request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
    request.onload = () => {
      if (request.status < 300) row.remove();
      else fail(request.response?.error);
    };
    request.onerror = () => fail(messages.no_network);
    request.onloadend = onEnd;
    request.open("POST", `/api/v1/agent-chat/${this.#chatId}/attachments`);
    request.responseType = "json";
    try {
      request.setRequestHeader("Authorization", `Bearer ${await this.#getToken()}`);
      request.send(uploadForm(file, clientId));
    } catch {
      fail(messages.no_network);
      onEnd();
    }
  }
}
