package controller

import (
	"reflect"
	"time"
)

// condition is an aspect of an object's state. A generation of 0 is left out.
type condition struct {
	kind, status, reason, message string
	generation                    int64
}

// conditionComputed is Antrea's one condition of groups.
const conditionComputed = "GroupMembersComputed"

// members is the status of a group. Its conditions have no room for a reason: Events and the webhook have that.
func members(known bool) map[string]any {
	status := map[bool]string{false: "False", true: "True"}[known]
	return map[string]any{"conditions": []any{map[string]any{"type": conditionComputed, "status": status}}}
}

// object is a condition as it is written, but for the time.
func (c condition) object() map[string]any {
	out := map[string]any{"type": c.kind, "status": c.status, "reason": c.reason, "message": c.message}
	if c.generation != 0 {
		out["observedGeneration"] = c.generation
	}
	return out
}

// conditionIn finds a condition; nil if it is not there.
func conditionIn(list []any, kind string) map[string]any {
	for _, item := range list {
		if c, ok := item.(map[string]any); ok && c["type"] == kind {
			return c
		}
	}
	return nil
}

// says reports whether a status says what is wanted of it, whatever else it says. What is wanted empty may be absent. Conditions are
// those of their type, whenever they became so.
func says(status, wanted map[string]any) bool {
	for key, want := range wanted {
		is, there := status[key]
		list, conditions := want.([]any)
		switch below, nested := want.(map[string]any); {
		case key == "conditions" && conditions:
			if !saysConditions(is, list) {
				return false
			}
		case nested:
			inside, _ := is.(map[string]any)
			if !says(inside, below) {
				return false
			}
		case !there:
			if !reflect.ValueOf(want).IsZero() {
				return false
			}
		case !reflect.DeepEqual(is, want):
			return false
		}
	}
	return true
}

func saysConditions(is any, wanted []any) bool {
	list, _ := is.([]any)
	for _, item := range wanted {
		want := item.(map[string]any)
		has := conditionIn(list, want["type"].(string))
		if has == nil || !says(has, want) {
			return false
		}
	}
	return true
}

// timed gives conditions the times since when they are so: those of conditions that say the same of their status.
func timed(status, wanted map[string]any, now time.Time) {
	list, _ := wanted["conditions"].([]any)
	before, _ := status["conditions"].([]any)
	for _, item := range list {
		want := item.(map[string]any)
		has := conditionIn(before, want["type"].(string))
		if at, _ := has["lastTransitionTime"].(string); at != "" && has["status"] == want["status"] {
			want["lastTransitionTime"] = at
			continue
		}
		want["lastTransitionTime"] = now.UTC().Format(time.RFC3339)
	}
}
