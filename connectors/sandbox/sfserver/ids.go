package sfserver

import (
	"strings"

	"merit/connectors/sandbox/company"
)

// Ids are 15 characters that compare case by case: key prefix of the object, three
// of the instance, nine digits to base 62. Three more say which of them are upper
// case, so that 18 characters may lose their case without harm.
const (
	digits   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	cases    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	instance = "Sb0"
	shortID  = 15
)

// Records of one deal have numbers of their own block.
const (
	historiesADeal = 1 << 12
	changesADeal   = 1 << 13
	rolesADeal     = 1 << 6
)

// appendID writes the 18 characters of the number-th record.
func appendID(dst []byte, prefix string, number int64) []byte {
	from := len(dst)
	dst = append(append(dst, prefix...), instance...)
	dst = append(dst, "000000000"...)
	for i := from + shortID - 1; number > 0 && i > from+5; i-- {
		dst[i] = digits[number%62]
		number /= 62
	}
	return appendCases(dst, dst[from:])
}

func appendCases(dst, id []byte) []byte {
	for chunk := 0; chunk < shortID; chunk += 5 {
		bits := 0
		for i, c := range id[chunk : chunk+5] {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		dst = append(dst, cases[bits])
	}
	return dst
}

// longID makes 18 characters of 15; anything else stays.
func longID(id string) string {
	if len(id) != shortID {
		return id
	}
	return string(appendCases([]byte(id), []byte(id)))
}

// ID is the id under which the sandbox shows a record of the story: of a deal for
// Opportunity, of an activity for Task, Event and Note, and so on. "" for an object
// whose rows are not records of the story, such as OpportunityHistory.
func ID(story *company.Company, object string, index int) string {
	prefix, own := "", ""
	switch strings.ToLower(object) {
	case "opportunity":
		prefix, own = prefixOpportunity, story.Deals[index].ID
	case "account":
		prefix, own = prefixAccount, story.Accounts[index].ID
	case "contact":
		prefix, own = prefixContact, story.Contacts[index].ID
	case "user":
		prefix, own = prefixUser, story.Users[index].ID
	case "task":
		prefix, own = prefixTask, story.Activities[index].ID
	case "event":
		prefix, own = prefixEvent, story.Activities[index].ID
	case "note":
		prefix, own = prefixNote, story.Activities[index].ID
	default:
		return ""
	}
	if own != "" {
		return longID(own)
	}
	return string(appendID(nil, prefix, int64(index)))
}

// Key prefixes of standard objects, the same in every org.
const (
	prefixAccount      = "001"
	prefixNote         = "002"
	prefixContact      = "003"
	prefixUser         = "005"
	prefixOpportunity  = "006"
	prefixHistory      = "008"
	prefixRole         = "00K"
	prefixTask         = "00T"
	prefixEvent        = "00U"
	prefixOrganization = "00D"
	prefixFieldHistory = "017"
	prefixStage        = "01J"
	prefixLocator      = "01g"
	prefixJob          = "750"

	prefixLead          = "00Q"
	prefixLine          = "00k"
	prefixTeamMember    = "00q"
	prefixProduct       = "01t"
	prefixContract      = "800"
	prefixQuote         = "0Q0"
	prefixQuoteDocument = "0QD"
	prefixEmail         = "02s"
	prefixRecordType    = "012"
	prefixUserRole      = "00E"
	prefixFiscalYear    = "022"
	prefixPeriod        = "026"
	prefixCurrency      = "01L"
	prefixRate          = "04w"
	prefixLogin         = "0Ya"
	prefixTaskRelation  = "0RT"
	prefixEventRelation = "0RE"
)

// Key prefixes of further standard objects, which no reader goes by: these are the
// sandbox's own.
const (
	prefixSplitType        = "1S0"
	prefixSplit            = "1S1"
	prefixForecastingType  = "0Db"
	prefixForecastingItem  = "0F1"
	prefixForecastingQuota = "0F2"
	prefixSubmission       = "0F3"
	prefixSubmissionItem   = "0F4"
	prefixTerritoryModel   = "0MA"
	prefixTerritory        = "0MI"
	prefixTerritoryUser    = "0T1"
	prefixTerritoryObject  = "0T2"
)
