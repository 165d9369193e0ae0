/** Draws a BPMN file to be looked at, moved and zoomed. Loaded on the page of the diagram only; the mark of bpmn.io stays visible. */
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

class BpmnViewer extends HTMLElement {
  async connectedCallback(): Promise<void> {
    const response = await fetch(this.getAttribute("src") ?? "", { credentials: "same-origin" });
    if (!response.ok) return;
    const text = await response.text();
    this.replaceChildren();
    const viewer = new NavigatedViewer({ container: this });
    try {
      await viewer.importXML(text);
      const canvas = viewer.get("canvas") as { zoom(level: string, center?: string): void };
      canvas.zoom("fit-viewport", "auto");
      this.dataset.state = "drawn";
    } catch (error) {
      this.dataset.state = "failed";
      this.textContent = this.getAttribute("failed") ?? String(error);
    }
  }
}

customElements.define("lq-bpmn-viewer", BpmnViewer);
