package ledger

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
)

// settingsName is the document of the settings by which a period was paid.
const settingsName = "settings.json"

// buildSettings are what of merit.yml changes what a build computes.
type buildSettings struct {
	TimeZone         string   `json:"time_zone"`
	Currency         string   `json:"currency"`
	FiscalYearStarts int      `json:"fiscal_year_starts"`
	FirstPeriod      string   `json:"first_period"`
	Sources          []string `json:"sources"` // in merit.yml's order, which decides between two sources
	// DealClasses are left out where there are none, so that older documents keep their hash.
	DealClasses []project.DealClass `json:"deal_classes,omitempty"`
}

// payingSettings are all of merit.yml that pays: an input of every draft.
type payingSettings struct {
	buildSettings
	Company   string                     `json:"company"`
	Preparer  string                     `json:"preparer"`
	Approvers []string                   `json:"approvers"` // public keys, not names
	Approvals int                        `json:"approvals"`
	Stewards  []string                   `json:"stewards"` // public keys
	Managers  []string                   `json:"managers,omitempty"`
	Payroll   map[string]payouts.Setting `json:"payroll"`
	Models    string                     `json:"models_sha256"`
	Version   string                     `json:"merit"`
}

func buildSettingsOf(p *project.Project) buildSettings {
	c := p.Settings.Calendar
	return buildSettings{TimeZone: c.TimeZone, Currency: c.Currency, FiscalYearStarts: c.FiscalYearStarts, FirstPeriod: c.FirstPeriod, Sources: p.SourceOrder(), DealClasses: p.DealClasses()}
}

func (l *Ledger) payingSettings(b Build) (payingSettings, error) {
	s := payingSettings{
		buildSettings: buildSettingsOf(l.project), Company: l.project.Settings.Company, Preparer: l.project.Settings.Payouts.Preparer,
		Approvals: max(l.project.Settings.Payouts.Approvals, 1), Payroll: map[string]payouts.Setting{}, Models: b.Models, Version: b.Version,
	}
	for name, code := range l.project.Settings.Payouts.Payroll {
		s.Payroll[name] = payouts.Setting(code)
	}
	listed, err := l.listed()
	s.Approvers, s.Stewards, s.Managers = listed.Approvers, listed.Stewards, listed.Managers
	return s, err
}

func texts(keys []evidence.Public) []string {
	list := []string{}
	for _, key := range keys {
		list = append(list, key.Text)
	}
	slices.Sort(list)
	return list
}

// textsOrNone is texts, and nil of no keys, so that older documents keep their hash.
func textsOrNone(keys []evidence.Public) []string {
	if len(keys) == 0 {
		return nil
	}
	return texts(keys)
}

// payingDocuments are the documents beside the hand-kept files that a draft freezes:
// the settings, and the numbers by which payroll knows people.
func (l *Ledger) payingDocuments(b Build, documents map[string][]byte) error {
	settings, err := l.payingSettings(b)
	if err != nil {
		return err
	}
	text, err := evidence.Canonical(settings)
	if err != nil {
		return err
	}
	documents[settingsName] = append(text, '\n')
	return l.employees(documents)
}

const employeesName = "employees.csv"

func (l *Ledger) employees(documents map[string][]byte) error {
	path := l.project.Settings.Payouts.Employees
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(l.project.Path(path))
	if err != nil {
		return fault.Errorf(fault.You, "read the employees file: %w", err)
	}
	if _, err := payouts.ReadEmployees(text); err != nil {
		return err
	}
	documents[employeesName] = text
	return nil
}

// buildInputs are the hashes of all that a build computes from besides the lake.
func buildInputs(p *project.Project, documents map[string][]byte, models string) (map[string]string, error) {
	sums := map[string]string{"models": models}
	for name, text := range documents {
		sums[name] = sumOf(text)
	}
	settings, err := evidence.Canonical(buildSettingsOf(p))
	sums[filepath.Base(project.FileName)] = sumOf(settings)
	return sums, err
}

// seenByBuild refuses inputs that the last build did not see, file by file. What only
// the draft reads is not compared: disputes. Decisions that exclude nothing and
// include nothing again change no number, so a build need not have seen them.
func (l *Ledger) seenByBuild(b Build, documents map[string][]byte) error {
	record, found := l.last("run", "")
	for i := len(l.log.Records()) - 1; found && i >= 0; i-- {
		if record = l.log.Records()[i]; record.Kind != "run" {
			continue
		}
		var body ran
		if err := jsonBody(record, &body); err != nil {
			return err
		}
		if body.Fault {
			continue
		}
		return sameInputs(l.project, body, b, documents)
	}
	return fault.Errorf(fault.You, "the evidence log knows of no build: `merit run` or `merit build` first")
}

func sameInputs(p *project.Project, body ran, b Build, documents map[string][]byte) error {
	now, err := buildInputs(p, documents, b.Models)
	if err != nil {
		return err
	}
	exclusions, err := evidence.Canonical(b.Inputs.Exclusions)
	if err != nil {
		return err
	}
	if now[flagsSeen], err = decisionsSum(b.Inputs.Decisions); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		before := body.Documents[name]
		switch {
		case name == "disputes.csv" || before == now[name] || before == "" && (name == "models" || name == flagsSeen):
		case name == "reviews.csv" && body.Documents["exclusions"] == sumOf(exclusions):
		case before == "":
			return fault.Errorf(fault.You, "the last build did not see %s (now %s): `merit build` first, then draft", name, short(now[name]))
		default:
			return fault.Errorf(fault.You, "%s is not the one that the last build saw: it was %s, now it is %s; `merit build` first, then draft", name, short(before), short(now[name]))
		}
	}
	return nil
}

// flagsSeen is what the decisions on flags that a build counted by are called beside
// the documents that it saw.
const flagsSeen = "the decisions on flags"

func decisionsSum(decisions []plan.FlagDecision) (string, error) {
	text, err := evidence.Canonical(decisions)
	return sumOf(text), err
}

func short(sum string) string {
	if len(sum) < 12 {
		return sum
	}
	return sum[:12]
}
