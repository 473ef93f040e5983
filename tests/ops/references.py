"""The plain loops that the ops must equal, written to be read."""

import numpy as np

from perceptron_annotations.ops import Rings


def iou(a, b):
    """The IoU of two boxes."""
    ax1, ax2 = sorted((a[0], a[2]))
    ay1, ay2 = sorted((a[1], a[3]))
    bx1, bx2 = sorted((b[0], b[2]))
    by1, by2 = sorted((b[1], b[3]))
    shared = max(min(ax2, bx2) - max(ax1, bx1), 0.0) * max(min(ay2, by2) - max(ay1, by1), 0.0)
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared
    return shared / union if union > 0 else 0.0


def greedy_nms(boxes, scores, keys, threshold, overlap=iou):
    """Keep the first in rank, drop what overlaps it, and so on; the kept rows, ascending."""
    rank = sorted(range(len(boxes)), key=lambda row: (-scores[row], row))
    kept = []
    for row in rank:
        if all(keys[row] != keys[other] or overlap(boxes[other], boxes[row]) <= threshold for other in kept):
            kept.append(row)
    return sorted(kept)


def greedy_match(overlaps, scores, threshold):
    """COCO's order: by score, each takes the best truth that is free, the last of equal ones."""
    taken, found = set(), []
    for row in sorted(range(len(overlaps)), key=lambda row: (-scores[row], row)):
        best, chosen = threshold, None
        for truth, overlap in enumerate(overlaps[row]):
            if truth not in taken and overlap >= best:
                best, chosen = overlap, truth
        if chosen is not None:
            taken.add(chosen)
            found.append((row, chosen))
    return sorted(found)


def random_boxes(rng, count, size=100, whole=True):
    """Boxes of up to a third of a picture, corners in any order, some without area."""
    first = rng.uniform(0, size, (count, 2))
    boxes = np.hstack([first, first + rng.uniform(-size / 3, size / 3, (count, 2))])
    return np.round(boxes) if whole else boxes


def rings_of(*found):
    """Rings from lists of corners."""
    coords = np.array([pair for ring in found for pair in ring], dtype=float).reshape(-1, 2)
    return Rings(coords, np.cumsum([0, *map(len, found)]))
