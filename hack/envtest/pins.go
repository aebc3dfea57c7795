//go:build pins

// Package pins names what build.sh builds that is no program: the tests of another module, with what they import.
package pins

import (
	_ "sigs.k8s.io/controller-runtime/pkg/client/config"
	_ "sigs.k8s.io/network-policy-api/conformance/tests"
	_ "sigs.k8s.io/yaml"
)
