"""React to each box while the answer arrives, and keep the whole answer at the end.

    python streaming_app.py fixtures/perceptron_mk1_stream.sse 1920x1080

The file stands for the body of a response: whatever yields bytes will do.
"""

import sys
from pathlib import Path

from perceptron_annotations import AnnotationFound, Box, CompletionStream, TextDelta

width, height = map(int, sys.argv[2].split("x"))
reader = CompletionStream()
with Path(sys.argv[1]).open("rb") as response:
    for line in response:
        for item in reader.feed(line):
            match item.event:
                case TextDelta(text=text):
                    print(text, end="")
                case AnnotationFound(annotation=Box() as box):
                    print(f"\n-> {box.mention} at {box.to_pixels(width, height).xyxy}")

completion = reader.close()
print(f"\n{len(completion.answer.document.annotations)} annotations, {completion.answer.document.status}")
sys.exit(not completion.complete)
