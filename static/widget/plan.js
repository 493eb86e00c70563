// The plan that runs and until when; every change of it arrives by itself.

import { h } from "./dom.js";
import { date, words } from "./words.js";

const DAY_MS = 86_400_000;

export function makePlan(it) {
  const sheet = h("div.w-sheet", { id: "plan-sheet", tabindex: 0, role: "region", "aria-label": words.tabs.plan });
  const page = (text, path, kind = "") => h(`a.w-btn${kind}`, { href: `${it.origin}${path}`, target: "_blank", rel: "noopener" }, text);

  function draw() {
    const { plan } = it.user;
    const left = plan && Math.max(0, Math.ceil((new Date(plan.ends_at) - Date.now()) / DAY_MS));
    sheet.replaceChildren(h("div.w-card", { id: "plan", "data-plan": plan?.code ?? "" },
      h("h3.w-title", {}, plan ? words.plan(plan.name) : words.no_plan),
      h("p", {}, plan ? words.plan_until(date(plan.ends_at)) : words.no_plan_text),
      plan && h("p.w-hint", {}, words.days_left(left)),
      page(plan ? words.renew : words.see_plans, "/planes", ".w-btn--main"),
      page(words.payments, "/pagos")));
    it.head();
  }

  function change(plan, ends_at, title) {
    it.user.plan = ends_at ? { ...plan, ends_at } : null;
    draw();
    const text = ends_at ? words.plan_until(date(ends_at)) : words.no_plan_text;
    it.notice("plan", "plan", "bell", title, `${words.plan(plan.name)}. ${text}`);
  }

  it.wire.on("plan_activated", ({ plan, ends_at }) => change(plan, ends_at, words.plan_on));
  it.wire.on("plan_ending", ({ plan, ends_at }) => change(plan, ends_at, words.plan_ends));
  it.wire.on("plan_ended", ({ plan }) => change(plan, null, words.plan_over));
  it.wire.on("payment_updated", ({ payment, plan }) => {
    const title = words.payment[payment.status];
    if (title) it.notice(`pay:${payment.id}`, "payment", "alert", title, words.plan(plan.name));
  });
  draw();
  return { el: h("div.w-part", {}, sheet), draw, focus: () => sheet.focus({ preventScroll: true }), head: it.self };
}
