// On a narrow screen the sections of the staff are one line that scrolls: the page opens with the present one in sight.

const present = /** @type {HTMLElement | null} */ (document.querySelector(".rail [aria-current=page]"));
if (present) {
  const rail = present.closest(".rail");
  rail.scrollLeft = present.offsetLeft - (rail.clientWidth - present.offsetWidth) / 2;
}
