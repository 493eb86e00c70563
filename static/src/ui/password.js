// Shows the password on request, and again hides it; the form works without.

const eye = document.getElementById("password-eye");
const password = document.getElementById("password");
eye.hidden = false;
eye.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  eye.setAttribute("aria-pressed", String(shown));
  password.focus();
});
