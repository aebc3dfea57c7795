package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// evalInput is what eval and reach work with.
type evalInput struct {
	program   *ir.Program
	objects   *manifest.Objects
	endpoints map[netip.Addr]*ir.Endpoint
}

func newEvalInput(g *generation) *evalInput {
	return &evalInput{g.result.Program, g.objects, endpointsOf(g.result.Program)}
}

func endpointsOf(p *ir.Program) map[netip.Addr]*ir.Endpoint {
	out := map[netip.Addr]*ir.Endpoint{}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			out[a.Unmap()] = e
		}
	}
	return out
}

// servicePrefix begins the name of a Service as a place.
const servicePrefix = "service/"

// find is place.Find that knows why a Service is no place.
func (in *evalInput) find(text, namespace string) (place.Place, error) {
	name, isService := strings.CutPrefix(text, servicePrefix)
	if !isService {
		return place.Find(in.program, text, namespace)
	}
	s, err := in.service(name, namespace)
	if err != nil {
		return place.Place{}, err
	}
	return place.Find(in.program, servicePrefix+s.String(), namespace)
}

// service finds a Service that nodes balance, by NAMESPACE/NAME or NAME, and has cluster addresses; else the error says why not.
func (in *evalInput) service(text, namespace string) (*ir.Service, error) {
	if !strings.Contains(text, "/") {
		text = namespace + "/" + text
	}
	space, name, _ := strings.Cut(text, "/")
	declared := in.declared(space, name)
	if declared == nil {
		return nil, fmt.Errorf("there is no Service %s%s", text, in.similar(text))
	}
	at := rule{Object: "Service " + text, File: declared.Pos.File, Line: declared.Pos.Line, Column: declared.Pos.Col}
	switch {
	case declared.Type == manifest.ExternalName:
		return nil, fmt.Errorf("%s is of type ExternalName, which is a name and nothing to balance: clients dial %s", at, declared.ExternalName)
	case declared.Headless:
		return nil, fmt.Errorf("%s is headless: there is nothing to balance, clients dial its pods themselves%s", at, in.podsText(declared))
	}
	i := slices.IndexFunc(in.program.Services, func(s *ir.Service) bool { return s.String() == text })
	switch {
	case i < 0:
		return nil, fmt.Errorf("%s is left to another proxy, by its label %s or %s", at, manifest.ProxyNameLabel, manifest.HeadlessLabel)
	case len(in.program.Services[i].ClusterIPs) == 0:
		return nil, fmt.Errorf("%s has no cluster address: add spec.clusterIP as the cluster gave it, or dial a node port", at)
	}
	return in.program.Services[i], nil
}

func (in *evalInput) declared(namespace, name string) *manifest.Service {
	for _, s := range in.objects.Services {
		if s.Namespace == namespace && s.Name == name {
			return s
		}
	}
	return nil
}

// podsText names the pods that a Service selects.
func (in *evalInput) podsText(s *manifest.Service) string {
	var names []string
	for _, pod := range in.objects.Pods {
		if len(s.Selector) > 0 && pod.Namespace == s.Namespace && len(pod.Addrs) > 0 && hasLabels(pod, s.Selector) {
			names = append(names, pod.Namespace+"/"+pod.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return ": " + enough(names)
}

func (in *evalInput) similar(text string) string {
	var names []string
	for _, s := range in.objects.Services {
		names = append(names, s.Namespace+"/"+s.Name)
	}
	if len(names) == 0 {
		return ": the input has no Services"
	}
	return likeWords(text, names)
}

// likeWords asks for up to three of the words that are most like one, if any are.
func likeWords(word string, words []string) string {
	_, short, _ := strings.Cut(word, "/")
	far := func(w string) int {
		if _, other, _ := strings.Cut(w, "/"); short != "" && short == other {
			return 0 // the same name elsewhere
		}
		return distance(word, w)
	}
	like := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return far(w) > max(2, len(word)/4) })
	slices.SortFunc(like, func(a, b string) int { return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a, b)) })
	return didYouMean(like[:min(len(like), 3)])
}

// traffic reads --port, which may be the name of a port if the destination is a Service.
func (in *evalInput) traffic(text string, to place.Place) (place.Traffic, error) {
	name, isService := strings.CutPrefix(to.Name, servicePrefix)
	if !isService {
		return place.ParseTraffic(text)
	}
	s, err := in.service(name, "")
	if err != nil {
		return place.Traffic{}, err
	}
	what, src, hasSource := strings.Cut(text, "<")
	traffic, err := place.ParseTraffic(text)
	if err == nil && !traffic.Proto.HasPorts() {
		return traffic, nil
	}
	p, err := findPort(s, what)
	if err != nil {
		return place.Traffic{}, err
	}
	text = p.String()
	if hasSource {
		text += "<" + src
	}
	return place.ParseTraffic(text)
}

// findPort finds a port of a Service by "NAME", "NUMBER" or "PROTOCOL/NUMBER". A number alone is the first port that has it.
func findPort(s *ir.Service, text string) (*ir.ServicePort, error) {
	proto, number, hasProto := strings.Cut(text, "/")
	if !hasProto {
		number = proto
	}
	var near []string
	for i := range s.Ports {
		p := &s.Ports[i]
		isNumber := fmt.Sprint(p.Port) == number
		switch {
		case isNumber && (!hasProto || strings.EqualFold(proto, p.Proto.String())), p.Name != "" && p.Name == text:
			return p, nil
		case isNumber, p.NodePort != 0 && fmt.Sprint(p.NodePort) == number, slices.ContainsFunc(p.Backends, func(b ir.Backend) bool { return fmt.Sprint(b.Port) == number }),
			p.Name != "" && distance(p.Name, text) <= max(1, len(p.Name)/3):
			near = append(near, portText(p))
		}
	}
	about := havePorts(s)
	if len(near) > 0 {
		about = ": did you mean " + strings.Join(near, " or ") + "?"
	}
	//lint:ignore ST1005 a Service is a kind, and written like one
	return nil, fmt.Errorf("Service %s (%s) has no port %s%s", s, s.Origin.Pos, text, about)
}
