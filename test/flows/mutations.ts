// Ways to break the reading of flow logs, one at a time. A trap must notice each.
import type { Mistake } from '../mutations/edit.ts';

const mistake = (file: string, name: string, from: string, to: string): Mistake => ({
  name,
  edits: [{ file: `src/flows/${file}`, from, to }],
});

const rules = 'hubble-rules.ts';
const ends = 'hubble-ends.ts';

export const mutations: readonly Mistake[] = [
  mistake(rules, 'lines of type SOCK count', "applies: ({ type }) => type === 'SOCK'", 'applies: () => false'),
  mistake(rules, 'lines of type L7 count', "type === 'L7' || (type === undefined && hasL7)", 'false'),
  mistake(rules, 'a masked type leaves the line out', "type !== undefined && type !== 'L3_L4'", "type !== 'L3_L4'"),
  mistake(rules, 'replies count', 'applies: ({ isReply }) => isReply === true', 'applies: () => false'),
  mistake(rules, 'the older name of is_reply is not read', "own(flow, 'reply') === true ||", ''),
  mistake(rules, 'SYN with ACK begins a connection', "&& own(flags, 'ACK') !== true", ''),
  mistake(
    rules,
    'TCP in mid-connection counts',
    "facts.l4 === 'TCP' && facts.isReply === undefined && !isOpening(facts)",
    'false',
  ),
  mistake(
    rules,
    'UDP of unknown direction has one',
    'isOpening(facts) : facts.hasDirection',
    'isOpening(facts) : true',
  ),
  mistake(
    rules,
    'every drop is a denial',
    "facts.verdict === 'DROPPED' && !isPolicyDrop(facts)",
    "facts.verdict === 'DROP' && !isPolicyDrop(facts)",
  ),
  mistake(rules, 'an explicit denial is no denial', "'POLICY_DENIED', 'POLICY_DENY',", "'POLICY_DENIED',"),
  mistake(rules, 'REDIRECTED is left out', "REDIRECTED: 'happened',", ''),
  mistake(rules, 'AUDIT has happened', "AUDIT: 'would-be-denied'", "AUDIT: 'happened'"),
  mistake(rules, 'an echo reply counts', "l4 === 'ICMPv4' && own(l4Fields, 'type') === undefined", 'false'),
  mistake(
    ends,
    'the metadata service is an address like any other',
    'address !== undefined && isMetadataAddress(address)',
    'false',
  ),
  mistake(ends, 'the address of a Service is outside', 'endpoint.service !== undefined && (', 'false && ('),
  mistake(
    ends,
    'the API server is a node',
    "applies: (endpoint) => is(endpoint, [7], 'kube-apiserver')",
    'applies: () => false',
  ),
  mistake(
    ends,
    'labels decide before the identity',
    'const isNumbered = ({ identity }: Endpoint): boolean => identity >= 1 && identity <= 11',
    'const isNumbered = ({ identity }: Endpoint): boolean => identity > 99',
  ),
  mistake(ends, 'a node is known by its label only', '|| scopeOf(endpoint.identity) === 2', ''),
  mistake(ends, 'an address of a CIDR is not outside', 'scopeOf(endpoint.identity) === 1', 'false'),
  mistake(
    'cilium-labels.ts',
    'labels of the namespace are the Pod’s',
    'withoutPassing(pod) : undefined',
    'pod : undefined',
  ),
  mistake('join.ts', 'the workload is not joined', 'onlyOwner(candidates) ?? onlyOwner(namesakes)', 'undefined'),
  mistake('join.ts', 'a Pod of another cluster is ours', '!ends.ourClusters.has(cluster)', 'false'),
  mistake('ledger.ts', 'a Service counts beside its Pod', 'connections?.meets(toPods) === true', 'false'),
  mistake(
    'reconcile.ts',
    'a reply without direction stays',
    'directed.has(keyOf(to, from, protocol, sourcePort))',
    'false',
  ),
  mistake(
    'calico-ends.ts',
    'the name of a network comes before the type',
    'types.get(raw.type) ??',
    "(publicNames.has(raw.name) ? 'network' : undefined) ?? types.get(raw.type) ??",
  ),
  mistake(
    'calico-ends.ts',
    'a private network is outside',
    "['pub', 'PUBLIC NETWORK']",
    "['pub', 'PUBLIC NETWORK', 'pvt', 'PRIVATE NETWORK']",
  ),
  mistake('container-line.ts', 'pieces of a line are not joined', "tag === 'P' &&", "tag === 'p' &&"),
  mistake('container-line.ts', 'streams share their pieces', '[pod, stream]', '[pod]'),
  mistake('container-line.ts', 'a prefix of kubectl stays', "podPrefix.exec(line)?.[0] ?? ''", "''"),
  mistake('container-line.ts', 'a timestamp of kubectl stays', "written.replace(timestamp, '')", 'written'),
  mistake('aws.ts', 'IPv6 has no colons', 'Proto:? (?<protocol>', 'Proto (?<protocol>'),
];
