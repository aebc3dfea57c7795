package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// statusPath is where an agent keeps what its node has in force, for `headgate status`: a NodeStatus, whose seen and renewed are of when
// something else in it changed last.
func statusPath(stateDir string) string { return filepath.Join(stateDir, "status.json") }

// reporter says what is in force on this node: in the state directory, and to an API server. Its methods may be called concurrently; those
// of a nil *reporter do nothing.
type reporter struct {
	node, path string
	log        *slog.Logger
	server     *kube.Source                      // nil: there is none
	rejections func() []manifest.Rejection       // nil: there are none; for whom the follower waits
	writer     atomic.Pointer[nodestatus.Writer] // nil: nobody writes to the server

	mu     sync.Mutex
	status nodestatus.Status
	batch  uint64 // of the server's, that is in force
	known  bool   // something has become of what is declared
	told   string // why the file could not be written
}

// newReporter goes on from what the last agent said, if that was of the generation that is to be gone on from.
func newReporter(o *agentOptions, last agent.Generation, log *slog.Logger) *reporter {
	r := &reporter{node: o.host.node, path: statusPath(o.stateDir), log: log}
	before, err := readStatus(o.stateDir)
	switch {
	case err == nil && before.Name == r.node && before.Status.Hash == last.Hash && before.Status.Generation == int64(last.Number):
		r.status = before.Status
	default:
		r.status.Generation, r.status.Hash = int64(last.Number), last.Hash
	}
	return r
}

func readStatus(stateDir string) (*nodestatus.NodeStatus, error) {
	text, err := os.ReadFile(statusPath(stateDir))
	if err != nil {
		return nil, err
	}
	n := &nodestatus.NodeStatus{}
	if err := json.Unmarshal(text, n); err != nil {
		return nil, fmt.Errorf("%s: %w", statusPath(stateDir), err)
	}
	return n, nil
}

// follow has a follower's server told of, if there is one. The Writer is to be run; nil if there is nobody to write to.
func (r *reporter) follow(from feed, config *rest.Config) (*nodestatus.Writer, error) {
	s, ok := from.(*apiServer)
	if !ok {
		return nil, nil
	}
	r.server, r.rejections = s.server, s.objects.Rejected
	if ir.IsMachine(r.node) {
		return nil, nil // whose object would belong to no Node
	}
	w, err := nodestatus.NewWriter(config, nodestatus.Options{Node: r.node, Current: r.current, Log: r.log})
	if err == nil {
		r.writer.Store(w)
	}
	return w, err
}

// defined has it tried again to write to the server once that knows the kind.
func (r *reporter) defined(name string) {
	if w := r.writer.Load(); w != nil && name == nodestatus.GroupVersionResource().GroupResource().String() {
		w.Again()
	}
}

// current is what there is to write. What the server tells of versions counts if all that it gave is in force.
func (r *reporter) current() (nodestatus.Status, uint64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see()
	return r.status, r.batch, r.known
}

func (r *reporter) see() {
	if r.server == nil {
		return
	}
	if now := r.server.Seen(); now.Batch > 0 && now.Batch == r.batch {
		r.status.Seen = nil
		for _, v := range now.Versions {
			r.status.Seen = append(r.status.Seen, nodestatus.Seen(v))
		}
	}
}

// inForce says what is, and of which batch of the server's.
func (r *reporter) inForce(g agent.Generation, p *ir.Pipeline, results []agent.Loaded, batch uint64) {
	r.note(func(s *nodestatus.Status) {
		now := metav1.Now()
		if s.Generation != int64(g.Number) || s.Hash != g.Hash {
			s.Generation, s.Hash, s.Since = int64(g.Number), g.Hash, &now
		}
		s.Targets, s.Counts, s.Addresses = targetsOf(results), countsOf(p, results), heldAddresses(p)
		r.batch = batch
		r.see()
		s.Error = ""
		ready(s, metav1.ConditionTrue, nodestatus.ReasonInForce, "what is declared is in force")
	})
}

// stuck says why what is declared could not be put in force.
func (r *reporter) stuck(why string) {
	r.note(func(s *nodestatus.Status) {
		s.Error = why
		reason := nodestatus.ReasonNotInForce
		if s.Generation == 0 {
			reason = nodestatus.ReasonNothing
		}
		ready(s, metav1.ConditionFalse, reason, why)
	})
}

// conditionExpectations is the type of the condition that says whether the expectations of a directory hold. It is absent where there are none.
const conditionExpectations = "ExpectationsHold"

// expects says which expectations do not hold of what is in force, and whether there are any.
func (r *reporter) expects(unmet []diag.Finding, some bool) {
	r.note(func(s *nodestatus.Status) {
		conditions := append([]metav1.Condition(nil), s.Conditions...) // what was handed out does not change
		now := metav1.Condition{Type: conditionExpectations, Status: metav1.ConditionTrue, Reason: "Met", Message: "all expectations hold"}
		if len(unmet) > 0 {
			now.Status, now.Reason, now.Message = metav1.ConditionFalse, "Unmet", firstErrors(unmet)
		}
		if some {
			meta.SetStatusCondition(&conditions, now)
		} else {
			meta.RemoveStatusCondition(&conditions, conditionExpectations)
		}
		s.Conditions = conditions
	})
}

func ready(s *nodestatus.Status, status metav1.ConditionStatus, reason, message string) {
	conditions := append([]metav1.Condition(nil), s.Conditions...) // what was handed out does not change
	meta.SetStatusCondition(&conditions, metav1.Condition{Type: nodestatus.ConditionReady, Status: status, Reason: reason, Message: message})
	s.Conditions = conditions
}

// note notes a change, and tells of it.
func (r *reporter) note(change func(*nodestatus.Status)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	before := r.status
	change(&r.status)
	r.status.Agent = version
	r.reject()
	r.known = true
	now := r.status
	r.mu.Unlock()
	if w := r.writer.Load(); w != nil {
		w.Changed()
	}
	before.Seen, before.Renewed = now.Seen, now.Renewed
	if !reflect.DeepEqual(before, now) {
		r.keep(now)
	}
}

// reject lists the objects that are left out.
func (r *reporter) reject() {
	r.status.Rejected, r.status.RejectedTotal = nil, 0
	if r.rejections == nil {
		return
	}
	all := r.rejections()
	r.status.RejectedTotal = int64(len(all))
	for _, rejection := range all[:min(len(all), nodestatus.MaxRejected)] {
		r.status.Rejected = append(r.status.Rejected, r.rejected(rejection))
	}
}

func (r *reporter) rejected(of manifest.Rejection) nodestatus.Rejected {
	out := nodestatus.Rejected{Name: of.Document, Code: string(of.Because.Code), Message: rejectionText(of), Previous: of.Previous}
	if r.server != nil {
		if o, known := r.server.Object(of.Document); known {
			out.Kind, out.Namespace, out.Name = o.Kind, o.Namespace, o.Name
		}
	}
	if !of.Blamed {
		out.Field = of.Because.Origin.Field
	}
	return out
}

// rejectionText says what is wrong with an object, or what would be wrong elsewhere.
func rejectionText(of manifest.Rejection) string {
	switch {
	case !of.Blamed:
		return of.Because.Message
	case of.Gone:
		return fmt.Sprintf("it is gone, and stays in force all the same; without it, %s: %s", of.Because.Origin.Object, of.Because.Message)
	}
	return fmt.Sprintf("with what it says now, %s: %s", of.Because.Origin.Object, of.Because.Message)
}

// keep writes the file. That it cannot be written is logged once.
func (r *reporter) keep(s nodestatus.Status) {
	s.Renewed = metav1.Now()
	n := &nodestatus.NodeStatus{TypeMeta: metav1.TypeMeta{APIVersion: nodestatus.Group + "/" + nodestatus.Version, Kind: nodestatus.Kind}, Status: s}
	n.Name = r.node
	text, err := json.MarshalIndent(n, "", "  ")
	if err == nil {
		err = replaceFile(r.path, func(f *os.File) error {
			_, err := f.Write(append(text, '\n'))
			return err
		})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.told = ""
	case err.Error() != r.told && !errors.Is(err, fs.ErrNotExist): // of a directory that is gone much else is said
		r.told = err.Error()
		r.log.Warn("'headgate status' cannot tell what is in force here", "error", err)
	}
}

// targetsOf lists the dataplanes of rules that hold something.
func targetsOf(results []agent.Loaded) []string {
	var out []string
	for _, l := range results {
		if l.Artifact.Target != iproute.Target && len(l.Artifact.Objects) > 0 {
			out = append(out, l.Artifact.Target)
		}
	}
	return out
}

// countsOf counts what is in force.
func countsOf(p *ir.Pipeline, results []agent.Loaded) nodestatus.Counts {
	var c nodestatus.Counts
	of := map[string]map[string]*int64{
		nft.Target:          {"rule": &c.Rules, "set": &c.Sets, "map": &c.Sets, "element": &c.Elements},
		openflow.TargetName: {"flow": &c.Flows},
	}
	for _, l := range results {
		for _, tally := range tallied(l.Artifact, of[l.Artifact.Target] != nil) {
			if to := of[l.Artifact.Target][tally.Kind]; to != nil {
				*to += int64(tally.Count)
			}
		}
	}
	policies, services, endpoints := map[string]bool{}, map[string]bool{}, map[netip.AddrPort]bool{}
	for _, d := range ir.Directions() {
		for _, phase := range ir.Phases() {
			for _, list := range p.Classifier(d, phase).Lists {
				for i := range list.Rules {
					for _, o := range list.Rules[i].Origins {
						policies[o.Object] = true
					}
				}
			}
		}
	}
	for _, f := range p.Frontends {
		services[f.Service] = true
		for _, route := range f.Routes {
			if route.Pool == nil {
				continue
			}
			for _, t := range route.Pool.Targets {
				endpoints[t] = true
			}
		}
	}
	c.Policies, c.Services, c.Endpoints = int64(len(policies)), int64(len(services)), int64(len(endpoints))
	return c
}

func tallied(a artifact.Artifact, wanted bool) []artifact.Tally {
	if !wanted {
		return nil
	}
	return targets.Tally(a)
}

// heldAddresses lists what the node has for Egresses and Services.
func heldAddresses(p *ir.Pipeline) []string {
	var out []string
	for _, h := range p.Holdings {
		out = append(out, h.Addr.String())
	}
	return out
}

// because is what stuck says of a failure.
func because(message string, err error) string {
	if err == nil {
		return message
	}
	return message + ": " + err.Error()
}

// firstErrors sums errors up in a line.
func firstErrors(findings []diag.Finding) string {
	first, more := "", 0
	for _, f := range findings {
		switch {
		case f.Severity != diag.Error:
		case first == "":
			first = fmt.Sprintf("%s: %s [%s]", f.Origin.String(), f.Message, f.Code)
		default:
			more++
		}
	}
	if more > 0 {
		return fmt.Sprintf("%s (and %d more)", first, more)
	}
	return first
}
