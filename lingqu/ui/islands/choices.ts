/** Small helps: filters submit themselves, an error summary takes the focus, print buttons print, files may be dropped, forms for other sites go on. */
import { whenPresent } from "./ready";

document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  const form = control.form;
  if (form?.hasAttribute("data-autosubmit") && control.type !== "search") form.requestSubmit();
});

whenPresent<HTMLFormElement>("form[data-post-on]", (form) => form.submit());
whenPresent<HTMLElement>("[data-focus]", (element) => element.focus());
whenPresent<HTMLElement>("[data-with-script]", (element) => (element.hidden = false));
whenPresent<HTMLElement>("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

whenPresent<HTMLElement>("[data-upload]", (zone) => {
  const input = zone.querySelector<HTMLInputElement>("input[type=file]");
  const words = zone.querySelector<HTMLElement>("[data-upload-text]");
  if (!input) return;
  if (words) words.hidden = false;
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("lq-upload-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    zone.addEventListener(kind, () => zone.classList.remove("lq-upload-over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = (event as DragEvent).dataTransfer?.files;
    if (!files?.length) return;
    const kept = new DataTransfer();
    for (const file of input.multiple ? files : [files[0]!]) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
