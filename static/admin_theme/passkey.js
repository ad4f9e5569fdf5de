// Makes or shows a passkey, then sends the form with what the browser gave.
// Needs: form[data-passkey="create" or "get"][data-options="address of the options"] with
// an input "credential", a hidden button and [data-passkey-status]. Without it: the
// button stays hidden, and people use the app on their phone.

const able = "credentials" in navigator && "PublicKeyCredential" in window;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  form.hidden = false;
  if (!able) {
    status.textContent = status.dataset.unable;
    continue;
  }
  const button = form.querySelector("button");
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    status.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(await ask(form));
      form.submit(); // fires no further event
    } catch {
      status.textContent = status.dataset.failed;
      button.disabled = false;
    }
  });
}

async function ask(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    body: new FormData(form),
  });
  if (!answer.ok) throw new Error(answer.status);
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  const isNew = form.dataset.passkey === "create";
  if (isNew) options.user.id = bytes(options.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    for (const one of options[list] ?? []) one.id = bytes(one.id);
  }
  const made = await navigator.credentials[isNew ? "create" : "get"]({
    publicKey: options,
  });
  const { response } = made;
  const found = { clientDataJSON: text(response.clientDataJSON) };
  if (isNew) {
    found.attestationObject = text(response.attestationObject);
    found.transports = response.getTransports?.() ?? [];
  } else {
    found.authenticatorData = text(response.authenticatorData);
    found.signature = text(response.signature);
  }
  return { id: made.id, rawId: text(made.rawId), type: made.type, response: found };
}

// base64url, as the server speaks it, and the bytes that browsers want.

function bytes(words) {
  const plain = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
