package crd

// NodeStatus is written by agents alone.

// headgate describes package nodestatus.
func headgate() map[string]object {
	count := func(doc string) field { return field{doc: doc, check: props{"minimum": 0}} }
	keyed := func(key string) props {
		return props{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []string{key}}
	}
	return map[string]object{
		"nodestatus.NodeStatus": {doc: "What the node of the same name has in force. Its agent alone writes it, and it goes when the Node goes."},
		"nodestatus.Status": {
			required: []string{"generation", "renewed", "counts", "rejectedTotal"},
			fields: map[string]field{
				"generation":    count("The number of the generation in force, which each node counts for itself; 0: none yet."),
				"hash":          named("The hash of what all dataplanes hold together: equal rules have equal ones."),
				"targets":       {doc: "The dataplanes.", check: props{"x-kubernetes-list-type": "set"}},
				"since":         named("When the generation was put in force; absent if that was before the agent started."),
				"renewed":       named("When the agent last said that this is how it is: every minute at least, while it runs."),
				"agent":         named("The agent's version."),
				"seen":          {doc: "What of the API the generation in force includes.", check: keyed("resource")},
				"counts":        named("How much is in force."),
				"rejected":      {doc: "Objects whose last text is not in force.", check: props{"maxItems": 100}},
				"rejectedTotal": count("How many such objects there are."),
				"error":         named("Why what is declared last could not be put in force; absent if it is."),
				"addresses":     {doc: "The addresses of Egresses and Services that the node holds.", check: props{"x-kubernetes-list-type": "set"}},
				"conditions":    {doc: "The aspects of the node's state: Ready says whether all that is declared and not rejected is in force.", check: keyed("type")},
			},
		},
		"nodestatus.Seen": {
			doc:      "The newest version of a resource that is included.",
			required: []string{"resource", "version"},
			fields: map[string]field{
				"resource": named("The resource with its group, as in networkpolicies.networking.k8s.io, or pods."),
				"version":  named("A resourceVersion: of an object, of a list or of a bookmark."),
			},
		},
		"nodestatus.Counts": {
			required: []string{"policies", "rules", "sets", "elements", "flows", "services", "endpoints"},
			fields: map[string]field{
				"policies":  count("Policies that have a rule, or isolate a pod, on the node."),
				"rules":     count("Rules of nftables."),
				"sets":      count("Sets and maps of nftables."),
				"elements":  count("Elements of these."),
				"flows":     count("Flows of OpenFlow."),
				"services":  count("Services that the node serves."),
				"endpoints": count("Endpoints to which it leads their clients."),
			},
		},
		"nodestatus.Rejected": {
			doc:      "An object whose last text is not in force.",
			required: []string{"kind", "name", "code", "message", "previous"},
			fields: map[string]field{
				"kind":      named("The kind with its group, as in NetworkPolicy.networking.k8s.io, or Pod."),
				"namespace": named("The namespace, of objects that have one."),
				"name":      named("The name."),
				"code":      named("The code of the diagnostic."),
				"message":   named("What is wrong."),
				"field":     named("Where in the object."),
				"previous":  named("Whether what the object said before is in force, also if it is gone now."),
			},
		},
	}
}

// nodeColumns are what kubectl get nodestatus shows.
func nodeColumns(age props) []props {
	return []props{
		column("Ready", "string", `.status.conditions[?(@.type=="Ready")].status`, "Whether all that is declared and not rejected is in force."),
		column("Generation", "integer", ".status.generation", "The number of the generation in force."),
		column("Hash", "string", ".status.hash", "The hash of what is in force."),
		column("Rejected", "integer", ".status.rejectedTotal", "How many objects are not in force as they are."),
		column("Since", "date", ".status.since", "When it was put in force."),
		column("Renewed", "date", ".status.renewed", "When the agent was last heard of."),
		age,
	}
}
