# Aushang. "make help" says what there is; "make run" needs Go and make only.

PORT    ?= 8080
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
# A village remembers its address in every id: another port gets a village of its own.
VAR      = $(if $(filter 8080,$(PORT)),var,var/$(PORT))
TOOL    := go tool -modfile=tools/go.mod
LOOK    := web/assets
FEDIFY  := internal/proof/fedify
SERVICE := internal/proof/provider
BROWSER := internal/proof/browser

export VILLAGE = AUSHANG_ORIGIN=http://localhost:$(PORT) AUSHANG_LISTEN=127.0.0.1:$(PORT) \
	AUSHANG_DATA=$(VAR) AUSHANG_DATABASE=sqlite:$(VAR)/aushang.db AUSHANG_DEMO=on

.DEFAULT_GOAL := help
.PHONY: run build bundle test lint fuzz bench torture fixture generate help deps proof pictures texts vet

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Serve a sample village at http://localhost:8080; another port: make run PORT=8081.
	@env $$VILLAGE bin/aushang demo --keep
	@echo "Ctrl-C ends the village; what it knows stays in $(VAR). To sign in, run this beside it and open the link that it prints:"
	@echo "AUSHANG_ORIGIN=http://localhost:$(PORT) AUSHANG_DATABASE=sqlite:$(VAR)/aushang.db bin/aushang person add --email you@example.org --name You --role admin"
	@exec env $$VILLAGE bin/aushang serve

build: bundle ## Build bin/aushang, one static file.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X codeberg.org/aushang/aushang/internal/app.Version=$(VERSION)" -o bin/aushang ./cmd/aushang

# Without npm, or where it reaches no registry, the program carries the plain stylesheet and all its pages work.
bundle: ## Bundle the look from npm's packages, when its sources have changed; "make build" does.
	@if $(MAKE) -sq $(LOOK)/node_modules/.package-lock.json 2>/dev/null || { command -v npm >/dev/null && $(MAKE) -s $(LOOK)/node_modules/.package-lock.json; }; then \
		$(MAKE) -s $(LOOK)/dist/manifest.json; \
	elif [ "$$CI" = true ]; then echo "npm is missing, or reaches no registry: there is no bundle."; exit 1; \
	else echo "npm is missing, or reaches no registry: the plain look is used, without KERN and fonts."; fi

$(LOOK)/node_modules/.package-lock.json: $(LOOK)/package-lock.json
	cd $(LOOK) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(LOOK)/dist/manifest.json: $(LOOK)/node_modules/.package-lock.json $(shell find $(LOOK)/css $(LOOK)/img $(LOOK)/js tools/bundle -type f -o -type d) tools/go.mod
	@echo "Bundling the look."
	go -C tools run ./bundle ../$(LOOK)

# Some libraries are not watched for races at their own work, which took nine tenths of the time of all tests: SQLite, which is C that was
# translated into Go, ciphers, and readers of text. They share no memory by themselves. Those that do, net/http and all of sync, are watched.
CALM = modernc.org/... golang.org/x/crypto/... golang.org/x/text/... golang.org/x/net/html github.com/pelletier/... text/template/... html/template \
	crypto/internal/fips140/... math/big image/... compress/... github.com/andybalholm/brotli/...
RACE = go test -json -race $(foreach p,$(CALM),-gcflags='$(p)=-race=false') -shuffle=on -timeout 80m
APP  = ./internal/app
# What ends with a fault and names none was killed.
ENDED = echo '{"Action":"fail","Package":"go test"}'

# Two rows of tests side by side: the pages in the browser and all other packages, and the other tests of the longest package.
test: deps bundle vet ## Install what the tests need, then run all of them, on SQLite and PostgreSQL.
	@mkdir -p var; rm -f var/test-*.json; \
	{ $(RACE) -run '^TestBrowser$$' $(APP) || $(ENDED); $(RACE) $$(go list ./... | grep -v '/internal/app$$') || $(ENDED); go -C tools test -json ./bundle || $(ENDED); } >var/test-1.json & \
	{ $(RACE) -skip '^TestBrowser$$' $(APP) || $(ENDED); } >var/test-2.json; wait; \
	cat var/test-1.json var/test-2.json | go run ./internal/house/cmd/tally

proof: deps ## Run the independent proof alone and print a line per act.
	go test -run Proof -v -timeout 20m ./internal/proof

pictures: deps bundle ## Write pictures of every page and state, desktop and phone, light and dark, to var/pictures, with an index.html.
	rm -rf var/pictures && mkdir -p var/pictures
	go test -count=1 -v -timeout 2h -run 'TestBrowser$$' ./internal/app -pictures $(CURDIR)/var/pictures

texts: ## Write every German sentence with its place to var/texts.txt, after checking them all.
	mkdir -p var
	go test -count=1 -v -run 'TestTexts$$' ./internal/app -texts $(CURDIR)/var/texts.txt

lint: ## Check format, go.mod, common mistakes, the direction of imports and that every exported name has a sentence.
	@wrong=$$($(TOOL) gofumpt -l $$(go list -f '{{$$d := .Dir}}{{range .GoFiles}}{{$$d}}/{{.}} {{end}}{{range .TestGoFiles}}{{$$d}}/{{.}} {{end}}{{range .XTestGoFiles}}{{$$d}}/{{.}} {{end}}' ./...)) && \
	wrong="$$wrong$$($(TOOL) gofumpt -l tools)" && \
	if [ -n "$$wrong" ]; then echo "$$wrong"; echo "These files are not formatted: $(TOOL) gofumpt -w FILE"; exit 1; fi
	go mod tidy -diff
	$(TOOL) staticcheck ./...
	cd tools && go tool staticcheck ./...
	go run ./internal/house/cmd/house

bench: ## Measure beside a floor program and print a table; parts: ONLY=inbox,fanout; a large town too: GROWTH=1.
	go run ./internal/bench $(if $(ONLY),-only $(ONLY)) $(if $(GROWTH),-growth) $(BENCH)

torture: ## Kill the program a hundred times in a fan-out and at the inbox, on both databases, after all other faults, in 40 minutes; fewer: make torture KILLS=10 AWAY=5s.
	go test -count=1 -v -timeout 2h ./internal/torture -kills $(or $(KILLS),100) -hosts 1000 -activities 10000 -idle 10000 -gone 20 -away $(or $(AWAY),1m) $(if $(KILLS),,-write $(CURDIR)/docs/reliability.md)

fixture: build ## Freeze a database of the present schema, before it is changed (CONTRIBUTING.md).
	go test -count=1 -run TestWriteFixture ./internal/app -fixture $(CURDIR)/bin/aushang

# Targets are listed by go test, so that none is forgotten. What is found is written to testdata/fuzz and is a seed from then on.
# That the time is over is sometimes reported as a deadline, which is no find.
fuzz: ## Run every fuzz target for a minute; shorter, or some only: make fuzz TIME=20s ONLY=Parse.
	@mkdir -p var; list=$$(go test -list '^Fuzz.*$(ONLY)' ./...) || { echo "$$list"; exit 1; }; \
	echo "$$list" | awk '/^Fuzz/ { name[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, name[i]; n = 0 }' | while read -r package target; do \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(or $(TIME),1m) -fuzzminimizetime 100x "$$package" > var/fuzz.log 2>&1 || \
			grep -q '^    context deadline exceeded' var/fuzz.log || { cat var/fuzz.log; exit 1; }; \
		echo "$$package $$target: $$(grep -o 'execs: [0-9]*' var/fuzz.log | tail -1)"; \
	done

generate: ## Write the generated files again; tests fail when they are not current.
	go generate ./...

vet:
	go vet ./...

deps: $(FEDIFY)/node_modules/.package-lock.json $(SERVICE)/node_modules/.package-lock.json $(BROWSER)/node_modules/.package-lock.json ## Install what the tests need besides Go (Debian; otherwise name it).

%/node_modules/.package-lock.json: %/package-lock.json | machine
	cd $* && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund

.PHONY: machine
machine:
	@sh tools/deps.sh
