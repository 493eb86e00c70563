// Counts down how long somebody has to wait who tried too often.

const wait = document.getElementById("login-wait");
if (wait) {
  // Against a clock and not by counting ticks: a sleeping tab wakes with the right number.
  const until = Date.now() + Number(wait.dataset.seconds) * 1000;
  const left = wait.querySelector("[data-part=left]");
  const tick = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) return;
    clearInterval(tick);
    wait.hidden = true;
    document.getElementById("login-ready").hidden = false;
  }, 500);
}
