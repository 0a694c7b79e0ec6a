package lake

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go/table"

	"merit/transform/lake/laketest"
)

// oddNames are folders that a URL, a shell, a glob or a database would not take as
// they are.
var oddNames = map[string]string{
	"a space":             "a b",
	"several spaces":      " Lager  2026 ",
	"letters of others":   "Lager äöü ß 仓库",
	"decomposed letters":  "a\u0308 e\u0301",
	"an ampersand":        "R&D",
	"a plus":              "a+b c",
	"a percent sign":      "100%",
	"an escape":           "a%20b",
	"half an escape":      "%zz%",
	"quotes":              `it's "theirs"`,
	"a hash":              "a#b",
	"a question mark":     "a?b=c&d",
	"a glob":              "[a]*{b}",
	"a colon, at":         "user@host:80",
	"a backslash":         `a\b`,
	"a semicolon, equals": "a=1;b=2,c",
	"a dollar, a tilde":   "~$HOME`x`",
	"a very long name":    strings.Repeat("lake ä ", 25),
	"a table's folder":    "crm/deals/data/metadata",
	"a line break":        "a\nb",
}

// notInBuckets can't be the folder of a lake in a bucket; others read objects of such
// names by a part of them.
var notInBuckets = []string{"a hash", "a question mark", "a line break"}

// TestALakeLiesUnderAnyPath does all that is done to a lake under paths that have
// other spellings: read, read again, verify, compact, expire, clean up, forget.
func TestALakeLiesUnderAnyPath(t *testing.T) {
	for what, name := range oddNames {
		t.Run(what, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), name)
			open := func() *Lake {
				l, err := Open(root)
				if err != nil {
					t.Fatal(err)
				}
				return l
			}
			wholeLifeOf(t, open)
			eachName(t, open(), func(written string) {
				if !strings.HasPrefix(written, root+"/") {
					t.Errorf("%s is written, which is not a path below %s", written, root)
				} else if _, err := os.Stat(written); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestALakeLiesUnderAnyPrefixOfABucket(t *testing.T) {
	for kind, start := range kinds {
		for what, name := range oddNames {
			t.Run(kind+", "+what, func(t *testing.T) {
				cloud := start()
				t.Cleanup(cloud.Close)
				settings := remoteOf(t, cloud)
				settings.Store.Location = kind + "://" + laketest.Bucket + "/" + name
				l, err := OpenRemote(context.Background(), settings)
				for _, refused := range notInBuckets {
					if what == refused {
						if err == nil || !strings.Contains(err.Error(), "may not have") {
							t.Errorf("opened, or refused without a reason: %v", err)
						}
						return
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				settings.Copies = l.disk.(*remoteFiles).copies.root
				open := func() *Lake { return enter(t, room{cloud: cloud, settings: settings}) }
				wholeLifeOf(t, open)
				objects, err := cloud.Objects()
				if err != nil {
					t.Fatal(err)
				}
				there := map[string]bool{}
				for _, object := range objects {
					there[object] = true
				}
				eachName(t, open(), func(written string) {
					if !there[written] {
						t.Errorf("%s is written, which is no object", written)
					}
				})
			})
		}
	}
}

// wholeLifeOf reads, verifies, compacts, expires, cleans up and forgets, each time as
// another process, and expects all rows to be there.
func wholeLifeOf(t *testing.T, open func() *Lake) {
	t.Helper()
	ctx := context.Background()
	whole := func(l *Lake) {
		t.Helper()
		if v, err := l.Verify(ctx, nil); err != nil || len(v.Damages) > 0 || v.Rows == 0 {
			t.Fatalf("verify: %v %v", v, err)
		}
	}
	for i := range 12 {
		l := open()
		appendDeals(t, l, page(string(rune('a'+i)), deals("d"+string(rune('a'+i))+"|A|5|1000|", "jane|jane@acme.com|1|1000|"), history("d1|"+string(rune('a'+i)))))
	}
	whole(open())
	if done, err := open().Dataset("crm", "deals").Compact(ctx); err != nil || done.After == 0 {
		t.Fatalf("compact: %v %v", done, err)
	}
	l := open()
	if _, err := l.Dataset("crm", "deals").Expire(ctx, History{Keep: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	if done, err := l.CleanUp(ctx, 0); err != nil || done.Files == 0 {
		t.Fatalf("clean up: %v %v", done, err)
	}
	whole(open())
	c := head(t, open().Dataset("crm", "deals"))
	same(t, "rows", len(latestLines(t, pinned(t, c, "deals"), "amount")), 13)

	list, err := ParseErasureList([]byte("a key of the project's own, 32 b"), nil)
	if err != nil {
		t.Fatal(err)
	}
	list.Add(Identity{Source: "crm", Value: "jane@acme.com"})
	l = open()
	l.SetErasureList(list)
	if done, err := l.Erase(ctx, "crm"); err != nil || done.Cells == 0 {
		t.Fatalf("forget: %v %v", done, err)
	}
	whole(open())
	found, err := open().Search(ctx, "crm", AnyOf([]string{"jane@acme.com"}))
	if err != nil || len(found.Found) > 0 || found.Values == 0 {
		t.Errorf("forgotten and found in %v: %v", found, err)
	}
	l = open()
	appendDeals(t, l, page("z", deals("dz|A|5|1000|")))
	whole(open())
	c = head(t, open().Dataset("crm", "deals"))
	same(t, "rows", len(latestLines(t, pinned(t, c, "deals"), "amount")), 14)
}

// eachName visits each path that the lake's metadata names, as it is written there.
func eachName(t *testing.T, l *Lake, visit func(written string)) {
	t.Helper()
	names := 0
	see := func(name string) string {
		names++
		visit(name)
		return name
	}
	err := l.eachTable(context.Background(), func(opened *table.Table) error {
		see(l.real(opened.MetadataLocation()))
		for _, snapshot := range opened.Metadata().Snapshots() {
			list, err := readFileOf(l, see(snapshot.ManifestList))
			if err != nil {
				return err
			}
			var manifests []string
			if _, _, err := withPaths(list, func(name string) string {
				manifests = append(manifests, see(name))
				return name
			}); err != nil {
				return err
			}
			for _, manifest := range manifests {
				content, err := readFileOf(l, manifest)
				if err != nil {
					return err
				}
				if _, _, err := withPaths(content, see); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil || names < 10 {
		t.Errorf("%d names: %v", names, err)
	}
}
