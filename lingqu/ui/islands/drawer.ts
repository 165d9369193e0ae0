/** A link with data-drawer opens the page it leads to beside this one. The form inside answers in place until it is right. */

let dialog: HTMLDialogElement | undefined;

function sheet(): HTMLDialogElement {
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.className = "lq-drawer";
    dialog.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target === dialog || target.closest("[data-drawer-close]")) {
        event.preventDefault();
        dialog?.close();
      }
    });
    dialog.addEventListener("submit", (event) => void send(event));
    document.body.append(dialog);
  }
  return dialog;
}

/** The page below may have a form with the same names: ids inside the drawer get a prefix, and so does what points to them. */
function renameIds(form: HTMLFormElement): void {
  const renamed = (id: string): string => `drawer-${id}`;
  for (const element of form.querySelectorAll<HTMLElement>("[id]")) element.id = renamed(element.id);
  for (const name of ["for", "aria-describedby", "aria-labelledby"]) {
    for (const element of form.querySelectorAll(`[${name}]`)) {
      element.setAttribute(name, element.getAttribute(name)!.split(" ").map(renamed).join(" "));
    }
  }
  for (const link of form.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    link.setAttribute("href", `#${renamed(link.getAttribute("href")!.slice(1))}`);
  }
}

/** Shows the drawer form of a page; whatever else an answer is, the browser goes there as usual. */
async function show(response: Response, fallback: string): Promise<void> {
  const text = await response.text();
  const form = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLFormElement>("[data-drawer-form]");
  if (!form) {
    window.location.assign(response.ok ? response.url : fallback);
    return;
  }
  form.action = form.getAttribute("action") || response.url;
  renameIds(form);
  const heading = form.querySelector<HTMLElement>("h1");
  if (heading) {
    heading.id = "drawer-title";
    sheet().setAttribute("aria-labelledby", heading.id);
  }
  sheet().replaceChildren(form);
  if (!sheet().open) sheet().showModal();
  (sheet().querySelector<HTMLElement>("[data-focus]") ?? heading)?.focus();
}

async function send(event: SubmitEvent): Promise<void> {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-drawer-form]")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  try {
    const headers = { "X-Drawer": "1" };
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers });
    const next = response.headers.get("X-Drawer-Location");
    if (next !== null || response.redirected) window.location.assign(next ?? response.url);
    else await show(response, form.action);
  } catch {
    form.submit();
  }
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-drawer]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  fetch(link.href, { credentials: "same-origin" })
    .then((response) => show(response, link.href))
    .catch(() => window.location.assign(link.href));
});
