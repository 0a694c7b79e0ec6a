package payouts

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"merit/pipelines/evidence"
)

// Frozen is all that a period's files are made from. It is written beside them as
// inputs/, so that the files can be made again years later, on another machine,
// without CRM, lake or warehouse, and be compared byte by byte.
type Frozen struct {
	Heading     Heading
	Entries     []Entry
	Standings   []Standing // of the period and of every closed one
	Measures    []Measurement
	Evidence    []Evidence // of the period
	Differences []Difference
	Later       []Evidence // of closed periods, for those whom this period's file adjusts
	Flags       []Flag
	Controls    []Control
	Disputes    []Dispute
	Decisions   []Decision
	Snapshots   []Snapshot
	Balances    []Balance         // what reps owe; nil where nobody does
	Notices     []Notice          // what approvers should look at; nil in a period that was locked before there were any
	Documents   map[string][]byte // plan.yml, roster.csv … as they were
}

// Heading says what the files are about.
type Heading struct {
	Company     string `json:"company"`
	Period      string `json:"period"`
	StartsOn    string `json:"starts_on"`
	EndsOn      string `json:"ends_on"`
	AsOf        string `json:"as_of"`
	TimeZone    string `json:"time_zone"`
	PlanVersion string `json:"plan_version"`
	PlanHash    string `json:"plan_sha256"`
	Salt        string `json:"salt"` // secret: what each line's own salt is made from
}

// A Measurement is what one metric gave to a score.
type Measurement struct {
	Period     string `json:"period"`
	RepID      string `json:"rep_id"`
	Role       string `json:"role"`
	Metric     string `json:"metric"`
	Title      string `json:"title"`
	Signal     string `json:"signal"`
	Value      string `json:"value"`
	Unit       string `json:"unit"`
	Floor      string `json:"floor"`
	Target     string `json:"target"`
	Cap        string `json:"cap"`
	Attainment string `json:"attainment"`
	Weight     string `json:"weight"`
	WeightUsed string `json:"weight_used"`
	Samples    string `json:"samples"`
	Reason     string `json:"reason"`
}

// A Flag is an open question about somebody's records that holds the own line.
type Flag struct {
	Period string `json:"period"`
	RepID  string `json:"rep_id"`
	Rule   string `json:"rule"`
	Why    string `json:"why"`
	Kind   string `json:"kind,omitempty"` // "" is a flag of the models; Disputed, Unsound, SignOff
}

// A Snapshot is one lake table as the numbers were computed from it.
type Snapshot struct {
	Source   string `json:"source"`
	Table    string `json:"table"`
	Snapshot int64  `json:"snapshot"`
	Rows     int64  `json:"rows"`
}

// Hold holds the payable lines of everybody about whom a flag is open, or whose records
// were not all believed.
func (r Rules) Hold(entries []Entry, flags []Flag) {
	for i := range entries {
		e := &entries[i]
		for _, f := range flags {
			if f.RepID == e.RepID && f.Period == e.For && !(f.Kind == Unsound && r.PayUnsound) && e.State != NotEligible && e.Kind != Adjustment && e.Kind != Clawback {
				e.State = Held
				e.Reason += "; held until " + f.until()
			}
		}
	}
}

// What else than a flag of the models holds lines.
const (
	Disputed = "dispute"      // a dispute that is not answered yet
	Unsound  = "data quality" // records of the rep's that were not believed or not known
	SignOff  = "sign-off"     // a score that the plan wants a manager to sign off
)

// until says what has to happen.
func (f Flag) until() string {
	if f.Kind == "" {
		return "the flag " + f.Rule + " is reviewed"
	}
	return f.Why
}

// SaltEntries sorts the entries and gives each its salt.
func SaltEntries(entries []Entry, secret string) {
	SortEntries(entries)
	for i := range entries {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(strconv.Itoa(i) + "\x00" + entries[i].place()))
		entries[i].Salt = hex.EncodeToString(mac.Sum(nil)[:16])
	}
}

// Leaves are the lines of lines.jsonl, each of which can be proven by itself.
func Leaves(files map[string][]byte) (*evidence.Leaves, error) {
	return evidence.NewLeaves(strings.Split(strings.TrimSuffix(string(files[LinesName]), "\n"), "\n"))
}

// LinesName is the payout file for machines: an entry a line, in canonical JSON.
const LinesName = "lines.jsonl"

const (
	inputs       = "inputs/"
	noticesInput = "notices.jsonl"
)

// Files are all files of the period, by name: for people, for machines, a
// statement for each rep, and the inputs themselves.
func (f Frozen) Files() (map[string][]byte, error) {
	book, err := Workbook(f)
	if err != nil {
		return nil, fmt.Errorf("payout.xlsx: %w", err)
	}
	files := map[string][]byte{
		"payout.csv": EntriesCSV(f.Entries), "payout.xlsx": book,
		"adjustments.csv": DifferencesCSV(f.Differences), "control_totals.csv": ControlsCSV(f.Controls),
	}
	statements, err := f.Statements()
	if err != nil {
		return nil, err
	}
	for name, text := range statements {
		files["statements/"+name] = text
	}
	for name, text := range f.Documents {
		files[inputs+name] = text
	}
	if len(f.Balances) > 0 {
		files[BalancesName] = BalancesCSV(f.Balances)
	}
	if f.Notices != nil {
		files[NoticesName] = NoticesCSV(f.Notices)
		if files[ReviewName], err = f.ReviewPage(); err != nil {
			return nil, err
		}
		if files[inputs+noticesInput], err = jsonLines(f.Notices); err != nil {
			return nil, err
		}
	}
	return files, f.writeInputs(files)
}

func (f Frozen) writeInputs(files map[string][]byte) error {
	for name, lines := range map[string]func() ([]byte, error){
		LinesName:                    func() ([]byte, error) { return jsonLines(f.Entries) },
		inputs + "heading.jsonl":     func() ([]byte, error) { return jsonLines([]Heading{f.Heading}) },
		inputs + "standings.jsonl":   func() ([]byte, error) { return jsonLines(f.Standings) },
		inputs + "measures.jsonl":    func() ([]byte, error) { return jsonLines(f.Measures) },
		inputs + "evidence.jsonl":    func() ([]byte, error) { return jsonLines(f.Evidence) },
		inputs + "differences.jsonl": func() ([]byte, error) { return jsonLines(f.Differences) },
		inputs + "later.jsonl":       func() ([]byte, error) { return jsonLines(f.Later) },
		inputs + "flags.jsonl":       func() ([]byte, error) { return jsonLines(f.Flags) },
		inputs + "controls.jsonl":    func() ([]byte, error) { return jsonLines(f.Controls) },
		inputs + "disputes.jsonl":    func() ([]byte, error) { return jsonLines(f.Disputes) },
		inputs + "decisions.jsonl":   func() ([]byte, error) { return jsonLines(f.Decisions) },
		inputs + "snapshots.jsonl":   func() ([]byte, error) { return jsonLines(f.Snapshots) },
	} {
		text, err := lines()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files[name] = text
	}
	return nil
}

// ReadFrozen reads a folder's inputs again.
func ReadFrozen(files map[string][]byte) (Frozen, error) {
	f := Frozen{Documents: map[string][]byte{}}
	var heading []Heading
	for _, err := range []error{
		readLines(files, LinesName, &f.Entries), readLines(files, inputs+"heading.jsonl", &heading),
		readLines(files, inputs+"standings.jsonl", &f.Standings), readLines(files, inputs+"measures.jsonl", &f.Measures),
		readLines(files, inputs+"evidence.jsonl", &f.Evidence), readLines(files, inputs+"differences.jsonl", &f.Differences),
		readLines(files, inputs+"later.jsonl", &f.Later),
		readLines(files, inputs+"flags.jsonl", &f.Flags), readLines(files, inputs+"controls.jsonl", &f.Controls),
		readLines(files, inputs+"disputes.jsonl", &f.Disputes), readLines(files, inputs+"decisions.jsonl", &f.Decisions),
		readLines(files, inputs+"snapshots.jsonl", &f.Snapshots),
	} {
		if err != nil {
			return f, err
		}
	}
	if _, there := files[inputs+noticesInput]; there {
		f.Notices = []Notice{}
		if err := readLines(files, inputs+noticesInput, &f.Notices); err != nil {
			return f, err
		}
	}
	if len(heading) != 1 {
		return f, fmt.Errorf("%sheading.jsonl has %d lines", inputs, len(heading))
	}
	f.Heading = heading[0]
	for name, text := range files {
		if document, found := strings.CutPrefix(name, inputs); found && !strings.HasSuffix(name, ".jsonl") {
			f.Documents[document] = text
		}
	}
	return f, nil
}

func jsonLines[T any](values []T) ([]byte, error) {
	var b bytes.Buffer
	for _, v := range values {
		line, err := evidence.Canonical(v)
		if err != nil {
			return nil, err
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes(), nil
}

func readLines[T any](files map[string][]byte, name string, into *[]T) error {
	text, there := files[name]
	if !there {
		return fmt.Errorf("%s is missing", name)
	}
	for line := range bytes.Lines(text) {
		var value T
		if err := json.Unmarshal(line, &value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*into = append(*into, value)
	}
	return nil
}
