/** The slider before an SMS: shows the piece where the range stands. Without script the sum below does. */
class Slider extends HTMLElement {
  connectedCallback(): void {
    const piece = this.querySelector<HTMLElement>(".lq-slider-piece");
    const range = this.querySelector<HTMLInputElement>("input[type=range]");
    const picture = this.querySelector<HTMLImageElement>("img");
    if (!piece || !range || !picture) return;
    const move = (): void => {
      const scale = picture.clientWidth / 320;
      piece.style.transform = `translate(${Number(range.value) * scale}px, ${12 * scale}px)`;
      piece.style.width = piece.style.height = `${40 * scale}px`;
    };
    piece.hidden = false;
    range.addEventListener("input", move);
    window.addEventListener("resize", move);
    move();
  }
}
customElements.define("lq-slider", Slider);
