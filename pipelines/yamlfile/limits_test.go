package yamlfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"merit/connectors/fault"
)

func TestWhatNobodyWritesIsRefusedBeforeItIsParsed(t *testing.T) {
	deep := ""
	for n := range 100 {
		deep += strings.Repeat("  ", n) + "a:\n"
	}
	for name, text := range map[string]string{
		"brackets":           strings.Repeat("[", 20_000),
		"braces":             "a: " + strings.Repeat("{a: ", 20_000),
		"brackets on lines":  strings.Repeat("[\n", 20_000),
		"closed brackets":    strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000),
		"sequences":          strings.Repeat("- ", 20_000),
		"keys":               strings.Repeat("? ", 20_000),
		"blocks":             deep,
		"bytes":              "a: " + strings.Repeat("x", mostBytes),
		"brackets in quotes": `a: "` + strings.Repeat("[", 20_000) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			var into map[string]any
			_, err := Parse("x.yml", []byte(text), &into)
			if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "are not read") {
				t.Errorf("%.200v", err)
			}
		})
	}
	var into map[string]any
	if _, err := Parse("x.yml", []byte("a: {b: [1, [2, {c: 3}]]}\nd:\n  - - e\n"), &into); err != nil {
		t.Error(err)
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "merit.yml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, dir, os.DevNull, "/dev/zero"} {
		var into map[string]any
		if _, err := Read(path, &into); err == nil || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", path, err)
		}
	}
}
