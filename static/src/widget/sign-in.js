// The form for whom the page does not know.

import { field, h, problemOf, say } from "./dom.js";
import { attempt } from "./attempt.js";

export class SignIn {
  #form;
  unread = 0;

  /** `sentence` says why one is here, if there is a reason. */
  constructor(widget, sentence) {
    const problem = problemOf("sign-in-problem");
    this.#form = h("form.w-sheet", { id: "sign-in" },
      h("h3.w-title", {}, "Ingrese para hablar con nosotros"),
      h("p.w-hint", {}, "Con su correo y su contraseña ve su chat, sus citas y su plan."),
      problem,
      field("email", "Correo", "input", { type: "email", autocomplete: "username", required: "" }),
      field("password", "Contraseña", "input", { type: "password", autocomplete: "current-password", required: "" }),
      h("button.w-btn.w-main", { type: "submit", id: "sign-in-go" }, "Ingresar"));
    say(problem, sentence);
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      attempt(problem, async () => {
        await widget.session.signIn(Object.fromEntries(new FormData(this.#form)));
        await widget.restart();
      });
    };
    this.elements = [this.#form];
  }

  focus() { this.#form.querySelector("#email").focus(); }
  menuItems() { return []; }
  seen() {}
}
