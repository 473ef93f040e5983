// Shapes on images: few nodes in the grid, and in an answer one for each shape, with a label where there is room.

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
  for (const { shape, key, style } of spatial.toSorted((a, b) => areaOf(b.shape) - areaOf(a.shape))) {
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
  for (const tag of every(".tag", frame)) {
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
  if (source) frame.append(make("img", { src: source, alt: "", draggable: "false" }));
  else frame.classList.add("bare");
  frame.append(shapes);
  return frame;
}

const ratioOf = (asset) => Math.min(Math.max((asset.width ?? 1) / (asset.height ?? 1), 0.1), 10);
