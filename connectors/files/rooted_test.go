package files

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestOnlyRegularFilesOfTheFolderAreRead(t *testing.T) {
	for name, put := range map[string]func(folder, outside string) error{
		"a pipe":                func(folder, _ string) error { return syscall.Mkfifo(filepath.Join(folder, "deals.csv"), 0o600) },
		"a link out":            func(folder, outside string) error { return os.Symlink(outside, filepath.Join(folder, "deals.csv")) },
		"a link up":             func(folder, _ string) error { return os.Symlink("../secret.csv", filepath.Join(folder, "deals.csv")) },
		"a link to the machine": func(folder, _ string) error { return os.Symlink("/etc/passwd", filepath.Join(folder, "deals.csv")) },
		"a link to a device":    func(folder, _ string) error { return os.Symlink("/dev/zero", filepath.Join(folder, "deals.csv")) },
		"a link to a link out": func(folder, outside string) error {
			if err := os.Symlink(outside, filepath.Join(folder, ".one")); err != nil {
				return err
			}
			return os.Symlink(".one", filepath.Join(folder, "deals.csv"))
		},
		"a link to a pipe": func(folder, _ string) error {
			if err := syscall.Mkfifo(filepath.Join(folder, ".pipe"), 0o600); err != nil {
				return err
			}
			return os.Symlink(".pipe", filepath.Join(folder, "deals.csv"))
		},
		"a link to a folder out": func(folder, outside string) error {
			return os.Symlink(filepath.Dir(outside), filepath.Join(folder, "deals"))
		},
		"a link to nothing":        func(folder, _ string) error { return os.Symlink("nothing", filepath.Join(folder, "deals.csv")) },
		"a link to itself":         func(folder, _ string) error { return os.Symlink("deals.csv", filepath.Join(folder, "deals.csv")) },
		"a folder named as a file": nil,
	} {
		t.Run(name, func(t *testing.T) {
			above := t.TempDir()
			folder, outside := filepath.Join(above, "drops"), filepath.Join(above, "secret.csv")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(outside, []byte("the secret line\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if put == nil {
				if err := os.Mkdir(filepath.Join(folder, "deals.csv"), 0o700); err != nil {
					t.Fatal(err)
				}
			} else if err := put(folder, outside); err != nil {
				t.Fatal(err)
			}
			source, err := Connector([]Table{{Name: "deals", Key: []string{"source", "deal_id"}, Columns: []Column{{Name: "deal_id", Type: "varchar"}}}}).
				Open(t.Context(), connectors.Values{"folder": {folder}, "delimiter": {","}})
			if err != nil {
				t.Fatal(err)
			}
			streams, err := source.Streams(t.Context())
			if err == nil {
				for _, got := range source.Read(t.Context(), streams[0], "") {
					if got != nil {
						err = got
					}
				}
			}
			if put != nil && (err == nil || fault.WhoMends(err) != fault.You) || err != nil && strings.Contains(err.Error(), "secret line") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestALinkWithinTheFolderIsRead(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ".deals"), []byte("deal_id\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".deals", filepath.Join(folder, "deals.csv")); err != nil {
		t.Fatal(err)
	}
	source, err := Connector([]Table{{Name: "deals", Key: []string{"source", "deal_id"}, Columns: []Column{{Name: "deal_id", Type: "varchar"}}}}).
		Open(t.Context(), connectors.Values{"folder": {folder}, "delimiter": {","}})
	if err != nil {
		t.Fatal(err)
	}
	streams, err := source.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for page, err := range source.Read(t.Context(), streams[0], "") {
		if err != nil {
			t.Fatal(err)
		}
		for _, batch := range page.Batches {
			if batch.Table == "deals" {
				rows += batch.Records.NumRows()
			}
		}
	}
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}
