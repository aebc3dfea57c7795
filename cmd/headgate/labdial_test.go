package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/runtime/lab"
)

// What becomes of many dials is one word, whatever a busy machine loses.
func TestDialWords(t *testing.T) {
	of := func(n int, v lab.Verdict, attempts int) []lab.ProbeResult {
		return slices.Repeat([]lab.ProbeResult{{Verdict: v, Attempts: attempts}}, n)
	}
	for name, c := range map[string]struct {
		results []lab.ProbeResult
		want    string
		got     string
	}{
		"all answered":                         {of(20, lab.Allow, 1), "allow", "allow"},
		"a lost packet or two":                 {slices.Concat(of(17, lab.Allow, 1), of(3, lab.Allow, 2)), "allow", "allow"},
		"every other backend does not":         {slices.Concat(of(10, lab.Allow, 1), of(10, lab.Allow, 2)), "allow", "mixed"},
		"some are silent":                      {slices.Concat(of(19, lab.Allow, 1), of(1, lab.Drop, 2)), "allow", "mixed"},
		"some refuse":                          {slices.Concat(of(19, lab.Allow, 1), of(1, lab.Reject, 1)), "allow", "mixed"},
		"silence":                              {of(3, lab.Drop, 2), "drop", "drop"},
		"refused":                              {of(3, lab.Reject, 1), "reject", "reject"},
		"refused, since there is no backend":   {of(3, lab.Reject, 1), "none", "none"},
		"silence, since none is here":          {of(3, lab.Drop, 2), "none", "none"},
		"a backend where there should be none": {of(3, lab.Allow, 1), "none", "allow"},
		"no family in common":                  {nil, "none", "none"},
		"no route":                             {of(1, lab.Failed, 1), "allow", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.got, (&dialCell{want: c.want}).becomesOf(c.results))
		})
	}
}

// Pods dial the addresses of their families, and no port with a backend that nobody in the lab answers for.
func TestDialsArePlanned(t *testing.T) {
	p, err := ir.ParseProgram(`program
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,-
endpoint a/both node=n1 addrs=10.0.1.6,2001:db8::6 from="Pod a/both",-,-
endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
service a/far cluster=10.96.0.2 from="Service a/far",-,-
  port tcp/80 backends=10.0.1.5:8080,203.0.113.1:80
service a/web cluster=10.96.0.1,fd96::1 from="Service a/web",-,-
  port tcp/80 backends=10.0.1.5:8080
`)
	require.NoError(t, err)
	d := newLabDials(lab.NFTables, p, reach.PodClients(p), reach.ServicePorts(p), reach.Options{})
	require.Equal(t, 1, d.outside)
	var plan []string
	for _, c := range d.cells {
		for _, r := range c.requests {
			plan = append(plan, c.want+" "+r.From+" "+r.To.String()+" "+r.Port.String())
		}
	}
	require.Equal(t, []string{"mixed pod/a/both 10.96.0.1 TCP/80", "mixed pod/a/both fd96::1 TCP/80", "allow pod/a/web 10.96.0.1 TCP/80"}, plan)
}
