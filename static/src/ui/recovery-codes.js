// Recovery codes are shown once: this prints and copies them.

import "./print.js";

const copy = document.getElementById("copy");
const copied = document.getElementById("copied");
copy.hidden = false;
copy.addEventListener("click", async () => {
  const codes = [...document.querySelectorAll("#codes code")].map((code) => code.textContent);
  try {
    await navigator.clipboard.writeText(codes.join("\n"));
    copied.textContent = copied.dataset.done;
  } catch {
    copied.textContent = copied.dataset.failed;
  }
});
