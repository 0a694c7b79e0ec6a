package main

import (
	"os"
	"testing"

	"merit/models"
	"merit/transform/model"
)

func TestWhatIsGeneratedIsNotStale(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	manual, err := manual()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"../../models/README.md": graph.Catalogue(), "README.md": manual} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want {
			t.Errorf("%s is not what the code says: make docs", path)
		}
	}
}
