package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/project"
)

// The kinds of records that say who may approve.
const (
	approversRecord = "approvers"        // a list that is in force from this record on
	changeRecord    = "approvers_change" // one approver's signature under the next list
)

// inForce is the list of approvers that counts, whatever merit.yml says: the first one
// by whose key a draft was approved, then each that the list before it has signed.
type inForce struct {
	Record    int64    `json:"-"` // its number; -1: nothing was approved yet
	Approvers []string `json:"approvers"`
	Needed    int      `json:"approvals_needed"`
	Settings  string   `json:"settings_sha256"`    // of the settings that a build computes by
	Stewards  []string `json:"stewards,omitempty"` // whose decisions on flags count
	Managers  []string `json:"managers,omitempty"` // whose sign-offs of scores count
}

// changeSigned is the body of an approver's signature under the next list.
type changeSigned struct {
	Sum       string `json:"text_sha256"`
	Approver  string `json:"approver"`
	Signature string `json:"signature"`
}

// text is what approvers sign. It names the list before it by its record, so that a
// signature can't be used a second time.
func (next inForce) text(before int64) string {
	text := fmt.Sprintf("merit payout approvers 1\nafter record %d\napprovals %d\nsettings %s\n%s\n", before, next.Needed, next.Settings, strings.Join(next.Approvers, "\n"))
	if len(next.Stewards) > 0 {
		text += "stewards\n" + strings.Join(next.Stewards, "\n") + "\n"
	}
	if len(next.Managers) > 0 {
		text += "managers\n" + strings.Join(next.Managers, "\n") + "\n"
	}
	return text
}

// listed is the list of merit.yml.
func (l *Ledger) listed() (inForce, error) {
	keys, err := l.approvers()
	if err != nil {
		return inForce{}, err
	}
	stewards, err := evidence.PublicKeys(project.FileName+": payouts.stewards", l.project.Settings.Payouts.Stewards, l.project.Path)
	if err != nil {
		return inForce{}, err
	}
	managers, err := evidence.PublicKeys(project.FileName+": payouts.managers", l.project.Settings.Payouts.Managers, l.project.Path)
	if err != nil {
		return inForce{}, err
	}
	settings, err := evidence.Canonical(buildSettingsOf(l.project))
	return inForce{Record: -1, Approvers: texts(keys), Needed: max(l.project.Settings.Payouts.Approvals, 1), Settings: sumOf(settings), Stewards: texts(stewards), Managers: textsOrNone(managers)}, err
}

func (a inForce) isSame(b inForce) bool {
	return a.Needed == b.Needed && a.Settings == b.Settings && slices.Equal(a.Approvers, b.Approvers) && slices.Equal(a.Stewards, b.Stewards) && slices.Equal(a.Managers, b.Managers)
}

// listAt is the list that was in force before a record. Every list after the first
// must bear the signatures that the one before it asked for.
func (l *Ledger) listAt(number int64) (inForce, error) {
	current := inForce{Record: -1}
	signed := map[string][]evidence.Public{} // by the text's sum
	for _, r := range l.log.Records() {
		if r.Number >= number {
			break
		}
		switch r.Kind {
		case changeRecord:
			key, sum, err := l.signerOf(r, current)
			if err != nil {
				return current, err
			}
			signed[sum] = append(signed[sum], key)
		case approversRecord:
			var next inForce
			if err := jsonBody(r, &next); err != nil {
				return current, err
			}
			if given := distinct(signed[sumOf([]byte(next.text(current.Record)))]); current.Record >= 0 && given < current.Needed {
				return current, fault.Errorf(fault.You, "record %d of the evidence log changes the approvers with %d of %d signatures of those before", r.Number, given, current.Needed)
			}
			next.Record = r.Number
			current, signed = next, map[string][]evidence.Public{}
		}
	}
	return current, nil
}

// signerOf checks a signature under a change: it must be by an approver in force.
func (l *Ledger) signerOf(r evidence.Record, current inForce) (evidence.Public, string, error) {
	var body changeSigned
	if err := jsonBody(r, &body); err != nil {
		return evidence.Public{}, "", err
	}
	key, err := evidence.ParsePublic(body.Approver)
	if err != nil {
		return key, "", err
	}
	if !slices.Contains(current.Approvers, key.Text) {
		return key, "", fault.Errorf(fault.You, "record %d of the evidence log: %s signed a change of the approvers and was none", r.Number, key.Name())
	}
	if opened, err := evidence.Open([]byte(body.Signature), key); err != nil || sumOf([]byte(opened.Text)) != body.Sum {
		return key, "", fault.Errorf(fault.You, "record %d of the evidence log: the signature of %s under the next approvers is not good", r.Number, key.Name())
	}
	return key, body.Sum, nil
}

func distinct(keys []evidence.Public) int {
	count := 0
	for i, key := range keys {
		if !slices.ContainsFunc(keys[:i], key.IsSame) {
			count++
		}
	}
	return count
}

// mustBeInForce refuses a list in merit.yml that the approvers before have not signed.
// The first approval of all puts the list in force.
func (l *Ledger) mustBeInForce() error {
	current, err := l.listAt(l.log.Size())
	if err != nil {
		return err
	}
	listed, err := l.listed()
	if err != nil || current.Record < 0 || current.isSame(listed) {
		return err
	}
	return fault.Errorf(fault.You, "%s names other approvers, stewards or managers, another number of approvals or another calendar than those in force since record %d of the evidence log: in force are %s, listed are %s; put %s back, or have %d of those in force sign the change with `merit payout approvers --key NAME`",
		project.FileName, current.Record, current, listed, project.FileName, current.Needed)
}

func (a inForce) String() string {
	var names []string
	for _, text := range a.Approvers {
		names = append(names, fingerprint(text))
	}
	text := fmt.Sprintf("%d of %s", a.Needed, strings.Join(names, ", "))
	for _, list := range []struct {
		name string
		keys []string
	}{{"stewards", a.Stewards}, {"managers", a.Managers}} {
		if len(list.keys) == 0 {
			continue
		}
		names = nil
		for _, key := range list.keys {
			names = append(names, fingerprint(key))
		}
		text += "; " + list.name + " " + strings.Join(names, ", ")
	}
	return text + fmt.Sprintf(" (calendar and sources %s)", short(a.Settings))
}

// fingerprint is a key's name and what tells it from another key of that name.
func fingerprint(text string) string {
	key, err := evidence.ParsePublic(text)
	if err != nil {
		return text
	}
	return key.Name() + " " + Fingerprint(key)
}

// putInForce makes the list of merit.yml the first one.
func (l *Ledger) putInForce() error {
	current, err := l.listAt(l.log.Size())
	if err != nil || current.Record >= 0 {
		return err
	}
	listed, err := l.listed()
	if err != nil {
		return err
	}
	_, err = l.log.Append(time.Now(), approversRecord, "", listed)
	return err
}

// Approvers are the lists by which drafts are approved.
type Approvers struct {
	InForce, Listed string
	IsSame          bool
	Signed          []string // who has signed the change to the list of merit.yml
	Needed          int
}

// ChangeApprovers shows the list in force and the one of merit.yml. With a key it signs
// the change from the one to the other; the last signature needed puts it in force.
func (l *Ledger) ChangeApprovers(keyName string) (Approvers, error) {
	current, err := l.listAt(l.log.Size())
	if err != nil {
		return Approvers{}, err
	}
	listed, err := l.listed()
	if err != nil {
		return Approvers{}, err
	}
	a := Approvers{InForce: current.String(), Listed: listed.String(), IsSame: current.isSame(listed), Needed: current.Needed}
	if current.Record < 0 {
		a.InForce = "none: the first approval puts the list of merit.yml in force"
	}
	text := listed.text(current.Record)
	given, err := l.changeSigners(text, current)
	if err != nil {
		return a, err
	}
	if keyName != "" && !a.IsSame {
		key, err := evidence.ReadKey(l.KeyPath(keyName))
		if err != nil {
			return a, err
		}
		if !slices.Contains(current.Approvers, key.Public.Text) {
			return a, fault.Errorf(fault.You, "%s is not among the approvers in force, who alone can sign the change: %s", fingerprint(key.Public.Text), current)
		}
		if !slices.ContainsFunc(given, key.Public.IsSame) {
			body := changeSigned{Sum: sumOf([]byte(text)), Approver: key.Public.Text, Signature: string(key.Seal(text))}
			if _, err := l.log.Append(time.Now(), changeRecord, "", body); err != nil {
				return a, err
			}
			given = append(given, key.Public)
		}
		if distinct(given) >= current.Needed {
			if _, err := l.log.Append(time.Now(), approversRecord, "", listed); err != nil {
				return a, err
			}
			a.IsSame, a.InForce = true, listed.String()
		}
	}
	for _, key := range given {
		a.Signed = append(a.Signed, fingerprint(key.Text))
	}
	return a, nil
}

func (l *Ledger) changeSigners(text string, current inForce) ([]evidence.Public, error) {
	var given []evidence.Public
	for _, r := range l.log.Records() {
		if r.Kind != changeRecord || r.Number < current.Record {
			continue
		}
		key, sum, err := l.signerOf(r, current)
		if err != nil {
			return nil, err
		}
		if sum == sumOf([]byte(text)) {
			given = append(given, key)
		}
	}
	return given, nil
}

// checkApprovers holds a lock against the list that was in force when it was made.
func (l *Ledger) checkApprovers(one lockedPeriod) error {
	list, err := l.listAt(one.number)
	if err != nil {
		return err
	}
	if list.Record < 0 {
		return fault.Errorf(fault.You, "%s was locked before any list of approvers was in force", one.name)
	}
	keys, err := publicKeys(one.body.Approvers)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if !slices.Contains(list.Approvers, key.Text) {
			return fault.Errorf(fault.You, "%s was approved by %s, who was not among the approvers in force: %s", one.name, fingerprint(key.Text), list)
		}
	}
	if given := distinct(keys); given < list.Needed {
		return fault.Errorf(fault.You, "%s was locked with %d approvals, and %d were needed", one.name, given, list.Needed)
	}
	return list.drafted(one.name, one.frozen)
}

// draftedInForce refuses a draft that was made under other approvers, stewards, managers or
// settings than those in force, also when merit.yml was put back since.
func (l *Ledger) draftedInForce(s signed) error {
	list, err := l.listAt(l.log.Size())
	if err == nil && list.Record < 0 {
		list, err = l.listed()
	}
	if err != nil {
		return err
	}
	return list.drafted(s.frozen.Heading.Period, s.frozen)
}

// drafted holds the frozen settings of a period against the list.
func (a inForce) drafted(period string, f payouts.Frozen) error {
	text, there := f.Documents[settingsName]
	if !there {
		return nil
	}
	var frozen payingSettings
	if err := json.Unmarshal(text, &frozen); err != nil {
		return fmt.Errorf("the frozen settings of %s: %w", period, err)
	}
	settings, err := evidence.Canonical(frozen.buildSettings)
	if err != nil {
		return err
	}
	then := inForce{Approvers: frozen.Approvers, Needed: frozen.Approvals, Settings: sumOf(settings), Stewards: frozen.Stewards, Managers: frozen.Managers}
	if !then.isSame(a) {
		return fault.Errorf(fault.You, "%s was drafted under other approvers, stewards, managers or settings than those in force: drafted under %s, in force are %s; draft again", period, then, a)
	}
	return nil
}
