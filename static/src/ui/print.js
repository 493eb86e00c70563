// Printing needs a script; where there is none, the browser's own menu prints the same sheet.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
