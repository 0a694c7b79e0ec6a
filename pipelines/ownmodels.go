package pipelines

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"merit/connectors/fault"
	"merit/transform/model"
)

// ownModelsFolder is where a project's own models lie.
const ownModelsFolder = "models"

// Graph reads Merit's models and, in a project's folder, that project's own.
func Graph(models fs.FS, projectFolder string) (*model.Graph, error) {
	// What a link in it leads to outside of it is not read.
	root, err := os.OpenRoot(filepath.Join(projectFolder, ownModelsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return model.Load(models)
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "models: %w", err)
	}
	// The graph reads examples later, so that the folder stays open as long as the process.
	return model.LoadWithOwn(models, root.FS())
}
