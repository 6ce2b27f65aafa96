# Apprentice. `make run` and `make test` install what they need on a Debian machine and say what.
# `make help` lists the targets.

CARGO ?= cargo
SHELL := /bin/bash
SECONDS ?= 60

.PHONY: help run build test golden bench bench-media eval lint fuzz image deps deps-run deps-test deps-lint deps-golden clean

help:            ## lists the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

run: deps-run    ## builds and starts the bot: the page on loopback, SQLite, the embedded model
	@$(CARGO) build --profile quick --locked -p apprentice
	@exec target/quick/apprentice run $(ARGS)

build: deps      ## builds the binary that `make run` starts
	$(CARGO) build --profile quick --locked -p apprentice

test: deps-test  ## runs all tests (what they need is installed if it is missing)
	scripts/test

golden: deps-golden ## reads our training data back with OpenAI's and TRL's own Python libraries
	scripts/golden

bench: deps-test ## measures Apprentice beside an echo bot in the same run, prints a table
	$(CARGO) build --release --locked -p apprentice -p apprentice-bench
	target/release/bench $(ARGS)
	@$(MAKE) --no-print-directory bench-media

bench-media: deps-test ## measures sounds, documents and pictures beside other programs, prints tables
	$(CARGO) run --release --locked -q -p apprentice-sound --example sound_speed
	$(CARGO) run --release --locked -q -p apprentice-documents --example document_speed
	$(CARGO) run --release --locked -q -p apprentice-pictures --example picture_speed

eval: deps       ## measures what is learnt from corrections, prints a table
	@$(CARGO) run --release --locked -q -p apprentice-models --example learning_curve

lint: deps-lint  ## format, clippy with warnings denied, docs, dependency audit
	scripts/lint

fuzz: deps       ## fuzzes what reads from outside, SECONDS=60 for each target
	scripts/fuzz $(SECONDS)

image:           ## builds the container image (slow, small profile)
	docker build -f deploy/Dockerfile -t apprentice:latest .

deps:
	@scripts/install build

deps-run:
	@scripts/install build run

deps-test:
	@scripts/install build test

deps-lint:
	@scripts/install build lint

deps-golden:
	@scripts/install build golden
