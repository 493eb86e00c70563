// The plan that runs and until when; every change of it arrives by itself.

import { longDate } from "../core/dates.js";
import { h } from "./dom.js";

const PAYMENTS = { DECLINED: "El pago no fue aprobado", EXPIRED: "El enlace de pago venció", VOIDED: "El pago fue anulado" };

export const planName = ({ name }) => (/^plan /i.test(name) ? name : `Plan ${name}`);

export function makePlan(it) {
  const { connection, user } = it;
  const sheet = h("div.w-sheet", { tabindex: 0, role: "region", "aria-label": "Mi plan" });
  const page = (text, path, kind) => h(`a.w-btn${kind}`, { href: it.origin + path, target: "_blank", rel: "noopener" }, text);
  const until = (at) => (at ? `Vigente hasta el ${longDate(at)}.` : "Con un plan pide citas para usted y los suyos.");

  function draw() {
    const { plan } = user;
    sheet.replaceChildren(h("div.w-card", { id: "plan" }, h("h3.w-title", {}, plan ? planName(plan) : "No tiene un plan vigente"), h("p", {}, until(plan?.ends_at)),
      page(plan ? "Renovar mi plan" : "Ver los planes", "/planes", ".w-main"), page("Ver mis pagos", "/pagos", "")));
    it.head();
  }

  const change = (title) => ({ plan, ends_at }) => {
    user.plan = ends_at ? { ...plan, ends_at } : null;
    draw();
    it.notice("plan", plan.id, title, `${planName(plan)}. ${until(ends_at)}`);
  };
  connection.on("plan_activated", change("Su plan quedó activo"));
  connection.on("plan_ending", change("Su plan se termina pronto"));
  connection.on("plan_ended", ({ plan }) => change("Su plan terminó")({ plan }));
  connection.on("payment_updated", ({ payment: { id, status }, plan }) => { if (PAYMENTS[status]) it.notice("payment", id, PAYMENTS[status], planName(plan)); });
  return { el: h("div", {}, sheet), draw, focus: () => sheet.focus(), head: it.self };
}
