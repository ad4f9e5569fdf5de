// Keeps what is typed into an article's form on the server, for its writer alone, and
// tells the form who else is at this article. Three seconds after a change, every ten
// while typing goes on, and when the page is hidden or left; every 25 seconds it says
// that the form is open, and at its end that it is not.
// Needs: input[name=kept_as][data-autosave] in the form, with data-user, data-seen (a
// version), data-labels (JSON), data-sign-in and perhaps data-unsaved;
// .autosave-status and .autosave-said near the buttons; #writing-notices. Drops a kept copy by form.drop-kept in place.
// Without it: nothing is kept, saving works and still refuses to replace a newer
// version; notices are those of the moment the form was opened.
//
// Nothing is put into the browser's own storage: office computers are shared.

const QUIET = 3_000; // milliseconds after the last change
const LONGEST = 10_000; // since the first change that is not kept
const BEAT = 25_000;
const RETRY = 10_000;
const STOPPED = 10_000; // the form was sent, and this page is still here
const KEEPALIVE_BYTES = 60_000; // browsers take 64 KB when a page is left

const source = document.querySelector("input[name=kept_as][data-autosave]");
if (source) watch(source.form, source.dataset, JSON.parse(source.dataset.labels));

for (const drop of document.querySelectorAll("form.drop-kept")) {
  drop.addEventListener("submit", async (event) => {
    event.preventDefault();
    const entry = document.querySelector(`[form="${drop.id}"]`).closest("li");
    const answer = await fetch(drop.action, {
      method: "POST",
      headers: headers(),
      redirect: "manual",
    }).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) return drop.submit();
    const list = entry.closest("section");
    entry.remove();
    if (!list.querySelector("li")) list.remove();
    if (!source) return;
    const said = document.querySelector(".autosave-said");
    said.textContent = JSON.parse(source.dataset.labels).dropped;
    (list.querySelector("button") ?? source.form.elements.title).focus();
  });
}

function headers() {
  return {
    "X-CSRFToken": token(),
    Accept: "application/json",
    "Content-Type": "application/json",
  };
}

// As forms.js, for calls that are made while another window has the focus.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie?.[1] ?? document.querySelector("input[name=csrfmiddlewaretoken]").value;
}

function watch(form, data, labels) {
  const status = document.querySelector(".autosave-status");
  const said = document.querySelector(".autosave-said");
  const notices = document.querySelector("#writing-notices");
  let kept = null; // the content that the server has; null before the first look
  let begins = true; // no copy of this form is known to exist
  let typed = false;
  let changedAt = 0; // of the first change that is not kept
  let timer = 0;
  let beating = 0;
  let sending = false;
  let refused = false; // the server named a reason why it does not keep this
  let over = false; // the form itself was sent

  const content = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string" || name === "csrfmiddlewaretoken") continue;
      (fields[name] ??= []).push(value);
    }
    return JSON.stringify(fields);
  };

  const schedule = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => send(), wait);
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  function changed() {
    typed = true;
    changedAt ||= Date.now();
    if (!over) schedule(Math.min(QUIET, Math.max(0, changedAt + LONGEST - Date.now())));
  }

  async function send({ leaving = false } = {}) {
    if (over || (sending && !leaving)) return;
    const now = content();
    let isNew = now !== kept;
    const call = {
      token: source.value,
      user: Number(data.user),
      version: Number(form.elements.read_version?.value || 0),
      seen: Number(data.seen),
      typed,
      begins,
      leaving,
      content: isNew ? JSON.parse(now) : null,
    };
    let body = JSON.stringify(call);
    const isSmall = new Blob([body]).size < KEEPALIVE_BYTES;
    if (leaving && !isSmall) {
      isNew = false; // the last call before has most of it
      body = JSON.stringify({ ...call, content: null });
    }
    sending = true;
    typed = false;
    changedAt = 0;
    clearTimeout(timer);
    let isTaken = false;
    try {
      const response = await fetch(data.autosave, {
        method: "POST",
        headers: headers(),
        body,
        redirect: "manual",
        keepalive: leaving || (isSmall && document.hidden),
      });
      isTaken = response.ok;
      await understand(response, now, isNew);
    } catch {
      failed(labels.away);
    }
    // Told once: said again by every call, it would keep a session nobody sits at.
    typed ||= call.typed && !isTaken;
    sending = false;
    if (changedAt && !over) schedule(QUIET);
  }

  async function understand(response, sent, isNew) {
    if (response.type === "opaqueredirect") {
      const link = document.createElement("a");
      Object.assign(link, { href: data.signIn, target: "_blank" });
      link.textContent = labels.signIn;
      return failed(labels.signedOut, link);
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      if (!answer.error) return failed(labels.failed);
      tell(answer.error, answer.error, true);
      if (response.status === 400) {
        kept = sent; // the same would be refused again; wait for a change
        refused = true;
      }
      return;
    }
    if (answer.gone) {
      begins = true; // dropped in another window: what is here is kept anew
      schedule(0);
    } else if (isNew) {
      kept = sent;
      refused = false;
      begins = !answer.kept; // a new article without a word is not kept
      if (begins) tell("", "");
      else tell(labels.kept.replace("{time}", answer.kept), labels.keptOnce);
    } else if (!refused && status.classList.contains("is-wrong")) tell("", "");
    show(answer.notices);
  }

  function failed(text, link) {
    tell(text, text, true, link);
    schedule(RETRY);
  }

  // Seen every time; said only when it is something else than before.
  function tell(text, spoken, isWrong = false, link = null) {
    status.replaceChildren(text, ...(link ? [" ", link] : []));
    status.classList.toggle("is-wrong", isWrong);
    if (said.textContent !== spoken) said.textContent = spoken;
    if (notices.childElementCount) pointUp();
  }

  function show(lines) {
    const before = [...notices.children].map((line) => line.textContent);
    if (JSON.stringify(before) === JSON.stringify(lines)) return;
    notices.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("p");
        item.textContent = line;
        return item;
      }),
    );
    status.querySelector(".autosave-up")?.remove();
    if (lines.length) pointUp();
  }

  // The notices stand at the top, the writer perhaps pages below.
  function pointUp() {
    if (status.querySelector(".autosave-up")) return;
    const link = document.createElement("a");
    Object.assign(link, { href: "#writing-notices", className: "autosave-up" });
    link.textContent = labels.seeNotice;
    status.append(" ", link);
  }

  form.addEventListener("submit", (event) => {
    setTimeout(() => {
      if (event.defaultPrevented) return; // by another module
      over = true;
      clearTimeout(timer);
      clearInterval(beating);
      setTimeout(goOn, STOPPED);
    });
  });
  window.addEventListener("pagehide", () => send({ leaving: true }));
  document.addEventListener("visibilitychange", () => {
    clearInterval(beating);
    if (!document.hidden) beat();
    else if (content() !== kept) send();
  });
  // Back to this page after it was sent, or the sending was stopped: a form again.
  window.addEventListener("pageshow", (event) => event.persisted && goOn());
  function goOn() {
    over = false;
    beat();
  }

  function beat() {
    send();
    clearInterval(beating);
    beating = setInterval(() => send(), BEAT);
  }
  // Other modules put the form in order first; then what is there counts as stored.
  window.addEventListener("load", () => {
    kept = "unsaved" in data ? null : content();
    if (!document.hidden) beat();
  });
}
