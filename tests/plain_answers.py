"""Answers without a box or a point in them, of many sorts: prose, code, HTML, tables, JSON, mathematics.

They are made to come close: numbers in brackets, keys that sound like places, tags, colons and arrows. What is said in
them is made up; the shapes are those of everyday answers.
"""

import json
import random

NOUNS = "cat dog street sign window red cup table lamp tree river bridge box point frame corner label image".split()
VERBS = "shows holds covers hides crosses touches resembles follows".split()
ADJECTIVES = "small large bright dark wooden metallic blurred distant left upper".split()
LINKS = "and but while because although near behind above".split()
OTHER_SCRIPTS = (
    "La señal está a la izquierda; hay 3 coches y 2 peatones.",
    "Das Straßenschild (links oben) zeigt „50“, daneben steht ein Baum.",
    "画面左侧有一只猫，右侧有两只狗（共3只动物）。",
    "左上に「止まれ」の標識があります。時刻は[12:30]です。",
    "На изображении 4 человека: двое стоят, двое сидят.",
    "في الصورة قطة واحدة (رقم 7) وكلبان.",
)
MENTIONS = (
    "Wrap each one in `<points>` or `<point>` as the guide says.",
    "In HTML you would write &lt;point&gt; to show the tag itself.",
    "Use &lt;point_box&gt; and &lt;/point_box&gt; around the corners.",
    "The tags are <box>, <bbox> and <ref>; none of them is needed here.",
    "Write `&lt;point&gt; (x,y) &lt;/point&gt;` with whole numbers.",
    "The token <loc_12> stands for a bin, and <|box_start|> opens a box.",
    "Kosmos uses tokens such as <patch_index_0044>, PaliGemma <loc0001>.",
    'A field called "bbox_2d" would hold four numbers.',
    "The answer is <|begin_of_box|>42<|end_of_box|>.",
    "`box_2d` is [y0, x0, y1, x1] and `point` is [y, x].",
    "It would be click(start_box='(x1,y1)') with numbers in place of x1 and y1.",
    "<think>no boxes are needed</think> There is nothing to point at.",
)


class PlainAnswers:
    """Draws such answers from a seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.makers = [
            self.prose,
            self.prose,
            self.mention,
            self.other_script,
            self.bullets,
            self.python,
            self.javascript,
            self.c_code,
            self.css,
            self.sql,
            self.shell,
            self.html,
            self.svg,
            self.xml,
            self.markdown_table,
            self.csv_table,
            self.json_record,
            self.json_list,
            self.json_chart,
            self.geojson,
            self.mathematics,
            self.links,
            self.log,
            self.yes_or_no,
        ]

    def draw(self):
        """One answer, sometimes two sorts in one, sometimes fenced."""
        text = self.rng.choice(self.makers)()
        if self.rng.random() < 0.25:
            text = self.prose() + self.rng.choice([" ", "\n\n"]) + text
        if self.rng.random() < 0.1:
            text += "\n\n" + self.prose()
        return text

    def number(self):
        make = self.rng.choice(
            [
                lambda: str(self.rng.randint(0, 12)),
                lambda: str(self.rng.randint(0, 2030)),
                lambda: f"{self.rng.random():.{self.rng.randint(1, 4)}f}",
                lambda: f"{self.rng.uniform(-50, 500):.2f}",
            ]
        )
        return make()

    def numbers(self, count, glue=", "):
        return glue.join(self.number() for _ in range(count))

    def word(self):
        return self.rng.choice(NOUNS)

    def clause(self):
        pick = self.rng.choice
        return f"the {pick(ADJECTIVES)} {pick(NOUNS)} {pick(VERBS)} the {pick(NOUNS)}"

    def prose(self):
        pieces = []
        for _ in range(self.rng.randint(1, 6)):
            end = self.rng.choice(
                [
                    ".",
                    f" (about {self.number()} %).",
                    f" [{self.rng.randint(1, 30)}].",
                    f", from {self.number()} to {self.number()}.",
                    f": {self.numbers(3)}.",
                    f" at 1{self.rng.randint(0, 9)}:{self.rng.randint(10, 59)}.",
                    f" ({self.number()}, {self.number()}).",
                    " = the first one & the last.",
                    f" < {self.number()} and > {self.number()}.",
                    f"; see rows [{self.rng.randint(0, 9)}, {self.rng.randint(10, 99)}].",
                    f", a ratio of {self.number()}:{self.number()}.",
                ]
            )
            pieces.append(f"{self.clause().capitalize()} {self.rng.choice(LINKS)} {self.clause()}{end}")
        return " ".join(pieces)

    def mention(self):
        return self.rng.choice(["", "Note: ", "So:\n- "]) + self.rng.choice(MENTIONS)

    def other_script(self):
        return self.rng.choice(OTHER_SCRIPTS)

    def bullets(self):
        mark = self.rng.choice(["- ", "* ", "1. ", "[ ] ", "[x] "])
        return "\n".join(f"{mark}{self.word()}: {self.number()}" for _ in range(self.rng.randint(1, 8)))

    def python(self):
        body = self.rng.choice(
            [
                f"values = [{self.numbers(4)}]\nprint(sum(values[{self.rng.randint(0, 3)}:]))",
                f"m = np.array([[{self.numbers(3)}], [{self.numbers(3)}]])\nm[0, 1] = {self.number()}",
                f'config = {{"{self.word()}": {self.number()}, "size": ({self.number()}, {self.number()})}}',
                f"def area(x1, y1, x2, y2):\n    return (x2 - x1) * (y2 - y1)\n\nassert area(*box) < {self.number()}",
                f"for box in boxes:\n    draw.rectangle(box, outline=({self.rng.randint(0, 255)}, 0, 0), width=3)",
                f"plt.plot([{self.numbers(3)}], [{self.numbers(3)}], label='{self.word()}')",
                f"pyautogui.click(x={self.rng.randint(10, 900)}, y={self.rng.randint(10, 900)})",
                f"weights=[{self.numbers(4, ',')}]\nx = {self.number()}; y = {self.number()}",
                f"point = Point(x={self.rng.randint(0, 9)}, y={self.rng.randint(0, 9)})\nbox = None",
                f"text = re.sub(r'<[^>]+>', '', html)[{self.rng.randint(0, 9)}:]",
            ]
        )
        return f"```python\n{body}\n```" if self.rng.random() < 0.7 else body

    def javascript(self):
        return (
            f"```js\nconst style = {{ left: {self.number()}, top: {self.number()}, color: 'red' }};\n"
            f"const [a, b] = [{self.numbers(2)}];\nif (a < b && b > {self.number()}) {{ console.log(`${{a}}%`); }}\n```"
        )

    def c_code(self):
        return f"int a[{self.rng.randint(2, 9)}] = {{{self.numbers(4)}}};\nfor (int i = 0; i < 4; ++i) a[i] <<= 2;"

    def css(self):
        return f".box {{ left: {self.number()}px; top: {self.number()}px; width: calc(100% - {self.number()}px); }}"

    def sql(self):
        return f"SELECT {self.word()}, COUNT(*) FROM boxes WHERE x1 <= {self.number()};"  # noqa: S608 - nobody runs it

    def shell(self):
        return f'$ convert a.png -crop {self.rng.randint(1, 99)}x20+10+20 b.png && echo "$?" > log.txt # 100%'

    def html(self):
        return self.rng.choice(
            [
                f'<div class="box" style="left: {self.number()}px"><p>{self.clause()}</p></div>',
                f"<table><tr><td>{self.number()}</td><td>{self.number()}</td></tr></table>",
                f"<ul><li>{self.word()} &lt; {self.number()}</li><li>{self.word()} &amp; {self.word()}</li></ul>",
                f'<b>{self.clause()}</b><br/><span data-x="{self.number()}">{self.word()}</span>',
                f"<label>{self.word()}</label> <section><h2>{self.clause()}</h2></section> <blockquote>x</blockquote>",
                f'<input type="range" min="0" max="{self.rng.randint(1, 99)}"><progress value="{self.number()}">',
            ]
        )

    def svg(self):
        return f'<svg viewBox="0 0 24 24"><path d="M {self.numbers(2, " ")} L {self.numbers(2, " ")} Z"/></svg>'

    def xml(self):
        return f"<note><to>{self.word()}</to><size>{self.number()}</size><position>{self.word()}</position></note>"

    def markdown_table(self):
        rows = [f"| {self.word()} | {self.number()} | {self.number()} |" for _ in range(self.rng.randint(1, 5))]
        return "| name | x | y |\n|---|---|---|\n" + "\n".join(rows)

    def csv_table(self):
        return "name,x1,y1,x2,y2\n" + "\n".join(f"{self.word()},{self.numbers(4, ',')}" for _ in range(3))

    def json_record(self):
        record = {
            self.word(): self.rng.randint(0, 99),
            "count": self.rng.randint(0, 9),
            "colors": [self.rng.randint(0, 255) for _ in range(3)],
            "type": self.rng.choice(["cat", "street", "table"]),
            "box": self.rng.choice(["cardboard", None, 3, True]),
            "point": self.rng.choice(["first", 2, None]),
            "size": {"width": 640, "height": 480},
            "scores": [round(self.rng.random(), 2) for _ in range(4)],
            "location": self.rng.choice(["Paris", [48.85, 2.35], {"lat": 48.85, "lon": 2.35}]),
            "position": self.rng.choice([1, "left", [3, 1]]),
            "price": 12.5,
            "text": self.clause(),
        }
        keys = self.rng.sample(list(record), self.rng.randint(1, 6))
        return self.dumped({key: record[key] for key in keys})

    def json_list(self):
        return self.dumped(
            self.rng.choice(
                [
                    [{"label": self.word(), "count": self.rng.randint(0, 9)} for _ in range(3)],
                    [self.word(), self.word()],
                    [self.rng.randint(0, 99) for _ in range(self.rng.choice([1, 2, 3, 5, 6]))],
                    [],
                    {"annotations": self.word()},
                    {"objects": [self.word()], "boxes": [3, 4]},
                    {"detections": [], "boxes": []},
                ]
            )
        )

    def json_chart(self):
        pairs = [{"x": self.rng.randint(0, 9), "y": self.rng.randint(0, 99)} for _ in range(3)]
        return self.dumped({"type": self.rng.choice(["bar", "line"]), "data": pairs, "title": self.clause()})

    def geojson(self):
        return self.dumped({"type": "Feature", "geometry": {"type": "Point", "coordinates": [13.4, 52.5]}})

    def dumped(self, value):
        text = json.dumps(value, indent=self.rng.choice([None, None, 2]), ensure_ascii=False)
        return self.rng.choice([text, f"```json\n{text}\n```", f"Here it is: {text}"])

    def mathematics(self):
        return self.rng.choice(
            [
                f"The line through ({self.numbers(2)}) and ({self.numbers(2)}) has slope {self.number()}.",
                rf"$$\begin{{pmatrix}} {self.number()} & {self.number()} \\ 0 & 1 \end{{pmatrix}} = [a_{{ij}}]$$",
                f"A = [[{self.numbers(2)}], [{self.numbers(2)}]], so det A = {self.number()}",
                f"f(x) = {self.number()}x + {self.number()}; the interval is [{self.numbers(2)}].",
                f"x ∈ [0, 1], P(x < {self.number()}) = {self.number()} %",
            ]
        )

    def links(self):
        return f"See [the page](https://example.org/a?x={self.rng.randint(0, 99)}&y=2%20b) and ![]({self.word()}.png)."

    def log(self):
        return (
            f"[2026-11-{self.rng.randint(10, 30)} 12:00:01] INFO box={self.rng.randint(0, 9)} left={self.number()} \\o/"
        )

    def yes_or_no(self):
        return self.rng.choice(["yes", "No.", "3", "[]", "{}", "None", "n/a", "", "(none)", "There are none.", "0.5"])
