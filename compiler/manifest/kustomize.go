package manifest

import "github.com/headgate-net/headgate/internal/diag"

func kustomizeInput(dir string, report *diag.Report) (input, bool) { return input{}, false }
