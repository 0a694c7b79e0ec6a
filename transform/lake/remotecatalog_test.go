package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

func s3Room(t *testing.T) room {
	t.Helper()
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	return room{cloud: cloud, settings: remoteOf(t, cloud)}
}

// refusal is what reading one page into a lake with such settings is told.
func refusal(t *testing.T, r Remote) error {
	t.Helper()
	l, err := OpenRemote(context.Background(), r)
	if err != nil {
		return err
	}
	_, err = l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("1", deals("d1|A|1|1000|"))), nil)
	return err
}

func TestACatalogThatLetsNobodyInIsTheSettingsFaultAndNoSecretIsShown(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Remote)
		says   string
	}{
		"another secret":        {func(r *Remote) { r.Catalog.ClientSecret = connectors.NewSecret("canary-of-a-stranger") }, "Credentials given were invalid: [redacted]"},
		"another token":         {func(r *Remote) { r.Catalog.Token = connectors.NewSecret("canary-token-of-a-stranger") }, "Not authorized: Bearer [redacted]"},
		"nobody":                {func(r *Remote) { r.Catalog.ClientSecret = connectors.Secret{} }, "Not authorized"},
		"another warehouse":     {func(r *Remote) { r.Catalog.Warehouse = "nobodys" }, "Warehouse nobodys not found"},
		"another place":         {func(r *Remote) { r.Catalog.URI += "/elsewhere" }, "the catalog http"},
		"no address":            {func(r *Remote) { r.Catalog.URI = "catalog.example" }, "is not the address of a catalog"},
		"a password in the URL": {func(r *Remote) { r.Catalog.URI = "https://me:canary@catalog.example" }, "is not the address of a catalog"},
		"another access key":    {func(r *Remote) { r.Store.AccessKey = connectors.NewSecret("AKIDSOMEBODYELSE") }, "s3://acme-history/lake/crm/deals/"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s3Room(t).settings
			test.change(&r)
			err := refusal(t, r)
			if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), test.says) {
				t.Errorf("it was told %v", err)
			}
			if shown := fmt.Sprintf("%v %+v %#v %v %+v", err, err, err, r, r); name != "a password in the URL" && strings.Contains(shown, "canary") {
				t.Errorf("a secret is shown: %s", shown)
			}
		})
	}
}

// TestNoTokenGoesToAStranger lets a catalog name other hosts for its calls and for
// signing in, and redirect to them.
func TestNoTokenGoesToAStranger(t *testing.T) {
	var got []string
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.URL.String()) }))
	t.Cleanup(stranger.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"calls": func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"overrides": map[string]string{"uri": stranger.URL}})
		},
		"sign-in": func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"overrides": map[string]string{"oauth2-server-uri": stranger.URL}})
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stranger.URL, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := s3Room(t).settings
			liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if strings.HasSuffix(request.URL.Path, "/oauth/tokens") {
					_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "canary", "token_type": "bearer"})
					return
				}
				answer(w, request)
			}))
			t.Cleanup(liar.Close)
			r.Catalog.URI = liar.URL
			err := refusal(t, r)
			if err == nil || !strings.Contains(err.Error(), stranger.URL) || strings.Contains(err.Error(), "canary") {
				t.Errorf("it was told %v", err)
			}
			if len(got) > 0 {
				t.Errorf("the stranger was asked for %v", got)
			}
		})
	}
}

func TestATokenThatRunsOutIsHadAgain(t *testing.T) {
	r := s3Room(t)
	l := enter(t, r)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	r.cloud.Tables.Expire()
	c, _ := appendDeals(t, l, page("2", deals("d2|A|1|2000|")))
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
}

func TestATableOutsideOfTheLakesFolderIsRefused(t *testing.T) {
	r := s3Room(t)
	enter(t, r)
	appendDeals(t, enter(t, r), page("1", deals("d1|A|1|1000|")))
	r.settings.Store.Location = "s3://" + laketest.Bucket + "/another"
	err := refusal(t, r.settings)
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "outside of s3://"+laketest.Bucket+"/another") {
		t.Errorf("it was told %v", err)
	}
}

func TestALakeSharesItsCatalogWithOthers(t *testing.T) {
	r := s3Room(t)
	l := enter(t, r)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	r.settings.Catalog.Namespace, r.settings.Store.Location = "emea", "s3://"+laketest.Bucket+"/emea"
	other := enter(t, r)
	appendDeals(t, other, page("1", deals("e1|A|1|1000|"), history("e1|new")))
	for _, one := range []*Lake{l, other} {
		datasets, err := one.Datasets(context.Background())
		if err != nil || len(datasets) != 1 {
			t.Errorf("%s has %d datasets: %v", one.Root(), len(datasets), err)
		}
		if v := verified(t, one); len(v.Damages) > 0 || v.Tables != 2 {
			t.Errorf("%+v", v)
		}
	}
}

func TestAProcessThatLostItsLeaseCommitsNothing(t *testing.T) {
	l := enter(t, s3Room(t))
	release, err := l.Hold(context.Background(), "a", "machine a", 1)
	if err != nil {
		t.Fatal(err)
	}
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	if err := release(); err != nil {
		t.Fatal(err)
	}
	l.disk.(*remoteFiles).lease = lostLease(t, roomOf(t, l))
	_, err = l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("2", deals("d2|A|1|2000|"))), nil)
	if !errors.Is(err, ErrOvertaken) || fault.WhoMends(err) != fault.You {
		t.Errorf("it was told %v", err)
	}
	same(t, "cursor", head(t, l.Dataset("crm", "deals")).Cursor, connectors.Cursor("1"))
}

// lostLease is one that lived for a nanosecond.
func lostLease(t *testing.T, r room) *bucket.Lease {
	t.Helper()
	store, err := bucket.Open(context.Background(), r.settings.Store)
	if err != nil {
		t.Fatal(err)
	}
	lease, err := bucket.Take(context.Background(), store, leaseKey, "b", "machine b", 2, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lease.Release(context.Background()) })
	return lease
}

func TestCopiesAreTheOwnersAloneAndGoWithTheirFiles(t *testing.T) {
	r := s3Room(t)
	l := enter(t, r)
	increments(t, l, 1, 12)
	elsewhere := reopen(t, l) // another machine, with copies of its own
	before := head(t, elsewhere.Dataset("crm", "deals")).Tables[0].Files[0]
	compact(t, l)
	gone, err := l.Dataset("crm", "deals").Expire(context.Background(), History{Keep: 1})
	if err != nil || gone == 0 {
		t.Fatalf("%d checkpoints expired: %v", gone, err)
	}
	if _, err := l.CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	objects := map[string]bool{}
	for _, name := range remoteFilesOf(t, l) {
		objects[l.copyOf(name)] = true
	}
	copies := 0
	err = filepath.WalkDir(r.settings.Copies, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		if !entry.IsDir() {
			copies++
			if !objects[path] {
				t.Errorf("%s is a copy of nothing", path)
			}
		}
		return nil
	})
	if err != nil || copies == 0 {
		t.Errorf("%d copies: %v", copies, err)
	}
	if _, err := os.Stat(before.Here()); err != nil {
		t.Fatalf("there was no copy elsewhere, so this shows nothing: %v", err)
	}
	if _, err := elsewhere.CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(before.Here()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("elsewhere a copy stays of what is gone: %v", err)
	}
	err = l.eachTable(context.Background(), func(one *table.Table) error {
		for previous := range one.Metadata().PreviousFiles() {
			if _, err := r.cloud.Object(previous.MetadataFile); err != nil {
				return err
			}
		}
		_, err := r.cloud.Object(one.MetadataLocation())
		return err
	})
	if err != nil {
		t.Errorf("a version that the catalog knows is gone: %v", err)
	}
}

func TestACopyIsWholeOrIsFetchedAnew(t *testing.T) {
	r := s3Room(t)
	l := enter(t, r)
	increments(t, l, 1, 2)
	// A copy of another size is fetched again.
	c := head(t, l.Dataset("crm", "deals"))
	first := c.Tables[0].Files[0].Here()
	overwrite(t, first, []byte("cut"))
	fetch(t, l, c)
	same(t, "rows", len(lines(t, pinned(t, c, "deals"), "id")), 4)
	// Of an answer that breaks off nothing is kept.
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	r.cloud.StoreTrouble.Begin(laketest.Half, laketest.Every, 0, -1)
	if err := l.Fetch(context.Background(), c.Tables); fault.WhoMends(err) != fault.Them {
		t.Errorf("it was told %v", err)
	}
	r.cloud.StoreTrouble.End()
	left, err := os.ReadDir(filepath.Dir(first))
	if err != nil || len(left) != len(c.Tables[0].Files)-1 {
		t.Errorf("%v are left: %v", left, err)
	}
}

// TestGoogleSignsInAtTheCatalogAsBigLakeWantsIt shows the calls' token and project.
func TestGoogleSignsInAtTheCatalogAsBigLakeWantsIt(t *testing.T) {
	cloud := laketest.NewGoogle()
	t.Cleanup(cloud.Close)
	r := remoteOf(t, cloud)
	var token, project string
	lake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, project = r.Header.Get("Authorization"), r.Header.Get("x-goog-user-project")
		http.Error(w, `{"error": {"message": "not for `+token+`", "type": "ForbiddenException", "code": 403}}`, http.StatusForbidden)
	}))
	t.Cleanup(lake.Close)
	r.Catalog = CatalogSettings{URI: lake.URL, Google: true, Project: "acme-project", Transport: r.Catalog.Transport, Attempts: 1}
	err := refusal(t, r)
	if !strings.HasPrefix(token, "Bearer canary-token-") || project != "acme-project" {
		t.Errorf("it was called with %q for %q", token, project)
	}
	if fault.WhoMends(err) != fault.You || strings.Contains(fmt.Sprint(err), "canary") {
		t.Errorf("it was told %v", err)
	}
}

func TestABucketThatKeepsWhatIsRemovedForgetsNobody(t *testing.T) {
	r := s3Room(t)
	r.settings.Store.Transport = versioned{r.settings.Store.Transport}
	l := enter(t, r)
	fillWithPeople(t, l, 2)
	_, err := l.Erase(context.Background(), "crm")
	if fault.WhoMends(err) != fault.You || !strings.Contains(fmt.Sprint(err), "the bucket keeps versions") {
		t.Errorf("it was told %v", err)
	}
}

// versioned answers as a bucket that has versioning switched on.
type versioned struct{ http.RoundTripper }

func (v versioned) RoundTrip(r *http.Request) (*http.Response, error) {
	if !r.URL.Query().Has("versioning") {
		return v.RoundTripper.RoundTrip(r)
	}
	said := httptest.NewRecorder()
	_, _ = said.WriteString(`<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`)
	return said.Result(), nil
}
