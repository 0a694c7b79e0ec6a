package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// A page that sends its reader nowhere is worse than none.
func TestEveryLinkToAFileLeadsSomewhere(t *testing.T) {
	tracked, err := exec.Command("git", "-C", "../..", "ls-files", "*.md").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	followed := 0
	for page := range strings.Lines(string(tracked)) {
		page = strings.TrimSpace(page)
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			continue // it is about to be deleted
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			path, _, _ := strings.Cut(found[1], "#")
			if path == "" || strings.Contains(path, ":") || strings.Contains(path, "{") {
				continue // within the page, or out in the world
			}
			followed++
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(page), path)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, path)
			}
		}
	}
	if followed == 0 {
		t.Error("no link was followed")
	}
}
