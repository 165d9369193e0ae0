/** Covers a page that nobody uses with the lock, and uncovers it unchanged after the right password: what was typed stays. */
import { whenPresent } from "./ready";

const LOOK_EVERY = 5_000;
const TELL_EVERY = 60_000;

whenPresent<HTMLElement>("[data-idle]", (mark) => {
  const patience = Number(mark.dataset.idle) * 1000;
  const url = mark.dataset.idleUrl!;
  let used = Date.now();
  let told = used;
  let cover: HTMLDialogElement | undefined;

  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, () => (used = Date.now()), { passive: true, capture: true });
  }

  async function show(): Promise<void> {
    if (cover) return;
    cover = document.createElement("dialog");
    cover.className = "lq-lock";
    cover.addEventListener("cancel", (event) => event.preventDefault());
    cover.addEventListener("submit", (event) => void send(event));
    cover.addEventListener("passkey-answered", (event) => {
      event.preventDefault();
      void post(event.target as HTMLFormElement);
    });
    document.body.append(cover);
    cover.showModal();
    await fill(await fetch(`${url}?next=${encodeURIComponent(location.pathname + location.search)}`));
  }

  /** A session that is over, or not locked at all, has no form here: the browser goes where the server says. */
  async function fill(answer: Response): Promise<void> {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector("[data-lock-form]");
    if (!form) return location.reload();
    const heading = page.querySelector("#main h1")!.parentElement!;
    const parts: Element[] = [form];
    for (let next = form.nextElementSibling; next; next = next.nextElementSibling) parts.push(next);
    for (const part of parts) {
      for (const field of part.querySelectorAll("[id]")) field.id = `lock-${field.id}`;
      for (const label of part.querySelectorAll("[for]")) label.setAttribute("for", `lock-${label.getAttribute("for")}`);
      for (const field of part.querySelectorAll("[aria-describedby]")) {
        field.setAttribute("aria-describedby", field.getAttribute("aria-describedby")!.split(" ").map((id) => `lock-${id}`).join(" "));
      }
    }
    const box = document.createElement("div");
    box.className = "lq-lock-box";
    box.append(heading, ...parts);
    cover!.replaceChildren(box);
    box.querySelector<HTMLInputElement>("input[type=password]")?.focus();
  }

  async function send(event: SubmitEvent): Promise<void> {
    const form = event.target as HTMLFormElement;
    if (!form.hasAttribute("data-lock-form")) return;
    event.preventDefault();
    await post(form);
  }

  async function post(form: HTMLFormElement): Promise<void> {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (answer.status !== 204) return fill(answer);
    used = told = Date.now();
    cover?.remove();
    cover = undefined;
  }

  /** Another tab may have been in use: the server knows, and asking it quietly keeps nothing awake. */
  async function look(): Promise<void> {
    const moment = Date.now();
    if (cover) return;
    if (moment - used < patience) {
      if (used > told && moment - told >= Math.min(TELL_EVERY, patience / 3)) {
        told = moment;
        await fetch(`${url}/awake`);
      }
      return;
    }
    const answer = await fetch(`${url}/awake`, { headers: { "X-Lingqu-Quiet": "1", Accept: "application/json" } });
    if (answer.status === 401 || answer.redirected) await show();
  }

  setInterval(() => void look().catch(() => undefined), Math.min(LOOK_EVERY, patience / 3));
});
