/**
 * <lq-live data-topics="signed …" data-refresh="/address"> fetches itself again when one of its topics is told.
 * Only ids travel; the server renders. A part with data-live-end inside stops it.
 */
import htmx from "htmx.org";

const PAUSE = 300;
const POLL = 10_000;

/** The topic inside a value signed by the server: account|topic:time:signature. */
function topicOf(signed: string): string {
  return signed.slice(signed.indexOf("|") + 1).split(":").slice(0, -2).join(":");
}

class Live extends HTMLElement {
  private source: EventSource | undefined;
  private waiting = 0;
  private polling = 0;

  connectedCallback(): void {
    const topics = (this.dataset["topics"] ?? "").split(" ").filter(Boolean);
    if (topics.length === 0 || this.querySelector("[data-live-end]")) return;
    const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join("&");
    const source = new EventSource(`/live/stream?${query}`);
    for (const topic of topics) source.addEventListener(topicOf(topic), () => this.soon());
    let opened = false;
    source.addEventListener("open", () => {
      if (opened) this.soon();
      opened = true;
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED && !this.polling) {
        this.polling = window.setInterval(() => void this.refresh(), POLL);
      }
    });
    this.source = source;
  }

  disconnectedCallback(): void {
    this.source?.close();
    window.clearTimeout(this.waiting);
    window.clearInterval(this.polling);
  }

  private soon(): void {
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.refresh(), PAUSE);
  }

  private async refresh(): Promise<void> {
    const address = this.dataset["refresh"];
    if (!address || !this.isConnected) return;
    await htmx.ajax("GET", address, { target: this, swap: "innerMorph" });
    if (this.querySelector("[data-live-end]")) this.disconnectedCallback();
  }
}

customElements.define("lq-live", Live);
