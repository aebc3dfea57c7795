// The grammar of headgate's policy language; spec.md, section 12, defines the language and gives the same grammar for people.
//
// Every keyword may also be a name where a name is expected. Where only WORD stands, as for the name of a let, it may not.
// The only newlines that matter are those that end comments.
grammar Headgate;

file: (importing | declaration)* EOF;

importing: 'import' path=STRING;

declaration
    : 'let' label=WORD '=' term (',' term)*                                     # let
    | 'namespace' name meta (block='{' declaration* '}')?                       # namespace
    | standing? 'policy' name meta ('tier' tier=name)? ('priority' priority=NUMBER)? ('for' peers)? '{' policyRule* '}' # policy
    | 'tier' name meta 'priority' priority=NUMBER description=STRING?           # tier
    | 'group' name meta '=' peers                                               # group
    | 'egress' name meta 'for' peers ('as' addrs=words)? ('from' 'pool' pools=words)? ('limit' rate=NUMBER 'burst' burst=NUMBER)? body? # egress
    | 'pool' name meta '=' words ('gateway' gateway=address)? ('vlan' vlan=NUMBER)? ('on' limited='nodes' selector?)? # pool
    | 'node' name meta ('at' addrs=words)? ('pods' prefixes=words)? body?       # node
    | 'pod' name meta ('on' host=name)? ('at' addrs=words)? listens? body?      # pod
    | 'service' name meta ('type' type=name)? ('for' selects='pods' selector?)? ('at' addrs=words)? listens? body? # service
    | 'machine' name meta 'interfaces' '(' face (',' face)* ')'                 # machine
    | 'entity' name meta ('of' machine=name)? ('at' addrs=words)? listens? body? # entity
    | 'object' version=name kind=name name meta body                            # object
    | 'expect' verdict=('allow' | 'drop' | 'reject') 'from' source=peers 'to' destination=peers ('on' ports)? # expect
    ;

// A list of peers, or of ports: which of both is told by its items together, so that no item needs a look at all others.
term: peer | port;

standing: legacy='legacy'? level=('admin' | 'baseline');

meta: (own=labels)? ('annotated' notes=labels)?;

labels: '(' (pair (',' pair)*)? ')';

pair: key=name '=' val=name;

// Rules of policies.

policyRule: LABEL? verb=('allow' | 'drop' | 'reject' | 'pass') way=('from' | 'to') others=peers ('on' ports)? ('for' subjects=peers)? (log='log' label=STRING?)?;

peers: peer (',' peer)*;

peer
    : 'any'                                                                     # anyPeer
    | 'none'                                                                    # nonePeer
    | what=('pods' | 'machines') selector? ('in' place)?                        # memberPeer
    | place                                                                     # placePeer
    | 'nodes' selector?                                                         # nodesPeer
    | what=('group' | 'account' | 'service' | 'pod' | 'node' | 'domain') name   # namedPeer
    | address ('except' addresses)?                                             # blockPeer
    | WORD                                                                      # referencePeer
    ;

addresses: address | '(' address (',' address)* ')';

place
    : 'namespaces' selector?                                                    # selectedPlace
    | 'namespace' name                                                          # namedPlace
    | 'own' 'namespace'                                                         # ownPlace
    | 'namespaces' 'with' 'same' '(' name (',' name)* ')'                       # samePlace
    ;

selector: '(' (requirement (',' requirement)*)? ')';

requirement
    : name sign=('=' | '!=') name                                               # equal
    | name negated='not'? 'in' '(' name (',' name)* ')'                         # among
    | negated='!'? name                                                         # exists
    ;

// Ports.

ports: port (',' port)*;

port
    : transport val=(NUMBER | WORD | STRING)? ('source' origin=NUMBER)?         # transportPort
    | val=NUMBER ('source' origin=NUMBER)?                                      # anotherPort
    | 'icmp' val=NUMBER?                                                        # icmpPort
    | 'igmp' val=NUMBER? ('group' address)?                                     # igmpPort
    | 'port' val=(WORD | STRING)                                                # namedPort
    | val=WORD                                                                  # referencePort
    ;

transport: 'tcp' | 'udp' | 'sctp';

listens: 'ports' '(' listen (',' listen)* ')';

listen: (name '=')? transport number=NUMBER ('to' target=(NUMBER | WORD | STRING))? ('node' host=NUMBER)?;

face: (name '=')? addresses;

// Fields of Kubernetes objects.

body: '{' field* '}';

field: name '=' value;

value
    : word                                                                      # scalar
    | '[' (value (',' value)*)? ']'                                             # list
    | '{' (field (',' field)*)? '}'                                             # mapping
    ;

// Words.

words: word (',' word)*;

word: name | ADDRESS;

address: NUMBER | ADDRESS;

name: WORD | NUMBER | STRING | keyword;

keyword
    : 'import' | 'let' | 'namespace' | 'policy' | 'tier' | 'priority' | 'for' | 'group' | 'egress' | 'as' | 'from' | 'pool' | 'limit'
    | 'burst' | 'gateway' | 'vlan' | 'on' | 'nodes' | 'node' | 'at' | 'pods' | 'pod' | 'service' | 'type' | 'machine' | 'interfaces'
    | 'entity' | 'of' | 'object' | 'expect' | 'allow' | 'drop' | 'reject' | 'pass' | 'to' | 'legacy' | 'admin' | 'baseline' | 'annotated'
    | 'log' | 'any' | 'none' | 'machines' | 'in' | 'account' | 'domain' | 'except' | 'namespaces' | 'own' | 'with' | 'same' | 'not'
    | 'source' | 'icmp' | 'igmp' | 'port' | 'ports' | 'tcp' | 'udp' | 'sctp'
    ;

// Tokens. The longest match counts, then the first.

LABEL: (WORD | NUMBER | STRING) ':';

ADDRESS: SIX ('/' DIGIT+)? ('-' SIX)?;

NUMBER: DIGIT TAIL* | '-' DIGIT TAIL*;

WORD: [A-Za-z_*] TAIL*;

STRING: '"' (~["\\\r\n] | '\\' ~[\r\n])* '"';

SPACE: [ \t\r\n]+ -> skip;

COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);

// What begins no token is one of its own, so that the parser tells of it.
STRAY: .;

fragment DIGIT: [0-9];

fragment HEX: [0-9A-Fa-f];

fragment SIX: HEX* ':' HEX* ':' [0-9A-Fa-f:.]*;

fragment TAIL: [A-Za-z0-9_.*-] | '/' [A-Za-z0-9_*];
