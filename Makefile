# make install installs the programs.
# make programs builds the program as in a release, for all platforms or those that are given, in bin/programs:
#   make programs platforms="linux/amd64 darwin/arm64" into=/tmp/programs
# make snapshot builds everything of a release in dist, and publishes nothing. The first time, it builds goreleaser,
#   for several minutes.
# make image makes the container images of a release in dist/image, without a container engine.
# make npm makes the npm packages in dist/npm, and make python the Python wheels in dist/python, for all platforms or
#   those that are given: make npm platforms=linux/amd64
# make java makes the packages for Java in dist/java, which is a Maven repository.
# make test runs all tests, with the clients that are installed.
# make kill-test kills the program 1,000 times in each of three ways, for about ten minutes.
# make cluster-test breaks a cluster of three nodes 100 times, for about 15 minutes.
# make flip-test opens 100,000 damaged databases, for several minutes.
# make bench measures the emulator, for several minutes. Nothing else should run on the machine.
# make crowd compares the latency of 14,000 viewers with and without 150 hostile clients, for about two minutes.
#   Nothing else should run on the machine. It fails if the 99th percentile is more than twice as long.
# make screenshots makes screenshots of the console in bin/screenshots, and those of the documentation. It needs
#   Chromium and pngquant.
# make docs writes what is generated: docs/reference (settings, operations, the admin API, differences from AWS), and
#   THIRD_PARTY_NOTICES, the licenses of the modules in the programs.
# make mutants breaks the code in small ways and says what the tests do not notice, for an hour at most.
#   make mutants args="-seed 17 -n 50" repeats the sample of a seed, or the first 50 of it.

bun := emulator/benchmark/bun/node_modules/.package-lock.json
packages := conformance/clients/js/node_modules/.package-lock.json
npm := packages/npm/node_modules/.package-lock.json
serverless := conformance/clients/serverless/node_modules/.package-lock.json
moto := conformance/clients/moto/venv
python := packages/python/venv
signer := conformance/clients/java/lib
compose := packages/compose/venv

.PHONY: install programs snapshot release tools image npm python java test rie chatlogs nats \
	kill-test cluster-test flip-test bench mutants crowd docs screenshots
install:
	go install ./cmd/ivschat-local ./cmd/ivschat-load

# A program depends only on the source, the version of Go and the commit, so that everyone can build the same one.
# .goreleaser.yaml has these flags, too.
platforms := darwin/amd64 darwin/arm64 linux/amd64 linux/arm64 windows/amd64 windows/arm64
into := bin/programs
build := github.com/ivschat-local/ivschat-local/internal/build
commit = $(shell git rev-parse HEAD)$(if $(shell git status --porcelain),-dirty)
date = $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)
ldflags = -s -w -X $(build).commit=$(commit) -X $(build).date=$(date)

programs: $(addprefix program/,$(platforms))

program/%:
	CGO_ENABLED=0 GOOS=$(*D) GOARCH=$(*F) go build -trimpath -buildvcs=false -ldflags "$(ldflags)" \
		-o $(into)/$(*D)-$(*F)/ ./cmd/ivschat-local

# The version of the source stands for the tag of a release, which there need not be.
version = $(shell sed -n 's/^const Version = "\(.*\)"/\1/p' internal/build/build.go)
snapshot: tools
	GORELEASER_CURRENT_TAG=v$(version) $(goreleaser) --snapshot --skip=publish
	$(MAKE) $(published)

# The workflow of a release publishes with it. The section of the version in CHANGELOG.md becomes the release's text.
release: tools
	test "$$(git describe --tags --exact-match)" = v$(version)
	mkdir -p dist
	sed -n '/^## $(version)$$/,/^## /{/^## /!p}' CHANGELOG.md > dist/notes.md
	$(goreleaser) --release-notes dist/notes.md

published := image npm python java
goreleaser := PATH="$(CURDIR)/bin/tools:$$PATH" go run github.com/goreleaser/goreleaser/v2@v2.15.1 release --clean
tools:
	GOBIN=$(CURDIR)/bin/tools go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# Each image is made from the same programs as the other packages.
image: program/linux/amd64 program/linux/arm64
	go run -C packages/image . --programs $(abspath $(into)) --out $(CURDIR)/dist/image \
		--revision $(commit) --created $(date)

npm: programs $(npm)
	node packages/npm/build.mjs $(into) dist/npm
	node packages/testcontainers-node/build.mjs dist/npm

python: programs $(python)
	$(python)/bin/python packages/python/build.py $(into) dist/python

java:
	packages/java/build.sh dist/java -DskipTests

# The tests of the packages start containers, whose ports are redirected for the whole machine until the engine has
# removed them, so no other tests run at that time.
test: $(packages) $(serverless) $(npm) $(moto) $(python) $(compose) $(signer) rie chatlogs nats
	@skipped=$$(mktemp) && trap 'rm -f "$$skipped"' EXIT && \
	export SKIPPED_CLIENTS="$$skipped" && \
	go test -timeout 20m $$(go list ./... | grep -v '/packages$$') && go test -timeout 20m ./packages && \
	if [ -s "$$skipped" ]; then echo "Skipped, because these clients are missing: $$(sort -u "$$skipped" | paste -sd ';')"; fi

# Without npm or a network, the tests with JavaScript clients are skipped.
$(packages) $(serverless) $(npm): %/node_modules/.package-lock.json: %/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --prefix $* --no-audit --no-fund --no-update-notifier --loglevel=error || test -z "$$REQUIRE_CLIENTS"; \
	fi

# Without Python or a network, the tests with moto and podman-compose and those of the Python package are skipped. A
# directory whose installation failed is removed.
$(moto) $(python) $(compose): %/venv: %/requirements.txt
	@{ python3 -m venv --clear $@ && $@/bin/pip install -q --disable-pip-version-check -r $< && touch $@; } || \
		{ rm -rf $@; test -z "$$REQUIRE_CLIENTS"; }

# Without Maven or a network, the test with the signer of the AWS SDK for Java is skipped.
$(signer): conformance/clients/java/pom.xml
	@if command -v mvn >/dev/null; then \
		mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory=lib && touch $@ || test -z "$$REQUIRE_CLIENTS"; \
	fi

# Without a network, the tests with the Lambda Runtime Interface Emulator are skipped, those with versitygw and the
# AWS SDK for Go's clients of S3, CloudWatch Logs and Firehose, and those with nats-server.
rie chatlogs nats:
	@cd conformance/clients/$@ && go mod download || test -z "$$REQUIRE_CLIENTS"

# Without npm or a network, the benchmarks leave Bun out.
$(bun): emulator/benchmark/bun/package-lock.json
	-npm ci --prefix emulator/benchmark/bun --no-audit --no-fund --no-update-notifier --loglevel=error

kill-test:
	go test ./cmd/ivschat-local -run '(Survives|After)AKill' -timeout 2h -v -args -rounds 1000 -kill-seed $$(date +%s)

cluster-test: nats
	go test ./conformance/cluster -timeout 2h -v -args -rounds 100 -seed $$(date +%s)

flip-test:
	go test ./store -run TestADamagedDatabase -timeout 1h -v -args -flips 100000 -flip-seed $$(date +%s)

bench: $(bun)
	go test ./emulator/benchmark -run '^$$' -bench . -benchtime 1x -timeout 30m -table $(CURDIR)/BENCHMARKS.md

screenshots: $(packages)
	go build -o bin/ivschat-local ./cmd/ivschat-local
	cd conformance/clients/js && PROGRAM=$(CURDIR)/bin/ivschat-local CHROMIUM=$$(command -v chromium) \
		node console/screenshots.mjs $(CURDIR)/bin/screenshots
	mkdir -p docs/images
	pngquant --force --strip --output docs/images/room.png bin/screenshots/room-1280-light.png
	pngquant --force --strip --output docs/images/frames.png bin/screenshots/frames-1280-dark.png

# The limit of memory is for changes that make a loop endless. Tests with third-party clients take minutes.
mutants:
	ulimit -v 12000000 2>/dev/null; \
	nice go run ./internal/mutants -skip conformance/clients $(args) ./crypto ./store \
		$(addprefix ./emulator/,admin awsapi certificates chatlog clientip clock control cors destination fault hub iam invoke journal lifecycle messaging plainjson policy review room shape sigv4 snapshot socket spool state throttle)

docs:
	go test ./cmd/ivschat-local ./internal/guides -run Reference -count 1 -args -update
	go test ./packages -run TheNotices -count 1 -args -update

crowd:
	go test ./emulator/benchmark -run TestHostileClientsDelayNoOne -count 1 -timeout 10m -v -args -crowd
