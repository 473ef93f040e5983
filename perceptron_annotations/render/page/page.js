// A page of answers: a grid that draws only what is visible, one answer beside its images, and filters over all.
//
// Data come from JSON in the page, or from files beside it that call pageCards(). They are words of models and files:
// every one of them becomes a text node, an attribute of text, or a number. Types are those of page_data.py.
"use strict";

/**
 * @typedef {{kind: number, at?: number[], label?: number, asset?: number, t?: number, until?: number, score?: number,
 *   track?: number, object?: number, verdict?: string, iou?: number}} Shape
 * @typedef {string | [string, number, number[], number[]]} Piece
 * @typedef {{outcome: string, model?: number, prompt?: string, place?: string, ending?: string, pieces?: Piece[],
 *   reasoning?: string, shapes?: Shape[], issues?: {code: number, detail?: string}[], missed?: number[],
 *   counts?: [number, number, number], f1?: number, iou?: number}} Answer
 * @typedef {{name: string, width?: number, height?: number, image?: number, video?: boolean}} Asset
 * @typedef {{assets: Asset[], answers: (Answer | null)[], truth?: Shape[]}} Card
 */
(() => {
  const SHAPES = ["point", "box", "polygon", "clip"];
  const [POINT, BOX, POLYGON, CLIP] = [0, 1, 2, 3];
  const [MENTION, GROUP, MEMBER, UNREAD] = [1, 2, 3, 4];
  const OUTCOMES = {
    ok: "read",
    partial: "read in part",
    unreadable: "unreadable",
    empty: "nothing marked",
    unanswered: "no answer",
  };
  const OUTCOME_WORDS = {
    partial: "A part of this answer could not be read; the rest is shown. The issues below say what was lost.",
    unreadable: "There was something to read in this answer, and none of it could be read: this is not an empty image.",
    empty: "The answer marks nothing: the model says that there is nothing to mark, or answers in words alone.",
    unanswered: "There is no answer about this image.",
  };
  const VERDICTS = { tp: "true positive", fp: "false positive", fn: "false negative: a truth that was not found" };
  /** A card of the grid in pixels, and the space between two. */
  const CARD = { width: 208, height: 214, caption: 58, gap: 12 };
  const MOST_TAGS = 60;

  const byId = (/** @type {string} */ id) => document.getElementById(id);
  const read = (/** @type {string} */ id) => {
    const element = byId(id);
    const value = element ? JSON.parse(element.textContent) : null;
    element?.remove();
    return value;
  };
  const head = read("page-head");
  const images = read("page-images");
  /** The title and the cards of each list that a section links to. */
  const picks = (read("page-picks") ?? []).map(([title, places]) => ({ title, places: new Set(places) }));
  /** @type {Card[]} */
  let cards = read("page-cards") ?? [];

  // -- elements ------------------------------------------------------------------------------------------------------

  /** An element with attributes and children; a text becomes a text node, and what is null is left out. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "colour") setColour(element, value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function makeSvg(tag, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "colour") setColour(element, value);
      else element.setAttribute(name, value);
    }
    return element;
  }

  function setColour(element, colour) {
    element.style.setProperty("--c", colour);
    element.style.setProperty("--on-c", isBright(colour) ? "#000" : "#fff");
    element.style.setProperty("--edge", isBright(colour) ? "#000" : "#fff");
  }

  function isBright(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
  }

  const labelOf = (shape) => (shape.label === undefined ? SHAPES[shape.kind] : head.labels[shape.label]);
  const colourOf = (shape) => (shape.label === undefined ? "#0072b2" : head.colours[shape.label]);
  const percent = (share) => (share === undefined ? "–" : share.toFixed(2));
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  const sourceOf = (asset) =>
    asset.image === undefined ? "" : images ? images[asset.image] : `images/${asset.image}.webp`;

  // -- shapes --------------------------------------------------------------------------------------------------------

  /** The path of a shape on the grid of 1000; a point is a line without length, whose round ends make it a dot. */
  function pathOf(shape) {
    const at = shape.at;
    if (shape.kind === POINT) return `M${at[0]} ${at[1]}h.01`;
    if (shape.kind === BOX) return `M${at[0]} ${at[1]}H${at[2]}V${at[3]}H${at[0]}Z`;
    if (shape.kind === POLYGON) return `M${at.join(" ")}Z`;
    return "";
  }

  function boundsOf(shape) {
    const xs = shape.at.filter((_, place) => place % 2 === 0);
    const ys = shape.at.filter((_, place) => place % 2 === 1);
    return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
  }

  const areaOf = (shape) => {
    const { left, top, right, bottom } = boundsOf(shape);
    return shape.kind === POINT ? 0 : (right - left) * (bottom - top);
  };

  /** What is drawn on one asset: shapes of the answer, then truths; each with a key that words and shapes share. */
  function drawn(card, answer, asset) {
    const onAsset = ({ shape }) => (shape.asset ?? 0) === asset;
    const found = (answer?.shapes ?? []).map((shape, place) => ({
      shape, key: `s${place}`, style: `found ${shape.verdict ?? ""}`,
    }));
    const missed = new Set(answer ? answer.missed : (card.truth ?? []).keys());
    const truth = (card.truth ?? []).map((shape, place) => ({
      shape, key: `t${place}`, style: missed.has(place) ? "fn" : "true",
    }));
    return [...truth, ...found].filter(onAsset);
  }

  /** The shapes of a card in few nodes: one path for each colour and style, and a halo below it. */
  function thumbnailShapes(card, answer, asset) {
    const paths = new Map();
    const items = drawn(card, answer, asset).filter(({ style }) => style !== "true");
    const end = endOf(items);
    for (const { shape, style } of items) {
      const kind = { [POINT]: "dot", [CLIP]: "bar" }[shape.kind] ?? "";
      const name = `${style}|${kind}|${colourOf(shape)}`;
      if (!paths.has(name)) paths.set(name, []);
      paths.get(name).push(shape.kind === CLIP ? barOf(shape, end, paths.size) : pathOf(shape));
    }
    const svg = makeSvg("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const [name, parts] of paths) {
      const [style, kind, colour] = name.split("|");
      const d = parts.join("");
      const group = makeSvg("g", { class: style, colour });
      group.append(makeSvg("path", { d, class: `halo ${kind}` }), makeSvg("path", { d, class: `line ${kind}` }));
      svg.append(group);
    }
    return svg;
  }

  /** The last second that is spoken of. */
  const endOf = (items) => Math.max(0.001, ...items.map(({ shape }) => shape.until ?? shape.t ?? 0));

  /** A clip as a bar at the foot of a thumbnail, where the width is the time; each colour has a row. */
  function barOf(shape, end, row) {
    const [from, to] = [shape.t, shape.until ?? shape.t].map((t) => 40 + (920 * t) / end);
    return `M${from.toFixed(1)} ${1000 - 90 * row}H${(to + 1).toFixed(1)}`;
  }

  /** All shapes of an asset, each to be pointed at, the small ones above; and the trails of tracks below them. */
  function stageShapes(items, label) {
    const svg = makeSvg("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img", "aria-label": label });
    svg.append(...trails(items));
    const spatial = items.filter(({ shape }) => shape.kind !== CLIP);
    for (const { shape, key, style } of spatial.sort((a, b) => areaOf(b.shape) - areaOf(a.shape))) {
      const d = pathOf(shape);
      const dot = shape.kind === POINT ? "dot" : "";
      const group = makeSvg("g", { class: `shape ${style}`, "data-key": key, colour: colourOf(shape) });
      group.append(
        makeSvg("path", { d, class: `halo ${dot}` }),
        makeSvg("path", { d, class: "hit" }),
        makeSvg("path", { d, class: `line ${dot}` }),
      );
      svg.append(group);
    }
    return svg;
  }

  function trails(items) {
    const tracks = new Map();
    for (const { shape, style } of items) {
      if (shape.track === undefined || shape.kind === CLIP) continue;
      const name = `${style.startsWith("found") ? "found" : "true"} ${shape.track}`;
      if (!tracks.has(name)) tracks.set(name, []);
      tracks.get(name).push(shape);
    }
    return [...tracks].map(([name, shapes]) => {
      const ordered = shapes.toSorted((a, b) => (a.t ?? 0) - (b.t ?? 0));
      const middles = ordered.map((shape) => {
        const { left, top, right, bottom } = boundsOf(shape);
        return `${(left + right) / 2} ${(top + bottom) / 2}`;
      });
      return makeSvg("path", { d: `M${middles.join("L")}`, class: `trail ${name.split(" ")[0]}`, colour: colourOf(shapes[0]) });
    });
  }

  /** The label of each shape; where it stands is decided when its size is known. */
  function tagsOf(items) {
    const spatial = items.filter(({ shape, style }) => shape.kind !== CLIP && style !== "true");
    return spatial.slice(0, MOST_TAGS).map(({ shape, key, style }) => {
      const words = labelOf(shape) + (shape.t === undefined ? "" : ` ${shape.t} s`);
      const tag = make("span", { class: `tag ${style}`, "data-key": key, colour: colourOf(shape), "aria-hidden": "true" }, words);
      return Object.assign(tag, { bounds: boundsOf(shape) });
    });
  }

  /** Put each label above its shape, in it or below it, inside the image and not over another; else it waits unseen. */
  function placeTags(frame) {
    const { width, height } = frame.getBoundingClientRect();
    const taken = [];
    for (const tag of frame.querySelectorAll(".tag")) {
      const { left, top, bottom } = tag.bounds;
      const size = { x: (tag.offsetWidth / width) * 1000, y: (tag.offsetHeight / height) * 1000 };
      const x = Math.max(0, Math.min(left, 1000 - size.x));
      const inside = [top - size.y, top, bottom, bottom - size.y].map((y) => Math.max(0, Math.min(y, 1000 - size.y)));
      const isFree = (y) =>
        !taken.some((other) => x < other.right && other.x < x + size.x && y < other.bottom && other.y < y + size.y);
      const y = inside.find(isFree) ?? inside[0];
      tag.classList.toggle("crowded", !isFree(y));
      if (isFree(y)) taken.push({ x, y, right: x + size.x, bottom: y + size.y });
      tag.style.left = `${x / 10}%`;
      tag.style.top = `${y / 10}%`;
    }
  }

  function frameOf(asset, shapes) {
    const frame = make("div", { class: "frame" });
    const source = sourceOf(asset);
    if (source) frame.append(make("img", { src: source, alt: "", decoding: "async", draggable: "false" }));
    else frame.classList.add("bare");
    frame.append(shapes);
    return frame;
  }

  const ratioOf = (asset) => Math.min(Math.max((asset.width ?? 1) / (asset.height ?? 1), 0.1), 10);

  // -- what is known of each card ------------------------------------------------------------------------------------

  /** What filters and orders look at; in a comparison, of both answers. */
  function factsOf(card) {
    const answers = card.answers.filter((answer) => answer !== null);
    const shapes = [...answers.flatMap((answer) => answer.shapes ?? []), ...(card.truth ?? [])];
    const main = card.answers[0];
    return {
      outcomes: new Set(card.answers.map((answer) => answer?.outcome ?? "unanswered")),
      labels: new Set(shapes.map(labelOf)),
      codes: new Set(answers.flatMap((answer) => (answer.issues ?? []).map((issue) => head.issues[issue.code].code))),
      models: new Set(answers.filter((a) => a.model !== undefined).map((answer) => head.models[answer.model])),
      wrong: main?.counts ? main.counts[1] : 0,
      missed: main?.counts ? main.counts[2] : (card.truth ?? []).length,
      f1: main ? main.f1 : card.truth?.length ? 0 : undefined,
      iou: main?.iou,
      gain: (card.answers[1]?.f1 ?? 0) - (main?.f1 ?? 0),
      issues: answers.reduce((sum, answer) => sum + (answer.issues ?? []).length, 0),
      shapes: (main?.shapes ?? []).length,
      text: null,
    };
  }

  function textOf(place) {
    const fact = facts[place];
    if (fact.text === null) {
      const card = cards[place];
      const words = card.answers.flatMap((answer) => [
        ...(answer?.pieces ?? []).map((piece) => (typeof piece === "string" ? piece : piece[0])),
        ...(answer?.shapes ?? []).map(labelOf), answer?.prompt ?? "",
      ]);
      fact.text = [...card.assets.map((asset) => asset.name), words.join("")].join("\n").toLocaleLowerCase();
    }
    return fact.text;
  }

  const SEVERITY = { unanswered: 0, unreadable: 1, partial: 2, empty: 3, ok: 4 };
  const worstOutcome = (fact) => Math.min(...[...fact.outcomes].map((outcome) => SEVERITY[outcome]));
  const ORDERS = {
    "": { title: "file order" },
    worst: { title: "worst first", of: (a, b) => b.wrong + b.missed - a.wrong - a.missed || (a.f1 ?? 2) - (b.f1 ?? 2) || worstOutcome(a) - worstOutcome(b) || b.issues - a.issues },
    f1: { title: "lowest F1", of: (a, b) => (a.f1 ?? 2) - (b.f1 ?? 2), judged: true },
    iou: { title: "lowest IoU", of: (a, b) => (a.iou ?? 2) - (b.iou ?? 2), judged: true },
    difference: { title: "largest difference", of: (a, b) => Math.abs(b.gain) - Math.abs(a.gain), judged: true, compared: true },
    shapes: { title: "most annotations", of: (a, b) => b.shapes - a.shapes },
  };
  const MISTAKES = {
    fp: { title: "false positives", of: (fact) => fact.wrong > 0 },
    fn: { title: "false negatives", of: (fact) => fact.missed > 0 },
    any: { title: "any mistake", of: (fact) => fact.wrong + fact.missed > 0 },
    none: { title: "no mistake", of: (fact) => fact.wrong + fact.missed === 0 },
  };

  // -- state, which the address holds ----------------------------------------------------------------------------------

  const isJudged = head.threshold !== undefined;
  const FIELDS = ["picked", "q", "outcome", "label", "issue", "model", "mistake", "f1", "iou", "sort"];
  /** @type {Record<string, string>} */
  let filters = {};
  let view = "answers";
  /** The place of the open card in `cards`, and of the marked one in `shown`. */
  let open = -1;
  let marked = 0;
  let facts = [];
  /** The places of the cards that pass the filters, in order. */
  let shown = [];

  function passes(place) {
    const fact = facts[place];
    const words = (filters.q ?? "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return (
      (!filters.picked || (picks[Number(filters.picked) - 1]?.places.has(place) ?? true)) &&
      (!filters.outcome || fact.outcomes.has(filters.outcome)) &&
      (!filters.label || fact.labels.has(filters.label)) &&
      (!filters.issue || fact.codes.has(filters.issue)) &&
      (!filters.model || fact.models.has(filters.model)) &&
      (!filters.mistake || (MISTAKES[filters.mistake]?.of(fact) ?? true)) &&
      (!filters.f1 || (fact.f1 ?? 2) * 100 <= Number(filters.f1)) &&
      (!filters.iou || (fact.iou ?? 2) * 100 <= Number(filters.iou)) &&
      words.every((word) => textOf(place).includes(word))
    );
  }

  function applyFilters() {
    for (let place = facts.length; place < cards.length; place++) facts.push(factsOf(cards[place]));
    shown = [...cards.keys()].filter(passes);
    const order = ORDERS[filters.sort]?.of;
    if (order) shown.sort((a, b) => order(facts[a], facts[b]) || a - b);
    marked = Math.max(0, shown.indexOf(open));
    const isFiltered = FIELDS.some((name) => filters[name] && name !== "sort");
    const loading = cards.length < head.cards ? `, loading ${cards.length.toLocaleString("en")}` : "";
    byId("count").textContent =
      (isFiltered ? `${shown.length.toLocaleString("en")} of ` : "") + plural(head.cards, "answer") + loading;
    byId("nothing").hidden = shown.length > 0 || cards.length < head.cards;
    byId("clear").hidden = !FIELDS.some((name) => filters[name]);
    for (const name of FIELDS) byId(name).classList.toggle("on", Boolean(filters[name]) && name !== "sort");
    drawGrid(true);
  }

  function readHash() {
    const said = new URLSearchParams(location.hash.slice(1));
    filters = Object.fromEntries(FIELDS.filter((name) => said.get(name)).map((name) => [name, said.get(name)]));
    view = said.get("view") ?? (document.querySelector('.tabs [role="tab"]')?.dataset.view || "answers");
    const wanted = Number(said.get("open") ?? 0) - 1;
    fillFilters();
    showView();
    applyFilters();
    if (wanted !== open) (cards[wanted] ? openCard(wanted, false) : closeCard(false));
  }

  function writeHash() {
    const said = new URLSearchParams(filters);
    if (document.querySelectorAll('[role="tab"]').length > 1) said.set("view", view);
    if (open >= 0) said.set("open", String(open + 1));
    try {
      history.replaceState(null, "", `#${said}`);
    } catch {
      // a viewer that shows the page without an address
    }
  }

  function showView() {
    for (const tab of document.querySelectorAll('[role="tab"]'))
      tab.setAttribute("aria-selected", String(tab.dataset.view === view));
    for (const panel of document.querySelectorAll('[role="tabpanel"]')) panel.hidden = panel.id !== `view-${view}`;
  }

  // -- filters -------------------------------------------------------------------------------------------------------

  function fillSelect(name, all, choices) {
    const select = byId(name);
    select.replaceChildren(
      make("option", { value: "" }, all),
      ...choices.map(([value, title]) => make("option", { value }, title)),
    );
    if (filters[name] && !choices.some(([value]) => value === filters[name]))
      select.append(make("option", { value: filters[name] }, filters[name]));
    select.value = filters[name] ?? "";
    select.parentElement.hidden = choices.length < 1;
  }

  /** Each value of a set of facts with how many cards have it, the most frequent first. */
  function counted(field, title = (value) => value) {
    const counts = new Map();
    for (const fact of facts) for (const value of fact[field]) counts.set(value, (counts.get(value) ?? 0) + 1);
    const rows = [...counts].sort((a, b) => b[1] - a[1]);
    return rows.map(([value, count]) => [value, `${title(value)} (${count.toLocaleString("en")})`]);
  }

  function fillFilters() {
    const pick = picks[Number(filters.picked) - 1];
    fillSelect("picked", "all answers", pick ? [[filters.picked, pick.title]] : []);
    fillSelect("outcome", "any", counted("outcomes", (outcome) => OUTCOMES[outcome] ?? outcome));
    fillSelect("label", "any", counted("labels"));
    fillSelect("issue", "any", counted("codes"));
    fillSelect("model", "any", head.models.length > 1 ? counted("models") : []);
    fillSelect("mistake", "any number of", isJudged ? Object.entries(MISTAKES).map(([value, { title }]) => [value, title]) : []);
    const orders = Object.entries(ORDERS).filter(([value, order]) => value && (isJudged || !order.judged) && (head.sides.length > 1 || !order.compared));
    fillSelect("sort", ORDERS[""].title, orders.map(([value, { title }]) => [value, title]));
    byId("q").value = filters.q ?? "";
    for (const name of ["f1", "iou"]) {
      byId(name).value = filters[name] ?? "100";
      byId(`${name}-value`).textContent = filters[name] ? percent(Number(filters[name]) / 100) : "1.00";
    }
  }

  function takeFilter(event) {
    const { id, value } = event.target;
    if (!FIELDS.includes(id)) return;
    filters[id] = value;
    if (!value || (event.target.type === "range" && value === "100")) delete filters[id];
    if (event.target.type === "range") byId(`${id}-value`).textContent = percent(Number(value) / 100);
    byId("grid").scrollTop = 0;
    applyFilters();
    writeHash();
  }

  // -- the grid ------------------------------------------------------------------------------------------------------

  /** The elements of the cards that are drawn, by their place in `shown`. */
  const drawnCards = new Map();

  function layout() {
    const width = byId("grid").clientWidth - 32;
    const columns = Math.max(1, Math.floor((width + CARD.gap) / (CARD.width + CARD.gap)));
    const cardWidth = (width - CARD.gap * (columns - 1)) / columns;
    return { columns, width: cardWidth, rowHeight: CARD.height + CARD.gap };
  }

  /** Draw the rows that can be seen, and one more on each side; `anew` if other cards are shown than before. */
  function drawGrid(anew = false) {
    const grid = byId("grid");
    const { columns, width, rowHeight } = layout();
    const rows = Math.ceil(shown.length / columns);
    byId("rows").style.height = `${rows * rowHeight}px`;
    const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - 1) * columns;
    const last = Math.min(shown.length, (Math.ceil((grid.scrollTop + grid.clientHeight) / rowHeight) + 1) * columns);
    for (const [place, element] of drawnCards) {
      if (!anew && place >= first && place < last && element.dataset.width === String(width)) continue;
      element.remove();
      drawnCards.delete(place);
    }
    for (let place = first; place < last; place++) {
      if (drawnCards.has(place)) continue;
      const element = cardElement(place, width);
      element.style.transform = `translate(${(place % columns) * (width + CARD.gap)}px, ${Math.floor(place / columns) * rowHeight}px)`;
      drawnCards.set(place, element);
      byId("rows").append(element);
    }
    markCard();
  }

  function cardElement(place, width) {
    const card = cards[shown[place]];
    const answer = card.answers[0] ?? card.answers[1];
    const outcome = card.answers[0]?.outcome ?? "unanswered";
    const thumb = make("div", { class: "thumb" });
    const height = CARD.height - CARD.caption;
    thumb.style.height = `${height}px`;
    const seen = card.assets.slice(0, 3);
    const share = width / seen.length;
    seen.forEach((asset, number) => {
      const frame = frameOf(asset, thumbnailShapes(card, answer, number));
      const ratio = ratioOf(asset);
      frame.style.width = `${Math.min(share, height * ratio)}px`;
      frame.style.height = `${Math.min(height, share / ratio)}px`;
      thumb.append(frame);
    });
    const element = make(
      "div",
      {
        class: `card is-${outcome}`, id: `card-${shown[place]}`, role: "option", "data-place": place, "data-width": width,
        "aria-selected": "false", "aria-posinset": place + 1, "aria-setsize": shown.length, "aria-label": cardName(card, outcome),
      },
      thumb,
      make("div", { class: "caption" },
        make("span", { class: "name", title: nameOf(card) }, nameOf(card)),
        make("span", { class: "facts" }, ...cardFacts(card, outcome)),
      ),
    );
    element.style.width = `${width}px`;
    element.style.height = `${CARD.height}px`;
    return element;
  }

  const nameOf = (card) => card.assets.map((asset) => asset.name).join(", ") || "an answer without an image";

  function cardFacts(card, outcome) {
    const main = card.answers[0];
    const count = (main?.shapes ?? []).length;
    const facts = [make("span", { class: `outcome-${outcome}` }, OUTCOMES[outcome])];
    if (count) facts.push(make("span", {}, plural(count, "mark")));
    if (main?.issues?.length && outcome === "ok") facts.push(make("span", {}, plural(main.issues.length, "issue")));
    if (isJudged && card.answers[1] !== undefined)
      facts.push(make("span", { class: "f1", title: `F1 of ${head.sides.join(" and ")}` }, `F1 ${percent(main?.f1)} | ${percent(card.answers[1]?.f1)}`));
    else if (main?.f1 !== undefined) facts.push(make("span", { class: "f1" }, `F1 ${percent(main.f1)}`));
    return facts;
  }

  function cardName(card, outcome) {
    const main = card.answers[0];
    const parts = [nameOf(card), OUTCOMES[outcome], plural((main?.shapes ?? []).length, "mark")];
    if (main?.f1 !== undefined) parts.push(`F1 ${percent(main.f1)}`);
    return parts.join(", ");
  }

  function markCard() {
    byId("grid").setAttribute("aria-activedescendant", shown.length ? `card-${shown[marked]}` : "");
    for (const [place, element] of drawnCards) element.setAttribute("aria-selected", String(place === marked));
  }

  function moveTo(place, isFocus = false) {
    if (!shown.length) return;
    marked = Math.min(Math.max(place, 0), shown.length - 1);
    const grid = byId("grid");
    const { columns, rowHeight } = layout();
    const top = Math.floor(marked / columns) * rowHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    if (top + rowHeight > grid.scrollTop + grid.clientHeight - 12) grid.scrollTop = top + rowHeight - grid.clientHeight + 24;
    drawGrid();
    if (open >= 0) openCard(shown[marked], isFocus);
  }

  // -- one answer ----------------------------------------------------------------------------------------------------

  function openCard(place, isFocus) {
    const wasClosed = open < 0;
    open = place;
    const detail = byId("detail");
    detail.hidden = false;
    marked = Math.max(0, shown.indexOf(place));
    detail.replaceChildren(detailTop(cards[place]), sidesOf(cards[place]));
    detail.scrollTop = 0;
    for (const frame of detail.querySelectorAll(".frame")) placeTags(frame);
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
    frame.style.width = `min(100%, calc(64vh * ${ratio}))`;
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
    const [from, to] = [shape.t, shape.until ?? shape.t].sort((a, b) => a - b);
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
    if (answer?.issues?.length) words.append(make("h4", {}, plural(answer.issues.length, "issue")), issuesOf(answer));
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
    const rows = items.filter(({ style }) => style !== "true").map(({ shape, key, style }) =>
      make("tr", { class: "row", "data-key": key },
        make("td", {}, make("button", { type: "button", colour: colourOf(shape) }, make("span", { class: "swatch" }), labelOf(shape))),
        make("td", {}, SHAPES[shape.kind] + (shape.t === undefined ? "" : `, ${timeOf(shape)}`)),
        make("td", { class: "quiet" }, whereOf(shape)),
        isJudged ? make("td", { title: VERDICTS[shape.verdict ?? style] }, verdictOf(shape, style)) : null,
        make("td", { class: "number" }, shape.score === undefined ? "" : percent(shape.score))));
    const headings = ["what", "kind", "where", ...(isJudged ? ["outcome"] : []), "score"];
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

  // -- words and shapes that belong together ---------------------------------------------------------------------------

  const keysOf = (element) => (element?.dataset.keys ?? element?.dataset.key ?? "").split(" ").filter(Boolean);
  const holderOf = (target) => target.closest?.("[data-keys],[data-key],[data-issues],[data-issue]");

  /** Light everything in a side that shares a key or an issue with an element; nothing for null. */
  function light(element) {
    const sides = document.querySelectorAll(".side");
    const side = element?.closest(".side");
    for (const each of sides) lightIn(each, each === side ? element : each.querySelector(".pinned"));
    if (element) showTip(element);
    else hideTip();
  }

  function lightIn(side, element) {
    const keys = new Set(keysOf(element));
    const issues = new Set((element?.dataset.issues ?? element?.dataset.issue ?? "").split(" ").filter(Boolean));
    for (const each of side.querySelectorAll("[data-key],[data-keys],[data-issue],[data-issues]")) {
      const own = keysOf(each);
      const about = (each.dataset.issues ?? each.dataset.issue ?? "").split(" ");
      const isLit = own.some((key) => keys.has(key)) || (!keys.size && about.some((number) => issues.has(number)));
      each.classList.toggle("lit", isLit);
    }
    const hasLit = side.querySelector(".shape.lit") !== null;
    for (const stage of side.querySelectorAll(".stage")) stage.classList.toggle("has-lit", hasLit);
  }

  function pin(element) {
    const isNew = !element.classList.contains("pinned");
    for (const each of document.querySelectorAll(".pinned")) {
      each.classList.remove("pinned");
      if (each.hasAttribute("aria-pressed")) each.setAttribute("aria-pressed", "false");
    }
    element.classList.toggle("pinned", isNew);
    if (element.hasAttribute("aria-pressed")) element.setAttribute("aria-pressed", String(isNew));
    light(isNew ? element : null);
  }

  function tipOf(element) {
    const card = cards[open];
    const answer = card?.answers[Number(element.closest(".side")?.dataset.side ?? 0)];
    const shapes = keysOf(element).map((key) => (key[0] === "s" ? answer?.shapes?.[key.slice(1)] : card.truth?.[key.slice(1)]));
    const lines = shapes.slice(0, 6).filter(Boolean).map((shape) => {
      const parts = [labelOf(shape), SHAPES[shape.kind]];
      if (shape.t !== undefined) parts.push(timeOf(shape));
      if (shape.score !== undefined) parts.push(`score ${percent(shape.score)}`);
      if (shape.verdict) parts.push(VERDICTS[shape.verdict] + (shape.iou === undefined ? "" : `, IoU ${percent(shape.iou)}`));
      return parts.join(" · ");
    });
    if (shapes.length > 6) lines.push(`and ${shapes.length - 6} more`);
    for (const number of (element.dataset.issues ?? "").split(" ").filter(Boolean).slice(0, 4)) {
      const { code, severity, meaning } = head.issues[answer.issues[number].code];
      lines.push(`${severity}: ${code} – ${meaning}`);
    }
    return lines.join("\n");
  }

  function showTip(element) {
    const text = element.matches(".mention, .issue, .unread, .shape, .time-bar") ? tipOf(element) : "";
    if (!text) return hideTip();
    const tip = byId("tip");
    tip.textContent = text;
    tip.hidden = false;
    element.setAttribute("aria-describedby", "tip");
    const box = element.getBoundingClientRect();
    const below = box.bottom + 8 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${below ? box.bottom + 8 : Math.max(8, box.top - tip.offsetHeight - 8)}px`;
  }

  function hideTip() {
    byId("tip").hidden = true;
  }

  // -- theme, keys, start ----------------------------------------------------------------------------------------------

  const THEMES = { "": "◐ Auto", light: "☀ Light", dark: "☾ Dark" };

  function setTheme(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    byId("theme").textContent = THEMES[theme];
    byId("theme").setAttribute("aria-label", `Theme: ${theme || "of the system"}`);
    try {
      localStorage.setItem("perceptron-annotations-theme", theme);
    } catch {
      // a browser that keeps nothing for files
    }
  }

  function nextTheme() {
    const names = Object.keys(THEMES);
    setTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length]);
  }

  function storedTheme() {
    try {
      const theme = localStorage.getItem("perceptron-annotations-theme") ?? "";
      return theme in THEMES ? theme : "";
    } catch {
      return "";
    }
  }

  function openMarked() {
    if (shown.length) openCard(shown[marked], true);
  }

  function takeKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape") {
      if (isTyping) event.target.blur();
      else closeCard();
      return;
    }
    if (isTyping) return;
    const isInside = byId("detail").contains(document.activeElement);
    const { columns } = layout();
    const steps = { ArrowRight: 1, j: 1, n: 1, ArrowLeft: -1, k: -1, p: -1 };
    if (!isInside) Object.assign(steps, { ArrowDown: columns, ArrowUp: -columns, Home: -Infinity, End: Infinity });
    const actions = { "/": () => byId("q").focus(), "?": () => byId("help").showModal(), t: nextTheme };
    if (event.key in steps && view === "answers") moveTo(marked + steps[event.key], isInside);
    else if (event.key === "Enter" && document.activeElement === byId("grid")) openMarked();
    else if (event.key in actions) actions[event.key]();
    else return;
    event.preventDefault();
  }

  function takeClick(event) {
    const card = event.target.closest(".card");
    if (card) {
      marked = Number(card.dataset.place);
      return openMarked();
    }
    const step = event.target.closest("[data-step]")?.dataset.step;
    if (step === "0") return closeCard();
    if (step) return moveTo(marked + Number(step), true);
    const tab = event.target.closest("[data-view]");
    if (tab) {
      view = tab.dataset.view;
      showView();
      drawGrid();
      return writeHash();
    }
    const holder = byId("detail").contains(event.target) ? holderOf(event.target) : null;
    if (holder) pin(holder);
    else if (document.querySelector(".pinned")) pin(document.querySelector(".pinned"));
  }

  function takeToggle(event) {
    const name = event.target.dataset?.toggle;
    if (!name) return;
    document.body.classList.toggle(name, event.target.checked);
    for (const each of document.querySelectorAll(`[data-toggle="${name}"]`)) each.checked = event.target.checked;
  }

  function listen() {
    addEventListener("hashchange", readHash);
    addEventListener("resize", () => drawGrid());
    addEventListener("keydown", takeKey);
    addEventListener("click", takeClick);
    byId("filters").addEventListener("input", takeFilter);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => {
      filters = {};
      fillFilters();
      applyFilters();
      writeHash();
    });
    let isDue = false;
    byId("grid").addEventListener("scroll", () => {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        drawGrid();
      });
    });
    const detail = byId("detail");
    detail.addEventListener("pointerover", (event) => event.pointerType !== "touch" && light(holderOf(event.target)));
    detail.addEventListener("pointerleave", () => light(document.querySelector(".pinned")));
    detail.addEventListener("focusin", (event) => light(holderOf(event.target)));
    detail.addEventListener("change", takeToggle);
    byId("theme").addEventListener("click", nextTheme);
    byId("help-open").addEventListener("click", () => byId("help").showModal());
  }

  /** Load the files of a folder one after the other; each calls pageCards with its cards. */
  function loadShards() {
    let number = 0;
    const next = () => {
      if (number === head.shards) return;
      const script = make("script", { src: `answers/${number}.js` });
      script.addEventListener("load", next);
      script.addEventListener("error", () => {
        byId("notes").hidden = false;
        byId("notes").append(make("li", {}, `The file ${script.getAttribute("src")} beside this page cannot be read.`));
      });
      number += 1;
      document.head.append(script);
    };
    let drawnUntil = 0;
    window.pageCards = (_, more) => {
      cards.push(...more);
      const isDone = cards.length === head.cards;
      if (isDone || cards.length > 2 * drawnUntil) {
        drawnUntil = cards.length;
        readHash();
      }
    };
    next();
  }

  document.body.classList.add("with-found", "with-true");
  if (isJudged) document.body.classList.add("has-truth", "by-verdict");
  byId("notes").append(...(head.notes ?? []).map((note) => make("li", {}, note)));
  byId("notes").hidden = !head.notes?.length;
  if (isJudged) byId("lines").append(...["tp", "fp", "fn"].flatMap((name) => [make("dt", {}, lineSample(name, name.toUpperCase())), make("dd", {}, VERDICTS[name])]));
  setTheme(storedTheme());
  listen();
  if (cards.length) applyFilters();
  readHash();
  if (head.shards) loadShards();
})();
