/** A drawn sheet by keyboard and mouse: Enter and arrows move between entered cells, shift-click ticks all between two. */
import { whenPresent } from "./ready";

type Entry = HTMLInputElement | HTMLSelectElement;

const columnOf = (cell: Element): number => Math.round(cell.getBoundingClientRect().left);

function move(table: HTMLTableElement, from: Entry, down: number): void {
  const cell = from.closest("td");
  if (!cell) return;
  const left = columnOf(cell);
  const entries = [...table.querySelectorAll<Entry>("td input, td select")];
  const top = cell.getBoundingClientRect().top;
  const wanted = entries
    .filter((one) => {
      const at = one.closest("td");
      if (!at || Math.abs(columnOf(at) - left) > 2) return false;
      const here = at.getBoundingClientRect().top;
      return down > 0 ? here > top + 1 : here < top - 1;
    })
    .at(down > 0 ? 0 : -1);
  wanted?.focus();
  if (wanted instanceof HTMLInputElement) wanted.select();
}

whenPresent<HTMLTableElement>("table[data-grid]", (table) => {
  table.addEventListener("keydown", (event) => {
    const from = event.target as Entry;
    if (!(from instanceof HTMLInputElement) || from.type === "checkbox") return;
    const down = event.key === "ArrowDown" || event.key === "Enter" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!down) return;
    event.preventDefault();
    move(table, from, down);
  });
  let first: HTMLInputElement | null = null;
  table.addEventListener("click", (event) => {
    const box = event.target as HTMLInputElement;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if (event.shiftKey && first && first !== box) {
      const [a, b] = [first, box].map((one) => one.closest("td")!.getBoundingClientRect());
      const [left, right] = [Math.min(a!.left, b!.left), Math.max(a!.right, b!.right)];
      const [top, bottom] = [Math.min(a!.top, b!.top), Math.max(a!.bottom, b!.bottom)];
      for (const other of table.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
        const at = other.closest("td")!.getBoundingClientRect();
        const inside = at.left >= left - 1 && at.right <= right + 1 && at.top >= top - 1 && at.bottom <= bottom + 1;
        if (inside) other.checked = first.checked;
      }
    }
    first = box;
  });
});
