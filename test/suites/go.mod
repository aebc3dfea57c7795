// Runs other people's test suites against headgate, in clusters of 'headgate lab up --apiserver'. A module of its own: it takes minutes, and
// runs beside the other tests.
module github.com/headgate-net/headgate/test/suites

go 1.26.0

require (
	github.com/stretchr/testify v1.12.1
	sigs.k8s.io/yaml v1.6.0
)

require (
	go.yaml.in/yaml/v2 v2.4.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
