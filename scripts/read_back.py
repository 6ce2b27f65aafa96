"""Reads training data that Apprentice has written, with the libraries that others read it with.

OpenAI's own types check every message; the loader that TRL trains from loads every file; TRL's own functions
tell conversations, unpair, find the prompt and render a chat template. What they give must be the data that
was written. Usage: read_back.py DIRECTORY (made by `--example write_shapes`).
"""

import json
import sys
from pathlib import Path

import datasets
import trl
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter, ValidationError
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "crates/learning/tests/golden"
FILES = Path(sys.argv[1])
MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])
TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}"
TOKENIZER = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?")))
TOKENIZER.chat_template = TEMPLATE


def same(found, wanted, what):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def data(name):
    return json.loads((FILES / f"{name}.data.json").read_text(encoding="utf-8"))


def rows(name, kind="json", **options):
    """The rows of a file, as TRL's own scripts load it, with the data that must be in them."""
    loaded = datasets.load_dataset(kind, data_files=str(FILES / name), split="train", **options)
    return loaded, data(name)


def prompt(datum):
    """The messages of a datum, without its answers."""
    turns = [(turn["role"], turn["content"]) for turn in datum["before"]]
    needs_system = datum["system"] or (turns and turns[0][0] == "system")
    system = [("system", datum["system"])] if needs_system else []
    return system + turns + [("user", datum["question"])]


def pairs(messages):
    return [(message["role"], message["content"]) for message in messages]


def checked(messages):
    """Messages that OpenAI's types accept, as pairs."""
    return pairs(MESSAGES.validate_python(messages))


def answer(text):
    return [("assistant", text)]


def rendered(*parts):
    return "".join(f"<{role}>{content}</{role}>" for part in parts for role, content in part)


def lines(name):
    return [json.loads(line) for line in (FILES / name).read_text(encoding="utf-8").split("\n") if line]


def openai_refuses_what_is_wrong():
    """A check that accepts everything would prove nothing."""
    for wrong in ([{"role": "boss", "content": "a"}], [{"role": "user"}], [{"role": "user", "content": 5}]):
        try:
            MESSAGES.validate_python(wrong)
        except ValidationError:
            continue
        sys.exit(f"OpenAI's types accept {wrong}")


def chat():
    loaded, wanted = rows("chat")
    same(len(loaded), len(wanted), "chat: rows")
    for raw, row, datum in zip(lines("chat"), loaded, wanted):
        whole = prompt(datum) + answer(datum["chosen"])
        same(checked(raw["messages"]), whole, "chat: OpenAI")
        counted = [m for m in raw["messages"] if m["role"] == "assistant" and m.get("weight", 1)]
        same(pairs(counted), answer(datum["chosen"]), "chat: weights")
        same(trl.is_conversational(row), True, "chat: TRL")
        text = trl.apply_chat_template({"messages": row["messages"]}, TOKENIZER)["text"]
        same(text, rendered(whole), "chat: template")


def preference():
    loaded, wanted = rows("preference")
    same(len(loaded), len(wanted), "preference: rows")
    for row, datum in zip(lines("preference"), wanted):
        same(sorted(row), ["input", "non_preferred_output", "preferred_output"], "preference: keys")
        same(checked(row["input"]["messages"]), prompt(datum), "preference: input")
        same(checked(row["preferred_output"]), answer(datum["chosen"]), "preference: preferred")
        same(checked(row["non_preferred_output"]), answer(datum["rejected"]), "preference: not preferred")


def trl_preference():
    loaded, wanted = rows("trl_preference")
    same(len(loaded), len(wanted), "TRL preference: rows")
    for row, datum in zip(loaded, wanted):
        same(trl.is_conversational(row), True, "TRL preference: conversational")
        same(pairs(row["prompt"]), prompt(datum), "TRL preference: prompt")
        text = trl.apply_chat_template(row, TOKENIZER)
        same(text["prompt"], rendered(prompt(datum)), "TRL preference: template")
        same(text["chosen"], rendered(answer(datum["chosen"])), "TRL preference: chosen")
        same(text["rejected"], rendered(answer(datum["rejected"])), "TRL preference: rejected")
    unpaired = trl.maybe_unpair_preference_dataset(loaded)
    same(sum(unpaired["label"]), len(wanted), "TRL preference: unpaired")
    same(len(unpaired), 2 * len(wanted), "TRL preference: unpaired")


def trl_unpaired():
    loaded, wanted = rows("trl_unpaired")
    labelled = [
        (datum, datum[which], which == "chosen")
        for datum in wanted
        for which in ("chosen", "rejected")
        if datum[which]
    ]
    same(len(loaded), len(labelled), "TRL unpaired: rows")
    for row, (datum, text, label) in zip(loaded, labelled):
        same(row["label"], label, "TRL unpaired: label")
        same(trl.is_conversational(row), True, "TRL unpaired: conversational")
        written = trl.apply_chat_template(row, TOKENIZER)
        same(written["prompt"], rendered(prompt(datum)), "TRL unpaired: prompt")
        same(written["completion"], rendered(answer(text)), "TRL unpaired: completion")


def share_gpt():
    loaded, wanted = rows("sharegpt")
    names = {"human": "user", "gpt": "assistant", "system": "system"}
    same(len(loaded), len(wanted), "ShareGPT: rows")
    for row, datum in zip(loaded, wanted):
        converted = trl.data_utils.maybe_convert_to_chatml(row)["messages"]
        found = [(names[message["role"]], message["content"]) for message in converted]
        same(found, prompt(datum) + answer(datum["chosen"]), "ShareGPT")


def alpaca():
    loaded, wanted = rows("alpaca")
    same(len(loaded), len(wanted), "Alpaca: rows")
    for row, datum in zip(loaded, wanted):
        found = (row["instruction"], row["input"], row["output"], row["system"] or "")
        same(found, (datum["question"], "", datum["chosen"], datum["system"]), "Alpaca")


def table():
    loaded, wanted = rows("csv", "csv", keep_default_na=False)
    same(len(loaded), len(wanted), "CSV: rows")
    for row, datum in zip(loaded, wanted):
        for column, text in [("answer", "chosen"), ("question",) * 2, ("rejected",) * 2, ("system",) * 2]:
            same(row[column], datum[text] or "", f"CSV: {column}")


def golden_prompts():
    """Where the prompt is implied, TRL finds the same one as we do."""
    wanted = data("golden.trl_preference.jsonl")
    found = 0
    for line, datum in zip((GOLDEN / "trl_preference.jsonl").read_text(encoding="utf-8").splitlines(), wanted):
        row = json.loads(line)
        if "prompt" not in row:
            parts = trl.extract_prompt(row)
            texts = {key: part if isinstance(part, str) else part[-1]["content"] for key, part in parts.items()}
            ours = {"prompt": datum["question"], "chosen": datum["chosen"], "rejected": datum["rejected"]}
            same({key: text.strip() for key, text in texts.items()}, ours, "TRL: implied prompt")
            found += 1
    same(found, 2, "TRL: golden rows with an implied prompt")


openai_refuses_what_is_wrong()
checks = [chat, preference, trl_preference, trl_unpaired, share_gpt, alpaca, table, golden_prompts]
for check in checks:
    check()
print(f"Read back by OpenAI's types and by TRL {trl.__version__}: {', '.join(check.__name__ for check in checks)}")
