// Package project is a user's folder: merit.yml, and where everything that it
// names lies.
package project

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files buckets deals the same way

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/calendar"
	"merit/pipelines/currency"
	"merit/pipelines/yamlfile"
)

// A Project is one company's settings, checked.
type Project struct {
	Dir      string
	Settings Settings
	Calendar calendar.Calendar
	file     *yamlfile.File
}

// Settings are merit.yml as it is written.
type Settings struct {
	Company   string               `yaml:"company" doc:"As pages and files show it."`
	Calendar  CalendarSettings     `yaml:"calendar"`
	Sources   map[string]yamlNames `yaml:"sources" schema:"required" doc:"One entry for each CRM account; secrets never stand here: ${VARIABLE} or file:PATH."`
	Lake      LakeSettings         `yaml:"lake" doc:"Where the Iceberg tables lie, the durable copy of the history: a folder, or a bucket with a catalog."`
	History   HistorySettings      `yaml:"history"`
	Privacy   PrivacySettings      `yaml:"privacy"`
	Warehouse WarehouseSettings    `yaml:"warehouse"`
	Publish   string               `yaml:"publish" doc:"Folder that BI tools read."`
	PublishTo string               `yaml:"publish_to" schema:"enum=owner|group|everyone" doc:"Who may read the folder: owner (unless its mode was changed by hand), group or everyone on this machine."`
	Files     FileSettings         `yaml:"files"`
	Payouts   PayoutSettings       `yaml:"payouts"`
	Report    ReportSettings       `yaml:"report"`
	Notify    NotifySettings       `yaml:"notify"`
	// DealClasses are by source.
	DealClasses map[string]DealClassSettings `yaml:"deal_classes" doc:"By source: what kind of sale its types of deals are, where their names do not say it."`
}

// PayoutSettings say who prepares and who approves payouts, and how the payroll
// system knows the company and its people.
type PayoutSettings struct {
	Preparer  string                 `yaml:"preparer"`  // key that signs drafts: keys/preparer.key
	Approvers []string               `yaml:"approvers"` // public keys, or their files: keys/cfo.pub
	Stewards  []string               `yaml:"stewards"`  // public keys, or their files, of those who decide on flags
	Managers  []string               `yaml:"managers"`  // public keys, or their files, of those who sign off scores where the plan asks for it
	Approvals int                    `yaml:"approvals"` // how many of the approvers have to sign
	Disputes  string                 `yaml:"disputes"`  // append-only: evidence rows that somebody says are wrong
	Employees string                 `yaml:"employees"` // CSV of rep_id and employee, the payroll system's number
	Payroll   map[string]PayrollCode `yaml:"payroll" doc:"Codes of the payroll system: company_code, batch_id, earning_code; currency: what it pays in, if not the company's."`
}

// CalendarSettings say when a quarter begins and in whose time.
type CalendarSettings struct {
	TimeZone         string `yaml:"time_zone" doc:"IANA name: America/New_York."`
	Currency         string `yaml:"currency" schema:"currency" doc:"The company's, ISO 4217."`
	FiscalYearStarts int    `yaml:"fiscal_year_starts" schema:"min=1,max=12" doc:"Month, 1 to 12."`               // month, 1 to 12
	FirstPeriod      string `yaml:"first_period" schema:"period" doc:"2025-Q1; earlier quarters are not scored."` // 2025-Q1; earlier ones are not scored
}

// FileSettings say where the hand-kept files lie, relative to the project.
type FileSettings struct {
	Plan    string `yaml:"plan"`
	Roster  string `yaml:"roster"`
	Quotas  string `yaml:"quotas"`
	Reviews string `yaml:"reviews"`
	Payouts string `yaml:"payouts"`
}

// yamlNames is one source: connector, endpoint and what else its kind knows. Each
// value is a text, a number, a truth value or a list of texts.
type yamlNames map[string]yamlValue

type yamlValue []string

// UnmarshalYAML takes a scalar or a list of scalars.
func (v *yamlValue) UnmarshalYAML(decode func(any) error) error {
	var list []string
	if err := decode(&list); err == nil {
		*v = list
		return nil
	}
	var one string
	if err := decode(&one); err != nil {
		return err
	}
	*v = yamlValue{one}
	return nil
}

// FileName is the settings' file in a project folder.
const FileName = "merit.yml"

// Open reads and checks the project in dir. No secret is resolved yet.
func Open(dir string) (*Project, error) {
	p := &Project{Dir: dir, Settings: Settings{
		Lake: LakeSettings{Location: "lake", Copies: ".merit/lake", Catalog: CatalogSettings{Namespace: "merit"}}, Publish: "published",
		History:   HistorySettings{Keep: "400d", Every: "30d"},
		Calendar:  CalendarSettings{TimeZone: "UTC", Currency: "USD", FiscalYearStarts: 1},
		Warehouse: WarehouseSettings{DuckDB: "warehouse.duckdb", Memory: "4GB"},
		Files:     FileSettings{Plan: "plan.yml", Roster: "roster.csv", Quotas: "quotas.csv", Reviews: "reviews.csv", Payouts: "payouts"},
		Payouts:   PayoutSettings{Preparer: "preparer", Approvals: 1, Disputes: "disputes.csv"},
		Report:    ReportSettings{Folder: "report", Locale: "en-US"},
		Notify:    NotifySettings{Days: 7},
	}}
	var err error
	if p.file, err = yamlfile.Read(filepath.Join(dir, FileName), &p.Settings); err != nil {
		return nil, err
	}
	if err := p.setCalendar(); err != nil {
		return nil, err
	}
	if _, _, err := p.History(); err != nil {
		return nil, err
	}
	if err := p.checkPrivacy(); err != nil {
		return nil, err
	}
	if err := p.checkLake(); err != nil {
		return nil, err
	}
	if err := p.checkNotify(); err != nil {
		return nil, err
	}
	if len(p.Settings.Sources) == 0 {
		return nil, p.file.Errorf("$.sources", "no source is named under sources:")
	}
	for _, name := range p.SourceNames() {
		if !sourceName.MatchString(name) {
			return nil, p.file.Errorf("$.sources."+name, "%q can't be a source's name: use small letters, digits and _, a letter first", name)
		}
	}
	return p, p.checkDealClasses()
}

// Names of sources become names of schemas.
var sourceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

func (p *Project) setCalendar() error {
	c := p.Settings.Calendar
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil || c.TimeZone == "Local" {
		return p.file.Errorf("$.calendar.time_zone", "time_zone %q is not a zone of the IANA list; write it as America/New_York", c.TimeZone)
	}
	if c.FiscalYearStarts < 1 || c.FiscalYearStarts > 12 {
		return p.file.Errorf("$.calendar.fiscal_year_starts", "fiscal_year_starts is the number of a month, 1 to 12, not %d", c.FiscalYearStarts)
	}
	if err := p.checkPayroll(); err != nil {
		return err
	}
	if !currency.Known(c.Currency) {
		return p.file.Errorf("$.calendar.currency", "currency %q is not an ISO 4217 code such as USD", c.Currency)
	}
	p.Calendar = calendar.Calendar{Zone: zone, StartMonth: time.Month(c.FiscalYearStarts)}
	if p.Calendar, err = p.Calendar.With(p.givenQuarters()); err != nil {
		return p.file.Errorf("$.calendar", "%s: %v", p.quartersFile(), err)
	}
	if c.FirstPeriod != "" {
		if _, err := p.Calendar.Parse(c.FirstPeriod); err != nil {
			return p.file.Errorf("$.calendar.first_period", "first_period: %v", err)
		}
	}
	return nil
}

// SourceNames are in the order of the alphabet.
func (p *Project) SourceNames() []string {
	return slices.Sorted(maps.Keys(p.Settings.Sources))
}

// SourceOrder are the sources as merit.yml names them, from the top down.
func (p *Project) SourceOrder() []string {
	if p.file == nil { // settings that were not read from a file have no order
		return p.SourceNames()
	}
	return p.file.Keys("$.sources")
}

// Path is where a file or folder of the project lies.
func (p *Project) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.Dir, name)
}

// State is the folder of Merit's own small files: the lock and the list of runs.
func (p *Project) State() string { return filepath.Join(p.Dir, ".merit") }

// A Source is one source of merit.yml with the connector that reads it.
type Source struct {
	Name      string
	Connector connectors.Connector
	Only      []string // streams named under streams:; none: all
	Without   []string // streams named under without:, which are not read
	project   *Project
}

// Reads tells whether the settings want a stream.
func (s Source) Reads(stream string) bool {
	return (len(s.Only) == 0 || slices.Contains(s.Only, stream)) && !slices.Contains(s.Without, stream)
}

// ownSettings are those that every source has, whatever its connector.
var ownSettings = []string{"connector", "streams", "without"}

// Sources are all sources of merit.yml, each setting's name checked against what
// its connector knows.
func (p *Project) Sources(known []connectors.Connector) ([]Source, error) {
	var sources []Source
	for _, name := range p.SourceNames() {
		given := p.Settings.Sources[name]
		place := "$.sources." + name
		connector, err := p.connector(place, connectors.Values(asValues(given)).Text("connector"), known)
		if err != nil {
			return nil, err
		}
		if err := p.checkSettings(place, given, connector); err != nil {
			return nil, err
		}
		sources = append(sources, Source{Name: name, Connector: connector, Only: given["streams"], Without: given["without"], project: p})
	}
	return sources, nil
}

func asValues(given yamlNames) map[string][]string {
	values := map[string][]string{}
	for name, value := range given {
		values[name] = value
	}
	return values
}

func (p *Project) connector(place, name string, known []connectors.Connector) (connectors.Connector, error) {
	var names []string
	for _, c := range known {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return connectors.Connector{}, p.file.Errorf(place+".connector", "connector %q is not known%s", name, fault.Instead(name, names))
}

func (p *Project) checkSettings(place string, given yamlNames, c connectors.Connector) error {
	byName := map[string]connectors.Setting{}
	for _, s := range c.Settings {
		byName[s.Name] = s
		if s.Required && len(given[s.Name]) == 0 {
			return p.file.Errorf(place, "%s is missing: %s", s.Name, s.Help)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		setting, known := byName[name]
		if slices.Contains(ownSettings, name) {
			continue
		}
		if renamed := slices.IndexFunc(c.Settings, func(s connectors.Setting) bool { return s.Was == name }); !known && renamed >= 0 {
			now := c.Settings[renamed]
			return p.file.Errorf(place+"."+name, "%s is called %s now: %s", name, now.Name, now.Help)
		}
		if !known {
			return p.file.Errorf(place+"."+name, "%s has no setting %q%s", c.Title, name, fault.Instead(name, append(slices.Sorted(maps.Keys(byName)), ownSettings...)))
		}
		if !setting.List && len(given[name]) > 1 {
			return p.file.Errorf(place+"."+name, "%s is one text, not a list", name)
		}
		if setting.Secret && !isReference(given[name][0]) {
			return p.file.Errorf(place+"."+name, "%s is a secret and must not stand in this file; write ${NAME_OF_A_VARIABLE} or file:PATH", name)
		}
	}
	return nil
}

var reference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

func isReference(value string) bool {
	return reference.MatchString(value) || strings.HasPrefix(value, "file:")
}

// Values resolves the source's settings: defaults, ${ENV} and file:PATH.
func (s Source) Values() (connectors.Values, error) {
	values := connectors.Values{}
	for _, setting := range s.Connector.Settings {
		if setting.Default != "" {
			values[setting.Name] = []string{setting.Default}
		}
	}
	all := s.project.Settings.Sources[s.Name]
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var resolved []string
		for _, one := range all[name] {
			text, err := s.project.resolve(one)
			if err != nil {
				return nil, s.project.file.Errorf("$.sources."+s.Name+"."+name, "%s: %v", name, err)
			}
			resolved = append(resolved, text)
		}
		values[name] = resolved
	}
	for _, setting := range s.Connector.Settings {
		if setting.Path && values.Text(setting.Name) != "" {
			values[setting.Name] = []string{s.project.Path(values.Text(setting.Name))}
		}
	}
	return values, nil
}

func (p *Project) resolve(value string) (string, error) {
	if parts := reference.FindStringSubmatch(value); parts != nil {
		text, set := os.LookupEnv(parts[1])
		if !set || text == "" {
			return "", fmt.Errorf("the environment variable %s is not set", parts[1])
		}
		return text, nil
	}
	path, isFile := strings.CutPrefix(value, "file:")
	if !isFile {
		return value, nil
	}
	text, err := os.ReadFile(p.Path(path))
	if err != nil {
		return "", fmt.Errorf("its file can't be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// Open signs in to the source.
func (s Source) Open(ctx context.Context) (connectors.Source, error) {
	values, err := s.Values()
	if err != nil {
		return nil, err
	}
	return s.Connector.Open(ctx, values)
}

// Under is the project with another calendar: that of a period that was drafted by it.
func (p *Project) Under(c CalendarSettings) (*Project, error) {
	own := *p
	own.Settings.Calendar = c
	return &own, own.setCalendar()
}
