// Package agent has what a cluster has to be told of the agents: who they are and what they may do.
package agent

import _ "embed"

//go:embed rbac.yaml
var rights string

// Rights is rbac.yaml: the agents' service account, and its role.
func Rights() string { return rights }
