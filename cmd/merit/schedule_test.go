package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

var (
	documentedCode = regexp.MustCompile(`(?m)^\| (\d+) \|.*\| (yes|no|—)`)
	describedCode  = regexp.MustCompile(`(?:^|; |: )(\d+) [a-z]`)
	fencedBlock    = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")
	calledMerit    = regexp.MustCompile(`(?:/usr/local/bin/|\n +)merit ((?:--?\w+(?: json)? )*\w+)`)
)

// TestTheScheduleIsWhatTheCommandDoes reads docs/schedule.md: its commands parse, its
// exit codes are those of --help, and each example tries again after the same codes
// as the table says.
func TestTheScheduleIsWhatTheCommandDoes(t *testing.T) {
	page, err := os.ReadFile("../../docs/schedule.md")
	if err != nil {
		t.Fatal(err)
	}
	var codes, described, again, never []string
	for _, row := range documentedCode.FindAllStringSubmatch(string(page), -1) {
		codes = append(codes, row[1])
		switch row[2] {
		case "yes":
			again = append(again, row[1])
		case "no":
			never = append(never, row[1])
		}
	}
	_, tail, _ := strings.Cut(description, "Exit codes: ")
	for _, m := range describedCode.FindAllStringSubmatch(strings.ReplaceAll(tail, "\n", " "), -1) {
		described = append(described, m[1])
	}
	if len(codes) != 7 || !slices.Equal(codes, described) {
		t.Errorf("the page tells of the codes %v, --help of %v", codes, described)
	}
	if want := "RestartPreventExitStatus=" + strings.Join(never, " ") + "\n"; !strings.Contains(string(page), want) {
		t.Errorf("systemd's example lacks %q", want)
	}
	blocks := fencedBlock.FindAllStringSubmatch(string(page), -1)
	commands := 0
	for _, block := range blocks {
		for _, call := range calledMerit.FindAllStringSubmatch(block[2], -1) {
			commands++
			parses(t, strings.Fields(call[1]))
		}
		if block[1] != "yaml" {
			continue
		}
		var read map[string]any
		if err := yaml.Unmarshal([]byte(block[2]), &read); err != nil {
			t.Errorf("%s: %v", block[2], err)
		}
		if read["kind"] == "CronJob" {
			for _, codes := range [][]string{never, again} {
				if want := fmt.Sprintf("values: [%s]\n", strings.Join(codes, ", ")); !strings.Contains(block[2], want) {
					t.Errorf("Kubernetes' example lacks %q", want)
				}
			}
			_, list, _ := strings.Cut(block[2], "command: [merit, ")
			list, _, _ = strings.Cut(list, "]")
			commands++
			parses(t, strings.Split(list, ", "))
		}
	}
	if commands != 4 || len(blocks) != 5 {
		t.Errorf("%d commands in %d examples were read, not 4 in 5", commands, len(blocks))
	}
}

func parses(t *testing.T, args []string) {
	t.Helper()
	parser, err := kong.New(&commandLine{}, kong.Name("merit"), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("merit %s: %v", strings.Join(args, " "), err)
	}
}
