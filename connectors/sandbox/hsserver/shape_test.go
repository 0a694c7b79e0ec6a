package hsserver_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// The members of replies as others have recorded them from real portals: the
// tests of amp-labs/connectors, dlt-hub/verified-sources and
// derrtaderr/monday-pipeline-brief. A reply must have these; those in brackets it
// may have.
func TestRepliesHaveTheMembersOfRecordedOnes(t *testing.T) {
	c := open(t, crowd(60), hsserver.Without("crm.objects.companies.read"))
	small := open(t, small(), hsserver.AssociationPage(1))
	ask := object{"inputs": inputs("90000000000", "1"), "properties": []string{}, "propertiesWithHistory": []string{}}
	_, refused := c.send(http.MethodGet, "/crm/objects/2026-09/companies", nil)
	stranger := open(t, crowd(1))
	stranger.token = ""
	_, unsigned := stranger.send(http.MethodGet, deals, nil)
	listed := c.get(deals + "?limit=1&propertiesWithHistory=dealstage&associations=contacts")
	batch := c.post(deals+"/batch/read", ask, http.StatusMultiStatus)
	found := c.post(deals+"/search", find(1, "0"), http.StatusOK)
	ties := small.post("/crm/associations/2026-03/deals/contacts/batch/read", object{"inputs": inputs("90000000000", "7")}, http.StatusMultiStatus)
	property := results(c.get("/crm/properties/2026-09/deals"))[1]
	pipeline := results(c.get("/crm/pipelines/2026-09/deals"))[0]
	for name, test := range map[string]struct {
		got  any
		want string
	}{
		"list":           {listed, "results paging"},
		"next page":      {dig(listed, "paging", "next"), "after link"},
		"record":         {dig(listed, "results", 0), "id properties propertiesWithHistory createdAt updatedAt archived url"},
		"version":        {dig(listed, "results", 0, "propertiesWithHistory", "dealstage", 0), "value timestamp sourceType [sourceId] [sourceLabel] [updatedByUserId]"},
		"search":         {found, "total results paging"},
		"search's next":  {dig(found, "paging", "next"), "after"},
		"found":          {dig(found, "results", 0), "id properties createdAt updatedAt archived url"},
		"batch":          {batch, "completedAt status startedAt results errors numErrors"},
		"batch error":    {dig(batch, "errors", 0), "status category message context"},
		"ties":           {ties, "completedAt status startedAt results errors numErrors"},
		"tie":            {dig(ties, "results", 0), "from to paging"},
		"tie's end":      {dig(ties, "results", 0, "to", 0), "toObjectId associationTypes"},
		"tie's type":     {dig(ties, "results", 0, "to", 0, "associationTypes", 0), "category typeId label"},
		"tie's error":    {dig(ties, "errors", 0), "status category subCategory message context"},
		"tie's context":  {dig(ties, "errors", 0, "context"), "fromObjectId fromObjectType toObjectType"},
		"unsigned":       {unsigned, "status message correlationId category"},
		"missing scope":  {refused, "status message correlationId errors links category"},
		"owner":          {results(c.get("/crm/owners/2026-09"))[0], "id email firstName lastName userId [userIdIncludingInactive] [teams] type createdAt updatedAt archived"},
		"pipeline":       {pipeline, "id label displayOrder archived createdAt updatedAt stages"},
		"stage":          {dig(pipeline, "stages", 0), "id label displayOrder archived createdAt updatedAt metadata [writePermissions]"},
		"stage metadata": {dig(pipeline, "stages", 0, "metadata"), "isClosed probability"},
		"account":        {c.get("/account-info/2026-09/details"), "portalId accountType timeZone companyCurrency additionalCurrencies utcOffset utcOffsetMilliseconds uiDomain dataHostingLocation"},
		"property": {property, "updatedAt createdAt name label type fieldType description groupName options displayOrder calculated externalOptions " +
			"hasUniqueValue hidden hubspotDefined modificationMetadata formField dataSensitivity [showCurrencySymbol]"},
	} {
		members, _ := test.got.(object)
		want, may := map[string]bool{}, map[string]bool{}
		for member := range strings.FieldsSeq(test.want) {
			if bare := strings.Trim(member, "[]"); bare != member {
				may[bare] = true
				continue
			}
			want[member] = true
			if _, there := members[member]; !there {
				t.Errorf("%s has no %s", name, member)
			}
		}
		for _, member := range slices.Sorted(maps.Keys(members)) {
			if !want[member] && !may[member] {
				t.Errorf("%s has %s, which no recorded reply has", name, member)
			}
		}
	}
}

func TestTextsAndInstantsAreWrittenAsTheStandardLibraryReadsThem(t *testing.T) {
	for _, text := range []string{"", "plain", `"quoted" \ slashed`, "line\r\nline\ttab", "\x00\x01\x1f", "Zoë 漢 🙂", "<&>\u2028"} {
		var back string
		if err := json.Unmarshal(hsserver.Quoted(text), &back); err != nil || back != text {
			t.Errorf("%q is written as %s: %v", text, hsserver.Quoted(text), err)
		}
	}
	for at := time.Date(1899, 12, 30, 23, 59, 58, 7e6, time.UTC); at.Year() < 2201; at = at.Add(31*time.Hour + 17*time.Minute + 1003*time.Millisecond) {
		if got := hsserver.ISO(company.At(at)); got != at.Format("2006-01-02T15:04:05.999Z07:00") && got != at.Format("2006-01-02T15:04:05.000Z07:00") {
			t.Fatalf("%s is written as %s", at, got)
		}
		if day, ok := hsserver.Day(at.Format(time.DateOnly)); !ok || !time.Unix(day*86400, 0).UTC().Equal(at.Truncate(24*time.Hour)) {
			t.Fatalf("%s is day %d", at, day)
		}
	}
}
