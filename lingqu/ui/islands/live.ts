/**
 * <lq-live data-topics="signed …" data-refresh="/address"> fetches itself again when one of its topics is told.
 * Only ids travel; the server renders. What it fetches keeps no idle session awake. A part with data-live-end inside stops it.
 * data-calm: many pages hear the same, so each asks at its own moment within some seconds; a hidden page lets go of its
 * stream (browsers keep six connections to a host) and asks when it is seen again; without topics it asks by the minute.
 */
import htmx from "htmx.org";

const PAUSE = 300;
const POLL = 10_000;
const CALM_SPREAD = 10_000;
const CALM_POLL = 60_000;

/** The topic inside a value signed by the server: account|topic:time:signature. */
function topicOf(signed: string): string {
  return signed.slice(signed.indexOf("|") + 1).split(":").slice(0, -2).join(":");
}

class Live extends HTMLElement {
  private source: EventSource | undefined;
  private waiting = 0;
  private polling = 0;
  private readonly seen = (): void => {
    if (document.hidden) this.close();
    else if (!this.source && !this.polling) {
      void this.refresh();
      this.open();
    }
  };

  connectedCallback(): void {
    if (this.isCalm) document.addEventListener("visibilitychange", this.seen);
    if (!this.isCalm || !document.hidden) this.open();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.seen);
    this.close();
  }

  private get isCalm(): boolean {
    return this.dataset["calm"] !== undefined;
  }

  private open(): void {
    const topics = (this.dataset["topics"] ?? "").split(" ").filter(Boolean);
    if (topics.length === 0 && this.isCalm) this.poll();
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
      if (source.readyState === EventSource.CLOSED) this.poll();
    });
    this.source = source;
  }

  private close(): void {
    this.source?.close();
    this.source = undefined;
    window.clearTimeout(this.waiting);
    window.clearInterval(this.polling);
    this.waiting = this.polling = 0;
  }

  private poll(): void {
    this.polling ||= window.setInterval(() => void this.refresh(), this.isCalm ? CALM_POLL : POLL);
  }

  /** Calm regions keep the moment they drew first: a stream of news must not put it off for ever. */
  private soon(): void {
    if (this.isCalm && this.waiting) return;
    window.clearTimeout(this.waiting);
    const pause = this.isCalm ? Math.random() * CALM_SPREAD : PAUSE;
    this.waiting = window.setTimeout(() => {
      this.waiting = 0;
      void this.refresh();
    }, pause);
  }

  private async refresh(): Promise<void> {
    const address = this.dataset["refresh"];
    if (!address || !this.isConnected) return;
    await htmx.ajax("GET", address, { target: this, swap: "innerMorph", headers: { "X-Lingqu-Quiet": "1" } });
    if (this.querySelector("[data-live-end]")) this.disconnectedCallback();
  }
}

customElements.define("lq-live", Live);
