// The rich-text editor on textarea[data-editor]: ProseMirror through the module of
// django-prose-editor, with our own tool bar, figures and tables with a title.
// Needs: data-editor (address of that module), data-editor-labels (JSON), and
// library.js for pictures. Without it: the text area with HTML keeps working.
//
// Other modules take part through two events on the text area, both bubbling; they
// stand before this one in the page, so that they hear them:
//   editor:build  detail {pm, textarea, extensions, props, buttons, between,
//                 insertLink}, before the editor exists: push Tiptap extensions, set
//                 ProseMirror's editorProps, push buttons {label, icon (path of a 24 px
//                 outline), run(editor), isActive(editor)?, isEnabled(editor)?, isLast?}:
//                 they stand beside the one that inserts a picture, with isLast at the
//                 bar's end; between and insertLink are the functions below
//   editor:ready  detail {pm, textarea, editor, box}; textarea.editor is the editor
//   editor:link   detail {form, field, choose(address, title)}, when the window of a
//                 link opens: put other ways to an address before `field`

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  start(textarea).catch((error) => {
    console.error(error);
    const labels = JSON.parse(textarea.dataset.editorLabels);
    textarea.before(make("p", { class: "errornote", text: labels.failed }));
  });
}

async function start(textarea) {
  const labels = JSON.parse(textarea.dataset.editorLabels);
  const pm = await import(textarea.dataset.editor);
  const box = make("div", { class: "editor" });
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const parts = {
    pm,
    textarea,
    extensions: extensions(pm, textarea, labels),
    buttons: [],
    between,
    insertLink,
    props: {
      attributes: {
        class: "editor-area",
        role: "textbox",
        lang: "vi",
        spellcheck: "true",
        "aria-multiline": "true",
        "aria-label": labels.area,
      },
      // Word's headings begin with h1, which is the title's here. Its styles are
      // never kept; the policy would report each of them while they are read.
      transformPastedHTML: (html) =>
        html
          .normalize("NFC")
          .replace(/(<[^>]*?)\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, "$1")
          .replace(/<(\/?)h1\b/gi, "<$1h2"),
      transformPastedText: (text) => text.normalize("NFC"),
      // The tool bar and the form's buttons stay over the text; the caret does not.
      scrollThreshold: inSight(box, 10),
      scrollMargin: inSight(box, 20),
    },
  };
  tell(textarea, "editor:build", parts);
  textarea.before(box);
  textarea.hidden = true;
  const editor = new pm.Editor({
    element: box,
    injectCSS: false, // the policy forbids it; editor.css holds those rules
    extensions: parts.extensions,
    content: textarea.value,
    editorProps: parts.props,
    onUpdate({ editor }) {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  box.prepend(toolbar(parts, editor, labels));
  label?.addEventListener("click", () => editor.commands.focus());
  textarea.editor = editor;
  tell(textarea, "editor:ready", { pm, textarea, editor, box });
}

// What sticks to the screen above and below the text, in pixels, and `gap` more; read
// at each scroll, since a phone is turned and the bars grow.
function inSight(box, gap) {
  const height = (found) => (found?.offsetHeight ?? 0) + gap;
  return {
    get top() {
      return height(box.firstElementChild);
    },
    get bottom() {
      return height(box.closest("form")?.querySelector(".article-buttons"));
    },
    left: 0,
    right: 0,
  };
}

function tell(textarea, name, detail) {
  textarea.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// What can exist in a body

function extensions(pm, textarea, labels) {
  return [
    pm.Document,
    pm.Paragraph,
    pm.Text,
    pm.HardBreak,
    pm.Heading.configure({ levels: [2, 3, 4] }),
    pm.Bold,
    pm.Italic,
    pm.Underline,
    pm.Strike,
    pm.Subscript,
    pm.Superscript,
    pm.BulletList,
    pm.OrderedList,
    pm.ListItem,
    pm.Blockquote,
    pm.HorizontalRule,
    pm.Link.configure({
      autolink: true,
      linkOnPaste: true,
      enableTarget: false,
      protocols: ["http", "https", "mailto", "tel"],
      isAllowedUri: (address) => isAddress(address),
    }),
    table(pm),
    pm.TableRow,
    pm.TableHeader.extend({
      addAttributes() {
        return { ...this.parent?.(), scope: { default: null } };
      },
    }),
    pm.TableCell,
    pm.History,
    pm.Dropcursor,
    pm.Gapcursor,
    figure(pm, textarea, labels),
  ];
}

function isAddress(address) {
  return /^(https?:\/\/[^\s/]|mailto:[^\s]|tel:[^\s]|\/(?!\/))/i.test(address.trim());
}

function table(pm) {
  return pm.Table.extend({
    addAttributes() {
      return {
        ...this.parent?.(),
        caption: {
          default: "",
          rendered: false,
          parseHTML: (element) =>
            element.querySelector(":scope > caption")?.textContent.trim() ?? "",
        },
      };
    },
    parseHTML() {
      return [{ tag: "table" }, { tag: "caption", ignore: true }];
    },
    renderHTML({ node }) {
      const caption = node.attrs.caption ? [["caption", node.attrs.caption]] : [];
      return ["table", {}, ...caption, ["tbody", 0]];
    },
    addNodeView() {
      return null; // as rendered: no column widths, and the title is seen
    },
  });
}

function figure(pm, textarea, labels) {
  const data = (name) => ({
    default: null,
    rendered: false,
    parseHTML: (element) => element.getAttribute(name),
  });
  const picture = (name) => ({
    default: "",
    rendered: false,
    parseHTML: (element) => element.querySelector("img")?.getAttribute(name) ?? "",
  });
  return pm.Node.create({
    name: "figure",
    group: "block",
    content: "text*",
    marks: "",
    draggable: true,
    isolating: true,
    addAttributes() {
      return {
        placement: data("data-placement"),
        image: data("data-image"),
        altKind: { ...data("data-alt-kind"), default: "text" },
        src: picture("src"),
        alt: picture("alt"),
      };
    },
    parseHTML() {
      return [
        {
          tag: "figure[data-image]",
          contentElement: (element) => element.querySelector("figcaption") ?? element,
        },
      ];
    },
    renderHTML({ node }) {
      const { placement, image, altKind, src, alt } = node.attrs;
      const attributes = { "data-image": image, "data-alt-kind": altKind };
      if (placement) attributes["data-placement"] = placement;
      return ["figure", attributes, ["img", { src, alt }], ["figcaption", 0]];
    },
    addKeyboardShortcuts() {
      return {
        // Enter leaves the caption for a new paragraph under the picture.
        Enter: ({ editor }) => {
          const { $from } = editor.state.selection;
          if ($from.parent.type.name !== "figure") return false;
          const after = $from.after();
          return editor
            .chain()
            .insertContentAt(after, { type: "paragraph" })
            .setTextSelection(after + 1)
            .run();
        },
      };
    },
    addNodeView() {
      return ({ node, editor, getPos }) =>
        figureView(node, editor, getPos, textarea, labels);
    },
  });
}

function figureView(node, editor, getPos, textarea, labels) {
  let current = node;
  // A picture that has just come in pushes its caption down, with the caret.
  const image = make("img", { draggable: "true", onload: () => keepCaret() });
  const caption = make("figcaption", { "data-placeholder": labels.captionHere });
  const state = make("span", { class: "editor-alt" });
  const edit = make("button", {
    type: "button",
    text: labels.editFigure,
    onclick: () => editWords(),
  });
  const remove = make("button", {
    type: "button",
    text: labels.removeFigure,
    onclick: () => {
      const position = getPos();
      editor
        .chain()
        .focus()
        .deleteRange({ from: position, to: position + current.nodeSize })
        .run();
    },
  });
  const tools = make("div", { class: "editor-figure-tools" }, state, edit, remove);
  tools.contentEditable = "false";
  const dom = make("figure", { class: "editor-figure" }, image, caption, tools);

  const show = () => {
    const { src, alt, altKind } = current.attrs;
    image.src = src;
    image.alt = alt;
    const texts = { decorative: labels.altDecorative, caption: labels.altCaption };
    state.textContent = texts[altKind] ?? (alt || labels.altMissing);
    state.classList.toggle("editor-alt--missing", altKind === "text" && !alt);
    caption.classList.toggle("is-empty", current.content.size === 0);
    // Many pictures have these buttons: each is named with its own.
    for (const button of [edit, remove]) {
      const name = [button.textContent, current.textContent || alt].filter(Boolean);
      button.setAttribute("aria-label", name.join(": "));
    }
  };
  const editWords = () => {
    const { image: id, src, alt, altKind } = current.attrs;
    openLibrary(textarea, {
      words: {},
      figure: {
        image: { id, src, title: "" },
        caption: current.textContent,
        alt,
        altKind,
      },
      done(words) {
        const position = getPos();
        const { schema } = editor.state;
        const replacement = current.type.create(
          { ...current.attrs, alt: words.alt, altKind: words.altKind },
          words.caption ? schema.text(words.caption) : null,
        );
        editor.view.dispatch(
          editor.state.tr.replaceWith(
            position,
            position + current.nodeSize,
            replacement,
          ),
        );
        editor.commands.focus();
      },
    });
  };
  const keepCaret = () => {
    const { anchor } = editor.state.selection;
    const isHere = anchor > getPos() && anchor < getPos() + current.nodeSize;
    if (isHere && editor.isFocused) editor.commands.scrollIntoView();
  };
  show();
  return {
    dom,
    contentDOM: caption,
    update(updated) {
      if (updated.type !== current.type) return false;
      current = updated;
      show();
      return true;
    },
    stopEvent: (event) => tools.contains(event.target),
    ignoreMutation: (mutation) => !caption.contains(mutation.target),
  };
}

function openLibrary(source, detail) {
  document.dispatchEvent(
    new CustomEvent("library:open", { detail: { source, ...detail } }),
  );
}

// The tool bar

const ICONS = {
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14.5 5l-5 14",
  underline: "M7 4v7a5 5 0 0 0 10 0V4M5 20h14",
  strike: "M4 12h16M16.5 7.5C16 5.5 14 5 12 5c-2.5 0-4.5 1.2-4.5 3.3M7 16c.5 2.2 2.5 3 5 3 2.8 0 4.8-1.3 4.8-3.5",
  subscript: "M4 6l8 10M12 6L4 16M16 15.5c0-2 4-2 4 0 0 1.5-4 2.5-4 4.5h4",
  superscript: "M4 8l8 10M12 8L4 18M16 4.5c0-2 4-2 4 0 0 1.5-4 2.5-4 4.5h4",
  bulletList: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  orderedList: "M10 6h10M10 12h10M10 18h10M4 4.5l1.5-.5v5M4 14h3l-3 4h3",
  blockquote: "M5 17c2-1 3-3 3-6H4V6h6v5c0 4-2 7-4 8M15 17c2-1 3-3 3-6h-4V6h6v5c0 4-2 7-4 8",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1",
  unlink: "M15 15l3.7-4A4 4 0 0 0 13 5.3M9 9l-3.7 4A4 4 0 0 0 11 18.7M4 4l16 16",
  figure: "M3 5h18v14H3zM4 17l5-5 4 4 3-3 4 4M8.5 9.5h.01",
  table: "M3 5h18v14H3zM3 10h18M3 14.5h18M9 5v14M15 5v14",
  tableCaption: "M4 5h16M4 10h16v9H4zM4 14.5h16M12 10v9",
  toggleHeaderRow: "M3 5h18v14H3zM3 10h18M6 7.5h12",
  toggleHeaderColumn: "M3 5h18v14H3zM9 5v14M6 8v8",
  toggleHeaderCell: "M3 5h18v14H3zM3 11h18M11 5v14M6 8h2",
  addRowBefore: "M3 13h18v7H3zM12 3v7M8.5 6.5h7",
  addRowAfter: "M3 4h18v7H3zM12 14v7M8.5 17.5h7",
  deleteRow: "M3 4h18v7H3zM9 15l6 6M15 15l-6 6",
  addColumnBefore: "M13 3h7v18h-7zM3 12h7M6.5 8.5v7",
  addColumnAfter: "M4 3h7v18H4zM14 12h7M17.5 8.5v7",
  deleteColumn: "M4 3h7v18H4zM15 9l6 6M21 9l-6 6",
  mergeCells: "M3 5h18v14H3zM12 5v3M12 16v3M6 12h4M8 10l2 2-2 2M18 12h-4M16 10l-2 2 2 2",
  deleteTable: "M3 5h18v14H3zM9 9l6 6M15 9l-6 6",
  horizontalRule: "M4 12h16",
  undo: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3",
};

// With Ctrl, or Command on a Mac: told in the buttons' titles.
const KEYS = {
  bold: "B",
  italic: "I",
  underline: "U",
  link: "K",
  bulletList: "Shift+8",
  orderedList: "Shift+7",
  blockquote: "Shift+B",
  undo: "Z",
  redo: "Y",
};
const CONTROL = /Mac|iP(hone|ad)/.test(navigator.platform)
  ? ["⌘", "Meta"]
  : ["Ctrl+", "Control"];

function toolbar({ textarea, buttons }, editor, labels) {
  const watched = []; // functions that bring a control in step with the selection
  const button = (name, run, state) => {
    const made = control(labels[name], ICONS[name], run, state);
    if (KEYS[name]) {
      made.title += ` (${CONTROL[0]}${KEYS[name]})`;
      made.setAttribute("aria-keyshortcuts", `${CONTROL[1]}+${KEYS[name]}`);
    }
    return made;
  };
  const control = (label, path, run, { isActive, isEnabled } = {}) => {
    const control = make("button", {
      type: "button",
      class: "editor-button",
      title: label,
      "aria-label": label,
      onclick: run,
    });
    if (path) control.append(icon(path));
    else control.textContent = label;
    watched.push(() => {
      if (isActive) control.setAttribute("aria-pressed", String(isActive()));
      if (isEnabled) control.disabled = !isEnabled();
    });
    return control;
  };
  const chain = () => editor.chain().focus();
  const mark = (name) =>
    button(name, () => chain().toggleMark(name).run(), {
      isActive: () => editor.isActive(name),
      isEnabled: () => editor.can().toggleMark(name),
    });
  const group = (...controls) => make("span", { class: "editor-group" }, ...controls);

  const style = make("select", { class: "editor-style", "aria-label": labels.style });
  for (const name of ["paragraph", "h2", "h3", "h4"])
    style.append(make("option", { value: name, text: labels[name] }));
  style.addEventListener("change", () => {
    const level = Number(style.value.slice(1));
    if (level) chain().setHeading({ level }).run();
    else chain().setParagraph().run();
  });
  watched.push(() => {
    const level = [2, 3, 4].find((level) => editor.isActive("heading", { level }));
    style.value = level ? `h${level}` : "paragraph";
  });

  // With its words beside it where there is room.
  const tool = (name, run) => {
    const made = button(name, run);
    made.append(make("span", { text: labels[name] }));
    return made;
  };
  const tableTools = make(
    "span",
    { class: "editor-group editor-table-tools" },
    tool("tableCaption", () => askTableCaption(editor, labels)),
    tool("toggleHeaderRow", () => chain().toggleHeaderRow().run()),
    tool("toggleHeaderColumn", () => chain().toggleHeaderColumn().run()),
    tool("toggleHeaderCell", () => chain().toggleHeaderCell().run()),
    tool("addRowBefore", () => chain().addRowBefore().run()),
    tool("addRowAfter", () => chain().addRowAfter().run()),
    tool("deleteRow", () => chain().deleteRow().run()),
    tool("addColumnBefore", () => chain().addColumnBefore().run()),
    tool("addColumnAfter", () => chain().addColumnAfter().run()),
    tool("deleteColumn", () => chain().deleteColumn().run()),
    tool("mergeCells", () => chain().mergeOrSplit().run()),
    tool("deleteTable", () => chain().deleteTable().run()),
  );
  watched.push(() => {
    tableTools.hidden = !editor.isActive("table");
  });

  const added = (isLast) =>
    buttons
      .filter((button) => Boolean(button.isLast) === isLast)
      .map(({ label, icon, run, isActive, isEnabled }) =>
        control(label, icon, () => run(editor), {
          isActive: isActive && (() => isActive(editor)),
          isEnabled: isEnabled && (() => isEnabled(editor)),
        }),
      );

  const bar = make(
    "div",
    { class: "editor-bar", role: "toolbar", "aria-label": labels.toolbar },
    group(style),
    group(
      button("figure", () => insertFigure(editor, textarea)),
      ...added(false),
      button("link", () => askLink(editor, textarea, labels), {
        isActive: () => editor.isActive("link"),
      }),
      button("unlink", () => chain().extendMarkRange("link").unsetLink().run(), {
        isEnabled: () => editor.isActive("link"),
      }),
    ),
    group(mark("bold"), mark("italic"), mark("underline"), mark("strike")),
    group(
      button("bulletList", () => chain().toggleBulletList().run(), {
        isActive: () => editor.isActive("bulletList"),
      }),
      button("orderedList", () => chain().toggleOrderedList().run(), {
        isActive: () => editor.isActive("orderedList"),
      }),
      button("blockquote", () => chain().toggleBlockquote().run(), {
        isActive: () => editor.isActive("blockquote"),
      }),
    ),
    group(
      button(
        "table",
        () => chain().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
        { isEnabled: () => !editor.isActive("table") },
      ),
      button("horizontalRule", () => chain().setHorizontalRule().run()),
      mark("subscript"),
      mark("superscript"),
    ),
    group(
      button("undo", () => chain().undo().run(), {
        isEnabled: () => editor.can().undo(),
      }),
      button("redo", () => chain().redo().run(), {
        isEnabled: () => editor.can().redo(),
      }),
      ...added(true),
    ),
    tableTools,
  );
  const keepStop = arrowKeys(bar);
  const refresh = () => {
    watched.forEach((bring) => bring());
    keepStop();
  };
  editor.on("transaction", refresh);
  refresh();
  return bar;
}

// One stop for Tab; arrows move inside (the pattern of a tool bar). Returns what
// moves the stop away from a control that cannot be used now.
function arrowKeys(bar) {
  const all = [...bar.querySelectorAll("button, select")];
  const isUsable = (control) => !control.disabled && !control.closest("[hidden]");
  const controls = () => all.filter(isUsable);
  const stopAt = (stop) =>
    all.forEach((control) => {
      control.tabIndex = control === stop ? 0 : -1;
    });
  stopAt(all[0]);
  bar.addEventListener("focusin", (event) => stopAt(event.target));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const list = controls();
    const next = list.indexOf(document.activeElement) + step;
    list[(next + list.length) % list.length]?.focus();
    event.preventDefault();
  });
  return () => {
    if (!isUsable(all.find((control) => control.tabIndex === 0))) stopAt(all[0]);
  };
}

function icon(path) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(namespace, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// {from, to} where a picture or video is put: after the block in which a selection or
// a position ends, or in place of an empty paragraph. It never splits a sentence.
function between(place) {
  const { $from, $to } = place.$from ? place : { $from: place, $to: place };
  const isEmpty = $from.depth === 1 && $from.parent.content.size === 0;
  if (isEmpty) return { from: $from.before(1), to: $from.after(1) };
  const after = $to.depth > 0 ? $to.after(1) : $to.pos;
  return { from: after, to: after };
}

function insertFigure(editor, textarea) {
  openLibrary(textarea, {
    words: {},
    done({ image, caption, alt, altKind }) {
      editor
        .chain()
        .focus()
        .insertContentAt(between(editor.state.selection), {
          type: "figure",
          attrs: { image: String(image.id), src: image.src, alt, altKind },
          content: caption ? [{ type: "text", text: caption }] : [],
        })
        .run();
    },
  });
}

function insertLink(editor, href, text) {
  editor
    .chain()
    .focus()
    .insertContent({ type: "text", text, marks: [{ type: "link", attrs: { href } }] })
    .unsetMark("link") // what is typed next is no link
    .run();
}

function askLink(editor, textarea, labels) {
  // Of nothing chosen, the address or the title becomes the text.
  const link = (href, text) => {
    const chain = editor.chain().focus();
    if (editor.isActive("link"))
      chain.extendMarkRange("link").setLink({ href }).run();
    else if (editor.state.selection.empty) insertLink(editor, href, text);
    else chain.setLink({ href }).run();
  };
  const { dialog, form, field } = ask({
    title: labels.link,
    label: labels.linkAddress,
    value: editor.getAttributes("link").href ?? "",
    labels,
    problem: (address) => (isAddress(address) ? "" : labels.linkBad),
    done: (address) => link(address, address),
  });
  tell(textarea, "editor:link", {
    form,
    field,
    choose(address, title) {
      dialog.close();
      link(address, title);
    },
  });
}

function askTableCaption(editor, labels) {
  ask({
    title: labels.tableCaption,
    label: labels.tableCaption,
    value: editor.getAttributes("table").caption ?? "",
    labels,
    problem: () => "",
    done: (caption) =>
      editor.chain().focus().updateAttributes("table", { caption }).run(),
  });
}

// A small window with one field; returns its parts.
function ask({ title, label, value, labels, problem, done }) {
  const input = make("input", { type: "text", id: "editor-ask", maxlength: "2000" });
  input.value = value;
  const field = make(
    "div",
    {},
    make("label", { for: "editor-ask", text: label }),
    input,
  );
  const wrong = make("p", { class: "library-status library-error", role: "status" });
  const form = make(
    "form",
    { class: "editor-ask", novalidate: "" },
    make("h2", { id: "editor-ask-title", text: title }),
    field,
    wrong,
    make(
      "p",
      { class: "library-buttons" },
      make("button", { type: "submit", class: "button default", text: labels.apply }),
      make("button", {
        type: "button",
        class: "button quiet",
        text: labels.cancel,
        onclick: () => dialog.close(),
      }),
    ),
  );
  const dialog = make(
    "dialog",
    { class: "library library--small", "aria-labelledby": "editor-ask-title" },
    form,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const text = input.value.trim();
    wrong.textContent = problem(text);
    if (wrong.textContent) return;
    dialog.close();
    done(text);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  return { dialog, form, field };
}
