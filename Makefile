# The short names for what people and CI do here; each recipe is one script.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test bench bench-compile bench-isolation format tidy install-deps clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: ## Start a cluster, use it from C++, break it, and watch the client cope
	@scripts/demo.sh

test: ## Everything CI runs: format, layers, three builds with their tests, clang-tidy, packaging
	@scripts/check.sh

bench: ## Build and run the benchmarks; some of them by make bench ARGS="--only pipe*"
	@scripts/bench.sh $(ARGS)

bench-compile: ## Measure what a small program with valkeyxx costs to compile
	@scripts/setup.sh bench && bench/run_compile.py $(ARGS)

bench-isolation: ## Measure what healthy shards feel while another one hangs
	@scripts/bench.sh isolation $(ARGS)

format: ## Rewrite the C++ sources with clang-format
	@scripts/format.sh

tidy: ## Run clang-tidy on what changed in src/
	@scripts/tidy.sh

install-deps: ## Install the Debian packages for all of the above
	@scripts/setup.sh demo test bench

clean: ## Remove everything that was built
	rm -rf build
