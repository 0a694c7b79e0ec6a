package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"golang.org/x/text/unicode/norm"

	"merit/pipelines/calendar"
	codes "merit/pipelines/currency"
)

// A Rep is one row of roster.csv: a person in a role from one day to another.
type Rep struct {
	Line                                           int // of roster.csv
	ID, Name, Role, Team, Region, Territory, Shift string
	TimeZone                                       string // IANA name; "" the reporting zone
	Email                                          string
	Users                                          []UserKey
	ValidFrom                                      time.Time
	ValidTo                                        *time.Time // last day; nil: still
	BonusTarget                                    *apd.Decimal
	Currency                                       string
	LeaveDays                                      int64       // without dates: taken off in the period in which the row begins
	Leave                                          []DateRange // in order
}

// A DateRange is from one day to another, both in it.
type DateRange struct{ From, To time.Time }

// A UserKey is a rep's user at a source; Source "" is any.
type UserKey struct{ Source, Key string }

// A Quota is one row of quotas.csv.
type Quota struct {
	RepID, Period    string
	Quota, Potential *apd.Decimal
}

// An Exclusion is a record that a steward decided counts for nothing.
type Exclusion struct{ Source, RecordType, RecordID, Reason string }

var (
	rosterMust  = []string{"rep_id", "name", "role", "valid_from"}
	rosterMay   = []string{"email", "crm_users", "team", "region", "territory", "shift", "valid_to", "bonus_target", "currency", "leave_days", "leave", "time_zone"}
	quotasMust  = []string{"rep_id", "period", "quota"}
	quotasMay   = []string{"potential"}
	reviewsMust = []string{"decided_on", "decided_by", "decision", "source", "record_type", "record_id", "reason"}
	decisions   = []string{"exclude", "keep", "accept"}
	// recordTypes are the kinds of records that evidence speaks of.
	recordTypes = []string{"deal", "activity", "renewal", "forecast", "document", "contribution", "calendar event", "coaching", "coaching action", "learning", "day", "week", "period", driftRecords}
)

// Roster reads roster.csv. Roles are checked against the plan, spans of one
// person must not overlap.
func (p *Plan) Roster(path, currency string) ([]Rep, error) {
	file, err := readInputCSV(path, rosterMust, rosterMay)
	if err != nil {
		return nil, err
	}
	return p.roster(file, currency)
}

// ParseRoster is Roster for text that is in memory.
func (p *Plan) ParseRoster(name string, text []byte, currency string) ([]Rep, error) {
	file, err := parseInputCSV(name, text, rosterMust, rosterMay)
	if err != nil {
		return nil, err
	}
	return p.roster(file, currency)
}

func (p *Plan) roster(file *inputCSV, currency string) ([]Rep, error) {
	var roster []Rep
	for _, row := range file.rows {
		rep, err := p.rep(row, currency)
		if err != nil {
			return nil, err
		}
		for _, other := range roster {
			if other.ID == rep.ID && overlap(other, rep) {
				return nil, row.errorf("valid_from", "%s is on the roster twice from %s on: end the earlier row first", rep.ID, rep.ValidFrom.Format(time.DateOnly))
			}
		}
		roster = append(roster, rep)
	}
	if err := checkPeople(roster); err != nil {
		return nil, err
	}
	return roster, p.checkTeams(roster)
}

// checkTeams refuses a pool for a team that nobody is in: it would go unpaid
// without a word.
func (p *Plan) checkTeams(roster []Rep) error {
	var teams []string
	for _, rep := range roster {
		teams = append(teams, rep.Team)
	}
	slices.Sort(teams)
	teams = slices.DeleteFunc(slices.Compact(teams), func(team string) bool { return team == "" })
	for i, v := range p.Versions {
		for k, pool := range v.Pools {
			for n, team := range pool.Teams {
				if !slices.Contains(teams, team) {
					return p.file.Errorf(fmt.Sprintf("$.versions[%d].pools[%d].teams[%d]", i, k, n), "pool %s: nobody on the roster is in team %q%s; there are %s", pool.Name, team, meant(team, teams), list(teams))
				}
			}
		}
	}
	if err := p.checkRecognisedTeams(teams); err != nil {
		return err
	}
	return p.checkPilotedPeople(roster)
}

func overlap(a, b Rep) bool {
	return (a.ValidTo == nil || !a.ValidTo.Before(b.ValidFrom)) && (b.ValidTo == nil || !b.ValidTo.Before(a.ValidFrom))
}

func (p *Plan) rep(row inputRow, currency string) (Rep, error) {
	rep := Rep{
		Line: row.line,
		Team: row.cells["team"], Region: row.cells["region"], Territory: row.cells["territory"], Shift: row.cells["shift"],
		Email: norm.NFC.String(strings.ToLower(row.cells["email"])), Currency: row.cells["currency"],
	}
	var err error
	if rep.ID, err = row.text("rep_id"); err != nil {
		return rep, err
	}
	if rep.Name, err = row.text("name"); err != nil {
		return rep, err
	}
	if rep.Role, err = row.text("role"); err != nil {
		return rep, err
	}
	if !p.hasRole(rep.Role) {
		return rep, row.errorf("role", "%q is no role of the plan; there are %s", rep.Role, list(p.roles()))
	}
	if rep.Currency == "" {
		rep.Currency = currency
	}
	if rep.TimeZone = row.cells["time_zone"]; rep.TimeZone != "" {
		if _, err := time.LoadLocation(rep.TimeZone); err != nil || rep.TimeZone == "Local" {
			return rep, row.errorf("time_zone", "%q is no time zone; write it as America/Denver", rep.TimeZone)
		}
	}
	from, err := row.date("valid_from")
	if err != nil {
		return rep, err
	}
	if from == nil {
		return rep, row.errorf("valid_from", "is empty")
	}
	rep.ValidFrom = *from
	if rep.ValidTo, err = row.date("valid_to"); err != nil {
		return rep, err
	}
	if rep.ValidTo != nil && rep.ValidTo.Before(rep.ValidFrom) {
		return rep, row.errorf("valid_to", "lies before valid_from")
	}
	if !codes.Known(rep.Currency) {
		return rep, row.errorf("currency", "%q is no currency of ISO 4217; write it as USD", rep.Currency)
	}
	if rep.BonusTarget, err = row.money("bonus_target", rep.Currency); err != nil {
		return rep, err
	}
	if err = row.leave(&rep); err != nil {
		return rep, err
	}
	rep.Users, err = userKeys(row, rep.Email)
	return rep, err
}

// leave reads "2026-02-02..2026-02-13;2026-03-20", or a number of days.
func (r inputRow) leave(rep *Rep) error {
	var err error
	if rep.LeaveDays, err = r.count("leave_days"); err != nil {
		return err
	}
	for _, part := range strings.Split(r.cells["leave"], ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		first, last, isRange := strings.Cut(part, "..")
		if !isRange {
			last = first
		}
		from, fromErr := time.Parse(time.DateOnly, strings.TrimSpace(first))
		to, toErr := time.Parse(time.DateOnly, strings.TrimSpace(last))
		switch {
		case fromErr != nil || toErr != nil:
			return r.errorf("leave", "%q is neither a day nor a range; write it as 2026-02-02 or 2026-02-02..2026-02-13", part)
		case to.Before(from):
			return r.errorf("leave", "%q ends before it begins", part)
		case from.Before(rep.ValidFrom) || rep.ValidTo != nil && to.After(*rep.ValidTo):
			return r.errorf("leave", "%q is not within valid_from and valid_to", part)
		case len(rep.Leave) > 0 && !rep.Leave[len(rep.Leave)-1].To.Before(from):
			return r.errorf("leave", "%q does not begin after the one before it ends", part)
		}
		rep.Leave = append(rep.Leave, DateRange{from, to})
	}
	if rep.LeaveDays > 0 && len(rep.Leave) > 0 {
		return r.errorf("leave_days", "is given beside leave; the days with their dates are enough")
	}
	return nil
}

// userKeys reads "salesforce:005…;hubspot:123" and adds the e-mail, which any
// source may know.
func userKeys(row inputRow, email string) ([]UserKey, error) {
	var keys []UserKey
	if email != "" {
		keys = append(keys, UserKey{Key: email})
	}
	for _, part := range strings.Split(row.cells["crm_users"], ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		source, key, found := strings.Cut(part, ":")
		if !found || source == "" || key == "" {
			return nil, row.errorf("crm_users", "%q is not SOURCE:ID; write it as salesforce:0058d000002C3D2AAK", part)
		}
		if strings.Contains(key, "@") { // an e-mail, which has no case
			key = norm.NFC.String(strings.ToLower(key))
		}
		keys = append(keys, UserKey{Source: strings.TrimSpace(source), Key: strings.TrimSpace(key)})
	}
	if len(keys) == 0 {
		return nil, row.errorf("email", "neither e-mail nor crm_users says who this is at the CRM")
	}
	return keys, nil
}

func (p *Plan) hasRole(name string) bool { return slices.Contains(p.roles(), name) }

func (p *Plan) roles() []string {
	var names []string
	for _, v := range p.Versions {
		names = append(names, v.RoleNames()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Quotas reads quotas.csv.
func Quotas(path string, roster []Rep) ([]Quota, error) {
	file, err := readInputCSV(path, quotasMust, quotasMay)
	if err != nil {
		return nil, err
	}
	seen := map[[2]string]int{}
	isOn := map[string]bool{}
	for _, rep := range roster {
		isOn[rep.ID] = true
	}
	var quotas []Quota
	for _, row := range file.rows {
		q := Quota{}
		if q.RepID, err = row.text("rep_id"); err != nil {
			return nil, err
		}
		if q.Period, err = row.text("period"); err != nil {
			return nil, err
		}
		if !calendar.IsPeriod(q.Period) {
			return nil, row.errorf("period", "%q is no period, so nobody would have this quota; write it as 2026-Q1", q.Period)
		}
		if !isOn[q.RepID] {
			return nil, row.errorf("rep_id", "nobody on the roster is %q, so nobody would have this quota", q.RepID)
		}
		if q.Quota, err = row.money("quota", ""); err != nil {
			return nil, err
		}
		if q.Potential, err = row.money("potential", ""); err != nil {
			return nil, err
		}
		if first := seen[[2]string{q.RepID, q.Period}]; first != 0 {
			return nil, row.errorf("period", "%s has a quota for %s in line %d already", q.RepID, q.Period, first)
		}
		seen[[2]string{q.RepID, q.Period}] = row.line
		quotas = append(quotas, q)
	}
	return quotas, nil
}

// Reviews reads reviews.csv, the steward's decisions, of which the last one on a
// record counts, and gives the records that are excluded and the drifts that are accepted.
func Reviews(path string) ([]Exclusion, error) {
	file, err := readInputCSV(path, reviewsMust, nil)
	if err != nil {
		return nil, err
	}
	last := map[Exclusion]string{}
	var order []Exclusion
	for _, row := range file.rows {
		for _, column := range reviewsMust {
			if _, err := row.text(column); err != nil {
				return nil, err
			}
		}
		if _, err := row.date("decided_on"); err != nil {
			return nil, err
		}
		decision := row.cells["decision"]
		if !slices.Contains(decisions, decision) {
			return nil, row.errorf("decision", "%q is not one of %s", decision, list(decisions))
		}
		if !slices.Contains(recordTypes, row.cells["record_type"]) {
			return nil, row.errorf("record_type", "%q is not one of %s", row.cells["record_type"], list(recordTypes))
		}
		if isDrift := row.cells["record_type"] == driftRecords; decision != "keep" && (decision == "accept") != isDrift {
			return nil, row.errorf("decision", "a drift is accepted, and anything else excluded; keep takes either back")
		}
		record := Exclusion{Source: row.cells["source"], RecordType: row.cells["record_type"], RecordID: row.cells["record_id"]}
		if _, known := last[record]; !known {
			order = append(order, record)
		}
		last[record] = ""
		if decision != "keep" {
			last[record] = row.cells["reason"]
		}
	}
	var excluded []Exclusion
	for _, record := range order {
		if reason := last[record]; reason != "" {
			excluded = append(excluded, Exclusion{record.Source, record.RecordType, record.RecordID, reason})
		}
	}
	return excluded, nil
}
