// The company's page: somebody is signed in on it, and the widget is told who. Only a developer's machine serves it.

import { Session } from "../core/session.js";
import { jsonStorage } from "../core/storage.js";

const form = document.getElementById("demo-switch");
const problem = document.getElementById("demo-problem");
const out = document.getElementById("demo-out");
const { Beneficiate } = window;
const session = new Session({
  origin: location.origin,
  storage: jsonStorage("beneficiate:session"),
  onChange: () => location.reload(), // another tab signed in or out: this one follows
});

async function getToken(fresh) {
  try {
    return await session.getToken({ fresh });
  } catch (refusal) {
    if (refusal.status !== 401) throw refusal;
    await session.signOut();
    return null;
  }
}

/** Say who is signed in, here and to the widget. */
async function startPage() {
  const user = await session.getUser();
  const me = [...form.member.options].find((option) => option.value === user?.email);
  if (me) me.selected = true;
  document.getElementById("demo-me").textContent = user ? `${user.first_name} ${user.last_name}` : "Nadie ha ingresado";
  out.hidden = !user;
  if (user) await Beneficiate.start({ token: await getToken(false), refresh: () => getToken(true) });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { member: email, password } = Object.fromEntries(new FormData(form));
  problem.hidden = true;
  try {
    await session.signIn({ email, password });
    await startPage();
    await Beneficiate.open();
  } catch (refusal) {
    problem.textContent = refusal.message;
    problem.hidden = false;
  }
});
out.addEventListener("click", () => Beneficiate.signOut());
for (const button of document.querySelectorAll("[data-open-chat]")) button.addEventListener("click", () => Beneficiate.open());

Beneficiate.on("signout", async () => {
  await session.signOut();
  await startPage();
});
startPage();
