// The parts of the specifications in network-policy-rows.ts.

export const dnsPorts = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
export const exposed = { expose: 'true' } as const;
export const from = (peer: object, port?: number) => rule('ingress', 'from', peer, port);
export const to = (peer: object, port?: number) => rule('egress', 'to', peer, port);
export const namespaces = (matchLabels: object) => ({ namespaceSelector: { matchLabels } });
export const named = (name: string) => namespaces({ 'kubernetes.io/metadata.name': name });
export const block = (cidr: string, ...except: string[]) => ({
  ipBlock: except.length === 0 ? { cidr } : { cidr, except },
});

function rule(direction: 'ingress' | 'egress', side: 'from' | 'to', peer: object, port: number | undefined) {
  const ports = port === undefined ? {} : { ports: [{ port }] };
  return {
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    [direction]: [{ [side]: [peer], ...ports }],
  };
}
