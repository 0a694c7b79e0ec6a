package lake

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

func capitalsTable(name string) connectors.Table {
	return textTable(name, []string{"id"}, "id", "name")
}

// A catalog that takes small letters only keeps what a table is called here.
func TestNamesWithCapitalsGoIntoACatalogOfSmallLetters(t *testing.T) {
	for how, names := range map[string][]string{
		NamesLower: {"merit_crm.opportunitylineitem", "merit_crm.user", "merit_crm.apicall2", "merit_crm.t_hidden"},
		NamesSnake: {"merit_crm.opportunity_line_item", "merit_crm.user", "merit_crm.api_call2", "merit_crm.t_hidden"},
	} {
		t.Run(how, func(t *testing.T) {
			cloud := laketest.NewS3()
			t.Cleanup(cloud.Close)
			cloud.Tables.SmallNames = true
			r := room{cloud: cloud, settings: remoteOf(t, cloud)}
			r.settings.Catalog.Names = how
			l := enter(t, r)
			for _, name := range []string{"OpportunityLineItem", "User", "APICall2", "_hidden"} {
				one := capitalsTable(name)
				appendTo(t, l.Dataset("CRM", name), streamOf(one), page("1", rows(one, "1|A")))
			}
			l = reopen(t, l)
			datasets, err := l.Datasets(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, d := range datasets {
				found = append(found, d.Source()+"."+d.Stream())
				same(t, d.Stream()+"'s cursor", head(t, d).Cursor, connectors.Cursor("1"))
			}
			same(t, "names here", len(distinct(found)), 4)
			if !strings.Contains(strings.Join(found, " "), "CRM.OpportunityLineItem") {
				t.Errorf("the lake has %v", found)
			}
			for _, name := range names {
				if !cloud.Tables.Has(name) {
					t.Errorf("the catalog has no %s", name)
				}
			}
			isWhole(t, l)
			other := capitalsTable("user")
			_, err = l.Dataset("CRM", "user").Append(context.Background(), streamOf(other), reads(nil, page("1", rows(other, "1|A"))), nil)
			if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "tables User and user of CRM would both be called") {
				t.Errorf("of two names that are one there it said %v", err)
			}
		})
	}
}

// Calls are signed as Amazon wants them; the catalog computes each signature itself.
func TestACatalogThatWantsSignedCallsGetsThem(t *testing.T) {
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	cloud.Tables.Signed.Service, cloud.Tables.Signed.Region = "glue", "eu-central-1"
	r := room{cloud: cloud, settings: remoteOf(t, cloud)}
	r.settings.Catalog.ClientID, r.settings.Catalog.ClientSecret = "", connectors.NewSecret("")
	r.settings.Catalog.Signing = Signing{Service: "glue", Region: "eu-central-1"}
	l := enter(t, r)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	isWhole(t, reopen(t, l))
	for what, change := range map[string]func(*Remote){
		"another region":  func(r *Remote) { r.Catalog.Signing.Region = "us-east-1" },
		"another service": func(r *Remote) { r.Catalog.Signing.Service = "s3tables" },
		"another secret":  func(r *Remote) { r.Store.SecretKey = connectors.NewSecret("of somebody else") },
		"no signature":    func(r *Remote) { r.Catalog.Signing = Signing{} },
	} {
		other := r
		change(&other.settings)
		if _, err := enter(t, other).Datasets(context.Background()); fault.WhoMends(err) != fault.You {
			t.Errorf("%s: it said %v", what, err)
		}
	}
}

// The signer gives what Amazon's published test suite has for its key and instant.
func TestCallsAreSignedAsAmazonsTestSuiteHasIt(t *testing.T) {
	s := signer{Signing: Signing{Service: "service", Region: "us-east-1"}, now: func() time.Time { return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC) },
		keys: bucket.KeysOf(bucket.Settings{AccessKey: connectors.NewSecret("AKIDEXAMPLE"), SecretKey: connectors.NewSecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")})}
	for query, want := range map[string]string{
		"":                             "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		"?Param2=value2&Param1=value1": "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
	} {
		call, err := http.NewRequest(http.MethodGet, "https://example.amazonaws.com/"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.sign(context.Background(), call, nil); err != nil {
			t.Fatal(err)
		}
		if got := call.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+want) {
			t.Errorf("%q: %s", query, got)
		}
	}
}
