"""``ask`` and ``consensus``: the verbs from images to answers, as they stand on the command line."""

from __future__ import annotations

from ..markup.document import Mode
from ..outputs import refuse_overwriting
from . import ask_options as own
from . import options as opt
from .exit_status import finish
from .frame_option import reading_from


def ask(
    images: own.Images,
    output: own.Answers = None,
    prompt: own.Prompt = None,
    prompt_file: own.PromptFile = None,
    system: own.System = None,
    annotation_format: own.AnnotationFormat = None,
    service: own.ServiceName = "perceptron",
    url: own.Url = None,
    model: own.Model = None,
    key_env: own.KeyEnv = None,
    header: own.Header = None,
    root: own.Root = None,
    key_from: own.KeyFrom = None,
    together: own.Together = False,
    max_side: own.MaxSide = None,
    ignore_exif: own.IgnoreExif = False,
    thinking: own.Thinking = None,
    reasoning_effort: own.ReasoningEffort = None,
    focus: own.Focus = None,
    temperature: own.Temperature = None,
    top_p: own.TopP = None,
    max_tokens: own.MaxTokens = None,
    samples: own.Samples = 1,
    regex: own.Regex = None,
    schema: own.Schema = None,
    constrain: own.Constrain = None,
    label: own.ConstrainLabels = None,
    concurrency: own.Concurrency = 8,
    rate: own.Rate = None,
    tries: own.Tries = 6,
    timeout: own.Timeout = 600.0,
    max_tokens_total: own.MaxTokensTotal = None,
    dry_run: own.DryRun = False,
    batch_file: own.BatchFile = None,
    strict: opt.Strict = False,
) -> None:
    """Ask a service about images, and record the answers.

    Every answer is on the disk before the next question is asked. Run the same command again to ask what has no answer.

    Example:

    \b
    perceptron-annotations ask photos --prompt "Box every car." --annotation-format box -o answers.jsonl
    perceptron-annotations ask list.csv --prompt "Find the {label}." --service openrouter -o answers.jsonl
    """
    from ..asking import AskLimits
    from ..asking.image_preparation import ImageChanges
    from . import ask as verb
    from . import ask_values as values

    endpoint = values.endpoint_from(service, url=url, model=model, key_env=key_env, headers=header)
    answer = values.AnswerOptions(
        system=system,
        annotation_format=annotation_format,
        thinking=thinking,
        reasoning_effort=reasoning_effort,
        focus=focus,
        temperature=temperature,
        top_p=top_p,
        max_completion_tokens=max_tokens,
    )
    constraint = values.ConstraintOptions(regex, schema, constrain, label)
    job = verb.AskJob(
        words=images,
        asking=values.asking_from(
            values.prompt_from(prompt, prompt_file), annotation_format, key=key_from, root=root, together=together
        ),
        template=values.request_from(answer, constraint, endpoint),
        changes=ImageChanges(max_side or None, ignore_exif),
        samples=samples,
        endpoint=endpoint,
        limits=AskLimits(
            concurrency=concurrency,
            requests_per_minute=rate,
            tries=tries,
            timeout=timeout,
            max_tokens_total=max_tokens_total,
        ),
    )
    lists = [path for path in (prompt_file, schema) if path is not None]
    finish(verb.ask_images(job, verb.Target(output, batch_file, dry_run=dry_run), lists, strict=strict), strict=True)


def consensus(
    inputs: opt.Inputs,
    output: opt.ParquetOutput,
    iou: own.Agreement = 0.5,
    radius: own.Radius = None,
    least: own.LeastAgreement = 0.0,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    rejects: opt.Rejects = None,
    strict: opt.Strict = False,
) -> None:
    """Make one answer of several samples of it.

    Answers with one key are samples of one. What they agree on is written to Parquet, with the share that agrees as its
    score, for convert and evaluate; a sample that could not be read has no vote.

    Example:

    \b
    perceptron-annotations consensus answers.jsonl --least 0.6 -o agreed.parquet
    """
    from . import consensus as verb

    refuse_overwriting([output, rejects], inputs)
    sound = verb.write_consensus(
        inputs,
        output,
        agreement=verb.Agreement(iou, radius, least),
        how=reading_from(mode, frame, dialect),
        key=key,
        rejects=rejects,
    )
    finish(sound, strict=strict)
