// One press is one payment: while Wompi's page is being prepared the button says so and takes no second press.
// The server is the one who holds to it; this spares people a question.

const form = document.getElementById("pay-form");

/** `aria-disabled` and not `disabled`: the focus stays where it was. */
function showBusy(isBusy) {
  const button = document.getElementById("pay");
  const say = document.getElementById("pay-say");
  button.setAttribute("aria-disabled", String(isBusy));
  button.querySelector("[data-part=ready]").hidden = isBusy;
  button.querySelector("[data-part=busy]").hidden = !isBusy;
  say.textContent = isBusy ? say.dataset.busy : "";
  form.dataset.busy = String(isBusy);
}

form?.addEventListener("submit", (event) => {
  if (form.dataset.busy === "true") event.preventDefault();
  else showBusy(true);
});

// Back from Wompi the browser may show this page as it was left.
addEventListener("pageshow", ({ persisted }) => { if (form && persisted) showBusy(false); });
