// Package company is the story that a sandbox CRM tells: who sells, to whom, and
// everything that happened, each with its instant. The state of a record at an
// instant is what its changes up to then add up to, so a sandbox moves on in time
// by moving its clock, and history, last-modified stamps and current values can't
// disagree.
//
// A story may go on past Now: that is what a sandbox shows once its clock moves.
package company

import "time"

// A Company is one company's CRM, from Begin on. Slices are referred to by index.
type Company struct {
	Name     string
	Currency string // ISO 4217
	TimeZone string // IANA name, the company's and the portal's
	Begin    time.Time
	Now      time.Time // where a sandbox's clock starts

	Users      []User
	Stages     []Stage // one pipeline, in order, the closed ones last
	Accounts   []Account
	Contacts   []Contact
	Deals      []Deal
	Activities []Activity

	FiscalMonth time.Month   // in which the fiscal year begins; 0: January
	Currencies  []Currency   // others than Currency
	StageSetups []StageSetup // how the pipeline was set up before it was Stages, the oldest first
	Quotas      []Quota
	Forecasts   []Submission // in order of At
	Logins      []Login      // in order of At
	Documents   []Document
	Contracts   []Contract
	Merges      []Merge
	Leads       []Lead

	Roster map[int]Person        // by user: what the roster says beside the CRM; nil: nothing
	Files  map[string][][]string // what no CRM knows: by table of the staging contract, the first row its columns
	Truth  []Truth               // who cheated, and who only looks like it
}

// An Instant is Unix milliseconds UTC; 0 is never. CRMs know no finer time.
type Instant int64

// At gives t as an Instant.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time gives the instant in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// None is the index of nobody and nothing.
const None = -1

// A User can own and change records.
type User struct {
	ID        string // the CRM's own id where the story was imported; "" lets each protocol make one from the index
	Name      string // first and last
	Email     string
	Role      string // ae, sdr, csm, partner, manager
	Team      string
	Region    string
	CreatedAt Instant
	LeftAt    Instant // deactivated then; 0: still there
	Extra     map[string]string
}

// A Stage is one step of the pipeline.
type Stage struct {
	Name        string
	Probability int    // percent
	Forecast    string // Pipeline, Best Case, Commit, Closed, Omitted
	IsClosed    bool
	IsWon       bool
	SortOrder   int // 1 is the first; an imported pipeline may have gaps
}

// An Account is a company sold to.
type Account struct {
	ID        string
	Name      string
	Industry  string
	Owner     int
	CreatedAt Instant
	DeletedAt Instant
	Extra     map[string]string
}

// A Contact is a person at an account.
type Contact struct {
	ID        string
	Account   int
	FirstName string
	LastName  string
	Title     string
	Owner     int
	CreatedAt Instant
	DeletedAt Instant
	Extra     map[string]string
}

// A Deal is an opportunity. Its values are its Changes added up: those at
// CreatedAt set the first ones.
type Deal struct {
	ID         string
	Name       string
	Account    int
	Type       string // New Business, Renewal, Expansion
	LeadSource string
	CreatedBy  int
	CreatedAt  Instant // what the record says; an imported one may be later than its own changes
	Changes    []Change
	Contacts   []Role
	DeletedAt  Instant
	Currency   string // ISO 4217; "": the company's
	Credits    []Credit
	Lines      []Line
	History    []HistoryRow      // an imported record's own stage history, which need not agree with its values; nil: it follows from Changes
	Extra      map[string]string // columns of an imported record that the story has no word for; instants and dates in ISO form
}

// A HistoryRow is a row of an imported stage history, exactly as it was.
type HistoryRow struct {
	ID      string
	At      Instant
	By      int
	Stage   string
	Amount  string
	CloseOn string
	Extra   map[string]string
}

// A Field is what of a deal changes and is remembered.
type Field uint8

const (
	StageName Field = iota // Stage.Name
	Amount                 // plain decimal text, "" for none
	CloseOn                // YYYY-MM-DD
	Owner                  // decimal index into Users
	NextStep               // text
	Forecast               // Pipeline, Best Case, Commit, Closed, Omitted
)

// A Change is a value that a deal took, in order of At; changes of one instant
// stay in the order in which they happened.
type Change struct {
	At      Instant
	By      int32 // index into Users
	Field   Field
	Through Through
	Value   string
}

// Through says by what a change was made.
type Through uint8

const (
	ByHand Through = iota
	ByImport
	ByIntegration
	ByAutomation
)

// A Role is a contact's part in a deal.
type Role struct {
	Contact int
	Name    string // Decision Maker …; "" is none
	Primary bool
}

// A Kind is what sort of activity it was.
type Kind uint8

const (
	Call Kind = iota
	Email
	Meeting
	Task
	Note
)

// An Activity is something a rep did or plans to do. Contact, Deal and Account
// may be None.
type Activity struct {
	ID          string
	Kind        Kind
	Subtype     string // Demo, Discovery, Follow-up …
	Subject     string
	Owner       int
	Deal        int
	Account     int
	Contact     int
	CreatedAt   Instant // when it was logged
	OccurredAt  Instant // start, or due time of a task
	CompletedAt Instant // when it was marked done; 0: not
	Seconds     int     // of calls and meetings
	DeletedAt   Instant
	Extra       map[string]string
}
