/** Ticked rows: one box ticks the page, the bulk bar shows while something is ticked and says how many. */
import { whenPresent } from "./ready";

whenPresent<HTMLElement>("[data-bulk]", (bar) => {
  const form = bar.closest("form") ?? document.body;
  const words = bar.querySelector<HTMLElement>("[data-bulk-count]");
  const boxes = (): HTMLInputElement[] => [...form.querySelectorAll<HTMLInputElement>("tbody .lq-check-input")];
  const update = (): void => {
    const chosen = boxes().filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    const pattern = bar.dataset["bulkText"];
    if (words && pattern) words.textContent = pattern.replace("{n}", String(chosen));
    const all = form.querySelector<HTMLInputElement>("[data-check-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && !all.checked;
    }
  };
  form.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-check-all]")) for (const other of boxes()) other.checked = box.checked;
    update();
  });
  update();
});
