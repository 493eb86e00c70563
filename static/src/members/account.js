// One press is one request: the answer to a second one would say that the person is there already.

for (const form of document.querySelectorAll("main form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// Coming back, the browser may have kept the page as it was when it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What was done is said once, not again after a reload.
const url = new URL(location.href);
if (url.searchParams.has("listo")) {
  url.searchParams.delete("listo");
  history.replaceState(history.state, "", url);
}
