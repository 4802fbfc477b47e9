import { describe, expect, it } from 'vitest';
import { createBatchAnswerer } from '../../src/reach/batch.ts';
import { isResolved } from '../../src/reach/end.ts';
import { resolveEnd } from '../../src/reach/endpoint.ts';
import { readAskedPort } from '../../src/reach/port-text.ts';
import { ask, formatAnswer } from '../../src/reach/question.ts';
import { survey, surveyQuestion } from '../../src/reach/survey.ts';
import { formatSurvey } from '../../src/reach/survey-text.ts';
import { shop, walls } from './shop.ts';

function service(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'back', name }, spec };
}

function slice(name: string, endpoints: readonly object[]): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'back', name: `${name}-x1`, labels: { 'kubernetes.io/service-name': name } },
    ports: [{ name: 'http', port: 8080 }],
    endpoints,
  };
}

const selector = { app: 'api' };
const http = { name: 'http', port: 80, targetPort: 'web' };

const desk = shop(
  walls,
  {
    'back/api': { app: 'other', ip: '10.0.1.1' },
    'back/unborn': { app: 'other' },
    'back/first': { app: 'api', ip: '10.0.1.8', ports: ['web:8080/TCP'] },
    'back/second': { app: 'api', ip: '10.0.1.9', ports: ['web:9090/TCP'] },
  },
  {
    objects: [
      service('api', { selector, clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [http] }),
      service('plain', { selector, clusterIP: '10.96.0.8', ports: [{ port: 8080 }] }),
      service('wrong', { selector, ports: [{ port: 80, targetPort: 'gone' }] }),
      service('headless', { selector, clusterIP: 'None', ports: [http] }),
      service('outside', { type: 'ExternalName', externalName: 'db.example.com' }),
      service('nobody', { selector: { app: 'nobody' }, ports: [http] }),
      service('manual', { ports: [{ name: 'http', port: 80 }] }),
      slice('manual', [
        { addresses: ['10.0.1.8'], targetRef: { kind: 'Pod', name: 'first' } },
        { addresses: ['192.0.2.7'] },
      ]),
      service('bare', { ports: [http] }),
    ],
  },
);

function verdicts(to: string, port: string | number | undefined): unknown {
  const line = createBatchAnswerer(desk).answer(JSON.stringify({ from: 'front/web-1', to, port }));
  const { verdict, error, parts } = JSON.parse(line) as {
    readonly verdict?: string;
    readonly error?: string;
    readonly parts?: readonly { readonly to: string; readonly verdict: string; readonly reasons: readonly string[] }[];
  };
  return parts?.map((part) => `${part.to}: ${part.verdict}`) ?? verdict ?? error;
}

describe('a Service as an end', () => {
  const eachPod = ['back/first: allowed', 'back/second: denied'];

  it.each<[string, string, string | number | undefined, unknown]>([
    ['a port by name, which each pod resolves', 'back/service/api', 'http', eachPod],
    ['a port by number, which is that of the Service', 'back/svc/api', 80, eachPod],
    ['every port of the Service', 'back/services/api', undefined, eachPod],
    ['its address', '10.96.0.7', 80, eachPod],
    ['a targetPort that is missing', 'back/svc/plain', 8080, 'allowed'],
    [
      'a port of the pods, which is not one of the Service',
      'back/svc/api',
      8080,
      'Service back/api has no port TCP/8080: it has TCP/80 (http)',
    ],
    [
      'a targetPort that no pod has',
      'back/svc/wrong',
      80,
      'back/first has no port gone, to which Service back/wrong leads; back/second has no port gone, to which Service back/wrong leads',
    ],
    ['no address of its own: a number is that of the pods', 'back/svc/headless', 8080, 'allowed'],
    ['no address of its own: a name is still translated', 'back/svc/headless', 'http', eachPod],
    ['EndpointSlices', 'back/svc/manual', 80, ['back/first: allowed', '192.0.2.7: denied']],
    [
      'a DNS name',
      'back/svc/outside',
      80,
      '"to": Service back/outside stands for db.example.com: ask about an address, which policies know',
    ],
    ['no pods', 'back/svc/nobody', 80, '"to": Service back/nobody selects no Pod here'],
    [
      'no selector',
      'back/svc/bare',
      80,
      '"to": Service back/bare has no selector, and no EndpointSlice here says who answers it',
    ],
    ['no object', 'back/svc/appi', 80, '"to": there is no Service back/appi here; did you mean back/service/api?'],
  ])('is judged pod by pod: %s', (_, to, port, expected) => {
    expect(verdicts(to, port)).toEqual(expected);
  });

  it('sends as its pods do', () => {
    expect(verdicts('back/svc/plain', 8080)).toBe('allowed');
    const line = createBatchAnswerer(desk).answer('{"from":"back/svc/api","to":"front/web-1","port":80}');
    expect(JSON.parse(line)).toMatchObject({ verdict: 'denied' });
  });

  it('is told with the ports of its pods', () => {
    const [from, to] = [resolveEnd('front/web-1', desk), resolveEnd('back/svc/headless', desk)];
    const port = readAskedPort('http');
    if (!isResolved(from) || !isResolved(to) || 'error' in port) throw new Error('not resolved');
    expect(
      formatAnswer(ask(from, to, port, desk))
        .split('\n')
        .slice(0, 3),
    ).toEqual([
      'mixed: front/web-1 to back/svc/headless on http (1 allowed, 1 denied, by classes of equal pods)',
      '  Service back/headless is headless: a port number is that of its Pods',
      '  allowed: front/web-1 to back/first on TCP/8080',
    ]);
  });

  it('shows only its own ports where all open ports are listed', () => {
    const to = resolveEnd('back/svc/api', desk);
    if (!isResolved(to)) throw new Error(to.error);
    const text = formatSurvey(survey(surveyQuestion(undefined, to, undefined, desk), desk), desk);
    expect(text).toMatch(/^front\/statefulset\/web +back\/first +TCP\/8080$/m);
    expect(text).toMatch(/^infra\/agent +back\/second +undefined: TCP\/9090$/m);
  });
});
