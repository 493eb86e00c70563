// The member's visits: what is to come, what waits for a time, what was. Every change arrives by itself.

import { call } from "./api.js";
import { clock, day, full, leaf } from "./format.js";
import { EVENTS } from "./protocol.js";
import { swap } from "./swap.js";
import { sayProblem } from "./toasts.js";
import { words } from "./words.js";

const OPEN = new Set(["PENDING", "TO_BE_CONFIRMED", "CONFIRMED", "RESCHEDULED"]);
const CERTAIN = new Set(["CONFIRMED", "RESCHEDULED"]);
const PATH = "/api/v1/medical-appointment";

const byId = (id) => document.getElementById(id);
const cancelling = byId("member-cancel");

export class MyVisits {
  #visits = new Map();
  #waiting = new Set(); // of these an earlier time is welcome
  #getToken;
  #cancelled = null;

  /** `onNews()` is called when something changed while the page was open. */
  constructor({ wire, getToken, onNews }) {
    this.#getToken = getToken;
    wire.on(EVENTS.USER_APPOINTMENTS, ({ appointments }) => {
      this.#visits = new Map(appointments.map((visit) => [visit.id, visit]));
      this.#draw();
    });
    for (const word of [EVENTS.NEW_APPOINTMENT, EVENTS.APPOINTMENT_UPDATED]) {
      wire.on(word, ({ appointment }) => { if (this.#take(appointment)) onNews(); });
    }
    byId("visits-sheet").addEventListener("click", ({ target }) => this.#click(target.closest("[data-do]")));
    byId("member-cancel-keep").addEventListener("click", () => cancelling.close());
    byId("member-cancel-form").addEventListener("submit", (event) => { event.preventDefault(); this.#cancel(); });
  }

  visit(visitId) { return this.#visits.get(visitId); }

  /** False for what is known already: versions only grow, whatever order they come in. */
  #take(visit) {
    const known = this.#visits.get(visit.id);
    if (known && known.version >= visit.version) return false;
    this.#visits.set(visit.id, visit);
    this.#draw();
    return true;
  }

  #draw() {
    const sheet = byId("visits-sheet");
    const groups = { coming: [], asked: [], past: [] };
    for (const visit of this.#visits.values()) groups[this.#groupOf(visit)].push(visit);
    groups.coming.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    for (const name of ["asked", "past"]) groups[name].sort((a, b) => b.id - a.id);
    byId("visits-waiting").hidden = true;
    byId("visits-none").hidden = this.#visits.size > 0;
    for (const [name, visits] of Object.entries(groups)) {
      const part = sheet.querySelector(`[data-group=${name}]`);
      const list = part.querySelector("[data-part=list]");
      const fresh = list.cloneNode(false);
      fresh.append(...visits.map((visit) => this.#card(visit)));
      part.hidden = visits.length === 0;
      swap(list, fresh);
    }
  }

  #groupOf({ status, starts_at }) {
    if (!OPEN.has(status)) return "past";
    return starts_at ? "coming" : "asked";
  }

  #card(visit) {
    const card = byId("visit-card").content.firstElementChild.cloneNode(true);
    const part = (name) => card.querySelector(`[data-part="${name}"]`);
    const what = words.visit_what(visit.specialty_name, visit.first_time);
    card.dataset.visitId = visit.id;
    card.dataset.status = visit.status;
    part("day").hidden = !visit.starts_at;
    part("no-day").hidden = Boolean(visit.starts_at);
    if (visit.starts_at) {
      for (const [name, text] of Object.entries(leaf(visit.starts_at))) part(name).textContent = text;
      Object.assign(part("time"), { dateTime: visit.starts_at, title: full(visit.starts_at), textContent: clock(visit.starts_at) });
    }
    part("time").hidden = !visit.starts_at;
    part("what").textContent = visit.starts_at ? `, ${what}` : what;
    part("patient").textContent = `${visit.patient.first_name} ${visit.patient.last_name}`;
    part("where").textContent = words.visit_where(visit.professional_name, visit.city_name);
    part("ticket").textContent = visit.ticket_number;
    card.querySelector(`[data-state=${visit.status}]`).hidden = false;
    const isOpen = OPEN.has(visit.status);
    part("do").hidden = !isOpen;
    for (const button of card.querySelectorAll("[data-do]")) button.dataset.key = `${visit.id}-${button.dataset.do}`;
    card.querySelector("[data-do=calendar]").hidden = !CERTAIN.has(visit.status);
    card.querySelector("[data-do=wait]").hidden = this.#waiting.has(visit.id);
    part("waits").hidden = !this.#waiting.has(visit.id);
    return card;
  }

  #click(button) {
    if (!button) return;
    const visit = this.#visits.get(Number(button.closest("[data-visit-id]").dataset.visitId));
    if (button.dataset.do === "cancel") this.#askToCancel(visit);
    if (button.dataset.do === "wait") this.#try(button, () => this.#wait(visit));
    if (button.dataset.do === "calendar") this.#try(button, () => this.#download(visit));
  }

  async #try(button, task) {
    const problem = button.closest("[data-part=do]").querySelector("[data-part=problem]");
    sayProblem(problem, "");
    button.disabled = true;
    try {
      await task();
    } catch (refusal) {
      sayProblem(problem, refusal.message || words.no_network);
    } finally {
      button.disabled = false;
    }
  }

  async #wait({ id }) {
    await call(`${PATH}/${id}/wait`, { method: "POST", token: await this.#getToken() });
    this.#waiting.add(id);
    this.#draw();
  }

  /** The file is for its owner only, so a plain link would not do: the token travels in a header. */
  async #download({ id, ticket_number }) {
    const response = await fetch(`${PATH}/${id}/calendar`, { headers: { Authorization: `Bearer ${await this.#getToken()}` } });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${ticket_number}.ics`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  #askToCancel(visit) {
    this.#cancelled = visit;
    const patient = `${visit.patient.first_name} ${visit.patient.last_name}`;
    const when = visit.starts_at && `${day(visit.starts_at).toLowerCase()}, ${clock(visit.starts_at)}`;
    cancelling.querySelector("[data-part=what]").textContent = words.visit_cancel(visit.specialty_name, patient, when);
    byId("member-cancel-reason").value = "";
    sayProblem(byId("member-cancel-problem"), "");
    cancelling.showModal();
    byId("member-cancel-keep").focus();
  }

  async #cancel() {
    const go = byId("member-cancel-go");
    go.disabled = true;
    try {
      const body = { reason: byId("member-cancel-reason").value.trim() };
      this.#take(await call(`${PATH}/cancel/${this.#cancelled.id}`, { method: "PUT", token: await this.#getToken(), body }));
      cancelling.close();
    } catch (refusal) {
      sayProblem(byId("member-cancel-problem"), refusal.message || words.no_network);
    } finally {
      go.disabled = false;
    }
  }
}
