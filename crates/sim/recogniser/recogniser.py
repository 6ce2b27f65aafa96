"""Recognises English speech with PocketSphinx, one JSON line for each sound.

Reads from its input {"path": "..."} and writes {"text": "...", "seconds": 1.5, "probability": 0.9}, or {"error": "..."}
for a file that holds no sound. Its argument is a file with the sentences of the domain, one in each line: a bigram
model of their words is what it listens for, so that it also hears other sentences of these words.
"""

import array
import collections
import json
import math
import random
import subprocess
import sys
import tempfile

from pocketsphinx import Decoder, get_model_path

RATE = 16000
# Mean amplitude of 20 ms below which nobody speaks.
QUIET = 200
# Share of each word's probability that is kept for words that were not seen after it.
BACKOFF = 0.3


def words_of(line):
    return "".join(c for c in line.lower() if c.isalnum() or c in " '").split()


def bigrams(sentences):
    """Writes a bigram model with absolute backing off, as an ARPA file."""
    single, pairs = collections.Counter(), collections.Counter()
    for sentence in sentences:
        line = ["<s>", *sentence, "</s>"]
        single.update(line)
        pairs.update(zip(line, line[1:]))
    total = sum(count for word, count in single.items() if word != "<s>")
    after = collections.Counter()
    for (first, _), count in pairs.items():
        after[first] += count
    log = lambda p: f"{math.log10(p):.4f}"
    lines = ["\\data\\", f"ngram 1={len(single)}", f"ngram 2={len(pairs)}", "", "\\1-grams:"]
    for word, count in single.items():
        own = -99.0 if word == "<s>" else log(count / total)
        seen = sum(single[second] / total for first, second in pairs if first == word)
        left = math.log10(BACKOFF / max(1e-3, 1 - min(seen, 0.999))) if after[word] else 0.0
        lines.append(f"{own} {word} {min(left, 0.0):.4f}")
    lines += ["", "\\2-grams:"]
    for (first, second), count in pairs.items():
        lines.append(f"{log((1 - BACKOFF) * count / after[first])} {first} {second}")
    return "\n".join([*lines, "", "\\end\\", ""])


def pronunciations(sentences):
    """The lines of the usual dictionary for these words: it takes seconds to load as a whole."""
    words = {word for sentence in sentences for word in sentence}
    with open(get_model_path("en-us/cmudict-en-us.dict"), encoding="utf-8") as file:
        return "".join(line for line in file if line.split(" ", 1)[0].split("(")[0] in words)


def decoder(path):
    with open(path, encoding="utf-8") as file:
        sentences = [words for line in file if (words := words_of(line))]
    with tempfile.TemporaryDirectory() as directory:
        model, words = f"{directory}/domain.lm", f"{directory}/domain.dict"
        for name, text in (model, bigrams(sentences)), (words, pronunciations(sentences)):
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        return Decoder(lm=model, dict=words, samprate=RATE, loglevel="FATAL")


def samples(path):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"]
    return array.array("h", subprocess.run(command, capture_output=True, check=True).stdout)


def is_silent(sound):
    step = RATE // 50
    pieces = (sound[at : at + step] for at in range(0, len(sound), step))
    return all(sum(map(abs, piece)) < QUIET * len(piece) for piece in pieces)


def hear(ears, path):
    sound = samples(path)
    seconds = len(sound) / RATE
    if is_silent(sound):
        return {"text": "", "seconds": seconds, "probability": 1.0}
    # The models learnt from real rooms: they do not understand a silence of nothing but zeros.
    noise = random.Random(0)
    sound = array.array("h", (max(-32768, min(32767, s + noise.randint(-12, 12))) for s in sound))
    ears.start_utt()
    ears.process_raw(sound.tobytes(), full_utt=True)
    ears.end_utt()
    found = ears.hyp()
    text = found.hypstr if found else ""
    return {"text": text, "seconds": seconds, "probability": 1.0 if found else 0.0}


def main():
    ears = decoder(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = hear(ears, json.loads(line)["path"])
        except subprocess.CalledProcessError as broken:
            answer = {"error": broken.stderr.decode(errors="replace")[-200:]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
