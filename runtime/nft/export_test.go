package nft

// Crowd leaves hardly any room for what the kernel tells of changes, whoever begins to listen from now on.
func (d *Dataplane) Crowd() { d.room = 1 }
