package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

func serve(t *testing.T, story *company.Company, options ...sandbox.Option) (*sandbox.Sandbox, string) {
	t.Helper()
	s := sandbox.New(story, options...)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// call makes one request, signed in, and gives status, header and body.
func call(t *testing.T, method, address string) (int, http.Header, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+sandbox.Token)
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, reply.Header, body
}

func read[T any](t *testing.T, method, address string) T {
	t.Helper()
	status, _, body := call(t, method, address)
	var v T
	if err := json.Unmarshal(body, &v); err != nil || status != http.StatusOK {
		t.Fatalf("%s gives %d %.300s", address, status, body)
	}
	return v
}

const opportunities = "/services/data/v67.0/query?q="

func TestBothProtocolsTellOneStoryAtOneTime(t *testing.T) {
	story := company.Acme(1, 60)
	_, home := serve(t, story)
	deals := read[struct {
		Results []struct{ Properties map[string]string }
	}](t, "GET", home+"/crm/objects/2026-09/deals?limit=100&properties=dealname,amount")
	amounts := map[string]string{}
	for _, deal := range deals.Results {
		amounts[deal.Properties["dealname"]] = deal.Properties["amount"]
	}
	rows := read[struct{ Records []map[string]any }](t, "GET", home+opportunities+url.QueryEscape("SELECT Name, Amount FROM Opportunity"))
	for _, row := range rows.Records {
		name := row["Name"].(string)
		amount, there := amounts[name]
		if !there {
			t.Errorf("%s is at Salesforce alone", name)
		}
		if text, _ := json.Marshal(row["Amount"]); amount != "" && !strings.HasPrefix(string(text), strings.TrimSuffix(amount, ".00")) {
			t.Errorf("%s has amount %s at Salesforce and %s at HubSpot", name, text, amount)
		}
	}
	if len(rows.Records) != len(amounts) || len(amounts) == 0 {
		t.Errorf("%d deals at Salesforce, %d at HubSpot", len(rows.Records), len(amounts))
	}
}

func TestTimeGoesOnWhenToldTo(t *testing.T) {
	s, home := serve(t, company.Acme(1, 200))
	before := read[sandbox.Truth](t, "GET", home+"/sandbox/truth")
	_, header, _ := call(t, "GET", home+"/services/data/v67.0/limits")
	if date := header.Get("Date"); date != "Wed, 01 Jul 2026 08:00:00 GMT" {
		t.Errorf("the Date of a reply is %s", date)
	}
	moved := read[map[string]time.Time](t, "POST", home+"/sandbox/advance?days=7")
	after := read[sandbox.Truth](t, "GET", home+"/sandbox/truth")
	if !moved["now"].Equal(before.Now.AddDate(0, 0, 7)) || !after.Now.Equal(s.Clock().Now()) {
		t.Errorf("seven days after %v it is %v", before.Now, after.Now)
	}
	for name, count := range before.Salesforce {
		if after.Salesforce[name] < count {
			t.Errorf("%s had %d rows and has %d", name, count, after.Salesforce[name])
		}
	}
	if after.Salesforce["Opportunity"] <= before.Salesforce["Opportunity"] || after.HubSpot["deals"] <= before.HubSpot["deals"] {
		t.Error("in seven days no deal came up")
	}
}

func TestAHiddenFieldIsGoneAtItsCRM(t *testing.T) {
	_, home := serve(t, company.Acme(1, 20))
	ask := home + opportunities + url.QueryEscape("SELECT Amount FROM Opportunity")
	if status, _, _ := call(t, "GET", ask); status != http.StatusOK {
		t.Fatalf("Amount can be read: %d", status)
	}
	call(t, "POST", home+"/sandbox/hide?object=Opportunity&field=Amount")
	call(t, "POST", home+"/sandbox/hide?object=deals&field=amount")
	if status, _, body := call(t, "GET", ask); status != http.StatusBadRequest || !bytes.Contains(body, []byte("No such column 'Amount'")) {
		t.Errorf("a hidden Amount gives %d %s", status, body)
	}
	if _, _, body := call(t, "GET", home+"/crm/properties/2026-09/deals"); bytes.Contains(body, []byte(`"name":"amount"`)) {
		t.Error("HubSpot still lists amount")
	}
}

func TestStrangersAreRefused(t *testing.T) {
	_, home := serve(t, company.Acme(1, 5))
	for _, path := range []string{"/services/data/v67.0/limits", "/crm/owners/2026-09"} {
		reply, err := http.Get(home + path)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers a stranger with %d", path, reply.StatusCode)
		}
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret}}
	reply, err := http.PostForm(home+"/services/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		t.Errorf("the right secret is answered with %d", reply.StatusCode)
	}
}

func TestCommandsSayWhatIsWrongWithThem(t *testing.T) {
	_, home := serve(t, company.Acme(1, 5))
	for path, want := range map[string]string{
		"/sandbox/advance?days=soon": "is not a number of days",
		"/sandbox/hide?object=deals": "which field?",
		"/sandbox/dance":             "there are advance, hide, refuse, expire and truth",
		"/sandbox/truth":             "takes GET",
	} {
		if status, _, body := call(t, "POST", home+path); status < 400 || !bytes.Contains(body, []byte(want)) {
			t.Errorf("%s gives %d %s", path, status, body)
		}
	}
}

func TestLatencyIsWaitedForUnlessTheCallerLeaves(t *testing.T) {
	_, home := serve(t, company.Acme(1, 5), sandbox.Latency(time.Hour))
	client := http.Client{Timeout: 50 * time.Millisecond}
	if reply, err := client.Get(home + "/services/data"); err == nil {
		reply.Body.Close()
		t.Error("the reply came at once")
	}
	if status, _, _ := call(t, "GET", home+"/sandbox/truth"); status != http.StatusOK {
		t.Errorf("the sandbox's own address waits too: %d", status)
	}
}

// An imported story has deals without an account, accounts without an owner and no future.
func TestImportedStoriesAreServedByBothProtocols(t *testing.T) {
	for _, folder := range []string{"company/testdata/org", "company/testdata/pipeline"} {
		story, err := company.FromFolder(folder)
		if err != nil {
			t.Fatal(err)
		}
		_, home := serve(t, story)
		truth := read[sandbox.Truth](t, "GET", home+"/sandbox/truth")
		if truth.Salesforce["Opportunity"] != len(story.Deals) {
			t.Errorf("%s: Salesforce has %d deals, not %d", folder, truth.Salesforce["Opportunity"], len(story.Deals))
		}
		for _, object := range []string{"deals", "companies", "contacts", "tasks", "calls"} {
			listed := 0
			for _, bin := range []string{"false", "true"} {
				list := read[struct{ Results []map[string]any }](t, "GET", home+"/crm/objects/2026-09/"+object+"?limit=100&archived="+bin)
				listed += len(list.Results)
			}
			if listed != truth.HubSpot[object] {
				t.Errorf("%s: HubSpot lists %d %s, not %d", folder, listed, object, truth.HubSpot[object])
			}
		}
		_, _, history := call(t, "GET", home+"/crm/objects/2026-09/deals?limit=50&propertiesWithHistory=dealstage,amount&associations=contacts,companies")
		if !bytes.Contains(history, []byte(`"propertiesWithHistory"`)) {
			t.Errorf("%s: HubSpot gives no history: %.300s", folder, history)
		}
	}
}
