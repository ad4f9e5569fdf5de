// The panel "checks before publishing": sends the form as it stands, a moment after
// the last change, and shows what the server finds, with ways there and corrections.
// What somebody leaves as it is, is remembered in this browser only, by article, rule
// and text (localStorage; a new article's in sessionStorage until it has a number).
// Needs: #checks with data-address, data-article and data-labels (JSON) inside the
// form, and panel.places of checks_places.js. Listed before editor.js, to hear
// editor:ready. Without it: the panel lists what was found in the stored article.

const PAUSE = 1500; // ms after the last change
const CONTEXT = 32; // characters shown around a finding
const panel = document.querySelector("#checks");
if (panel?.places) start();

function start() {
  const { places } = panel;
  const labels = JSON.parse(panel.dataset.labels);
  const form = panel.closest("form");
  const status = panel.querySelector(".checks-status");
  const lists = panel.querySelector(".checks-lists");
  const again = panel.querySelector(".checks-again");
  const counter = document.querySelector(".checks-counter");
  const isRefused = Boolean(form.querySelector(".errornote"));
  const left = leftPlaces(panel.dataset.article, isRefused);
  let timer = 0;
  let asked = 0; // the number of the newest question; older answers are dropped
  let answer = null; // {items, findings, texts: what was asked about}
  let shown = "";

  document.addEventListener("editor:ready", () => check());
  window.addEventListener("load", () => asked || schedule());
  form.addEventListener("input", schedule);
  form.addEventListener("change", schedule);
  again.closest("[hidden]").hidden = false;
  again.addEventListener("click", () => {
    say(labels.checking);
    check();
  });
  counter?.addEventListener("click", () => {
    panel.querySelector("details").open = true;
  });

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(() => check(), PAUSE);
  }

  // Asking

  async function check(note = "") {
    clearTimeout(timer);
    const number = ++asked;
    const texts = places.texts();
    const found = await ask(texts);
    if (number !== asked) return;
    panel.classList.toggle("checks--stale", Boolean(found.problem));
    if (found.problem) {
      say(found.problem);
      return;
    }
    answer = { ...found, texts };
    render(note);
  }

  async function ask(texts) {
    const data = new FormData(form);
    for (const [name, value] of [...data])
      if (value instanceof File) data.set(name, value.name);
    data.set("article", panel.dataset.article);
    data.set("blocks", JSON.stringify(texts));
    try {
      const response = await fetch(panel.dataset.address, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: data,
      });
      if (response.redirected) return { problem: labels.signedOut };
      const found = await response.json();
      return response.ok ? found : { problem: found.error };
    } catch {
      return { problem: labels.unreachable };
    }
  }

  // Showing

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function render(note = "") {
    const errors = answer.items.filter((item) => item.severity === "error");
    const warnings = answer.items.filter((item) => item.severity !== "error");
    const findings = answer.findings.filter((finding) => !left.has(finding));
    const leftCount = answer.findings.length - findings.length;
    const summary = summaryOf(errors.length, warnings.length + findings.length);
    say(note ? `${note} ${summary}` : summary);
    if (counter) {
      counter.hidden = false;
      counter.textContent = summary;
      counter.classList.toggle("checks-counter--errors", errors.length > 0);
    }
    places.underline(findings.map(locate).filter(Boolean));
    const state = JSON.stringify([errors, warnings, findings, leftCount]);
    if (state === shown) return;
    shown = state;
    keepFocus(() => {
      lists.replaceChildren(
        ...group("errors", errors.map(itemRow)),
        ...group("warnings", warnings.map(itemRow)),
        ...group("findings", byRule(findings).map(ruleRow), findings.length),
        ...(leftCount ? [leftRow(leftCount)] : []),
      );
    });
  }

  function summaryOf(errors, hints) {
    if (!errors && !hints) return labels.clear;
    return fill(errors ? labels.summary : labels.hints, { errors, hints });
  }

  // The rows are made anew: the twin of the button that had the focus gets it, or else
  // the first button of what took its place.
  function keepFocus(change) {
    const buttons = () => [...panel.querySelectorAll("button")];
    const focused = panel.contains(document.activeElement) && document.activeElement;
    const name = focused && focused.getAttribute("aria-label");
    const gone = focused && focused.closest(".checks-acts:not(.checks-acts--all), li");
    const place = buttons().indexOf(gone?.querySelector?.("button") ?? focused);
    change();
    if (!focused || focused.isConnected) return;
    const after = buttons();
    const twin = after.find((button) => button.getAttribute("aria-label") === name);
    (twin ?? after[place] ?? again).focus();
  }

  function group(kind, rows, count = rows.length) {
    if (!rows.length) return [];
    const title = make("h3", {}, labels[kind], " ", make("span", {}, `(${count})`));
    const list = make("ul", {}, ...rows);
    return [make("section", { class: `checks-group checks-group--${kind}` }, title, list)];
  }

  function itemRow(item) {
    const quote = item.quote ? [make("p", { class: "checks-quote" }, item.quote)] : [];
    const go = () => places.goTo(item.target, item.quote) || check(labels.changed);
    return make(
      "li",
      { class: "checks-item" },
      make("p", { class: "checks-message" }, item.message),
      ...quote,
      acts(act(labels.go, go, `${item.message} ${item.quote}`)),
    );
  }

  function byRule(findings) {
    const rules = new Map();
    for (const finding of findings) {
      const rule = `${finding.rule}\n${finding.message}`;
      rules.set(rule, [...(rules.get(rule) ?? []), finding]);
    }
    return [...rules.values()];
  }

  function ruleRow(findings) {
    const { message } = findings[0];
    const row = make(
      "li",
      { class: "checks-item" },
      make("p", { class: "checks-message" }, message),
      ...findings.flatMap(findingParts),
    );
    const fixable = findings.filter((finding) => finding.suggestion !== null);
    if (fixable.length > 1) {
      const text = fill(labels.fixAll, { count: fixable.length });
      const all = acts(act(text, () => correct(fixable), message, "checks-act--fix"));
      all.classList.add("checks-acts--all");
      row.append(all);
    }
    return row;
  }

  function findingParts(finding) {
    const { start, end, text, suggestion } = finding;
    const block = answer.texts[finding.block];
    const before = endOf(block.slice(0, start));
    const after = startOf(block.slice(end));
    const quote = make(
      "p",
      { class: "checks-quote" },
      before,
      make("mark", {}, text),
      after,
    );
    const about = `${before}${text}${after}`;
    const buttons = [act(labels.go, () => goToText(finding), about)];
    if (suggestion !== null)
      buttons.unshift(
        act(fixLabel(suggestion), () => correct([finding]), about, "checks-act--fix"),
      );
    buttons.push(act(labels.leave, () => leave(finding), about));
    return [quote, acts(...buttons)];
  }

  function fixLabel(suggestion) {
    if (suggestion === "") return labels.fixRemove;
    if (suggestion === " ") return labels.fixBlank;
    return fill(labels.fix, { text: suggestion });
  }

  function leftRow(count) {
    const restore = () => {
      left.forget();
      render();
    };
    const text = make("span", {}, fill(labels.left, { count }), " ");
    return make("p", { class: "checks-left" }, text, act(labels.showLeft, restore));
  }

  function leave(finding) {
    left.add(finding);
    render();
  }

  // Places and corrections

  function goToText(finding) {
    const place = locate(finding);
    if (place) places.goToText(place);
    else check(labels.changed);
  }

  // Where a finding is now: its block may have changed before it or after it since it
  // was checked, but not in it. Null when it did.
  function locate({ block, start, end }) {
    const now = places.texts();
    const [was, is] = [answer.texts[block], now[block]];
    const isMoved = block > 1 && now.length !== answer.texts.length;
    if (is === undefined || isMoved) return null;
    const { head, tail } = common(was, is);
    if (end <= head) return { block, start, end };
    if (start < was.length - tail) return null;
    const shift = is.length - was.length;
    return { block, start: start + shift, end: end + shift };
  }

  // Only letters that differ are replaced, so bold and links around them stay.
  function correct(findings) {
    const found = findings.map(locate);
    if (found.includes(null)) {
      check(labels.changed);
      return;
    }
    const changes = found.map(({ block, start, end }, index) => {
      const { text, suggestion } = findings[index];
      const { head, tail } = common(text, suggestion);
      const insert = suggestion.slice(head, suggestion.length - tail);
      return { block, start: start + head, end: end - tail, insert };
    });
    places.replace(changes);
    // Gone at once; the server's word follows.
    answer.findings = answer.findings.filter((finding) => !findings.includes(finding));
    render();
    check();
  }
}

// How many characters two texts share at their beginning and at their end.
function common(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { head, tail };
}

// Context ends between words.
function endOf(text) {
  return text.length > CONTEXT ? text.slice(-CONTEXT).replace(/^\S*\s/, "…") : text;
}

function startOf(text) {
  return text.length > CONTEXT ? text.slice(0, CONTEXT).replace(/\s\S*$/, "…") : text;
}

function leftPlaces(article, isRefused) {
  const fresh = "checks:left:new";
  const name = article ? `checks:left:${article}` : fresh;
  const store = article ? localStorage : sessionStorage;
  const read = (from, key) => new Set(JSON.parse(from.getItem(key) ?? "[]"));
  const write = () => store.setItem(name, JSON.stringify([...left]));
  const keyOf = (finding) => `${finding.rule}\n${finding.text}`;
  if (!article && !isRefused) sessionStorage.removeItem(fresh);
  const left = read(store, name);
  // Saved for the first time, an article takes along what was left while it was new.
  if (article && document.referrer.endsWith("/add/")) {
    for (const place of read(sessionStorage, fresh)) left.add(place);
    sessionStorage.removeItem(fresh);
    if (left.size) write();
  }
  return {
    has: (finding) => left.has(keyOf(finding)),
    add(finding) {
      left.add(keyOf(finding));
      write();
    },
    forget() {
      left.clear();
      store.removeItem(name);
    },
  };
}

function acts(...buttons) {
  return make("div", { class: "checks-acts" }, ...buttons);
}

// Many buttons say the same; the name adds which place each is of.
function act(text, run, about = "", kind = "") {
  const button = make(
    "button",
    { type: "button", class: `checks-act ${kind}`.trim() },
    text,
  );
  if (about) button.setAttribute("aria-label", `${text}: ${about}`);
  button.addEventListener("click", () => run());
  return button;
}

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
