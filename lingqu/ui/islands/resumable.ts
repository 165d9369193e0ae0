/**
 * Large files in pieces. A form with data-resumable="/address" sends its files there first, shows how far it is, can be
 * cancelled, waits for a lost connection, and continues after a reload with the same file. Then the form is submitted
 * with the field "upload" (one id a file) instead of the files.
 *
 *   POST /address  name, size, fingerprint          -> 200/201 {"id": "…", "offset": 0}
 *   POST /address/<id>  (body: bytes, Upload-Offset) -> 200 {"offset": n}; 409 {"offset": n} when it stands elsewhere
 *   POST /address/<id>/cancel                        -> 204
 */
import { whenPresent } from "./ready";

const PIECE = 4 * 1024 * 1024;
const LONGEST_WAIT = 30_000;

interface Standing {
  id: string;
  offset: number;
}

class Refused extends Error {}

/** Waits; a cancelled upload wakes it at once. */
const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((wake) => {
    window.setTimeout(wake, milliseconds);
    signal.addEventListener("abort", () => wake(), { once: true });
  });

class Sender {
  private readonly stopped = new AbortController();
  private readonly begun: string[] = [];

  constructor(
    private readonly form: HTMLFormElement,
    private readonly address: string,
    private readonly bar: HTMLProgressElement,
    private readonly words: HTMLElement,
  ) {}

  async send(files: File[]): Promise<string[]> {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0;
    for (const file of files) {
      await this.sendOne(file, (sent, goesOn) => this.tell(before + sent, total, goesOn));
      before += file.size;
    }
    return this.begun;
  }

  cancel(): void {
    this.stopped.abort();
    for (const id of this.begun) this.forget(id);
  }

  private forget(id: string): void {
    void this.request(`${this.address}/${id}/cancel`, new Blob(), {}, null);
  }

  private tell(sent: number, total: number, goesOn = false): void {
    this.bar.max = total || 1;
    this.bar.value = sent;
    const share = total ? Math.floor((100 * sent) / total) : 100;
    const sentence = (goesOn ? this.form.dataset["goesOn"] : undefined) ?? this.form.dataset["sending"] ?? "{n}%";
    this.words.textContent = sentence.replace("{n}", String(share));
  }

  private async sendOne(file: File, tell: (sent: number, goesOn?: boolean) => void): Promise<void> {
    const body = new URLSearchParams({
      name: file.name,
      size: String(file.size),
      fingerprint: `${file.name}|${file.size}|${file.lastModified}`,
    });
    let { id, offset } = await this.persistently(() => this.request(this.address, body, {}, null));
    this.begun.push(id);
    if (this.stopped.signal.aborted) {
      this.forget(id);
      throw new Refused("");
    }
    if (offset > 0) tell(offset, true);
    while (offset < file.size) {
      const from = offset;
      const piece = file.slice(from, from + PIECE);
      const told = await this.persistently(() =>
        this.request(`${this.address}/${id}`, piece, { "Upload-Offset": String(from) }),
      );
      offset = told.offset;
      tell(offset);
    }
    tell(file.size);
  }

  /** Tries again while the connection or the server is away; a refusal ends it. */
  private async persistently(attempt: () => Promise<Standing>): Promise<Standing> {
    for (let pause = 1_000; ; pause = Math.min(2 * pause, LONGEST_WAIT)) {
      if (this.stopped.signal.aborted) throw new Refused("");
      try {
        return await attempt();
      } catch (error) {
        if (this.stopped.signal.aborted) throw new Refused("");
        if (error instanceof Refused) throw error;
        this.words.textContent = this.form.dataset["waiting"] ?? "…";
        await sleep(pause, this.stopped.signal);
      }
    }
  }

  private async request(
    address: string,
    body: BodyInit,
    headers: Record<string, string>,
    signal: AbortSignal | null = this.stopped.signal,
  ): Promise<Standing> {
    const token = this.form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    const all = { "X-CSRFToken": token, Accept: "application/json", ...headers };
    const response = await fetch(address, { method: "POST", body, headers: all, credentials: "same-origin", signal });
    if (response.status >= 500 || response.status === 429) throw new Error(String(response.status));
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok && response.status !== 409) throw new Refused(answer.message ?? "");
    return answer as Standing;
  }
}

whenPresent<HTMLFormElement>("form[data-resumable]", (form) => {
  form.addEventListener("submit", (event) => {
    const inputs = [...form.querySelectorAll<HTMLInputElement>("input[type=file]")];
    const files = inputs.flatMap((input) => [...(input.files ?? [])]);
    const panel = form.querySelector<HTMLElement>("[data-sending-panel]");
    const bar = panel?.querySelector("progress");
    const words = panel?.querySelector<HTMLElement>("[data-sending-text]");
    if (files.length === 0 || !panel || !bar || !words) return;
    event.preventDefault();
    const sender = new Sender(form, form.dataset["resumable"]!, bar, words);
    const buttons = [...form.querySelectorAll<HTMLButtonElement>("button:not([data-sending-cancel])")];
    const hold = (held: boolean): void => {
      panel.hidden = !held;
      for (const button of buttons) button.disabled = held;
    };
    hold(true);
    panel.querySelector("[data-sending-cancel]")?.addEventListener("click", () => sender.cancel(), { once: true });
    sender.send(files).then(
      (ids) => {
        for (const input of inputs) input.disabled = true;
        for (const id of ids) {
          const field = Object.assign(document.createElement("input"), { type: "hidden", name: "upload", value: id });
          form.append(field);
        }
        form.submit();
      },
      (error: unknown) => {
        hold(false);
        const told = form.querySelector<HTMLElement>("[data-sending-error]");
        if (told && error instanceof Error && error.message) {
          told.textContent = error.message;
          told.hidden = false;
        }
      },
    );
  });
});
