/** Sheets that are <details> without script: they close on Escape and on a click elsewhere, one at a time. */
const SHEETS = "details.lq-pop, details.lq-reveal, details.lq-drawer-nav";

function close(sheet: HTMLDetailsElement, withFocus: boolean): void {
  sheet.open = false;
  if (withFocus) sheet.querySelector("summary")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  for (const sheet of document.querySelectorAll<HTMLDetailsElement>(SHEETS)) {
    if (sheet.open && !sheet.contains(target)) close(sheet, false);
  }
  const closer = target.closest("[data-close-sheet]");
  const around = closer?.closest<HTMLDetailsElement>(SHEETS);
  if (around) {
    event.preventDefault();
    close(around, true);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const sheet of document.querySelectorAll<HTMLDetailsElement>(SHEETS)) {
    if (sheet.open) close(sheet, sheet.contains(document.activeElement));
  }
});
