package api

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// NeedList is headgate's own: the file that says what no policy may cut a node off from.
type NeedList struct {
	Needs []Need `json:"needs"`
}

// Need is one entry.
type Need struct {
	Name      string     `json:"name"`
	Ports     []NeedPort `json:"ports"`
	Direction string     `json:"direction"`
	Of        *NeedOf    `json:"of"`
	Peers     NeedPeers  `json:"peers"`
}

// NeedPort is a port or a range of ports, or those that Services have.
type NeedPort struct {
	Protocol string `json:"protocol"`
	Port     int32  `json:"port"`
	EndPort  *int32 `json:"endPort"`
	Services string `json:"services"`
}

// NeedOf says whose need it is.
type NeedOf struct {
	Role         string                `json:"role"`
	NodeSelector *metav1.LabelSelector `json:"nodeSelector"`
}

// NeedPeers says with whom traffic must be possible.
type NeedPeers struct {
	NeedOf `json:",inline"`
	CIDR   string `json:"cidr"`
}
