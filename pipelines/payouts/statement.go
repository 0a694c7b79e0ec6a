package payouts

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
)

//go:embed statement.html
var statementHTML string

// A statement is one rep's page: from the amount through the rule and the score to
// the records. It is one file without anything from elsewhere, and prints on A4.
type statement struct {
	Heading     Heading
	RepID, Name string
	Payable     []Total
	Held        []Total
	Entries     []Entry
	Roles       []roleCard
	Differences []Difference
	Balances    []Balance
	Questions   []Question
	Unsound     []Flag
}

// roleCard is the score in one role.
type roleCard struct {
	Role, Team, Score, Tier string
	Coverage, TooLittle     string // percent of the plan that was measured, and why that is too little for a tier
	Formula                 string
	Metrics                 []metricCard
}

// metricCard is one metric with its records.
type metricCard struct {
	Measurement
	Bar      string // 0 to 120, for the drawing
	Evidence []evidenceRow
}

type evidenceRow struct {
	Evidence
	When, Worth string
	Answers     []Answer
}

// Statements are the pages of everybody who has a line, by file name.
func (f Frozen) Statements() (map[string][]byte, error) {
	zone, err := time.LoadLocation(f.Heading.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("statements: %w", err)
	}
	page, err := template.New("statement").Funcs(template.FuncMap{"negative": func(amount string) bool { return strings.HasPrefix(amount, "-") }}).Parse(statementHTML)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, rep := range f.reps() {
		s, err := f.statement(rep, zone)
		if err != nil {
			return nil, fmt.Errorf("statement of %s: %w", rep, err)
		}
		var b bytes.Buffer
		if err := page.Execute(&b, s); err != nil {
			return nil, fmt.Errorf("statement of %s: %w", rep, err)
		}
		files[statementName(rep)] = b.Bytes()
	}
	return files, nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,80}$`)

// statementName is the rep's id where it can be a file's name anywhere; otherwise
// what is left of it and a hash.
func statementName(rep string) string {
	if plainName.MatchString(rep) && strings.ToLower(rep) == rep {
		return rep + ".html"
	}
	sum := sha256.Sum256([]byte(rep))
	kept := regexp.MustCompile(`[^a-z0-9_]+`).ReplaceAllString(strings.ToLower(rep), "-")
	return strings.Trim(kept[:min(len(kept), 40)], "-") + "~" + hex.EncodeToString(sum[:5]) + ".html"
}

// ProofName is the file of a line's proof, unlike any other's.
func ProofName(e Entry, number int) string {
	return fmt.Sprintf("%s.%d.txt", strings.TrimSuffix(statementName(e.RepID), ".html"), number)
}

func (f Frozen) reps() []string {
	var reps []string
	for _, e := range f.Entries {
		if !slices.Contains(reps, e.RepID) {
			reps = append(reps, e.RepID)
		}
	}
	return reps
}

func (f Frozen) statement(rep string, zone *time.Location) (statement, error) {
	s := statement{Heading: f.Heading, RepID: rep}
	for _, e := range f.Entries {
		if e.RepID == rep {
			s.Entries, s.Name = append(s.Entries, e), e.Name
		}
	}
	for _, t := range Sums(s.Entries) {
		switch t.State {
		case Payable:
			s.Payable = append(s.Payable, t)
		case Held:
			s.Held = append(s.Held, t)
		}
	}
	for _, d := range f.Differences {
		if d.RepID == rep {
			s.Differences = append(s.Differences, d)
		}
	}
	s.Balances, s.Questions = f.balanceOf(rep), f.questionsOf(rep)
	for _, flag := range f.Flags {
		if flag.RepID == rep && flag.Kind == Unsound {
			s.Unsound = append(s.Unsound, flag)
		}
	}
	for _, standing := range f.Standings {
		if standing.RepID != rep || standing.Period != f.Heading.Period {
			continue
		}
		card, err := f.roleCard(standing, zone)
		if err != nil {
			return s, err
		}
		s.Roles = append(s.Roles, card)
	}
	return s, nil
}

func (f Frozen) roleCard(s Standing, zone *time.Location) (roleCard, error) {
	card := roleCard{Role: s.Role, Team: s.Team, Score: s.Score, Tier: s.Tier, Coverage: s.CoveragePercent, TooLittle: s.CoverageReason}
	var terms, weights []string
	for _, m := range f.Measures {
		if m.RepID != s.RepID || m.Role != s.Role || m.Period != s.Period {
			continue
		}
		if m.Attainment != "" && trimmed(m.WeightUsed) != "0" {
			terms, weights = append(terms, trimmed(m.WeightUsed)+" × "+twoDecimals(m.Attainment)), append(weights, trimmed(m.WeightUsed))
		}
		metric := metricCard{Measurement: m, Bar: bar(m.Attainment)}
		metric.Value, metric.Attainment = twoDecimals(m.Value), twoDecimals(m.Attainment)
		metric.Floor, metric.Target, metric.Weight, metric.WeightUsed = trimmed(m.Floor), trimmed(m.Target), trimmed(m.Weight), trimmed(m.WeightUsed)
		for _, e := range f.Evidence {
			if e.RepID != s.RepID || e.Role != s.Role || e.Metric != m.Metric {
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, e.OccurredAt)
			if err != nil {
				return card, fmt.Errorf("evidence %s: %w", e.ID, err)
			}
			metric.Evidence = append(metric.Evidence, evidenceRow{Evidence: e, When: at.In(zone).Format("2006-01-02 15:04"), Worth: e.counts(), Answers: f.AnswersTo(e)})
		}
		card.Metrics = append(card.Metrics, metric)
	}
	if len(terms) > 0 {
		card.Formula = fmt.Sprintf("(%s) ÷ (%s) = %s", strings.Join(terms, " + "), strings.Join(weights, " + "), s.Score)
	}
	return card, nil
}

// twoDecimals shortens a measured number for people; the inputs have all digits.
func twoDecimals(text string) string {
	d, _, err := apd.NewFromString(text)
	if err != nil {
		return text
	}
	var short apd.Decimal
	if _, err := exact().Quantize(&short, d, -2); err != nil {
		return text
	}
	return trimmed(short.Text('f'))
}

func bar(attainment string) string {
	d, _, err := apd.NewFromString(attainment)
	if err != nil || d.Sign() < 0 {
		return "0"
	}
	if d.Cmp(apd.New(120, 0)) > 0 {
		return "120"
	}
	return twoDecimals(attainment)
}
