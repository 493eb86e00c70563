// The bill follows the chosen plan. Without this the button leads to the same bill, on its own page.

const form = document.getElementById("plans");
const bill = document.getElementById("bill");
const part = (name) => bill.querySelector(`[data-part=${name}]`);

function showChosenPlan() {
  const chosen = form.querySelector("input[name=plan]:checked");
  if (!chosen) return;
  for (const name of ["name", "people", "price"]) part(name).textContent = chosen.dataset[name];
}

form.addEventListener("change", ({ target }) => {
  showChosenPlan();
  document.getElementById("bill-say").textContent = `Plan ${target.dataset.name}: ${target.dataset.price}`;
});
// Coming back, the browser may have kept a choice that the server did not render.
addEventListener("pageshow", showChosenPlan);
