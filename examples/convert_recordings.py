"""Convert recorded answers to COCO, and read the file with pycocotools as a trainer does.

    python convert_recordings.py answers.jsonl sizes.csv coco.json

The sizes are a CSV file with file_name,width,height; a key such as q00000 means the image q00000.jpg.
"""

import sys
from collections import Counter

from pycocotools.coco import COCO

from perceptron_annotations.datasets import RecordingImporter, read_sizes, write_coco

answers, sizes, output = sys.argv[1:]
dataset, report = RecordingImporter(sizes=read_sizes(sizes)).read(answers)
for loss in (*report.losses, *write_coco(dataset, output).losses):
    print("left out:", loss)

coco = COCO(output)
names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
counts = Counter(names[each["category_id"]] for each in coco.loadAnns(coco.getAnnIds()))
print(len(coco.getImgIds()), "images,", counts)
