package crd

// What several kinds share.

const (
	// A label's key without and with a prefix, and its value: Kubernetes documentation, "Labels and Selectors".
	labelName   = `([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]`
	labelKey    = `^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?` + labelName + `$`
	labelValue  = `^(` + labelName + `)?$`
	maxLabelKey = 317 // a prefix of 253, a slash, a name of 63
	maxPort     = 65535
	// The tiers that there are by themselves, with their priorities.
	builtinTiers = "{'emergency': 50, 'securityops': 100, 'networkops': 150, 'platform': 200, 'application': 250, 'baseline': 253}"
)

func enum(values ...any) props { return props{"enum": values} }

func between(low, high any) props { return props{"minimum": low, "maximum": high} }

func port() props { return between(1, maxPort) }

// portLabel is a port's name: IANA_SVC_NAME of the Kubernetes API, with one letter at least and no two hyphens in a row.
func portLabel() props {
	return props{"maxLength": 15, "pattern": `^([a-z0-9]+-)*[a-z0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$`}
}

// objectName is the name of most objects: DNS_SUBDOMAIN of the Kubernetes API.
func objectName() props {
	return props{"maxLength": 253, "pattern": `^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`}
}

// namespaceName is the name of a namespace or Service: DNS_LABEL of the Kubernetes API.
func namespaceName() props {
	return props{"maxLength": 63, "pattern": `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`}
}

// orEmpty lets a pattern match the empty string too, which means what an absent field means.
func orEmpty(check props) props {
	pattern := check["pattern"].(string)
	return merge(check, props{"pattern": "^(" + pattern[1:len(pattern)-1] + ")?$"})
}

// address is an IP address of either family.
func address() props {
	return merge(props{"maxLength": 45}, rules(cel("isIP(self)", "not an IP address")))
}

// list limits the number of items.
func list(low, high int) props { return props{"minItems": low, "maxItems": high} }

// items adds what each item of a list must keep.
func items(check props) props { return props{"items": check} }

// one is an object of which exactly one field is given.
func one() props { return props{"minProperties": 1, "maxProperties": 1} }

// selector is a LabelSelector. In and NotIn need values, Exists and DoesNotExist take none (LabelSelectorRequirement).
func selector() props {
	values := props{"values": props{"minItems": 1}}
	none := props{"values": props{"maxItems": 0}}
	requirement := props{
		"type":        "object",
		"description": "A requirement on the labels.",
		"required":    []string{"key", "operator"},
		"properties": props{
			"key":      props{"type": "string", "description": "The label's key.", "maxLength": maxLabelKey, "pattern": labelKey},
			"operator": props{"type": "string", "description": "How the label's value relates to values.", "enum": []any{"In", "NotIn", "Exists", "DoesNotExist"}},
			"values": props{
				"type":        "array",
				"description": "The values: at least one for In and NotIn, none for Exists and DoesNotExist.",
				"items":       props{"type": "string", "pattern": labelValue},
			},
		},
		"oneOf": []any{
			props{"required": []string{"values"}, "properties": merge(values, props{"operator": enum("In", "NotIn")})},
			props{"properties": merge(none, props{"operator": enum("Exists", "DoesNotExist")})},
		},
	}
	return props{
		"type":                  "object",
		"x-kubernetes-map-type": "atomic",
		"properties": props{
			"matchLabels": props{
				"type":                 "object",
				"description":          "Labels that must be there with just these values.",
				"additionalProperties": props{"type": "string", "pattern": labelValue},
			},
			"matchExpressions": props{"type": "array", "description": "Requirements that must all hold.", "items": requirement},
		},
	}
}

// condition is a meta/v1 Condition as the Kubernetes API defines it.
func condition() props {
	return props{
		"type":        "object",
		"description": "One aspect of the object's state.",
		"required":    []string{"type", "status", "lastTransitionTime", "reason", "message"},
		"properties": props{
			"type":               props{"type": "string", "description": "The aspect.", "maxLength": 316},
			"status":             props{"type": "string", "description": "Whether it holds.", "enum": []any{"True", "False", "Unknown"}},
			"observedGeneration": props{"type": "integer", "format": "int64", "minimum": 0, "description": "The generation of the object that this is about."},
			"lastTransitionTime": props{"type": "string", "format": "date-time", "description": "When status changed last."},
			"reason":             props{"type": "string", "description": "One word for machines that says why.", "minLength": 1, "maxLength": 1024},
			"message":            props{"type": "string", "description": "A sentence for people.", "maxLength": 32768},
		},
	}
}

// looseCondition is Antrea's, whose parts are all optional strings.
func looseCondition() props {
	text := func(doc string) props { return props{"type": "string", "description": doc} }
	return props{
		"type":        "object",
		"description": "One aspect of the object's state.",
		"properties": props{
			"type": text("The aspect."), "status": text("Whether it holds."), "lastTransitionTime": text("When status changed last."),
			"reason": text("One word for machines that says why."), "message": text("A sentence for people."),
		},
	}
}

func conditions() props {
	return props{"type": "array", "description": "The aspects of the object's state.", "items": looseCondition()}
}

// groupStatus is the status of Antrea's groups.
func groupStatus() props {
	return props{"type": "object", "description": "What has been observed.", "properties": props{"conditions": conditions()}}
}

// policyStatus is the status of Antrea's policies.
func policyStatus() props {
	count := func(doc string) props { return props{"type": "integer", "description": doc} }
	return props{
		"type":        "object",
		"description": "How far the nodes are with the policy.",
		"properties": props{
			"phase":                props{"type": "string", "description": "Pending, Realizing, Realized or Failed."},
			"observedGeneration":   count("The generation of the policy that this is about."),
			"currentNodesRealized": count("How many nodes enforce that generation."),
			"desiredNodesRealized": count("How many nodes have to."),
			"conditions":           conditions(),
		},
	}
}
