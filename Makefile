# make demo and make test are all the set-up there is: they need Go and a C compiler.
# Every target with a ## text is run by .ci or by a workflow in .github; a test holds that.
GO ?= go
TESTFLAGS ?=
TOOL = $(GO) tool -modfile=.ci/tools/go.mod

.PHONY: build release demo test short check race fuzz golden docs new-connector house soak reference planted gains boards audit-bench bench bench-build bench-hubspot \
	foreign-lake foreign-hubspot foreign-hubspot-spec foreign-salesforce libreoffice bigquery bigquery-real vulnerabilities workflows clean

build: ## the command, bin/merit
	$(GO) build -o bin/merit ./cmd/merit

release: ## bin/release: the static command, what it is made of (CycloneDX), checksums
	.ci/release bin/release

demo: build ## the whole job on the sandbox CRMs; says where the results lie
	bin/merit demo --dir demo

# Tests make much garbage and live briefly: with GOGC at its default of 100 a third of
# their processor time goes into collecting it.
test: check ## everything that CI runs
	GOGC=300 $(GO) test -timeout 60m $(TESTFLAGS) ./...

short: ## the inner loop: what takes long is left out
	GOGC=300 $(GO) test -short $(TESTFLAGS) ./...

check: ## formatting, vet, linters, modules unchanged
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt these"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) go-errorlint ./...
	$(GO) mod verify

race: ## the race detector on what is concurrent
	$(GO) test -race -short -timeout 30m ./connectors/... ./transform/lake/... ./pipelines/...

FUZZTIME ?= 30s
fuzz: ## every fuzz target for FUZZTIME; make test runs their seeds only
	.ci/fuzz $(FUZZTIME)

golden: ## rewrite golden files; the diff is the review
	$(GO) test -timeout 30m ./cmd/merit ./pipelines/payouts -run 'Scripts|Golden' -update

docs: build ## what is generated from the code: command manual, metric catalogue
	bin/merit docs --models models/README.md --command cmd/merit/README.md --privacy connectors/PRIVACY.md --page bin/models.html

new-connector: ## NAME=pipedrive writes connectors/pipedrive, which passes the contract test; connectors/README.md goes on
	$(GO) run .ci/newconnector.go $(NAME)

house: ## counts that say how the code is kept: large packages and types, rules said twice, columns that nobody reads
	$(GO) run .ci/house.go $(HOUSEFLAGS)

soak: ## the fault matrix at its full counts; prints its table (about 40 minutes)
	.ci/soak

reference: ## the metrics computed a second time, in plain Go, for 1,000 invented companies of each kind
	$(GO) test ./transform/model/reference -timeout 60m -v -run TheWordsSay -args -seeds 1000

planted: ## the programme's tables on 200 invented companies each, whose truth is planted
	$(GO) test ./transform/model/planted -timeout 60m -v -args -companies 200

gains: ## 50 next actions are followed at the sandbox, and each score gains what its action said
	$(GO) test ./cmd/merit -timeout 60m -v -run ScoreGainsWhatTheNextActionSays -args -gains 50 -gains-size 900

boards: ## who stands on top of rotated boards and of revenue boards, week after week, in 40 invented companies
	$(GO) test ./transform/model -timeout 60m -v -run BoardOfOwnGoals -args -board-companies 40

COMPANIES ?= 200
audit-bench: ## recall and false discoveries of each flag rule on 200 invented companies with cheats and without, into docs/flags.md (about 40 minutes)
	GODEBUG=cgocheck=0 $(GO) test ./pipelines -timeout 240m -v -run FlagRulesFindWhatIsPlanted -args -audit-companies $(COMPANIES) -audit-table $(CURDIR)/docs/flags.md

bench: build ## speed and memory, as ratios to floors measured in the same run
	$(GO) test ./cmd/merit -run '^$$' -bench Whole -benchtime 1x -timeout 60m
	$(GO) test ./connectors/salesforce -run '^$$' -bench Whole -benchtime 1x -timeout 60m

bench-build: ## every table from MERIT_BENCH_ROWS rows of history (5,000,000), beside DuckDB's own reading and sorting of them
	$(GO) test ./transform/model -run '^$$' -bench Build -benchtime 1x -timeout 600m

bench-hubspot: ## HubSpot's limits in real time: calls, rates and their share of the ceiling; memory
	$(GO) test ./connectors/hubspot -run '^$$' -bench 'UnderLimits|Memory' -benchtime 1x

foreign-lake: build ## the lake on real catalogs, read and maintained by real engines, from PyPI and Maven; heavy
	python3 .ci/foreign/run.py bin/foreign bin/merit $(CATALOGS)
	MERIT_PYTHON=$(CURDIR)/bin/foreign/python/bin/python MERIT_SPARK=$(CURDIR)/bin/foreign/jars $(GO) test -count=1 -v ./transform/lake -run AForeignReader

foreign-hubspot: build ## HubSpot's own Node client reads the sandbox; needs node and npm
	cd connectors/sandbox/hsserver/testdata/foreign && npm ci --ignore-scripts --no-audit --no-fund
	node connectors/sandbox/hsserver/testdata/foreign/read.mjs bin/merit

# A folder that has HubSpot's published descriptions of its API; they are HubSpot's own and
# not kept here.
HUBSPOT_DESCRIPTIONS ?= bin/hubspot-descriptions
foreign-hubspot-spec: build ## Merit and the sandbox held against HubSpot's own API description, by Prism; needs node, npm, git
	test -e $(HUBSPOT_DESCRIPTIONS) || git clone --depth 1 https://github.com/HubSpot/HubSpot-public-api-spec-collection $(HUBSPOT_DESCRIPTIONS)
	cd connectors/sandbox/hsserver/testdata/described && npm ci --ignore-scripts --no-audit --no-fund
	node connectors/sandbox/hsserver/testdata/described/read.mjs bin/merit $(HUBSPOT_DESCRIPTIONS)

foreign-salesforce: build ## jsforce reads the sandbox by REST and by Bulk; needs node and npm
	cd connectors/sandbox/sfserver/testdata/foreign && npm ci --ignore-scripts --no-audit --no-fund
	node connectors/sandbox/sfserver/testdata/foreign/read.mjs bin/merit

libreoffice: ## what LibreOffice makes of payout.xlsx; needs soffice
	@command -v soffice >/dev/null || { echo "LibreOffice (soffice) is not installed"; exit 1; }
	$(GO) test ./pipelines/payouts -run LibreOffice -count=1 -v

VERIFY = transform/warehouse/bigquery/verify
bigquery: ## BigQuery's side by GoogleSQL's analyzer, an emulator and Google's evaluator; needs npm; the first time takes minutes and 7 GB
	cd $(VERIFY)/evaluator && npm ci --ignore-scripts --no-audit --no-fund
	cd $(VERIFY) && MERIT_EVALUATOR=$(CURDIR)/$(VERIFY)/evaluator/node_modules GOFLAGS="-mod=mod -p=1" nice -n 10 $(GO) test -timeout 120m $(TESTFLAGS) ./...

bigquery-real: build ## ten minutes on a real project: make bigquery-real PROJECT=my-project; needs bq, signed in, and billing
	.ci/bigquery-real "$(PROJECT)" $(LOCATION)

vulnerabilities: ## known ones in what is called; asks vuln.go.dev
	$(TOOL) govulncheck ./...

workflows: ## the files of .github/workflows are what GitHub takes
	$(TOOL) actionlint

clean:
	rm -rf bin demo
