// Places in what is being written, for checks.js: panel.places reads the texts of the
// form, goes to a field or a part of the body, replaces text and underlines it.
// Needs: #checks inside the form with title, sapo and body; for the body textarea.editor
// of editor.js, before which it stands, to take part in it. Without the editor only
// fields are places; without this module the panel is not filled again.
//
// A place in text is {block, start, end}: block 0 is the title, 1 the lead, then each
// block of text in the editor; offsets are UTF-16 units.

const panel = document.querySelector("#checks");
if (panel) {
  const form = panel.closest("form");
  panel.places = places(form, form.elements.body);
}

function places(form, body) {
  const FIELDS = ["title", "sapo"];
  let pm = null; // ProseMirror's modules, once there is an editor
  let key = null;

  document.addEventListener("editor:build", (event) => {
    if (event.target !== body) return;
    pm = event.detail.pm.pm;
    key = new pm.state.PluginKey("checks");
    event.detail.extensions.push(underlines(event.detail.pm, key));
  });

  // A break or a picture inside text is one character, so that an offset in a block
  // is also a position in the document.
  function blocks() {
    const found = [];
    const leaf = (inner) => (inner.type.name === "hardBreak" ? "\n" : "\ufffc");
    body.editor?.state.doc.descendants((node, position) => {
      if (!node.isTextblock) return true;
      const text = node.textBetween(0, node.content.size, "", leaf);
      found.push({ from: position + 1, text });
      return false;
    });
    return found;
  }

  function texts() {
    const fields = FIELDS.map((name) => form.elements[name].value);
    return [...fields, ...blocks().map((block) => block.text)];
  }

  const fieldOf = ({ block }) => form.elements[FIELDS[block]] ?? null;

  // [{...place, from, to}] of those in the body
  function positions(list) {
    const starts = blocks().map((block) => block.from);
    return list
      .filter(({ block }) => starts[block - FIELDS.length] !== undefined)
      .map((place) => {
        const base = starts[place.block - FIELDS.length];
        return { ...place, from: base + place.start, to: base + place.end };
      });
  }

  // Going there

  function goToText(place) {
    const field = fieldOf(place);
    if (!field) {
      const [{ from, to }] = positions([place]);
      return select(from, to);
    }
    show(field);
    field.setSelectionRange(place.start, place.end);
  }

  // `target` as news.checklist gives it; false when the part is no longer there.
  function goTo([kind, place], quote) {
    if (kind === "field") goToField(place);
    else if (!body.editor) goToField("body");
    else {
      // The index counts what the server saw; the words tell when it has moved.
      const words = quote.replace(/…$/, "");
      const parts = partsOf(kind === "caption" ? "figure" : kind);
      const fits = (part) => part?.text.startsWith(words);
      const part = fits(parts[place]) ? parts[place] : (parts.find(fits) ?? parts[place]);
      if (!part) return false;
      if (kind !== "embed") select(part.from, part.to);
      // The words of a picture or video are behind the button below it.
      if (kind === "figure" || kind === "embed") {
        const button = body.editor.view.nodeDOM(part.from - 1)?.querySelector("button");
        if (button) show(button);
      }
    }
    return true;
  }

  function goToField(name) {
    const input = form.elements[name] ?? form.elements[`${name}_0`];
    if (!input) return;
    for (let above = input; above; above = above.parentElement)
      if (above.tagName === "DETAILS") above.open = true;
    if (input === body && body.editor) {
      select(1, 1);
      return;
    }
    // A picture's number is hidden; the button of its row stands for it.
    const shown = (element) => element.type !== "hidden" && element.checkVisibility();
    const row = input.closest(".form-row")?.querySelectorAll("input, button") ?? [];
    show(shown(input) ? input : ([...row].find(shown) ?? input));
  }

  function show(control) {
    control.focus({ preventScroll: true });
    control.scrollIntoView({ block: "center" });
  }

  function select(from, to) {
    const { editor } = body;
    editor.commands.setTextSelection({ from, to });
    editor.view.focus(); // not the command, which comes a frame later
    const { node } = editor.view.domAtPos(from);
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    element.scrollIntoView({ block: "center" });
  }

  // Figures, embeds, tables, headings and links as news.checklist counts them.
  function partsOf(kind) {
    const found = [];
    const { doc } = body.editor.state;
    const oneLine = (text) => text.replace(/\s+/g, " ").trim();
    const goesOn = (last, position, parent, href) =>
      last?.parent === parent &&
      last.href === href &&
      !doc.textBetween(last.to, position).trim();
    doc.descendants((node, position, parent) => {
      const text = oneLine(node.textContent);
      const inside = { from: position + 1, to: position + 1 + node.content.size, text };
      if (node.isText) {
        const link = node.marks.find((mark) => mark.type.name === "link");
        if (kind !== "link" || !link || !text) return false;
        const last = found.at(-1);
        const to = position + node.nodeSize;
        const { href } = link.attrs;
        if (goesOn(last, position, parent, href)) {
          last.to = to;
          last.text = oneLine(doc.textBetween(last.from, to, "", " "));
        } else found.push({ from: position, to, text, href, parent });
      } else if (node.type.name === kind && kind === "table") {
        // Into its first cell: table, row, cell, paragraph.
        if (text) found.push({ from: position + 4, to: position + 4, text });
        return false;
      } else if (node.type.name === kind && (text || kind !== "heading")) {
        found.push(inside);
      }
      return true;
    });
    return found;
  }

  // Changing

  // Each of `changes` is a place and {insert}; those in the body are one transaction
  // and one step of undo. The focus stays where it was.
  function replace(changes) {
    const focused = document.activeElement;
    // From the end, so that what stands before keeps its place.
    const ordered = [...changes].sort((a, b) => b.block - a.block || b.start - a.start);
    for (const change of ordered) if (fieldOf(change)) type(fieldOf(change), change);
    const inBody = positions(ordered.filter((change) => !fieldOf(change)));
    if (inBody.length) {
      const { state, view } = body.editor;
      const transaction = state.tr;
      for (const { from, to, insert } of inBody) {
        const start = transaction.doc.resolve(from);
        const end = transaction.doc.resolve(to);
        const marks = from < to ? start.marksAcross(end) : start.marks();
        if (insert) transaction.replaceWith(from, to, state.schema.text(insert, marks));
        else transaction.delete(from, to);
      }
      view.dispatch(pm.history.closeHistory(transaction));
    }
    focused?.focus({ preventScroll: true });
  }

  // As if by hand, so that the browser's undo takes it back.
  function type(field, { start, end, insert }) {
    field.focus({ preventScroll: true });
    field.setSelectionRange(start, end);
    if (document.execCommand(insert ? "insertText" : "delete", false, insert)) return;
    field.setRangeText(insert, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function underline(list) {
    if (!pm || !body.editor) return;
    const { state, view } = body.editor;
    if (view.composing) return; // a letter being put together would be torn apart
    const marks = positions(list).map(({ from, to }) =>
      pm.view.Decoration.inline(from, to, { class: "checks-underline" }),
    );
    view.dispatch(state.tr.setMeta(key, marks));
  }

  return { texts, goTo, goToText, replace, underline };
}

// Lines under text that move with it while somebody types.
function underlines({ Extension, pm }, key) {
  const { DecorationSet } = pm.view;
  const plugin = new pm.state.Plugin({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply(transaction, set) {
        const marks = transaction.getMeta(key);
        if (marks) return DecorationSet.create(transaction.doc, marks);
        return set.map(transaction.mapping, transaction.doc);
      },
    },
    props: { decorations: (state) => key.getState(state) },
  });
  return Extension.create({ name: "checks", addProseMirrorPlugins: () => [plugin] });
}
