// One answer beside its images, or two: words, issues, shapes and times.

function openCard(place, isFocus) {
  const wasClosed = open < 0;
  open = place;
  const detail = byId("detail");
  detail.hidden = false;
  marked = Math.max(0, shown.indexOf(place));
  detail.replaceChildren(detailTop(cards[place]), sidesOf(cards[place]));
  detail.scrollTop = 0;
  for (const frame of every(".frame", detail)) placeTags(frame);
  if (wasClosed) moveIntoView();
  markCard();
  writeHash();
  if (isFocus) byId("detail-name").focus({ preventScroll: true });
}

/** The grid has another width now, so the marked card is elsewhere. */
function moveIntoView() {
  const { columns, rowHeight } = layout();
  byId("grid").scrollTop = Math.max(0, (Math.floor(marked / columns) - 1) * rowHeight);
  drawGrid(true);
}

function closeCard(isFocus = true) {
  if (open < 0) return;
  open = -1;
  byId("detail").hidden = true;
  hideTip();
  moveIntoView();
  writeHash();
  if (isFocus) byId("grid").focus();
}

function detailTop(card) {
  const button = (step, sign, title) => make("button", { type: "button", class: "tool", "data-step": step, "aria-label": title, title }, sign);
  return make("div", { class: "detail-top" },
    make("h2", { id: "detail-name", tabindex: "-1", title: nameOf(card) }, nameOf(card)),
    make("span", { class: "quiet" }, `${marked + 1} of ${shown.length.toLocaleString("en")}`),
    button(-1, "←", "Previous answer"), button(1, "→", "Next answer"), button(0, "✕", "Close"),
  );
}

function sidesOf(card) {
  const sides = card.answers.map((answer, number) => sideOf(card, answer, number));
  return make("div", { class: `sides ${sides.length > 1 ? "two" : ""}` }, ...sides);
}

function sideOf(card, answer, number) {
  const isCompared = card.answers.length > 1;
  const items = card.assets.map((_, asset) => drawn(card, answer, asset));
  const outcome = answer?.outcome ?? "unanswered";
  const stages = make("div", { class: `stages ${card.assets.length > 1 ? "many" : ""}` },
    ...card.assets.map((asset, place) => stageOf(asset, items[place], outcome)));
  return make("section", { class: "side", "data-side": number, "aria-label": isCompared ? head.sides[number] : "Answer" },
    make("div", { class: "side-head" }, isCompared ? make("h3", {}, head.sides[number]) : null, ...chipsOf(answer, outcome)),
    make("div", {}, stages, legendOf()),
    wordsOf(card, answer, outcome, items.flat()),
  );
}

function chipsOf(answer, outcome) {
  const chips = [make("span", { class: `chip strong outcome-${outcome}` }, OUTCOMES[outcome])];
  const add = (text, title) => chips.push(make("span", { class: "chip", title }, text));
  if (answer?.counts) {
    const [right, wrong, missed] = answer.counts;
    add(`F1 ${percent(answer.f1)}`, `at IoU ${head.threshold} or more`);
    add(`${right} TP · ${wrong} FP · ${missed} FN`, "true positives, false positives, false negatives");
    if (answer.iou !== undefined) add(`worst IoU ${percent(answer.iou)}`, "the least overlap of a match");
  }
  if (answer?.model !== undefined) add(head.models[answer.model], "model");
  if (answer?.ending) add(answer.ending, "how the answer ended");
  if (answer?.place) chips.push(make("span", { class: "quiet" }, answer.place));
  return chips;
}

function stageOf(asset, items, outcome) {
  const spatial = items.filter(({ shape }) => shape.kind !== CLIP);
  const frame = frameOf(asset, stageShapes(items, `${asset.name}: ${plural(spatial.length, "shape")}`));
  frame.hidden = asset.video && !spatial.length && !sourceOf(asset); // clips need no canvas
  const ratio = ratioOf(asset);
  frame.style.aspectRatio = String(ratio);
  frame.style.width = `min(100%, calc(${sourceOf(asset) || spatial.length ? 64 : 36}vh * ${ratio}))`;
  frame.append(...tagsOf(items));
  const size = asset.width ? `${asset.width} × ${asset.height}` : "size unknown: drawn on the 0–1000 grid";
  const parts = [asset.name, size, sourceOf(asset) ? null : asset.video ? "video" : "image not in this report"];
  return make("figure", { class: `stage is-${outcome}` }, frame, timesOf(items),
    make("figcaption", {}, parts.filter(Boolean).join(" · ")));
}

/** A bar for each clip on the time of its video, and a mark for each shape that has a time. */
function timesOf(items) {
  const timed = items.filter(({ shape }) => shape.t !== undefined);
  if (!timed.length) return null;
  const end = endOf(timed);
  const rows = new Map();
  for (const item of timed) {
    const name = `${item.style === "true" || item.style === "fn" ? "truth: " : ""}${labelOf(item.shape)}`;
    if (!rows.has(name)) rows.set(name, make("div", { class: "time-row", role: "group", "aria-label": name }));
    rows.get(name).append(timeBar(item, end));
  }
  const named = [...rows].flatMap(([name, row]) => [make("span", { class: "time-name", title: name }, name), row]);
  return make("div", { class: "times" }, ...named,
    make("div", { class: "axis" }, make("span", {}, "0 s"), make("span", {}, `${end} s`)));
}

function timeBar({ shape, key, style }, end) {
  const [from, to] = [shape.t, shape.until ?? shape.t].toSorted((a, b) => a - b);
  const bar = make("button", { type: "button", class: `time-bar ${style}`, "data-key": key, colour: colourOf(shape),
    "aria-label": `${labelOf(shape)}, ${timeOf(shape)}` });
  bar.style.left = `min(${(from / end) * 100}%, 100% - 6px)`;
  bar.style.width = `${((to - from) / end) * 100}%`;
  return bar;
}

const timeOf = (shape) => (shape.until === undefined ? `${shape.t} s` : `${shape.t}–${shape.until} s`);

function legendOf() {
  if (!isJudged) return null;
  const isOn = (name) => document.body.classList.contains(name);
  const toggle = (name, title) =>
    make("label", {}, make("input", { type: "checkbox", checked: isOn(name), "data-toggle": name }), title);
  return make("div", { class: "legend" }, ...["tp", "fp", "fn"].map((name) => lineSample(name, name.toUpperCase())),
    toggle("with-found", "answer"), toggle("with-true", "truth"), toggle("by-verdict", "colours by outcome"));
}

function lineSample(style, title) {
  const svg = makeSvg("svg", { viewBox: "0 0 34 12", "aria-hidden": "true" });
  const group = makeSvg("g", { class: style, colour: "#888888" });
  group.append(makeSvg("path", { d: "M1 6H33", class: "halo" }), makeSvg("path", { d: "M1 6H33", class: "line" }));
  svg.append(group);
  return make("span", { title: VERDICTS[style] ?? title }, svg, title);
}

function wordsOf(card, answer, outcome, items) {
  const words = make("div", { class: "words" });
  if (OUTCOME_WORDS[outcome]) words.append(make("p", { class: `outcome-words outcome-${outcome}` }, OUTCOME_WORDS[outcome]));
  if (answer?.prompt) words.append(make("p", { class: "asked" }, make("span", { class: "hush" }, "Asked: "), answer.prompt));
  if (answer?.reasoning)
    words.append(make("details", { class: "reasoning" }, make("summary", {}, "Reasoning"), make("div", { class: "thoughts" }, answer.reasoning)));
  if (answer?.pieces?.length) words.append(proseOf(answer));
  if (answer?.issues?.length) words.append(make("h3", { class: "small" }, plural(answer.issues.length, "issue")), issuesOf(answer));
  if (items.length) words.append(shapesTable(answer, items));
  return words;
}

function proseOf(answer) {
  const pieces = answer.pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    const [text, role, rows, about] = piece;
    const issues = about.map((number) => head.issues[answer.issues[number].code]);
    const severity = issues.some((issue) => issue.severity === "error") ? "error" : "warning";
    const common = { "data-issues": about.join(" ") || null };
    const style = about.length ? `issue ${severity}` : "";
    if (role === UNREAD) return make("code", { class: `unread ${style}`, tabindex: about.length ? "0" : null, ...common }, text);
    if (!rows.length) return make("span", { class: style, tabindex: "0", ...common }, text);
    const kinds = { [MENTION]: "", [GROUP]: "group", [MEMBER]: "member" };
    const shape = answer.shapes[rows[0]];
    return make("button", {
      type: "button", class: `mention ${kinds[role]} ${style} ${shape.verdict ?? ""}`, colour: colourOf(shape),
      "data-keys": rows.map((row) => `s${row}`).join(" "), "aria-pressed": "false", ...common,
    }, text);
  });
  return make("p", { class: "prose" }, ...pieces);
}

function issuesOf(answer) {
  return make("ul", { class: "issues" }, ...answer.issues.map((issue, number) => {
    const { code, severity, meaning } = head.issues[issue.code];
    return make("li", { class: severity, "data-issue": number }, make("b", {}, `${severity}: ${code}`), ` – ${meaning}`,
      issue.detail ? make("div", {}, make("code", { class: "unread" }, issue.detail)) : null);
  }));
}

function shapesTable(answer, items) {
  const hasScores = items.some(({ shape }) => shape.score !== undefined);
  const rows = items.filter(({ style }) => style !== "true").map(({ shape, key, style }) =>
    make("tr", { class: "row", "data-key": key },
      make("td", {}, make("button", { type: "button", colour: colourOf(shape) }, make("span", { class: "swatch" }), labelOf(shape))),
      make("td", {}, SHAPES[shape.kind] + (shape.t === undefined ? "" : `, ${timeOf(shape)}`)),
      make("td", { class: "quiet" }, whereOf(shape)),
      isJudged ? make("td", { title: VERDICTS[shape.verdict ?? style] }, verdictOf(shape, style)) : null,
      hasScores ? make("td", { class: "number" }, percent(shape.score)) : null));
  const headings = ["what", "kind", "where", ...(isJudged ? ["outcome"] : []), ...(hasScores ? ["score"] : [])];
  const isOpen = !answer?.pieces?.length || items.length <= 12;
  return make("details", { open: isOpen }, make("summary", {}, plural(rows.length, "annotation")),
    make("table", { class: "shapes" },
      make("thead", {}, make("tr", {}, ...headings.map((title) => make("th", { scope: "col" }, title)))),
      make("tbody", {}, ...rows)));
}

function whereOf({ at = [] }) {
  return at.length > 8 ? `${at.length / 2} corners` : at.join(" ");
}

function verdictOf(shape, style) {
  if (style === "fn") return "FN";
  return shape.verdict ? shape.verdict.toUpperCase() + (shape.iou === undefined ? "" : ` ${percent(shape.iou)}`) : "not compared";
}
