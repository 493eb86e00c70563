// The form for whom the page does not know, and where there is help without an account.

import { attempt } from "./attempt.js";
import { makeField, h, makePageLink, makeProblem, setText } from "./dom.js";

export class SignIn {
  #widget;
  #form;
  #help = h("p.w-ways", { id: "sign-in-help" });
  unread = 0;

  /** `sentence` says why one is here, if there is a reason. */
  constructor(widget, sentence) {
    this.#widget = widget;
    const problem = makeProblem("sign-in-problem");
    this.#form = h("form.w-sheet", { id: "sign-in" },
      h("h3.w-title", {}, "Ingrese para hablar con nosotros"),
      h("p.w-hint", {}, "Con su correo y su contraseña ve su chat, sus citas y su plan."),
      problem,
      makeField("sign-in-email", "Correo", "input", { name: "email", type: "email", autocomplete: "username", required: "" }),
      makeField("sign-in-password", "Contraseña", "input", { name: "password", type: "password", autocomplete: "current-password", required: "" }),
      h("button.w-btn.w-main", { type: "submit", id: "sign-in-go" }, "Ingresar"), this.#help);
    setText(problem, sentence);
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      attempt(problem, async () => {
        await widget.session.signIn(Object.fromEntries(new FormData(this.#form)));
        await widget.showCurrentUser();
      });
    };
    this.elements = [this.#form];
  }

  focus() { this.#form.querySelector("input").focus(); }
  menuItems() { return []; }

  async markSeen() {
    const { origin, panel } = this.#widget;
    if (!panel.isVisible) return;
    const { contact_phone: phone, contact_email: email } = await this.#widget.loadSettings();
    this.#help.replaceChildren(h("span.w-hint", {}, "¿No puede entrar?"), ...[
      phone && h("a.w-link", { href: `tel:${phone.replaceAll(" ", "-")}` }, phone),
      email && h("a.w-link", { href: `mailto:${email}` }, email),
      !phone && !email && makePageLink(`${origin}/login`, "Pedir ayuda", "w-link"),
      makePageLink(`${origin}/planes`, "Ver los planes", "w-link"),
    ].filter(Boolean));
  }
}
