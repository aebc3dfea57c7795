package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// singles are the objects of a file, each as a change of a document of its own.
func singles(t *testing.T, file string) []kube.Change {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var out []kube.Change
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc struct {
			Kind  string
			Items []yaml.Node
			Rest  map[string]any `yaml:",inline"`
		}
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		require.NoError(t, node.Decode(&doc))
		items := []*yaml.Node{&node}
		if doc.Kind == "List" {
			items = nil
			for i := range doc.Items {
				items = append(items, &doc.Items[i])
			}
		}
		for _, item := range items {
			object, err := yaml.Marshal(item)
			require.NoError(t, err)
			out = append(out, kube.Change{Name: fmt.Sprintf("objects/%03d", len(out)), Text: string(object)})
		}
	}
}

// history is an order in which the objects may arrive, in batches: some go again and come back, and some say something else in between.
// In the end all of them are there as they are to be.
func history(r *rand.Rand, objects []kube.Change) [][]kube.Change {
	var order []kube.Change
	for _, i := range r.Perm(len(objects)) {
		order = append(order, objects[i])
	}
	left := map[string]bool{} // to be mended in the end
	for range len(objects) / 2 {
		at := r.IntN(len(order))
		change := order[at]
		switch original := objects[number(change)].Text; r.IntN(3) {
		case 0:
			change.Text = "" // deleted
		case 1:
			change.Text = strings.ReplaceAll(original, "app: ", "app: not-") // says something else
		default:
			change.Text = strings.Replace(original, "kind:", "kinds:", 1) // has an error
		}
		left[change.Name] = true
		to := at + 1 + r.IntN(len(order)-at)
		order = append(order[:to:to], append([]kube.Change{change}, order[to:]...)...)
	}
	for _, i := range r.Perm(len(objects)) {
		if left[objects[i].Name] {
			order = append(order, objects[i])
		}
	}
	var out [][]kube.Change
	for len(order) > 0 {
		n := min(1+r.IntN(12), len(order))
		batch := map[string]bool{}
		k := 0
		for k < n && !batch[order[k].Name] { // a batch names each once
			batch[order[k].Name] = true
			k++
		}
		out, order = append(out, order[:k:k]), order[k:]
	}
	return out
}

func number(c kube.Change) (n int) {
	_, _ = fmt.Sscanf(c.Name, "objects/%d", &n)
	return n
}

// arrived is what a node's dataplanes hold after batches have come one after the other.
func arrived(t *testing.T, target string, batches [][]kube.Change) string {
	t.Helper()
	o := &agentOptions{host: hostFlags{target: target, node: "n1", services: "always", bit: masqueradeBit(nft.DefaultOptions().MasqueradeBit)}, stateDir: t.TempDir()}
	planes := map[string]*blank{nft.Target: {}, iproute.Target: {}}
	if target == openflow.TargetName {
		planes[openflow.TargetName] = &blank{}
	}
	var of []agent.Plane
	for _, name := range []string{openflow.TargetName, nft.Target, iproute.Target} {
		if p := planes[name]; p != nil {
			of = append(of, agent.Plane{Dataplane: p, Target: name})
		}
	}
	node := agent.NewNode(agent.Options{Target: o.host.made(), Planes: of})
	from := newAPIServer(nil)
	var log bytes.Buffer
	f := newFollower(o, from, node, slog.New(slog.NewTextHandler(&log, nil)))
	for _, batch := range batches {
		from.take(batch)
		f.read(t.Context())
		f.load(t.Context())
	}
	require.Nil(t, f.pending, log.String())
	var out strings.Builder
	for _, p := range of {
		fmt.Fprintf(&out, "# %s\n%s", p.Target, artifact.Text(planes[p.Target].holds))
	}
	return out.String()
}

// TestOrderOfArrival: what comes of objects depends on them alone, not on when they came, what they were before, or what was there with
// them.
func TestOrderOfArrival(t *testing.T) {
	const orders = 50 // of each file
	for _, file := range []string{"../../test/system/testdata/services-policies.yaml", "../../test/system/testdata/egress.yaml"} {
		objects := singles(t, file)
		require.Greater(t, len(objects), 15)
		for _, target := range []string{nft.Target, openflow.TargetName} {
			t.Run(fmt.Sprintf("%s/%s", file[strings.LastIndex(file, "/")+1:], target), func(t *testing.T) {
				t.Parallel()
				want := arrived(t, target, [][]kube.Change{objects})
				require.Greater(t, strings.Count(want, "\n"), 100)
				for seed := range uint64(orders) {
					batches := history(rand.New(rand.NewPCG(seed, 1)), objects)
					require.Equal(t, want, arrived(t, target, batches), "seed %d", seed)
				}
			})
		}
	}
}
