package lake

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

func verified(t *testing.T, l *Lake) Verified {
	t.Helper()
	v, err := l.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func lakeFiles(t *testing.T, l *Lake) []string {
	t.Helper()
	if inBucket(t) {
		return remoteFilesOf(t, l)
	}
	var files []string
	err := filepath.WalkDir(l.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != "version-hint.text" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAWholeLakeHasNoDamage(t *testing.T) {
	l := openLakeInMemory(t)
	things := everyType()
	appendDeals(t, l, page("1", deals("d1|A|1050|1000|false", "d2|||2000|true"), history("d1|new")))
	appendDeals(t, l, page("2", deals("d1|B|-7|3000|")))
	appendTo(t, l.Dataset("crm", "things"), streamOf(things), page("1",
		rows(things, "9007199254740993|Zoë|true|-7|0.1|-12345|1|20000|1700000000123|1700000000123456|3600000000", "2", "-3||false||-0.5|99|-2")))
	v := verified(t, l)
	if len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
	same(t, "looked at", []int64{int64(v.Tables), int64(v.Snapshots), v.Rows}, []int64{3, 4, 7})
	same(t, "every file is looked at", v.Files, len(lakeFiles(t, l)))
}

func TestRowsOfAWiderTypeHaveTheirHash(t *testing.T) {
	l := openLakeInMemory(t)
	narrow := dealsTable(arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	appendTo(t, l.Dataset("crm", "deals"), streamOf(narrow), page("1", rows(narrow, "d1|A|1|1000||-7")))
	wide := dealsTable(arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	wide.Schema = withType(wide.Schema, "amount", &arrow.Decimal128Type{Precision: 20, Scale: 2})
	appendTo(t, l.Dataset("crm", "deals"), streamOf(wide), page("2", rows(wide, "d2|B|-99999999999999999|2000||5000000000")))
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
}

// TestAFlippedBitIsFoundInItsFile flips one bit of a random file and wants that
// file named, each time.
func TestAFlippedBitIsFoundInItsFile(t *testing.T) {
	seed := seedOf(t)
	dice := rand.New(rand.NewPCG(seed, 11))
	l := openLakeInMemory(t)
	for k := range 4 {
		appendDeals(t, l, page(fmt.Sprint(k), deals(fmt.Sprintf("d%d|Deal|%d|%d|", k, k, 1000*k)), history(fmt.Sprintf("d%d|new", k))))
	}
	files := lakeFiles(t, l)
	missed := 0
	flips := times(100, 1000)
	for range flips {
		path := files[dice.IntN(len(files))]
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bit := dice.IntN(len(whole) * 8)
		flipped := append([]byte{}, whole...)
		flipped[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		v := verified(t, l)
		named := false
		for _, d := range v.Damages {
			named = named || d.Path == path
		}
		if !named {
			missed++
			t.Errorf("seed %d: bit %d of %s was flipped; found: %v", seed, bit, path, v.Damages)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Errorf("the flips were not taken back: %v", v.Damages)
	}
	matrix("F11", "a flipped bit in any file of the lake", flips, missed, "verify names the file")
}

// A restored folder may have an older state of one table beside a newer one of another.
func TestATableOlderThanItsCheckpointIsDamage(t *testing.T) {
	l := openLakeInMemory(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	appendDeals(t, l, page("2", deals("d2|B|2|2000|"), history("d2|new")))
	versions, err := filepath.Glob(filepath.Join(l.root, "crm", "deal_history", "metadata", "v*.metadata.json"))
	if err != nil || len(versions) < 2 {
		t.Fatalf("%v, %v", versions, err)
	}
	slices.Sort(versions)
	if err := os.Remove(versions[len(versions)-1]); err != nil {
		t.Fatal(err)
	}
	v := verified(t, l)
	if len(v.Damages) == 0 || len(v.Outdated) > 0 {
		t.Errorf("damages %v, outdated %v", v.Damages, v.Outdated)
	}
}

func TestWhatIsGoneCutOrSwappedIsFound(t *testing.T) {
	l := openLakeInMemory(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	appendDeals(t, l, page("2", deals("d2|B|2|2000|")))
	c := head(t, l.Dataset("crm", "deals"))
	first, second := c.Tables[0].Files[0].Path, c.Tables[0].Files[1].Path
	one, _ := os.ReadFile(first)
	two, _ := os.ReadFile(second)
	for what, harm := range map[string]func() error{
		"is missing": func() error { return os.Remove(first) },
		"bytes instead": func() error {
			return os.WriteFile(first, one[:len(one)-1], 0o600)
		},
		"another sum": func() error { // of equal length, and each of them whole
			if len(one) != len(two) {
				return fmt.Errorf("%d and %d bytes: this shows nothing", len(one), len(two))
			}
			return os.WriteFile(first, two, 0o600)
		},
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		v := verified(t, l)
		if len(v.Damages) != 1 || v.Damages[0].Path != first || !strings.Contains(v.Damages[0].What, what) {
			t.Errorf("%s: %v", what, v.Damages)
		}
		if err := os.WriteFile(first, one, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARowThatWasWrittenWrongIsFound shows that rows are looked at too: a file whose
// sum is right but whose rows are not what was to be written.
func TestARowThatWasWrittenWrongIsFound(t *testing.T) {
	l := openLakeInMemory(t)
	ctx := context.Background()
	d := l.Dataset("crm", "deals")
	s, err := d.openTableWriter(ctx, dealsTable(), mainRole)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := s.shape.arrange(deals("d1|A|1|1000|").Records)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.write(columns, []uint64{42}); err != nil { // not the row's hash
		t.Fatal(err)
	}
	if err := s.flush(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.commit(ctx, map[string]string{pinsProperty: `[{"table":"deals","key":["id"]}]`}); err != nil {
		t.Fatal(err)
	}
	v := verified(t, l)
	if len(v.Damages) != 1 || !strings.Contains(v.Damages[0].What, errRowHash.Error()) {
		t.Errorf("%v", v.Damages)
	}
}
