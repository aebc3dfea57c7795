package controller

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

type object = map[string]any

// A status says what is wanted, whatever others have written into it, and whenever conditions became so.
func TestSays(t *testing.T) {
	ready := object{"type": "Ready", "status": "True", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Fine"}
	for name, c := range map[string]struct {
		status, wanted object
		says           bool
	}{
		"nothing is wanted":               {nil, object{}, true},
		"nothing is there":                {nil, object{"phase": "Realized"}, false},
		"empty is absent":                 {nil, object{"egressIP": "", "n": int64(0)}, true},
		"empty is wanted":                 {object{"egressIP": "192.0.2.1"}, object{"egressIP": ""}, false},
		"others have written":             {object{"phase": "Realized", "more": "x"}, object{"phase": "Realized"}, true},
		"another number":                  {object{"n": int64(1)}, object{"n": int64(2)}, false},
		"below":                           {object{"usage": object{"total": int64(4), "used": int64(1)}}, object{"usage": object{"used": int64(1)}}, true},
		"another below":                   {object{"usage": object{"total": int64(4), "used": int64(1)}}, object{"usage": object{"used": int64(2)}}, false},
		"nothing below":                   {object{}, object{"usage": object{"used": int64(2)}}, false},
		"a condition among others":        {object{"conditions": []any{object{"type": "Else"}, ready}}, object{"conditions": []any{object{"type": "Ready", "status": "True", "message": ""}}}, true},
		"a condition of another status":   {object{"conditions": []any{ready}}, object{"conditions": []any{object{"type": "Ready", "status": "False"}}}, false},
		"a condition that is not there":   {object{"conditions": []any{ready}}, object{"conditions": []any{object{"type": "Else", "status": "True"}}}, false},
		"there are none":                  {object{}, object{"conditions": []any{object{"type": "Ready", "status": "True"}}}, false},
		"conditions that are no list":     {object{"conditions": "x"}, object{"conditions": []any{object{"type": "Ready", "status": "True"}}}, false},
		"a condition that is no object":   {object{"conditions": []any{"x", ready}}, object{"conditions": []any{object{"type": "Ready"}}}, true},
		"a list that is no condition":     {object{"list": []any{"a"}}, object{"list": []any{"a"}}, true},
		"another list":                    {object{"list": []any{"a"}}, object{"list": []any{"b"}}, false},
		"a value where an object belongs": {object{"usage": "x"}, object{"usage": object{"used": int64(2)}}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.says, says(c.status, c.wanted)) })
	}
}

// A condition has the time since when its status is what it is.
func TestTimed(t *testing.T) {
	now := time.Date(2026, 2, 3, 4, 5, 6, 7, time.FixedZone("", 3600))
	before := object{"conditions": []any{object{"type": "A", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
		object{"type": "B", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}, object{"type": "C", "status": "True"}}}
	wanted := object{"phase": "x", "conditions": []any{object{"type": "A", "status": "True"}, object{"type": "B", "status": "False"}, object{"type": "C", "status": "True"}, object{"type": "D", "status": "True"}}}
	timed(before, wanted, now)
	var times []any
	for _, c := range wanted["conditions"].([]any) {
		times = append(times, c.(object)["lastTransitionTime"])
	}
	const since = "2026-02-03T03:05:06Z"
	require.Equal(t, []any{"2026-01-01T00:00:00Z", since, since, since}, times)
	timed(before, object{"egressIP": "x"}, now) // there is nothing to do
}

// The addresses of a Service are those that its status has, in order, as such of nodes.
func TestHasIngress(t *testing.T) {
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	status := func(entries ...any) object { return object{"loadBalancer": object{"ingress": entries}} }
	for name, c := range map[string]struct {
		status object
		addrs  []netip.Addr
		has    bool
	}{
		"none":               {nil, nil, true},
		"not yet":            {nil, []netip.Addr{one}, false},
		"one":                {status(object{"ip": "192.0.2.1"}), []netip.Addr{one}, true},
		"of this mode":       {status(object{"ip": "192.0.2.1", "ipMode": "VIP"}), []netip.Addr{one}, true},
		"of another mode":    {status(object{"ip": "192.0.2.1", "ipMode": "Proxy"}), []netip.Addr{one}, false},
		"with a name":        {status(object{"ip": "192.0.2.1", "hostname": "x.test"}), []netip.Addr{one}, false},
		"another":            {status(object{"ip": "192.0.2.2"}), []netip.Addr{one}, false},
		"two":                {status(object{"ip": "192.0.2.1"}, object{"ip": "2001:db8::1"}), []netip.Addr{one, two}, true},
		"in another order":   {status(object{"ip": "2001:db8::1"}, object{"ip": "192.0.2.1"}), []netip.Addr{one, two}, false},
		"one more":           {status(object{"ip": "192.0.2.1"}, object{"ip": "2001:db8::1"}), []netip.Addr{one}, false},
		"what is no address": {status("x"), []netip.Addr{one}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.has, hasIngress(c.status, c.addrs)) })
	}
	service := &Service{Addrs: []netip.Addr{one, two}}
	require.True(t, hasIngress(service.ingress(), service.Addrs))
}

// An address is with the node that has said so last, of several at once with the first.
func TestHolder(t *testing.T) {
	at := func(second int) metav1.Time { return metav1.Unix(int64(second), 0) }
	s := newScene()
	say := func(name string, second int, addrs ...string) {
		s.nodes[name] = &nodestatus.NodeStatus{Status: nodestatus.Status{Addresses: addrs, Renewed: at(second)}}
	}
	addr := netip.MustParseAddr("192.0.2.1")
	require.Empty(t, s.holder(addr))
	say("b", 10, "192.0.2.9", "192.0.2.1")
	require.Equal(t, "b", s.holder(addr))
	say("c", 9, "192.0.2.1")
	require.Equal(t, "b", s.holder(addr))
	say("a", 10, "192.0.2.1")
	require.Equal(t, "a", s.holder(addr))
	say("c", 11, "192.0.2.1")
	require.Equal(t, "c", s.holder(addr))
	say("c", 12)
	require.Equal(t, "a", s.holder(addr))
}

// The status of an Egress says who has its address, and why it has none.
func TestEgressStatus(t *testing.T) {
	addr := netip.MustParseAddr("192.0.2.1")
	refusal := &Refusal{Code: "HG2020", Message: "the pool is empty", Field: "spec.externalIPPool"}
	for name, c := range map[string]struct {
		egress     Egress
		refusal    *Refusal
		held       bool
		ip, node   string
		conditions []any
	}{
		"held": {Egress{Addr: addr, Pooled: true}, nil, true, "192.0.2.1", "n1", []any{
			object{"type": conditionAllocated, "status": "True", "reason": "Allocated", "message": "it has an address"},
			object{"type": conditionAssigned, "status": "True", "reason": "Assigned", "message": "a node holds its address"}}},
		"on its way": {Egress{Addr: addr, Pooled: true}, nil, false, "192.0.2.1", "", []any{
			object{"type": conditionAllocated, "status": "True", "reason": "Allocated", "message": "it has an address"},
			object{"type": conditionAssigned, "status": "False", "reason": "AssignmentError", "message": "no node says that it holds its address"}}},
		"of a node": {Egress{Addr: addr}, nil, true, "192.0.2.1", "n1", []any{
			object{"type": conditionAssigned, "status": "True", "reason": "Assigned", "message": "a node holds its address"}}},
		"without": {Egress{Pooled: true}, refusal, true, "", "", []any{
			object{"type": conditionAllocated, "status": "False", "reason": "AllocationError", "message": "HG2020: the pool is empty (spec.externalIPPool)"},
			object{"type": conditionAssigned, "status": "False", "reason": "AssignmentError", "message": "no node says that it holds its address"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			if c.held {
				s.nodes["n1"] = &nodestatus.NodeStatus{Status: nodestatus.Status{Addresses: []string{"192.0.2.1"}}}
			}
			require.Equal(t, object{"egressIP": c.ip, "egressNode": c.node, "conditions": c.conditions}, s.egress(&c.egress, c.refusal))
		})
	}
}
