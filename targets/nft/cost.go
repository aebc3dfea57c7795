package nft

// Cost counts what a ruleset puts into the kernel. What one packet costs is Evaluator.Trace's to tell.
type Cost struct {
	Sets     int `json:"sets"` // maps included
	Chains   int `json:"chains"`
	Rules    int `json:"rules"`
	Elements int `json:"elements"`
}

// CostOf counts a ruleset.
func CostOf(rs *Ruleset) Cost {
	var c Cost
	for _, s := range rs.AllSets() {
		c.Sets++
		c.Elements += len(s.Elements)
	}
	for _, chain := range rs.AllChains() {
		c.Chains++
		c.Rules += len(chain.Rules)
	}
	return c
}
