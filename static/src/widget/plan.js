// The plan that runs and until when; every change of it arrives by itself.

import { formatLongDate } from "../core/dates.js";
import { EVENTS } from "../core/protocol.js";
import { PAYMENT_NOTICES } from "../core/statuses.js";
import { planTitle } from "../core/text.js";
import { attempt } from "./attempt.js";
import { h, makeButton, makePageLink, makeProblem } from "./dom.js";
import { loadLater } from "./load-later.js";

const untilText = (endsAt) => (endsAt ? `Vigente hasta el ${formatLongDate(endsAt)}.` : "Con un plan pide citas para usted y los suyos.");

export class Plan {
  #app;
  #failed; // the last payment of which something was said
  #sheet = h("div.w-sheet", { tabindex: 0, role: "region", "aria-label": "Mi plan" });
  #problem = makeProblem("plan-problem");
  el = h("div", {}, this.#sheet);

  constructor(app) {
    this.#app = app;
    const { connection } = app;
    connection.on(EVENTS.PLAN_ACTIVATED, ({ plan, ends_at }) => {
      app.dropNotices("payment"); // what failed before has been paid by now
      this.#changePlan("Su plan está activo", plan, ends_at);
    });
    connection.on(EVENTS.PLAN_ENDING, ({ plan, ends_at }) => this.#changePlan("Su plan termina", plan, ends_at));
    connection.on(EVENTS.PLAN_ENDED, ({ plan }) => this.#changePlan("Su plan terminó", plan));
    connection.on(EVENTS.PAYMENT_UPDATED, ({ payment: { id, status }, plan }) => {
      const title = PAYMENT_NOTICES[status];
      if (!title || (status === "PENDING" && this.#failed !== id)) return; // pending is news after a failure only
      app.showNotice("payment", this.#failed = id, title, planTitle(plan.name));
    });
  }

  render() {
    const { origin, user: { plan } } = this.#app;
    this.#sheet.replaceChildren(h("div.w-card", { id: "plan" },
      h("h3.w-title", {}, plan ? planTitle(plan.name) : "No tiene un plan vigente"), h("p", {}, untilText(plan?.ends_at)),
      makePageLink(`${origin}/planes`, plan ? "Renovar mi plan" : "Ver los planes", "w-btn.w-main"),
      makePageLink(`${origin}/pagos`, "Ver mis pagos"), makeButton("w-btn", "Mis avisos", () => this.#showNotices(), { id: "plan-notices" }), this.#problem));
    this.#app.renderHead();
  }

  focus() { this.el.lastChild.focus(); }

  describeHead() { return this.#app.ownHead; }

  #showNotices() {
    attempt(this.#problem, async () => {
      const { showNoticeForm } = await loadLater();
      await showNoticeForm(this.el, this.#app.origin, (...given) => this.#app.callApi(...given));
    });
  }

  #changePlan(title, plan, endsAt) {
    this.#app.user.plan = endsAt ? { ...plan, ends_at: endsAt } : null;
    this.render();
    this.#app.showNotice("plan", 0, title, `${planTitle(plan.name)}. ${untilText(endsAt)}`);
  }
}
