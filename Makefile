# make test runs everything, with whatever clients are installed. make bench
# measures it, which takes a machine that does nothing else for some minutes.

packages := conformance/clients/js/node_modules/.package-lock.json

.PHONY: test bench
test: $(packages)
	@skipped=$$(mktemp) && trap 'rm -f "$$skipped"' EXIT && \
	SKIPPED_CLIENTS="$$skipped" go test ./... && \
	if [ -s "$$skipped" ]; then echo "Skipped, for want of a client: $$(sort -u "$$skipped" | paste -sd ';')"; fi

# Without npm, or without a network, the clients for JavaScript are skipped.
$(packages): conformance/clients/js/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --prefix conformance/clients/js --no-audit --no-fund --loglevel=error || test -z "$$REQUIRE_CLIENTS"; \
	fi

bench:
	go test ./emulator/benchmark -run '^$$' -bench . -benchtime 1x -timeout 30m -table $(CURDIR)/BENCHMARKS.md
