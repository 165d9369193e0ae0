/** The eye beside a password: shows what was typed, and hides it again before the form goes. */
import { whenPresent } from "./ready";

whenPresent<HTMLButtonElement>("button[data-eye]", (eye) => {
  const input = eye.parentElement?.querySelector("input");
  if (!input) return;
  const show = (shown: boolean): void => {
    input.type = shown ? "text" : "password";
    eye.setAttribute("aria-pressed", String(shown));
  };
  eye.hidden = false;
  eye.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
});
