import { describe, expect, it } from 'vitest';
import { leadsOf, web } from './leads.ts';

describe.each(['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'])('a %s', (kind) => {
  const route = (parents: string, rule: string) => `${web}---
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: r}
spec: {parentRefs: ${parents}, rules: [${rule}]}
`;
  const gateway = (allowed: string, namespace = 'infra') => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: ${namespace}}
spec: {listeners: [{name: web, allowedRoutes: ${allowed}}, {name: own}]}
`;
  const toWeb = '{backendRefs: [{name: web, port: 80}]}';
  const infra = '[{name: public, namespace: infra}]';
  const lead = `${kind}/r: spec.rules[0].backendRefs[0] (Service web, port 80) -> TCP 80:web`;

  it('leads to the Services of its rules, by a Gateway that is not here as well', () => {
    expect(leadsOf(route(infra, toWeb))).toEqual([lead]);
  });

  it('leads to those that get a copy, and not to those without a weight or of another kind', () => {
    const rule =
      '{backendRefs: [{name: web, weight: 0}, {kind: Bucket, group: x.example, name: web}, {name: web, port: 9090}], filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}}}]}';
    expect(leadsOf(route(infra, rule))).toEqual([
      `${kind}/r: spec.rules[0].backendRefs[2] (Service web, port 9090) -> TCP 9090:9090`,
      `${kind}/r: spec.rules[0].filters[0].requestMirror.backendRef (Service web, port 80) -> TCP 80:web`,
    ]);
  });

  it.each([
    ['of every namespace', '{namespaces: {from: All}}', 1],
    ['of its own namespace only, by default', '{}', 0],
    ['of none', '{namespaces: {from: None}}', 0],
    ['of namespaces by label', '{namespaces: {from: Selector, selector: {matchLabels: {gateway: "yes"}}}}', 1],
    ['of namespaces with another label', '{namespaces: {from: Selector, selector: {matchLabels: {gateway: "no"}}}}', 0],
  ])('attaches to a Gateway that takes routes %s, or does not', (_, allowed, count) => {
    const namespaces = { shop: { gateway: 'yes' } };
    expect(leadsOf(route(infra, toWeb) + gateway(allowed), namespaces)).toHaveLength(count);
  });

  it('attaches to the named listener only', () => {
    const all = '{namespaces: {from: All}}';
    const named = (name: string) => route(`[{name: public, namespace: infra, sectionName: ${name}}]`, toWeb);
    expect(leadsOf(named('web') + gateway(all))).toEqual([lead]);
    expect(leadsOf(named('own') + gateway(all))).toEqual([]);
  });

  it('of a mesh, whose parent is a Service, lets nobody in', () => {
    expect(leadsOf(route('[{group: "", kind: Service, name: web}]', toWeb))).toEqual([]);
    expect(leadsOf(route('[]', toWeb))).toEqual([]);
  });

  it('needs a ReferenceGrant for a Service of another namespace', () => {
    const bank = `---
{apiVersion: v1, kind: Service, metadata: {name: ledger, namespace: bank}, spec: {selector: {app: ledger}, ports: [{port: 80}]}}
`;
    const grant = (from: string, to: string) => `---
{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: g, namespace: bank}, spec: {from: [${from}], to: [${to}]}}
`;
    const from = `{group: gateway.networking.k8s.io, kind: ${kind}, namespace: shop}`;
    const text = route(infra, '{backendRefs: [{name: ledger, namespace: bank, port: 80}]}') + bank;
    const place = `${kind}/r: spec.rules[0].backendRefs[0] (Service bank/ledger, port 80)`;
    const refused = [`${place} -> no ReferenceGrant in namespace bank allows it`];
    expect(leadsOf(text)).toEqual(refused);
    expect(leadsOf(text + grant(from, '{group: "", kind: Service, name: other}'))).toEqual(refused);
    expect(leadsOf(text + grant(from.replace('shop', 'x'), '{group: "", kind: Service}'))).toEqual(refused);
    expect(leadsOf(text + grant(from, '{group: "", kind: Service}'))).toEqual([`${place} -> TCP 80:80`]);
    expect(leadsOf(text + grant(from, '{group: "", kind: Service, name: ledger}'))).toEqual([`${place} -> TCP 80:80`]);
  });
});
