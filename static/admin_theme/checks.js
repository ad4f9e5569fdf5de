// The panel "checks before publishing": sends the form as it stands, a moment after
// the last change, and shows what the server finds, with ways there and corrections.
// What somebody leaves as it is, is remembered in this browser only, by article, rule
// and text (localStorage; a new article's in sessionStorage until it has a number).
// Needs: #checks with data-address, data-article and data-labels (JSON) inside the
// form; textarea.editor of editor.js for places in the body (listed before it, to hear
// editor:ready). Without it: the panel lists what was found in the stored article.

const PAUSE = 1500; // ms after the last change
const CONTEXT = 28; // characters shown around a finding
const panel = document.querySelector("#checks");
if (panel) start();

function start() {
  const labels = JSON.parse(panel.dataset.labels);
  const form = panel.closest("form");
  const body = form.elements.body;
  const status = panel.querySelector(".checks-status");
  const lists = panel.querySelector(".checks-lists");
  const again = panel.querySelector(".checks-again");
  const counter = document.querySelector(".checks-counter");
  const left = leftPlaces(panel.dataset.article, Boolean(form.querySelector(".errornote")));
  let pm = null;
  let timer = 0;
  let asked = 0; // the number of the newest question; older answers are dropped
  let answer = null; // {items, findings, blocks: what was asked about}
  let shown = "";

  document.addEventListener("editor:ready", (event) => {
    if (event.target !== body) return;
    pm = event.detail.pm;
    check();
  });
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
    timer = setTimeout(check, PAUSE);
  }

  // Asking

  async function check(note = "") {
    clearTimeout(timer);
    const number = ++asked;
    const blocks = texts();
    const found = await ask(blocks);
    if (number !== asked) return;
    if (found.problem) {
      say(found.problem);
      panel.classList.add("checks--stale");
      return;
    }
    panel.classList.remove("checks--stale");
    answer = { ...found, blocks };
    render(note);
  }

  async function ask(blocks) {
    const data = new FormData(form);
    for (const [name, value] of [...data])
      if (value instanceof File) data.set(name, value.name);
    data.set("article", panel.dataset.article);
    data.set("blocks", JSON.stringify(blocks));
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

  // Title, lead, then each block of text in the editor; a break or a picture inside
  // is one character, so that an offset is also a position.
  function texts() {
    return [
      form.elements.title.value,
      form.elements.sapo.value,
      ...editorBlocks().map((block) => block.text),
    ];
  }

  function editorBlocks() {
    const found = [];
    body.editor?.state.doc.descendants((node, position) => {
      if (!node.isTextblock) return true;
      const leaf = (inner) => (inner.type.name === "hardBreak" ? "\n" : "\ufffc");
      const text = node.textBetween(0, node.content.size, "", leaf);
      found.push({ from: position + 1, text });
      return false;
    });
    return found;
  }

  // Showing

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function render(note = "") {
    const errors = answer.items.filter((item) => item.severity === "error");
    const warnings = answer.items.filter((item) => item.severity !== "error");
    const findings = answer.findings.filter((finding) => !left.has(finding));
    const hidden = answer.findings.length - findings.length;
    const hints = warnings.length + findings.length;
    const summary =
      errors.length + hints
        ? fill(labels.summary, { errors: errors.length, hints })
        : labels.clear;
    say(note ? `${note} ${summary}` : summary);
    if (counter) {
      counter.hidden = false;
      counter.textContent = summary;
      counter.classList.toggle("checks-counter--errors", errors.length > 0);
    }
    const state = JSON.stringify([answer, hidden]);
    if (state === shown) return;
    shown = state;
    keepFocus(() => {
      lists.replaceChildren(
        ...group("errors", errors.map(itemRow)),
        ...group("warnings", warnings.map(itemRow)),
        ...group("findings", byRule(findings).map(ruleRow), findings.length),
      );
      if (hidden) lists.append(leftRow(hidden));
    });
  }

  // What had the focus is made anew: its twin gets it, or the next row's button.
  function keepFocus(change) {
    const buttons = () => [...panel.querySelectorAll("button")];
    const before = buttons().indexOf(document.activeElement);
    const name = document.activeElement?.getAttribute("aria-label");
    change();
    if (before < 0) return;
    const after = buttons();
    const twin = after.find((button) => name && button.ariaLabel === name);
    const rowStart = after.findLastIndex(
      (button, index) => index <= before && !button.previousElementSibling,
    );
    (twin ?? after[Math.max(rowStart, 0)] ?? again).focus();
  }

  function group(kind, rows, count = rows.length) {
    if (!rows.length) return [];
    const title = make("h3", {}, labels[kind], " ", make("span", {}, `(${count})`));
    const list = make("ul", {}, ...rows);
    return [make("section", { class: `checks-group checks-group--${kind}` }, title, list)];
  }

  function itemRow(item) {
    const quote = item.quote ? [make("p", { class: "checks-quote" }, item.quote)] : [];
    const go = () => goTo(item.target, item.quote);
    return make(
      "li",
      { class: "checks-item" },
      make("p", { class: "checks-message" }, item.message),
      ...quote,
      acts(act(labels.go, go, item.quote || item.message)),
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
    const fixable = findings.filter((finding) => finding.suggestion !== null);
    const row = make(
      "li",
      { class: "checks-item" },
      make("p", { class: "checks-message" }, findings[0].message),
    );
    for (const finding of findings) row.append(...findingParts(finding));
    if (fixable.length > 1) {
      const text = fill(labels.fixAll, { count: fixable.length });
      row.append(acts(act(text, () => correct(fixable), findings[0].message)));
    }
    return row;
  }

  function findingParts(finding) {
    const { start, end, text, suggestion } = finding;
    const block = answer.blocks[finding.block];
    const before = block.slice(Math.max(0, start - CONTEXT), start);
    const after = block.slice(end, end + CONTEXT);
    const quote = make(
      "p",
      { class: "checks-quote" },
      start > CONTEXT ? "…" : "",
      before,
      make("mark", {}, text),
      after,
      end + CONTEXT < block.length ? "…" : "",
    );
    const near = `${before.slice(-12)}${text}${after.slice(0, 12)}`;
    const buttons = [act(labels.go, () => goToText(finding), near)];
    if (suggestion !== null)
      buttons.push(act(fixLabel(suggestion), () => correct([finding]), near));
    buttons.push(act(labels.leave, () => leave(finding), near));
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
    return make(
      "p",
      { class: "checks-left" },
      make("span", {}, fill(labels.left, { count })),
      " ",
      act(labels.showLeft, restore),
    );
  }

  function acts(...buttons) {
    return make("div", { class: "checks-acts" }, ...buttons);
  }

  // Many buttons say the same; the name adds which place each is of.
  function act(text, run, about = "") {
    const name = about ? { "aria-label": `${text}: ${about}` } : {};
    const button = make("button", { type: "button", class: "checks-act", ...name }, text);
    button.addEventListener("click", run);
    return button;
  }

  function leave(finding) {
    left.add(finding);
    render();
  }

  // Going there

  function goTo([kind, place], quote) {
    if (kind === "field") return goToField(place);
    if (!body.editor) return goToField("body");
    const parts = { caption: "figure" };
    const found = partsOf(parts[kind] ?? kind);
    // The index counts what the server saw; the words tell when it has moved.
    const words = quote.replace(/…$/, "");
    const part =
      !words || found[place]?.text.startsWith(words)
        ? found[place]
        : found.find(({ text }) => text.startsWith(words));
    if (!part) return check(labels.changed);
    select(part.from, part.to);
    if (kind === "figure") {
      // Its words are a button below the picture, not text.
      body.editor.view.nodeDOM(part.from - 1)?.querySelector?.("button")?.focus();
    }
  }

  // Figures, tables, headings and links as news.checklist counts them.
  function partsOf(kind) {
    const found = [];
    const { doc } = body.editor.state;
    doc.descendants((node, position, parent) => {
      const name = node.type.name;
      const text = node.textContent.trim();
      if (kind === "link" && node.isText) {
        const address = node.marks.find((mark) => mark.type.name === "link")?.attrs.href;
        const last = found.at(-1);
        const goesOn = last?.to === position && last.parent === parent;
        if (address && goesOn && last.address === address) {
          last.to += node.nodeSize;
          last.text += node.text;
        } else if (address) {
          const to = position + node.nodeSize;
          found.push({ from: position, to, text: node.text, address, parent });
        }
      } else if (kind === name && name === "figure") {
        found.push({ from: position + 1, to: position + 1 + node.content.size, text });
      } else if (kind === name && name === "heading" && text) {
        found.push({ from: position + 1, to: position + 1 + node.content.size, text });
      } else if (kind === name && name === "table") {
        // Into its first cell: table, row, cell, paragraph.
        if (text) found.push({ from: position + 4, to: position + 4, text });
        return false;
      }
      return true;
    });
    return found;
  }

  function select(from, to) {
    const { editor } = body;
    editor.chain().focus(null, { scrollIntoView: false }).setTextSelection({ from, to }).run();
    const { node } = editor.view.domAtPos(from);
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    element.scrollIntoView({ block: "center" });
  }

  function goToField(name) {
    const input = form.elements[name] ?? form.elements[`${name}_0`];
    if (!input) return;
    for (let above = input; above; above = above.parentElement)
      if (above.tagName === "DETAILS") above.open = true;
    if (input === body && body.editor) return select(1, 1);
    // A hidden input stands for what shows in its row: the picture's button.
    const row = input.closest(".form-row");
    const visible = (element) => element.checkVisibility() && element.type !== "hidden";
    const controls = row?.querySelectorAll("input, select, textarea, button") ?? [];
    const control = visible(input) ? input : [...controls].find(visible);
    control?.focus({ preventScroll: true });
    (control ?? input).scrollIntoView({ block: "center" });
  }

  function goToText(finding) {
    const place = locate(finding);
    if (!place) return check(labels.changed);
    const field = fieldOf(finding);
    if (!field) return select(place.from, place.to);
    field.focus({ preventScroll: true });
    field.setSelectionRange(place.from, place.to);
    field.scrollIntoView({ block: "center" });
  }

  const fieldOf = ({ block }) =>
    [form.elements.title, form.elements.sapo][block] ?? null;

  // Where a finding is now: its block may have changed before or after it since it
  // was checked, but not in it. Null when it did.
  function locate({ block, start, end }) {
    const now = texts();
    const wasText = answer.blocks[block];
    const isText = now[block];
    if (isText === undefined) return null;
    if (block > 1 && now.length !== answer.blocks.length) return null;
    const { head, tail } = common(wasText, isText);
    let shift = 0;
    if (end > head) {
      if (start < wasText.length - tail) return null;
      shift = isText.length - wasText.length;
    }
    const base = block > 1 ? editorBlocks()[block - 2].from : 0;
    return { from: base + start + shift, to: base + end + shift };
  }

  // Correcting

  function correct(findings) {
    const places = findings.map((finding) => ({ finding, ...locate(finding) }));
    if (places.some((place) => place.from === undefined)) return check(labels.changed);
    const focused = document.activeElement;
    // From the end, so that what stands before keeps its place.
    places.sort((a, b) => b.finding.block - a.finding.block || b.from - a.from);
    for (const place of places)
      if (fieldOf(place.finding)) correctField(fieldOf(place.finding), place);
    const inBody = places.filter((place) => !fieldOf(place.finding));
    if (inBody.length) correctBody(inBody);
    focused?.focus({ preventScroll: true });
    // Gone at once; the server's word follows.
    answer.findings = answer.findings.filter((finding) => !findings.includes(finding));
    render();
    check();
  }

  // Typed as if by hand, so that the browser's undo takes it back.
  function correctField(field, place) {
    const { from, to, insert } = change(place);
    field.focus({ preventScroll: true });
    field.setSelectionRange(from, to);
    const command = insert ? "insertText" : "delete";
    if (document.execCommand(command, false, insert)) return;
    field.setRangeText(insert, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // One transaction and one step of undo; only letters that differ are replaced, so
  // bold and links stay.
  function correctBody(places) {
    const { state, view } = body.editor;
    const transaction = state.tr;
    for (const place of places) {
      const { from, to, insert } = change(place);
      const start = transaction.doc.resolve(from);
      const marks =
        from < to ? start.marksAcross(transaction.doc.resolve(to)) : start.marks();
      if (insert) transaction.replaceWith(from, to, state.schema.text(insert, marks));
      else transaction.delete(from, to);
    }
    view.dispatch(pm.pm.history.closeHistory(transaction));
  }

  function change({ finding, from, to }) {
    const { text, suggestion } = finding;
    const { head, tail } = common(text, suggestion);
    const insert = suggestion.slice(head, suggestion.length - tail);
    return { from: from + head, to: to - tail, insert };
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

function leftPlaces(article, isRefused) {
  const fresh = "checks:left:new";
  const name = article ? `checks:left:${article}` : fresh;
  const store = article ? localStorage : sessionStorage;
  const read = (from, key) => new Set(JSON.parse(from.getItem(key) ?? "[]"));
  const write = () => store.setItem(name, JSON.stringify([...places]));
  const key = (finding) => `${finding.rule}\n${finding.text}`;
  if (!article && !isRefused) sessionStorage.removeItem(fresh);
  const places = read(store, name);
  // Saved for the first time, an article takes along what was left while it was new.
  if (article && new URL(document.referrer || location.href).pathname.endsWith("/add/")) {
    for (const place of read(sessionStorage, fresh)) places.add(place);
    sessionStorage.removeItem(fresh);
    if (places.size) write();
  }
  return {
    has: (finding) => places.has(key(finding)),
    add(finding) {
      places.add(key(finding));
      write();
    },
    forget() {
      places.clear();
      store.removeItem(name);
    },
  };
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
