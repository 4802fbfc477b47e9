import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { assertExpectation, formatAssertions } from '../../src/reach/assertion.ts';
import { assertionsJunit } from '../../src/reach/assertion-junit.ts';
import { expectationsSchema, readExpectations } from '../../src/reach/expectations.ts';
import { shop } from './shop.ts';

function read(text: string): ReturnType<typeof readExpectations> | string {
  try {
    return readExpectations(text, 'e.yaml');
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an expectations file', () => {
  it('has a schema that is one: the process compiles it without asking', () => {
    const ajv = new Ajv2020();
    expect(ajv.validateSchema(expectationsSchema), ajv.errorsText()).toBe(true);
  });

  it('has flows that are allowed and denied, each with a port and a protocol or without', () => {
    expect(read('allow:\n  - {from: a, to: b, port: http}\ndeny:\n  - {from: a, to: b, protocol: udp}\n')).toEqual([
      { expected: 'allow', from: 'a', to: 'b', port: 'http', protocol: undefined, ignoresOthers: false, line: 2 },
      { expected: 'deny', from: 'a', to: 'b', port: undefined, protocol: 'UDP', ignoresOthers: false, line: 4 },
    ]);
  });

  it.each<[string, string, string]>([
    ['an unknown key', 'alow: []', 'e.yaml:1:1: alow: unknown key'],
    ['a missing end', 'allow:\n  - {from: a, port: 1}', 'e.yaml:2:5: allow[0]: "to" is missing'],
    [
      'a port that is none',
      'deny:\n  - {from: a, to: b, port: 0}',
      'e.yaml:2:22: deny[0].port: 0 is not a port from 1 to 65535',
    ],
    [
      'a number as text',
      'deny:\n  - {from: a, to: b, port: "80"}',
      'e.yaml:2:22: deny[0].port: "80" is not the name of a port, and a number is not quoted',
    ],
    [
      'a port of another type',
      'deny:\n  - {from: a, to: b, port: [80]}',
      'e.yaml:2:22: deny[0].port: [80] is not a number or the name of a port',
    ],
    [
      'a protocol that is none',
      'deny:\n  - {from: a, to: b, protocol: http}',
      'e.yaml:2:22: deny[0].protocol: "http" is not TCP, UDP or SCTP',
    ],
    ['no expectation', 'allow: []', 'e.yaml: expects nothing: it needs entries under "allow" or "deny"'],
    ['nothing', '', 'e.yaml:1:1: null is not a mapping'],
  ])('is refused for %s, at its place', (_, text, message) => {
    expect(read(text)).toBe(message);
  });

  it('is refused where it is no YAML', () => {
    expect(read('allow: [')).toMatch(/^e\.yaml:1:\d+: not YAML/);
  });
});

const desk = shop();
const check = (text: string) => readExpectations(text, 'e.yaml').map((one) => assertExpectation(one, desk));

describe('an expectation', () => {
  it.each([
    'allow: [{from: front/sts/web, to: back/api, port: 8080}]',
    'allow: [{from: front/web-1, to: 192.0.2.1, port: 443}]',
    'deny: [{from: front/batch, to: back}]',
    'deny: [{from: back, to: front}]',
    'deny: [{from: front, to: front, port: 80}]',
    'deny: [{from: 192.0.2.1, to: back/api}]',
  ])('holds: %s', (text) => {
    expect(check(text)).toMatchObject([{ passed: true, details: [] }]);
  });

  it.each<[string, string]>([
    ['allow: [{from: front, to: back/api, port: 8080}]', 'denied: front/batch to back/api'],
    ['deny: [{from: front, to: back}]', 'allowed: front/statefulset/web to back/api on TCP/8080'],
    ['deny: [{from: front/web-1, to: 192.0.2.1}]', 'allowed: front/web-1 to 192.0.2.1 on TCP/443'],
    ['allow: [{from: infra/agent, to: back/api, port: 1}]', 'undefined: infra/agent to back/api'],
    [
      'deny: [{from: infra/agent, to: back/api, port: 1}]',
      'undefined: infra/agent to back/api on TCP/1, UDP/1, SCTP/1',
    ],
    ['deny: [{from: infra/agent, to: back/api, port: 1, protocol: tcp}]', 'undefined: infra/agent to back/api'],
    ['allow: [{from: front/web-1, to: back/api, port: 8080, protocol: UDP}]', 'denied: front/web-1 to back/api'],
    [
      'allow: [{from: front/web-1, to: back/api}]',
      'denied: front/web-1 to back/api on TCP/1-8079, TCP/8081-65535, all UDP, all SCTP',
    ],
    ['deny: [{from: front/web-1, to: back/api, port: http}]', 'undefined: front/web-1 to back/api'],
    ['deny: [{from: front/web-1, to: 192.0.0.0/16}]', 'allowed: front/web-1 to 192.0.0.0/16 on TCP/443'],
    ['deny: [{from: nobody, to: back/api, port: 1}]', 'there is no namespace nobody here'],
    [
      'deny: [{from: 192.0.2.1, to: 192.0.2.2, port: 1}]',
      'both ends are addresses outside this cluster: NetworkPolicies say nothing about them',
    ],
  ])('fails, and says why: %s', (text, detail) => {
    const [assertion] = check(text);
    expect(assertion?.passed).toBe(false);
    expect(assertion?.details[0]).toBe(detail);
  });

  it('is told with its line, in text and as JUnit', () => {
    const assertions = check(
      'allow:\n  - {from: front/web-1, to: back/api, port: 8080}\n  - {from: app=api, to: front/batch, port: 1}\n',
    );
    expect(formatAssertions(assertions, 'e.yaml')).toMatch(
      /^e\.yaml:3: failed: allow app=api to front\/batch on TCP\/1\n {2}denied: back\/api to front\/batch\n[\s\S]*\n1 held, 1 failed\n$/,
    );
    const junit = assertionsJunit(assertions, '<e>.yaml', []);
    expect(junit).toContain('<testsuite name="ringfence assert" tests="2" failures="1" errors="0" skipped="0">');
    expect(junit).toContain('classname="&lt;e&gt;.yaml" name="allow front/web-1 to back/api on TCP/8080" time="0"/>');
    expect(junit).toContain('<failure message="denied: back/api to front/batch">&lt;e&gt;.yaml:3\n');
  });
});
