// What all parts of a page share: its data, and elements made of them.
//
// Data are words of models and files: every one of them becomes a text node, the value of an attribute, or a number.
// The files of this folder are one script, in the order that shell.py has; types are those of page_data.py.

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

/** @returns {any} */
const byId = (/** @type {string} */ id) => document.getElementById(id);
/** @returns {any[]} */
const every = (/** @type {string} */ selector, within = document) => [...within.querySelectorAll(selector)];
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
const cards = read("page-cards") ?? [];

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
  element.style.setProperty("--on-c", inkOn(colour));
  element.style.setProperty("--edge", edgeOn(colour));
}

/** The luminance of a colour as WCAG has it, from 0 to 1. */
function lightOf(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever is easier to read on a colour; and the edge of a line, white unless the line is bright. */
const inkOn = (colour) => (lightOf(colour) > 0.179 ? "#000" : "#fff");
const edgeOn = (colour) => (lightOf(colour) > 0.4 ? "#000" : "#fff");

const labelOf = (shape) => (shape.label === undefined ? SHAPES[shape.kind] : head.labels[shape.label]);
const colourOf = (shape) => (shape.label === undefined ? "#0072b2" : head.colours[shape.label]);
const percent = (share) => (share === undefined ? "–" : share.toFixed(2));
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const sourceOf = (asset) =>
  asset.image === undefined ? "" : images ? images[asset.image] : `images/${asset.image}.webp`;
