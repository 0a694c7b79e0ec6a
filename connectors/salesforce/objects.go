package salesforce

import (
	"slices"
	"strings"
)

// An object is a Salesforce object that we read, and what of it. The views and the
// metrics stand on these fields; a test holds the views against this list.
type object struct {
	name     string
	why      string // what an account that can't read it loses
	cursor   string // the field by which an increment is cut
	keeps    string // fields that must be readable
	optional string // fields that only some orgs have; null elsewhere
	kind     kind   // what happens to its rows
	route    route  // which API can read it
	isWhole  bool   // all its fields are read: merit.yml lists it
	isSoft   bool   // an org may lack it
	isDated  bool   // each version of a row that was seen is kept, not only the latest
}

// A kind says what happens to the rows of an object.
type kind int

const (
	changing kind = iota // rows change, the latest SystemModstamp counts
	history              // rows never change and outlive their deleted parent
	snapshot             // rows say only how it is now: all are read once a day, and kept by day
)

// A route says by which API an object is read.
type route int

const (
	bulkOrREST route = iota
	onlyREST         // setup objects: a handful of rows, for which a job is a waste
	restFirst        // mostly few: the first page of a query says whether a job is worth it
)

// objects are the streams, in the order in which they are read: what is referred
// to comes first. Those of the core must be there; the others come with editions,
// features and permissions, and are read where the org has them.
//
// People's contact data is not read: of contacts and leads only whose and where they
// are, of activities and e-mails the subject and never the text.
func objects() []object {
	return slices.Concat(core(), soft(ofOrg()), soft(ofTerritories()), soft(ofDeals()), soft(ofForecasts()), soft(ofContracts()), soft(ofActivities()))
}

// large are those of the others that are long wherever they are.
var large = []string{"LoginHistory", "EmailMessage", "TaskRelation", "EventRelation", "Lead"}

// soft says of objects that an org may lack them.
func soft(all []object) []object {
	for i := range all {
		all[i].isSoft = true
		if all[i].route == bulkOrREST && !slices.Contains(large, all[i].name) {
			all[i].route = restFirst
		}
		if all[i].kind == changing {
			all[i].optional += missingFrom(all[i], "CreatedById CreatedDate LastModifiedDate IsDeleted")
		}
	}
	return all
}

// missingFrom are those fields that an object does not name yet.
func missingFrom(o object, fields string) string {
	more := ""
	for _, name := range strings.Fields(fields) {
		if !slices.Contains(strings.Fields(o.keeps+" "+o.optional), name) {
			more += " " + name
		}
	}
	return more
}

func core() []object { return slices.Concat(coreDeals(), coreActivities()) }

// coreDeals are deals with their history, and whom they name.
func coreDeals() []object {
	return []object{
		{
			name: "User", why: "who did what", cursor: "SystemModstamp",
			keeps:    "Id Name Email IsActive SystemModstamp",
			optional: "Department Division CreatedDate",
		},
		{
			name: "OpportunityStage", why: "the order of the stages", cursor: "SystemModstamp", route: onlyREST, isDated: true,
			keeps: "Id ApiName MasterLabel DefaultProbability IsActive IsClosed IsWon SortOrder SystemModstamp",
		},
		{
			name: "Account", why: "whom deals are sold to", cursor: "SystemModstamp",
			keeps:    "Id Name OwnerId Industry CreatedDate IsDeleted SystemModstamp",
			optional: "MasterRecordId", // the record into which this one was merged
		},
		{
			name: "Contact", why: "whom activities were with", cursor: "SystemModstamp",
			keeps:    "Id AccountId OwnerId CreatedDate IsDeleted SystemModstamp",
			optional: "MasterRecordId",
		},
		{
			name: "Opportunity", why: "the deals", cursor: "SystemModstamp",
			keeps: "Id Name AccountId OwnerId StageName Amount CloseDate Type LeadSource NextStep ForecastCategory " +
				"CreatedById CreatedDate LastModifiedDate IsDeleted SystemModstamp",
			optional: "CurrencyIsoCode RecordTypeId ContractId", // where there are several currencies, pipelines, contracts
		},
		{
			name: "OpportunityHistory", why: "the stages each deal went through", cursor: "CreatedDate", kind: history,
			keeps:    "Id OpportunityId StageName Amount CloseDate ForecastCategory CreatedById CreatedDate",
			optional: "CurrencyIsoCode", // of the amount of each row, where there are several currencies
		},
		{
			name: "OpportunityFieldHistory", why: "who owned a deal when (track Owner and Next Step in its field history)", cursor: "CreatedDate", kind: history,
			keeps: "Id OpportunityId Field OldValue NewValue CreatedById CreatedDate",
		},
		{
			name: "OpportunityContactRole", why: "who takes part in a deal", cursor: "SystemModstamp",
			keeps: "Id OpportunityId ContactId Role IsPrimary IsDeleted SystemModstamp", optional: "CreatedDate",
		},
	}
}

// coreActivities are what is done about deals.
func coreActivities() []object {
	return []object{
		{
			name: "Task", why: "calls, e-mails and tasks", cursor: "SystemModstamp",
			keeps: "Id WhoId WhatId OwnerId Subject ActivityDate IsClosed TaskSubtype CallDurationInSeconds " +
				"CreatedDate IsDeleted SystemModstamp",
			optional: "AccountId Type CompletedDateTime IsRecurrence CallType",
		},
		{
			name: "Event", why: "meetings", cursor: "SystemModstamp",
			keeps: "Id WhoId WhatId OwnerId Subject ActivityDateTime DurationInMinutes CreatedDate IsDeleted SystemModstamp",
			// IsChild is there where activities are shared: each invitee's copy has it.
			optional: "AccountId Type StartDateTime EndDateTime ActivityDate IsAllDayEvent IsChild IsRecurrence",
		},
	}
}

func objectNamed(name string) (object, bool) {
	all := objects()
	i := slices.IndexFunc(all, func(o object) bool { return strings.EqualFold(o.name, name) })
	if i < 0 {
		return object{}, false
	}
	return all[i], true
}

func objectNames() string {
	var names []string
	for _, o := range objects() {
		names = append(names, o.name)
	}
	return strings.Join(names, ", ")
}
