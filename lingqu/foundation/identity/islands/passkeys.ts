/** Forms that a passkey fills: the server's options in, the authenticator's answer out through the form itself. */
import { whenPresent } from "../../../ui/islands/ready";

type Json = { [name: string]: unknown };

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function text(value: ArrayBuffer | null): string | undefined {
  if (!value) return undefined;
  const signs = String.fromCharCode(...new Uint8Array(value));
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function listed(found: unknown): PublicKeyCredentialDescriptor[] {
  return ((found ?? []) as Json[]).map((one) => ({ type: "public-key", id: bytes(one.id as string) }));
}

async function make(told: Json): Promise<Json> {
  const user = told.user as Json;
  const publicKey = {
    ...told,
    challenge: bytes(told.challenge as string),
    user: { ...user, id: bytes(user.id as string) },
    excludeCredentials: listed(told.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return packed(made, { attestationObject: text(answer.attestationObject) }, answer);
}

async function get(told: Json): Promise<Json> {
  const publicKey = {
    ...told,
    challenge: bytes(told.challenge as string),
    allowCredentials: listed(told.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = found.response as AuthenticatorAssertionResponse;
  const parts = {
    authenticatorData: text(answer.authenticatorData),
    signature: text(answer.signature),
    userHandle: text(answer.userHandle),
  };
  return packed(found, parts, answer);
}

function packed(key: PublicKeyCredential, parts: Json, answer: AuthenticatorResponse): Json {
  const response = { clientDataJSON: text(answer.clientDataJSON), ...parts };
  return { id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} };
}

whenPresent<HTMLFormElement>("form[data-passkey]", (form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  const note = form.querySelector<HTMLElement>("[data-passkey-note]")!;
  const field = form.elements.namedItem("credential") as HTMLInputElement;

  async function run(): Promise<void> {
    note.textContent = "";
    const body = new FormData(form);
    const answer = await fetch(form.dataset.options!, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = (await answer.json()) as Json;
    if (!answer.ok) throw new Error((told.message as string) || form.dataset.failed);
    const options = told.publicKey as Json;
    field.value = JSON.stringify(await (form.dataset.passkey === "make" ? make(options) : get(options)));
    const mayLeave = form.dispatchEvent(new Event("passkey-answered", { bubbles: true, cancelable: true }));
    if (mayLeave) form.submit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run().catch((fault: Error) => {
      const isDomain = fault instanceof DOMException;
      note.textContent = fault.name === "InvalidStateError" ? form.dataset.known! : isDomain ? form.dataset.failed! : fault.message;
    });
  });
});
