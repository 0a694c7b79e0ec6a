package lake

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/laketest"
)

func makesNamespace(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/namespaces")
}

// The first run reads streams side by side, all of which need the source's namespace.
func TestANamespaceIsMadeOnceAndLookedForAfterAnError(t *testing.T) {
	for what, act := range map[string]laketest.Act{
		"made, and 500 is the answer": laketest.FailsLate, "made, and the connection breaks": laketest.LostWord, "answered half": laketest.Half,
	} {
		t.Run(what, func(t *testing.T) {
			cloud := laketest.NewS3()
			t.Cleanup(cloud.Close)
			l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			cloud.CatalogTrouble.Begin(act, makesNamespace, 0, -1)
			var readers sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				one := connectors.Table{Name: "t" + string(rune('a'+i)), Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)}
				readers.Go(func() {
					_, errs[i] = l.Dataset("crm", one.Name).Append(context.Background(), streamOf(one), reads(nil, page("1", rows(one, "x"))), nil)
				})
			}
			readers.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
			if hit := cloud.CatalogTrouble.End(); hit != 1 {
				t.Errorf("the namespace was asked for %d times", hit)
			}
		})
	}
}

func TestANamespaceThatCantBeMadeIsToldAsThat(t *testing.T) {
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
	cloud.CatalogTrouble.Begin(laketest.Fails, makesNamespace, 0, -1)
	_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil), nil)
	cloud.CatalogTrouble.End()
	if fault.WhoMends(err) != fault.Them || !strings.Contains(err.Error(), "making a namespace in the catalog") {
		t.Errorf("it said %v", err)
	}
}

// A process that is told to end does not wait for a store or a catalog that is silent.
func TestAReadingThatIsCalledOffDoesNotWaitForASilentServer(t *testing.T) {
	for what, silence := range map[string]func(*laketest.Cloud) *laketest.Trouble{
		"catalog": func(c *laketest.Cloud) *laketest.Trouble { return c.CatalogTrouble },
		"store":   func(c *laketest.Cloud) *laketest.Trouble { return c.StoreTrouble },
	} {
		t.Run(what, func(t *testing.T) {
			cloud := laketest.NewS3()
			t.Cleanup(cloud.Close)
			l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
			appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
			l.limits.grace = 10 * time.Millisecond
			ctx, stop := context.WithCancel(context.Background())
			release, err := l.Hold(ctx, "this", "here", 1)
			if err != nil {
				t.Fatal(err)
			}
			silence(cloud).Begin(laketest.Silent, func(r *http.Request) bool {
				if laketest.Writes(r) {
					stop() // as a signal does, while the call waits for its answer
					return true
				}
				return false
			}, 0, -1)
			_, err = l.Dataset("crm", "deals").Append(ctx, dealsStream(), reads(nil, page("2", deals("d2|B|1|2000|"))), nil)
			silence(cloud).End()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it said %v", err)
			}
			if err := release(); err != nil {
				t.Error(err)
			}
			c, _ := appendDeals(t, enter(t, roomOf(t, l)), page("2", deals("d2|B|1|2000|")))
			same(t, "cursor", c.Cursor, connectors.Cursor("2"))
		})
	}
}

// Check tells of a wrong secret before anything is read.
func TestCheckTouchesBucketAndCatalog(t *testing.T) {
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	if err := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)}).Check(context.Background()); err != nil {
		t.Errorf("with the right secrets: %v", err)
	}
	for what, change := range map[string]func(*Remote){
		"another key of the store":        func(r *Remote) { r.Store.AccessKey = connectors.NewSecret("AKIDOFSOMEBODYELSE") },
		"another secret of the catalog":   func(r *Remote) { r.Catalog.ClientSecret = connectors.NewSecret("of somebody else") },
		"a bucket that is not there":      func(r *Remote) { r.Store.Location = "s3://not-there/lake" },
		"a client that nobody knows":      func(r *Remote) { r.Catalog.ClientID = "nobody" },
		"a warehouse that does not exist": func(r *Remote) { r.Catalog.Warehouse = "not-there" },
	} {
		t.Run(what, func(t *testing.T) {
			settings := remoteOf(t, cloud)
			change(&settings)
			l := enter(t, room{cloud: cloud, settings: settings})
			if err := l.Check(context.Background()); fault.WhoMends(err) != fault.You {
				t.Errorf("it said %v", err)
			}
		})
	}
}
