// One press is one request: the answer to a second one would say that it is done already.

const ANSWERED_MS = 20_000; // longer than any answer takes: who stopped it may send the form again

for (const form of document.querySelectorAll("main form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, ANSWERED_MS);
  });
}

// Coming back, the browser may have kept the page as it was when it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
