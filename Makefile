# make install installs the programs.
# make test runs all tests, with the clients that are installed.
# make flip-test opens 100,000 damaged databases, for several minutes.
# make bench measures the emulator, for several minutes. Nothing else should run on the machine.

packages := conformance/clients/js/node_modules/.package-lock.json

.PHONY: install test flip-test bench
install:
	go install ./cmd/ivschat-local ./cmd/ivschat-load

test: $(packages)
	@skipped=$$(mktemp) && trap 'rm -f "$$skipped"' EXIT && \
	SKIPPED_CLIENTS="$$skipped" go test ./... && \
	if [ -s "$$skipped" ]; then echo "Skipped, because these clients are missing: $$(sort -u "$$skipped" | paste -sd ';')"; fi

# Without npm or a network, the tests with JavaScript clients are skipped.
$(packages): conformance/clients/js/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --prefix conformance/clients/js --no-audit --no-fund --loglevel=error || test -z "$$REQUIRE_CLIENTS"; \
	fi

flip-test:
	go test ./store -run TestADamagedDatabase -timeout 1h -v -args -flips 100000 -flip-seed $$(date +%s)

bench:
	go test ./emulator/benchmark -run '^$$' -bench . -benchtime 1x -timeout 30m -table $(CURDIR)/BENCHMARKS.md
