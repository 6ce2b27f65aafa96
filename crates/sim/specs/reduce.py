#!/usr/bin/env python3
"""Reduces public descriptions of the Telegram Bot API and the OpenAI API to what a check needs.

    python3 reduce.py --telegram api.json --openai openapi.json

writes telegram.json and openai.json beside this script: names, types, what is required, enumerations and
limits (read from prose such as "1-4096 characters" where the description has them nowhere else); no prose.
Inputs: github.com/PaulSonOfLars/telegram-bot-api-spec (api.json) and github.com/openai/openai-openapi.
"""

import argparse
import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent

# ---------------------------------------------------------------------------------------- Telegram

RANGE = re.compile(r"(?<![\d-])(\d+)\s*[-–]\s*(\d+)(?!\d|\s*\*|\s*letter)\s*(\w+)?")
CONST = re.compile(r"(?:always|must be) [\"“]?([a-z_]+)[\"”]?\s*$|(?:always|must be) [\"“]([^\"”]+)[\"”]")
LISTING = re.compile(r"(?:can be|one of|either|must be) (?:either |one of )?((?:[\"“][a-z_]+[\"”](?: \([^)]*\))?(?:,? or |, |\s)?)+)", re.I)
QUOTED = re.compile(r"[\"“]([a-z_]+)[\"”]")


def unit_of(types, word):
    """Says what a range counts: bytes or UTF-16 units of a text, items of a list, or the value."""
    if any(t.startswith("Array") for t in types):
        return "items"
    if types[0] in ("Integer", "Float"):
        return "value"
    return "bytes" if (word or "").lower() == "bytes" else "utf16"


def limits(types, prose):
    """Reads minimum and maximum from prose; nothing when it names several ranges."""
    if types == ["String"]:
        found = [m for m in RANGE.finditer(prose) if (m[3] or "").lower() in ("characters", "bytes")]
    else:
        found = list(RANGE.finditer(prose))
    if len(found) != 1 or types[0] not in ("String", "Integer", "Float") and not types[0].startswith("Array"):
        return {}
    low, high = int(found[0][1]), int(found[0][2])
    return {"min": low, "max": high, "unit": unit_of(types, found[0][3])} if low < high else {}


def words(prose):
    """Reads a closed list of words; an open one ("currently") counts as closed too."""
    constant = CONST.search(prose)
    if constant:
        return {"enum": [constant[1] or constant[2]]}
    listing = LISTING.search(prose)
    found = QUOTED.findall(listing[1]) if listing else []
    return {"enum": found} if len(found) > 1 else {}


def telegram_field(field):
    types, prose = field["types"], field["description"]
    reduced = {"t": "|".join(types)}
    if field["required"]:
        reduced["req"] = True
    reduced.update(limits(types, prose))
    if types == ["String"] and field["name"] in ("type", "source", "status", "style", "currency_type"):
        reduced.update(words(prose))
    return reduced


def telegram(spec):
    fields = lambda thing: {f["name"]: telegram_field(f) for f in thing.get("fields", [])}
    kinds = {}
    for name, thing in spec["types"].items():
        kinds[name] = {"any": thing["subtypes"]} if thing.get("subtypes") else {"fields": fields(thing)}
    methods = {n: {"returns": m["returns"], "fields": fields(m)} for n, m in spec["methods"].items()}
    return {"version": spec["version"], "methods": methods, "types": kinds}


# ------------------------------------------------------------------------------------------ OpenAI

OPERATIONS = [
    ("post", "/chat/completions"),
    ("get", "/models"), ("get", "/models/{model}"), ("delete", "/models/{model}"),
    ("get", "/files"), ("post", "/files"), ("get", "/files/{file_id}"), ("delete", "/files/{file_id}"),
    ("get", "/files/{file_id}/content"),
    ("post", "/uploads"), ("post", "/uploads/{upload_id}/parts"), ("post", "/uploads/{upload_id}/complete"),
    ("post", "/uploads/{upload_id}/cancel"),
    ("get", "/fine_tuning/jobs"), ("post", "/fine_tuning/jobs"), ("get", "/fine_tuning/jobs/{fine_tuning_job_id}"),
    ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel"),
    ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/pause"), ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/resume"),
    ("get", "/fine_tuning/jobs/{fine_tuning_job_id}/events"),
    ("get", "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints"),
    ("post", "/audio/transcriptions"), ("post", "/audio/speech"),
    ("post", "/images/generations"), ("post", "/images/edits"), ("post", "/images/variations"),
    ("post", "/embeddings"),
]
KEPT = ("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "minItems", "maxItems", "required", "enum")
EXTRA_SCHEMAS = [
    "CreateChatCompletionStreamResponse", "ErrorResponse",
    "ImageGenPartialImageEvent", "ImageGenCompletedEvent", "ImageEditPartialImageEvent", "ImageEditCompletedEvent",
]


class Openai:
    """Walks the schemas that the chosen operations reach."""

    def __init__(self, spec):
        self.spec = spec
        self.schemas = {}

    def load(self, ref):
        return self.spec["components"]["schemas"][ref.rsplit("/", 1)[1]]

    def name(self, ref):
        name = ref.rsplit("/", 1)[1]
        if name not in self.schemas:
            self.schemas[name] = None  # marks it, so that a schema may hold itself
            self.schemas[name] = self.reduce(self.load(ref))
        return {"ref": name}

    def merge(self, schema):
        """Makes one object of an allOf, so that unknown fields can be told."""
        parts = [self.merge(self.load(p["$ref"]) if "$ref" in p else p) for p in schema.get("allOf", [])]
        own = {k: v for k, v in schema.items() if k != "allOf"}
        whole = {"properties": {}, "required": []}
        for part in parts + [own]:
            whole["properties"].update(part.get("properties", {}))
            whole["required"] += part.get("required", [])
            whole.update({k: v for k, v in part.items() if k not in ("properties", "required")})
        return {k: v for k, v in whole.items() if v}

    def choices(self, choices):
        """Drops lists of texts beside "any text": they are examples (and grow old)."""
        reduced = [self.reduce(c) for c in choices]
        if {"type": "string"} not in reduced:
            return reduced
        plain = lambda c: "enum" in c and all(isinstance(word, str) for word in c["enum"])
        return [c for c in reduced if not plain(self.schemas.get(c.get("ref"), c))]

    def reduce(self, schema):
        if "$ref" in schema:
            named = self.name(schema["$ref"])
            return {**named, "nullable": True} if schema.get("nullable") else named
        if "allOf" in schema:
            schema = self.merge(schema)
            if "$ref" in schema:
                return self.reduce(schema)
        out = {k: schema[k] for k in KEPT if k in schema and schema[k] not in ([], None)}
        if "const" in schema:
            out["enum"] = [schema["const"]]
        kind = schema.get("type")
        if schema.get("nullable"):
            out["nullable"] = True
        if "properties" in schema and not kind:
            kind = "object"
        if kind and not out.get("enum"):
            out["type"] = kind
        if schema.get("format") == "binary":
            out["type"] = "file"
        if "properties" in schema:
            out["properties"] = {k: self.reduce(v) for k, v in schema["properties"].items()}
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and more:
            out["more"] = self.reduce(more)
        elif more or ("properties" not in schema and kind == "object"):
            out["more"] = {}
        if "items" in schema:
            out["items"] = self.reduce(schema["items"])
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            out.pop("type", None)
            out["any"] = self.choices(choices)
        for big in ("minimum", "maximum"):
            if abs(out.get(big, 0)) > 2**53:
                del out[big]
        return out

    def content(self, holder):
        """The schema of a body, with its media types."""
        for media in ("multipart/form-data", "application/json"):
            if media in holder.get("content", {}):
                return {"media": media, "schema": self.reduce(holder["content"][media].get("schema", {}))}
        return None

    def operation(self, verb, path):
        op = self.spec["paths"][path][verb]
        reduced = {"query": {}}
        for parameter in op.get("parameters", []):
            if parameter["in"] == "query":
                reduced["query"][parameter["name"]] = self.reduce(parameter["schema"])
        body = self.content(op.get("requestBody", {}))
        if body:
            reduced["body"] = body
        answer = self.content(op["responses"].get("200", {}))
        if answer:
            reduced["answer"] = answer["schema"]
        return reduced

    def whole(self):
        operations = {f"{verb} {path}": self.operation(verb, path) for verb, path in OPERATIONS}
        for name in EXTRA_SCHEMAS:
            self.name("#/components/schemas/" + name)
        return {"version": self.spec["info"]["version"], "operations": operations, "schemas": self.schemas}


def write(name, reduced):
    text = json.dumps(reduced, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # One line per method, type, operation or schema, so that a change can be read.
    text = re.sub(r'(?<=[\]}]),(?="[A-Za-z]+(?: /[^"]*)?":\{"(?:fields|any|body|query|answer|properties|enum|type|ref|more)")', ",\n", text)
    (HERE / name).write_text(text + "\n", encoding="utf-8")
    print(name, len(text), "bytes")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--telegram", type=pathlib.Path)
    arguments.add_argument("--openai", type=pathlib.Path)
    given = arguments.parse_args()
    if given.telegram:
        write("telegram.json", telegram(json.loads(given.telegram.read_text(encoding="utf-8"))))
    if given.openai:
        write("openai.json", Openai(json.loads(given.openai.read_text(encoding="utf-8"))).whole())


if __name__ == "__main__":
    main()
