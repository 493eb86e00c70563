// Files for a chat: from the button, pasted or dropped. Each is on its way in a row of its own above the text, until its
// message comes over the connection; one that failed stays there with its reason.

import { ACCEPTED_TYPES, findFileProblem, makeUploadForm } from "../core/api.js";
import { newId } from "../core/ids.js";
import { cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";

const WAIT_MS = 5_000;
const TOO_MANY = 429;
const HOPELESS = [413, 415, 422]; // too large, of another kind, not what it says

export class Uploads {
  #form;
  #maxBytes;
  #chatId;
  #getToken;
  #last = Promise.resolve(); // one after the other, so that their lines stand as they were chosen

  constructor(form, { chatId, getToken }) {
    this.#form = form;
    this.#chatId = chatId;
    this.#getToken = getToken;
    const input = form.querySelector("[data-part=file-input]");
    this.#maxBytes = Number(input.dataset.maxBytes);
    input.accept = ACCEPTED_TYPES;
    form.querySelector("#attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { this.#addFiles(input.files); input.value = ""; });
    form.addEventListener("paste", (event) => {
      // Cells of a spreadsheet come as text and as an image of them: the text is what was meant.
      if (!event.clipboardData.files.length || event.clipboardData.getData("text/plain")) return;
      event.preventDefault();
      this.#addFiles(event.clipboardData.files);
    });
    this.#acceptDrops();
  }

  chooseFiles() { this.#form.querySelector("#attach").click(); }

  #acceptDrops() {
    const sign = this.#form.querySelector("[data-part=drop]");
    const isFile = ({ dataTransfer }) => dataTransfer.types.includes("Files");
    const showTarget = (shown) => { sign.hidden = !shown; this.#form.classList.toggle("is-over", shown); };
    const whole = this.#form.closest(".chat");
    whole.addEventListener("dragover", (event) => { if (isFile(event) && !this.#form.hidden) { event.preventDefault(); showTarget(true); } });
    whole.addEventListener("dragleave", (event) => { if (!whole.contains(event.relatedTarget)) showTarget(false); });
    whole.addEventListener("drop", (event) => {
      showTarget(false);
      if (!isFile(event) || this.#form.hidden) return;
      event.preventDefault();
      this.#addFiles(event.dataTransfer.files);
    });
  }

  #addFiles(files) {
    for (const file of files) {
      const row = cloneTemplate("upload");
      row.querySelector("[data-part=name]").textContent = file.name;
      this.#form.querySelector("[data-part=files]").append(row);
      row.querySelector("[data-do=drop]").onclick = () => row.remove();
      const problem = findFileProblem(file, this.#maxBytes);
      if (problem) { this.#showFailure(row, problem); continue; }
      const [id, before] = [newId(), this.#last];
      this.#last = before.then(() => row.isConnected && this.#sendFile(file, row, id));
    }
  }

  /** Say why a file was not sent. `retry()` sends it again; without it that would be refused again. */
  #showFailure(row, reason, retry = null) {
    const [why, sendAgain] = ["[data-part=why]", "[data-do=retry]"].map((name) => row.querySelector(name));
    Object.assign(why, { textContent: reason || messages.upload_failed, hidden: false });
    sendAgain.hidden = !retry;
    sendAgain.onclick = retry;
  }

  /** Resolves when it has arrived, failed or been dropped. The same client_id again: what had arrived is not stored twice. */
  async #sendFile(file, row, clientId) {
    const sendAgain = () => this.#sendFile(file, row, clientId);
    const { status, error, waitMs } = await this.#uploadFile(file, row, clientId);
    if (status === TOO_MANY) {
      this.#showFailure(row, messages.upload_waits);
      await new Promise((done) => { setTimeout(done, waitMs || WAIT_MS); });
      if (row.isConnected) await sendAgain();
    } else if (status >= 200 && status < 300) row.remove();
    else this.#showFailure(row, error, HOPELESS.includes(status) ? null : sendAgain);
  }

  /** Resolves with { status, error, waitMs }; the status of what could not be sent is 0. */
  async #uploadFile(file, row, clientId) {
    const [bar, why, retry, drop] = ["[data-part=bar]", "[data-part=why]", "[data-do=retry]", "[data-do=drop]"].map((name) => row.querySelector(name));
    const request = new XMLHttpRequest();
    why.hidden = retry.hidden = true;
    bar.value = 0;
    drop.onclick = () => { request.abort(); row.remove(); };
    request.upload.onprogress = ({ loaded, total }) => { bar.value = loaded / total; };
    request.open("POST", `/api/v1/agent-chat/${this.#chatId}/attachments`);
    request.responseType = "json";
    try {
      request.setRequestHeader("Authorization", `Bearer ${await this.#getToken()}`);
      request.send(makeUploadForm(file, clientId));
      await new Promise((done) => { request.onloadend = done; });
    } catch {
      // Without a token it is as without a network.
    }
    const error = request.status ? request.response?.error : messages.no_network;
    return { status: request.status, error, waitMs: Number(request.getResponseHeader("Retry-After")) * 1000 };
  }
}
